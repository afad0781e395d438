// Which types and attributes are in use, and how often (ETSI GS CIM 009, clauses 5.7.5–5.7.10): counted as entities
// change, so that nobody walks over all of them to know.
//
//   Population ─ every version that takes the place of another ─▶ [Catalogue] ◀─ look ─ /types, /attributes
//
// Counts what everybody may see: no entity of a loop of the house (flow/own_types.h). No lock inside, as in the
// population. A change that leaves an entity's types, and the names and kinds of its attributes, as they are costs one
// comparison.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>

#include "flow/entity.h"

namespace cityloop::twin {

inline constexpr std::size_t kAttributeKinds = 8;

class Catalogue {
 public:
  struct Use {
    std::uint32_t count{0};                              // entities that have it
    std::array<std::uint32_t, kAttributeKinds> kinds{};  // of these, those with an instance of the kind
  };
  using Uses = std::unordered_map<flow::Name, Use>;
  struct OfType {
    std::uint32_t count{0};  // entities
    Uses attributes;         // of these entities
  };

  // An entity's former version and its next; null where there is none.
  void update(const flow::Entity* before, const flow::Entity* after);
  void clear();

  const std::unordered_map<flow::Name, OfType>& types() const { return types_; }
  const Uses& attributes() const { return attributes_; }
  std::size_t bytes() const;

 private:
  void count(const flow::Entity&, std::uint32_t one);

  std::unordered_map<flow::Name, OfType> types_;
  Uses attributes_;
};

}  // namespace cityloop::twin
