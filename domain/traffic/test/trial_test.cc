#include "domain/traffic/signal/trial_routes.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/json_value.h"

namespace cityloop::traffic {
namespace {

using base::JsonValue;

class TrialShelfTest : public testing::Test {
 protected:
  TrialShelfTest() : root_(std::filesystem::temp_directory_path() / fmt::format("cityloop-trials-{}", ::getpid())) {
    std::filesystem::create_directories(root_ / "city");
    std::filesystem::create_directories(root_ / "data");
  }
  ~TrialShelfTest() override { std::filesystem::remove_all(root_); }
  void write(const std::string& name, const std::string& text) { std::ofstream(root_ / name) << text; }
  static std::string trial(const std::string& made_at, double delay_s) {
    return fmt::format(
        R"({{"id":"other","network":"small","seed":7,"madeAt":"{}","runs":[{{"controller":"planner","delayS":{},"gridlocked":false,"series":[[0,1,0,0,null]]}}]}})",
        made_at, delay_s);
  }
  TrialShelf shelf() const { return TrialShelf({(root_ / "city").string(), (root_ / "data").string(), "/nowhere"}); }

  std::filesystem::path root_;
};

TEST_F(TrialShelfTest, TheNewestComesFirstAndOneThatCannotBeReadHidesNoOther) {
  write("city/old.json", trial("2026-01-01T00:00:00Z", 20));
  write("data/new.json", trial("2026-02-01T00:00:00Z", 18));
  write("data/half.json", R"({"network":"small","runs":)");
  write("data/other.json", R"({"network":"small"})");
  write("data/notes.txt", "no trial");
  const auto list = JsonValue::parse(shelf().list_json());
  ASSERT_TRUE(list);
  const auto& trials = *list->find("trials")->array();
  ASSERT_EQ(trials.size(), 2u);
  EXPECT_EQ(trials[0].text_or("id", ""), "new");
  EXPECT_EQ(trials[1].text_or("id", ""), "old");
  EXPECT_EQ(trials[0].find("runs")->array()->front().number_or("delayS", 0), 18);
  EXPECT_EQ(trials[0].find("runs")->array()->front().find("series"), nullptr) << "a list is short";
  const auto& unreadable = *list->find("unreadable")->array();
  ASSERT_EQ(unreadable.size(), 2u);
  EXPECT_EQ(unreadable[0].text_or("file", ""), "half.json");
  EXPECT_THAT(unreadable[1].text_or("why", ""), testing::HasSubstr("madeAt"));
}

TEST_F(TrialShelfTest, ALaterFolderWinsAndTheNameOfTheFileIsTheId) {
  write("city/same.json", trial("2026-01-01T00:00:00Z", 20));
  write("data/same.json", trial("2026-01-01T00:00:00Z", 19));
  const auto one = shelf().trial_json("same");
  ASSERT_TRUE(one) << one.error().message;
  const auto read = JsonValue::parse(*one);
  EXPECT_EQ(read->text_or("id", ""), "same");
  EXPECT_EQ(read->find("runs")->array()->front().number_or("delayS", 0), 19);
  EXPECT_NE(read->find("runs")->array()->front().find("series"), nullptr);
}

TEST_F(TrialShelfTest, NoNameLeadsOutOfTheFolder) {
  write("secret.json", trial("2026-01-01T00:00:00Z", 20));
  for (const char* id : {"../secret", "..", ".hidden", "", "a/b", "missing"}) {
    const auto one = shelf().trial_json(id);
    ASSERT_FALSE(one) << id;
    EXPECT_EQ(one.error().code, base::Errc::not_found) << id;
  }
}

}  // namespace
}  // namespace cityloop::traffic
