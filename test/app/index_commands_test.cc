// `cityloop index` on files: what is written, and what is told of bad cells.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "app/index_commands.h"
#include "base/file.h"

namespace cityloop::app {
namespace {

using testing::HasSubstr;

class IndexCommands : public testing::Test {
 protected:
  IndexCommands() {
    root_ =
        std::filesystem::temp_directory_path() /
        fmt::format("cityloop-index-{}-{}", testing::UnitTest::GetInstance()->current_test_info()->name(), ::getpid());
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
    options_.frame = write("frame.toml", R"(id = "two"
name = { zh = "二", en = "Two" }
[[group]]
code = "all"
name = { zh = "总", en = "All" }
[[indicator]]
code = "trees"
parent = "all"
name = { zh = "树", en = "Trees" }
)");
    options_.data = write("data.csv", "unit,trees\na,1\nb,many\nc,3\n");
    options_.out = (root_ / "out").string();
  }
  ~IndexCommands() override { std::filesystem::remove_all(root_); }

  std::string write(const std::string& name, std::string_view content) {
    std::ofstream(root_ / name, std::ios::binary) << content;
    return (root_ / name).string();
  }
  std::string written(const std::string& name) { return base::read_file(root_ / "out" / name).value_or(""); }

  std::filesystem::path root_;
  IndexOptions options_;
};

TEST_F(IndexCommands, EachStageAndAReportAreWrittenAndABadCellIsTold) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const auto done = compute_index(options_);
  const std::string said = testing::internal::GetCapturedStdout(), told = testing::internal::GetCapturedStderr();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_THAT(told, HasSubstr("data.csv:3: b trees: 'many' is no number"));
  EXPECT_THAT(said, HasSubstr("0 rows and 1 cells"));
  EXPECT_THAT(written("normalised.csv"), HasSubstr("c,c,c,,100"));
  EXPECT_THAT(written("problems.csv"), HasSubstr("3,b,trees,"));
  for (const char* name :
       {"raw.csv", "denominated.csv", "imputed.csv", "treated.csv", "scores.csv", "ranks.csv", "report.json"})
    EXPECT_NE(written(name), "") << name;
}

TEST_F(IndexCommands, AFrameIsCheckedAndItsTitlesArePrinted) {
  testing::internal::CaptureStdout();
  EXPECT_TRUE(check_index(options_));
  EXPECT_TRUE(print_index_template(options_));
  EXPECT_THAT(testing::internal::GetCapturedStdout(), HasSubstr("unit,name_zh,name_en,year,trees\n"));
  options_.frame = write("bad.toml", "id = \"x\"\nkind = \"composit\"\n");
  EXPECT_FALSE(compute_index(options_));
  EXPECT_FALSE(check_index(options_));
  options_.frame = "nowhere.toml";
  EXPECT_FALSE(compute_index(options_));
}

}  // namespace
}  // namespace cityloop::app
