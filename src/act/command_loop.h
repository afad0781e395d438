// Carries commands to devices: interlocks, approval, sending with retry, receipts, and whether the effect is seen.
//
//   casework, people ─ Command(requested) ─▶ [CommandLoop] ─ publish ─▶ MQTT ─▶ device
//   device ─ receipt ─▶ [ReceiptIntake] ─ Receipt ─▶ [CommandLoop] ─ Command(status) ─▶ casework, people
//
//   from                   on                                     to
//   requested              an interlock says no                   refused, with the reason
//   requested              a person must agree                    pending_approval
//   requested, approved    nothing stands against it              sent
//   requested, approved    too soon, when_too_soon = wait         approved, sent when the interval is over
//   pending_approval       approve, by another than who asked     approved, then as above: interlocks are asked again
//   pending_approval       refuse, by another; approve_within     refused
//   not yet sent           withdraw, by who asked                 refused
//   sent                   no answer in ack_timeout · 2^(n-1)     sent again as attempt n + 1, at most retries times;
//                                                                 then timed_out
//   sent                   receipt acknowledged                   acknowledged
//   acknowledged           no result in done_timeout              timed_out (succeeded where the effect is seen)
//   sent, acknowledged     receipt succeeded, failed              succeeded, failed
//   succeeded              effect not in the twin in time         failed: no effect seen
//   approved to acknowledged  a newer one for device and name goes out   failed: superseded
//
// A package's interlock (interlock.h) is asked last, at each step that the table above calls "interlocks": when a
// command comes, when it is approved, when its interval is over, and before each retry. What is `sent` to a device that
// has such an interlock is not published again right after a restart, when nobody knows yet how late it is, but by its
// retries.
//
// Publishing happens after the commit in which the command became `sent`, with the command's id as the key by which a
// device does it once; after a restart, what is `sent` and unanswered is published again. State and timers follow from
// the records alone; they are kept row by row, one a device and one a command. One thread (LoopRunner's); publish may
// answer on any.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "act/device_table.h"
#include "act/device_types.h"
#include "act/interlock.h"
#include "flow/action.h"
#include "flow/command.h"
#include "twin/loop.h"

namespace cityloop::act {

struct CommandLoopOptions {
  DeviceTypes types;
  // Hands a message to the broker; done(true) once the broker has it. Absent: nothing leaves the house (a rehearsal).
  std::function<void(std::string topic, std::string payload, std::function<void(bool)> done)> publish;
  base::TimeZone time_zone{base::TimeZone::utc()};       // in which approval windows are meant
  Duration keep_ended{std::chrono::hours(1)};            // late and repeated receipts are recognised this long
  std::vector<std::shared_ptr<Interlock>> interlocks{};  // of packages; one a device type
};

// What this person may do with a command now, for console and server: approve, refuse, withdraw.
std::vector<std::string_view> available_actions(const flow::Command&, std::string_view person);

class CommandLoop final : public twin::Loop {
 public:
  explicit CommandLoop(CommandLoopOptions);

  std::string_view name() const override { return "act"; }
  void on_record(const flow::LogRecord&, twin::Outbox&) override;
  void save(base::ByteWriter&) const override;
  base::Status load(base::ByteReader&) override;
  bool keeps_rows() const override { return true; }
  void save_changed(twin::StateRows&) override;
  base::Status load_row(std::string_view key, base::ByteReader& value) override;
  void after_commit(flow::Seq) override;

  void set_types(DeviceTypes);  // between two records
  const DeviceTypes& types() const { return types_; }

  struct Stats {
    std::uint64_t requested, refused, sent, retried, acknowledged, succeeded, failed, timed_out;
    std::uint64_t malformed;          // commands and receipts that cannot be read
    std::uint64_t repeated_receipts;  // of what is answered already
    std::uint64_t foreign_receipts;   // for no command of ours, or from another device's topic
    std::uint64_t published, publish_failed;
    std::uint64_t open_now;
  };
  Stats stats() const;

 private:
  enum class Wait : std::uint8_t { none, approval, interval, answer, result, effect, forget };
  struct Live {
    flow::Command is;
    Wait wait{Wait::none};
    Instant due{kNever};  // when `wait` is over; kNever: no limit
  };
  struct Published {
    std::atomic<std::uint64_t> taken{0}, failed{0};
  };

  void on_command(const flow::Change&);
  void on_receipt(const flow::Change&);
  void on_action(const flow::Change&);
  void on_device(DeviceState&);
  DeviceState* see_device(const flow::Change&);

  void take(Live&);
  base::Status check_request(const Live&);
  base::Status check_exclusions(const Live&, const CommandSpec&);
  base::Status check_package(const Live&, const CommandSpec&);
  bool is_running(EntityId device, std::string_view command, EntityId but);
  Instant earliest(const Live&, const CommandSpec&);
  base::Status let_through(Live&);
  void send(Live&, const CommandSpec&);
  void supersede_others(const Live&, Wait waiting);  // those of its device and name that wait for this
  void succeed(Live&, std::string reason);
  bool effect_seen(const Live&, const CommandSpec&);
  void end(Live&, flow::CommandStatus, std::string reason);
  void rest(Live&);
  void on_due(Live&);
  base::Status do_action(Live&, const flow::Action&);

  const CommandSpec* spec_of(const Live&);
  const DeviceType* type_of(EntityId device);
  Interlock* interlock_of(std::string_view device_type) const;
  Live* find(EntityId command);
  void wait_for(Live&, Wait, Instant due);
  void touch(const Live& live) {
    touched_.insert(live.is.id.text());
    changed_.insert(live.is.id.text());
  }
  static void put(base::ByteWriter&, const Live&);
  void get_live(EntityId, base::ByteReader&);
  std::string head_row() const;
  base::Status load_interlock(std::string_view device_type, base::ByteReader&);
  std::string payload_of(const flow::Command&) const;

  DeviceTypes types_;
  decltype(CommandLoopOptions::publish) publish_;
  base::TimeZone time_zone_;
  Duration keep_ended_;
  std::vector<std::shared_ptr<Interlock>> interlocks_;  // by device type

  DeviceTable devices_;
  std::unordered_map<EntityId, Live> live_;
  std::set<std::pair<Instant, std::string_view>> timers_;
  Instant now_{kNever};
  std::set<std::string_view> changed_;        // commands, since save_changed()
  std::set<std::string> changed_interlocks_;  // likewise, by device type; those whose package is gone as well

  std::vector<EntityId> unpublished_;  // became sent since the last after_commit
  std::shared_ptr<Published> published_{std::make_shared<Published>()};
  Stats stats_{};
  // While a record is being read:
  twin::Outbox* out_{};
  std::set<std::string_view> touched_;
};

}  // namespace cityloop::act
