#include "act/device_types.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "act/interlocks.h"

namespace cityloop::act {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(DeviceTypes, ReadsWhatATypeSays) {
  const auto types = DeviceTypes::parse(R"(
[[device_type]]
id = "lamp"
entity_type = "Streetlight"
topic = "cityloop/{id_tail}/cmd"
receipt_topic = "cityloop/{id_tail}/receipt"
[[device_type.command]]
name = "brightness"
kind = "number"
min = 0
max = 100
unit = "P1"
min_interval = "2s"
when_too_soon = "wait"
needs_approval = "outside 06:00-22:30"
approve_within = "5m"
excludes = ["blink", "$ref:twin.brightness", "$group.brightness"]
ack_timeout = "4s"
retries = 2
done_timeout = "30s"
effect = [{ attribute = "brightness", within = "20s", tolerance = 1.5 }]
[[device_type.command]]
name = "blink"
kind = "boolean"
)",
                                        "a.toml");
  ASSERT_TRUE(types) << types.error().message;
  const DeviceType* lamp = types->find("lamp");
  ASSERT_NE(lamp, nullptr);
  EXPECT_EQ(lamp->entity_type, "Streetlight");
  const CommandSpec& spec = *lamp->find("brightness");
  EXPECT_EQ(spec.kind, ValueKind::number);
  EXPECT_EQ(spec.max, 100);
  EXPECT_TRUE(spec.wait_when_too_soon);
  EXPECT_EQ(spec.approval.when, ApprovalRule::When::outside);
  EXPECT_EQ(spec.approval.to_min, 22 * 60 + 30);
  EXPECT_EQ(spec.approve_within, minutes(5));
  EXPECT_EQ(spec.ack_timeout, seconds(4));
  EXPECT_EQ(spec.retries, 2u);
  EXPECT_EQ(spec.effects.front().tolerance, 1.5);
  ASSERT_EQ(spec.excludes.size(), 3u);
  EXPECT_EQ(spec.excludes[1].relationship, Name("twin"));
  EXPECT_EQ(spec.excludes[2].where, Exclusion::Where::group);
  ASSERT_EQ(lamp->find("blink")->excludes.size(), 1u) << "what excludes is excluded";
  EXPECT_EQ(lamp->find("blink")->excludes[0].command, "brightness");
  EXPECT_THAT(types->receipt_filters(), ElementsAre("cityloop/+/receipt"));
}

TEST(DeviceTypes, TellsEveryMistakeWithItsLine) {
  const auto types = DeviceTypes::parse(R"([[device_type]]
id = "pump"
topic = "cityloop/cmd"
receipt_topic = "cityloop/x{id}/receipt"
[[device_type.command]]
name = "pump"
kind = "bool"
needs_approval = "outside 25:00-06:00"
excludes = ["valve", "$ref:broken"]
retries = -1
when_too_soon = "panic"
effect = [{ attribute = "pump", within = "10s", tolerance = 2 }]
max_interval = "3s"
[[device_type.command]]
name = "pump"
kind = "number"
min = 5
max = 1
[[device_type]]
id = "pump"
topic = "a/{id}"
receipt_topic = "b/{id}"
)",
                                        "bad.toml");
  ASSERT_FALSE(types);
  for (const char* mistake :
       {"bad.toml:3: 'topic' must say which device", "bad.toml:4: 'x{id}' in 'receipt_topic'",
        "bad.toml:7: 'kind' is 'bool'", "bad.toml:8: 'needs_approval'", "bad.toml:9: 'pump' has no command 'valve'",
        "bad.toml:9: '$ref:broken' is not", "bad.toml:10: 'retries'", "bad.toml:11: 'when_too_soon'",
        "bad.toml:12: 'tolerance' is for numbers", "bad.toml:13: 'max_interval' is not known",
        "bad.toml:15: 'pump' has a command 'pump' already", "bad.toml:17: 'min' is above 'max'",
        "bad.toml:19: a device type has at least one", "bad.toml:20: there is a device type 'pump' already"}) {
    EXPECT_THAT(types.error().message, HasSubstr(mistake));
  }
}

TEST(DeviceTypes, TopicsNeverTakeWildcards) {
  EXPECT_EQ(topic_for("cityloop/{id_tail}/cmd", EntityId("urn:ngsi-ld:Device:pump-1")).value(), "cityloop/pump-1/cmd");
  EXPECT_EQ(topic_for("d/{id}", EntityId("urn:ngsi-ld:Device:a:b")).value(), "d/urn:ngsi-ld:Device:a:b");
  for (const char* id :
       {"urn:ngsi-ld:Device:+", "urn:ngsi-ld:Device:#", "urn:ngsi-ld:Device:a/b", "urn:ngsi-ld:Device:"})
    EXPECT_FALSE(topic_for("cityloop/{id_tail}/cmd", EntityId(id))) << id;
}

TEST(DeviceTypes, TheDemosOwnTypesAreSound) {
  for (const char* folder : {"demo/district/devices", "demo/aarhus/devices"}) {
    ASSERT_TRUE(std::filesystem::exists(folder)) << folder;
    const auto types = DeviceTypes::load_folder(folder);
    ASSERT_TRUE(types) << types.error().message;
  }
  const auto district = DeviceTypes::load_folder("demo/district/devices");
  for (const char* id : {"pump", "sign", "streetlight"}) EXPECT_NE(district->find(id), nullptr) << id;
}

TEST(Interlocks, ValueMustFit) {
  CommandSpec number{.name = "n", .kind = ValueKind::number, .min = 0, .max = 100};
  EXPECT_TRUE(check_value(number, "100"));
  EXPECT_THAT(check_value(number, "100.5").error().message, HasSubstr("above 100"));
  EXPECT_THAT(check_value(number, "-1").error().message, HasSubstr("below 0"));
  EXPECT_FALSE(check_value(number, "\"50\""));
  EXPECT_FALSE(check_value(number, ""));
  EXPECT_FALSE(check_value(number, "{"));
  CommandSpec text{.name = "t", .kind = ValueKind::text, .max = 3};
  EXPECT_TRUE(check_value(text, "\"停车场\"")) << "characters, not bytes";
  EXPECT_FALSE(check_value(text, "\"full\""));
  CommandSpec flag{.name = "f", .kind = ValueKind::boolean};
  EXPECT_TRUE(check_value(flag, "false"));
  EXPECT_FALSE(check_value(flag, "1"));
}

TEST(Interlocks, ApprovalByTheHour) {
  const auto at = [](const char* clock) { return base::parse_time(fmt::format("2026-03-02T{}:00Z", clock)).value(); };
  const ApprovalRule day{ApprovalRule::When::outside, 7 * 60, 22 * 60};
  EXPECT_FALSE(needs_approval(day, at("07:00")));
  EXPECT_FALSE(needs_approval(day, at("21:59")));
  EXPECT_TRUE(needs_approval(day, at("22:00")));
  EXPECT_TRUE(needs_approval(day, at("03:00")));
  const ApprovalRule night{ApprovalRule::When::outside, 22 * 60, 6 * 60};
  EXPECT_FALSE(needs_approval(night, at("23:30")));
  EXPECT_FALSE(needs_approval(night, at("05:59")));
  EXPECT_TRUE(needs_approval(night, at("12:00")));
  EXPECT_TRUE(needs_approval({ApprovalRule::When::always}, at("12:00")));
  EXPECT_FALSE(needs_approval({}, at("12:00")));
}

}  // namespace
}  // namespace cityloop::act
