// Whose a case is, and who of them is to do it: by the rules of responsibility, and as people appoint.
#include <algorithm>

#include "base/json_value.h"
#include "casework/case_loop.h"
#include "casework/toml_reading.h"
#include "geo/shape.h"

namespace cityloop::casework {

using base::Errc;
using base::fail;
using base::JsonValue;
using flow::CaseStage;

namespace {

constexpr std::uint32_t kTurnMax = 10'000;

// A number that was given as one, or as text.
std::optional<double> number_in(const JsonValue& given, std::string_view key) {
  const JsonValue* found = given.find(key);
  if (!found) return std::nullopt;
  if (found->number()) return *found->number();
  double out = -1;
  if (const std::string* text = found->text()) std::from_chars(text->data(), text->data() + text->size(), out);
  return out;
}

}  // namespace

// Where it lies, in the terms of the rules.
void CaseLoop::locate(flow::Case& one, const CaseRules& rules) const {
  one.area = area_of_ && !one.location.empty() ? area_of_(one.location) : std::string{};
  const GridCell* cell = rules.responsibility().cell_of(one.location);
  one.cell = cell ? cell->code : std::string{};
}

Assignment CaseLoop::find_responsible(const flow::Case& one, const CaseRules& rules, const std::string& said,
                                      AssignedBy said_by) const {
  return assign(rules, {one.cell, one.area, one.category, one.kind, now_}, !one.location.empty(), said, said_by);
}

void CaseLoop::give_to(flow::Case& one, const Assignment& assignment) {
  one.department = assignment.who.department;
  drop_appointment(one);
  one.crew = assignment.who.crew;
}

// On the timeline, where the city has rules of responsibility at all.
void CaseLoop::tell_responsible(Tracked& tracked, const Assignment& assignment) {
  if (tracked.rules->responsibility().empty()) return;
  stats_.outside_cells += assignment.outside;
  // What nobody has looked at yet is nobody's, and no gap.
  if (assignment.gap() && tracked.is.stage == CaseStage::intake) return;
  stats_.in_gap += assignment.gap();
  stats_.in_overlap += assignment.overlap();
  base::JsonWriter given;
  given.object().key("why");
  write_why(given, assignment);
  given.end();
  const std::string_view code = assignment.gap()       ? "responsibility_gap"
                                : assignment.overlap() ? "responsibility_overlap"
                                                       : "responsible";
  write_step(tracked, {std::string(kLoop)}, "note", in_both(why_text(assignment)), code, given.take());
  if (!assignment.who.holder.empty())
    tell(tracked, assignment.who.holder,
         {fmt::format("由你负责：{}", tracked.is.title.zh), fmt::format("For you: {}", tracked.is.title.en)});
}

void CaseLoop::drop_appointment(flow::Case& one) {
  one.crew.clear();
  one.planned_at = kNever;
  one.turn = 0;
}

// What was planned holds while the case waits for work or is worked on; who stands still is not waited for at an hour.
void CaseLoop::keep_appointment(flow::Case& one, const State& before, const State& now) {
  const auto at_work = [](const State& state) {
    return !state.final && (state.stage == CaseStage::dispatch || state.stage == CaseStage::work);
  };
  if (at_work(before) && !at_work(now)) return drop_appointment(one);
  if (now.stands) one.planned_at = kNever, one.turn = 0;
}

base::Status CaseLoop::check_appoint(const Tracked& tracked, const JsonValue& given) {
  if (tracked.is.department.empty()) return fail(Errc::conflict, "it has no department whose crew could do it");
  const std::string crew = given.text_or("crew", ""), holder = given.text_or("holder", "");
  if (crew.empty() && holder.empty()) return fail(Errc::invalid, "'crew' or 'holder' says who is to do it");
  if (!crew.empty() && !sound_id(crew)) return fail(Errc::invalid, "'{}' is no id of a crew", crew);
  if (!holder.empty() && !holder.starts_with("user:")) return fail(Errc::invalid, "'{}' is no person", holder);
  if (const std::string at = given.text_or("planned_at", ""); !at.empty()) TRY(base::parse_time(at));
  const double turn = number_in(given, "turn").value_or(0);
  if (!(turn >= 0 && turn <= kTurnMax && turn == double(std::uint32_t(turn))))
    return fail(Errc::invalid, "'turn' is a whole number up to {}", kTurnMax);
  return {};
}

// Anew, whatever was appointed before. A crew alone takes it from the person who held it, unless they are at work on
// it.
void CaseLoop::appoint(Tracked& tracked, const JsonValue& given) {
  flow::Case& one = tracked.is;
  const std::string holder = given.text_or("holder", "");
  drop_appointment(one);
  one.crew = given.text_or("crew", "");
  if (const auto at = base::parse_time(given.text_or("planned_at", ""))) one.planned_at = *at;
  one.turn = std::uint32_t(number_in(given, "turn").value_or(0));
  if (!holder.empty()) one.holder = holder;
  else if (one.stage == CaseStage::dispatch) one.holder.clear();
}

base::Status CaseLoop::check_place(const JsonValue& given) {
  const JsonValue* location = given.find("location");
  if (location) TRY(geo::Shape::from_geojson(location->dump()));
  return {};
}

}  // namespace cityloop::casework
