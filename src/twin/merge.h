// Merging a fragment into what is there (ETSI GS CIM 009, clause 5.5.12: RFC 7396, with "urn:ngsi-ld:null" for null).
//
// Pure. What was not given in a fragment is a Value of monostate and a Name or Instant that is empty; it stays.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "flow/change.h"

namespace cityloop::twin {

// Whether a fragment says that the attribute is to go.
bool is_null(const flow::Attribute&);

struct MergeWish {
  flow::Instant observed_at{flow::kNever};  // for attributes that had one and are given none
  flow::Name lang;                          // of texts given for a LanguageProperty
  bool keep_kind{false};                    // values were given without their kind
};
// `into` with what `given` says; sub-attributes likewise. Errc::invalid when the kinds do not fit together.
base::Status merge_into(flow::Attribute& into, const flow::Attribute& given, const MergeWish&);

// RFC 7396 on JSON texts: members of `given` replace those of `into`, null and "urn:ngsi-ld:null" remove them.
std::string merge_json(std::string_view into, std::string_view given);

}  // namespace cityloop::twin
