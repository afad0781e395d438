#include "domain/traffic/transit/pace.h"

#include <algorithm>

namespace cityloop::traffic {

PaceBook::Key PaceBook::key_of(const Schedule& s, TripNo trip, std::uint32_t call, bool dwell) {
  const Trip& one = s.trips[at(trip)];
  const StopNo to = s.call(trip, call).stop;
  return {one.route, one.direction, dwell || call == 0 ? to : s.call(trip, call - 1).stop, to};
}

void PaceBook::learn(const Schedule& s, TripNo trip, std::uint32_t call, bool dwell, double more_s) {
  Mean& mean = learned_[key_of(s, trip, call, dwell)];
  ++mean.count;
  const double share = mean.count <= kPlain ? 1.0 / mean.count : kShare;
  mean.s += share * (std::clamp(more_s, -kSampleMax_s, kSampleMax_s) - mean.s);
}

std::optional<double> PaceBook::more_s(const Schedule& s, TripNo trip, std::uint32_t call, bool dwell) const {
  const auto found = in_force_.find(key_of(s, trip, call, dwell));
  if (found == in_force_.end() || found->second.count < kLeast) return std::nullopt;
  return found->second.s;
}

void PaceBook::save(base::ByteWriter& out, const Schedule& s) const {
  for (const Means* means : {&learned_, &in_force_}) {
    out.varint(means->size());
    for (const auto& [key, mean] : *means) {
      const auto& [route, direction, from, to] = key;
      out.text(s.text(s.routes[at(route)].id));
      out.u8(direction);
      out.text(s.text(s.stops[at(from)].id));
      out.text(s.text(s.stops[at(to)].id));
      out.f64(mean.s);
      out.varint(mean.count);
    }
  }
}

base::Status PaceBook::load(base::ByteReader& in, const Schedule& s) {
  for (Means* means : {&learned_, &in_force_}) {
    for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
      const RouteNo route = s.route_of(in.text());
      const std::uint8_t direction = in.u8();
      const StopNo from = s.stop_of(in.text()), to = s.stop_of(in.text());
      Mean mean;
      mean.s = in.f64();
      mean.count = std::uint32_t(in.varint());
      if (route != kNo<RouteNo> && from != kNo<StopNo> && to != kNo<StopNo>)
        (*means)[{route, direction, from, to}] = mean;
    }
  }
  if (!in.ok()) return base::fail(base::Errc::corrupt, "what was learned of running times is cut off");
  return {};
}

}  // namespace cityloop::traffic
