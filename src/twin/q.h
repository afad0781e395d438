// The query language `q` of NGSI-LD (ETSI GS CIM 009, clause 4.9): parsed once, asked many times.
//
//   speed<50;status=="OK"      temperature>=20;(humidity<40|humidity>90)      address.city~="Aar.*"      !error
//
// What an attribute path stands for is the asker's business: an entity of the twin, or a rule's own table of values.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "flow/entity.h"

namespace cityloop::twin {

struct QPath {
  flow::Name attribute;
  std::vector<std::string> below;     // a.b: member path into the value, or a sub-attribute
  std::vector<std::string> trailing;  // a[b.c]: inside a compound value
  bool operator==(const QPath&) const = default;
};

enum class QOperator : std::uint8_t {
  exists,
  equal,
  unequal,
  greater,
  greater_equal,
  less,
  less_equal,
  pattern,
  no_pattern
};

struct QTerm;

class Q {
 public:
  // Refuses with the position (counted in characters from 1) and what was expected there. Bounded depth.
  static base::Result<Q> parse(std::string_view);

  bool matches(const flow::Entity&) const;
  // The same over a table: gives the value of an attribute, or null when it is not known.
  using Lookup = std::function<const flow::Value*(flow::Name)>;
  bool matches(const Lookup&) const;

  const std::string& text() const { return text_; }
  std::vector<flow::Name> attributes() const;  // every attribute that is asked about
  const QTerm& root() const { return *root_; }

 private:
  std::string text_;
  std::shared_ptr<const QTerm> root_;
};

}  // namespace cityloop::twin
