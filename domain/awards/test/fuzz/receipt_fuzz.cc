// Any bytes as a receipt, a head, a growth, a lock, a sealed key, or the lines of a log. Read or refused, never a
// crash; what was read is written so that it reads the same again; and nothing that nobody signed ever holds.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "domain/awards/trust/seal.h"
#include "domain/awards/trust/verdict.h"

using namespace cityloop;
using namespace cityloop::awards;

namespace {

void same_again(bool good) {
  if (!good) std::abort();
}

template <class Document>
void read_document(std::string_view text) {
  const auto first = Document::parse(text);
  if (!first) return;
  const std::string written = first->json();
  same_again(Document::parse(written).value().json() == written);
}

void read_line(std::string_view line) {
  if (const auto entry = read_entry(line)) same_again(entry->line() == line && is_entry_line(line));
  if (const auto head = read_head(line)) same_again(head->line() == line && !is_entry_line(line));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  read_document<Receipt>(bytes);
  read_document<PublishedHead>(bytes);
  read_document<Growth>(bytes);
  read_document<RoundLock>(bytes);
  for (std::string_view rest = bytes; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    read_line(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  // The seeds are signed with a key that is not this one.
  static const std::string key = trust::SigningPair::make().public_key();
  if (check_log(bytes, key)) std::abort();
  Evidence evidence;
  evidence.files = {{"a", std::string(bytes)}, {"b", "something"}};
  evidence.log = std::string(bytes);
  evidence.key = key;
  if (judge(evidence).proved()) std::abort();
  return 0;
}
