#include "flow/rule_files.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "base/config.h"

namespace cityloop::flow {
namespace {

namespace fs = std::filesystem;

class RuleFilesTest : public testing::Test {
 protected:
  RuleFilesTest() : folder_(fs::temp_directory_path() / fmt::format("cityloop-rule-files-{}", getpid())) {
    fs::create_directories(folder_);
  }
  ~RuleFilesTest() override { fs::remove_all(folder_); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(folder_ / name) << text; }

  fs::path folder_;
};

TEST_F(RuleFilesTest, AreReadInOrderOfNameWithoutWhatAnEditorLeaves) {
  write("b.toml", "b = 1\n");
  write("a.csv", "id\n");
  write(".#b.toml", "half");
  write("notes.txt", "no rules");
  const auto files = read_rule_files(folder_.string(), {".toml", ".csv"}, "air/");
  ASSERT_TRUE(files);
  EXPECT_EQ(*files, (RuleFiles{{"air/a.csv", "id\n"}, {"air/b.toml", "b = 1\n"}}));
}

TEST_F(RuleFilesTest, AFolderThatIsNotThereHoldsNoneOneThatCannotBeReadIsAnError) {
  const auto none = read_rule_files((folder_ / "absent").string(), {".toml"});
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->empty());
  write("file", "");
  const auto failed = read_rule_files((folder_ / "file").string(), {".toml"});
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().message.find("file"), std::string::npos);
}

TEST(RuleFiles, ComeBackFromTheLogAndFromACheckpointAsTheyWere) {
  const RuleFiles files{{"a.toml", "name = \"雨\"\n"}, {"b.csv", "\"x\"\\\n"}};
  EXPECT_EQ(rule_files_from(json_of(files)).value(), files);
  base::ByteWriter out;
  save_rule_files(files, out);
  base::ByteReader in(out.view());
  EXPECT_EQ(load_rule_files(in), files);
  EXPECT_TRUE(in.ok());
  base::ByteReader cut(out.view().substr(0, out.view().size() - 1));
  load_rule_files(cut);
  EXPECT_FALSE(cut.ok());
  EXPECT_FALSE(rule_files_from("{}"));
}

TEST(RuleFiles, TellAllMistakesOfAllFilesWithTheirLines) {
  const RuleFiles files{{"a.toml", "x = 1\ny = 2\n"}, {"b.toml", "x = \n"}, {"c.csv", "x = \n"}, {"d.toml", "x = 1\n"}};
  std::string mistakes;
  OpenRuleFiles open(files, [](const std::string& name) { return "city/" + name; }, mistakes);
  std::string read;
  open.each([&](base::ConfigTable& root, const std::string& shown) {
    read += shown + " ";
    EXPECT_EQ(root.number("x"), 1);
  });
  open.check(mistakes);
  EXPECT_EQ(read, "city/a.toml city/d.toml ");
  EXPECT_NE(mistakes.find("city/b.toml:1: "), std::string::npos) << mistakes;
  EXPECT_NE(mistakes.find("city/a.toml:2: "), std::string::npos) << mistakes;
  EXPECT_EQ(std::count(mistakes.begin(), mistakes.end(), '\n'), 1) << mistakes;
}

}  // namespace
}  // namespace cityloop::flow
