// The loops of one city over one data folder: what `serve` and `replay` have in common.
//
//   store ─ twin ─ loops: rules, casework, duty, act, learn, suggest, forecast scores, history, notify, expiry,
//                        index
//
// Everything is made by make() and torn down in the reverse order; nothing runs before start().
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "act/command_loop.h"
#include "act/interlock.h"
#include "app/commands.h"
#include "base/clock.h"
#include "base/paced_clock.h"
#include "broker/tenant.h"
#include "casework/case_loop.h"
#include "civic/services.h"
#include "decide/rule/engine.h"
#include "duty/duty_loop.h"
#include "duty/planner/planner.h"
#include "geo/area.h"
#include "index/indicator/indicator_loop.h"
#include "learn/forecast_scores.h"
#include "learn/learn_loop.h"
#include "learn/suggest_loop.h"
#include "notify/notify_loop.h"
#include "participation/settings.h"
#include "serve/city.h"
#include "serve/dossier/case_trail.h"
#include "twin/expiry.h"
#include "twin/history/history.h"
#include "twin/loop.h"
#include "twin/twin.h"

namespace cityloop::app {

// What the settings of a city folder say, all of them read and checked.
struct CitySettings {
  serve::City city;
  base::TimeZone time_zone{base::TimeZone::utc()};
  geo::Areas areas;
  decide::RuleBookPtr rules;
  casework::CaseRulesPtr case_rules;
  duty::DutyRulesPtr duty_rules;
  index::IndicatorRulesPtr indicators;
  duty::PlanningSettings planning;
  duty::PlanningStreets streets;  // load_streets() reads them: only who serves needs them
  civic::CivicSettings civic;
  participation::ParticipationSettings participation;
  act::DeviceTypes devices;
  base::Pace pace;  // of a city of the wall clock, where it goes faster

  // Every mistake in every file, one a line as "file:line: reason".
  static base::Result<CitySettings> load(const std::string& folder);
  base::Status load_streets(const std::string& folder);
};

// What domain packages bring along; owned by them, and living longer than the machine.
struct MachineParts {
  std::vector<twin::Loop*> loops;
  std::vector<std::shared_ptr<act::Interlock>> interlocks;
};

using Publish = decltype(act::CommandLoopOptions::publish);

class Machine {
 public:
  // `publish` hands commands to the broker; empty: nothing leaves the house.
  static base::Result<std::unique_ptr<Machine>> make(const CitySettings&, const std::string& data_folder,
                                                     std::string_view durability, Publish publish,
                                                     std::function<void(const twin::LoadProgress&)> loading = {},
                                                     const MachineParts& = {});
  ~Machine();

  base::Status start();
  void stop();
  // Puts case rules into the log, from where on they are in force; nothing where they are in force already.
  base::Status put_case_rules(const casework::CaseRules&);
  base::Status put_duty_rules(const duty::DutyRules&);  // likewise
  // Likewise; in a city that has never declared any, none are put.
  base::Status put_indicator_rules(const index::IndicatorRules&);
  // Of an import: so many cases have been put into the archive by somebody else than the loop of cases.
  void continue_archive_at(std::uint64_t number);

  twin::Twin& twin() { return *twin_; }
  // The city's clock: the wall's, at its pace, or the one that a replay moves.
  const base::Clock& clock() const { return *clock_; }
  base::ManualClock* feed_clock() { return feed_clock_; }  // null in a city of the wall clock

  decide::RuleEngine& rules() { return *rules_; }
  twin::LoopRunner& rules_runner() { return *runners_.front(); }
  const casework::CaseLoop& casework() const { return *casework_; }
  const duty::DutyLoop& duty() const { return *duty_; }
  const index::IndicatorLoop& indicators() const { return *indicators_; }
  const act::CommandLoop& act() const { return *act_; }
  twin::History& history() { return *history_; }
  notify::NotifyLoop& notify() { return *notify_; }
  broker::Tenant tenant() { return {"", *twin_, *notify_, *history_}; }
  std::vector<const twin::LoopRunner*> runners() const;
  flow::Seq case_trail_done() const { return case_trail_runner_->done(); }

  // Records that the slowest loop has yet to read: what a replay waits for.
  std::uint64_t backlog() const;
  // Waits until every loop has read all there is and what they wrote has been read too.
  void settle() const;

 private:
  Machine() = default;
  base::Status put(flow::Write);

  std::unique_ptr<store::Store> store_;
  const base::WallClock wall_;
  std::unique_ptr<base::Clock> clock_;
  base::ManualClock* feed_clock_{nullptr};
  std::unique_ptr<twin::Twin> twin_;
  std::unique_ptr<decide::RuleEngine> rules_;
  casework::CaseRulesPtr case_rules_;
  duty::DutyRulesPtr duty_rules_;
  index::IndicatorRulesPtr indicator_rules_;
  std::unique_ptr<casework::CaseLoop> casework_;
  std::unique_ptr<duty::DutyLoop> duty_;
  std::unique_ptr<act::CommandLoop> act_;
  std::unique_ptr<learn::LearnLoop> learn_;
  std::unique_ptr<learn::SuggestLoop> suggest_;
  std::unique_ptr<learn::ForecastScoreLoop> forecast_scores_;
  std::unique_ptr<twin::History> history_;
  std::unique_ptr<notify::NotifyLoop> notify_;
  std::unique_ptr<twin::Expiry> expiry_;
  std::unique_ptr<index::IndicatorLoop> indicators_;
  std::unique_ptr<serve::CaseTrail> case_trail_;
  std::vector<std::unique_ptr<twin::LoopRunner>> runners_;  // the rules' first
  const twin::LoopRunner* case_trail_runner_{nullptr};      // one of them
};

}  // namespace cityloop::app
