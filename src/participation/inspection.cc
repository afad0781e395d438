#include "participation/inspection.h"

#include <array>

#include "base/json_value.h"
#include "flow/case_parts.h"
#include "flow/noun.h"
#include "flow/own_types.h"
#include "geo/shape.h"

namespace cityloop::participation {
namespace {

using base::Result;

constexpr std::string_view kPrefix = "urn:cityloop:Inspection:";
constexpr std::array<std::string_view, 3> kTasks{"patrol", "verify", "look"};
constexpr std::array<std::string_view, 4> kStates{"open", "answered", "missed", "withdrawn"};
constexpr std::array<std::string_view, 3> kResults{"fine", "problem", "unreachable"};
constexpr std::array<std::string_view, 6> kOutcomes{"", "verified", "reworked", "noted", "filed", "kept"};

template <class Enum, std::size_t N>
std::optional<Enum> from_word(const std::array<std::string_view, N>& words, std::string_view text) {
  for (std::size_t i = 0; i < N; ++i) {
    if (words[i] == text) return Enum(i);
  }
  return std::nullopt;
}

std::string point_json(double lon_deg, double lat_deg) {
  return fmt::format(R"({{"type":"Point","coordinates":[{},{}]}})", lon_deg, lat_deg);
}

void read_point(const flow::Entity& entity, std::string_view name, double& lon_deg, double& lat_deg) {
  const auto shape = geo::Shape::from_geojson(flow::json_field(entity, name));
  if (!shape || shape->parts.empty() || shape->parts.front().empty()) return;
  lon_deg = shape->parts.front().front().lon_deg;
  lat_deg = shape->parts.front().front().lat_deg;
}

}  // namespace

std::string_view to_string(InspectionTask task) {
  return kTasks[std::size_t(task)];
}
std::string_view to_string(InspectionState state) {
  return kStates[std::size_t(state)];
}
std::string_view to_string(InspectionResult result) {
  return kResults[std::size_t(result)];
}
std::string_view to_string(InspectionOutcome outcome) {
  return kOutcomes[std::size_t(outcome)];
}
std::optional<InspectionResult> inspection_result_from(std::string_view text) {
  return from_word<InspectionResult>(kResults, text);
}
std::optional<InspectionState> inspection_state_from(std::string_view text) {
  return from_word<InspectionState>(kStates, text);
}

EntityId inspection_id(std::string_view tail) {
  return EntityId(fmt::format("{}{}", kPrefix, tail));
}

EntityId find_inspection(std::string_view tail) {
  return EntityId::lookup(fmt::format("{}{}", kPrefix, tail));
}

std::string_view tail_of(const Inspection& one) {
  return one.id.text().substr(kPrefix.size());
}

flow::Write to_write(const Inspection& one, flow::WriteMode mode) {
  flow::NounWriter out(one.id, flow::kInspectionType.text(), mode);
  out.text("task", to_string(one.task)).language("title", one.title).text("ask", one.ask);
  out.geo("location", point_json(one.lon_deg, one.lat_deg)).text("area", one.area).text("patrol", one.patrol);
  out.link("about", one.about).text("inspector", one.inspector).text("by", one.by);
  out.time("madeAt", one.made_at).time("dueAt", one.due_at).text("state", to_string(one.state));
  out.text("reason", one.reason);
  if (one.result) {
    out.text("result", to_string(*one.result)).text("note", one.note);
    if (!one.photos.empty()) out.json("photos", flow::texts_json(one.photos));
    out.geo("seenFrom", point_json(one.seen_lon_deg, one.seen_lat_deg)).number("distance", one.distance_m);
    out.time("seenAt", one.seen_at).time("answeredAt", one.answered_at);
    out.text("kind", one.kind).text("answerKey", one.answer_key);
    out.text("outcome", to_string(one.outcome)).link("made", one.made);
  }
  return out.take();
}

Result<Inspection> inspection_from(const flow::Entity& entity) {
  TRY(flow::require_type(entity, flow::kInspectionType.text()));
  Inspection out;
  const auto text = [&](const char* name) { return flow::text_field(entity, name); };
  out.id = entity.id;
  out.task = from_word<InspectionTask>(kTasks, text("task")).value_or(InspectionTask::look);
  out.title = flow::language_field(entity, "title");
  out.ask = text("ask");
  read_point(entity, "location", out.lon_deg, out.lat_deg);
  out.area = text("area");
  out.patrol = text("patrol");
  out.about = flow::link_field(entity, "about");
  out.inspector = text("inspector");
  out.by = text("by");
  out.made_at = flow::time_field(entity, "madeAt");
  out.due_at = flow::time_field(entity, "dueAt");
  out.state = inspection_state_from(text("state")).value_or(InspectionState::open);
  out.reason = text("reason");
  out.result = inspection_result_from(text("result"));
  out.note = text("note");
  if (const std::string photos = flow::json_field(entity, "photos"); !photos.empty())
    out.photos = TRY(flow::texts_from(photos));
  read_point(entity, "seenFrom", out.seen_lon_deg, out.seen_lat_deg);
  out.distance_m = entity.number(flow::Name("distance")).value_or(0);
  out.seen_at = flow::time_field(entity, "seenAt");
  out.answered_at = flow::time_field(entity, "answeredAt");
  out.kind = text("kind");
  out.answer_key = text("answerKey");
  out.outcome = from_word<InspectionOutcome>(kOutcomes, text("outcome")).value_or(InspectionOutcome::none);
  out.made = flow::link_field(entity, "made");
  return out;
}

}  // namespace cityloop::participation
