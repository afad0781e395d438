// Merging a fragment into what is there (ETSI GS CIM 009, clause 5.5.12: RFC 7396, with "urn:ngsi-ld:null" for null).
//
// Pure. What was not given in a fragment is a Value of monostate and a Name or Instant that is empty; it stays.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "flow/change.h"

namespace cityloop::twin {

// A time given as "urn:ngsi-ld:null": it is to go.
inline constexpr flow::Instant kNullInstant = flow::Instant::max();

// Whether a fragment says that the attribute, or the scopes, are to go.
bool is_null(const flow::Attribute&);
bool is_null(const std::vector<flow::Name>& scopes);

// What is given anew holds nothing that is to go: its nulls are left out, at every level.
void leave_out_nulls(flow::Attribute&);

struct MergeWish {
  flow::Instant observed_at{flow::kNever};  // for attributes that had one and are given none
  flow::Name lang;                          // of texts given for a LanguageProperty
  bool keep_kind{false};                    // values were given without their kind
};
// `into` with what `given` says; sub-attributes likewise. Errc::invalid when it would become another kind of attribute:
// what belongs to the one has no place in the other.
base::Status merge_into(flow::Attribute& into, const flow::Attribute& given, const MergeWish&);

// RFC 7396 on JSON texts: members of `given` replace those of `into`, null and "urn:ngsi-ld:null" remove them.
std::string merge_json(std::string_view into, std::string_view given);

}  // namespace cityloop::twin
