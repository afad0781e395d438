// The hotline's texts as they come, where they are at hand: learned from segmented ones, judged are raw ones.
#include <cstdlib>
#include <filesystem>

#include <gmock/gmock.h>

#include "app/text_table.h"
#include "text/report.h"
#include "text/topics.h"
#include "text/trainer.h"

namespace cityloop::app {
namespace {

std::filesystem::path hotline() {
  const char* const shared = std::getenv("CITYLOOP_SHARED");
  return std::filesystem::path(shared ? shared : "../shared") / "data/hotline-zh";
}

TEST(Hotline, WhatIsLearnedFromSegmentedTextsHoldsForRawOnes) {
  if (!std::filesystem::exists(hotline())) GTEST_SKIP() << "no " << hotline();
  const auto segmented = TextTable::read((hotline() / "segmented.csv.gz").string());
  const auto raw = TextTable::read((hotline() / "labelled.csv.gz").string());
  ASSERT_TRUE(segmented && raw);
  EXPECT_EQ(segmented->rows().size(), 8177u);
  EXPECT_TRUE(raw->bad_rows().empty());
  // A quarter of them, so that the test is quick; few of the raw ones are among it.
  std::vector<text::Example> examples;
  for (std::size_t i = 0; i < segmented->rows().size(); i += 4) {
    const auto& row = segmented->rows()[i];
    examples.push_back(
        {row.fields[*segmented->column("segmented_text")], row.fields[*segmented->column("department")]});
  }
  text::TrainOptions options;
  options.folds = 3;
  const auto trained = text::Trainer::train(examples, options);
  ASSERT_TRUE(trained);
  EXPECT_EQ(trained->classifier.labels().size(), 7u);
  EXPECT_GT(trained->classifier.origin().accuracy, 0.87);
  const auto columns = raw->text_columns({});
  std::size_t right = 0;
  for (const TextTable::Row& row : raw->rows()) {
    const auto verdict = trained->classifier.classify(joined_text(row, *columns), 0);
    if (trained->classifier.labels()[verdict.label()] == row.fields[*raw->column("department")]) ++right;
  }
  EXPECT_GT(double(right) / double(raw->rows().size()), 0.82);
  const auto report = text::Report::of(trained->held_out.verdicts, trained->held_out.truth, 7);
  EXPECT_LT(report.calibration_error(), 0.05);
}

TEST(Hotline, HotTopicsAreThoseThatTheCityKnows) {
  if (!std::filesystem::exists(hotline())) GTEST_SKIP() << "no " << hotline();
  const auto table = TextTable::read((hotline() / "messages.csv.gz").string());
  ASSERT_TRUE(table);
  EXPECT_EQ(table->rows().size(), 4326u);
  std::vector<text::Message> messages;
  for (const TextTable::Row& row : table->rows()) {
    text::Message message;
    message.author = row.fields[*table->column("user")];
    message.subject = row.fields[*table->column("subject")];
    message.text = row.fields[*table->column("text")];
    messages.push_back(std::move(message));
  }
  const auto topics = text::find_topics(messages);
  ASSERT_GE(topics.size(), 50u);
  // Parking places sold with flats, a concrete mixer beside an estate: dozens of people each.
  for (const char* place : {"伊景园滨河苑", "丽发新城"}) {
    const auto topic = std::ranges::find_if(topics, [&](const text::Topic& one) {
      return std::ranges::any_of(one.places, [&](const std::string& name) { return name.starts_with(place); });
    });
    ASSERT_NE(topic, topics.end()) << place;
    EXPECT_GE(topic->authors, 30u) << place;
    std::size_t named = 0;
    for (const std::size_t m : topic->messages) {
      const text::Message& message = messages[m];
      if ((message.subject + message.text).contains(std::string_view(place).substr(0, 9))) ++named;
    }
    EXPECT_GE(double(named), 0.9 * double(topic->messages.size())) << place;
  }
}

}  // namespace
}  // namespace cityloop::app
