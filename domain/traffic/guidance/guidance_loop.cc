#include "domain/traffic/guidance/guidance_loop.h"

#include <algorithm>

#include "geo/street_network.h"

namespace cityloop::traffic {

RoadMap make_road_map(const geo::StreetGraphPtr& streets, std::span<const Segment> segments, std::uint64_t shapes) {
  RoadMap out;
  out.shapes = shapes;
  const geo::StreetGraphPtr graph = streets ? streets : geo::StreetGraph::make(streets_of_segments(segments));
  if (graph->pieces() == 0) return out;
  out.net = std::make_shared<const StreetNet>(graph);
  out.cover = std::make_shared<const SegmentCover>(match_segments(graph, segments));
  return out;
}

SegmentSpeeds GuidanceState::speeds(base::Instant at, const base::TimeZone& zone, base::Duration stale_after) const {
  SegmentSpeeds out;
  out.at = at;
  const std::uint32_t hour = hour_of_kind(zone.to_local(at));
  for (std::uint32_t i = 0; i < segments.size(); ++i) {
    const Segment& one = segments[i];
    const auto known = usual.usual(i, hour);
    out.usual.push_back(float(known ? known->speed_kmh : one.free_flow_kmh > 0 ? 0.9 * one.free_flow_kmh : kUnknown));
    for (std::size_t period = 0; period < kPeriods; ++period) {
      double kmh = kUnknown;
      if (period == 0 && !one.gone && one.is_fresh(at, stale_after)) kmh = one.speed_kmh;
      if (period > 0 && !one.gone) {
        if (const auto band = speed_forecasts.at(one.id, at + std::chrono::minutes(kPeriod_min[period])))
          kmh = band->middle;
      }
      out.periods[period].push_back(float(kmh));
    }
  }
  return out;
}

GuidanceLoop::GuidanceLoop(GuidanceOptions options) : options_(std::move(options)), desk_(options_.signs) {
  if (!options_.background) return;
  // Before anything is measured there are the streets, if the city has some: ways as they usually are.
  waiting_ = std::make_shared<const GuidanceState>(state_);
  if (!options_.streets) picture_ = std::make_shared<const GuidancePicture>(make_picture(waiting_, base::kNever));
  worker_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

GuidanceLoop::~GuidanceLoop() {
  worker_.request_stop();
  wake_.notify_all();
}

void GuidanceLoop::look(const flow::Change& change, base::Instant at) {
  desk_.see(change, at);
  bool any = state_.speed_forecasts.see(change, at);
  any |= state_.parking_forecasts.see(change, at);
  any |= state_.garages.see(change, options_.time_zone);
  if (const auto seen = state_.segments.see(change)) {
    any = true;
    const Segment& one = state_.segments[seen->segment];
    // Where nobody was measured the source may have made up a speed.
    if (seen->reading && !(one.intensity < 1) && one.speed_at != base::kNever) learn(seen->segment, one);
  }
  changed_ |= any;
}

// What is far from usual teaches as if it were a fifth off: an hour's blockage is not what is usual, a street that has
// become slow for good is in the end.
void GuidanceLoop::learn(std::uint32_t segment, const Segment& one) {
  const std::uint32_t hour = hour_of_kind(options_.time_zone.to_local(one.speed_at));
  const auto known = state_.usual.usual(segment, hour);
  const double kmh = known ? std::clamp(one.speed_kmh, 0.8 * known->speed_kmh, 1.25 * known->speed_kmh) : one.speed_kmh;
  state_.usual.learn(segment, hour, kmh);
}

void GuidanceLoop::on_record(const flow::LogRecord& record, twin::Outbox& out) {
  at_ = record.at;
  for (const flow::Change& change : record.changes) look(change, record.at);
  if (options_.background) hand_over();  // most records make it write nothing: no commit follows
  if (options_.signs.signs.empty()) return;
  if (planned_at_ != base::kNever && record.at - planned_at_ < options_.signs.evaluate_every) return;
  planned_at_ = record.at;
  plan_signs(record.at, out);
}

void GuidanceLoop::plan_signs(base::Instant at, twin::Outbox& out) {
  if (!roads_.net || roads_.shapes != state_.segments.shapes())
    roads_ = make_road_map(options_.streets, state_.segments.all(), state_.segments.shapes());
  if (!roads_.net) return;
  const SegmentSpeeds speeds = state_.speeds(at, options_.time_zone, options_.stale_after);
  sign_times_ = StreetTimes::make(roads_.net, *roads_.cover, speeds, options_.times, sign_times_.get());
  desk_.evaluate({sign_times_, *roads_.cover, speeds, state_.segments.all()}, at, out);
}

void GuidanceLoop::save(base::ByteWriter& out) const {
  out.u8(2);
  state_.segments.save(out);
  state_.usual.save(out);
  state_.speed_forecasts.save(out);
  state_.garages.save(out);
  state_.parking_forecasts.save(out);
  desk_.save(out);
  out.svarint(base::to_us(at_));
  out.svarint(base::to_us(planned_at_));
}

base::Status GuidanceLoop::load(base::ByteReader& in) {
  if (in.u8() != 2) return base::fail(base::Errc::unsupported, "a checkpoint of guidance of another form");
  TRY(state_.segments.load(in));
  TRY(state_.usual.load(in));
  TRY(state_.speed_forecasts.load(in));
  TRY(state_.garages.load(in));
  TRY(state_.parking_forecasts.load(in));
  TRY(desk_.load(in));
  at_ = base::from_us(in.svarint());
  planned_at_ = base::from_us(in.svarint());
  changed_ = true;
  if (!in.ok()) return base::fail(base::Errc::corrupt, "a checkpoint of guidance ends too early");
  return {};
}

void GuidanceLoop::after_commit(flow::Seq) {
  hand_over();
}

// The state is copied for whoever makes the picture: some hundred bytes a segment, at most every `refresh`.
void GuidanceLoop::hand_over() {
  const auto now = std::chrono::steady_clock::now();
  if (!changed_ || at_ == base::kNever) return;
  if (options_.background && handed_ != std::chrono::steady_clock::time_point{} && now - handed_ < options_.refresh)
    return;
  changed_ = false;
  handed_ = now;
  auto state = std::make_shared<const GuidanceState>(state_);
  if (!options_.background) {
    auto picture = std::make_shared<const GuidancePicture>(make_picture(state, at_));
    const std::lock_guard lock(mutex_);
    picture_ = std::move(picture);
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    waiting_ = std::move(state);
    waiting_at_ = at_;
  }
  wake_.notify_one();
}

GuidancePicture GuidanceLoop::make_picture(const std::shared_ptr<const GuidanceState>& state, base::Instant at) {
  if (!picture_roads_.net || picture_roads_.shapes != state->segments.shapes())
    picture_roads_ = make_road_map(options_.streets, state->segments.all(), state->segments.shapes());
  const GuidancePicturePtr before = picture();
  const base::Instant hour =
      at == base::kNever ? base::from_us(0) : at;  // before the first record: nothing is usual yet
  GuidancePicture out{at, state, state->speeds(hour, options_.time_zone, options_.stale_after), picture_roads_,
                      nullptr};
  if (out.roads.net)
    out.times = StreetTimes::make(out.roads.net, *out.roads.cover, out.speeds, options_.times,
                                  before ? before->times.get() : nullptr);
  return out;
}

void GuidanceLoop::work(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::shared_ptr<const GuidanceState> state;
    base::Instant at;
    {
      std::unique_lock lock(mutex_);
      if (!wake_.wait(lock, stop, [&] { return waiting_ != nullptr; })) return;
      state = std::exchange(waiting_, nullptr);
      at = waiting_at_;
    }
    auto picture = std::make_shared<const GuidancePicture>(make_picture(state, at));
    const std::lock_guard lock(mutex_);
    picture_ = std::move(picture);
  }
}

GuidancePicturePtr GuidanceLoop::picture() const {
  const std::lock_guard lock(mutex_);
  return picture_;
}

}  // namespace cityloop::traffic
