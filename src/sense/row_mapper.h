// Turns the fields of one row into one write, or says why not.
//
//   CSV, NDJSON, MQTT ─ fields ─▶ [RowMapper] ─ Write (observe) ─▶ commit
//
// One mapper serves one block of one mapping on one thread: it remembers the ids it has made and the last time it has
// read, so that most rows build no text at all. Never asks a clock: what counts as too old or in the future comes with
// each row.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "flow/change.h"
#include "sense/field.h"
#include "sense/mapping.h"
#include "sense/reason.h"

namespace cityloop::sense {

// The entities that static tables list, by type.
using KnownIds = std::unordered_map<flow::Name, std::unordered_set<flow::EntityId>>;

struct TimeBounds {
  base::Instant not_before{base::kNever}, not_after{base::Instant::max()};
  base::Instant from{base::kNever}, to{base::Instant::max()};
  base::Instant arrival{base::kNever};  // stands in where a mapping allows it; kNever when there is none
};

// Reads the texts of one time column; remembers the last one.
class TimeReader {
 public:
  TimeReader(const TimeMap&, const base::TimeZone&);
  // kNever with `why` when it cannot be read.
  base::Instant read(std::span<const Field>, Refusal& why);

 private:
  base::Instant parse(const Field&, Refusal& why) const;

  const TimeMap& map_;
  const base::TimeZone& zone_;
  std::string last_text_, scratch_;
  base::Instant last_{base::kNever};
};

class RowMapper {
 public:
  // `known` may be null; mapping and `known` outlive the mapper.
  RowMapper(const EntityMap&, const base::TimeZone&, const KnownIds* known, std::size_t entities_max);

  const EntityMap& entity() const { return entity_; }
  // `fields` are in the order of entity().inputs. True: `out` is the write and `at` its observedAt (kNever in a static
  // table). False: `why`.
  bool map(std::span<const Field> fields, const TimeBounds&, flow::Write& out, base::Instant& at, Refusal& why);

  // Attributes that a mapping said to leave out when bad.
  std::uint64_t left_out() const { return left_out_; }
  const std::string& last_left_out() const { return last_left_out_; }

 private:
  bool passes(std::span<const Field>) const;
  bool read_time(std::span<const Field>, const TimeBounds&, base::Instant& at, Refusal& why);
  bool read_id(std::span<const Field>, flow::EntityId&, Refusal& why);
  bool make_id(std::span<const Field>, flow::EntityId&, Refusal& why);

  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  const EntityMap& entity_;
  const std::unordered_set<flow::EntityId>* known_{};
  std::size_t entities_max_;
  std::optional<TimeReader> time_;
  std::unordered_map<std::string, flow::EntityId, TextHash, std::equal_to<>> ids_;
  std::string key_;
  std::uint64_t left_out_{0};
  std::string last_left_out_;
};

}  // namespace cityloop::sense
