// Satisfaction surveys (满意度调查) as civic.toml describes them: after which steps of which cases, whom, what is
// asked.
//
//   civic.toml ─▶ [Survey] ─▶ SurveyDesk (asks), SurveyRoutes (answers, results)
//
// What was asked must be known as long as its answers are: the questions travel as JSON, and their version is a
// fingerprint of it. The share, the delay and the like may change without making it another survey.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/config.h"
#include "base/json_value.h"
#include "base/time.h"
#include "civic/words.h"
#include "flow/finding.h"

namespace cityloop::civic {

struct SurveyQuestion {
  enum class Type : std::uint8_t { scale, choice, text };  // a scale is of whole numbers from 1 to 5
  struct Choice {
    std::string key;
    flow::Bilingual name;
  };
  std::string id;
  Type type{Type::scale};
  flow::Bilingual name, help;
  flow::Bilingual low, high;  // what the ends of a scale mean
  bool required{false};
  bool several{false};  // of a choice
  std::vector<Choice> choices;
};
inline constexpr int kScaleMax = 5;
std::string_view to_string(SurveyQuestion::Type);

struct Survey {
  std::string id;
  flow::Bilingual name, intro;
  std::vector<PublicStatus> after;           // when a case comes to stand so
  std::vector<std::string> steps;            // or one of these steps of its workflow is taken
  std::vector<std::string> kinds, services;  // none: any
  double share{1};                           // of those who could be asked
  std::uint64_t seed{1};                     // the same seed draws the same people
  base::Duration delay{}, open{};            // after the step; after being asked
  std::vector<SurveyQuestion> questions;
  std::string version;  // of the questions

  bool is_about(std::string_view kind, std::string_view service) const;
};

struct SurveySettings {
  base::Duration not_within{std::chrono::hours(24 * 90)};  // nobody is asked twice in less
  base::Duration kept{std::chrono::hours(24 * 730)};       // then asks and answers are erased
  unsigned group_min{5};                                   // the answers of fewer people are not shown
};

struct SurveyChecks {
  std::function<bool(std::string_view kind)> has_kind;
  std::function<bool(std::string_view service)> has_service;
};
// [surveys] and every [[survey]]; mistakes are noted at their lines.
void read_surveys(base::ConfigTable& root, SurveySettings&, std::vector<Survey>&, const SurveyChecks&);

std::string questions_json(const std::vector<SurveyQuestion>&);
base::Result<std::vector<SurveyQuestion>> questions_from(std::string_view json);
void write(base::JsonWriter&, const SurveyQuestion&);

// One given value: of a scale its number, of a choice a key (several rows where several were chosen), of a text the
// text.
struct SurveyAnswer {
  std::string question, value;
  friend bool operator==(const SurveyAnswer&, const SurveyAnswer&) = default;
};
// Everything that was answered, in order of the questions. Errc::invalid for another question than these, a wrong type
// or value, a text that is too long, and where what must be answered is not.
base::Result<std::vector<SurveyAnswer>> read_answers(const std::vector<SurveyQuestion>&, const base::JsonValue& given);
// As they were given.
void write_answers(base::JsonWriter&, const std::vector<SurveyQuestion>&, const std::vector<SurveyAnswer>&);

}  // namespace cityloop::civic
