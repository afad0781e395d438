#include "domain/traffic/signal/signal_loop.h"

#include <algorithm>

#include "domain/traffic/signal/seat.h"
#include "flow/noun.h"
#include "flow/own_types.h"

namespace cityloop::traffic {
namespace {

constexpr std::uint8_t kFormat = 2;
constexpr base::Duration kStep = std::chrono::seconds(1);

}  // namespace

SignalLoop::SignalLoop(SignalLoopOptions options) : options_(std::move(options)) {
  std::ranges::sort(options_.junctions, {}, [](const SignalJunction& one) { return one.junction->id; });
  for (std::size_t j = 0; j < options_.junctions.size(); ++j) {
    const SignalJunction& one = options_.junctions[j];
    seats_.push_back(std::make_unique<Seat>(one, options_));
    devices_[one.device] = j;
    for (std::size_t d = 0; d < one.detectors.size(); ++d) detectors_[one.detectors[d].entity].push_back({j, d});
    for (std::size_t z = 0; z < one.zones.size(); ++z) zones_[one.zones[z]].push_back({j, z});
    for (int lane = 0; lane < int(one.junction->lanes.size()); ++lane) {
      const Lane& is = one.junction->lanes[std::size_t(lane)];
      if (is.role != LaneRole::exit && !is.far_junction.empty())
        neighbours_[{is.far_junction, is.far_lane}].emplace_back(j, lane);
    }
  }
}

SignalLoop::~SignalLoop() = default;

void SignalLoop::on_record(const flow::LogRecord& record, twin::Outbox& out) {
  for (const flow::Change& change : record.changes) {
    if (change.is_a(flow::kCommandType)) {
      if (change.kind == flow::ChangeKind::erased) continue;
      const auto command = flow::command_from(flow::entity_after({}, change));
      const auto found = command ? devices_.find(command->device) : devices_.end();
      if (found != devices_.end()) seats_[found->second]->see_command(*command, record.at);
    } else if (const auto device = devices_.find(change.entity); device != devices_.end()) {
      seats_[device->second]->see_device(change, record.at);
    } else if (const auto detector = detectors_.find(change.entity); detector != detectors_.end()) {
      for (const Place& place : detector->second)
        seats_[place.junction]->see_detector(place.detector, change, record.at);
    } else if (const auto zone = zones_.find(change.entity); zone != zones_.end()) {
      for (const Place& place : zone->second) seats_[place.junction]->see_zone(place.detector, change, record.at);
    }
  }
  if (record.at != flow::kNever && (stepped_at_ == flow::kNever || record.at >= stepped_at_ + kStep))
    step(record.at, out);
}

void SignalLoop::step(flow::Instant at, twin::Outbox& out) {
  // By whole seconds, so that a record that comes a little late does not put off all that follow.
  stepped_at_ = std::chrono::floor<std::chrono::seconds>(at);
  for (const auto& seat : seats_) seat->step(at, out);
  pass_on_promises();
}

void SignalLoop::pass_on_promises() {
  for (const auto& seat : seats_) seat->promises().clear();
  for (const auto& seat : seats_) {
    const Junction& from = *seat->is().junction;
    for (const Outflow& outflow : seat->outflow()) {
      if (outflow.exit_lane < 0 || std::size_t(outflow.exit_lane) >= from.lanes.size()) continue;
      const auto found = neighbours_.find({from.id, from.lanes[std::size_t(outflow.exit_lane)].id});
      if (found == neighbours_.end()) continue;
      for (const auto& [junction, lane] : found->second)
        seats_[junction]->promises().push_back({lane, outflow.at_s, outflow.vehicles});
    }
  }
  for (const auto& seat : seats_) std::ranges::stable_sort(seat->promises(), {}, &Promise::at_s);
}

flow::Instant SignalLoop::wakes_at() const {
  return seats_.empty() || stepped_at_ == flow::kNever ? flow::kNever : stepped_at_ + kStep;
}

SignalLoop::Stats SignalLoop::stats() const {
  Stats out{};
  for (const auto& seat : seats_) seat->add_to(out);
  return out;
}

void SignalLoop::save(base::ByteWriter& out) const {
  out.u8(kFormat);
  out.svarint(base::to_us(stepped_at_));
  out.varint(seats_.size());
  for (const auto& seat : seats_) {
    out.text(seat->is().junction->id);
    base::ByteWriter state;
    seat->save(state);
    out.text(state.view());
  }
}

base::Status SignalLoop::load(base::ByteReader& in) {
  if (const std::uint8_t format = in.u8(); format != kFormat)
    return base::fail(base::Errc::corrupt, "the checkpoint of signals has format {}, not {}", format, kFormat);
  stepped_at_ = base::from_us(in.svarint());
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    const std::string_view id = in.text();
    base::ByteReader state(in.text());
    for (std::size_t j = 0; j < seats_.size() && in.ok(); ++j) {
      if (options_.junctions[j].junction->id != id) continue;
      // Of a junction that was described otherwise then: it begins anew.
      if (!seats_[j]->load(state)) seats_[j] = std::make_unique<Seat>(options_.junctions[j], options_);
    }
  }
  if (!in.ok()) return base::fail(base::Errc::corrupt, "the checkpoint of signals is cut short");
  return {};
}

}  // namespace cityloop::traffic
