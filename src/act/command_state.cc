// What CommandLoop keeps of itself, row by row; and whole, as it did before there were rows.
#include "act/command_loop.h"

#include <utility>

namespace cityloop::act {

using flow::Command;
using flow::CommandStatus;

namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kFormatWithInterlocks = 2;  // of whole checkpoints: the same, and the interlocks behind it
// In the order in which they must be read: devices (device_table.h) stand between head and interlocks.
constexpr char kHeadRow = 'a', kInterlockRow = 'i', kCommandRow = 'l';

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

std::string CommandLoop::head_row() const {
  base::ByteWriter out;
  out.u8(kFormat);
  out.svarint(base::to_us(now_));
  return out.take();
}

void CommandLoop::put(base::ByteWriter& out, const Live& live) {
  act::put(out, live.is);
  out.u8(std::uint8_t(live.wait));
  out.svarint(base::to_us(live.due));
}

// After its device, which is told of it.
void CommandLoop::get_live(EntityId id, base::ByteReader& in) {
  Live& live = live_[id];
  live.is = get_command(in);
  const auto wait = Wait(in.u8());
  wait_for(live, wait, base::from_us(in.svarint()));
  DeviceState* device = devices_.find(live.is.device);
  if (device && wait != Wait::forget) device->open.insert(id.text());
  // Whether it reached the broker before the restart is not known; the device tells a repetition by the id. Where an
  // interlock must be asked first, the retry does so.
  if (live.is.status == CommandStatus::sent && !(device && interlock_of(device->type))) unpublished_.push_back(id);
}

void CommandLoop::save_changed(twin::StateRows& rows) {
  rows.put(std::string(1, kHeadRow), head_row());
  devices_.save_changed(rows);
  for (const std::string& type : std::exchange(changed_interlocks_, {})) {
    const Interlock* interlock = interlock_of(type);
    if (!interlock) {
      rows.erase(kInterlockRow + type);
      continue;
    }
    base::ByteWriter out;
    interlock->save(out);
    rows.put(kInterlockRow + type, out.take());
  }
  for (const std::string_view id : std::exchange(changed_, {})) {
    const Live* live = find(EntityId(id));
    if (!live) {
      rows.erase(kCommandRow + std::string(id));
      continue;
    }
    base::ByteWriter out;
    put(out, *live);
    rows.put(kCommandRow + std::string(id), out.take());
  }
}

base::Status CommandLoop::load_row(std::string_view key, base::ByteReader& in) {
  if (key.starts_with(DeviceTable::kRow)) return devices_.load_row(key, in), base::Status{};
  if (key.starts_with(kCommandRow)) {
    const EntityId id(key.substr(1));
    get_live(id, in);
    changed_.erase(id.text());
    return {};
  }
  if (key.starts_with(kInterlockRow)) return load_interlock(key.substr(1), in);
  if (const std::uint8_t format = in.u8(); !key.starts_with(kHeadRow) || format != kFormat)
    return base::fail(base::Errc::corrupt, "row '{}' of act has format {}, not {}", key, format, kFormat);
  now_ = base::from_us(in.svarint());
  return {};
}

// What an interlock knew before its package was taken away would be out of date when it comes back: it is dropped.
base::Status CommandLoop::load_interlock(std::string_view device_type, base::ByteReader& in) {
  if (Interlock* interlock = interlock_of(device_type)) return interlock->load(in);
  changed_interlocks_.emplace(device_type);
  in = base::ByteReader({});
  return {};
}

void CommandLoop::save(base::ByteWriter& out) const {
  out.u8(interlocks_.empty() ? kFormat : kFormatWithInterlocks);
  out.svarint(base::to_us(now_));
  devices_.save(out);
  std::map<std::string_view, const Live*> ordered;
  for (const auto& [id, live] : live_) ordered[id.text()] = &live;
  out.varint(ordered.size());
  for (const auto& [id, live] : ordered) put(out, *live);
  if (interlocks_.empty()) return;
  out.varint(interlocks_.size());
  for (const auto& interlock : interlocks_) {
    out.text(interlock->device_type());
    base::ByteWriter state;
    interlock->save(state);
    out.text(state.view());
  }
}

// A whole checkpoint, from before there were rows: all of it becomes rows.
base::Status CommandLoop::load(base::ByteReader& in) {
  live_.clear();
  timers_.clear();
  unpublished_.clear();
  const std::uint8_t format = in.u8();
  if (format != kFormat && format != kFormatWithInterlocks)
    return base::fail(base::Errc::corrupt, "the checkpoint of act has format {}, not {}", format, kFormat);
  now_ = base::from_us(in.svarint());
  devices_.load(in);
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) {
    // A command's own bytes begin with its id.
    base::ByteReader ahead = in;
    get_live(EntityId(ahead.text()), in);
  }
  for (std::uint64_t n = format == kFormatWithInterlocks ? in.varint() : 0; n > 0 && in.ok(); --n) {
    const std::string_view type = in.text();
    base::ByteReader state(in.text());
    if (!in.ok()) break;
    changed_interlocks_.emplace(type);
    TRY(load_interlock(type, state));
  }
  if (!in.ok()) return base::fail(base::Errc::corrupt, "the checkpoint of act is cut short");
  return {};
}

}  // namespace cityloop::act
