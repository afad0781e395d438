#include "domain/awards/cycle/cycle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cityloop::awards {
namespace {

using testing::HasSubstr;

Instant at(const char* text) {
  return base::parse_time(text).value();
}

constexpr const char* kSmall = R"(
id = "small"
prefix = "S"
year = 2026
name = { zh = "小", en = "Small" }
organiser = { zh = "会", en = "Club" }
time_zone = "Asia/Shanghai"
opens = "2026-03-10"
closes = "2026-06-15"
[[category]]
id = "one"
name = { zh = "一", en = "One" }
description = { zh = "一", en = "One" }
[[field]]
id = "title"
name = { zh = "名", en = "Title" }
type = "line"
title = true
[[dimension]]
id = "all"
name = { zh = "总", en = "All" }
)";

std::string without(std::string text, const std::string& what, const std::string& instead = "") {
  const std::size_t found = text.find(what);
  EXPECT_NE(found, text.npos) << what;
  return text.replace(found, what.size(), instead);
}
std::string mistake_of(const std::string& text) {
  const auto read = read_cycle(text, "small.toml");
  return read ? "none" : read.error().message;
}

TEST(Cycle, TheCityAwardSaysAllOfItsRules) {
  const auto read = load_cycle("domain/awards/cycles/city_award.toml");
  ASSERT_TRUE(read) << read.error().message;
  const Cycle& cycle = *read;
  EXPECT_EQ(cycle.entry.opens, at("2026-03-09T16:00:00Z")) << "10 March in Beijing";
  EXPECT_EQ(cycle.entry.closes, at("2026-06-15T16:00:00Z")) << "all of 15 June";
  EXPECT_TRUE(cycle.entry.has(cycle.entry.closes - Duration(1)));
  EXPECT_FALSE(cycle.entry.has(cycle.entry.closes));
  ASSERT_EQ(cycle.categories.size(), 9u);
  EXPECT_EQ(std::ranges::count_if(cycle.categories, &Category::theme), 7);
  for (const Category& one : cycle.categories) {
    EXPECT_EQ(one.cases_min, one.theme ? 3u : 5u) << one.id;
    EXPECT_EQ(one.status.empty(), one.id == "innovation") << one.id;
    EXPECT_GE(one.key_words.size(), 10u) << one.id;
  }
  EXPECT_EQ(cycle.slot("case")->pages_max, 10u);
  EXPECT_EQ(cycle.dimensions.size(), 10u);
  EXPECT_EQ(cycle.score_max(), 100);
  EXPECT_EQ(cycle.confirm_within, std::chrono::days(10));
  EXPECT_EQ(cycle.video->seconds_max, 60);
  EXPECT_TRUE(cycle.open("questions", at("2026-06-30T15:59:59.999Z")));
  EXPECT_FALSE(cycle.open("questions", at("2026-06-30T16:00:00Z")));
  EXPECT_FALSE(cycle.open("questions", at("2026-06-15T15:59:59Z")));
  EXPECT_TRUE(cycle.open("transfer", at("2026-06-15T15:59:59Z"))) << "no window is given";
  EXPECT_EQ(cycle.prizes.size(), 7u);
  EXPECT_EQ(cycle.field("position")->blind, Blind::show);
}

TEST(Cycle, TheCallForCasesSaysAllOfItsRules) {
  const auto read = load_cycle("domain/awards/cycles/call_for_cases.toml");
  ASSERT_TRUE(read) << read.error().message;
  const Cycle& cycle = *read;
  EXPECT_TRUE(cycle.double_blind);
  EXPECT_EQ(cycle.categories.size(), 5u);
  EXPECT_EQ(cycle.per_unit_max, 3u);
  EXPECT_EQ(cycle.bonus_max, 2);
  EXPECT_EQ(cycle.slot("application")->with, "editable");
  EXPECT_EQ(cycle.bands.size(), 5u);
  for (const Field& one : cycle.fields) EXPECT_LE(one.max_chars, 1500u) << one.id;
  EXPECT_GE(cycle.channels.size(), 3u);
  EXPECT_EQ(cycle.field("position")->type, FieldType::place);
  EXPECT_EQ(cycle.field("position")->blind, Blind::hide) << "double blind: it tells which city enters";
}

TEST(Cycle, MistakesAreToldTogetherEachWithItsLine) {
  std::string text = without(kSmall, "closes = \"2026-06-15\"", "closes = \"2026-03-01\"");
  text = without(text, "type = \"line\"", "type = \"lime\"");
  text += "max = 0\ncolour = \"red\"\n";
  const std::string told = mistake_of(text);
  EXPECT_THAT(told, HasSubstr("small.toml:9: it closes before it opens"));
  EXPECT_THAT(told, HasSubstr("small.toml:17: 'type' cannot be 'lime', only one of: line, text"));
  EXPECT_THAT(told, HasSubstr("small.toml:22: a dimension's max is above 0"));
  EXPECT_THAT(told, HasSubstr("small.toml:23:")) << "a key that nobody asked for";
}

TEST(Cycle, HowOneComesIsSaidOrNobodyDoes) {
  const auto none = read_cycle(kSmall, "small.toml");
  ASSERT_TRUE(none);
  EXPECT_EQ(none->registration.how, Coming::closed);
  const std::string with =
      std::string(kSmall) + "[registration]\nhow = \"invited\"\nconsent = { zh = \"同意\", en = \"Yes\" }\n";
  const auto read = read_cycle(with, "small.toml");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->registration.how, Coming::invited);
  EXPECT_EQ(read->registration.when.opens, read->entry.opens) << "as long as entries are taken";
  EXPECT_EQ(read->registration.when.closes, read->entry.closes);
  EXPECT_EQ(read->registration.a_day_max, 200u);
  const auto own =
      read_cycle(with + "opens = \"2026-02-01\"\ncloses = \"2026-06-01T12:00\"\na_day_max = 50\n", "small.toml");
  ASSERT_TRUE(own) << own.error().message;
  EXPECT_EQ(own->registration.when.opens, at("2026-01-31T16:00:00Z"));
  EXPECT_EQ(own->registration.when.closes, at("2026-06-01T04:00:00Z"));
  for (const char* file : {"domain/awards/cycles/city_award.toml", "domain/awards/cycles/call_for_cases.toml"})
    EXPECT_EQ(load_cycle(file)->registration.how, Coming::open) << file;
}

TEST(Cycle, WhatIsWrongAboutComingIsToldWithItsLine) {
  const std::string head = std::string(kSmall) + "[registration]\n";
  const auto line = [](int back) {
    return fmt::format("small.toml:{}:", std::ranges::count(std::string(kSmall), '\n') + back);
  };
  EXPECT_THAT(mistake_of(head + "how = \"guests\"\n"),
              testing::AllOf(HasSubstr(line(2)), HasSubstr("open, invited, closed")));
  EXPECT_THAT(mistake_of(head), HasSubstr("'how' is missing"));
  EXPECT_THAT(mistake_of(head + "how = \"open\"\n"), HasSubstr("'consent' is missing"));
  const std::string open = head + "how = \"open\"\nconsent = { zh = \"同意\", en = \"Yes\" }\n";
  EXPECT_THAT(mistake_of(open + "closes = \"2026-07-01\"\n"),
              testing::AllOf(HasSubstr(line(4)), HasSubstr("after the entries do")));
  EXPECT_THAT(mistake_of(open + "opens = \"2026-06-20\"\n"), HasSubstr("closes before it opens"));
  EXPECT_THAT(mistake_of(open + "a_day_max = 0\n"), testing::AllOf(HasSubstr(line(4)), HasSubstr("a_day_max")));
  EXPECT_THAT(mistake_of(open + "until = \"2026-06-01\"\n"), HasSubstr("until"));
}

TEST(Cycle, APlaceIsShownOrHiddenAndThereIsOne) {
  const std::string place = "[[field]]\nid = \"at\"\nname = { zh = \"a\", en = \"a\" }\ntype = \"place\"\n";
  EXPECT_EQ(mistake_of(kSmall + place), "none");
  EXPECT_THAT(mistake_of(kSmall + place + "blind = \"mask\"\n"),
              HasSubstr("small.toml:26: a place is shown or hidden"));
  EXPECT_THAT(mistake_of(kSmall + place + "both = true\n"), HasSubstr("small.toml:26: only a line or a text"));
  EXPECT_THAT(mistake_of(kSmall + place + without(place, "\"at\"", "\"to\"")),
              HasSubstr("small.toml:29: two fields are a place"));
  const std::string blind = "double_blind = true\n" + (kSmall + place);
  EXPECT_EQ(read_cycle(blind, "small.toml")->field("at")->blind, Blind::hide);
  EXPECT_EQ(read_cycle(blind + "blind = \"show\"\n", "small.toml")->field("at")->blind, Blind::show);
}

TEST(Cycle, WhatCannotBeMeantIsRefused) {
  EXPECT_EQ(mistake_of(kSmall), "none");
  EXPECT_THAT(mistake_of(without(kSmall, "closes = \"2026-06-15\"", "closes = \"2026-06-15T00:00Z\"")),
              HasSubstr("no civil time of the cycle's zone"));
  EXPECT_THAT(mistake_of(without(kSmall, "\"2026-03-10\"", "\"2026-03-10T00:00+02:00\"")), HasSubstr("small.toml:8:"));
  EXPECT_THAT(mistake_of(without(kSmall, "Asia/Shanghai", "Asia/Atlantis")), HasSubstr("small.toml:7:"));
  EXPECT_THAT(mistake_of(without(kSmall, "title = true")), HasSubstr("one [[field]] says title = true"));
  EXPECT_THAT(mistake_of(without(kSmall, "[[dimension]]\nid = \"all\"\nname = { zh = \"总\", en = \"All\" }")),
              HasSubstr("judged by [[dimension]]s"));
  EXPECT_THAT(mistake_of(std::string(kSmall) + "[[dimension]]\nid = \"all\"\nname = { zh = \"总\", en = \"All\" }\n"),
              HasSubstr("small.toml:23: two dimensions are called 'all'"));
  EXPECT_THAT(mistake_of(std::string(kSmall) + "[[stage]]\nid = \"party\"\nname = { zh = \"a\", en = \"a\" }\n"),
              HasSubstr("there is no stage 'party'"));
  EXPECT_THAT(mistake_of(without(kSmall, "id = \"one\"", "id = \"one\"\ncases_min = 3")),
              HasSubstr("one [[file]] says supporting_cases"));
  EXPECT_THAT(mistake_of(without(kSmall, "id = \"one\"", "id = \"one\"\nstatus = [\"done\"]")),
              HasSubstr("one [[field]] says status = true"));
  EXPECT_THAT(mistake_of(without(kSmall, "zh = \"名\", ", "")), HasSubstr("small.toml:16:"));
  EXPECT_THAT(
      mistake_of(std::string(kSmall) + "[[bonus]]\nid = \"b\"\nname = { zh = \"a\", en = \"a\" }\npoints = 3\n"),
      HasSubstr("at most bonus_max (0)"));
}

}  // namespace
}  // namespace cityloop::awards
