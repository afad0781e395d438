#include "domain/traffic/signal/interlock.h"

namespace cityloop::traffic {

using base::Errc;
using base::fail;

SignalInterlock::SignalInterlock(std::vector<SignalDevice> devices) {
  for (SignalDevice& device : devices) {
    const std::string_view id = device.device.text();
    watched_.emplace(id, DeviceLights(std::move(device)));
  }
}

void SignalInterlock::see(const flow::Change& change, flow::Instant at) {
  const auto found = watched_.find(change.entity.text());
  if (found != watched_.end()) found->second.see(change, at);
}

base::Status SignalInterlock::check(flow::EntityId device, std::string_view command, const flow::Value& value,
                                    flow::Instant at) const {
  const auto found = watched_.find(device.text());
  if (found == watched_.end())
    return fail(Errc::refused, "'{}' stands at no junction of the settings: nothing can be checked", device.text());
  const DeviceLights& one = found->second;
  if (command != kStageCommand) return fail(Errc::refused, "what '{}' does to the lights is not known", command);
  const int stage = TRY(stage_from(one.junction(), value));
  if (const std::string barred = one.barred(); !barred.empty()) return fail(Errc::refused, "{}", barred);
  const double now_s = seconds_of(at);
  const Answer answer = one.lights()->ask(stage, now_s);
  if (!answer.granted()) return fail(Errc::refused, "{}", reason(one.junction(), answer, now_s));
  return {};
}

void SignalInterlock::sent(flow::EntityId device, std::string_view command, const flow::Value& value,
                           flow::Instant at) {
  const auto found = watched_.find(device.text());
  if (found == watched_.end() || command != kStageCommand) return;
  if (const auto stage = stage_from(found->second.junction(), value)) found->second.sent(*stage, at);
}

void SignalInterlock::save(base::ByteWriter& out) const {
  out.varint(watched_.size());
  for (const auto& [device, one] : watched_) {
    out.text(device);
    base::ByteWriter state;
    one.save(state);
    out.text(state.view());
  }
}

base::Status SignalInterlock::load(base::ByteReader& in) {
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    const auto found = watched_.find(in.text());
    base::ByteReader state(in.text());
    if (!in.ok() || found == watched_.end()) continue;
    found->second.load(state);
    if (!state.ok()) break;
  }
  if (!in.ok()) return fail(Errc::corrupt, "what was kept of the signals is cut short");
  return {};
}

}  // namespace cityloop::traffic
