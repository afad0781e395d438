// The standard API, dialogue by dialogue: each file of test/app/ngsi_ld is a test, over a broker of its own.
#include <algorithm>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "broker_fixture.h"
#include "dialogue.h"

namespace cityloop::app {
namespace {

constexpr const char* kFolder = "test/app/ngsi_ld";

std::string text_of(const std::filesystem::path& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

std::vector<std::string> dialogues() {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) out.push_back(entry.path().stem().string());
  std::ranges::sort(out);
  return out;
}

class NgsiLd : public testing::TestWithParam<std::string> {};

TEST_P(NgsiLd, Dialogue) {
  const auto file = std::filesystem::path(kFolder) / (GetParam() + ".txt");
  const auto steps = read_dialogue(text_of(file));
  ASSERT_TRUE(steps) << file << ": " << steps.error().message;
  ASSERT_FALSE(steps->empty());
  BrokerFixture broker("ngsi-ld-" + GetParam());
  for (const Step& step : *steps) {
    const net::Response got = broker.ask(step.request);
    EXPECT_EQ(complaint(step, got), "") << file.string() << ":" << step.line << ": " << step.title << "\n  "
                                        << net::to_string(step.request.method) << " " << step.request.path << "\n  got "
                                        << got.status << " " << got.body;
  }
}

INSTANTIATE_TEST_SUITE_P(All, NgsiLd, testing::ValuesIn(dialogues()), [](const auto& info) { return info.param; });

}  // namespace
}  // namespace cityloop::app
