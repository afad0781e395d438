#include "act/command_loop.h"

#include <algorithm>
#include <cassert>

#include "act/interlocks.h"
#include "base/json_writer.h"
#include "flow/noun.h"
#include "flow/own_types.h"

namespace cityloop::act {

using base::Errc;
using base::fail;
using flow::Change;
using flow::Command;
using flow::CommandStatus;

namespace {

const Name kOwnOrigin("loop:act");
constexpr Duration kWaitMax = std::chrono::minutes(5);

Duration answer_wait(const CommandSpec& spec, std::uint32_t attempt) {
  Duration wait = spec.ack_timeout;
  for (std::uint32_t i = 1; i < attempt && wait < kWaitMax; ++i) wait *= 2;
  return std::min(wait, std::max(kWaitMax, spec.ack_timeout));
}

bool unsent(CommandStatus status) {
  return status <= CommandStatus::approved;
}

}  // namespace

std::vector<std::string_view> available_actions(const Command& command, std::string_view person) {
  if (person == command.requested_by)
    return unsent(command.status) ? std::vector<std::string_view>{"withdraw"} : std::vector<std::string_view>{};
  if (command.status != CommandStatus::pending_approval) return {};
  return {"approve", "refuse"};
}

CommandLoop::CommandLoop(CommandLoopOptions options)
    : types_(std::move(options.types)),
      publish_(std::move(options.publish)),
      time_zone_(std::move(options.time_zone)),
      keep_ended_(options.keep_ended),
      interlocks_(std::move(options.interlocks)) {
  devices_.set_types(types_);
  std::ranges::sort(interlocks_, {}, &Interlock::device_type);
  assert(std::ranges::adjacent_find(interlocks_, {}, &Interlock::device_type) == interlocks_.end());
}

void CommandLoop::set_types(DeviceTypes types) {
  types_ = std::move(types);
  devices_.set_types(types_);
}

CommandLoop::Stats CommandLoop::stats() const {
  Stats out = stats_;
  out.published = published_->taken;
  out.publish_failed = published_->failed;
  out.open_now = std::uint64_t(
      std::count_if(live_.begin(), live_.end(), [](const auto& entry) { return !is_final(entry.second.is.status); }));
  return out;
}

void CommandLoop::on_record(const flow::LogRecord& record, twin::Outbox& out) {
  now_ = std::max(now_, record.at);
  out_ = &out;
  while (!timers_.empty() && timers_.begin()->first <= now_) on_due(*find(EntityId(timers_.begin()->second)));
  for (const Change& change : record.changes) {
    if (change.is_a(flow::kCommandType)) {
      if (record.origin != kOwnOrigin) on_command(change);
    } else if (change.is_a(flow::kReceiptType)) {
      on_receipt(change);
    } else if (change.is_a(flow::kActionType)) {
      on_action(change);
    } else if (DeviceState* device = see_device(change)) {
      on_device(*device);
    }
  }
  for (const std::string_view id : touched_) out.writes.push_back(to_write(find(EntityId(id))->is));
  touched_.clear();
  out_ = nullptr;
}

CommandLoop::Live* CommandLoop::find(EntityId command) {
  const auto found = live_.find(command);
  return found == live_.end() ? nullptr : &found->second;
}

const DeviceType* CommandLoop::type_of(EntityId device) {
  const DeviceState* state = devices_.find(device);
  return state ? types_.find(state->type) : nullptr;
}

const CommandSpec* CommandLoop::spec_of(const Live& live) {
  const DeviceType* type = type_of(live.is.device);
  return type ? type->find(live.is.name) : nullptr;
}

Interlock* CommandLoop::interlock_of(std::string_view device_type) const {
  for (const auto& interlock : interlocks_) {
    if (interlock->device_type() == device_type) return interlock.get();
  }
  return nullptr;
}

// The interlock of a device hears of its end as well, by the type that it had.
DeviceState* CommandLoop::see_device(const Change& change) {
  const DeviceState* known = interlocks_.empty() ? nullptr : devices_.find(change.entity);
  std::string type = known ? known->type : std::string{};
  DeviceState* device = devices_.on_change(change);
  if (device) type = device->type;
  if (Interlock* interlock = interlock_of(type)) {
    interlock->see(change, now_);
    changed_interlocks_.insert(type);
  }
  return device;
}

void CommandLoop::wait_for(Live& live, Wait wait, Instant due) {
  if (live.due != kNever) timers_.erase({live.due, live.is.id.text()});
  live.wait = wait;
  live.due = due;
  changed_.insert(live.is.id.text());
  if (due != kNever) timers_.emplace(due, live.is.id.text());
}

// Somebody else wrote a Command: a new wish, or an attempt to change one that is ours by now.
void CommandLoop::on_command(const Change& change) {
  if (Live* known = find(change.entity)) return touch(*known);  // the twin is told again what is so
  if (change.kind == flow::ChangeKind::erased) return;
  const flow::Entity entity = flow::entity_after({}, change);
  if (entity.text(Name("status")) != to_string(CommandStatus::requested)) return;
  auto command = flow::command_from(entity);
  if (!command) return void(++stats_.malformed);
  ++stats_.requested;
  Live& live = live_[change.entity];
  live.is = *std::move(command);
  if (live.is.requested_at == kNever) live.is.requested_at = now_;
  live.is.attempts = 0;
  live.is.approved_by.clear();
  live.is.sent_at = live.is.answered_at = kNever;
  if (DeviceState* device = devices_.find(live.is.device)) device->open.insert(live.is.id.text());
  take(live);
}

void CommandLoop::take(Live& live) {
  touch(live);
  if (const base::Status fit = check_request(live); !fit) return end(live, CommandStatus::refused, fit.error().message);
  const CommandSpec& spec = *spec_of(live);
  if (!needs_approval(spec.approval, time_zone_.to_local(now_))) return void(let_through(live));
  live.is.status = CommandStatus::pending_approval;
  live.is.reason = spec.approval.when == ApprovalRule::When::always ? "a person must approve it"
                                                                    : "at this hour a person must approve it";
  wait_for(live, Wait::approval, spec.approve_within == Duration::zero() ? kNever : now_ + spec.approve_within);
}

base::Status CommandLoop::check_request(const Live& live) {
  const Command& command = live.is;
  if (command.requested_by.empty()) return fail(Errc::invalid, "it does not say who asks");
  const DeviceState* device = devices_.find(command.device);
  if (!device) return fail(Errc::not_found, "there is no device '{}'", command.device.text());
  const DeviceType* type = types_.find(device->type);
  if (!type) return fail(Errc::unsupported, "'{}' is of no type that takes commands", command.device.text());
  const CommandSpec* spec = type->find(command.name);
  if (!spec) return fail(Errc::unsupported, "a {} knows no command '{}'", type->id, command.name);
  TRY(topic_for(type->topic, command.device));
  TRY(check_value(*spec, command.value));
  TRY(check_exclusions(live, *spec));
  if (!spec->wait_when_too_soon && earliest(live, *spec) > now_)
    return fail(Errc::refused, "too soon: not before {}", base::format_time(earliest(live, *spec)));
  return check_package(live, *spec);
}

base::Status CommandLoop::check_package(const Live& live, const CommandSpec& spec) {
  const DeviceState* device = devices_.find(live.is.device);
  const Interlock* interlock = device ? interlock_of(device->type) : nullptr;
  if (!interlock) return {};
  return interlock->check(live.is.device, live.is.name, TRY(check_value(spec, live.is.value)), now_);
}

base::Status CommandLoop::check_exclusions(const Live& live, const CommandSpec& spec) {
  if (const auto value = check_value(spec, live.is.value); !value || !is_on(*value)) return {};
  const DeviceState* device = devices_.find(live.is.device);
  for (const Exclusion& exclusion : spec.excludes) {
    std::vector<EntityId> others;
    if (exclusion.where == Exclusion::Where::same_device) {
      others = {device->id};
    } else if (exclusion.where == Exclusion::Where::group) {
      if (!device->group.empty()) others = devices_.group(device->group);
      std::erase(others, device->id);
    } else if (const flow::Value* target = device->find(exclusion.relationship)) {
      if (const auto* urn = std::get_if<flow::Text>(target)) others = {EntityId(*urn)};
    }
    for (const EntityId other : others) {
      if (is_running(other, exclusion.command, live.is.id))
        return fail(Errc::refused, "{} of {} is on, and must not be together with this", exclusion.command,
                    other.text());
    }
  }
  return {};
}

// On by the twin, or about to be by a command under way.
bool CommandLoop::is_running(EntityId device_id, std::string_view command, EntityId but) {
  const DeviceState* device = devices_.find(device_id);
  if (!device) return false;
  const DeviceType* type = types_.find(device->type);
  const CommandSpec* spec = type ? type->find(command) : nullptr;
  const Name shown = spec && !spec->effects.empty() ? spec->effects.front().attribute : Name(command);
  if (const flow::Value* value = device->find(shown); value && is_on(*value)) return true;
  return std::any_of(device->open.begin(), device->open.end(), [&](std::string_view id) {
    const Live& other = *find(EntityId(id));
    if (other.is.id == but || other.is.name != command || !spec) return false;
    const bool under_way = other.wait == Wait::interval || other.wait == Wait::answer || other.wait == Wait::result ||
                           other.wait == Wait::effect;
    const auto value = check_value(*spec, other.is.value);
    return under_way && value && is_on(*value);
  });
}

// When the device may be sent its next command; kNever: at once.
Instant CommandLoop::earliest(const Live& live, const CommandSpec& spec) {
  const DeviceState* device = devices_.find(live.is.device);
  return device->sent_at == kNever ? kNever : device->sent_at + spec.min_interval;
}

// Nobody has anything left to say but the interlocks, which are asked as things are now.
base::Status CommandLoop::let_through(Live& live) {
  const base::Status fit = check_request(live);
  if (!fit) return end(live, CommandStatus::refused, fit.error().message), fit;
  const CommandSpec& spec = *spec_of(live);
  if (const Instant when = earliest(live, spec); when > now_) {
    live.is.status = CommandStatus::approved;
    live.is.reason = fmt::format("waits until {}: the device was sent a command just before", base::format_time(when));
    touch(live);
    supersede_others(live, Wait::interval);
    wait_for(live, Wait::interval, when);
    return {};
  }
  for (const Wait older : {Wait::interval, Wait::answer, Wait::result, Wait::effect}) supersede_others(live, older);
  DeviceState& device = *devices_.find(live.is.device);
  device.sent_at = now_;
  devices_.touch(device);
  send(live, spec);
  return {};
}

void CommandLoop::send(Live& live, const CommandSpec& spec) {
  ++(live.is.attempts == 0 ? stats_.sent : stats_.retried);
  live.is.status = CommandStatus::sent;
  live.is.reason.clear();
  live.is.sent_at = now_;
  ++live.is.attempts;
  touch(live);
  wait_for(live, Wait::answer, now_ + answer_wait(spec, live.is.attempts));
  unpublished_.push_back(live.is.id);
  const DeviceState* device = devices_.find(live.is.device);
  Interlock* interlock = device ? interlock_of(device->type) : nullptr;
  const auto value = check_value(spec, live.is.value);
  if (!interlock || !value) return;
  interlock->sent(live.is.device, live.is.name, *value, now_);
  changed_interlocks_.insert(device->type);
}

// A retry of an older wish must not undo a newer one, and its effect is no longer to be expected.
void CommandLoop::supersede_others(const Live& live, Wait waiting) {
  const std::set<std::string_view> open = devices_.find(live.is.device)->open;
  for (const std::string_view id : open) {
    Live& other = *find(EntityId(id));
    if (other.is.id == live.is.id || other.is.name != live.is.name || other.wait != waiting) continue;
    if (waiting == Wait::effect) rest(other);
    else end(other, CommandStatus::failed, fmt::format("superseded by {}", live.is.id.text()));
  }
}

void CommandLoop::succeed(Live& live, std::string reason) {
  ++stats_.succeeded;
  live.is.status = CommandStatus::succeeded;
  live.is.reason = std::move(reason);
  live.is.answered_at = now_;
  touch(live);
  const CommandSpec* spec = spec_of(live);
  if (!spec || spec->effects.empty() || effect_seen(live, *spec)) return rest(live);
  Duration within{};
  for (const Effect& effect : spec->effects) within = std::max(within, effect.within);
  wait_for(live, Wait::effect, now_ + within);
}

bool CommandLoop::effect_seen(const Live& live, const CommandSpec& spec) {
  const DeviceState* device = devices_.find(live.is.device);
  const auto wanted = check_value(spec, live.is.value);
  return device && wanted && std::all_of(spec.effects.begin(), spec.effects.end(), [&](const Effect& effect) {
           const flow::Value* seen = device->find(effect.attribute);
           return seen && same_value(*seen, *wanted, effect.tolerance);
         });
}

void CommandLoop::end(Live& live, CommandStatus status, std::string reason) {
  if (status == CommandStatus::refused) ++stats_.refused;
  else if (status == CommandStatus::timed_out) ++stats_.timed_out;
  else ++stats_.failed;
  live.is.status = status;
  live.is.reason = std::move(reason);
  if (status != CommandStatus::timed_out) live.is.answered_at = now_;
  touch(live);
  rest(live);
}

// Nothing is waited for any more; kept a while to know late receipts.
void CommandLoop::rest(Live& live) {
  if (DeviceState* device = devices_.find(live.is.device)) device->open.erase(live.is.id.text());
  wait_for(live, Wait::forget, now_ + keep_ended_);
}

void CommandLoop::on_due(Live& live) {
  const CommandSpec* spec = spec_of(live);
  switch (live.wait) {
    case Wait::approval: return end(live, CommandStatus::refused, "nobody approved it in time");
    case Wait::interval: return void(let_through(live));
    case Wait::answer:
      if (spec && live.is.attempts <= spec->retries) {
        const base::Status fit = check_package(live, *spec);
        if (fit) return send(live, *spec);
        return end(
            live, CommandStatus::timed_out,
            fmt::format("no answer to {} attempts, and not sent again: {}", live.is.attempts, fit.error().message));
      }
      return end(live, CommandStatus::timed_out, fmt::format("no answer to {} attempts", live.is.attempts));
    case Wait::result:
      if (spec && !spec->effects.empty() && effect_seen(live, *spec))
        return succeed(live, "no final receipt, but its effect is seen");
      return end(live, CommandStatus::timed_out, "acknowledged, but no result in time");
    case Wait::effect:
      if (spec && effect_seen(live, *spec)) return rest(live);
      return end(live, CommandStatus::failed, "no effect seen");
    case Wait::forget:
    case Wait::none: break;
  }
  if (touched_.erase(live.is.id.text())) out_->writes.push_back(to_write(live.is));
  wait_for(live, Wait::none, kNever);
  live_.erase(EntityId(live.is.id));
}

void CommandLoop::on_device(DeviceState& device) {
  const std::set<std::string_view> open = device.open;
  for (const std::string_view id : open) {
    Live& live = *find(EntityId(id));
    const CommandSpec* spec = live.wait == Wait::effect ? spec_of(live) : nullptr;
    if (spec && effect_seen(live, *spec)) rest(live);
  }
}

void CommandLoop::on_receipt(const Change& change) {
  const flow::Entity receipt = flow::entity_after({}, change);
  if (change.kind == flow::ChangeKind::erased) return;
  Live* live = find(flow::link_field(receipt, "command"));
  if (!live) return void(++stats_.foreign_receipts);
  // A device speaks for itself alone.
  const DeviceType* type = type_of(live->is.device);
  const auto topic = type ? topic_for(type->receipt_topic, live->is.device) : base::Result<std::string>{};
  if (!type || !topic || receipt.text(Name("topic")) != *topic || live->is.attempts == 0)
    return void(++stats_.foreign_receipts);
  const std::string_view status = receipt.text(Name("status"));
  const bool waiting = live->wait == Wait::answer || live->wait == Wait::result;
  if (!waiting || (status == "acknowledged" && live->wait == Wait::result)) return void(++stats_.repeated_receipts);
  const std::string reason(receipt.text(Name("reason")));
  if (status == "acknowledged") {
    ++stats_.acknowledged;
    live->is.status = CommandStatus::acknowledged;
    live->is.answered_at = now_;
    touch(*live);
    const CommandSpec* spec = spec_of(*live);
    wait_for(*live, Wait::result, now_ + (spec ? spec->done_timeout : kWaitMax));
  } else if (status == "succeeded") {
    succeed(*live, reason);
  } else if (status == "failed") {
    end(*live, CommandStatus::failed, reason.empty() ? "the device gives no reason" : reason);
  } else {
    ++stats_.malformed;
  }
}

void CommandLoop::on_action(const Change& change) {
  if (change.kind == flow::ChangeKind::erased) return;
  const flow::Entity entity = flow::entity_after({}, change);
  if (entity.text(Name("status")) != to_string(flow::ActionStatus::requested)) return;
  if (!entity.text(Name("target")).starts_with("urn:ngsi-ld:Command:")) return;
  auto read = flow::action_from(entity);
  flow::Action action = read ? *read : flow::Action{.id = change.entity};
  Live* live = find(action.target);
  base::Status done;
  if (!read) done = std::unexpected(read.error());
  else if (!live) done = fail(Errc::not_found, "there is no such command, or it ended long ago");
  else done = do_action(*live, action);
  action.status = done ? flow::ActionStatus::done : flow::ActionStatus::refused;
  if (!done) action.reason = done.error().message;
  out_->writes.push_back(to_write(action));
  out_->writes.back().mode = flow::WriteMode::become;
}

base::Status CommandLoop::do_action(Live& live, const flow::Action& action) {
  Command& command = live.is;
  const bool own = action.by == command.requested_by;
  if (action.verb == "withdraw") {
    if (!own) return fail(Errc::refused, "only who asked for a command can withdraw it");
    if (!unsent(command.status)) return fail(Errc::conflict, "it is {} already", to_string(command.status));
    return end(live, CommandStatus::refused, fmt::format("withdrawn by {}: {}", action.by, action.note)),
           base::Status{};
  }
  if (action.verb != "approve" && action.verb != "refuse")
    return fail(Errc::invalid, "'{}' is not something to do with a command", action.verb);
  if (command.status != CommandStatus::pending_approval)
    return fail(Errc::conflict, "it does not wait for approval: it is {}", to_string(command.status));
  if (own) return fail(Errc::refused, "nobody approves or refuses what they asked for themselves");
  if (action.verb == "refuse") {
    std::string reason = fmt::format("refused by {}", action.by);
    if (!action.note.empty()) reason += fmt::format(": {}", action.note);
    return end(live, CommandStatus::refused, std::move(reason)), base::Status{};
  }
  command.approved_by = action.by;
  command.status = CommandStatus::approved;
  return let_through(live);
}

void CommandLoop::after_commit(flow::Seq) {
  std::vector<EntityId> ids;
  ids.swap(unpublished_);
  std::set<EntityId> done;
  for (const EntityId id : ids) {
    const Live* live = find(id);
    if (!live || live->is.status != CommandStatus::sent || !done.insert(id).second) continue;
    const DeviceType* type = type_of(live->is.device);
    auto topic = type ? topic_for(type->topic, live->is.device) : fail(Errc::not_found, "no topic");
    if (!topic || !publish_) continue;
    publish_(*std::move(topic), payload_of(live->is),
             [counters = published_](bool taken) { ++(taken ? counters->taken : counters->failed); });
  }
}

std::string CommandLoop::payload_of(const Command& command) const {
  base::JsonWriter out;
  out.object().field("command", command.id.text()).field("name", command.name);
  out.key("value").raw(command.value).field("at", base::format_time(command.sent_at));
  return out.end().take();
}

}  // namespace cityloop::act
