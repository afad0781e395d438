// What the rules want to know of which entities, gathered before the first reading: the board is laid out by it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "flow/names.h"

namespace cityloop::decide {

using Ordinal = std::uint16_t;  // of an attribute that some rule wants
inline constexpr Ordinal kNoOrdinal = 0xffff;

// What one rule wants of entities of its types.
struct Claim {
  std::vector<flow::Name> types;
  std::vector<Ordinal> needs;     // kept for it
  std::vector<Ordinal> triggers;  // of those, the ones whose change makes it look again
  bool any_reading{false};        // told of every reading, whatever the attribute
  bool samples{false};            // told of each reading of its triggers one by one, before it looks
};

class Layout {
 public:
  struct Wanted {
    flow::Name name;
    bool as_value{false};  // texts, flags and JSON too; else only the number is kept
  };

  // Begins the claim of the next rule.
  Claim& begin(std::vector<flow::Name> types) {
    claims_.push_back({std::move(types), {}, {}, false, false});
    need(flow::Name("name"), true);
    need(flow::Name("location"), true);
    return claims_.back();
  }
  Claim& current() { return claims_.back(); }

  Ordinal need(flow::Name name, bool as_value) {
    const Ordinal at = ordinal(name);
    wanted_[at].as_value |= as_value;
    add(claims_.back().needs, at);
    return at;
  }
  Ordinal trigger(flow::Name name, bool as_value) {
    const Ordinal at = need(name, as_value);
    add(claims_.back().triggers, at);
    return at;
  }

  const std::vector<Wanted>& wanted() const { return wanted_; }
  const std::vector<Claim>& claims() const { return claims_; }

 private:
  Ordinal ordinal(flow::Name name) {
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
      if (wanted_[i].name == name) return Ordinal(i);
    }
    wanted_.push_back({name, false});
    return Ordinal(wanted_.size() - 1);
  }
  static void add(std::vector<Ordinal>& list, Ordinal at) {
    if (std::find(list.begin(), list.end(), at) == list.end()) list.push_back(at);
  }

  std::vector<Wanted> wanted_;
  std::vector<Claim> claims_;
};

}  // namespace cityloop::decide
