// What is asked of the evolution of entities: a stretch of time, by which of their times, and how it is summed up
// (ETSI GS CIM 009, clauses 4.11 and 4.5.19).
//
//   timerel, timeAt, … ─ parse_temporal ─▶ TemporalQuery      Aggregation ◀─ values with their times
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "base/result.h"
#include "flow/entity.h"
#include "twin/query/query.h"

namespace cityloop::twin {

enum class TimeRelation : std::uint8_t { before, after, between };
enum class TimeProperty : std::uint8_t { observed_at, created_at, modified_at, deleted_at };
enum class AggregateMethod : std::uint8_t { total_count, distinct_count, sum, avg, min, max, stddev, sumsq };

std::string_view to_string(TimeProperty);
std::string_view to_string(AggregateMethod);

// An ISO 8601 duration ("P1Y2M3DT4H", "P2W"): months are as long as the calendar has them. Zero: the whole stretch.
struct Period {
  std::int64_t months{0};
  base::Duration rest{0};
  bool whole() const { return months == 0 && rest == base::Duration::zero(); }
  static base::Result<Period> parse(std::string_view);
  // The start of the nth period from an origin; a day that a month lacks is its last.
  flow::Instant start(flow::Instant origin, std::int64_t nth) const;
  std::int64_t nth(flow::Instant origin, flow::Instant at) const;  // at is not before the origin
};

struct TemporalQuery {
  std::optional<TimeRelation> relation;
  flow::Instant time_at{flow::kNever}, end_time_at{flow::kNever};
  TimeProperty property{TimeProperty::observed_at};
  std::size_t last_n{0};  // 0: all
  std::vector<AggregateMethod> methods;
  Period period;

  // The stretch as [from, to): before leaves out its moment, after has it, between has its first and not its last.
  flow::Instant from() const;
  flow::Instant to() const;
};

struct TemporalNeeds {
  bool relation{false};    // timerel and timeAt must be there
  bool aggregated{false};  // aggrMethods must be there
};
// From timerel, timeAt, endTimeAt, timeproperty, lastN, aggrMethods and aggrPeriodDuration. Refuses with the
// parameter's name and what was expected.
base::Result<TemporalQuery> parse_temporal(const Argument&, const TemporalNeeds&);

// Whether a method says something of values of that kind (tables 4.5.19.1-1 to -3).
bool can_sum_up(AggregateMethod, const flow::Value&, flow::AttributeKind);

// The values of one attribute summed up period by period. Numbers are taken as they are, true and false as 1 and 0,
// lists by their length; texts are counted and have a least and a greatest; all else is counted only.
class Aggregation {
 public:
  // `origin`: where the periods begin; kNever: with the first value. `last`: where the whole stretch ends; kNever: with
  // the last value.
  Aggregation(const TemporalQuery&, flow::Instant origin, flow::Instant last);
  // In the order of their times.
  void add(flow::Instant at, double);
  void add(flow::Instant at, const flow::Value&, flow::AttributeKind);
  bool empty() const { return buckets_.empty(); }
  // The members of each method: "avg": [[7.5, start, end], …].
  void write(base::JsonWriter&) const;

 private:
  struct Bucket {
    flow::Instant start, end;
    std::uint64_t count{0}, numbers{0}, texts{0};
    double sum{0}, sumsq{0}, min{0}, max{0};
    double mean{0}, m2{0};  // Welford: exact where the values are large and close
    std::string least, greatest;
    std::vector<std::string> seen;  // where distinct values are asked for
  };
  Bucket& bucket(flow::Instant at);
  void number(Bucket&, double);
  void write(base::JsonWriter&, const Bucket&, AggregateMethod) const;

  const TemporalQuery& query_;
  flow::Instant origin_, last_;
  bool distinct_;
  std::vector<Bucket> buckets_;
};

}  // namespace cityloop::twin
