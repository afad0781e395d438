// Everything between the loops and the people: who may ask, what is shown live, and every route.
//
//   Machine, Intake ─▶ [House] ─ Router ─▶ HttpServer
#pragma once

#include <string>
#include <vector>

#include "app/broker.h"
#include "app/intake.h"
#include "app/machine.h"
#include "app/packages.h"
#include "casework/rules_watcher.h"
#include "civic/civic.h"
#include "civic/photo_shelf.h"
#include "decide/rule/rule_watcher.h"
#include "duty/planner/planner.h"
#include "duty/rules_watcher.h"
#include "index/indicator/rules_watcher.h"
#include "mail/post.h"
#include "net/router.h"
#include "participation/participation.h"
#include "serve/actions.h"
#include "serve/back_room.h"
#include "serve/board.h"
#include "serve/case_rules_shelf.h"
#include "serve/cases/case_index.h"
#include "serve/dossier/dossier_routes.h"
#include "serve/duty_shelf.h"
#include "serve/feed_routes.h"
#include "serve/guard.h"
#include "serve/index/index_desk.h"
#include "serve/index/index_shelf.h"
#include "serve/index/indicator_shelf.h"
#include "serve/notice_index.h"
#include "serve/session_routes.h"
#include "serve/subscription_routes.h"
#include "trust/enrolment.h"

namespace cityloop::app {

// Made before the loops start and destroyed after the server; the members stand in the order in which they need each
// other.
class House {
 public:
  House(const CitySettings&, Machine&, Intake&, trust::Accounts&, const std::string& city_folder,
        const Packages& packages = kNoPackages);
  ~House();

  // The standard API beside the console's; its tenants live in the data folder.
  base::Status open_broker(const BrokerOptions&);
  // The outbox of everybody's letters; before open_civic. Started when all that write letters are there.
  base::Status open_post(const std::string& data_folder);
  mail::Post& post() { return *post_; }
  // What citizens meet; its data lies in the data folder beside the store.
  base::Status open_civic(const std::string& data_folder);
  civic::Civic* civic() { return civic_.get(); }  // null before
  // Proposals, rounds, inspectors; after open_civic. `links_at_hand`: a demonstration without a mail server.
  base::Status open_participation(const std::string& data_folder, bool links_at_hand);
  participation::Participation* participation() { return participation_.get(); }  // null before
  // All routes; `web` is the folder of the built console.
  net::Router routes(std::vector<serve::DemoLogin> demo, const std::string& web);
  // What the packages work with; as long as the house stands.
  serve::PackageWorld package_world();
  // A changed file of rules, or of how cases run, takes effect between two records; one with mistakes leaves the old
  // ones in force.
  void watch_rules();
  void stop_watching() { watcher_.stop(), case_watcher_.stop(), duty_watcher_.stop(), indicator_watcher_.stop(); }

 private:
  serve::ClockView clock_view() const;
  std::string feeds_json();
  serve::ReplayControl replay_control();
  std::vector<std::pair<std::string, double>> counters() const;
  void take_rules(const decide::RuleBookPtr&);
  void watch_duty();
  void watch_indicators();
  void tell_flaws(const casework::CaseRules&) const;
  void add_duty_routes(net::Router&);
  void add_indicator_routes(net::Router&);
  duty::PlannerOptions planner_options();
  void add_context_routes(net::Router&);
  void add_dossier_routes(net::Router&);

  const CitySettings& settings_;
  Machine& machine_;
  Intake& intake_;
  const Packages& packages_;
  trust::Policy policy_;
  serve::Guard guard_;
  trust::Enrolment enrolment_;
  serve::IndexDesk index_desk_;  // what the back room computes for it ends before it does
  serve::BackRoom back_room_;
  std::string city_folder_;
  std::unique_ptr<mail::Post> post_;
  std::unique_ptr<civic::Civic> civic_;                          // outlives the desk, which may still answer it
  std::unique_ptr<participation::Participation> participation_;  // likewise
  serve::ActionDesk desk_;
  serve::SocketSubscribers subscribers_;
  serve::CaseRulesShelf shelf_;
  serve::DutyShelf duty_;
  serve::IndicatorShelf indicators_;
  serve::IndexShelf indices_;
  serve::CaseIndex index_;
  serve::NoticeIndex notices_;
  decide::RuleWatcher watcher_;
  casework::RulesWatcher case_watcher_;
  duty::DutyWatcher duty_watcher_;
  index::IndicatorWatcher indicator_watcher_;
  serve::Board board_;
  std::unique_ptr<Broker> broker_;
  std::optional<civic::PhotoShelf> photos_;
  serve::DossierDesk dossiers_;  // its thread asks most of the others
  duty::Planner planner_;        // likewise its threads
};

}  // namespace cityloop::app
