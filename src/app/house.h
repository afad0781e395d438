// Everything between the loops and the people: who may ask, what is shown live, and every route.
//
//   Machine, Intake ─▶ [House] ─ Router ─▶ HttpServer
#pragma once

#include <string>
#include <vector>

#include "app/broker.h"
#include "app/intake.h"
#include "app/machine.h"
#include "casework/rules_watcher.h"
#include "civic/civic.h"
#include "decide/rule/rule_watcher.h"
#include "net/router.h"
#include "serve/actions.h"
#include "serve/back_room.h"
#include "serve/board.h"
#include "serve/case_rules_shelf.h"
#include "serve/cases/case_index.h"
#include "serve/feed_routes.h"
#include "serve/guard.h"
#include "serve/session_routes.h"
#include "serve/subscription_routes.h"

namespace cityloop::app {

// Made before the loops start and destroyed after the server; the members stand in the order in which they need each
// other.
class House {
 public:
  House(const CitySettings&, Machine&, Intake&, trust::Accounts&, const std::string& city_folder);
  ~House();

  // The standard API beside the console's; its tenants live in the data folder.
  base::Status open_broker(const BrokerOptions&);
  // What citizens meet; its data lies in the data folder beside the store.
  base::Status open_civic(const std::string& data_folder);
  civic::Civic* civic() { return civic_.get(); }  // null before
  // All routes; `web` is the folder of the built console.
  net::Router routes(std::vector<serve::DemoLogin> demo, const std::string& web);
  // A changed file of rules, or of how cases run, takes effect between two records; one with mistakes leaves the old
  // ones in force.
  void watch_rules();
  void stop_watching() { watcher_.stop(), case_watcher_.stop(); }

 private:
  serve::ClockView clock_view() const;
  std::string feeds_json();
  serve::ReplayControl replay_control();
  std::vector<std::pair<std::string, double>> counters() const;
  void take_rules(const decide::RuleBookPtr&);
  void add_context_routes(net::Router&);

  const CitySettings& settings_;
  Machine& machine_;
  Intake& intake_;
  trust::Policy policy_;
  serve::Guard guard_;
  serve::BackRoom back_room_;
  std::unique_ptr<civic::Civic> civic_;  // outlives the desk, which may still answer it
  serve::ActionDesk desk_;
  serve::SocketSubscribers subscribers_;
  serve::CaseRulesShelf shelf_;
  serve::CaseIndex index_;
  decide::RuleWatcher watcher_;
  casework::RulesWatcher case_watcher_;
  serve::Board board_;
  std::unique_ptr<Broker> broker_;
};

}  // namespace cityloop::app
