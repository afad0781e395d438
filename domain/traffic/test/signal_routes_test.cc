#include "domain/traffic/signal/signal_past.h"
#include "domain/traffic/signal/signals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "flow/noun.h"

namespace cityloop::traffic {
namespace {

using flow::operator""_name;

const flow::EntityId kSignal("urn:ngsi-ld:TrafficSignal:crossing");

// A record as the signals' loop makes the twin write.
flow::LogRecord told(std::int64_t at_s, const std::function<void(flow::NounWriter&)>& write) {
  flow::NounWriter writer(kSignal, "TrafficSignal"_name, flow::WriteMode::upsert);
  write(writer);
  const flow::Write made = writer.take();
  flow::Change change;
  change.entity = kSignal;
  change.types = made.types;
  for (const flow::Attribute& one : made.attributes) change.attributes.push_back({one, false, false, {}});
  return {1, base::from_us(at_s * 1'000'000), "loop:signals"_name, {std::move(change)}};
}

flow::LogRecord stage(std::int64_t at_s, const std::string& name) {
  return told(at_s, [&](flow::NounWriter& out) {
    out.text("currentStage"_name, name).text("phaseReasonCode"_name, "serving_queue");
    out.language("phaseReason"_name, {"放行排队", "serves the queue"}).number("queue"_name, 7);
  });
}

TEST(SignalPast, RemembersStagesModesAndDelaysAndHowLongEachStageWasShown) {
  SignalPast past;
  twin::Outbox out;
  past.on_record(stage(0, "A"), out);
  past.on_record(stage(10, "A"), out);  // told again: the same green
  past.on_record(stage(30, "B"), out);
  const auto mode = [&](std::int64_t at_s, const char* name) {
    past.on_record(told(at_s,
                        [&](flow::NounWriter& w) {
                          w.text("controlMode"_name, name).language("controlReason"_name, {"原因", name});
                        }),
                   out);
  };
  mode(0, "adaptive"), mode(5, "adaptive"), mode(40, "fixed");
  for (int minute = 0; minute < 20; ++minute)
    past.on_record(told(std::int64_t{minute} * 60, [&](flow::NounWriter& w) { w.number("averageDelay"_name, minute); }),
                   out);
  EXPECT_TRUE(out.empty()) << "it writes nothing";

  const JunctionPast seen = past.of(kSignal);
  ASSERT_EQ(seen.stages.size(), 2u);
  EXPECT_EQ(seen.stages[0].stage, "A");
  EXPECT_EQ(seen.stages[0].shown_s, 30);
  EXPECT_EQ(seen.stages[1].queue, 7);
  EXPECT_FALSE(seen.stages[1].shown_s);
  ASSERT_EQ(seen.modes.size(), 2u);
  EXPECT_EQ(seen.modes[1].mode, "fixed");
  ASSERT_EQ(seen.delays.size(), 4u) << "every five minutes";
  EXPECT_EQ(seen.delays[3].delay_s, 15);
  EXPECT_TRUE(past.of(flow::EntityId("urn:ngsi-ld:TrafficSignal:other")).stages.empty());
}

TEST(SignalPast, IsBoundedAndSurvivesARestart) {
  SignalPast past;
  twin::Outbox out;
  for (int i = 0; i < 200; ++i) past.on_record(stage(std::int64_t{i} * 20, i % 2 ? "A" : "B"), out);
  ASSERT_EQ(past.of(kSignal).stages.size(), 40u);
  base::ByteWriter kept;
  past.save(kept);
  const std::string bytes = kept.take();
  SignalPast again;
  base::ByteReader in(bytes);
  ASSERT_TRUE(again.load(in));
  const JunctionPast a = past.of(kSignal), b = again.of(kSignal);
  ASSERT_EQ(b.stages.size(), 40u);
  EXPECT_EQ(b.stages.back().at, a.stages.back().at);
  EXPECT_EQ(b.stages.front().why, a.stages.front().why);
  EXPECT_EQ(b.stages.front().shown_s, 20);
  base::ByteReader cut(std::string_view(bytes).substr(0, bytes.size() / 2));
  EXPECT_FALSE(SignalPast().load(cut));
}

}  // namespace
}  // namespace cityloop::traffic
