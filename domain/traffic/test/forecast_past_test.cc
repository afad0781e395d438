#include "domain/traffic/forecast/forecast_past.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "flow/forecast.h"
#include "flow/noun.h"

namespace cityloop::traffic {
namespace {

const flow::EntityId kRoad("urn:ngsi-ld:TrafficFlowObserved:1");
constexpr base::Duration kMinute = std::chrono::minutes(1);
const base::Instant kBegin = *base::parse_time("2026-03-02T08:00:00Z");

flow::LogRecord record_of(const flow::Write& made, base::Instant at) {
  flow::Change change;
  change.entity = made.entity;
  change.types = made.types;
  for (const flow::Attribute& one : made.attributes) change.attributes.push_back({one, false, false, {}});
  return {1, at, flow::Name("loop:traffic-forecast"), {std::move(change)}};
}

flow::LogRecord said(base::Instant at, const std::string& attribute = "averageVehicleSpeed") {
  flow::Forecast forecast{.about = kRoad, .attribute = attribute, .event = "", .issued_at = at, .steps = {}};
  for (const int minutes : {15, 30, 45, 60})
    forecast.steps.push_back({.valid_at = at + minutes * kMinute,
                              .low = 30,
                              .middle = double(minutes),
                              .high = 60,
                              .likelihood = {},
                              .model = "linear"});
  return record_of(flow::to_write(forecast), at);
}

flow::LogRecord score(base::Instant at, const std::string& champion, const std::string& event = "") {
  flow::NounWriter writer(
      flow::EntityId(fmt::format("urn:ngsi-ld:ForecastContest:traffic-forecast:{}slow-15min", event)),
      "ForecastContest", flow::WriteMode::replace);
  writer.text("attribute", "averageVehicleSpeed").text("group", "slow-15min").text("champion", champion);
  if (!event.empty()) writer.text("event", event);
  return record_of(writer.take(), at);
}

class Rows final : public twin::StateRows {
 public:
  void put(std::string_view key, std::string value) override { all[std::string(key)] = std::move(value); }
  void erase(std::string_view key) override { all.erase(std::string(key)); }
  std::map<std::string, std::string> all;
};

TEST(ForecastPast, KeepsWhatWasSaidOfEachHorizonForAWhile) {
  ForecastPast past("averageVehicleSpeed");
  twin::Outbox out;
  for (int i = 0; i < 100; ++i) past.on_record(said(kBegin + i * 5 * kMinute), out);
  past.on_record(said(kBegin, "occupiedSpotNumber"), out);
  EXPECT_TRUE(out.empty());
  for (const std::size_t horizon : {0, 1, 2}) {
    const auto all = past.of(kRoad, horizon);
    ASSERT_EQ(all.size(), 49u) << "four hours, every five minutes";
    EXPECT_EQ(all.back().valid_at, kBegin + (495 + kShownMinutes[horizon]) * kMinute);
    EXPECT_EQ(all.back().middle, float(kShownMinutes[horizon])) << "and 45 minutes ahead is none of them";
    EXPECT_TRUE(std::ranges::is_sorted(all, {}, &PastForecast::valid_at));
  }
  past.on_record(said(kBegin + 495 * kMinute), out);
  EXPECT_EQ(past.of(kRoad, 0).size(), 49u) << "said again: the later word counts";
}

TEST(ForecastPast, TellsWhichModelTookWhosePlaceAndSurvivesARestart) {
  ForecastPast past("averageVehicleSpeed");
  twin::Outbox out;
  past.on_record(said(kBegin), out);
  past.on_record(score(kBegin, "persistence"), out);
  past.on_record(score(kBegin + kMinute, "persistence"), out);
  EXPECT_TRUE(past.changes().empty()) << "the first is nobody's successor";
  past.on_record(score(kBegin + 2 * kMinute, "linear"), out);
  past.on_record(score(kBegin + 3 * kMinute, "fading"), out);
  past.on_record(score(kBegin + 3 * kMinute, "frequencies", "congestion"), out);
  past.on_record(score(kBegin + 4 * kMinute, "boosted", "congestion"), out);
  Rows rows;
  past.save_changed(rows);
  Rows none;
  past.save_changed(none);
  EXPECT_TRUE(none.all.empty()) << "nothing has changed since";

  ForecastPast again("averageVehicleSpeed");
  for (const auto& [key, value] : rows.all) {
    base::ByteReader in(value);
    ASSERT_TRUE(again.load_row(key, in)) << key;
  }
  const auto changes = again.changes();
  ASSERT_EQ(changes.size(), 3u);
  EXPECT_EQ(changes[0].champion, "boosted") << "the newest first";
  EXPECT_EQ(changes[0].event, "congestion");
  EXPECT_EQ(changes[1].champion, "fading") << "who calls congestion takes nobody's place who foresees speeds";
  EXPECT_EQ(changes[1].former, "linear");
  EXPECT_EQ(changes[1].event, "");
  EXPECT_EQ(changes[2].at, kBegin + 2 * kMinute);
  ASSERT_EQ(again.of(kRoad, 2).size(), 1u);
  EXPECT_EQ(again.of(kRoad, 2)[0].high, 60);
  again.on_record(score(kBegin + 5 * kMinute, "fading"), out);
  EXPECT_EQ(again.changes().size(), 3u) << "who is champion is known again";
  for (const auto& [key, value] : rows.all) {
    base::ByteReader cut(std::string_view(value).substr(0, value.size() - 3));
    EXPECT_FALSE(ForecastPast("averageVehicleSpeed").load_row(key, cut)) << key;
  }
}

}  // namespace
}  // namespace cityloop::traffic
