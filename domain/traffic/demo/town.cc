#include "domain/traffic/demo/town.h"

#include <algorithm>

#include "base/log.h"
#include "domain/traffic/signal/interlock.h"
#include "domain/traffic/simulation/inside.h"

namespace cityloop::traffic {
namespace {

constexpr std::size_t kAnswersKept = 2000;
constexpr double kKmh = 3.6;

double tenth(double value) {
  return std::round(value * 10) / 10;
}

base::Result<int> stage_of(const Junction& junction, const base::JsonValue& value) {
  if (const std::string* text = value.text()) return stage_from(junction, flow::Value(flow::Text(*text)));
  if (const double* number = value.number()) return stage_from(junction, flow::Value(*number));
  return base::fail(base::Errc::invalid, "a stage is told by its name, its number or its lights");
}

// What a detector says of a second, `times` as much of everything that it counts.
std::string fields_of(const LaneSecond& seen, int times) {
  base::JsonWriter fields;
  fields.object()
      .field("entered", times * seen.entered)
      .field("left", times * seen.left)
      .field("onLane", times * seen.on_lane)
      .field("queue", times * seen.queue)
      .field("occupancy", seen.line_occupied ? 1 : 0)
      .field("waited", std::round(seen.waited_s));
  if (seen.on_lane > 0) fields.field("speed", tenth(seen.speed_sum_mps / seen.on_lane * kKmh));
  fields.key("vehicles").array();
  for (const SeenVehicle& one : seen.vehicles) {
    for (int i = 0; i < std::abs(times); ++i)
      fields.object()
          .field("toEnd", tenth(one.to_end_m) * (times < 0 ? -1 : 1))
          .field("speed", tenth(one.speed_mps))
          .field("waited", std::round(one.waited_s))
          .field("track", one.track)
          .field("kind", one.kind == VehicleKind::bus ? "bus" : "car")
          .end();
  }
  return fields.end().end().take();
}

}  // namespace

Town::Town(Streets& streets, const std::vector<Junction>& junctions, TownParts parts)
    : streets_(streets),
      junctions_(junctions),
      garages_(std::move(parts.garages)),
      buses_(streets, std::move(parts.lines), parts.begins, std::move(parts.zone)) {
  for (const SegmentPlace& place : streets.segments()) {
    const std::string end = place.id.substr(place.id.find('-') + 1);
    const bool lights = std::ranges::find(junctions, end, &Junction::id) != junctions.end();
    segments_.emplace_back(place.id, place.length_m, place.lanes,
                           free_flow_mps(place.length_m, place.limit_mps, lights));
  }
  for (const TownSign& sign : parts.signs) signs_.try_emplace(sign.id);
  for (const Junction& junction : junctions) {
    Cabinet cabinet{.controller = std::make_unique<FieldController>(junction, streets.now_s()),
                    .watch = RoadWatch(junction),
                    .told = {},
                    .orders = {}};
    cabinets_.emplace(junction.id, std::move(cabinet));
    for (const Lane& lane : junction.lanes) {
      if (!lane.id.starts_with(':')) detectors_.try_emplace(lane.id);
    }
  }
}

void Town::take(std::string_view topic, std::string_view payload) {
  const auto told = base::JsonValue::parse(payload);
  constexpr std::string_view kPrefix = "cityloop/", kSuffix = "/cmd";
  if (told && topic.starts_with(kPrefix) && topic.ends_with(kSuffix)) {
    topic.remove_prefix(kPrefix.size());
    return take_command(topic.substr(0, topic.size() - kSuffix.size()), *told);
  }
  base::Status done = base::fail(base::Errc::invalid, "{} is not understood", topic);
  if (told && topic == "traffic/demo/fault")
    done = apply_fault(told->text_or("target", ""), told->text_or("kind", ""), told->number_or("seconds", 5));
  if (told && topic == "traffic/demo/incident")
    done = streets_.block(told->text_or("target", ""), streets_.now_s() + told->number_or("seconds", 300));
  if (done) return;
  ++counts_.not_understood;
  base::log_warn("{}", done.error().message);
}

base::Status Town::apply_fault(std::string_view target, std::string_view kind, double seconds) {
  if (const auto cabinet = cabinets_.find(target); cabinet != cabinets_.end()) {
    if (kind != "late" && kind != "none")
      return base::fail(base::Errc::invalid, "a cabinet is late or none, not '{}'", kind);
    cabinet->second.late_s = kind == "late" ? seconds : 0;
    return {};
  }
  const auto detector = detectors_.find(target);
  if (detector == detectors_.end())
    return base::fail(base::Errc::not_found, "there is no '{}' that could fail", target);
  const std::pair<std::string_view, Lie> kinds[] = {{"none", Lie::none},
                                                    {"stuck", Lie::stuck},
                                                    {"negative", Lie::negative},
                                                    {"doubled", Lie::doubled},
                                                    {"silent", Lie::silent}};
  for (const auto& [name, lie] : kinds) {
    if (name != kind) continue;
    detector->second = {.lie = lie, .frozen = {}};
    return {};
  }
  return base::fail(base::Errc::invalid, "no detector is '{}'", kind);
}

bool Town::remember(const std::string& command) {
  if (const auto known = answers_.find(command); known != answers_.end()) {
    ++counts_.repeated;
    if (!known->second.topic.empty()) waiting_.push_back(known->second);  // else a late one has not been looked at yet
    return false;
  }
  ++counts_.received;
  answers_[command] = {};
  answered_.push_back(command);
  if (answered_.size() > kAnswersKept) {
    answers_.erase(answered_.front());
    answered_.pop_front();
  }
  return true;
}

void Town::take_command(std::string_view device, const base::JsonValue& told) {
  const auto cabinet = cabinets_.find(device);
  const auto sign = signs_.find(device);
  Order order{.id = told.text_or("command", ""),
              .receipt_topic = fmt::format("cityloop/{}/receipt", device),
              .value = {},
              .name = told.text_or("name", "")};
  if ((cabinet == cabinets_.end() && sign == signs_.end()) || order.id.empty()) {
    ++counts_.not_understood;
    return;
  }
  if (!remember(order.id)) return;
  if (const base::JsonValue* value = told.find("value")) order.value = *value;
  if (sign != signs_.end()) return show_on_sign(sign->first, order);
  order.due_s = streets_.now_s() + cabinet->second.late_s;
  cabinet->second.orders.push_back(std::move(order));
}

void Town::show_on_sign(const std::string& sign, const Order& order) {
  const std::string* const text = order.value.text();
  const bool done = text && order.name == "message";
  ++(done ? counts_.succeeded : counts_.failed);
  answer(order, "acknowledged", "", waiting_);
  answer(order, done ? "succeeded" : "failed", done ? "" : "a sign takes the command 'message' with a text", waiting_);
  if (done) signs_[sign] = {.text = *text, .told = false};
}

void Town::answer(const Order& order, std::string_view status, std::string_view reason, std::vector<TownMessage>& out) {
  base::JsonWriter payload;
  payload.object().field("command", order.id).field("status", status);
  if (!reason.empty()) payload.field("reason", reason);
  payload.end();
  out.push_back({order.receipt_topic, payload.take()});
  answers_[order.id] = out.back();
}

void Town::carry_out(Cabinet& cabinet, double now_s, std::vector<TownMessage>& out) {
  FieldController& controller = *cabinet.controller;
  std::erase_if(cabinet.orders, [&](Order& order) {
    if (now_s < order.due_s) return false;
    if (order.stage < 0) {
      answer(order, "acknowledged", "", out);
      const auto stage = order.name == kStageCommand
                             ? stage_of(controller.junction(), order.value)
                             : base::fail(base::Errc::unsupported, "'{}' is not done here", order.name);
      const base::Status done = stage ? controller.ask(*stage, now_s) : base::Status(std::unexpected(stage.error()));
      if (!done) {
        ++counts_.failed;
        answer(order, "failed", done.error().message, out);
        return true;
      }
      order.stage = *stage;
    }
    if (controller.stage() == order.stage && !controller.lit(now_s)) return false;
    const bool there = controller.stage() == order.stage;
    ++(there ? counts_.succeeded : counts_.failed);
    answer(order, there ? "succeeded" : "failed", there ? "" : "the junction went on before its green was lit", out);
    return true;
  });
}

base::Status Town::advance(base::Instant at, bool quiet, std::vector<TownMessage>& out) {
  const double now_s = streets_.now_s();
  for (auto& [id, cabinet] : cabinets_) {
    cabinet.controller->advance(now_s);
    carry_out(cabinet, now_s, out);
    streets_.show(id, cabinet.controller->letters(now_s));
    cabinet.watch.look(streets_.shown(id), now_s);
    cabinet.remote_seconds += cabinet.controller->remote();
    if (!quiet) tell_signal(id, cabinet, at, now_s, out);
  }
  TRY(streets_.step());
  ++seconds_;
  for (SegmentWatch& segment : segments_)
    segment.look(streets_.vehicles_on(segment.id()), streets_.mean_speed_mps(segment.id()));
  garages_.look(streets_.began(), streets_.ended());
  buses_.look(at);
  if (quiet) return {};
  std::ranges::move(waiting_, std::back_inserter(out));
  waiting_.clear();
  tell_lanes(at, out);
  tell_zones(at, out);
  if (seconds_ % 30 == 0) {
    tell_segments(at, out);
    tell_garages(at, out);
  }
  tell_signs(at, out);
  if (seconds_ % 5 == 0) out.push_back({"traffic/streets/state", figures(at)});
  return {};
}

void Town::tell_lanes(base::Instant at, std::vector<TownMessage>& out) {
  for (auto& [id, detector] : detectors_) {
    const LaneSecond seen = streets_.look(id);
    if (detector.lie == Lie::silent) continue;
    std::string text = fields_of(seen, detector.lie == Lie::negative ? -1 : detector.lie == Lie::doubled ? 2 : 1);
    if (detector.lie == Lie::stuck && detector.frozen.empty() && seen.on_lane > 0) detector.frozen = text;
    if (!detector.frozen.empty()) text = detector.frozen;
    out.push_back({fmt::format("traffic/lane/{}/state", id),
                   fmt::format(R"({{"at":"{}",{})", base::format_time(at), text.substr(1))});
  }
}

// While somebody is within; and each two seconds that nobody is.
void Town::tell_zones(base::Instant at, std::vector<TownMessage>& out) const {
  for (const Junction& junction : junctions_) {
    const std::vector<InsideVehicle> within = look_inside(junction);
    if (within.empty() && seconds_ % 2 != 0) continue;
    base::JsonWriter payload;
    payload.object().field("at", base::format_time(at)).key("vehicles").array();
    for (const InsideVehicle& one : within) {
      payload.object()
          .field("movement", movement_name(junction, std::size_t(one.movement)))
          .field("toExit", tenth(one.to_exit_m))
          .field("speed", tenth(one.speed_mps))
          .field("waited", std::round(one.waited_s))
          .end();
    }
    payload.end().end();
    out.push_back({fmt::format("traffic/zone/{}/state", junction.id), payload.take()});
  }
}

void Town::tell_segments(base::Instant at, std::vector<TownMessage>& out) {
  for (SegmentWatch& segment : segments_) {
    base::JsonWriter payload;
    payload.object()
        .field("at", base::format_time(at))
        .field("speed", tenth(segment.speed_mps() * kKmh))
        .field("count", segment.on_it())
        .field("entered", segment.take_entered())
        .field("occupancy", std::round(segment.occupancy() * 1000) / 1000)
        .field("travelTime", tenth(segment.length_m() / segment.speed_mps()));
    payload.end();
    out.push_back({fmt::format("traffic/segment/{}/state", segment.id()), payload.take()});
  }
}

void Town::tell_garages(base::Instant at, std::vector<TownMessage>& out) const {
  for (const TownGarage& garage : garages_.all()) {
    base::JsonWriter payload;
    payload.object().field("at", base::format_time(at)).field("occupied", garage.taken).end();
    out.push_back({fmt::format("traffic/garage/{}/state", garage.id), payload.take()});
  }
}

void Town::tell_signs(base::Instant at, std::vector<TownMessage>& out) {
  for (auto& [id, sign] : signs_) {
    if (sign.told && seconds_ % 30 != 0) continue;
    sign.told = true;
    base::JsonWriter payload;
    payload.object().field("at", base::format_time(at)).field("text", sign.text.empty() ? "—" : sign.text).end();
    out.push_back({fmt::format("traffic/sign/{}/state", id), payload.take()});
  }
}

// When anything of it changes, and every ten seconds all the same.
void Town::tell_signal(const std::string& id, Cabinet& cabinet, base::Instant at, double now_s,
                       std::vector<TownMessage>& out) {
  const FieldController& controller = *cabinet.controller;
  const std::string letters = controller.letters(now_s);
  std::string told = letters + (controller.remote() ? "+" : "-");
  if (told == cabinet.told && now_s - cabinet.told_s < 10) return;
  cabinet.told = std::move(told);
  cabinet.told_s = now_s;
  base::JsonWriter payload;
  payload.object().field("at", base::format_time(at)).field("signalState", letters);
  if (controller.lit(now_s)) payload.field("stage", controller.junction().stages[std::size_t(controller.stage())].name);
  payload.field("mode", controller.remote() ? "remote" : "plan").field("localControl", false);
  payload.end();
  out.push_back({fmt::format("traffic/signal/{}/state", id), payload.take()});
}

void Town::start_count() {
  streets_.start_count();
  counts_ = {};
  seconds_ = 0;
  for (auto& [id, cabinet] : cabinets_) cabinet.remote_seconds = 0;
  for (auto& [id, detector] : detectors_) (void)streets_.look(id);
}

std::uint64_t Town::violations() const {
  std::uint64_t all = 0;
  for (const auto& [id, cabinet] : cabinets_) all += cabinet.watch.violations();
  return all;
}

std::string Town::figures(base::Instant at) const {
  const Streets::Delay delay = streets_.delay();
  std::uint64_t remote = 0, remote_now = 0, takeovers = 0, fallbacks = 0, forced = 0;
  std::string last;
  for (const auto& [id, cabinet] : cabinets_) {
    remote += cabinet.remote_seconds;
    remote_now += cabinet.controller->remote();
    takeovers += cabinet.controller->takeovers();
    fallbacks += cabinet.controller->fallbacks();
    forced += cabinet.controller->forced();
    if (!cabinet.watch.last().empty()) last = cabinet.watch.last();
  }
  base::JsonWriter out;
  out.object()
      .field("at", base::format_time(at))
      .field("seconds", seconds_)
      .field("delay", std::round(delay.mean_s() * 100) / 100)
      .field("vehicles", delay.vehicles)
      .field("running", streets_.running())
      .field("standing", streets_.standing())
      .field("arrived", streets_.arrived())
      .field("collisions", streets_.collisions())
      .field("violations", violations())
      .field("violation", last)
      .field("remoteShare", double(remote) / std::max(1.0, double(seconds_ * cabinets_.size())))
      .field("remoteNow", remote_now)
      .field("cabinets", cabinets_.size())
      .field("takeovers", takeovers)
      .field("fallbacks", fallbacks)
      .field("forced", forced)
      .field("received", counts_.received)
      .field("succeeded", counts_.succeeded)
      .field("failed", counts_.failed)
      .field("repeated", counts_.repeated)
      .field("notUnderstood", counts_.not_understood);
  return out.end().take();
}

}  // namespace cityloop::traffic
