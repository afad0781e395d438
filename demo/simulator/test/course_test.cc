// The course that a newcomer sees with the district's own tables: what comes when, as far as it is promised.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "demo/simulator/district.h"

namespace cityloop::demo {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const Instant kStart = *base::parse_time("2026-05-01T08:00:00Z");

std::unique_ptr<District> lakeside(std::uint64_t seed) {
  DistrictOptions options;
  options.start = kStart;
  options.seed = seed;
  auto district = District::load("demo/district/tables", options);
  EXPECT_TRUE(district) << district.error().message;
  return std::move(*district);
}

class Course : public ::testing::TestWithParam<std::uint64_t> {};

// Both underpasses pass the rules' 0.3 m soon after the rain begins, stay above it while nobody pumps, and are empty
// well within two minutes of the start when their pumps are asked a few seconds after the alarm.
TEST_P(Course, TheFloodComesAndAPumpEndsItWithinTwoMinutes) {
  const auto district = lakeside(GetParam());
  for (const int number : {1, 2}) {
    const auto& water = dynamic_cast<const Underpass&>(*district->find(fmt::format("underpass-{}", number)));
    EXPECT_LT(water.level_m(), 0.05);
  }
  std::map<int, int> over_at_s, gone_at_s;
  for (int s = 0; s <= 120; ++s) {
    district->advance(kStart + seconds(s));
    for (const int number : {1, 2}) {
      const auto& water = dynamic_cast<const Underpass&>(*district->find(fmt::format("underpass-{}", number)));
      if (water.level_m() > 0.3) over_at_s.emplace(number, s);
      if (over_at_s.contains(number) && s == over_at_s[number] + 8) {
        district->command(fmt::format("cityloop/pump-{}/cmd", number),
                          fmt::format(R"({{"command":"c{}","name":"pump","value":true}})", number),
                          kStart + seconds(s));
      }
      if (over_at_s.contains(number) && water.level_m() < 0.13) gone_at_s.emplace(number, s);
    }
  }
  for (const int number : {1, 2}) {
    ASSERT_TRUE(over_at_s.contains(number));
    EXPECT_GE(over_at_s[number], 17);
    EXPECT_LE(over_at_s[number], 35);
    ASSERT_TRUE(gone_at_s.contains(number));
    EXPECT_LE(gone_at_s[number], 90);
    EXPECT_GE(gone_at_s[number], over_at_s[number] + 15) << "too fast to be seen";
  }
}

TEST_P(Course, AGarageThatIsNobodysLastResortFillsUpInTheMorning) {
  const auto district = lakeside(GetParam());
  double fullest = 0;
  for (int minute = 1; minute <= 15; ++minute) {
    district->advance(kStart + minutes(minute));
    for (const std::string& id : district->ids("parking")) {
      const auto& garage = dynamic_cast<const Garage&>(*district->find(id));
      fullest = std::max(fullest, double(garage.parked()) / garage.capacity());
    }
  }
  EXPECT_GE(fullest, 0.94);
}

TEST_P(Course, NoDeviceSaysWhatTheFeedsWouldRefuse) {
  const auto district = lakeside(GetParam());
  std::size_t count = 0;
  for (const Message& message : district->advance(kStart + minutes(9))) {
    ++count;
    const auto payload = base::JsonValue::parse(message.payload);
    ASSERT_TRUE(payload) << message.payload;
    const auto within = [&](std::string_view key, double low, double high) {
      if (!payload->find(key)) return;
      const double value = payload->number_or(key, -1e9);
      EXPECT_GE(value, low) << message.topic << ' ' << message.payload;
      EXPECT_LE(value, high) << message.topic << ' ' << message.payload;
    };
    within("waterLevel", 0, 3);
    within("temperature", -60, 60);
    within("relativeHumidity", 0, 1);
    within("precipitation", 0, 200);
    within("pm25", 0, 300);
    within("no2", 0, 300);
    within("LAeq", 30, 95);
    within("speed", 0, 120);
    within("count", 0, 1000);
    within("illuminance", 0, 200'000);
    within("flow", 0, 3000);
  }
  EXPECT_GT(count, 5000u);
}

// More than three lights near each other, as the rule about cabinets wants it.
TEST_P(Course, OneCabinetLosesItsPowerAfterSixMinutes) {
  const auto district = lakeside(GetParam());
  const auto lights_heard = [](const std::vector<Message>& messages) {
    std::set<std::string> heard;
    for (const Message& message : messages) {
      if (message.topic.starts_with("district/light/")) heard.insert(message.topic);
    }
    return heard.size();
  };
  district->advance(kStart + minutes(4));
  const std::size_t all = lights_heard(district->advance(kStart + minutes(5)));
  district->advance(kStart + minutes(6) + seconds(20));
  const std::size_t during = lights_heard(district->advance(kStart + minutes(7)));
  district->advance(kStart + minutes(9));
  const std::size_t after = lights_heard(district->advance(kStart + minutes(10)));
  EXPECT_LE(during + 3, all);
  EXPECT_GE(after + 1, all);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Course, ::testing::Values(1, 2, 3, 7, 42, 1000));

}  // namespace
}  // namespace cityloop::demo
