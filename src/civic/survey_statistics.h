// What a survey's answers say, and how sure that is: shares with their intervals, the whole distribution of each
// answer, and never the answers of a few.
//
//   SurveyBook ─ AnsweredAsk ─▶ [SurveyStatistics] ─▶ /api/v1/surveys/{id}
//
// The answers of fewer than `group_min` people to a question are not shown, in no group and not in all; and where those
// that are not shown are together so few that the total less what is shown would tell them, the smallest group that is
// shown goes too. Pure; all intervals are of 95 %.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "civic/survey_book.h"

namespace cityloop::civic {

struct ShareInterval {
  double low{}, high{};
};
// Wilson's: also good for few, and at both ends. `of` must not be 0.
ShareInterval wilson(std::size_t count, std::size_t of);

struct MeanInterval {
  double mean{}, sd{}, low{}, high{};
};
// Student's, for the mean of whole numbers from 1 on; counts[i] answers were i + 1. At least two of them.
MeanInterval mean_of(const std::array<std::size_t, kScaleMax>& counts);
double student_quantile(std::size_t degrees);  // 97.5 %

// The least answer at or below which a quarter, half and three quarters of all lie.
std::array<int, 3> quartiles_of(const std::array<std::size_t, kScaleMax>& counts);

// "2026-W47" of a day as the city counts it.
std::string week_of(Instant at, const base::TimeZone&);
// The Monday before it, and after it unless it is one, as the city counts days.
Instant week_begin(Instant at, const base::TimeZone&);
Instant week_end(Instant at, const base::TimeZone&);

struct SurveyWish {
  std::string by{"department"};  // department area kind service week
  Instant from{base::kNever}, to{Instant::max()};
  std::string department, area, kind, service;  // empty: any

  // By when it was asked; what was not asked counts by its step.
  bool wants(const SurveyAsk&) const;
  std::string key_of(const SurveyAsk&, const base::TimeZone&) const;
};
bool is_survey_grouping(std::string_view by);

class SurveyStatistics {
 public:
  SurveyStatistics(const std::vector<SurveyQuestion>& questions, SurveyWish wish, const base::TimeZone& zone,
                   std::size_t group_min)
      : questions_(questions), wish_(std::move(wish)), zone_(zone), group_min_(group_min) {}

  void add(const AnsweredAsk&);
  // The members total, groups, hidden, in an object that the caller has opened. `name` names a group.
  void write(base::JsonWriter&, const std::function<void(base::JsonWriter&, const std::string& key)>& name) const;

 private:
  struct Answers {
    std::size_t people{0};
    std::map<std::string, std::size_t> of;  // value → people
  };
  struct Group {
    std::array<std::size_t, kAskStates> states{};
    std::size_t reached{0}, answered{0};
    std::vector<Answers> answers;  // by question
    std::size_t asked() const { return states[std::size_t(AskState::asked)]; }
  };
  void count(Group&, const AnsweredAsk&) const;
  std::set<std::string> shown_groups(std::size_t question) const;
  void write_counts(base::JsonWriter&, const Group&) const;
  void write_question(base::JsonWriter&, std::size_t question, const Group&) const;
  void write_scale(base::JsonWriter&, const Answers&, std::size_t asked) const;

  const std::vector<SurveyQuestion>& questions_;
  const SurveyWish wish_;
  const base::TimeZone& zone_;
  const std::size_t group_min_;
  Group total_;
  std::map<std::string, Group> groups_;
};

}  // namespace cityloop::civic
