#include "casework/case_kinds.h"

#include <filesystem>

#include <gtest/gtest.h>

namespace cityloop::casework {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

TEST(CaseKinds, ReadsWhatAKindSays) {
  const auto kinds = CaseKinds::parse(R"(
[[case]]
id = "flooding"
name = { zh = "积水", en = "Flooding" }
department = "water"
accept_within = "30s"
close_within = "3m"
verify_hold = "10s"
verify_within = "1m"
escalate_to = "supervisor"
auto_dispatch = false
auto_close = false
command = "on_accept"
commands_max = 2
command_on_close = false
on_open = { zh = "下穿通道", en = "underpass" }
)",
                                      "a.toml");
  ASSERT_TRUE(kinds) << kinds.error().message;
  const CaseKind* kind = kinds->find("flooding");
  ASSERT_NE(kind, nullptr);
  EXPECT_EQ(kind->name.zh, "积水");
  EXPECT_EQ(kind->department, "water");
  EXPECT_EQ(kind->accept_within, seconds(30));
  EXPECT_EQ(kind->close_within, minutes(3));
  EXPECT_EQ(kind->verify_hold, seconds(10));
  EXPECT_EQ(kind->verify_within, minutes(1));
  EXPECT_FALSE(kind->auto_dispatch);
  EXPECT_FALSE(kind->auto_close);
  EXPECT_EQ(kind->cleared_early, EarlyClear::ask) << "without auto_close a person is asked";
  EXPECT_EQ(kind->command, CommandPolicy::on_accept);
  EXPECT_EQ(kind->commands_max, 2u);
  EXPECT_EQ(kind->command_on_close, "false");
  EXPECT_EQ(kind->on_open.en, "underpass");
  EXPECT_EQ(kinds->find("drought"), nullptr);
}

TEST(CaseKinds, TellsEveryMistakeWithItsLine) {
  const auto kinds = CaseKinds::parse(R"([[case]]
id = "Flooding!"
name = { zh = "积水", en = "Flooding" }
accept_within = "30 parsecs"
verify_hold = "10s"
comand = "never"
[[case]]
id = "noise"
verify_hold = "5m"
close_within = "1m"
cleared_early = "maybe"
commands_max = 0
[[case]]
id = "noise"
name = { zh = "噪声", en = "Noise" }
verify_hold = 5
)",
                                      "bad.toml");
  ASSERT_FALSE(kinds);
  const std::string& told = kinds.error().message;
  for (const char* mistake : {
           "bad.toml:2: the id 'Flooding!'",
           "bad.toml:4: 'accept_within'",
           "bad.toml:6: 'comand' is not known here",
           "'name' is missing",
           "bad.toml:9: 'verify_hold' leaves no time",
           "bad.toml:10: with 'close_within', 'escalate_to' must say",
           "bad.toml:11: 'cleared_early' is 'maybe'",
           "bad.toml:12: 'commands_max'",
           "bad.toml:14: there is a case kind 'noise' already",
           "bad.toml:16: 'verify_hold' must be",
       }) {
    EXPECT_NE(told.find(mistake), std::string::npos) << mistake << "\nis not in\n" << told;
  }
}

TEST(CaseKinds, SyntaxErrorNamesTheLine) {
  const auto kinds = CaseKinds::parse("[[case]]\nid = \n", "cut.toml");
  ASSERT_FALSE(kinds);
  EXPECT_EQ(kinds.error().message.rfind("cut.toml:2:", 0), 0u) << kinds.error().message;
}

TEST(CaseKinds, TheDemosOwnKindsAreSound) {
  for (const char* folder : {"demo/district/casework", "demo/aarhus/casework"}) {
    ASSERT_TRUE(std::filesystem::exists(folder)) << folder;
    const auto kinds = CaseKinds::load_folder(folder);
    ASSERT_TRUE(kinds) << kinds.error().message;
    EXPECT_FALSE(kinds->all().empty()) << folder;
  }
  EXPECT_TRUE(CaseKinds::load_folder("no/such/folder")->all().empty());
}

}  // namespace
}  // namespace cityloop::casework
