// Which entities have which values of one attribute, for one type or for the whole city; or where they lie.
//
//   Population ─ before, after ─▶ [ValueIndex] ─ probe(term of q) ─▶ ranges ─▶ query plan
//
// What a term of `q` means is decided by q_match.cc alone; here stands only where to look. A probe never leaves out an
// entity that the term holds for, and says whether it may name one that it does not hold for.
//
// Texts are found by a hash of 64 bits, so in no order; those that are instants by their instant. Lists, language maps,
// and other values with parts are "odd": always to be looked at. createdAt, modifiedAt and expiresAt of entities are
// indexed like attributes.
//
// Of scopes stand in it, by hash: each scope itself (`text`), and it with all scopes above it (`above`), so that a
// scope and a hierarchy are one key each. Of ids, in their order: the first eight bytes behind the third colon, which
// is where those of one type begin to differ (urn:ngsi-ld:Vehicle:4711). No lock inside.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "flow/entity.h"
#include "geo/cells.h"
#include "twin/query/aged_index.h"
#include "twin/query/q.h"

namespace cityloop::twin {

enum class IndexKind : std::uint8_t { values, places, scopes, ids };

struct IndexKey {
  flow::Name type;       // empty: of every type
  flow::Name attribute;  // of values and places
  IndexKind kind{IndexKind::values};
  friend bool operator==(const IndexKey&, const IndexKey&) = default;
};

// The parts of an index, each with keys of its own kind.
enum class Part : std::uint8_t {
  number,
  whole,    // numbers that no double holds, by the nearest one
  text,     // hash; no instants, save as the object of a relationship
  instant,  // microseconds: texts that are one
  flag,     // 0 or 1
  odd,      // whatever has parts, and null
  absent,   // members of the type without the attribute
  point,    // the smallest cell
  shape,    // cells that cover it
  above,    // of scopes
};
inline constexpr std::size_t kParts = 10;

struct KeyRange {
  Part part{};
  AgedIndex::Key from{}, to{};  // both included
  bool sure{false};             // of places: whatever stands there lies within the distance
};

struct Probe {
  std::vector<KeyRange> ranges;  // none shares a key with another
  bool exact{true};              // an entity in one of them is meant, for sure
  // No entity stands twice under one key.
  bool one_key() const { return ranges.size() == 1 && ranges.front().from == ranges.front().to; }
};

class ValueIndex {
 public:
  explicit ValueIndex(IndexKey key) : key_(key) {}

  const IndexKey& key() const { return key_; }
  const AgedIndex& part(Part p) const { return parts_[std::size_t(p)]; }
  std::size_t bytes() const;

  // An entity became another; null: was not there, is no more.
  void update(const flow::Entity* before, const flow::Entity* after, Age);
  // Takes the place of all that was there; of an entity that is no member nothing is kept.
  void build(const std::vector<std::pair<flow::EntityPtr, Age>>&);

  // Where to look for entities for which a term about this attribute holds; nothing when the index cannot say.
  std::optional<Probe> probe(const QTerm&) const;
  Probe present() const;  // has the attribute
  Probe near(const geo::CellQuestion&) const;
  Probe under(std::string_view scope_pattern) const;  // has a scope that fits
  // The ids that begin so; nothing where the beginning is too short to tell.
  std::optional<Probe> beginning(std::string_view id_prefix) const;

  std::size_t count(const Probe&) const;  // entries; as many as entities when plain()
  AgedIndex::Extent extent(const Probe&) const;
  bool plain() const { return several_ == 0; }  // no entity stands in it more than once

 private:
  struct Place {
    Part part;
    AgedIndex::Key key;
    friend auto operator<=>(const Place&, const Place&) = default;
  };
  bool is_member(const flow::Entity* entity) const { return entity && (key_.type.empty() || entity->is_a(key_.type)); }
  bool same(const flow::Entity& before, const flow::Entity& after) const;
  std::vector<Place> places_of(const flow::Entity&) const;
  void place_of_value(const flow::Attribute&, std::vector<Place>&) const;
  void place_of_shape(const flow::Attribute&, std::vector<Place>&) const;
  void place_of_scopes(const flow::Entity&, std::vector<Place>&) const;
  Probe compare(const QTerm&) const;

  IndexKey key_;
  std::array<AgedIndex, kParts> parts_;
  std::size_t several_{0};  // entities with more than one entry
};

}  // namespace cityloop::twin
