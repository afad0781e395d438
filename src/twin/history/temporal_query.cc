#include "twin/history/temporal_query.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace cityloop::twin {
namespace {

using base::Duration;
using base::Errc;
using base::fail;
using flow::Instant;

constexpr std::string_view kProperties[] = {"observedAt", "createdAt", "modifiedAt", "deletedAt"};
constexpr std::string_view kMethods[] = {"totalCount", "distinctCount", "sum", "avg", "min", "max", "stddev", "sumsq"};
constexpr std::int64_t kMonthsMax = 12ll * 10'000, kSecondsMax = 10'000ll * 366 * 86'400;
constexpr std::size_t kShownMax = 60;

std::string_view clipped(std::string_view text) {
  return text.substr(0, kShownMax);
}

bool digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// A DateTime as clause 4.6.3 has it: with its time and its zone.
base::Result<Instant> date_time(std::string_view name, std::string_view text) {
  const auto zoned = [&] {
    if (text.ends_with('Z')) return true;
    const std::string_view zone = text.size() > 6 ? text.substr(text.size() - 6) : std::string_view{};
    return !zone.empty() && (zone[0] == '+' || zone[0] == '-' || zone[0] == ' ') && zone[3] == ':';
  };
  std::string plain(text);  // a '+' that was not escaped arrives as a blank
  if (text.size() > 6 && text[text.size() - 6] == ' ') plain[text.size() - 6] = '+';
  const auto instant = base::parse_time(plain);
  if (text.size() < 20 || text[10] != 'T' || !zoned() || !instant) {
    return fail(Errc::invalid, "{}: '{}' is no time like 2014-08-18T00:00:00Z", name, clipped(text));
  }
  return *instant;
}

base::Status take_relation(const Argument& argument, const TemporalNeeds& needs, TemporalQuery& out) {
  const auto relation = argument("timerel"), at = argument("timeAt"), end = argument("endTimeAt");
  if (!relation && !at && !needs.relation) return {};
  if (!relation) return fail(Errc::invalid, "timerel: expected before, after or between");
  if (*relation == "before") out.relation = TimeRelation::before;
  else if (*relation == "after") out.relation = TimeRelation::after;
  else if (*relation == "between") out.relation = TimeRelation::between;
  else return fail(Errc::invalid, "timerel: expected before, after or between, not '{}'", clipped(*relation));
  if (!at) return fail(Errc::invalid, "timeAt: is needed with timerel");
  out.time_at = TRY(date_time("timeAt", *at));
  if (out.relation == TimeRelation::between && !end) {
    return fail(Errc::invalid, "endTimeAt: is needed with timerel=between");
  }
  if (end) out.end_time_at = TRY(date_time("endTimeAt", *end));
  return {};
}

base::Status take_methods(const Argument& argument, const TemporalNeeds& needs, TemporalQuery& out) {
  const auto methods = argument("aggrMethods");
  if (needs.aggregated && !methods) return fail(Errc::invalid, "aggrMethods: is needed for aggregated values");
  for (std::string_view rest = methods.value_or(""); methods;) {
    const auto end = std::min(rest.find(','), rest.size());
    const std::string_view word = rest.substr(0, end);
    const auto found = std::ranges::find(kMethods, word);
    if (found == std::end(kMethods)) {
      return fail(Errc::invalid,
                  "aggrMethods: '{}' is none of totalCount, distinctCount, sum, avg, min, max, stddev, sumsq",
                  clipped(word));
    }
    const auto method = AggregateMethod(found - std::begin(kMethods));
    if (std::ranges::find(out.methods, method) == out.methods.end()) out.methods.push_back(method);
    if (end == rest.size()) break;
    rest.remove_prefix(end + 1);
  }
  if (const auto period = argument("aggrPeriodDuration")) out.period = TRY(Period::parse(*period));
  return {};
}

std::string distinct_text(const flow::Value& value) {
  if (const double* number = std::get_if<double>(&value)) return fmt::format("n{}", *number);
  if (const bool* flag = std::get_if<bool>(&value)) return *flag ? "b1" : "b0";
  if (const auto* text = std::get_if<flow::Text>(&value)) return "t" + text->str();
  if (const auto* json = std::get_if<flow::Json>(&value)) return "j" + json->text.str();
  return "0";
}

// Elements of a JSON list, without reading them. The text is ours: compact and well-formed.
std::size_t length_of(std::string_view list) {
  std::size_t commas = 0, depth = 0;
  bool inside = false;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const char c = list[i];
    if (inside && c == '\\') ++i;
    else if (c == '"') inside = !inside;
    else if (inside) continue;
    else if (c == '[' || c == '{') ++depth;
    else if (c == ']' || c == '}') --depth;
    else if (c == ',' && depth == 1) ++commas;
  }
  return list.size() > 2 ? commas + 1 : 0;
}

}  // namespace

std::string_view to_string(TimeProperty property) {
  return kProperties[std::size_t(property)];
}
std::string_view to_string(AggregateMethod method) {
  return kMethods[std::size_t(method)];
}

base::Result<Period> Period::parse(std::string_view text) {
  const auto wrong = [&] {
    return fail(Errc::invalid, "aggrPeriodDuration: '{}' is no duration like P1DT12H", clipped(text));
  };
  if (!text.starts_with('P') || text.size() < 3) return wrong();
  Period out;
  bool time = false;
  std::string_view order = "YMWD";  // what may still follow
  for (std::string_view rest = text.substr(1); !rest.empty();) {
    if (rest.front() == 'T') {
      if (time || rest.size() == 1) return wrong();
      time = true;
      order = "HMS";
      rest.remove_prefix(1);
      continue;
    }
    const auto end = rest.find_first_not_of("0123456789.");
    if (end == rest.npos || end == 0) return wrong();
    const std::string_view number = rest.substr(0, end);
    const auto place = order.find(rest[end]);
    if (place == order.npos) return wrong();
    const char unit = rest[end];
    order.remove_prefix(place + 1);
    rest.remove_prefix(end + 1);
    double value = 0;
    const auto [last, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    if (error != std::errc{} || last != number.data() + number.size() || (unit != 'S' && !digits(number)))
      return wrong();
    const double seconds = unit == 'W' ? 7 * 86'400 : unit == 'D' ? 86'400 : unit == 'H' ? 3600 : unit == 'S' ? 1 : 60;
    if (!time && (unit == 'Y' || unit == 'M')) {
      if (value > double(kMonthsMax)) return wrong();
      out.months += std::int64_t(value) * (unit == 'Y' ? 12 : 1);
    } else {
      if (value * seconds > double(kSecondsMax)) return wrong();
      out.rest += Duration(std::int64_t(std::llround(value * seconds * 1e6)));
    }
  }
  if (out.months > kMonthsMax || out.rest > std::chrono::seconds(kSecondsMax)) return wrong();
  return out;
}

Instant Period::start(Instant origin, std::int64_t nth) const {
  Instant at = origin;
  if (months != 0) {
    using namespace std::chrono;
    const auto day = floor<days>(origin);
    const year_month_day date(day);
    const auto month = date.year() / date.month() + std::chrono::months(months * nth);
    auto there = month / date.day();
    if (!there.ok()) there = month / last;
    at = sys_days(there) + (origin - day);
  }
  return at + rest * nth;
}

std::int64_t Period::nth(Instant origin, Instant at) const {
  if (whole() || at < origin) return 0;
  // A first guess from the mean length of a month, then the few steps that are missing.
  const double length_us = double(months) * 30.436875 * 86'400e6 + double(rest.count());
  auto n = std::int64_t(double((at - origin).count()) / length_us);
  while (n > 0 && start(origin, n) > at) --n;
  while (start(origin, n + 1) <= at) ++n;
  return n;
}

Instant TemporalQuery::from() const {
  return !relation || relation == TimeRelation::before ? flow::kNever : time_at;
}

Instant TemporalQuery::to() const {
  if (!relation || relation == TimeRelation::after) return Instant::max();
  return relation == TimeRelation::before ? time_at : end_time_at;
}

base::Result<TemporalQuery> parse_temporal(const Argument& argument, const TemporalNeeds& needs) {
  TemporalQuery out;
  TRY(take_relation(argument, needs, out));
  if (const auto property = argument("timeproperty")) {
    const auto found = std::ranges::find(kProperties, *property);
    if (found == std::end(kProperties)) {
      return fail(Errc::invalid, "timeproperty: expected observedAt, createdAt, modifiedAt or deletedAt, not '{}'",
                  clipped(*property));
    }
    out.property = TimeProperty(found - std::begin(kProperties));
  }
  if (const auto last = argument("lastN")) {
    const auto [end, error] = std::from_chars(last->data(), last->data() + last->size(), out.last_n);
    if (error != std::errc{} || end != last->data() + last->size() || out.last_n == 0) {
      return fail(Errc::invalid, "lastN: expected a whole number from 1, not '{}'", clipped(*last));
    }
  }
  TRY(take_methods(argument, needs, out));
  return out;
}

bool can_sum_up(AggregateMethod method, const flow::Value& value, flow::AttributeKind kind) {
  using enum AggregateMethod;
  if (method == total_count || method == distinct_count) return true;
  if (kind != flow::AttributeKind::property && kind != flow::AttributeKind::list_property) return false;
  const auto* json = std::get_if<flow::Json>(&value);
  if (json) return json->text.starts_with('[');
  return !std::holds_alternative<flow::Text>(value) || method == min || method == max;
}

Aggregation::Aggregation(const TemporalQuery& query, Instant origin, Instant last)
    : query_(query),
      origin_(origin),
      last_(last),
      distinct_(std::ranges::find(query.methods, AggregateMethod::distinct_count) != query.methods.end()) {}

Aggregation::Bucket& Aggregation::bucket(Instant at) {
  if (origin_ == flow::kNever) origin_ = at;
  if (query_.period.whole()) {
    if (buckets_.empty()) buckets_.push_back({.start = origin_});
    buckets_.back().end = last_ == flow::kNever ? at : last_;
    return buckets_.back();
  }
  if (buckets_.empty() || at >= buckets_.back().end) {
    const std::int64_t nth = query_.period.nth(origin_, at);
    buckets_.push_back({.start = query_.period.start(origin_, nth), .end = query_.period.start(origin_, nth + 1)});
  }
  return buckets_.back();
}

void Aggregation::number(Bucket& into, double value) {
  into.min = into.numbers ? std::min(into.min, value) : value;
  into.max = into.numbers ? std::max(into.max, value) : value;
  ++into.numbers;
  into.sum += value;
  into.sumsq += value * value;
  const double off = value - into.mean;
  into.mean += off / double(into.numbers);
  into.m2 += off * (value - into.mean);
}

void Aggregation::add(Instant at, double value) {
  Bucket& into = bucket(at);
  ++into.count;
  if (distinct_) into.seen.push_back(distinct_text(value));
  number(into, value);
}

void Aggregation::add(Instant at, const flow::Value& value, flow::AttributeKind kind) {
  Bucket& into = bucket(at);
  ++into.count;
  if (distinct_) into.seen.push_back(distinct_text(value));
  const bool plain = kind == flow::AttributeKind::property || kind == flow::AttributeKind::list_property;
  if (!plain) return;
  if (const auto number = flow::number_of(value)) this->number(into, number->near);
  if (const bool* flag = std::get_if<bool>(&value)) number(into, *flag);
  if (const auto* json = std::get_if<flow::Json>(&value); json && json->text.starts_with('[')) {
    number(into, double(length_of(json->text)));
  }
  if (const auto* text = std::get_if<flow::Text>(&value)) {
    if (into.texts == 0 || text->view() < into.least) into.least = *text;
    if (into.texts == 0 || text->view() > into.greatest) into.greatest = *text;
    ++into.texts;
  }
}

void Aggregation::write(base::JsonWriter& out, const Bucket& of, AggregateMethod method) const {
  using enum AggregateMethod;
  const bool counted = method == total_count || method == distinct_count;
  const bool ranked = method == min || method == max;
  if (!counted && of.numbers == 0 && !(ranked && of.texts > 0)) return;
  out.array();
  switch (method) {
    case total_count: out.integer(std::int64_t(of.count)); break;
    case distinct_count: {
      std::vector<std::string> seen = of.seen;
      std::ranges::sort(seen);
      out.integer(std::unique(seen.begin(), seen.end()) - seen.begin());
      break;
    }
    case sum: out.number(of.sum); break;
    case sumsq: out.number(of.sumsq); break;
    case avg: out.number(of.sum / double(of.numbers)); break;
    case stddev: out.number(std::sqrt(of.m2 / double(of.numbers))); break;
    case min: of.numbers ? out.number(of.min) : out.text(of.least); break;
    case max: of.numbers ? out.number(of.max) : out.text(of.greatest); break;
  }
  out.text(base::format_time(of.start)).text(base::format_time(of.end)).end();
}

void Aggregation::write(base::JsonWriter& out) const {
  for (const AggregateMethod method : query_.methods) {
    out.key(to_string(method)).array();
    for (const Bucket& bucket : buckets_) write(out, bucket, method);
    out.end();
  }
}

}  // namespace cityloop::twin
