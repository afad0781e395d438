// Any bytes as an @context, by itself and as what another one names: read or refused, and what is shown means the same
// again.
#include <cstdlib>

#include "twin/context/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cityloop;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto document = std::make_shared<const std::string>(text);
  const twin::ContextSource source = [&](const std::string&) { return document; };
  for (const std::string_view json : {std::string_view(text), std::string_view(R"("https://fuzz.example/c")")}) {
    const auto context = twin::read_context(json, source);
    if (!context) continue;
    for (const std::string_view word : {"speed", "location", "a:b", "https://example.org/x"}) {
      const std::string canonical = (*context)->expand_text(word);
      // An IRI whose scheme is a prefix of the same context cannot be written in it at all.
      const bool hidden = canonical.find("://") == canonical.npos && canonical.find(':') != canonical.npos;
      if (!hidden && (*context)->expand_text((*context)->compact_text(canonical)) != canonical) std::abort();
    }
  }
  (void)twin::read_context_document(text, "https://fuzz.example/c");
  return 0;
}
