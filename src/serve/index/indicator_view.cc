#include "serve/index/indicator_view.h"

#include <algorithm>
#include <cmath>

#include "flow/noun.h"
#include "index/indicator/period.h"
#include "serve/city.h"
#include "serve/views.h"

namespace cityloop::serve {

using base::JsonWriter;
using index::AreaEntry;
using index::AreaKind;
using index::Declaration;

namespace {

void write_optional(JsonWriter& out, std::string_view key, const std::optional<double>& value) {
  out.key(key);
  if (value) out.number(*value);
  else out.null();
}

}  // namespace

std::string_view to_string(ValueTrend::Way way) {
  constexpr std::string_view kWords[] = {"unknown", "same", "better", "worse"};
  return kWords[std::size_t(way)];
}

ValueTrend::Way way_of(const Declaration& one, double before, double now) {
  if (index::rounded(now, one.decimals) == index::rounded(before, one.decimals)) return ValueTrend::Way::same;
  bool better = now > before;
  if (one.direction == index::Better::lower) better = now < before;
  if (one.direction == index::Better::band) {
    if (one.miss(now) == one.miss(before)) return ValueTrend::Way::same;
    better = one.miss(now) < one.miss(before);
  }
  return better ? ValueTrend::Way::better : ValueTrend::Way::worse;
}

std::optional<index::ShownValue> IndicatorView::value(const Declaration& one, const AreaEntry& area) const {
  const flow::EntityPtr entity = twin_.get(index::value_entity(area.key()));
  return entity ? index::value_in(*entity, one.id) : std::nullopt;
}

base::Instant IndicatorView::as_of() const {
  const flow::EntityPtr board = twin_.get(index::board_entity());
  return board ? board->instant(flow::Name("asOf")) : base::kNever;
}

base::Duration IndicatorView::age() const {
  const base::Instant at = as_of();
  return at == base::kNever ? base::Duration::zero() : std::max(base::Duration::zero(), twin_.clock().now() - at);
}

base::Result<std::vector<twin::Sample>> IndicatorView::samples(const Declaration& one, const AreaEntry& area,
                                                               base::Instant from, base::Instant to,
                                                               std::size_t points_max) const {
  return history_.samples({index::value_entity(area.key()), flow::Name(one.id), from, to, points_max});
}

std::optional<double> IndicatorView::value_at(const Declaration& one, const AreaEntry& area, base::Instant at) const {
  // A value holds until the next one: the newest at or before that moment. Most change within a period or two.
  for (const base::Duration back :
       {base::Duration(std::chrono::hours(24)), base::Duration(std::chrono::hours(24 * 400))}) {
    const auto found = samples(one, area, at - back, at, 100'000);
    if (found && !found->empty()) return found->back().value;
  }
  return std::nullopt;
}

ValueTrend IndicatorView::trend(const Declaration& one, const AreaEntry& area) const {
  ValueTrend out;
  const auto now = value(one, area);
  const base::Duration period = one.has_window() ? index::length_of(one.period.span) : std::chrono::hours(24);
  out.since = twin_.clock().now() - period;
  if (!now || now->reading.missing()) return out;
  out.before = value_at(one, area, out.since);
  if (!out.before) return out;
  out.change = now->reading.value - *out.before;
  out.way = way_of(one, *out.before, now->reading.value);
  return out;
}

void IndicatorView::write_trend(JsonWriter& out, const ValueTrend& trend) {
  out.object();
  write_time(out, "since", trend.since);
  write_optional(out, "before", trend.before);
  write_optional(out, "change", trend.change);
  out.field("way", to_string(trend.way)).end();
}

void IndicatorView::write_value(JsonWriter& out, const Declaration& one, const AreaEntry& area) const {
  const auto shown = value(one, area);
  out.object().key("value");
  if (shown && !shown->reading.missing()) out.number(shown->reading.value);
  else out.null();
  const index::Threshold* const level =
      shown && !shown->reading.missing() ? one.threshold_at(shown->reading.value) : nullptr;
  out.key("level");
  if (level) out.text(to_string(level->level)), write(out.key("meaning"), level->meaning);
  else out.null();
  write_optional(out, "miss",
                 shown && !shown->reading.missing() ? one.miss(shown->reading.value) : std::optional<double>{});
  write_time(out, "since", shown ? shown->since : base::kNever);
  out.field("ageSeconds", double(age().count()) / 1e6);
  const index::Reading inputs = shown ? shown->reading : index::Reading{NAN};
  out.key("inputs").object().field("expected", inputs.expected).field("present", inputs.present);
  out.field("stale", inputs.stale).end().end();
}

void IndicatorView::write_area(JsonWriter& out, const AreaEntry& area) {
  out.field("area", area.key()).field("kind", to_string(area.kind));
  write(out.key("areaName"), area.name);
}

void IndicatorView::write_declaration(JsonWriter& out, const Declaration& one) const {
  out.field("id", one.id).field("domain", one.domain);
  write(out.key("domainName"), rules_->domain_name(one.domain));
  write(out.key("name"), one.name);
  write(out.key("description"), one.description);
  write(out.key("source"), one.source);
  write(out.key("counts"), index::words_of(one));
  out.field("unit", one.unit).field("owner", one.owner).field("over", to_string(one.over));
  out.field("direction", to_string(one.direction));
  if (one.over != index::Over::formula) out.field("measure", to_string(one.measure)).field("type", one.type.text());
  else out.field("formula", one.formula.text());
  if (one.where) out.field("where", one.where->text());
  if (!one.attribute.empty()) out.field("attribute", one.attribute.text());
  write_optional(out, "target", one.target);
  if (one.target_to) out.field("targetTo", *one.target_to);
  out.field("period", to_string(one.period.span)).field("window", one.period.calendar ? "calendar" : "rolling");
  if (one.stale_after > base::Duration::zero()) out.field("staleAfterSeconds", double(one.stale_after.count()) / 1e6);
  out.key("thresholds").array();
  for (const index::Threshold& each : one.thresholds) {
    out.object().field("level", to_string(each.level));
    if (each.above) out.field("above", *each.above);
    if (each.below) out.field("below", *each.below);
    write(out.key("meaning"), each.meaning);
    out.end();
  }
  out.end();
}

base::Status may_see(const Guard& guard, const trust::Principal& principal, const AreaEntry& area) {
  if (area.kind != AreaKind::area) return {};
  return guard.may(principal, trust::Permission::read_city, {"", area.id});
}

}  // namespace cityloop::serve
