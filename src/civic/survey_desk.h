// Whom a survey asks, and when: after the steps that civic.toml names it draws its share of the reporters, waits, looks
// once more, and asks by the channels by which their notices go.
//
//   LogReader ─ Case, Report ─▶ [SurveyDesk] ─ Ask, Notice ─▶ SurveyBook, outbox
//
// Who is drawn follows from the seed, the survey, the report and the step alone. Steps from before the survey came into
// force are not asked about. When the time comes nobody is asked whose case has gone on, who cannot be reached, or who
// was asked within the time in which nobody is asked twice; each of these is kept as what it was. Lives by the city's
// clock. One thread: the log reader's.
#pragma once

#include <atomic>
#include <map>

#include "civic/follow_links.h"
#include "civic/public_view.h"
#include "civic/survey_book.h"

namespace cityloop::civic {

// Whether the draw takes this one; the same for the same words for ever.
bool is_drawn(const Survey&, std::string_view report, std::string_view step);

class SurveyDesk {
 public:
  SurveyDesk(const PublicView& view, SurveyBook& book, Book& contacts, const FollowLinks& links)
      : view_(view), book_(book), contacts_(contacts), links_(links) {}

  // Looks whether other surveys are in force.
  base::Status keep_up();
  // All steps of a case that one report follows, each once.
  base::Status consider(const Report&, const flow::Case&);
  // Asks those whose time has come.
  base::Status ask_due();
  // Erases what is older than it may be kept.
  base::Status sweep();

  struct Stats {
    std::uint64_t asked, left_out, erased;
  };
  Stats stats() const { return {asked_, left_out_, erased_}; }

 private:
  base::Status consider(const Survey&, const Report&, const flow::Case&);
  base::Status add(const Survey&, const Report&, const flow::Case&, std::string_view step, Instant at,
                   std::string_view status);
  base::Result<AskState> outcome(const SurveyAsk&, const Survey*, Instant now);
  base::Result<bool> is_reachable(const SurveyAsk&);
  bool stands_still(const SurveyAsk&, const Survey&) const;
  Notice notice_of(const SurveyAsk&, const Survey&) const;

  PublicView view_;
  SurveyBook& book_;
  Book& contacts_;
  const FollowLinks& links_;
  std::uint64_t kept_up_with_{0};
  std::map<std::string, Instant, std::less<>> since_;  // of each survey in force
  std::atomic<std::uint64_t> asked_{0}, left_out_{0}, erased_{0};
};

}  // namespace cityloop::civic
