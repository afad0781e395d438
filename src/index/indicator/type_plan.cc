#include "index/indicator/type_plan.h"

#include <algorithm>
#include <map>

#include "flow/noun.h"

namespace cityloop::index {
namespace {

using flow::operator""_name;

class Builder {
 public:
  explicit Builder(flow::Name type) { plan_.type = type; }

  void add(const Declaration& one, std::uint32_t place) {
    Gauge out;
    out.indicator = place;
    out.where = condition(one.where);
    out.holds = condition(one.holds);
    if (!one.attribute.empty()) out.column = column(one.attribute);
    if (!one.by.empty()) out.by = column(one.by);
    if (out.column >= 0 && one.stale_after > base::Duration::zero()) out.fresh = fresh(out.column, one.stale_after);
    out.level = one.over != Over::cases;
    if (one.over == Over::cases) moments(one, out);
    if (one.measure == Measure::changes || !out.level) plan_.happens = true;
    for (const std::int16_t each : {out.column, out.by}) {
      if (each >= 0) out.reads |= TypePlan::bit(each);
    }
    for (const std::int16_t each : {out.where, out.holds}) {
      if (each >= 0) out.reads |= plan_.conditions[std::size_t(each)].reads;
    }
    plan_.gauges.push_back(out);
  }

  TypePlan take() {
    // Where an entity belongs that has no place, and whose it is.
    plan_.department = column("department"_name);
    plan_.area = column("area"_name);
    for (std::size_t i = 0; i < plan_.columns.size(); ++i) {
      const Column& one = plan_.columns[i];
      if (!one.stamp_of.empty()) continue;
      if (plan_.column_of.size() <= one.name.number()) plan_.column_of.resize(one.name.number() + 1, -1);
      plan_.column_of[one.name.number()] = std::int16_t(i);
    }
    return std::move(plan_);
  }

 private:
  std::int16_t column(flow::Name name, const std::string& stamp_of = {}) {
    const auto same = std::ranges::find_if(
        plan_.columns, [&](const Column& each) { return each.name == name && each.stamp_of == stamp_of; });
    if (same != plan_.columns.end()) return std::int16_t(same - plan_.columns.begin());
    plan_.columns.push_back({name, stamp_of});
    return std::int16_t(plan_.columns.size() - 1);
  }

  std::int16_t condition(const std::optional<twin::Q>& q) {
    if (!q) return -1;
    const auto same =
        std::ranges::find_if(plan_.conditions, [&](const Condition& each) { return each.q.text() == q->text(); });
    if (same != plan_.conditions.end()) return std::int16_t(same - plan_.conditions.begin());
    std::uint64_t reads = 0;
    for (const flow::Name name : q->attributes()) reads |= TypePlan::bit(column(name));
    plan_.conditions.push_back({*q, reads});
    return std::int16_t(plan_.conditions.size() - 1);
  }

  std::int16_t fresh(std::int16_t of, base::Duration stale_after) {
    const auto same = std::ranges::find_if(
        plan_.freshness, [&](const Freshness& each) { return each.column == of && each.stale_after == stale_after; });
    if (same != plan_.freshness.end()) return std::int16_t(same - plan_.freshness.begin());
    plan_.freshness.push_back({of, stale_after});
    return std::int16_t(plan_.freshness.size() - 1);
  }

  void moments(const Declaration& one, Gauge& out) {
    plan_.closed_at = column("closedAt"_name);
    plan_.opened_at = column("openedAt"_name);
    plan_.overdue = column("overdue"_name);
    plan_.rating = column("rating"_name);
    plan_.stage = column("stage"_name);
    if (one.measure != Measure::duration) return;
    if (one.from == "closed") out.from = plan_.closed_at;
    else if (one.from != "opened") out.from = column("stage"_name, one.from);
  }

  TypePlan plan_;
};

}  // namespace

std::vector<TypePlan> plans_of(const IndicatorRules& rules) {
  std::map<std::string_view, Builder> by_type;
  for (std::uint32_t place = 0; place < rules.indicators().size(); ++place) {
    const Declaration& one = rules.indicators()[place];
    if (one.over == Over::formula) continue;
    by_type.try_emplace(one.type.text(), one.type).first->second.add(one, place);
  }
  std::vector<TypePlan> out;
  out.reserve(by_type.size());
  for (auto& [type, builder] : by_type) out.push_back(builder.take());
  return out;
}

}  // namespace cityloop::index
