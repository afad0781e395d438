// A rule as it was declared: what it watches, when it opens a finding and when it clears it, and what is to be done.
//
//   rules/*.toml ─ RuleBook ─▶ [Rule] ─ RuleEngine ─▶ Finding
//
// Plain data, checked by whoever read it (rule_reader.h). Times are durations of the city's time; a condition is a
// query in NGSI-LD's q over the attributes of one entity, and over the name of what the kind derives (`rate`, `window`,
// `ratio`, `departure`).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "flow/finding.h"
#include "twin/query/q.h"

namespace cityloop::decide {

using base::Duration;
using base::Instant;
using base::kNever;
using flow::Name;

// The condition itself.
struct Threshold {};

// `rate`: how fast an attribute changed between the oldest and the newest reading of the last `window`, for each `per`.
struct Rate {
  Name attribute;
  Duration per{};
  Duration window{};
};

// No reading for `after`. Without attributes: no reading (anything with an observedAt) of the entity at all.
struct Silence {
  std::vector<Name> attributes;
  Duration after{};
};

enum class Aggregate : std::uint8_t { avg, min, max, sum, count, percentile };

// `window`: an aggregate over the readings of the last `span`, the older end excluded. With fewer than samples_min it
// is not known: it neither opens nor clears.
struct Window {
  Name attribute;
  Aggregate aggregate{Aggregate::avg};
  double percentile{};  // 0 to 100; between two samples by linear interpolation
  Duration span{};
  std::uint32_t samples_min{1};
  std::uint32_t samples_max{4096};  // for one entity; beyond it the oldest goes, and is counted
};

// `ratio`: numerator / denominator as last read; not known while the denominator is 0.
struct Ratio {
  Name numerator;
  Name denominator;
};

enum class Direction : std::uint8_t { above, below, both };

// `departure`: how many robust deviations (1.4826 × MAD, at least `floor`) a reading lies from the median of the same
// hour of the same weekday, of the same entity, in the weeks before.
struct Unusual {
  Name attribute;
  Direction direction{Direction::both};
  double floor{};  // in the attribute's unit
  std::uint32_t weeks_min{2};
  std::uint32_t samples_min{6};
  std::uint32_t samples_per_hour{6};
  std::uint32_t weeks_kept{6};
  Duration relearn_after{};  // a finding open for longer is the new usual, and is learned
};

// At least k entities of those within distance_m of one another for which the condition holds, or held within the last
// `within`.
struct Neighbours {
  std::uint32_t k{2};
  double distance_m{};
  Duration within{};
  std::string rule;  // an entity counts while that rule has a finding about it; empty: by the condition
};

// One side of a sequence: a condition on entities of a type, or another rule's finding.
struct Role {
  std::vector<Name> types;
  std::optional<twin::Q> condition;
  std::string rule;
};

// `first` held, then `then` begins to hold, at most `within` later: on the same entity, or within distance_m of it.
struct Sequence {
  Role first;
  Role then;
  Duration within{};
  std::optional<double> distance_m;
};

using RuleKind = std::variant<Threshold, Rate, Silence, Window, Ratio, Unusual, Neighbours, Sequence>;

struct RuleResponse {
  std::string kind;  // of the case
  std::string department;
  // URN; "$self" for the entity concerned; "$ref:NAME" for what its relationship NAME points to; empty: no command.
  std::string device;
  std::string command;
  std::string value;  // JSON
};

struct Rule {
  std::string id;
  flow::Bilingual name;
  flow::Bilingual title;  // with {name} {about} {value} {percent} {limit} {unit}; {percent} is 100 × the value
  flow::Severity severity{flow::Severity::moderate};
  std::vector<Name> types;  // what its findings are about
  std::optional<twin::Q> where;
  RuleKind kind;
  std::optional<twin::Q> condition;
  std::optional<twin::Q> clear;  // absent: as soon as the condition does not hold
  Duration hold{};
  Duration clear_hold{};
  Duration gap_max{};  // a longer silence restarts a hold; zero: any silence is bridged by the last value
  std::optional<RuleResponse> response;

  std::string file;
  int line{};
  std::string source;    // the block as it stands in the file
  std::string identity;  // changes when anything that it depends on does; equal identities may share state
};

std::string_view kind_name(const RuleKind&);  // "threshold"
std::string_view to_string(Aggregate);
std::string_view to_string(Direction);
// The name under which a condition asks about what the kind derives; empty when it derives nothing.
Name derived_name(const RuleKind&);
// The rules that this one refers to.
std::vector<std::string> references(const Rule&);

// The first comparison with a number, which is what {value} and {limit} speak of. Prefers the derived value.
struct Limit {
  Name attribute;
  twin::QOperator op{twin::QOperator::greater};
  double value{};
};
std::optional<Limit> limit_of(const twin::Q&, Name derived);
// The query that the finding turns on: the condition, or that of a sequence's `then`.
const twin::Q* main_condition(const Rule&);

}  // namespace cityloop::decide
