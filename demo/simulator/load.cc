#include "demo/simulator/load.h"

#include <algorithm>
#include <cmath>

namespace cityloop::demo {

std::vector<Message> Load::advance(Instant now) {
  std::vector<Message> out;
  if (options_.messages_per_s <= 0 || sensors_.empty()) return out;
  auto due = std::uint64_t(std::max(0.0, double((now - start_).count()) / 1e6 * options_.messages_per_s));
  if (options_.count > 0) due = std::min(due, options_.count);
  for (; sent_ < due; ++sent_) {
    const Instant at = start_ + Duration(std::int64_t(std::llround(double(sent_) / options_.messages_per_s * 1e6)));
    const bool loud = options_.loud_every > 0 && sent_ % options_.loud_every == options_.loud_every - 1;
    const double level_dba = loud ? 110 : 40 + double(sent_ % 17);
    out.push_back({fmt::format("district/noise/{}/state", sensors_[sent_ % sensors_.size()]),
                   fmt::format(R"({{"at":"{}","LAeq":{}}})", base::format_time(at), level_dba)});
  }
  return out;
}

}  // namespace cityloop::demo
