// What surveys keep: whom each asked and whom not, and what was answered. In the same file as the book, and so as
// erasable.
//
//   SurveyDesk ─ Ask ─▶ [SurveyBook] ─ answers ─▶ SurveyResults
//
// An ask is made for each step after which somebody could have been asked, whether they were or not: a share that
// forgets those who were left out is no share. It names the report and its case, never the person; who has been asked
// lately is found by the contacts that there are, so nothing about a person outlives the contact. Any thread; a call
// that returns has its change on disk.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "civic/book.h"
#include "civic/survey_rules.h"

namespace cityloop::civic {

enum class AskState : std::uint8_t {
  waiting,       // its time has not come
  asked,         //
  not_drawn,     // not in the sample
  unreachable,   // left neither an address nor a browser
  asked_lately,  // the same person, by this or another survey
  overtaken,     // the case went on, or the survey was ended, before its time came
};
inline constexpr std::size_t kAskStates = 6;
std::string_view to_string(AskState);

struct SurveyAsk {
  std::string number;           // 16 hexadecimal digits: the same step of the same report is asked about once
  std::string survey, version;  // of its questions
  std::string report, in_case;
  std::string status;  // in which the case must still stand when it is asked; empty: any
  std::string department, area, kind, service;
  Instant at{base::kNever}, due_at{base::kNever};  // of the step; when to be asked
  AskState state{AskState::waiting};
  Instant asked_at{base::kNever}, closes_at{base::kNever}, answered_at{base::kNever};
};

struct SurveyVersion {
  std::string survey, version;
  Instant since{base::kNever};
  flow::Bilingual name, intro;
  std::vector<SurveyQuestion> questions;
};

struct AnsweredAsk {
  SurveyAsk is;
  bool reached{false};                // a mail or a push was delivered
  std::vector<SurveyAnswer> answers;  // of scales and choices
  std::vector<SurveyAnswer> texts;    // of each only its state, as the value
};

struct SurveyTextRow {
  std::string ask, question;
  Instant at{base::kNever};
  std::string text;
  std::string state;  // waiting shown hidden
  std::string shown, by;
  Instant decided_at{base::kNever};
  std::string in_case, department, area;
  std::string id() const { return ask + "." + question; }
};

class SurveyBook {
 public:
  explicit SurveyBook(std::shared_ptr<CivicTables> tables)
      : tables_(std::move(tables)), mutex_(tables_->mutex), db_(tables_->db) {}

  // Its names are brought up to date; its questions, and since when it is in force, stay as they were.
  base::Status put_version(const Survey&, Instant now);
  base::Result<std::vector<SurveyVersion>> versions();  // by survey, then oldest first
  base::Result<std::optional<SurveyVersion>> version(std::string_view survey, std::string_view version);

  base::Result<bool> knows(std::string_view ask);
  base::Status add(const SurveyAsk&);  // one that is there already stays as it is
  base::Result<std::optional<SurveyAsk>> find(std::string_view ask);
  base::Result<std::vector<SurveyAsk>> due(Instant now, std::size_t max);
  base::Status leave_out(std::string_view ask, AskState why);
  // Asked from now on, with the notice that says so, together or not at all.
  base::Status ask(const SurveyAsk&, const Notice&);
  // Whether somebody with the same address, telephone or browser was asked since then.
  base::Result<bool> asked_since(std::string_view report, Instant);

  // All answers of an ask in place of those before. A text that is changed waits for a moderator anew.
  base::Status answer(std::string_view ask, const std::vector<SurveyQuestion>&, const std::vector<SurveyAnswer>&,
                      Instant now);
  base::Status withdraw(std::string_view ask);
  base::Result<std::vector<SurveyAnswer>> answers(std::string_view ask);
  // Asks whose step lies before then, with their answers. How many.
  base::Result<std::int64_t> erase_before(Instant);

  // Every ask of one version, in order of number. The lock is let go of between some thousand.
  base::Status each(std::string_view survey, std::string_view version,
                    const std::function<void(const AnsweredAsk&)>& give);

  base::Result<std::vector<SurveyTextRow>> texts(std::string_view survey, std::string_view state);
  base::Result<std::optional<SurveyTextRow>> text(std::string_view survey, std::string_view id);
  base::Status decide_text(std::string_view id, std::string_view state, std::string_view shown, std::string_view by,
                           Instant at);

 private:
  base::Status put_answers(std::string_view ask, const std::vector<SurveyQuestion>&, const std::vector<SurveyAnswer>&,
                           Instant now);
  base::Status add_answers(std::map<std::string, AnsweredAsk*>&, std::string_view survey, std::string_view version,
                           std::string_view from, std::string_view to);

  std::shared_ptr<CivicTables> tables_;
  std::mutex& mutex_;
  Sqlite& db_;  // guarded by mutex_
};

// By what its notice is known in the outbox.
std::string notice_key_of(std::string_view ask);

}  // namespace cityloop::civic
