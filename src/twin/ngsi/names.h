// The words of NGSI-LD's JSON that reading and writing share. Inside of ngsi.
#pragma once

#include <array>
#include <string_view>

#include "flow/entity.h"

namespace cityloop::twin::ngsi {

using flow::AttributeKind;

struct KindWords {
  std::string_view type;   // "Property"
  std::string_view value;  // the member that holds its value
};

// By AttributeKind.
inline constexpr std::array<KindWords, 8> kKindWords{{
    {"Property", "value"},
    {"GeoProperty", "value"},
    {"Relationship", "object"},
    {"LanguageProperty", "languageMap"},
    {"VocabProperty", "vocab"},
    {"JsonProperty", "json"},
    {"ListProperty", "valueList"},
    {"ListRelationship", "objectList"},
}};

inline const KindWords& words_of(AttributeKind kind) {
  return kKindWords[std::size_t(kind)];
}

inline constexpr std::size_t kNameMax = 512;  // bytes of a name of an attribute, a type or a scope
inline constexpr std::string_view kNull = "urn:ngsi-ld:null";
inline constexpr std::string_view kObjectType = "objectType";  // kept as a sub-attribute, written as a plain member

}  // namespace cityloop::twin::ngsi
