// The commands about texts on tables as they come: other encodings, bad rows, columns by their usual names.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "app/classify_command.h"
#include "app/text_table.h"
#include "app/topics_command.h"
#include "base/file.h"

namespace cityloop::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class TextCommands : public testing::Test {
 protected:
  TextCommands() {
    root_ =
        std::filesystem::temp_directory_path() /
        fmt::format("cityloop-text-{}-{}", testing::UnitTest::GetInstance()->current_test_info()->name(), ::getpid());
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
  }
  ~TextCommands() override { std::filesystem::remove_all(root_); }

  std::string write(const std::string& name, std::string_view content) {
    const auto path = root_ / name;
    std::ofstream(path, std::ios::binary) << content;
    return path.string();
  }
  std::string past_cases() {
    std::string out = "id,subject,text,department\n";
    for (int i = 0; i < 12; ++i) {
      out += fmt::format("{},路灯损坏{},小区路灯损坏第{}次无人维修,city\n", i, i, i);
      out += fmt::format("{},教师工资{},学校拖欠教师工资{}个月,schools\n", 100 + i, i, i);
    }
    return write("past.csv", out);
  }

  std::filesystem::path root_;
};

TEST_F(TextCommands, ATableInGb18030IsRead) {
  const auto table = TextTable::read(write("gb.csv", "id,\xce\xc4\xb1\xbe\n1,\xc2\xb7\xb5\xc6\xbb\xb5\xc1\xcb\n"));
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_THAT(table->header(), ElementsAre("id", "文本"));
  EXPECT_THAT(table->rows()[0].fields, ElementsAre("1", "路灯坏了"));
}

TEST_F(TextCommands, ABadRowIsToldAndTheNextOneIsRead) {
  const auto table =
      TextTable::read(write("bad.csv", "\xEF\xBB\xBFid,text\n1,好\n2\n3,\xff\xff\n4,\"有,逗号\"\n5,\"x\"y\n6,末\n"));
  ASSERT_TRUE(table);
  ASSERT_EQ(table->rows().size(), 3u);
  EXPECT_EQ(table->rows()[1].fields[1], "有,逗号");
  EXPECT_EQ(table->rows()[2].fields[1], "末");
  ASSERT_EQ(table->bad_rows().size(), 3u);
  EXPECT_EQ(table->bad_rows()[0].line, 3u);
  EXPECT_THAT(table->bad_rows()[0].why, HasSubstr("1 fields"));
  EXPECT_THAT(table->bad_rows()[1].why, HasSubstr("GB18030"));
}

TEST_F(TextCommands, ColumnsThatAreNotThereAreNamedWithThoseThatAre) {
  const auto table = TextTable::read(write("t.csv", "a,b\n1,2\n"));
  EXPECT_THAT(table->column("text").error().message, HasSubstr("a, b"));
  EXPECT_FALSE(table->text_columns({}));
  EXPECT_THAT(*table->text_columns({"b", "a"}), ElementsAre(1u, 0u));
  EXPECT_FALSE(TextTable::read((root_ / "none.csv").string()));
  EXPECT_FALSE(TextTable::read(write("empty.csv", "")));
}

TEST_F(TextCommands, LearnsWritesAndLabelsEveryRow) {
  ClassifyTrainOptions train;
  train.files = {past_cases()};
  train.out = (root_ / "model").string();
  train.command = "test";
  train.quiet = true;
  ASSERT_TRUE(classify_train(train));
  ClassifyOptions options;
  options.file = write("new.csv", "id,subject,text\n7,路灯,路灯坏了请维修\n8\n9,,拖欠教师工资\n");
  options.model = train.out;
  options.out = (root_ / "out.csv").string();
  const auto done = classify(options);
  ASSERT_TRUE(done) << done.error().message;
  const std::string out = *base::read_file(options.out);
  EXPECT_THAT(out, HasSubstr("\n2,7,city,"));
  EXPECT_THAT(out, HasSubstr("\n3,,,,,,,not read: 1 fields"));
  EXPECT_THAT(out, HasSubstr("\n4,9,schools,"));
  EXPECT_EQ(std::ranges::count(out, '\n'), 4) << "a line for every row";
  options.confidence_least = 1;
  ASSERT_TRUE(classify(options));
  EXPECT_THAT(*base::read_file(options.out), HasSubstr("not sure enough: city"));
  options.train_on = train.files;
  EXPECT_FALSE(classify(options)) << "either a model or what to learn from";
  options.model.clear();
  options.confidence_least = 0;
  ASSERT_TRUE(classify(options));
  EXPECT_EQ(*base::read_file(options.out), out) << "learning at once gives the same";
}

TEST_F(TextCommands, TrainingTablesOfAFolderAreThoseWithTheLabel) {
  past_cases();
  write("unlabelled.csv", "id,text\n1,x\n");
  write("notes.txt", "department\n");
  EXPECT_THAT(*training_tables({root_.string()}, "department"), ElementsAre((root_ / "past.csv").string()));
  EXPECT_FALSE(training_tables({root_.string()}, "office"));
}

TEST_F(TextCommands, TopicsNeedATextAndNothingElse) {
  TopicsOptions options;
  options.file = write("messages.csv", "text\n搅拌站噪音扰民\n丽发新城搅拌站噪音扰民\n丽发新城搅拌站噪音\n");
  EXPECT_TRUE(topics(options));
  options.csv = true;
  EXPECT_TRUE(topics(options));
  options.time_zone = "Nowhere/At_All";
  EXPECT_FALSE(topics(options));
}

}  // namespace
}  // namespace cityloop::app
