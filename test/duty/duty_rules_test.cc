// How crews, shifts and rosters are written, and what is refused.
#include "duty/duty_rules.h"

#include <gmock/gmock.h>

#include "flow/noun.h"
#include "test/duty/duty_city.h"

namespace cityloop::duty {
namespace {

using test::at;
using test::kCrews;
using test::kPeople;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(DutyRules, CrewsHaveThePeopleWhoSayThatTheyAreOfThem) {
  const auto rules = test::duty_rules();
  const Crew* blue = rules->find_crew("blue");
  ASSERT_NE(blue, nullptr);
  EXPECT_THAT(blue->members, ElementsAre("user:ban", "user:bin", "user:bo"));
  EXPECT_DOUBLE_EQ(blue->speed_mps, 10);
  EXPECT_DOUBLE_EQ(blue->base.lon_deg, 120.1);
  EXPECT_DOUBLE_EQ(rules->find_person("user:bin")->week_hours_max, 60);
  EXPECT_DOUBLE_EQ(rules->find_person("user:bo")->week_hours_max, 40);
  EXPECT_EQ(rules->find_person("user:nobody"), nullptr);
}

TEST(DutyRules, EveryMistakeIsToldWithItsLine) {
  const auto bad = DutyRules::parse(
      {{"a.toml", R"([[shift]]
id = "late"
name = { zh = "晚", en = "Late" }
from = "14:00"
until = "25:00"
[[pattern]]
id = "p"
name = { zh = "轮", en = "P" }
cycle = ["late", "early"]
[[crew]]
id = "one"
name = { zh = "一", en = "One" }
department = "fire"
skills = ["fly"]
base = [500, 30]
[[roster]]
id = "r"
crew = "two"
people = ["user:x"]
pattern = "q"
from = "2026-02-30"
to = "2026-01-01"
[[norm]]
service = "30 parsecs"
[[need]]
department = "water"
skill = "swim"
days = ["someday"]
colour = "blue"
)"},
       {"people.csv", "id,name_zh,name_en,crew,skills,week_hours\nli,李,Li,one,,\nuser:a,,A,three,sing,-1\n"},
       {"roster_x.csv", "date,crew,shift,people\nsoon,one,late,\n2026-01-01,nine,early,user:y\n"}},
      {"UTC", {"water"}, {}}, "duty");
  ASSERT_FALSE(bad);
  for (const char* line : {"duty/a.toml:5: 'until' is '25:00'",
                           "duty/a.toml:9: there is no shift 'early'",
                           "duty/a.toml:13: the city has no department 'fire'",
                           "duty/a.toml:14: there is no skill 'fly'",
                           "duty/a.toml:15: 'base' must be",
                           "duty/a.toml:18: there is no crew 'two'",
                           "duty/a.toml:19: there is no person 'user:x'",
                           "duty/a.toml:20: there is no pattern 'q'",
                           "duty/a.toml:21: 'from' is '2026-02-30'",
                           "duty/a.toml:24:",
                           "duty/a.toml:27: there is no skill 'swim'",
                           "duty/a.toml:28: 'someday' is no day of the week",
                           "duty/a.toml:29:",
                           "duty/people.csv:2: 'li' is no \"user:…\"",
                           "duty/people.csv:3: there is no crew 'three'",
                           "duty/people.csv:3: there is no skill 'sing'",
                           "duty/people.csv:3: a name is missing",
                           "duty/people.csv:3: '-1' is no number of hours",
                           "duty/roster_x.csv:2: 'soon' is no date",
                           "duty/roster_x.csv:3: there is no crew 'nine'",
                           "duty/roster_x.csv:3: there is no shift 'early'",
                           "duty/roster_x.csv:3: there is no person 'user:y'"})
    EXPECT_THAT(bad.error().message, HasSubstr(line));
  EXPECT_FALSE(DutyRules::parse({}, {"Mars/Olympus"}));
}

TEST(DutyRules, TravelThroughTheLogAsOneVersion) {
  const auto rules = test::duty_rules();
  const auto again = DutyRules::from_entity(entity_of(rules->to_write(at("2026-03-02T00:00:00Z"))));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ((*again)->version(), rules->version());
  base::ByteWriter out;
  rules->save(out);
  const std::string bytes = out.take();
  base::ByteReader in(bytes);
  EXPECT_EQ(DutyRules::load(in).value()->version(), rules->version());
  EXPECT_NE(test::duty_rules({}, "Asia/Shanghai")->version(), rules->version());
  base::ByteReader cut(std::string_view(bytes).substr(0, bytes.size() / 2));
  EXPECT_FALSE(DutyRules::load(cut));
}

TEST(DutyRules, LakesideHasNoMistakes) {
  const auto rules = DutyRules::load_folder(
      "demo/district/duty",
      {"Asia/Shanghai", {"water", "traffic", "environment", "lighting", "operations"}, {"lakeshore", "school"}});
  ASSERT_TRUE(rules) << rules.error().message;
  EXPECT_GE((*rules)->crews().size(), 5u);
  EXPECT_NE((*rules)->find_person("user:li.wei"), nullptr);
  EXPECT_NE((*rules)->find_person("user:wu.fang"), nullptr);
}

}  // namespace
}  // namespace cityloop::duty
