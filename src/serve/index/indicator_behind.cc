// The entities and cases behind a number: who they are, and what each of them contributes.
#include <algorithm>
#include <cmath>

#include "flow/case.h"
#include "flow/noun.h"
#include "flow/own_types.h"
#include "index/indicator/period.h"
#include "index/indicator/places.h"
#include "serve/cases/case_list_routes.h"
#include "serve/index/indicator_routes.h"
#include "serve/respond.h"

namespace cityloop::serve {
namespace {

using base::Errc;
using base::fail;
using base::JsonWriter;
using flow::Case;
using flow::operator""_name;
using index::AreaEntry;
using index::Declaration;
using index::Measure;
using trust::Permission;

constexpr double kHour_us = 3.6e9;

struct Row {
  flow::EntityId id;
  std::string name{};
  std::optional<double> contributes{};
  std::string state{"present"};  // present, missing, stale
  base::Instant at{base::kNever};
  std::optional<bool> holds{};
};

struct Behind {
  std::vector<Row> rows;
  std::size_t hidden{0};  // that this person may not see
  bool exact{true};       // whether these are just those that were counted
};

struct Question {
  const IndicatorRoutes& on;
  const IndicatorView& view;
  const Declaration& one;
  const AreaEntry& area;
  trust::Principal by;
  Language language;
  base::Instant now, from;  // the window
};

// Which of the areas a thing counts in, by the loop's own rule.
class Membership {
 public:
  explicit Membership(const index::IndicatorRules& rules) : rules_(rules), places_(rules) {}
  bool lies_in(const flow::Entity& entity, const AreaEntry& area) {
    const auto& all = places_.areas(place_of(entity));
    const auto wanted = std::uint16_t(&area - rules_.areas().data());
    return std::ranges::binary_search(all, wanted);
  }
  // Of the areas the first that is one of the map; empty: none.
  std::string_view area_of(const flow::Entity& entity) {
    for (const std::uint16_t at : places_.areas(place_of(entity))) {
      if (rules_.areas()[at].kind == index::AreaKind::area) return rules_.areas()[at].id;
    }
    return {};
  }

 private:
  std::uint32_t place_of(const flow::Entity& entity) {
    std::optional<geo::Position> at;
    if (const flow::Attribute* const place = entity.find("location"_name)) {
      if (const auto* const json = std::get_if<flow::Json>(&place->value)) {
        if (const auto shape = geo::Shape::from_geojson(json->text.view())) at = shape->anchor();
      }
    }
    return places_.of(at, entity.text("area"_name), entity.text("department"_name));
  }
  const index::IndicatorRules& rules_;
  index::Places places_;
};

bool may_see_entity(const Question& ask, const flow::Entity& entity, Membership& membership) {
  const trust::Policy& policy = ask.on.guard.policy();
  if (entity.is_a(flow::kCaseType)) {
    const auto one = flow::case_head_from(entity);
    return one && may_read_case(policy, ask.by, *one);
  }
  const Permission needed = entity.is_a(flow::kCommandType) ? Permission::read_commands : Permission::read_city;
  return policy.allows(ask.by, needed, {entity.text("department"_name), membership.area_of(entity)});
}

std::optional<double> number_of(const flow::Entity& entity, flow::Name name) {
  const flow::Attribute* const held = entity.find(name);
  if (!held) return std::nullopt;
  if (const bool* const flag = std::get_if<bool>(&held->value)) return *flag ? 1 : 0;
  const auto number = flow::number_of(held->value);
  return number ? std::optional(number->near) : std::nullopt;
}

Row row_of(const Question& ask, const flow::Entity& entity) {
  const Declaration& one = ask.one;
  Row out{entity.id, Names{ask.on.twin, ask.language}.of(entity)};
  if (one.attribute.empty()) {
    out.contributes = 1;
    out.at = entity.modified_at;
    return out;
  }
  const flow::Attribute* const held = entity.find(one.attribute);
  const auto number = number_of(entity, one.attribute);
  if (held) out.at = held->observed_at == base::kNever ? held->modified_at : held->observed_at;
  if (!held || (!number && one.measure != Measure::share)) {
    out.state = "missing";
    return out;
  }
  if (one.stale_after > base::Duration::zero() && out.at + one.stale_after <= ask.now) out.state = "stale";
  if (one.holds) out.holds = one.holds->matches(entity);
  if (one.holds) out.contributes = *out.holds ? 1 : 0;
  else out.contributes = number;
  return out;
}

// A time-weighted mean, hours past the limit, a number of changes: of one entity over the window.
void look_back(const Question& ask, Row& row) {
  const Declaration& one = ask.one;
  const auto samples =
      ask.on.history.samples({row.id, one.attribute, ask.from - std::chrono::hours(24), ask.now, 200'000});
  row.contributes.reset();
  if (!samples || samples->empty()) return;
  double sum = 0, time = 0, changes = 0;
  for (std::size_t i = 0; i < samples->size(); ++i) {
    const twin::Sample& each = (*samples)[i];
    const base::Instant to = i + 1 < samples->size() ? (*samples)[i + 1].at : ask.now;
    const double us = double((std::max(to, ask.from) - std::max(each.at, ask.from)).count());
    const bool past = one.above ? each.value >= one.limit : each.value <= one.limit;
    time += us;
    sum += us * (one.measure == Measure::time_mean ? each.value : past ? 1 : 0);
    changes += i > 0 && each.at >= ask.from && each.value != (*samples)[i - 1].value;
  }
  if (one.measure == Measure::changes) row.contributes = changes;
  else if (one.measure == Measure::hours) row.contributes = sum / kHour_us;
  else if (time > 0) row.contributes = (one.measure == Measure::time_share && one.is_percent() ? 100 : 1) * sum / time;
}

Behind entities_behind(const Question& ask) {
  Behind out;
  Membership membership(ask.view.rules());
  ask.on.twin.each(ask.one.type, [&](const flow::EntityPtr& entity) {
    if (ask.on.back_room.stopping()) return false;
    if (ask.one.where && !ask.one.where->matches(*entity)) return true;
    if (!membership.lies_in(*entity, ask.area)) return true;
    if (may_see_entity(ask, *entity, membership)) out.rows.push_back(row_of(ask, *entity));
    else ++out.hidden;
    return true;
  });
  return out;
}

// When a case entered each stage, by its timeline and its workflow; its opening and its closing beside.
std::vector<std::pair<std::string, base::Instant>> moments_of(const Question& ask, const Case& one) {
  std::vector<std::pair<std::string, base::Instant>> out{{"opened", one.opened_at}};
  const auto rules = ask.on.case_rules.find(one.rules);
  const casework::Workflow* const workflow = rules ? rules->find_workflow(one.workflow) : nullptr;
  for (const flow::CaseStep& step : one.timeline) {
    const int at = workflow ? workflow->find_state(step.to) : -1;
    if (at < 0) continue;
    const std::string stage(to_string(workflow->states[std::size_t(at)].stage));
    if (out.back().first != stage) out.emplace_back(stage, step.at);
  }
  if (one.closed_at != base::kNever) out.emplace_back("closed", one.closed_at);
  return out;
}

// The last entry into `to` within the window, and how long after the last `from` before it.
std::optional<double> hours_between(const Question& ask, const Case& one, base::Instant& reached) {
  std::optional<base::Instant> from;
  std::optional<double> out;
  for (const auto& [moment, at] : moments_of(ask, one)) {
    if (moment == ask.one.to && from && at >= ask.from) out = double((at - *from).count()) / kHour_us, reached = at;
    if (moment == ask.one.from) from = at;
  }
  return out;
}

// What a case contributed in the window; false: it did not.
bool contributes(const Question& ask, const Case& one, Row& row) {
  const bool closed = one.closed_at != base::kNever && one.closed_at >= ask.from;
  row.at = one.closed_at;
  switch (ask.one.measure) {
    case Measure::opened: row.contributes = 1, row.at = one.opened_at; return one.opened_at >= ask.from;
    case Measure::closed: row.contributes = 1; return closed;
    case Measure::on_time: row.holds = !one.overdue, row.contributes = one.overdue ? 0 : 1; return closed;
    case Measure::reopened: row.contributes = one.reopened ? 1 : 0; return closed || one.reopened;
    case Measure::rating: row.contributes = one.rating; return one.rating > 0 && closed;
    case Measure::assigned: row.contributes = 1, row.at = one.opened_at; return one.opened_at >= ask.from;
    case Measure::duration: row.contributes = hours_between(ask, one, row.at); return row.contributes.has_value();
    default: return false;
  }
}

base::Result<Behind> cases_behind(const Question& ask) {
  Behind out;
  const Measure measure = ask.one.measure;
  // Those three happen at moments that a case does not keep: shown are the cases that were opened or closed then.
  out.exact = measure != Measure::assigned && measure != Measure::reopened && measure != Measure::rating;
  CaseFilter filter;
  if (measure == Measure::opened || measure == Measure::assigned) filter.opened.from = ask.from;
  else if (measure != Measure::duration && measure != Measure::reopened) filter.closed.from = ask.from;
  Membership membership(ask.view.rules());
  const CaseSight everything{[](std::string_view, std::string_view) { return true; },
                             [](std::string_view, std::string_view) { return true; }};
  TRY(ask.on.cases.each(filter, everything, [&](const Case& one) {
    if (ask.on.back_room.stopping()) return false;
    const flow::Entity entity = flow::entity_of(to_write(one));
    if (ask.one.where && !ask.one.where->matches(entity)) return true;
    if (!membership.lies_in(entity, ask.area)) return true;
    Row row{one.id, ask.language == Language::zh ? one.title.zh : one.title.en};
    if (!contributes(ask, one, row)) return true;
    if (may_read_case(ask.on.guard.policy(), ask.by, one)) out.rows.push_back(std::move(row));
    else ++out.hidden;
    return true;
  }));
  return out;
}

// What pulls the number the wrong way comes first; what is missing or stale before all.
void put_in_order(const Declaration& one, std::vector<Row>& rows) {
  const auto key = [&](const Row& row) {
    const double value = row.contributes.value_or(0);
    return one.direction == index::Better::higher ? value : -value;
  };
  std::ranges::sort(rows, [&](const Row& a, const Row& b) {
    const bool whole_a = a.state == "present", whole_b = b.state == "present";
    if (whole_a != whole_b) return whole_b;
    return key(a) != key(b) ? key(a) < key(b) : a.id.text() < b.id.text();
  });
}

void write_row(JsonWriter& out, const Question& ask, Row& row) {
  if (ask.one.over == index::Over::history) look_back(ask, row);
  out.object().field("id", row.id.text()).field("name", row.name).field("state", row.state);
  out.key("contributes");
  if (row.contributes) out.number(*row.contributes);
  else out.null();
  if (row.holds) out.field("holds", *row.holds);
  write_time(out, "at", row.at);
  out.end();
}

net::Response answer(const Question& ask, const PageWish& page) {
  const bool of_cases = ask.one.over == index::Over::cases;
  auto behind = of_cases ? cases_behind(ask) : base::Result<Behind>(entities_behind(ask));
  if (!behind) return net::problem(behind.error());
  put_in_order(ask.one, behind->rows);
  JsonWriter out;
  out.object().field("id", ask.one.id).field("type", ask.one.type.text()).field("unit", ask.one.unit);
  IndicatorView::write_area(out, ask.area);
  ask.view.write_value(out.key("now"), ask.one, ask.area);
  write_time(out, "from", ask.one.has_window() ? ask.from : base::kNever);
  out.field("total", behind->rows.size()).field("hidden", behind->hidden).field("exact", behind->exact);
  out.key("rows").array();
  const std::size_t end = std::min(behind->rows.size(), page.skip + page.limit);
  for (std::size_t i = page.skip; i < end; ++i) write_row(out, ask, behind->rows[i]);
  out.end().key("next");
  if (end < behind->rows.size()) out.text(fmt::format("{}", end));
  else out.null();
  out.end();
  return json_response(out);
}

// Where the window begins now.
base::Instant window_begin(const index::IndicatorRules& rules, const Declaration& one, base::Instant now) {
  if (!one.has_window()) return base::kNever;
  index::PeriodClock clock(one.period, rules.zone());
  clock.move_to(now);
  return clock.live_from();
}

}  // namespace

void list_behind(const IndicatorRoutes& on, const Call& call, net::Reply reply) {
  const auto view = indicator_view(on);
  if (!view) return reply(net::problem(view.error()));
  const auto one = indicator_in_path(*view, call);
  if (!one) return reply(net::problem(one.error()));
  const auto area = area_asked(on, *view, call);
  if (!area) return reply(net::problem(area.error()));
  const auto page = PageWish::of(call.request);
  if (!page) return reply(net::problem(page.error()));
  if ((*one)->over == index::Over::formula)
    return reply(net::problem(409, "a formula", "a formula stands on other indicators: open its inputs"));
  const Permission needed = (*one)->type == flow::kCaseType      ? Permission::read_cases
                            : (*one)->type == flow::kCommandType ? Permission::read_commands
                                                                 : Permission::read_city;
  if (const auto may = on.guard.may(call.principal, needed); !may) return reply(net::problem(may.error()));
  answer_later(on, std::move(reply),
               [on, view = *view, one = *one, area = *area, page = *page, by = call.principal,
                language = language_of(call.request)] {
                 const base::Instant now = on.twin.clock().now();
                 return answer({on, view, *one, *area, by, language, now, window_begin(view.rules(), *one, now)}, page);
               });
}

}  // namespace cityloop::serve
