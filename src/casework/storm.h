// One cause, ten thousand findings: when so many findings of one rule come in a window of time and a place, one case
// stands for them all.
//
//   rule's [rule.response.storm], or the kind's `storm` ─▶ [StormSpec]
//   CaseLoop ─ a case that one finding has opened ─▶ [StormWatch] ─ the cases that make a storm with it ─▶ CaseLoop
//   CaseLoop ─ a finding of a storm ─▶ [StormBook] ─ CaseCover entities ─▶ who wants the whole list
//
// The watch looks at the cells of a grid around the new case and nowhere else. A cell never holds more than a few times
// `from`, for then it would have become a storm; so a finding costs the same whether a hundred came or a million. What
// is in it follows from the cases in hand, so it is not kept but made again after a restart. The book keeps of each
// covered finding whether it is active, and its case: a row each.
#pragma once

#include <compare>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/config.h"
#include "base/json_value.h"
#include "flow/change.h"
#include "geo/shape.h"
#include "twin/loop.h"

namespace cityloop::casework {

struct StormSpec {
  std::uint32_t from{0};    // so many findings, the one included that makes it a storm
  base::Duration within{};  // come in such a time
  double radius_m{0};       // not further than this from one another's middle; 0: in the whole city
  double clear_share{1};    // of its findings must have cleared before it may close

  bool none() const { return from == 0; }
  // storm = { from = 20, within = "10m", radius_m = 2000, clear_share = 0.9 }; mistakes are noted in the table.
  static StormSpec read(base::ConfigTable&);
  // The same in a rule's response; none where it says nothing, Errc::invalid where it says it wrongly.
  static base::Result<StormSpec> from_response(const base::JsonValue& response);
};

// What a case that is a storm knows beside what its entity says.
struct StormState {
  StormSpec spec;
  std::optional<geo::Position> middle;  // nothing: the whole city
  std::uint32_t covered{0};             // findings of its own, without those of the cases merged into it
  std::uint32_t cleared{0};             // of these
  std::uint32_t told{0};                // the count at which its timeline last said that it grew
  base::Instant tell_at{base::kNever};  // its entity is written then, with what has come by then

  bool holds(const std::optional<geo::Position>&) const;
};

// The first position of a GeoJSON geometry's kind of place, for nearness; nothing where there is none.
std::optional<geo::Position> place_of(const std::string& geojson);

class StormWatch {
 public:
  // Takes in a case that a finding of this rule has opened, and gives all that make a storm with it, by time and id,
  // itself among them; nothing where they are too few. `stands` says whether a case still counts.
  struct Single {
    flow::EntityId id;
    base::Instant at{base::kNever};
    std::optional<geo::Position> place;
  };
  std::vector<Single> add(std::string_view rule, const StormSpec&, const Single&,
                          const std::function<bool(flow::EntityId)>& stands);

 private:
  struct Cell {
    std::int64_t row{0}, column{0};
    auto operator<=>(const Cell&) const = default;
  };
  using Order = std::pair<base::Instant, std::string_view>;  // texts of ids live as long as the process
  struct Field {
    std::map<Cell, std::map<Order, std::optional<geo::Position>>> cells;
    std::set<std::pair<Order, Cell>> by_time;
  };
  static Cell cell_of(const StormSpec&, const std::optional<geo::Position>&);
  static std::vector<Cell> around(const StormSpec&, const std::optional<geo::Position>&);
  static void expire(Field&, base::Instant before);

  std::map<std::string, Field> fields_;  // by rule and radius
};

class StormBook {
 public:
  struct Covered {
    flow::EntityId in_case;
    bool active{true};
  };
  Covered* find(flow::EntityId finding);  // to be changed
  void put(flow::EntityId finding, Covered);
  void erase_of(flow::EntityId case_id);  // all that a case covers
  std::size_t size() const { return covered_.size(); }

  static constexpr char kRow = 'u';
  void save_changed(twin::StateRows&);
  void save_all(twin::StateRows&) const;
  void load_row(std::string_view key, base::ByteReader&);
  void mark_all_changed();

 private:
  std::unordered_map<flow::EntityId, Covered> covered_;
  std::set<std::string_view> changed_;
};

// A storm's findings in the order in which they came, kCoverSize to an entity urn:ngsi-ld:CaseCover:CASE:0, 1, … with
// the attributes f0, f1, …
inline constexpr std::uint32_t kCoverSize = 128;
flow::EntityId cover_id(flow::EntityId case_id, std::uint32_t number);
flow::Attribute cover_attribute(std::uint32_t place, flow::EntityId finding);
std::vector<flow::EntityId> covered_by(const flow::Entity& cover);

}  // namespace cityloop::casework
