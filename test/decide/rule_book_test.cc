#include "decide/rule/rule_book.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "decide/rule/explain.h"
#include "decide/rule/rule_watcher.h"
#include "stream.h"

namespace cityloop::decide::test {
namespace {

using ::testing::HasSubstr;

const std::string kGood = head("water", "threshold") +
                          "type = \"WaterObserved\"\ncondition = \"waterLevel>0.3\"\nclear = \"waterLevel<0.15\"\nhold "
                          "= \"30s\"\n[rule.response]\ncase = \"flooding\"\ndepartment = \"water\"\ncommand = { device "
                          "= \"$ref:pumpedBy\", name = \"pump\", value = true }\n";

// The mistakes of a block that starts at line 1, as "line: reason".
std::vector<std::string> mistakes(const std::string& toml) {
  std::vector<std::string> out;
  const RuleBookLoad load = RuleBook::parse({{"bad.toml", toml}});
  EXPECT_EQ(load.book == nullptr, !load.mistakes.empty());
  for (const auto& one : load.mistakes) {
    EXPECT_EQ(one.file, "bad.toml");
    out.push_back(fmt::format("{}: {}", one.line, one.reason));
  }
  return out;
}

void expect_mistake(const std::string& toml, const std::string& wanted) {
  const auto found = mistakes(toml);
  ASSERT_EQ(found.size(), 1u) << toml << ::testing::PrintToString(found);
  EXPECT_THAT(found[0], HasSubstr(wanted));
}

TEST(RuleBook, ReadsARuleWhole) {
  const RuleBookPtr book = book_of("# what the city watches\n\n" + kGood + "\n" + head("second", "silence") +
                                   "type = [\"Streetlight\", \"Device\"]\nafter = \"15m\"\n");
  ASSERT_EQ(book->rules().size(), 2u);
  const Rule& rule = book->rules()[0];
  EXPECT_EQ(rule.id, "water");
  EXPECT_EQ(rule.line, 3);
  EXPECT_EQ(rule.hold, std::chrono::seconds(30));
  ASSERT_TRUE(rule.response);
  EXPECT_EQ(rule.response->device, "$ref:pumpedBy");
  EXPECT_EQ(rule.response->value, "true");
  EXPECT_TRUE(rule.source.starts_with("[[rule]]\nid = \"water\""));
  EXPECT_THAT(rule.source, HasSubstr("pumpedBy"));
  EXPECT_THAT(rule.source, Not(HasSubstr("second")));
  EXPECT_EQ(book->rules()[1].types.size(), 2u);
  EXPECT_EQ(book->find("second"), &book->rules()[1]);
  EXPECT_EQ(book->find("third"), nullptr);
}

TEST(RuleBook, TellsEveryMistakeWithItsLine) {
  const std::string tail = "type = \"W\"\n";
  const auto threshold = [&](const std::string& rest) { return head("r", "threshold") + tail + rest; };
  expect_mistake(threshold("condition = \"a>1\"\nholdd = \"1s\"\n"), "9: 'holdd' is not known here");
  expect_mistake(threshold("condition = \"a>1\"\nhold = \"soon\"\n"), "9: 'hold': 'soon' is not a duration");
  expect_mistake(threshold("condition = \"a>1\"\nhold = 5\n"), "9: 'hold' must be a duration in quotes");
  expect_mistake(threshold("condition = \"a>>1\"\n"), "8: 'condition' = \"a>>1\": ");
  expect_mistake(threshold(""), "1: 'condition' is missing");
  expect_mistake(threshold("condition = \"\"\n"), "8: 'condition' is empty");
  expect_mistake(threshold("condition = \"a>1\"\nclear = \"a>0.5\"\n"), "9: 'a>0.5' can hold while the condition");
  expect_mistake(threshold("condition = \"a>1\"\nclear = \"a<2\"\n"), "9: 'a<2' can hold while the condition");
  expect_mistake(threshold("condition = \"a>=1\"\nclear = \"a<=1\"\n"), "the clear limit lies past the limit");
  expect_mistake(head("r", "treshold") + tail + "limit = 3\n", "3: 'treshold' is not a kind of rule");
  expect_mistake(head("r s", "threshold") + tail + "condition = \"a>1\"\n", "2: 'r s' is no id");
  expect_mistake(head("r", "threshold") + "condition = \"a>1\"\n", "1: 'type' is missing");
  expect_mistake(
      head("r", "rate") + tail + "attribute = \"a\"\nper = \"1m\"\nwindow = \"0s\"\ncondition = \"rate>1\"\n",
      "10: 'window' must be longer than nothing");
  expect_mistake(head("r", "rate") + tail + "attribute = \"a\"\nper = \"1m\"\nwindow = \"5m\"\ncondition = \"a>1\"\n",
                 "11: 'condition' must ask about 'rate'");
  expect_mistake(head("r", "window") + tail +
                     "attribute = \"a\"\naggregate = \"mean\"\nwindow = \"5m\"\ncondition = \"window>1\"\n",
                 "9: 'mean' is not one of avg, min, max, sum, count, percentile");
  expect_mistake(head("r", "window") + tail +
                     "attribute = \"a\"\naggregate = \"percentile\"\npercentile = 100\nwindow = "
                     "\"5m\"\ncondition = \"window>1\"\n",
                 "10: 'percentile' must lie between 0 and 100");
  expect_mistake(head("r", "unusual") + tail + "attribute = \"a\"\ncondition = \"departure>4\"\n",
                 "1: 'floor' is missing");
  expect_mistake(
      head("r", "unusual") + tail + "attribute = \"a\"\nfloor = 1\nmin_weeks = 9\ncondition = \"departure>4\"\n",
      "10: 'min_weeks' must be a whole number from 1 to 6");
  expect_mistake(head("r", "neighbours") + tail + "k = 1\ndistance_m = 100\ncondition = \"a>1\"\n",
                 "8: 'k' must be a whole number from 2");
  expect_mistake(head("r", "neighbours") + "rule = \"nobody\"\nk = 2\ndistance_m = 100\n",
                 "7: rule 'r' refers to a rule 'nobody' that does not exist");
  expect_mistake(head("r", "neighbours") + "rule = \"r\"\nk = 2\ndistance_m = 100\n", "7: rule 'r' refers to itself");
  expect_mistake(head("r", "sequence") + "within = \"5m\"\n[rule.first]\ntype = \"A\"\ncondition = \"a>1\"\n",
                 "1: [rule.then] is missing");
  expect_mistake(head("r", "silence") + tail + "after = \"5m\"\ncondition = \"a>1\"\n",
                 "'condition' is not known here");
}

TEST(RuleBook, TellsMistakesOfTheHead) {
  std::string bad = head("r", "threshold") + "type = \"W\"\ncondition = \"a>1\"\n";
  const auto with = [&](std::string_view what, std::string_view by) {
    std::string text = bad;
    text.replace(text.find(what), what.size(), by);
    return text;
  };
  expect_mistake(with("\"moderate\"", "\"bad\""), "6: 'bad' is not a severity");
  expect_mistake(with("{name} ", "{nmae} "), "5: '{nmae}' in the title is not one of");
  expect_mistake(with("en = \"rule\"", "en = \"\""), "4: 'en' is empty");
  expect_mistake(with("zh = \"规则\", ", ""), "4: 'zh' is missing");
  expect_mistake(bad + "[rule.response]\ndepartment = \"x\"\n", "9: 'case' is missing");
  expect_mistake(bad + "[rule.response]\ncase = \"x\"\ncommand = { device = \"pump\", name = \"on\", value = 1 }\n",
                 "11: 'pump' is neither a URN, nor '$self', nor '$ref:NAME'");
  expect_mistake(bad + "[rule.response]\ncase = \"x\"\ncommand = { device = \"urn:d\", name = \"on\" }\n",
                 "'value' is missing");
}

TEST(RuleBook, TellsAllMistakesOfAllFilesAtOnce) {
  const RuleBookLoad load = RuleBook::parse(
      {{"a.toml", kGood + "typo = 1\n"}, {"b.toml", "[[rule]\n"}, {"c.toml", kGood}, {"d.toml", "rules = 3\n"}});
  ASSERT_EQ(load.mistakes.size(), 4u) << load.message();
  EXPECT_EQ(load.book, nullptr);
  EXPECT_EQ(load.mistakes[0].file, "a.toml");
  EXPECT_EQ(load.mistakes[1].file, "b.toml");
  EXPECT_EQ(load.mistakes[1].line, 1);
  EXPECT_THAT(load.mistakes[2].reason, HasSubstr("a rule 'water' stands already at a.toml:1"));
  EXPECT_EQ(load.mistakes[2].line, 2);
  EXPECT_THAT(load.mistakes[3].reason, HasSubstr("'rules' is not known here"));
  EXPECT_THAT(load.message(), HasSubstr("d.toml:1: "));
}

TEST(RuleBook, PutsRulesAfterThoseTheyReferTo) {
  const std::string ring = head("a", "neighbours") + "rule = \"b\"\nk = 2\ndistance_m = 100\n" +
                           head("b", "neighbours") + "rule = \"c\"\nk = 2\ndistance_m = 100\n";
  const RuleBookPtr book = book_of(ring + head("c", "silence") + "type = \"L\"\nafter = \"1m\"\n");
  EXPECT_EQ(book->order(), (std::vector<std::uint32_t>{2, 1, 0}));
  EXPECT_EQ(book->rules()[0].types, book->rules()[2].types);
  const RuleBookPtr other = book_of(ring + head("c", "silence") + "type = \"L\"\nafter = \"2m\"\n");
  EXPECT_NE(book->rules()[0].identity, other->rules()[0].identity) << "a rule changes with what it refers to";
  const auto circle = mistakes(ring + head("c", "neighbours") + "rule = \"a\"\nk = 2\ndistance_m = 100\n");
  ASSERT_EQ(circle.size(), 1u);
  EXPECT_THAT(circle[0], HasSubstr("refers to itself by way of 'a'"));
}

TEST(RuleBook, ExplainsRulesInBothLanguages) {
  const RuleStatus one = describe(book_of(kGood)->rules()[0]);
  EXPECT_EQ(one.kind, "threshold");
  EXPECT_EQ(one.condition, "waterLevel>0.3");
  EXPECT_EQ(one.explanation.en,
            "Watches WaterObserved. Opens when waterLevel>0.3 has held for 30s; clears as soon as waterLevel<0.15 "
            "holds.");
  EXPECT_EQ(one.explanation.zh,
            "监视 WaterObserved。满足 waterLevel>0.3 并持续 30s 后触发;满足 waterLevel<0.15时解除。");
}

class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / fmt::format("cityloop-rules-{}-{}", getpid(), ++count_)) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  void put(const std::string& name, const std::string& content) const { std::ofstream(path_ / name) << content; }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
  static inline int count_ = 0;
};

TEST(RuleBook, LoadsAFolderOrAFile) {
  const Folder folder;
  folder.put("b.toml", head("two", "silence") + "type = \"L\"\nafter = \"1m\"\n");
  folder.put("a.toml", kGood);
  folder.put(".a.toml.swp.toml", "half a file [");
  folder.put("notes.txt", "[[");
  EXPECT_EQ(RuleBook::load(folder.path()).book->rules().size(), 2u);
  EXPECT_EQ(RuleBook::load(folder.path()).book->rules()[0].id, "water");
  EXPECT_EQ(RuleBook::load(folder.path() + "/b.toml").book->rules().size(), 1u);
  EXPECT_EQ(RuleBook::load(folder.path() + "/nowhere").book->rules().size(), 0u);
}

TEST(RuleWatcher, KeepsTheGoodBookWhileTheFolderIsWrong) {
  const Folder folder;
  folder.put("a.toml", kGood);
  RuleWatcher watcher(folder.path());
  ASSERT_TRUE(watcher.poll());
  EXPECT_FALSE(watcher.poll()) << "nothing has changed";
  folder.put("a.toml", kGood);
  EXPECT_FALSE(watcher.poll()) << "saved without a change";
  folder.put("a.toml", kGood + "typo = 1\n");
  EXPECT_FALSE(watcher.poll());
  ASSERT_EQ(watcher.mistakes().size(), 1u);
  EXPECT_EQ(watcher.mistakes()[0].line, 15);
  EXPECT_FALSE(watcher.poll());
  EXPECT_EQ(watcher.mistakes().size(), 1u) << "still wrong";
  folder.put("a.toml", "");
  const RuleBookPtr mended = watcher.poll();
  ASSERT_TRUE(mended);
  EXPECT_TRUE(mended->rules().empty());
  EXPECT_TRUE(watcher.mistakes().empty());
}

TEST(RuleWatcher, TellsFromItsOwnThread) {
  const Folder folder;
  folder.put("a.toml", kGood);
  RuleWatcher watcher(folder.path());
  watcher.poll();
  std::mutex mutex;
  std::condition_variable told;
  RuleBookPtr seen;
  std::string wrong;
  watcher.start(
      std::chrono::milliseconds(2),
      [&](RuleBookPtr book) {
        const std::lock_guard lock(mutex);
        seen = std::move(book);
        told.notify_all();
      },
      [&](const RuleBookLoad& load) {
        const std::lock_guard lock(mutex);
        wrong = load.message();
        told.notify_all();
      });
  const auto within = std::chrono::seconds(20);
  folder.put("b.toml", "[");
  std::unique_lock lock(mutex);
  EXPECT_TRUE(told.wait_for(lock, within, [&] { return !wrong.empty(); }));
  EXPECT_THAT(wrong, HasSubstr("b.toml:1: "));
  lock.unlock();
  folder.put("b.toml", head("two", "silence") + "type = \"L\"\nafter = \"1m\"\n");
  lock.lock();
  EXPECT_TRUE(told.wait_for(lock, within, [&] { return seen && wrong.empty(); }));
  EXPECT_EQ(seen->rules().size(), 2u);
  lock.unlock();
  watcher.stop();
}

}  // namespace
}  // namespace cityloop::decide::test
