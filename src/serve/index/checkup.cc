#include "serve/index/checkup.h"

#include <algorithm>
#include <cmath>

#include "index/indicator/period.h"
#include "serve/city.h"
#include "serve/views.h"

namespace cityloop::serve {
namespace {

using base::JsonWriter;
using index::AreaEntry;
using index::AreaKind;
using index::Declaration;
using Of = CheckupFinding::Of;

constexpr std::size_t kFindingsMax = 30, kSamplesMax = 120;

std::optional<double> known(const std::optional<index::ShownValue>& shown) {
  return shown && !shown->reading.missing() ? std::optional(shown->reading.value) : std::nullopt;
}

// What the values of the period come to: each holds until the next.
void sum_up(CheckupLine& line, const std::vector<twin::Sample>& samples, base::Instant from, base::Instant to) {
  double sum = 0, time = 0;
  const auto take = [&](double value, base::Instant since, base::Instant until) {
    const double us = double((until - since).count());
    if (us <= 0) return;
    sum += value * us, time += us;
    line.low = std::min(line.low.value_or(value), value);
    line.high = std::max(line.high.value_or(value), value);
  };
  base::Instant since = from;
  std::optional<double> holds = line.before;
  for (const twin::Sample& each : samples) {
    if (holds) take(*holds, since, each.at);
    since = each.at, holds = each.value;
  }
  if (holds) take(*holds, since, to);
  if (time > 0) line.mean = sum / time;
}

base::Result<CheckupLine> line_of(const IndicatorView& view, const CheckupWish& wish, const Declaration& one,
                                  base::Instant from, base::Instant to) {
  CheckupLine line;
  line.indicator = &one;
  const auto shown = view.value(one, *wish.area);
  line.value = known(shown);
  line.inputs = shown ? shown->reading : index::Reading{NAN};
  line.before = view.value_at(one, *wish.area, from);
  const auto samples = TRY(view.samples(one, *wish.area, from, to, 100'000));
  sum_up(line, samples, from, to);
  line.samples = twin::thin(samples, kSamplesMax);
  if (line.value && line.before) line.way = way_of(one, *line.before, *line.value);
  if (line.value) line.miss = one.miss(*line.value), line.threshold = one.threshold_at(*line.value);
  for (const AreaEntry& area : view.rules().areas()) {
    if (wish.area->kind != AreaKind::city || area.kind == AreaKind::city) continue;
    if (!one.wants(area.kind) || !wish.sees(area)) continue;
    CheckupArea row{&area, known(view.value(one, area))};
    const index::Threshold* const level = row.value ? one.threshold_at(*row.value) : nullptr;
    if (level) row.level = level->level;
    line.areas.push_back(row);
  }
  std::ranges::stable_sort(line.areas, [&](const CheckupArea& a, const CheckupArea& b) {
    if (!a.value || !b.value) return a.value.has_value() && !b.value;
    return way_of(one, *b.value, *a.value) == ValueTrend::Way::better;
  });
  return line;
}

class Findings {
 public:
  explicit Findings(const CheckupWish& wish) : wish_(wish) {}

  void look_at(const CheckupLine& line) {
    const Declaration& one = *line.indicator;
    if (line.inputs.stale > 0 || line.inputs.present < line.inputs.expected || !line.value) tell_missing(line);
    if (!line.value) return;
    const std::string is = shown_value(one, *line.value);
    if (line.miss && *line.miss > 0) {
      const std::string target = target_of(one);
      // Of a target of zero no share can be told.
      const bool share = one.target != 0.0;
      add(Of::target, 10 + std::min(*line.miss, 10.0), one, *wish_.area,
          {fmt::format("{}为 {}，未达目标 {}{}", one.name.zh, is, target,
                       share ? fmt::format("（差 {:.0f}%）", *line.miss * 100) : ""),
           fmt::format("{} is {}, off its target of {}{}", one.name.en, is, target,
                       share ? fmt::format(" by {:.0f} %", *line.miss * 100) : "")});
    }
    if (line.threshold && line.threshold->level >= index::Level::warn) {
      add(Of::threshold, line.threshold->level == index::Level::alarm ? 30 : 20, one, *wish_.area,
          {fmt::format("{}为 {}：{}", one.name.zh, is, line.threshold->meaning.zh),
           fmt::format("{} is {}: {}", one.name.en, is, line.threshold->meaning.en)});
    }
    tell_change(line, is);
    tell_areas(line);
  }

  std::vector<CheckupFinding> take() {
    std::ranges::stable_sort(all_,
                             [](const CheckupFinding& a, const CheckupFinding& b) { return a.weight > b.weight; });
    if (all_.size() > kFindingsMax) all_.resize(kFindingsMax);
    return std::move(all_);
  }

 private:
  static std::string target_of(const Declaration& one) {
    if (one.direction == index::Better::band && one.target_to)
      return fmt::format("{}–{}", shown_value(one, *one.target), shown_value(one, *one.target_to));
    return fmt::format("{} {}", one.direction == index::Better::higher ? "≥" : "≤", shown_value(one, *one.target));
  }

  void add(Of of, double weight, const Declaration& one, const AreaEntry& area, flow::Bilingual text) {
    all_.push_back({of, weight, &one, &area, std::move(text)});
  }

  void tell_missing(const CheckupLine& line) {
    const auto& [value, expected, present, stale] = line.inputs;
    const double lost = expected == 0 ? 1 : 1 - double(present) / double(expected);
    const Declaration& one = *line.indicator;
    // A formula tells of inputs that have their own findings; what has never had any is not wanting either.
    if (one.over == index::Over::formula || (expected == 0 && one.over != index::Over::twin)) return;
    if (expected == 0)
      return add(Of::missing, 5, one, *wish_.area,
                 {fmt::format("{}没有数据来源", one.name.zh), fmt::format("{} has no input at all", one.name.en)});
    add(Of::missing, 5 + 5 * lost, one, *wish_.area,
        {fmt::format("{}：{} 个数据来源中 {} 个有效、{} 个过期、{} 个缺失", one.name.zh, expected, present, stale,
                     expected - present - stale),
         fmt::format("{}: of {} inputs {} are in use, {} are out of date and {} are missing", one.name.en, expected,
                     present, stale, expected - present - stale)});
  }

  void tell_change(const CheckupLine& line, const std::string& is) {
    if (line.way != ValueTrend::Way::worse || *line.before == 0) return;
    constexpr double kWorthTelling = 0.05;
    const double by = (*line.value - *line.before) / std::abs(*line.before);
    if (std::abs(by) < kWorthTelling) return;
    const Declaration& one = *line.indicator;
    const std::string was = shown_value(one, *line.before);
    add(Of::change, 5 + std::min(std::abs(by), 4.0), one, *wish_.area,
        {fmt::format("{}变差：由 {} 变为 {}（{:+.0f}%）", one.name.zh, was, is, by * 100),
         fmt::format("{} got worse: from {} to {} ({:+.0f} %)", one.name.en, was, is, by * 100)});
  }

  // An area far from the middle of all, for the worse: by the median and its deviation, which no outlier moves.
  void tell_areas(const CheckupLine& line) {
    std::vector<double> values;
    for (const CheckupArea& each : line.areas) {
      if (each.value && each.area->kind == AreaKind::area) values.push_back(*each.value);
    }
    if (values.size() < 4) return;
    const double middle = median(values);
    std::vector<double> off;
    for (const double value : values) off.push_back(std::abs(value - middle));
    constexpr double kFar = 3, kNormal = 1.4826;
    const double spread = std::max(kNormal * median(off), 0.05 * std::abs(middle));
    const Declaration& one = *line.indicator;
    for (const CheckupArea& each : line.areas) {
      if (!each.value || each.area->kind != AreaKind::area || spread == 0) continue;
      const double far = std::abs(*each.value - middle) / spread;
      if (far < kFar || way_of(one, middle, *each.value) != ValueTrend::Way::worse) continue;
      const std::string is = shown_value(one, *each.value), usual = shown_value(one, middle);
      add(Of::area, 8 + std::min(far / 10, 2.0), one, *each.area,
          {fmt::format("{}的{}为 {}，远差于各片区中位数 {}", each.area->name.zh, one.name.zh, is, usual),
           fmt::format("{} in {} is {}, far behind the areas' median of {}", one.name.en, each.area->name.en, is,
                       usual)});
    }
  }

  static double median(std::vector<double> values) {
    const auto middle = values.begin() + std::ptrdiff_t(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    if (values.size() % 2) return *middle;
    return (*middle + *std::max_element(values.begin(), middle)) / 2;
  }

  const CheckupWish& wish_;
  std::vector<CheckupFinding> all_;
};

void write_number(JsonWriter& out, std::string_view key, const std::optional<double>& value) {
  out.key(key);
  if (value) out.number(*value);
  else out.null();
}

void write_line(JsonWriter& out, const CheckupLine& line, const IndicatorView& view) {
  out.object();
  view.write_declaration(out, *line.indicator);
  write_number(out, "value", line.value);
  write_number(out, "mean", line.mean);
  write_number(out, "low", line.low);
  write_number(out, "high", line.high);
  write_number(out, "before", line.before);
  write_number(out, "miss", line.miss);
  out.field("way", to_string(line.way)).key("level");
  if (line.threshold) out.text(to_string(line.threshold->level)), write(out.key("meaning"), line.threshold->meaning);
  else out.null();
  out.key("inputs").object().field("expected", line.inputs.expected).field("present", line.inputs.present);
  out.field("stale", line.inputs.stale).end();
  out.key("areas").array();
  for (const CheckupArea& each : line.areas) {
    out.object();
    IndicatorView::write_area(out, *each.area);
    write_number(out, "value", each.value);
    out.key("level");
    if (each.level) out.text(to_string(*each.level));
    else out.null();
    out.end();
  }
  out.end().key("samples").array();
  for (const twin::Sample& each : line.samples) out.array().integer(base::to_ms(each.at)).number(each.value).end();
  out.end().end();
}

}  // namespace

std::string_view to_string(CheckupFinding::Of of) {
  constexpr std::string_view kWords[] = {"target", "threshold", "change", "area", "missing"};
  return kWords[std::size_t(of)];
}

std::string shown_value(const Declaration& one, double value) {
  constexpr std::pair<std::string_view, std::string_view> kUnits[] = {
      {"P1", " %"},   {"GQ", " µg/m³"}, {"2N", " dB"},   {"MTR", " m"}, {"H67", " mm/h"}, {"KMH", " km/h"},
      {"HUR", " h"},  {"CEL", " °C"},   {"MIN", " min"}, {"SEC", " s"}, {"C62", ""},      {"MTS", " m/s"},
      {"KMT", " km"}, {"KWH", " kWh"},  {"VH", " veh"},  {"E34", " GB"}};
  const auto unit = std::ranges::find(kUnits, one.unit, &std::pair<std::string_view, std::string_view>::first);
  std::string number = fmt::format("{}", index::rounded(value, one.decimals));
  if (one.unit.empty()) return number;
  return unit == std::end(kUnits) ? fmt::format("{} {}", number, one.unit) : fmt::format("{}{}", number, unit->second);
}

base::Result<Checkup> assemble_checkup(const IndicatorView& view, const CheckupWish& wish) {
  Checkup out;
  out.span = wish.span;
  out.to = wish.now;
  out.from = wish.now - index::length_of(wish.span);
  out.as_of = view.as_of();
  Findings findings(wish);
  for (const index::Domain& domain : view.rules().domains()) out.domains.push_back({domain.id, domain.name, {}});
  for (const Declaration& one : view.rules().indicators()) {
    if (!one.wants(wish.area->kind)) continue;
    auto at = std::ranges::find(out.domains, one.domain, &CheckupDomain::id);
    if (at == out.domains.end()) at = out.domains.insert(at, {one.domain, view.rules().domain_name(one.domain), {}});
    CheckupLine line = TRY(line_of(view, wish, one, out.from, out.to));
    findings.look_at(line);
    ++(!line.miss ? at->without : *line.miss > 0 ? at->missed : at->met);
    at->lines.push_back(std::move(line));
  }
  std::erase_if(out.domains, [](const CheckupDomain& one) { return one.lines.empty(); });
  out.findings = findings.take();
  return out;
}

void write_checkup(JsonWriter& out, const Checkup& checkup, const IndicatorView& view, const CheckupWish& wish) {
  out.object().field("period", to_string(checkup.span));
  write_time(out, "from", checkup.from);
  write_time(out, "to", checkup.to);
  write_time(out, "asOf", checkup.as_of);
  IndicatorView::write_area(out, *wish.area);
  out.key("findings").array();
  for (const CheckupFinding& each : checkup.findings) {
    out.object().field("of", to_string(each.of)).field("indicator", each.indicator->id);
    out.field("area", each.area->key()).field("weight", each.weight);
    write(out.key("text"), each.text);
    out.end();
  }
  out.end().key("domains").array();
  for (const CheckupDomain& domain : checkup.domains) {
    out.object().field("id", domain.id);
    write(out.key("name"), domain.name);
    out.field("met", domain.met).field("missed", domain.missed).field("without", domain.without);
    out.key("indicators").array();
    for (const CheckupLine& line : domain.lines) write_line(out, line, view);
    out.end().end();
  }
  out.end().end();
}

}  // namespace cityloop::serve
