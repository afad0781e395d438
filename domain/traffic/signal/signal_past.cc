#include "domain/traffic/signal/signal_past.h"

#include <type_traits>

#include "flow/noun.h"

namespace cityloop::traffic {
namespace {

using flow::operator""_name;

constexpr std::size_t kStages = 40, kModes = 20, kDelays = 288;
constexpr base::Duration kDelayEvery = std::chrono::minutes(5);

template <class T>
void push(std::deque<T>& to, T one, std::size_t most) {
  to.push_back(std::move(one));
  if (to.size() > most) to.pop_front();
}

void take_stage(JunctionPast& past, const flow::Entity& told, flow::Instant at) {
  const std::string stage(told.text("currentStage"_name));
  if (stage.empty() || (!past.stages.empty() && past.stages.back().stage == stage)) return;
  if (!past.stages.empty())
    past.stages.back().shown_s = std::chrono::duration<double>(at - past.stages.back().at).count();
  push(past.stages,
       PastStage{at,
                 stage,
                 std::string(told.text("phaseReasonCode"_name)),
                 flow::language_field(told, "phaseReason"),
                 told.number("queue"_name),
                 told.number("expectedDelay"_name),
                 told.number("secondBestDelay"_name),
                 {}},
       kStages);
}

void take_mode(JunctionPast& past, const flow::Entity& told, flow::Instant at) {
  PastMode mode{at, std::string(told.text("controlMode"_name)), flow::language_field(told, "controlReason")};
  if (mode.mode.empty()) return;
  if (!past.modes.empty() && past.modes.back().mode == mode.mode && past.modes.back().reason == mode.reason) return;
  push(past.modes, std::move(mode), kModes);
}

void take_delay(JunctionPast& past, const flow::Entity& told, flow::Instant at) {
  const auto delay_s = told.number("averageDelay"_name);
  if (!delay_s || (!past.delays.empty() && at - past.delays.back().at < kDelayEvery)) return;
  push(past.delays, PastDelay{at, delay_s, told.number("averageDelayBefore"_name)}, kDelays);
}

// One list of what a junction's past consists of, for both ways.
class Saver {
 public:
  explicit Saver(base::ByteWriter& out) : out_(out) {}
  void operator()(const std::string& text) { out_.text(text); }
  void operator()(const flow::Instant& at) { out_.svarint(base::to_us(at)); }
  void operator()(const std::optional<double>& number) {
    out_.u8(number ? 1 : 0);
    if (number) out_.f64(*number);
  }
  template <class T>
  std::size_t size(std::deque<T>& all) {
    out_.varint(all.size());
    return all.size();
  }

 private:
  base::ByteWriter& out_;
};

class Reader {
 public:
  explicit Reader(base::ByteReader& in) : in_(in) {}
  void operator()(std::string& text) { text = in_.text(); }
  void operator()(flow::Instant& at) { at = base::from_us(in_.svarint()); }
  void operator()(std::optional<double>& number) {
    number.reset();
    if (in_.u8() == 1) number = in_.f64();
  }
  template <class T>
  std::size_t size(std::deque<T>& all) {
    const std::size_t count = in_.ok() ? in_.varint() : 0;
    all.clear();
    for (std::size_t i = 0; i < count && i < 1000 && in_.ok(); ++i) all.emplace_back();
    return all.size();
  }

 private:
  base::ByteReader& in_;
};

template <class Way>
void each_member(JunctionPast& past, Way&& way) {
  const auto all = [&](auto& list, auto members) {
    way.size(list);
    for (auto& one : list) members(one);
  };
  all(past.stages, [&](PastStage& one) {
    way(one.at), way(one.stage), way(one.reason), way(one.why.zh), way(one.why.en), way(one.queue);
    way(one.expected_delay_s), way(one.other_delay_s), way(one.shown_s);
  });
  all(past.modes, [&](PastMode& one) { way(one.at), way(one.mode), way(one.reason.zh), way(one.reason.en); });
  all(past.delays, [&](PastDelay& one) { way(one.at), way(one.delay_s), way(one.by_plan_s); });
}

}  // namespace

void SignalPast::on_record(const flow::LogRecord& record, twin::Outbox&) {
  for (const flow::Change& change : record.changes) {
    if (!change.is_a("TrafficSignal"_name)) continue;
    const std::lock_guard lock(mutex_);
    if (change.kind == flow::ChangeKind::erased) {
      junctions_.erase(std::string(change.entity.text()));
      continue;
    }
    const flow::Entity told = flow::entity_after({}, change);
    JunctionPast& past = junctions_[std::string(change.entity.text())];
    take_stage(past, told, record.at);
    take_mode(past, told, record.at);
    take_delay(past, told, record.at);
  }
}

void SignalPast::save(base::ByteWriter& out) const {
  const std::lock_guard lock(mutex_);
  out.varint(junctions_.size());
  for (const auto& [id, past] : junctions_) {
    out.text(id);
    JunctionPast copy = past;
    each_member(copy, Saver(out));
  }
}

base::Status SignalPast::load(base::ByteReader& in) {
  const std::lock_guard lock(mutex_);
  junctions_.clear();
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    const std::string id(in.text());
    each_member(junctions_[id], Reader(in));
  }
  if (!in.ok()) return base::fail(base::Errc::corrupt, "what was kept of the signals' past is cut short");
  return {};
}

JunctionPast SignalPast::of(flow::EntityId signal) const {
  const std::lock_guard lock(mutex_);
  const auto found = junctions_.find(std::string(signal.text()));
  return found == junctions_.end() ? JunctionPast{} : found->second;
}

}  // namespace cityloop::traffic
