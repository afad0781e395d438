#include "casework/case_rules.h"

#include <filesystem>
#include <fstream>
#include <set>

#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/rng.h"
#include "casework/rules_watcher.h"
#include "flow/noun.h"
#include "test/casework/city_rules.h"

namespace cityloop::casework {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;

// A workflow that is right, whose lines a test then spoils.
constexpr std::string_view kSmall = R"([workflow]
id = "small"
name = { zh = "小", en = "Small" }
start = { finding = "open", staff = "open", report = "open" }
opens = ["operator"]
[[state]]
id = "open"
name = { zh = "开", en = "Open" }
stage = "filing"
[[state]]
id = "done"
name = { zh = "完", en = "Done" }
stage = "rating"
ends = "confirmed"
[[deadline]]
id = "close"
name = { zh = "时限", en = "Limit" }
in = ["open"]
within = "2h"
[[deadline.escalation]]
to = "supervisor"
[[transition]]
verb = "finish"
name = { zh = "完成", en = "Finish" }
from = ["open"]
to = "done"
by = ["worker@department"]
[[request]]
id = "extend"
name = { zh = "延期", en = "Extension" }
from = ["open"]
by = ["worker@department"]
approve = ["supervisor"]
granted = { run = ["extend close"] }
[request.form]
type = "object"
required = ["hours"]
properties.hours = { type = "number" }
)";

std::string spoiled(std::string_view from, std::string_view to) {
  std::string text(kSmall);
  const std::size_t at = text.find(from);
  EXPECT_NE(at, text.npos) << from;
  text.replace(at, from.size(), to);
  return text;
}

// What is said of a workflow that is wrong in one place; empty when nothing is.
std::string told(const std::string& workflow) {
  const auto rules = CaseRules::parse({{"w.toml", workflow}}, {"UTC", {"water", "roads"}});
  return rules ? "" : rules.error().message;
}

TEST(Workflow, SmallOneIsRight) {
  EXPECT_EQ(told(std::string(kSmall)), "");
}

TEST(Workflow, RefusesWhatCannotWorkWithTheLineAndTheReason) {
  const std::string island = R"([[state]]
id = "island"
name = { zh = "岛", en = "Island" }
stage = "work"
)";
  EXPECT_THAT(told(spoiled("[[deadline]]", island + "[[deadline]]")),
              HasSubstr("w.toml:16: no step leads to the state 'island'"));
  EXPECT_THAT(told(spoiled("[[deadline]]", island + "[[deadline]]")), HasSubstr("the state 'island' is a dead end"));
  EXPECT_THAT(told(spoiled("[[deadline.escalation]]\nto = \"supervisor\"\n", "")),
              HasSubstr("w.toml:16: nothing follows when 'close' is missed"));
  EXPECT_THAT(told(spoiled("by = [\"worker@department\"]", "by = [\"wizard\"]")),
              HasSubstr("w.toml:27: 'wizard' is no role that the city knows"));
  EXPECT_THAT(told(spoiled("by = [\"worker@department\"]", "by = [\"worker@moon\"]")), HasSubstr("not to 'moon'"));
  EXPECT_THAT(told(spoiled("by = [\"worker@department\"]\n", "")), HasSubstr("'by' is missing"));
  EXPECT_THAT(told(spoiled("to = \"supervisor\"", "to = \"sewage\"")),
              HasSubstr("w.toml:21: 'sewage' is no role and no department"));
  EXPECT_EQ(told(spoiled("to = \"supervisor\"", "to = \"roads\"")), "") << "a department may be told";
  EXPECT_THAT(told(spoiled("to = \"done\"", "to = \"gone\"")), HasSubstr("w.toml:26: there is no state 'gone'"));
  EXPECT_THAT(told(spoiled("stage = \"filing\"", "stage = \"limbo\"")),
              HasSubstr("w.toml:9: 'limbo' is none of the seven"));
  EXPECT_THAT(told(spoiled("within = \"2h\"", "within = \"2 parsecs\"")), HasSubstr("w.toml:19:"));
  EXPECT_THAT(told(spoiled("extend close", "extend clothes")), HasSubstr("there is no deadline 'clothes'"));
  EXPECT_THAT(told(spoiled("run = [\"extend close\"]", "run = [\"dance\"]")),
              HasSubstr("'dance' is nothing that a step can do"));
  EXPECT_THAT(told(spoiled("approve = [\"supervisor\"]\n", "")), HasSubstr("'approve' is missing"));
  EXPECT_THAT(told(spoiled("type = \"number\"", "type = \"numbre\"")), HasSubstr("w.toml:"));
  EXPECT_THAT(told(spoiled("type = \"number\"", "\"$ref\" = \"http://example.org/x\"")),
              HasSubstr("'$ref' may point within"));
  EXPECT_THAT(told(spoiled("verb = \"finish\"", "verb = \"grant\"")), HasSubstr("understands 'grant' already"));
  EXPECT_THAT(told(spoiled("id = \"small\"", "id = \"small\"\nmood = \"good\"")),
              HasSubstr("w.toml:3: 'mood' is not known here"));
}

TEST(Workflow, TellsAllMistakesAtOnce) {
  std::string text = spoiled("by = [\"worker@department\"]", "by = [\"wizard\"]");
  const std::string escalation = "[[deadline.escalation]]\nto = \"supervisor\"\n";
  text.replace(text.find(escalation), escalation.size(), "");
  text += "[[transition]]\non = \"sunrise\"\nverb = \"wake\"\nfrom = [\"open\", \"bed\"]\nwhen = [\"tired\"]\n";
  const std::string all = told(text);
  for (const char* mistake : {"'wizard' is no role", "nothing follows when 'close'", "'sunrise' is no event",
                              "there is no state 'bed'", "'tired' is no condition"}) {
    EXPECT_THAT(all, HasSubstr(mistake));
  }
}

// Whatever is done to a file, it is read or refused with lines; never taken half, never the end of the process.
TEST(Workflow, SpoiledFilesAreReadOrRefused) {
  const std::string right = test::shipped_workflow();
  const std::vector<std::string> words{"filed", "[[state]]", "[[request]]",  "\"", "=", "[",
                                       "*open", "@back",     "missed close", "0",  "{"};
  base::Rng rng(11);
  std::size_t refused = 0;
  for (int i = 0; i < 300; ++i) {
    std::string text = right;
    for (std::uint64_t n = 1 + rng.below(3); n > 0; --n) {
      const std::size_t at = rng.below(text.size());
      const std::size_t line = text.rfind('\n', at) + 1, end = std::min(text.find('\n', at), text.size() - 1);
      if (rng.below(2)) text.erase(line, end - line + 1);
      else text.replace(at, rng.below(8), words[rng.below(words.size())]);
    }
    const auto rules = CaseRules::parse({{"w.toml", text}}, {});
    if (rules) continue;
    ++refused;
    ASSERT_EQ(rules.error().message.rfind("w.toml:", 0), 0u) << rules.error().message;
  }
  EXPECT_GT(refused, 100u);
}

TEST(Workflow, WithoutAnEndItIsADeadEnd) {
  EXPECT_THAT(told(spoiled("ends = \"confirmed\"\n", "")),
              testing::AllOf(HasSubstr("'open' is a dead end"), HasSubstr("'done' is a dead end")));
}

TEST(CaseRules, ReadsWhatAKindSays) {
  const auto rules = test::city_rules(R"(
[[case]]
id = "flooding"
name = { zh = "积水", en = "Flooding" }
department = "water"
accept_within = "30s"
close_within = "3wd"
verify_hold = "10s"
verify_within = "1m"
escalate_to = "supervisor"
auto_dispatch = false
auto_close = false
command = "on_accept"
commands_max = 2
command_on_close = false
on_open = { zh = "下穿通道", en = "underpass" }
)");
  const CaseKind* kind = rules->find_kind("flooding");
  ASSERT_NE(kind, nullptr);
  const Workflow& flow = *rules->find_workflow(kind->workflow);
  EXPECT_EQ(kind->name.zh, "积水");
  EXPECT_EQ(kind->department, "water");
  EXPECT_EQ(kind->limits.at("accept_within"), (Limit{seconds(30), 0}));
  EXPECT_EQ(kind->limits.at("close_within"), (Limit{Duration::zero(), 3}));
  EXPECT_EQ(kind->limits.at("verify_within"), (Limit{minutes(1), 0}));
  EXPECT_EQ(kind->verify_hold, seconds(10));
  EXPECT_EQ(kind->option(flow, "auto_dispatch"), "false");
  EXPECT_EQ(kind->option(flow, "command"), "on_accept");
  EXPECT_EQ(kind->option(flow, "cleared_early"), "auto") << "what the workflow says where the kind does not";
  EXPECT_EQ(kind->commands_max, 2u);
  EXPECT_EQ(kind->command_on_close, "false");
  EXPECT_EQ(kind->on_open.en, "underpass");
  EXPECT_EQ(rules->find_kind("drought"), nullptr);
}

TEST(CaseRules, TellsEveryMistakeOfKindsWithItsLine) {
  const auto rules = CaseRules::parse({{"bad.toml", R"([[case]]
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
calendar = "lunar"
department = "weather"
[[case]]
id = "noise"
name = { zh = "噪声", en = "Noise" }
verify_hold = 5
category = "event-9999"
)"},
                                       {"workflow.toml", test::shipped_workflow()}},
                                      {"UTC", {"water"}}, "folder");
  ASSERT_FALSE(rules);
  for (const char* mistake : {
           "folder/bad.toml:2: the id 'Flooding!'",
           "bad.toml:4: 'accept_within'",
           "bad.toml:6: 'comand' is not known here",
           "'name' is missing",
           "bad.toml:9: 'verify_hold' leaves no time",
           "bad.toml:10: with 'close_within', 'escalate_to' must say",
           "bad.toml:11: 'cleared_early' is 'maybe'",
           "bad.toml:12: 'commands_max'",
           "bad.toml:13: there is no calendar 'lunar'",
           "bad.toml:14: the city has no department 'weather'",
           "bad.toml:16: there is a case kind 'noise' already",
           "bad.toml:18: 'verify_hold' must be",
           "bad.toml:19: there is no category 'event-9999'",
       }) {
    EXPECT_THAT(rules.error().message, HasSubstr(mistake));
  }
}

TEST(CaseRules, SyntaxErrorNamesTheLine) {
  const auto rules = CaseRules::parse({{"cut.toml", "[[case]]\nid = \n"}}, {});
  ASSERT_FALSE(rules);
  EXPECT_EQ(rules.error().message.rfind("cut.toml:2:", 0), 0u) << rules.error().message;
}

TEST(CaseRules, TheDemosOwnAreSound) {
  for (const char* folder : {"demo/district/casework", "demo/aarhus/casework"}) {
    ASSERT_TRUE(std::filesystem::exists(folder)) << folder;
    const auto rules = CaseRules::load_folder(folder, {"Asia/Shanghai", {}});
    ASSERT_TRUE(rules) << rules.error().message;
    EXPECT_FALSE((*rules)->kinds().empty()) << folder;
    ASSERT_FALSE((*rules)->workflows().empty());
    std::set<flow::CaseStage> stages;
    for (const State& state : (*rules)->workflows().front().states) stages.insert(state.stage);
    EXPECT_EQ(stages.size(), 7u) << "the seven steps of GB/T 30428";
    for (const char* request : {"extend", "return", "suspend", "rework", "transfer", "supervise", "reopen", "cancel"})
      EXPECT_NE((*rules)->workflows().front().find_request(request), nullptr) << request;
  }
  EXPECT_TRUE(CaseRules::load_folder("no/such/folder", {}).value()->kinds().empty());
}

TEST(CaseRules, TravelAsAnEntityAndComeBackAsTheSameVersion) {
  const auto rules =
      CaseRules::load_folder("demo/district/casework",
                             {"Asia/Shanghai", {"water", "traffic", "environment", "lighting", "operations"}})
          .value();
  const auto back = CaseRules::from_entity(flow::entity_of(rules->to_write(base::from_us(1))));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ((*back)->version(), rules->version());
  EXPECT_EQ((*back)->categories().all().size(), rules->categories().all().size());
  EXPECT_TRUE((*back)->knows_department("water"));
  EXPECT_FALSE((*back)->knows_department("moon"));
  base::ByteWriter out;
  rules->save(out);
  const std::string bytes = out.take();
  base::ByteReader in(bytes);
  EXPECT_EQ(CaseRules::load(in).value()->version(), rules->version());
  auto other = rules->to_write(base::from_us(1));
  other.entity = CaseRules::entity_id("0123");
  EXPECT_FALSE(CaseRules::from_entity(flow::entity_of(other))) << "a version is what its files are";
}

TEST(Categories, ReadQuotedCellsAndTellMistakesByLine) {
  const std::string head =
      "code,type,class_zh,class_en,name_zh,name_en,condition,department,kind,standard_zh,standard_en,limit,calendar\n";
  Categories good;
  const WorkCalendars calendars;
  EXPECT_EQ(good.read("# example\n" + head + "0102,event,市容,Scene,垃圾,Litter,A,water,,\"a, \"\"b\"\"\nc\",x,2h,\r\n",
                      "t.csv", calendars, {}),
            "");
  ASSERT_NE(good.find("event-0102-A"), nullptr);
  EXPECT_EQ(good.find("event-0102-A")->standard.zh, "a, \"b\"\nc");
  EXPECT_EQ(good.find("event-0102-A")->limit, (Limit{hours(2), 0}));
  Categories bad;
  const std::string mistakes =
      bad.read(head + "12,event,a,b,c,d,,,,,,2h,\n0102,thing,a,b,,d,,moon,,,,soon,lunar\n0103,event,a\n", "t.csv",
               calendars, {"water"});
  for (const char* mistake : {"t.csv:2: '12' is no code", "t.csv:3: the type 'thing'", "t.csv:3: a name is missing",
                              "t.csv:3: there is no calendar 'lunar'", "t.csv:3: the city has no department 'moon'",
                              "t.csv:3: the limit", "t.csv:4: 3 cells where"}) {
    EXPECT_THAT(mistakes, HasSubstr(mistake));
  }
  EXPECT_THAT(Categories().read("code,colour\n", "t.csv", calendars, {}),
              testing::AllOf(HasSubstr("'colour' is not known"), HasSubstr("'type' is missing")));
}

TEST(Form, ChecksBySchemaAndListsItsFields) {
  const auto form = Form::make(R"({"type":"object","required":["hours"],"additionalProperties":false,"properties":{
    "hours":{"type":"number","minimum":1,"maximum":72,"x-name":{"zh":"小时","en":"Hours"}},
    "why":{"type":"string","enum":["rain","parts"]},"code":{"type":"string","pattern":"^[A-Z]{2}$"}}})");
  ASSERT_TRUE(form) << form.error().message;
  const auto check = [&](const char* json) { return form->check(base::JsonValue::parse(json).value()); };
  EXPECT_TRUE(check(R"({"hours":3,"why":"rain","code":"AB"})"));
  for (const char* wrong : {R"({})", R"({"hours":"3"})", R"({"hours":0})", R"({"hours":3,"why":"sun"})",
                            R"({"hours":3,"code":"abc"})", R"({"hours":3,"extra":1})", "[]"})
    EXPECT_FALSE(check(wrong)) << wrong;
  EXPECT_THAT(check(R"({"hours":99})").error().message, HasSubstr("hours"));
  ASSERT_EQ(form->fields().size(), 3u);
  EXPECT_EQ(form->fields()[0].label.zh, "小时");
  EXPECT_TRUE(form->fields()[0].required);
  EXPECT_EQ(form->fields()[1].options, (std::vector<std::string>{"rain", "parts"}));
  EXPECT_FALSE(
      form->check(base::JsonValue::parse(fmt::format(R"({{"hours":3,"code":"{}"}})", std::string(5000, 'A'))).value()));
  for (const char* wrong : {"3", "{", R"({"type":"array"})", R"({"type":"object","properties":7})"})
    EXPECT_FALSE(Form::make(wrong)) << wrong;
}

TEST(RulesWatcher, TakesWhatIsRightAndKeepsItWhenItIsSpoiled) {
  const auto folder = std::filesystem::temp_directory_path() / fmt::format("cityloop-rules-{}", ::getpid());
  std::filesystem::create_directories(folder);
  const auto write = [&](const std::string& text) { std::ofstream(folder / "w.toml") << text; };
  write(std::string(kSmall));
  RulesWatcher watcher(folder.string(), {});
  const CaseRulesPtr first = watcher.poll();
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(watcher.poll(), nullptr) << "nothing has changed";
  write(spoiled("to = \"done\"", "to = \"gone\""));
  EXPECT_EQ(watcher.poll(), nullptr);
  EXPECT_THAT(watcher.mistakes(), HasSubstr("w.toml:26: there is no state 'gone'"));
  write(spoiled("within = \"2h\"", "within = \"3h\""));
  const CaseRulesPtr second = watcher.poll();
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(watcher.mistakes(), "");
  EXPECT_NE(second->version(), first->version());
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace cityloop::casework
