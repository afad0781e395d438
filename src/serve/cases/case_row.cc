#include "serve/cases/case_row.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/json_value.h"
#include "flow/case_parts.h"
#include "flow/noun.h"
#include "geo/cells.h"
#include "geo/shape.h"
#include "serve/cases/case_terms.h"
#include "text/letters.h"

namespace cityloop::serve {
namespace {

using flow::Entity;
using flow::Name;

constexpr double kAround = 4294967296.0;

std::uint32_t seconds_of(flow::Instant at) {
  if (at == flow::kNever) return 0xffffffff;
  const std::int64_t s = base::to_us(at) / 1'000'000;
  return std::uint32_t(std::clamp<std::int64_t>(s, 0, 0xfffffffe));
}

MapPlace place_of(const Entity& entity) {
  static const Name kLocation("location");
  const flow::Attribute* attribute = entity.find(kLocation);
  const auto* json = attribute ? std::get_if<flow::Json>(&attribute->value) : nullptr;
  if (!json) return {};
  if (const auto point = geo::point_of(json->text)) return MapPlace::of(point->lon_deg, point->lat_deg);
  const auto shape = geo::Shape::from_geojson(json->text);
  if (!shape) return {};
  const geo::Position anchor = shape->anchor();
  return MapPlace::of(anchor.lon_deg, anchor.lat_deg);
}

bool has_list(const Entity& entity, Name name) {
  const flow::Attribute* attribute = entity.find(name);
  const auto* json = attribute ? std::get_if<flow::Json>(&attribute->value) : nullptr;
  return json && json->text.size() > 2;
}

std::string assisting_of(const Entity& entity) {
  static const Name kTasks("tasks");
  if (!has_list(entity, kTasks)) return {};
  const auto tasks = flow::tasks_from(flow::json_field(entity, "tasks"));
  std::string out;
  if (!tasks) return out;
  for (const flow::CaseTask& task : *tasks) {
    if (!out.empty()) out += ' ';
    out += task.department;
  }
  return out;
}

std::uint16_t flags_of(const Entity& entity) {
  static const Name kOutcome("outcome"), kOverdue("overdue"), kSupervised("supervised"), kFinding("finding"),
      kReopened("reopened"), kMedia("media"), kRequests("requests"), kSimilar("similar"), kStorm("storm");
  std::uint16_t out = 0;
  const auto set = [&](bool is, CaseFlag flag) {
    if (is) out |= flag;
  };
  set(entity.text(kOutcome) == to_string(flow::CaseOutcome::open), kCaseOpen);
  set(entity.flag(kOverdue), kCaseOverdue);
  set(entity.flag(kSupervised), kCaseSupervised);
  set(!entity.text(kFinding).empty(), kCaseSensed);
  set(entity.flag(kReopened), kCaseReopened);
  set(has_list(entity, kMedia), kCasePhotos);
  set(has_list(entity, kRequests), kCaseRequested);
  set(has_list(entity, kSimilar), kCaseSimilar);
  set(entity.flag(kStorm), kCaseStorm);
  return out;
}

std::string_view raw_json(const Entity& entity, Name name) {
  const flow::Attribute* attribute = entity.find(name);
  const auto* json = attribute ? std::get_if<flow::Json>(&attribute->value) : nullptr;
  return json ? json->text.view() : std::string_view{};
}

}  // namespace

MapPlace MapPlace::of(double lon_deg, double lat_deg) {
  constexpr double kEdge_deg = 85.05112878;
  const double lat = std::clamp(lat_deg, -kEdge_deg, kEdge_deg) * std::numbers::pi / 180;
  const auto whole = [](double share) { return std::uint32_t(std::clamp(share * kAround, 0.0, kAround - 2)); };
  return {whole((lon_deg + 180) / 360), whole((1 - std::asinh(std::tan(lat)) / std::numbers::pi) / 2)};
}

double MapPlace::lon_deg() const {
  return (double(x) + .5) / kAround * 360 - 180;
}

double MapPlace::lat_deg() const {
  return std::atan(std::sinh(std::numbers::pi * (1 - 2 * (double(y) + .5) / kAround))) * 180 / std::numbers::pi;
}

CaseRow row_of(const Entity& entity, std::string_view known_text, std::uint64_t& text_mark) {
  static const std::array<std::pair<CaseField, Name>, 13> kTexts{{{CaseField::state, Name("state")},
                                                                  {CaseField::stage, Name("stage")},
                                                                  {CaseField::outcome, Name("outcome")},
                                                                  {CaseField::kind, Name("kind")},
                                                                  {CaseField::rule, Name("rule")},
                                                                  {CaseField::severity, Name("severity")},
                                                                  {CaseField::department, Name("department")},
                                                                  {CaseField::area, Name("area")},
                                                                  {CaseField::category, Name("category")},
                                                                  {CaseField::channel, Name("channel")},
                                                                  {CaseField::cell, Name("cell")},
                                                                  {CaseField::crew, Name("crew")},
                                                                  {CaseField::holder, Name("holder")}}};
  static const Name kReporter("openedBy"), kRating("rating"), kOpened("openedAt"), kDue("dueAt"), kClosed("closedAt"),
      kTitle("title"), kDescription("description"), kAddress("address"), kCode("code");
  CaseRow row;
  row.id = entity.id.text();
  for (const auto& [field, name] : kTexts) row.field(field) = entity.text(name);
  row.field(CaseField::reporter) = entity.text(kReporter);
  row.field(CaseField::assisting) = assisting_of(entity);
  row.flags = flags_of(entity);
  row.severity = std::uint8_t(flow::severity_from(row.field(CaseField::severity)).value_or(flow::Severity::minor));
  row.rating = std::uint8_t(std::clamp(entity.number(kRating).value_or(0), 0.0, 5.0));
  if (const flow::Instant opened = entity.instant(kOpened); opened != flow::kNever) row.opened_us = base::to_us(opened);
  row.due_s = seconds_of(entity.instant(kDue));
  row.closed_s = seconds_of(entity.instant(kClosed));
  row.place = place_of(entity);
  std::uint64_t mark = 1;
  const std::string_view title = raw_json(entity, kTitle);
  for (const std::string_view part : {title, entity.text(kDescription), entity.text(kAddress), entity.text(kCode)})
    mark = text::hash64(part, mark);
  mark |= 1;
  if (mark == text_mark) row.text = known_text;
  else {
    const flow::Bilingual both = flow::language_field(entity, "title");
    row.text = searchable_text({both.zh, both.en == both.zh ? std::string_view{} : std::string_view(both.en),
                                entity.text(kDescription), entity.text(kAddress), entity.text(kCode)});
  }
  text_mark = mark;
  return row;
}

}  // namespace cityloop::serve
