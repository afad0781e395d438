#include "demo/simulator/district.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <random>

namespace cityloop::demo {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const Instant kStart = *base::parse_time("2026-05-01T08:00:00Z");

class DistrictTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / fmt::format("district_test_{}", std::random_device{}());
    std::filesystem::create_directories(folder_);
    write("underpasses.csv", "id,basin_m2,catchment_m2\nunderpass-1,420,26000\n");
    write("pumps.csv", "id,underpass,rated_flow_m3h,rated_current_a\npump-1,underpass-1,1600,58\n");
    write("weather_stations.csv", "id\nweather-1\n");
    write("garages.csv",
          "id,name_zh,name_en,total_spots,sign\n"
          "garage-1,集市广场停车楼,Market Square garage,420,sign-1\n"
          "garage-2,学堂街地下车库,School Street garage,1800,sign-1\n");
    write("signs.csv", "id\nsign-1\n");
    write("noise_meters.csv", "id\nnoise-01\nnoise-02\n");
    write("air_stations.csv", "id\nair-01\n");
    write("streetlights.csv", "id\nlight-01\n");
    write("traffic_sensors.csv", "id,free_flow_kmh,capacity_vph\ntraffic-01,46,1500\n");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, std::string_view content) { std::ofstream(folder_ / name) << content; }

  DistrictOptions options(std::uint64_t seed = 1) const {
    DistrictOptions options;
    options.seed = seed;
    options.start = kStart;
    return options;
  }
  std::unique_ptr<District> load(const DistrictOptions& with) const {
    auto district = District::load(folder_, with);
    EXPECT_TRUE(district) << district.error().message;
    return std::move(*district);
  }
  std::unique_ptr<District> load() const { return load(options()); }

  static double level_m(const District& district) {
    return dynamic_cast<const Underpass&>(*district.find("underpass-1")).level_m();
  }
  static std::string order(std::string_view id, std::string_view name, std::string_view value) {
    return fmt::format(R"({{"command":"{}","name":"{}","value":{},"at":"2026-05-01T08:00:00Z"}})", id, name, value);
  }

  std::filesystem::path folder_;
};

TEST_F(DistrictTest, TheSameSeedGivesTheSameMessagesHoweverTimeIsCut) {
  const auto one = load();
  const auto other = load();
  const std::vector<Message> at_once = one->advance(kStart + seconds(120));
  std::vector<Message> bit_by_bit;
  for (int ms = 0; ms <= 120'000; ms += 70) {
    for (Message& message : other->advance(kStart + milliseconds(ms))) bit_by_bit.push_back(std::move(message));
  }
  for (Message& message : other->advance(kStart + seconds(120))) bit_by_bit.push_back(std::move(message));
  EXPECT_GT(at_once.size(), 200u);
  EXPECT_EQ(at_once, bit_by_bit);
}

TEST_F(DistrictTest, AnotherSeedIsAnotherCourse) {
  EXPECT_NE(load(options(1))->advance(kStart + seconds(60)), load(options(2))->advance(kStart + seconds(60)));
}

TEST_F(DistrictTest, MessagesAreAsTheFeedsExpectThem) {
  const std::vector<Message> messages = load()->advance(kStart + seconds(30));
  std::map<std::string, std::string> first;
  for (const Message& message : messages) first.emplace(message.topic, message.payload);
  EXPECT_THAT(first, SizeIs(11));
  const auto keys_of = [&](const std::string& topic) {
    const auto parsed = base::JsonValue::parse(first[topic]);
    EXPECT_TRUE(parsed) << topic << ": " << first[topic];
    std::vector<std::string> keys;
    for (const auto& member : *parsed->object()) keys.push_back(member.key);
    EXPECT_TRUE(base::parse_time(parsed->text_or("at", "")));
    return keys;
  };
  EXPECT_THAT(keys_of("district/water/underpass-1/state"), ElementsAre("at", "waterLevel"));
  EXPECT_THAT(keys_of("district/pump/pump-1/state"), ElementsAre("at", "pump", "flow", "current"));
  EXPECT_THAT(keys_of("district/weather/weather-1/state"),
              ElementsAre("at", "temperature", "relativeHumidity", "windSpeed", "precipitation"));
  EXPECT_THAT(keys_of("district/parking/garage-1/state"), ElementsAre("at", "occupied", "total"));
  EXPECT_THAT(keys_of("district/sign/sign-1/state"), ElementsAre("at", "message", "lit"));
  EXPECT_THAT(keys_of("district/air/air-01/state"), ElementsAre("at", "pm25", "no2"));
  EXPECT_THAT(keys_of("district/noise/noise-01/state"), ElementsAre("at", "LAeq"));
  EXPECT_THAT(keys_of("district/light/light-01/state"), ElementsAre("at", "powerState", "brightness", "illuminance"));
  EXPECT_THAT(keys_of("district/traffic/traffic-01/state"), ElementsAre("at", "speed", "count"));
}

TEST_F(DistrictTest, TheFirstStormFloodsTheUnderpassAndItDrainsSlowly) {
  const auto district = load();
  district->advance(kStart + seconds(15));
  EXPECT_LT(level_m(*district), 0.01);
  district->advance(kStart + seconds(35));
  EXPECT_GT(level_m(*district), 0.3);
  district->advance(kStart + seconds(100));
  EXPECT_GT(level_m(*district), 0.3) << "the drain alone must not end the story";
}

TEST_F(DistrictTest, AStartedPumpEmptiesItInTimeAndStopsByItself) {
  const auto district = load();
  district->advance(kStart + seconds(35));
  district->command("cityloop/pump-1/cmd", order("urn:c:1", "pump", "true"), kStart + seconds(35));
  district->advance(kStart + seconds(37));
  EXPECT_TRUE(dynamic_cast<const Pump&>(*district->find("pump-1")).running());
  district->advance(kStart + seconds(75));
  EXPECT_LT(level_m(*district), 0.15);
  district->advance(kStart + seconds(100));
  EXPECT_LT(level_m(*district), 0.05);
  EXPECT_FALSE(dynamic_cast<const Pump&>(*district->find("pump-1")).running());
}

TEST_F(DistrictTest, ACommandIsAcknowledgedCarriedOutAndShown) {
  const auto district = load();
  district->advance(kStart + seconds(35));
  const auto at_once = district->command("cityloop/pump-1/cmd", order("urn:c:1", "pump", "true"), kStart + seconds(35));
  ASSERT_THAT(at_once, SizeIs(1));
  EXPECT_EQ(at_once[0].topic, "cityloop/pump-1/receipt");
  EXPECT_EQ(at_once[0].payload, R"({"command":"urn:c:1","status":"acknowledged"})");
  const auto later = district->advance(kStart + seconds(37));
  const auto receipt = std::ranges::find(later, std::string("cityloop/pump-1/receipt"), &Message::topic);
  ASSERT_NE(receipt, later.end());
  EXPECT_EQ(receipt->payload, R"({"command":"urn:c:1","status":"succeeded"})");
  ASSERT_NE(receipt + 1, later.end());
  EXPECT_EQ((receipt + 1)->topic, "district/pump/pump-1/state") << "it tells its new state at once";
  EXPECT_THAT((receipt + 1)->payload, HasSubstr(R"("pump":true)"));
}

TEST_F(DistrictTest, ACommandThatComesTwiceIsDoneOnce) {
  const auto district = load();
  district->advance(kStart + seconds(35));
  district->command("cityloop/pump-1/cmd", order("urn:c:1", "pump", "true"), kStart + seconds(35));
  district->advance(kStart + seconds(37));
  district->command("cityloop/pump-1/cmd", order("urn:c:2", "pump", "false"), kStart + seconds(37));
  district->advance(kStart + seconds(39));
  const auto again = district->command("cityloop/pump-1/cmd", order("urn:c:1", "pump", "true"), kStart + seconds(39));
  district->advance(kStart + seconds(41));
  EXPECT_FALSE(dynamic_cast<const Pump&>(*district->find("pump-1")).running());
  EXPECT_THAT(again, ElementsAre(Message{"cityloop/pump-1/receipt", R"({"command":"urn:c:1","status":"succeeded"})"}));
}

TEST_F(DistrictTest, WhatADeviceCannotDoFailsWithAReason) {
  const auto district = load();
  const auto reason_of = [&](std::string_view device, std::string_view name, std::string_view value) {
    static int number = 100;
    const std::string id = fmt::format("urn:c:{}", ++number);
    const Instant now = kStart + seconds(number);
    district->command(fmt::format("cityloop/{}/cmd", device), order(id, name, value), now);
    for (const Message& message : district->advance(now + seconds(1))) {
      if (message.payload.contains(id)) return message.payload;
    }
    return std::string("no receipt");
  };
  EXPECT_THAT(reason_of("pump-1", "pump", "7"), HasSubstr(R"("failed","reason":"pump takes true or false")"));
  EXPECT_THAT(reason_of("pump-1", "colour", "1"), HasSubstr("no command 'colour'"));
  EXPECT_THAT(reason_of("light-01", "brightness", "101"), HasSubstr("from 0 to 100"));
  EXPECT_THAT(reason_of("sign-1", "message", fmt::format("\"{}\"", std::string(201, 'x'))), HasSubstr("200 bytes"));
  EXPECT_THAT(reason_of("noise-01", "pump", "true"), HasSubstr("no command 'pump'"));
}

TEST_F(DistrictTest, AFaultyPumpFailsAndStaysOff) {
  DistrictOptions faulty = options();
  faulty.fault_rate = 1;
  const auto district = load(faulty);
  district->advance(kStart + seconds(35));
  district->command("cityloop/pump-1/cmd", order("urn:c:1", "pump", "true"), kStart + seconds(35));
  const auto later = district->advance(kStart + seconds(37));
  EXPECT_TRUE(
      std::ranges::any_of(later, [](const Message& m) { return m.payload.contains("motor protection tripped"); }));
  EXPECT_FALSE(dynamic_cast<const Pump&>(*district->find("pump-1")).running());
}

TEST_F(DistrictTest, NonsenseIsCountedAndDisturbsNothing) {
  const auto district = load();
  EXPECT_THAT(district->command("cityloop/pump-1/cmd", "{", kStart), IsEmpty());
  EXPECT_THAT(district->command("cityloop/pump-1/cmd", "[]", kStart), IsEmpty());
  EXPECT_THAT(district->command("cityloop/nobody/cmd", order("urn:c:1", "pump", "true"), kStart), IsEmpty());
  EXPECT_THAT(district->command("cityloop//cmd", order("urn:c:1", "pump", "true"), kStart), IsEmpty());
  EXPECT_THAT(district->command("cityloop/cmd", "x", kStart), IsEmpty());
  EXPECT_EQ(district->bad_commands(), 5u);
  EXPECT_FALSE(district->advance(kStart + seconds(10)).empty());
}

TEST_F(DistrictTest, ASignThatNamesAnotherGarageFillsThatOne) {
  const auto garages_after = [&](bool signed_on) {
    const auto district = load();
    for (int minute = 0; minute < 6; ++minute) {
      const Instant now = kStart + std::chrono::minutes(minute);
      if (signed_on) {
        district->command("cityloop/sign-1/cmd", order(fmt::format("urn:c:{}", minute), "message", "\"→ 学堂街\""),
                          now);
      }
      district->advance(now + seconds(59));
    }
    const auto parked = [&](const char* id) { return dynamic_cast<const Garage&>(*district->find(id)).parked(); };
    return std::pair(parked("garage-1"), parked("garage-2"));
  };
  const auto [without_1, without_2] = garages_after(false);
  const auto [with_1, with_2] = garages_after(true);
  EXPECT_LT(with_1, without_1 - 40);
  EXPECT_GT(with_2, without_2 + 40);
}

TEST_F(DistrictTest, AnIdleSignTellsTheFreePlaces) {
  std::string last;
  for (const Message& message : load()->advance(kStart + seconds(30))) {
    if (message.topic == "district/sign/sign-1/state") last = message.payload;
  }
  EXPECT_THAT(last, ::testing::ContainsRegex("\"message\":\"集市广场 [0-9]+ · 学堂街 [0-9]+\""));
}

TEST_F(DistrictTest, ASignsMessageLapses) {
  const auto district = load();
  district->command("cityloop/sign-1/cmd", order("urn:c:1", "message", "\"slow\""), kStart);
  district->advance(kStart + seconds(10));
  EXPECT_EQ(dynamic_cast<const Sign&>(*district->find("sign-1")).message(), "slow");
  district->advance(kStart + std::chrono::minutes(9));
  EXPECT_EQ(dynamic_cast<const Sign&>(*district->find("sign-1")).message(), "");
}

TEST_F(DistrictTest, OneMeterFallsSilentSoonAndComesBack) {
  const auto district = load();
  std::vector<Instant> told;
  for (const Message& message : district->advance(kStart + seconds(240))) {
    if (message.topic != "district/noise/noise-01/state") continue;
    told.push_back(*base::parse_time(base::JsonValue::parse(message.payload)->text_or("at", "")));
  }
  Duration longest{};
  for (std::size_t i = 1; i < told.size(); ++i) longest = std::max(longest, told[i] - told[i - 1]);
  EXPECT_GT(longest, seconds(110));
  EXPECT_LT(longest, seconds(130));
}

TEST_F(DistrictTest, AMachineThatSleptPublishesNothingForIt) {
  const auto district = load();
  district->advance(kStart + seconds(10));
  const auto after = district->advance(kStart + std::chrono::hours(8));
  EXPECT_THAT(after, SizeIs(::testing::Le(20u)));
  const auto next = district->advance(kStart + std::chrono::hours(8) + seconds(10));
  ASSERT_FALSE(next.empty());
  EXPECT_THAT(next.front().payload, HasSubstr(R"("at":"2026-05-01T16:00:)"));
}

TEST_F(DistrictTest, ATableThatIsWrongIsAnError) {
  write("pumps.csv", "id,underpass\npump-1\n");
  const auto wrong = District::load(folder_, options());
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, HasSubstr("pumps.csv:2: 1 cells where there are 2 columns"));
  const auto nowhere = District::load(folder_ / "nowhere", options());
  ASSERT_FALSE(nowhere);
}

TEST(Table, ReadsQuotedCells) {
  const auto rows = parse_table("\xef\xbb\xbfid,geometry\r\nroad-01,\"LINE (1 2, 3 4) \"\"x\"\"\"\r\n\n", "roads.csv");
  ASSERT_TRUE(rows);
  ASSERT_THAT(*rows, SizeIs(1));
  EXPECT_EQ((*rows)[0].text({"id"}), "road-01");
  EXPECT_EQ((*rows)[0].text({"geometry"}), "LINE (1 2, 3 4) \"x\"");
  EXPECT_EQ((*rows)[0].number({"id", "geometry"}, 7), 7);
}

}  // namespace
}  // namespace cityloop::demo
