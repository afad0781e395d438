#include "text/classifier.h"

#include <gmock/gmock.h>

#include "base/rng.h"
#include "text/report.h"
#include "text/trainer.h"

namespace cityloop::text {
namespace {

using base::Errc;

// Complaints put together from phrases of a matter and phrases of any.
std::vector<Example> complaints(std::size_t each, std::uint64_t seed, bool segmented = false) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> kMatters{
      {"water", {"道路 积水", "井盖 丢失", "下水道 堵塞", "污水 外溢", "水管 破裂", "停水 通知"}},
      {"schools", {"学校 补课", "教师 工资", "幼儿园 收费", "学生 宿舍", "招生 名额", "课后 托管"}},
      {"buses", {"公交 线路", "站台 拥挤", "司机 拒载", "班次 太少", "地铁 换乘", "出租车 绕路"}},
  };
  const std::vector<std::string> kAny{"尊敬 领导", "希望 解决", "居民 反映", "情况 严重", "多次 投诉",
                                      "请问 时间", "小区 门口", "相关 部门", "今年 以来", "无人 处理"};
  base::Rng rng(seed);
  std::vector<Example> out;
  for (std::size_t i = 0; i < each; ++i) {
    for (const auto& [label, phrases] : kMatters) {
      std::string text;
      for (int k = 0; k < 2; ++k) text += phrases[rng.below(phrases.size())] + " ";
      for (int k = 0; k < 4; ++k) text += kAny[rng.below(kAny.size())] + " ";
      if (!segmented) std::erase(text, ' ');
      out.push_back({text, label});
    }
  }
  return out;
}

Trained trained_on(const std::vector<Example>& examples, unsigned threads = 2) {
  TrainOptions options;
  options.threads = threads;
  options.duplicate = 0.999;  // the phrases make alike what is no duplicate
  options.command = "test";
  auto out = Trainer::train(examples, options);
  EXPECT_TRUE(out) << (out ? "" : out.error().message);
  return *std::move(out);
}

std::string label_of(const Classifier& classifier, const Verdict& verdict) {
  return classifier.labels()[verdict.label()];
}

TEST(Classifier, LearnsFromSegmentedTextsAndJudgesRawOnes) {
  const Trained trained = trained_on(complaints(60, 1, true));
  std::size_t right = 0;
  const auto fresh = complaints(40, 2);
  for (const Example& example : fresh) {
    right += label_of(trained.classifier, trained.classifier.classify(example.text)) == example.label ? 1 : 0;
  }
  EXPECT_EQ(right, fresh.size());
}

TEST(Classifier, LearnsFromRawTextsToo) {
  const Trained trained = trained_on(complaints(60, 3));
  EXPECT_EQ(label_of(trained.classifier, trained.classifier.classify("我们这里下水道堵塞，污水外溢")), "water");
  EXPECT_EQ(label_of(trained.classifier, trained.classifier.classify("我們這裡下水道堵塞，汙水外溢")), "water")
      << "traditional characters";
}

TEST(Classifier, NamesTheWordsThatSpokeForIt) {
  const Trained trained = trained_on(complaints(60, 4, true));
  const Verdict verdict = trained.classifier.classify("尊敬的领导，幼儿园收费情况严重，希望解决");
  EXPECT_EQ(label_of(trained.classifier, verdict), "schools");
  ASSERT_GE(verdict.reasons.size(), 2u);
  EXPECT_THAT(verdict.reasons[0].word, testing::AnyOf("幼儿园", "收费"));
  EXPECT_THAT(verdict.reasons[1].word, testing::AnyOf("幼儿园", "收费"));
  EXPECT_GE(verdict.reasons[0].share, verdict.reasons[1].share);
  EXPECT_TRUE(trained.classifier.classify("幼儿园收费", 0).reasons.empty());
}

TEST(Classifier, IsUnsureOfWhatItDoesNotKnow) {
  const Trained trained = trained_on(complaints(60, 5, true));
  for (const char* text : {"", "zzz", "？？？"}) {
    const Verdict verdict = trained.classifier.classify(text);
    ASSERT_EQ(verdict.choices.size(), 3u);
    EXPECT_EQ(verdict.known_words, 0u);
    EXPECT_LT(verdict.confidence(), 0.6) << text;
  }
  EXPECT_GT(trained.classifier.classify("学校补课 教师工资").confidence(), 0.9);
}

TEST(Classifier, IsTheSameOnAnyNumberOfThreads) {
  const auto examples = complaints(30, 6);
  EXPECT_EQ(trained_on(examples, 1).classifier.to_bytes(), trained_on(examples, 4).classifier.to_bytes());
}

TEST(Classifier, IsTheSameAfterSaving) {
  const Trained trained = trained_on(complaints(30, 7, true));
  const std::string bytes = trained.classifier.to_bytes();
  const auto back = Classifier::from_bytes(bytes);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->to_bytes(), bytes);
  EXPECT_EQ(back->origin().command, "test");
  EXPECT_EQ(back->origin().texts, 90u);
  for (const Example& example : complaints(5, 8)) {
    EXPECT_EQ(back->classify(example.text).confidence(), trained.classifier.classify(example.text).confidence());
  }
}

TEST(Classifier, ADamagedFileIsRefused) {
  const std::string bytes = trained_on(complaints(10, 9)).classifier.to_bytes();
  base::Rng rng(10);
  for (int i = 0; i < 200; ++i) {
    std::string damaged = bytes;
    damaged[rng.below(damaged.size())] ^= char(1 << rng.below(8));
    EXPECT_FALSE(Classifier::from_bytes(damaged));
    EXPECT_FALSE(Classifier::from_bytes(bytes.substr(0, rng.below(bytes.size()))));
  }
  EXPECT_EQ(Classifier::from_bytes("PK\x03\x04").error().code, Errc::malformed);
}

TEST(Trainer, RefusesWhatNothingCanBeLearnedFrom) {
  EXPECT_EQ(Trainer::train({}, {}).error().code, Errc::invalid);
  EXPECT_EQ(Trainer::train({{"路灯", "a"}, {"垃圾", "a"}}, {}).error().code, Errc::invalid);
  EXPECT_EQ(Trainer::train({{"路灯", "a"}, {"垃圾", "a"}, {"学校", "b"}}, {}).error().code, Errc::invalid);
  TrainOptions options;
  options.folds = 1;
  EXPECT_EQ(Trainer::train(complaints(5, 1), options).error().code, Errc::invalid);
}

TEST(Trainer, NearDuplicatesDoNotPraiseItself) {
  // Texts of noise under labels by chance: nothing is to be learned, but every text is there twice.
  base::Rng rng(11);
  std::vector<Example> examples;
  for (int i = 0; i < 150; ++i) {
    std::string text;
    for (int k = 0; k < 30; ++k) {
      const char32_t c = 0x4e00 + char32_t(rng.below(3000));
      text += {char(0xe0 | c >> 12), char(0x80 | (c >> 6 & 0x3f)), char(0x80 | (c & 0x3f))};
    }
    const std::string label = rng.below(2) ? "a" : "b";
    examples.push_back({text, label});
    examples.push_back({text + "。", label});
  }
  TrainOptions options;
  const auto trained = Trainer::train(examples, options);
  ASSERT_TRUE(trained);
  EXPECT_LT(trained->classifier.origin().accuracy, 0.65);
  EXPECT_EQ(std::ranges::count(trained->held_out.has_near_duplicate, true), 300);
}

TEST(Report, CountsWhatWasRight) {
  const auto verdict = [](std::uint16_t label, double sure) {
    Verdict out;
    out.choices = {{label, sure}, {std::uint16_t(1 - label), 1 - sure}};
    return out;
  };
  const std::vector<Verdict> verdicts{verdict(0, 0.95), verdict(0, 0.9), verdict(1, 0.8), verdict(1, 0.55)};
  const Report report = Report::of(verdicts, std::vector<std::uint16_t>{0, 0, 1, 0}, 2);
  EXPECT_EQ(report.accuracy(), 0.75);
  EXPECT_EQ(report.labels[0].precision(), 1);
  EXPECT_NEAR(report.labels[0].recall(), 2.0 / 3, 1e-12);
  EXPECT_NEAR(report.macro_f1(), (0.8 + 2.0 / 3) / 2, 1e-12);
  EXPECT_EQ(report.taken_for[0][1], 1u);
  EXPECT_EQ(report.coverage.front().accuracy, 0.75);
  EXPECT_EQ(report.coverage.back().accuracy, 1) << "the surer half";
  EXPECT_EQ(report.coverage.back().confidence, 0.9);
  EXPECT_NEAR(report.calibration_error(), (std::abs(1.85 - 2) + std::abs(0.8 - 1) + 0.55) / 4, 1e-12);
  EXPECT_NE(to_text(report, {"a", "b"}).find("accuracy 0.7500"), std::string::npos);
}

}  // namespace
}  // namespace cityloop::text
