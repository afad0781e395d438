// A city of one junction for tests: SignalLoop and CommandLoop on one log, a controller in the street that reports, and
// vehicles that come at random, queue and drive off. All by city time and a seed.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "act/command_loop.h"
#include "act/receipt_intake.h"
#include "base/json_value.h"
#include "base/rng.h"
#include "domain/traffic/signal/interlock.h"
#include "domain/traffic/signal/signal_loop.h"
#include "domain/traffic/test/signal_crossing.h"
#include "domain/traffic/test/signal_referee.h"
#include "flow/noun.h"
#include "twin/apply.h"
#include "twin/ngsi/ngsi.h"

namespace cityloop::traffic::test {

using flow::EntityId;
using flow::Name;

inline constexpr const char* kSignalType = R"(
[[device_type]]
id = "trafficSignal"
topic = "signal/{id_tail}/cmd"
receipt_topic = "signal/{id_tail}/receipt"
[[device_type.command]]
name = "stage"
kind = "text"
ack_timeout = "2s"
retries = 1
done_timeout = "20s"
)";

// Stays until nobody waits there any more, or the other approach has waited for 40 s. What it keeps it gives out and
// takes back.
class UntilEmpty final : public Controller {
 public:
  Decision decide(const JunctionView& view) override {
    ++asked_;
    promised_ = view.promises.size();
    const double here = view.lanes[std::size_t(stage_)].queue, there = view.lanes[std::size_t(1 - stage_)].queue;
    if (there > 0 && (here < 0.5 || view.now_s >= next_s_)) {
      stage_ = 1 - stage_;
      next_s_ = view.now_s + 40;
    }
    outflow_ = {{3, view.now_s + 5, 2}};
    return {.stage = stage_,
            .next_s = next_s_,
            .reason = StageReason::serving_queue,
            .lane = stage_,
            .queue = view.lanes[std::size_t(stage_)].queue,
            .expected_delay_s = 10.0 * double(asked_ % 7),
            .other_delay_s = 100};
  }
  std::span<const Outflow> outflow() const override { return outflow_; }
  void save(base::ByteWriter& out) const override {
    out.f64(next_s_);
    out.svarint(stage_);
    out.varint(asked_);
  }
  base::Status load(base::ByteReader& in) override {
    next_s_ = in.f64();
    stage_ = int(in.svarint());
    asked_ = in.varint();
    return {};
  }
  std::size_t promised() const { return promised_; }

 private:
  double next_s_{0};
  int stage_{0};
  std::uint64_t asked_{0};
  std::size_t promised_{0};
  std::vector<Outflow> outflow_;
};

struct CityOptions {
  std::uint64_t seed{1};
  bool reload{false};  // both loops are built anew from their checkpoints before every record
  std::string settings{kCrossing};
  std::function<std::unique_ptr<Controller>(const SignalJunction&)> make;
  std::function<double()> stopwatch_s;
  double north_per_s{0.25}, east_per_s{0.08};
};

class SignalCity {
 public:
  explicit SignalCity(CityOptions options)
      : options_(std::move(options)),
        rng_(options_.seed),
        settings_(SignalSettings::parse(options_.settings, "city.toml").value()),
        referee_(junction(), 1e12) {
    make_loops();
    const Junction& is = junction();
    for (const Aspect aspect : is.stages[0].aspects) shown_ += letter(aspect);
    write({flow::NounWriter(device(), "Device", flow::WriteMode::upsert)
               .text("deviceType", "trafficSignal")
               .text("stage", is.stages[0].name)
               .take()},
          "mqtt");
  }

  const Junction& junction() const { return *settings_.junctions[0].junction; }
  EntityId device() const { return settings_.junctions[0].device; }
  flow::EntityPtr get(std::string_view id) const {
    const auto found = entities_.find(std::string(id));
    return found == entities_.end() ? nullptr : found->second;
  }
  flow::EntityPtr signal() const { return get("urn:ngsi-ld:TrafficSignal:square"); }
  std::string mode() const { return signal() ? std::string(signal()->text(Name("controlMode"))) : ""; }
  std::string why() const {  // both languages
    return signal() ? flow::json_field(*signal(), "controlReason") : "";
  }
  const Referee& referee() const { return referee_; }
  const std::string& shown() const { return shown_; }      // a letter a movement
  const std::string& written() const { return written_; }  // by both loops
  SignalLoop& loop() { return *signals_; }
  double now_s() const { return now_s_; }
  double waited() const { return waited_; }  // vehicle seconds
  double served() const { return served_; }

  // What readings are before they leave the street; nothing is sent where it returns false.
  std::function<bool(const std::string& lane, double& passed, double& queue)> spoil;
  bool answers{true};

  void pass(int seconds) {
    for (int s = 0; s < seconds; ++s) second();
  }
  void write(std::vector<flow::Write> writes, std::string_view origin) {
    std::deque<std::pair<std::string, std::vector<flow::Write>>> queue;
    queue.emplace_back(origin, std::move(writes));
    while (!queue.empty()) {
      auto [from, now] = std::move(queue.front());
      queue.pop_front();
      if (options_.reload) reload();
      const flow::LogRecord record = apply(std::move(now), from);
      for (twin::Loop* loop : {static_cast<twin::Loop*>(signals_.get()), static_cast<twin::Loop*>(act_.get())}) {
        twin::Outbox out;
        loop->on_record(record, out);
        for (const flow::Write& one : out.writes) note(one);
        if (!out.writes.empty()) queue.emplace_back(fmt::format("loop:{}", loop->name()), std::move(out.writes));
      }
      act_->after_commit(record.seq);
    }
  }
  void ask(std::string stage, std::string by) {
    flow::Command command;
    command.id = EntityId(fmt::format("urn:ngsi-ld:Command:person:{}", now_s_));
    command.device = device();
    command.name = "stage";
    command.value = fmt::format("\"{}\"", stage);
    command.requested_by = std::move(by);
    write({to_write(command)}, command.requested_by);
  }
  flow::Command command(std::string_view id) const { return flow::command_from(*get(id)).value(); }
  flow::Instant at() const { return base::from_us(1'760'000'000'000'000 + std::int64_t(now_s_) * 1'000'000); }

 private:
  void make_loops() {
    SignalLoopOptions signals;
    signals.junctions = settings_.junctions;
    signals.make = options_.make ? options_.make : [](const SignalJunction&) -> std::unique_ptr<Controller> {
      return std::make_unique<UntilEmpty>();
    };
    signals.stopwatch_s = options_.stopwatch_s;
    signals_ = std::make_unique<SignalLoop>(std::move(signals));
    act::CommandLoopOptions act;
    act.types = act::DeviceTypes::parse(kSignalType, "types.toml").value();
    act.interlocks = {std::make_shared<SignalInterlock>(settings_.devices())};
    act.publish = [this](const std::string&, const std::string& payload, const std::function<void(bool)>& done) {
      told_.push_back(payload);
      done(true);
    };
    act_ = std::make_unique<act::CommandLoop>(std::move(act));
  }
  void reload() {
    base::ByteWriter signals, act;
    signals_->save(signals);
    act_->save(act);
    make_loops();
    base::ByteReader signals_in(signals.view()), act_in(act.view());
    ASSERT_TRUE(signals_->load(signals_in));
    ASSERT_TRUE(act_->load(act_in));
    ASSERT_TRUE(signals_in.at_end() && act_in.at_end());
    base::ByteWriter again;
    signals_->save(again);
    ASSERT_EQ(again.view(), signals.view());
  }
  flow::LogRecord apply(std::vector<flow::Write> writes, std::string_view origin) {
    flow::LogRecord record{.seq = ++seq_, .at = at(), .origin = Name(origin)};
    for (flow::Write& one : writes) {
      flow::EntityPtr& place = entities_[std::string(one.entity.text())];
      auto applied = twin::apply(place, std::move(one), at());
      EXPECT_TRUE(applied) << applied.error().message;
      if (!applied) continue;
      place = applied->next;
      if (!applied->nothing()) record.changes.push_back(std::move(applied->change));
    }
    return record;
  }
  void note(const flow::Write& one) {
    const auto applied = twin::apply(nullptr, one, at());
    written_ += twin::to_json(*applied.value().next) + "\n";
  }

  void second() {
    now_s_ += 1;
    hear();
    lights();
    referee_.see(now_s_, shown_);
    vehicles();
    std::vector<flow::Write> readings;
    for (const auto& [lane, passed, queue] :
         {std::tuple{"n_far", passed_far_, 0.0}, std::tuple{"n_in", passed_[0], queue_[0]},
          std::tuple{"e_in", passed_[1], queue_[1]}}) {
      double told_passed = passed, told_queue = queue;
      if (spoil && !spoil(lane, told_passed, told_queue)) continue;
      flow::Write one;
      one.entity = EntityId(fmt::format("urn:ngsi-ld:TrafficFlowObserved:{}", lane));
      one.types = {Name("TrafficFlowObserved")};
      one.attributes = {flow::property(Name("intensity"), told_passed, at()),
                        flow::property(Name("queueLength"), told_queue, at()),
                        flow::property(Name("vehicleCount"), told_queue, at())};
      readings.push_back(std::move(one));
    }
    write(std::move(readings), "mqtt");
  }
  void hear() {
    for (const std::string& payload : std::exchange(told_, {})) {
      if (!answers) continue;
      const auto message = base::JsonValue::parse(payload).value();
      const auto stage = stage_from(junction(), flow::Value(message.text_or("value", "")));
      ASSERT_TRUE(stage);
      if (*stage != stage_) begin(*stage);
      write({intake_
                 .read("signal/signal-square/receipt",
                       fmt::format(R"({{"command":"{}","status":"succeeded"}})", message.text_or("command", "")))
                 .value()},
            "mqtt");
    }
  }
  void begin(int stage) {
    lit_at_s_ = now_s_ + junction().change_s(stage_, stage);
    from_ = stage_;
    stage_ = stage;
    began_s_ = now_s_;
    changing_ = true;
  }
  void lights() {
    if (!changing_) return;
    const auto& to = junction().stages[std::size_t(stage_)].aspects;
    const auto& from = junction().stages[std::size_t(from_)].aspects;
    const bool over = now_s_ >= lit_at_s_;
    for (std::size_t m = 0; m < shown_.size(); ++m) {
      if (over) shown_[m] = letter(to[m]);
      else if (is_green(from[m]) && !is_green(to[m])) shown_[m] = now_s_ < began_s_ + junction().yellow_s ? 'y' : 'r';
    }
    changing_ = !over;
    if (!over) return;
    flow::Write one;
    one.entity = device();
    one.types = {Name("Device")};
    one.attributes = {flow::property(Name("stage"), junction().stages[std::size_t(stage_)].name, at())};
    write({one}, "mqtt");
  }
  void vehicles() {
    passed_far_ = rng_.uniform() < options_.north_per_s;
    const double arrive[2] = {double(passed_far_ > 0), double(rng_.uniform() < options_.east_per_s)};
    const bool green[2] = {shown_[0] == 'G', shown_[2] == 'G'};
    for (int lane = 0; lane < 2; ++lane) {
      queue_[lane] += arrive[lane];
      passed_[lane] = arrive[lane];
      if (green[lane] && queue_[lane] >= 1 && ++saved_[lane] % 2 == 0) queue_[lane] -= 1, served_ += 1;
      waited_ += queue_[lane];
    }
  }

  CityOptions options_;
  base::Rng rng_;
  SignalSettings settings_;
  Referee referee_;
  std::unique_ptr<SignalLoop> signals_;
  std::unique_ptr<act::CommandLoop> act_;
  act::ReceiptIntake intake_;
  std::map<std::string, flow::EntityPtr> entities_;
  std::string written_, shown_;
  std::vector<std::string> told_;
  flow::Seq seq_{0};
  double now_s_{0};
  int stage_{0}, from_{0};
  double lit_at_s_{0}, began_s_{0};
  bool changing_{false};
  double queue_[2]{}, passed_[2]{}, passed_far_{0};
  int saved_[2]{};
  double waited_{0}, served_{0};
};

}  // namespace cityloop::traffic::test
