// Reads an @context as JSON-LD 1.1 has it: terms, prefixes, expanded definitions, @vocab, null, lists, @import and what
// stands at other addresses (clause 4.4; JSON-LD 1.1 API, clauses 4.1 and 4.2).
//
//   JSON ─ [read_context] ─▶ Context
//             └─ URL ─ ContextSource ─▶ {"@context": …}
//
// Of a term's definition only what it stands for counts here: what type or container its values have is said by
// NGSI-LD itself. Everything else must be well-formed and is passed over, as are contexts inside definitions. Size,
// depth and the number of other documents are bounded.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "twin/context/context.h"

namespace cityloop::twin {

inline constexpr std::size_t kContextBytesMax = 8u << 20;  // of one document

// Gives the document at a URL, {"@context": …}; its errors are passed on. An absent document (null) is passed over.
using ContextSource = std::function<base::Result<std::shared_ptr<const std::string>>(const std::string& url)>;

// `json` is what stands behind "@context". Errc::invalid with the reason.
base::Result<ContextPtr> read_context(std::string_view json, const ContextSource&);

struct ContextDocument {
  std::string context;               // what stands behind "@context", as compact JSON
  std::vector<std::string> imports;  // URLs that it names, absolute; without the core context
};
// Errc::malformed when it is no JSON, Errc::invalid when it has no @context or one that is wrong by itself: what it
// names is not asked for. `url` is its own, for relative ones; may be empty.
base::Result<ContextDocument> read_context_document(std::string_view body, const std::string& url);

// A reference seen from a base (RFC 3986, clause 5.2). Errc::invalid when it is relative and there is no base.
base::Result<std::string> resolve_url(std::string_view base, std::string_view reference);

}  // namespace cityloop::twin
