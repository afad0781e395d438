#include "civic/public_view.h"

#include <algorithm>
#include <cmath>

#include "base/json_value.h"
#include "casework/case_archive.h"
#include "civic/personal.h"
#include "geo/shape.h"
#include "serve/views.h"

namespace cityloop::civic {
namespace {

using base::JsonValue;
using base::JsonWriter;

constexpr double kMetresPerDegree = 111'320;

bool is_citizens(std::string_view channel) {
  return channel == "citizen" || channel == "open311";
}

// On a grid of squares `round_m` wide, at the middle of the one it lies in.
PublicPlace rounded(PublicPlace place, double round_m) {
  if (round_m <= 0) {
    const auto at_about_a_metre = [](double degrees) { return std::round(degrees * 1e5) / 1e5; };
    return {at_about_a_metre(place.lon_deg), at_about_a_metre(place.lat_deg), 0};
  }
  const double step_lat = round_m / kMetresPerDegree;
  const double lat = (std::floor(place.lat_deg / step_lat) + 0.5) * step_lat;
  const double step_lon = step_lat / std::max(0.01, std::cos(lat * std::numbers::pi / 180));
  const double lon = (std::floor(place.lon_deg / step_lon) + 0.5) * step_lon;
  return {std::round(lon * 1e5) / 1e5, std::round(lat * 1e5) / 1e5, round_m * 0.71};  // half of a diagonal
}

void write_both(JsonWriter& out, std::string_view key, const Bilingual& text) {
  out.key(key);
  if (text.zh.empty() && text.en.empty()) out.null();
  else serve::write(out, text);
}

void write_text(JsonWriter& out, std::string_view key, std::string_view text) {
  out.key(key);
  if (text.empty()) out.null();
  else out.text(text);
}

// A text of what a person filled in with a step; empty when there is none.
std::string filled_in(const flow::CaseStep& step, std::string_view field) {
  if (step.given.empty()) return {};
  const auto given = JsonValue::parse(step.given);
  return given ? given->text_or(field, "") : std::string();
}

std::string named_department(const flow::CaseStep& step) {
  return filled_in(step, "department");
}

// The workflow's steps that mean more to a citizen than the state they lead to.
constexpr std::string_view kAsks = "ask_reporter", kForwards = "forward";

const casework::Workflow* workflow_of(const casework::CaseRulesPtr& rules, const flow::Case& one) {
  return rules ? rules->find_workflow(one.workflow) : nullptr;
}

}  // namespace

std::string code_of(const flow::Case& one) {
  if (!one.code.empty()) return one.code;
  const std::string_view id = one.id.text();
  return std::string(id.substr(id.rfind(':') + 1));
}

std::optional<PublicPlace> place_of(const flow::Case& one) {
  if (one.location.empty()) return std::nullopt;
  const auto shape = geo::Shape::from_geojson(one.location);
  if (!shape || shape->parts.empty() || shape->parts.front().empty()) return std::nullopt;
  const geo::Position at = shape->parts.front().front();
  return PublicPlace{at.lon_deg, at.lat_deg, 0};
}

void write_place(JsonWriter& out, std::string_view key, const std::optional<PublicPlace>& place) {
  out.key(key);
  if (!place) return void(out.null());
  out.object().field("lon", place->lon_deg).field("lat", place->lat_deg);
  if (place->within_m > 0) out.field("within_m", place->within_m);
  out.end();
}

void write_fields(JsonWriter& out, const PublicCase& one) {
  out.field("code", one.code).field("service", one.service);
  serve::write(out.key("serviceName"), one.service_name);
  out.field("status", to_string(one.status));
  serve::write(out.key("statusText"), words_of(one.status, one.with));
  out.field("open", one.open);
  write_both(out, "with", one.with);
  write_text(out, "reason", one.reason);
  out.key("text");
  if (one.text) out.text(*one.text);
  else out.null();
  write_place(out, "place", one.place);
  out.key("photos").array();
  for (const std::string& id : one.photos) out.text(id);
  out.end().field("count", one.count);
  write_text(out, "mergedInto", one.merged_into);
  serve::write_time(out, "openedAt", one.opened_at);
  serve::write_time(out, "updatedAt", one.updated_at);
  serve::write_time(out, "dueAt", one.due_at);
  serve::write_time(out, "closedAt", one.closed_at);
}

void write_steps(JsonWriter& out, const std::vector<PublicStep>& steps) {
  out.key("steps").array();
  for (const PublicStep& step : steps) {
    out.object();
    serve::write_time(out, "at", step.at);
    out.field("status", to_string(step.status));
    serve::write(out.key("text"), words_of(step.status, step.with));
    write_both(out, "with", step.with);
    write_text(out, "reason", step.reason);
    out.end();
  }
  out.end();
}

const Service* PublicView::service_of(const flow::Case& one, std::string_view reported_as) const {
  if (const Service* said = settings().find(reported_as)) return said;
  const Service* by_kind = nullptr;
  for (const Service& service : settings().services) {
    if (service.kind != one.kind) continue;
    if (!service.category.empty() && service.category == one.category) return &service;
    if (service.category.empty() && !by_kind) by_kind = &service;
  }
  return by_kind;
}

std::optional<Publication> PublicView::publication(EntityId about) const {
  const EntityId id = find_publication_of(about);
  const flow::EntityPtr entity = id.empty() ? nullptr : twin.get(id);
  if (!entity) return std::nullopt;
  auto read = publication_from(*entity);
  return read ? std::optional(std::move(*read)) : std::nullopt;
}

bool PublicView::is_public(const flow::Case& one, const Service* service,
                           const std::optional<Publication>& said) const {
  if (!service || service->hidden) return false;
  if (!is_citizens(one.channel) && !(service->sensed && one.channel == "sensor")) return false;
  return !said || said->shown;
}

Bilingual PublicView::department_name(std::string_view id) const {
  if (id.empty()) return {};
  for (const auto& department : city.departments) {
    if (department.id == id) return department.name;
  }
  return {std::string(id), std::string(id)};
}

PublicStep PublicView::step(const flow::CaseStep& from, const casework::State& to, const std::string& department,
                            bool for_reporter) const {
  PublicStep out{from.at, status_of(to), {}, {}};
  if (from.verb == kAsks) {
    out.status = PublicStatus::asked;
    if (for_reporter) out.reason = from.note;
  } else if (from.verb == kForwards) {
    out.status = PublicStatus::sent;
    const std::string body = mask_personal(filled_in(from, "body"));
    out.with = {body, body};
  } else if (out.status == PublicStatus::sent || out.status == PublicStatus::in_work) {
    out.with = department_name(department);
  }
  if (has_reason(out.status)) out.reason = mask_personal(from.note);
  return out;
}

// A step that neither changes how it stands nor who has it is not told.
std::vector<PublicStep> PublicView::steps(const flow::Case& one, bool for_reporter) const {
  const casework::CaseRulesPtr rules = shelf.find(one.rules);
  const casework::Workflow* flow = workflow_of(rules, one);
  const bool says_department = std::any_of(one.timeline.begin(), one.timeline.end(),
                                           [](const flow::CaseStep& said) { return !named_department(said).empty(); });
  std::string department = says_department ? "" : one.department;
  std::vector<PublicStep> out;
  for (const flow::CaseStep& taken : one.timeline) {
    const int state = flow ? flow->find_state(taken.to) : -1;
    if (state < 0) continue;
    const std::string named = named_department(taken);
    const bool handed = !named.empty() && named != department;
    if (handed) department = named;
    PublicStep next = step(taken, flow->states[std::size_t(state)], department, for_reporter);
    const bool same = !out.empty() && out.back().status == next.status && taken.verb != kForwards;
    if (!same || (handed && next.status == PublicStatus::sent)) out.push_back(std::move(next));
  }
  if (out.empty()) out.push_back({one.opened_at, status_of(one), department_name(one.department), {}});
  return out;
}

PublicCase PublicView::make(const flow::Case& one, const Service* service,
                            const std::optional<Publication>& said) const {
  PublicCase out;
  out.id = one.id;
  out.code = code_of(one);
  out.service = service ? service->code : "";
  out.service_name = service ? service->name : one.title;
  const PublicStep now = steps(one).back();
  out.status = now.status;
  out.with = now.with;
  out.reason = now.reason;
  out.open = one.is_open();
  const std::string text = one.description.empty() ? "" : mask_personal(one.description);
  if (said) out.text = said->text;
  else if (!service || service->texts == Service::Texts::masked) out.text = text;
  if (const auto place = place_of(one)) out.place = rounded(*place, service ? service->round_m : 0);
  if (said) {
    for (const std::string& id : said->photos) {
      if (std::find(one.media.begin(), one.media.end(), id) != one.media.end()) out.photos.push_back(id);
    }
  }
  out.count = one.count;
  if (!one.merged_into.empty()) {
    const auto other = casework::find_case(twin, one.merged_into.text());
    if (other) out.merged_into = code_of(*other);
  }
  out.opened_at = one.opened_at;
  out.updated_at = one.timeline.empty() ? one.opened_at : one.timeline.back().at;
  out.due_at = one.is_open() ? one.due_at : flow::kNever;
  out.closed_at = one.closed_at;
  return out;
}

}  // namespace cityloop::civic
