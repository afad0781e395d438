// A small fire brigade of rules for tests of duty: two crews of one department, one of another.
#pragma once

#include <gtest/gtest.h>

#include "duty/duty_rules.h"
#include "duty/roster.h"

namespace cityloop::test {

inline constexpr const char* kCrews = R"(
[limits]
week_hours = 40
rest = "10h"
[[skill]]
id = "pump"
name = { zh = "水泵", en = "Pumps" }
[[skill]]
id = "winch"
name = { zh = "绞盘", en = "Winch" }
[[shift]]
id = "day"
name = { zh = "日班", en = "Day" }
from = "08:00"
until = "16:00"
[[shift]]
id = "night"
name = { zh = "夜班", en = "Night" }
from = "22:00"
until = "06:00"
[[holiday]]
from = "2026-03-05"
name = { zh = "节日", en = "Feast" }
[[makeup]]
day = "2026-03-07"
as = "thu"
[[pattern]]
id = "week"
name = { zh = "工作日", en = "Weekdays" }
week = { mon = "day", tue = "day", wed = "day", thu = "day", fri = "day" }
[[pattern]]
id = "two_two"
name = { zh = "二上二休", en = "Two on, two off" }
begins = "2026-03-02"
cycle = ["night", "night", "-", "-"]
[[crew]]
id = "blue"
name = { zh = "蓝班", en = "Blue" }
department = "water"
skills = ["winch"]
base = [120.1, 30.1]
speed_kmh = 36
capacity = 5
least = 2
[[crew]]
id = "red"
name = { zh = "红班", en = "Red" }
department = "water"
areas = ["north", "330199001"]
base = [120.2, 30.2]
[[crew]]
id = "green"
name = { zh = "绿班", en = "Green" }
department = "parks"
base = [120.3, 30.3]
[[roster]]
id = "blue-week"
crew = "blue"
pattern = "week"
from = "2026-01-01"
to = "2026-12-31"
[[roster]]
id = "red-a"
crew = "red"
people = ["user:rui"]
pattern = "two_two"
from = "2026-01-01"
to = "2026-12-31"
[[roster]]
id = "red-b"
crew = "red"
people = ["user:ren"]
pattern = "two_two"
from = "2026-01-01"
to = "2026-12-31"
offset = 2
[[roster]]
id = "green-week"
crew = "green"
pattern = "week"
from = "2026-01-01"
to = "2026-12-31"
[[norm]]
skills = ["pump"]
service = "10m"
[[norm]]
kind = "flooding"
service = "20m"
[[norm]]
category = "event-01"
service = "30m"
[[norm]]
category = "event-0102"
kind = "other"
service = "40m"
load = 2
[[need]]
department = "water"
skill = "pump"
days = ["sun"]
from = "20:00"
until = "06:00"
)";

inline constexpr const char* kPeople =
    "id,name_zh,name_en,crew,skills,week_hours\n"
    "user:ban,班,Ban,blue,,\n"
    "user:bo,博,Bo,blue,pump,\n"
    "user:bin,彬,Bin,blue,winch,60\n"
    "user:rui,瑞,Rui,red,pump,\n"
    "user:ren,任,Ren,red,,\n"
    "user:gao,高,Gao,green,,\n";

inline duty::DutyRulesPtr duty_rules(flow::RuleFiles more = {}, const std::string& zone = "UTC") {
  flow::RuleFiles files{{"crews.toml", kCrews}, {"people.csv", kPeople}};
  for (auto& file : more) files.push_back(std::move(file));
  auto rules = duty::DutyRules::parse(std::move(files), {zone, {"water", "parks"}, {"north"}}, "duty");
  EXPECT_TRUE(rules) << rules.error().message;
  return rules ? *rules : nullptr;
}

// 2026-03-02 is a Monday.
inline base::Instant at(std::string_view text) {
  return base::parse_time(text).value();
}

}  // namespace cityloop::test
