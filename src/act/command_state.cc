// The checkpoint of CommandLoop.
#include "act/command_loop.h"

namespace cityloop::act {

using flow::Command;
using flow::CommandStatus;

namespace {

constexpr std::uint8_t kFormat = 1;

void put(base::ByteWriter& out, const Command& command) {
  for (const EntityId id : {command.id, command.device, command.for_case}) out.text(id.text());
  for (const std::string* text :
       {&command.name, &command.value, &command.requested_by, &command.approved_by, &command.reason}) {
    out.text(*text);
  }
  out.u8(std::uint8_t(command.status));
  out.varint(command.attempts);
  for (const Instant at : {command.requested_at, command.sent_at, command.answered_at}) out.svarint(base::to_us(at));
}

Command get_command(base::ByteReader& in) {
  Command command;
  for (EntityId* id : {&command.id, &command.device, &command.for_case}) *id = EntityId(in.text());
  for (std::string* text :
       {&command.name, &command.value, &command.requested_by, &command.approved_by, &command.reason}) {
    *text = in.text();
  }
  command.status = CommandStatus(in.u8());
  command.attempts = std::uint32_t(in.varint());
  for (Instant* at : {&command.requested_at, &command.sent_at, &command.answered_at}) *at = base::from_us(in.svarint());
  return command;
}

}  // namespace

void CommandLoop::save(base::ByteWriter& out) const {
  out.u8(kFormat);
  out.svarint(base::to_us(now_));
  devices_.save(out);
  std::map<std::string_view, const Live*> ordered;
  for (const auto& [id, live] : live_) ordered[id.text()] = &live;
  out.varint(ordered.size());
  for (const auto& [id, live] : ordered) {
    put(out, live->is);
    out.u8(std::uint8_t(live->wait));
    out.svarint(base::to_us(live->due));
  }
}

base::Status CommandLoop::load(base::ByteReader& in) {
  live_.clear();
  timers_.clear();
  unpublished_.clear();
  if (const std::uint8_t format = in.u8(); format != kFormat)
    return base::fail(base::Errc::corrupt, "the checkpoint of act has format {}, not {}", format, kFormat);
  now_ = base::from_us(in.svarint());
  devices_.load(in);
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) {
    const Command command = get_command(in);
    Live& live = live_[command.id];
    live.is = command;
    const auto wait = Wait(in.u8());
    wait_for(live, wait, base::from_us(in.svarint()));
    DeviceState* device = devices_.find(command.device);
    if (device && wait != Wait::forget) device->open.insert(command.id.text());
    // Whether it reached the broker before the restart is not known; the device tells a repetition by the id.
    if (command.status == CommandStatus::sent) unpublished_.push_back(command.id);
  }
  if (!in.ok()) return base::fail(base::Errc::corrupt, "the checkpoint of act is cut short");
  return {};
}

}  // namespace cityloop::act
