#include "domain/traffic/signal/signal_routes.h"

#include <algorithm>
#include <cmath>

#include "domain/traffic/signal/lane_street.h"
#include "flow/noun.h"
#include "serve/city.h"
#include "serve/respond.h"
#include "serve/views.h"

namespace cityloop::traffic {
namespace {

using base::JsonWriter;
using flow::operator""_name;
using serve::Call;
using serve::Names;

constexpr base::Duration kSilentAfter = std::chrono::minutes(2);

void write_number(JsonWriter& out, std::string_view key, std::optional<double> value) {
  out.key(key);
  if (value) out.number(*value);
  else out.null();
}

const flow::Entity& nothing() {
  static const flow::Entity none;
  return none;
}

int stage_of(const Junction& junction, std::string_view name) {
  const auto found = std::ranges::find(junction.stages, name, &Stage::name);
  return found == junction.stages.end() ? -1 : int(found - junction.stages.begin());
}

flow::Instant observed_at(const flow::Entity& signal) {
  const flow::Attribute* const queue = signal.find("queue"_name);
  return queue ? queue->observed_at : flow::kNever;
}

void write_signal(const SignalRoutes& on, JsonWriter& out, const SignalJunction& one, const Names& names) {
  const flow::EntityPtr held = on.twin.get(one.entity);
  const flow::Entity& signal = held ? *held : nothing();
  const flow::Instant seen = observed_at(signal), now = on.clock.now();
  const bool silent = seen == flow::kNever || now - seen > kSilentAfter;
  const std::string mode(signal.text("controlMode"_name));
  out.object().field("id", one.entity.text());
  out.field("name", names.language == serve::Language::zh ? one.name.zh : one.name.en).key("position");
  if (one.lon_lat_deg) out.array().number(one.lon_lat_deg->first).number(one.lon_lat_deg->second).end();
  else out.null();
  out.field("mode", mode.empty() || (silent && mode != "local") ? "silent" : mode);
  serve::write_time(out, "modeSince", signal.instant("controlSince"_name));
  serve::write(out.key("modeReason"), flow::language_field(signal, "controlReason"));
  out.field("controller", one.controller);
  out.field("stage", stage_of(*one.junction, signal.text("currentStage"_name)));
  out.field("stageName", signal.text("currentStage"_name));
  const std::deque<PastStage> stages = on.past.of(one.entity).stages;
  write_number(out, "greenS",
               stages.empty()
                   ? std::optional<double>{}
                   : std::chrono::duration<double>(std::max(now, stages.back().at) - stages.back().at).count());
  const std::string_view reason = signal.text("phaseReasonCode"_name);
  out.field("reason", reason.empty() ? "no_data" : reason);
  serve::write(out.key("why"), flow::language_field(signal, "phaseReason"));
  write_number(out, "queue", signal.number("queue"_name));
  write_number(out, "delayS", signal.number("averageDelay"_name));
  write_number(out, "delayBeforeS", signal.number("averageDelayBefore"_name));
  serve::write_time(out, "observedAt", seen);
  out.end();
}

void list(const SignalRoutes& on, const Call& call, net::Reply reply) {
  const Names names{on.twin, serve::language_of(call.request)};
  JsonWriter out;
  out.object();
  serve::write_time(out, "at", on.clock.now());
  out.key("signals").array();
  for (const SignalJunction& one : on.settings.junctions) write_signal(on, out, one, names);
  out.end().end();
  reply(serve::json_response(out));
}

// The street that a lane belongs to, by the habits of lanes' names: "-E1_0" and "E1_1" are of E1, "n_in" and "n_out" of
// n.
std::string arm_of(std::string_view id) {
  while (!id.empty() && id.back() >= '0' && id.back() <= '9') id.remove_suffix(1);
  if (id.ends_with('_')) id.remove_suffix(1);
  for (const std::string_view ending : {"_in", "_out"})
    if (id.ends_with(ending)) id.remove_suffix(ending.size());
  if (id.starts_with('-')) id.remove_prefix(1);
  return std::string(id);
}

// Of the first detector that tells it.
std::optional<double> told_of(const SignalRoutes& on, const Lane& lane, flow::Name what) {
  for (const std::string& detector : lane.detectors) {
    const flow::EntityPtr entity = on.twin.get(flow::EntityId::lookup(detector));
    const flow::Attribute* const told = entity ? entity->find(what) : nullptr;
    if (told && on.clock.now() - told->observed_at <= kSilentAfter) return entity->number(what);
  }
  return std::nullopt;
}

void write_arm(JsonWriter& out, const Junction& junction, std::size_t lane, const std::vector<LaneStreet>& streets) {
  const LaneStreet* const street = streets.empty() ? nullptr : &streets[lane];
  const bool placed = street && street->arm;
  out.field("arm", arm_of(junction.lanes[placed ? std::size_t(*street->arm) : lane].id));
  write_number(out, "bearingDeg", placed ? std::optional(std::round(street->bearing_deg)) : std::nullopt);
  if (street && !street->name.empty()) out.field("name", street->name);
}

void write_lanes(const SignalRoutes& on, JsonWriter& out, const SignalJunction& one, const Names& names) {
  const Junction& junction = *one.junction;
  std::vector<LaneStreet> streets;
  if (one.lon_lat_deg) streets = lane_streets(junction, {one.lon_lat_deg->first, one.lon_lat_deg->second}, names);
  out.key("lanes").array();
  for (std::size_t i = 0; i < junction.lanes.size(); ++i) {
    const Lane& lane = junction.lanes[i];
    const auto count = told_of(on, lane, "vehicleCount"_name), queue = told_of(on, lane, "queueLength"_name);
    const auto passed = told_of(on, lane, "intensity"_name);
    out.object().field("id", lane.id).field("role", lane.role == LaneRole::exit ? "exit" : "approach");
    write_arm(out, junction, i, streets);
    out.field("known", lane.detectors.empty() || count || queue || passed);
    write_number(out, "queue", queue);
    write_number(out, "count", count);
    out.key("waitedS").null().end();
  }
  out.end();
}

std::string_view kind_name(MovementKind kind) {
  switch (kind) {
    case MovementKind::straight: return "straight";
    case MovementKind::left: return "left";
    case MovementKind::right: return "right";
    case MovementKind::u_turn: return "u_turn";
    case MovementKind::pedestrian: return "pedestrian";
  }
  return "";
}

std::string lights_of(const Junction& junction, int stage) {
  std::string out;
  if (stage < 0) return out;
  for (const Aspect aspect : junction.stages[std::size_t(stage)].aspects) out += letter(aspect);
  return out;
}

void write_model(JsonWriter& out, const Junction& junction) {
  out.key("movements").array();
  for (const Movement& one : junction.movements)
    out.object().field("from", one.from).field("to", one.to).field("kind", kind_name(one.kind)).end();
  out.end().key("stages").array();
  for (std::size_t i = 0; i < junction.stages.size(); ++i) {
    const Stage& stage = junction.stages[i];
    out.object().field("name", stage.name).field("lights", lights_of(junction, int(i)));
    out.field("minGreenS", stage.min_green_s).field("maxGreenS", stage.max_green_s);
    double green_s = 0;
    for (const PlanStep& step : junction.plan.steps)
      if (step.stage == int(i)) green_s += step.green_s;
    write_number(out, "planS", green_s > 0 ? std::optional(green_s) : std::nullopt);
    out.end();
  }
  out.end();
}

void write_past(JsonWriter& out, const Junction& junction, const JunctionPast& past) {
  out.key("decisions").array();
  for (auto it = past.stages.rbegin(); it != past.stages.rend(); ++it) {
    out.object();
    serve::write_time(out, "at", it->at);
    out.field("stage", stage_of(junction, it->stage)).field("reason", it->reason.empty() ? "no_data" : it->reason);
    serve::write(out.key("why"), it->why);
    out.field("lane", -1);
    write_number(out, "queue", it->queue);
    write_number(out, "expectedDelayS", it->expected_delay_s);
    write_number(out, "otherDelayS", it->other_delay_s);
    write_number(out, "shownS", it->shown_s);
    out.end();
  }
  out.end().key("modes").array();
  for (auto it = past.modes.rbegin(); it != past.modes.rend(); ++it) {
    out.object();
    serve::write_time(out, "at", it->at);
    out.field("mode", it->mode);
    serve::write(out.key("reason"), it->reason);
    out.end();
  }
  out.end().key("delays").array();
  for (const PastDelay& one : past.delays) {
    out.array().number(double(base::to_us(one.at)) / 1000);
    for (const auto& value : {one.delay_s, one.by_plan_s}) {
      if (value) out.number(*value);
      else out.null();
    }
    out.end();
  }
  out.end();
}

void show(const SignalRoutes& on, const Call& call, net::Reply reply) {
  const std::string_view id = serve::path_part(call, "id");
  const auto found =
      std::ranges::find_if(on.settings.junctions, [&](const SignalJunction& one) { return one.entity.text() == id; });
  if (found == on.settings.junctions.end())
    return reply(net::problem(404, "not found", fmt::format("there is no signal '{}'", id)));
  const Junction& junction = *found->junction;
  const flow::EntityPtr held = on.twin.get(found->entity);
  JsonWriter out;
  out.object().key("signal");
  const Names names{on.twin, serve::language_of(call.request)};
  write_signal(on, out, *found, names);
  write_lanes(on, out, *found, names);
  write_model(out, junction);
  out.field("lights", held ? lights_of(junction, stage_of(junction, held->text("currentStage"_name))) : "");
  out.field("cycleS", junction.plan.cycle_s());
  write_past(out, junction, on.past.of(found->entity));
  out.end();
  reply(serve::json_response(out));
}

}  // namespace

void SignalRoutes::add_to(net::Router& router) const {
  const auto bind = serve::binder(*this);
  router.add(net::Method::get, "/api/v1/traffic/signals", bind(trust::Permission::read_city, list));
  router.add(net::Method::get, "/api/v1/traffic/signals/{id}", bind(trust::Permission::read_city, show));
}

}  // namespace cityloop::traffic
