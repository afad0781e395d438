// What happened at each junction lately: stages and why, who decided, how long people waited. For people to look at.
//
//   TrafficSignal ══ log ══▶ [SignalPast] ─▶ SignalRoutes
//
// Bounded: 40 stages, 20 changes of mode, a day of delays every five minutes, of each junction. It follows from the log
// alone and writes nothing.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "flow/finding.h"
#include "twin/loop.h"

namespace cityloop::traffic {

struct PastStage {
  flow::Instant at{flow::kNever};
  std::string stage;
  std::string reason;  // a StageReason's name; empty where it was not told
  flow::Bilingual why;
  std::optional<double> queue, expected_delay_s, other_delay_s;
  std::optional<double> shown_s;  // once it is over
};

struct PastMode {
  flow::Instant at{flow::kNever};
  std::string mode;
  flow::Bilingual reason;
};

struct PastDelay {
  flow::Instant at{flow::kNever};
  std::optional<double> delay_s, by_plan_s;
};

// The newest last, in each.
struct JunctionPast {
  std::deque<PastStage> stages;
  std::deque<PastMode> modes;
  std::deque<PastDelay> delays;
};

class SignalPast final : public twin::Loop {
 public:
  std::string_view name() const override { return "signal_past"; }
  void on_record(const flow::LogRecord&, twin::Outbox&) override;
  void save(base::ByteWriter&) const override;
  base::Status load(base::ByteReader&) override;

  JunctionPast of(flow::EntityId signal) const;  // from any thread; empty where nothing is known

 private:
  mutable std::mutex mutex_;
  std::map<std::string, JunctionPast> junctions_;  // by entity
};

}  // namespace cityloop::traffic
