#include "app/house.h"

#include "base/log.h"
#include "serve/cap_routes.h"
#include "serve/case_routes.h"
#include "serve/cases/case_list_routes.h"
#include "serve/city_routes.h"
#include "serve/command_routes.h"
#include "serve/finding_routes.h"
#include "serve/operation_routes.h"
#include "serve/rule_routes.h"
#include "serve/static_files.h"
#include "serve/statistics_routes.h"
#include "serve/suggestion_routes.h"

namespace cityloop::app {

House::House(const CitySettings& settings, Machine& machine, Intake& intake, trust::Accounts& accounts,
             const std::string& city_folder)
    : settings_(settings),
      machine_(machine),
      intake_(intake),
      guard_(accounts, policy_),
      desk_(machine.twin()),
      subscribers_(machine.twin()),
      shelf_(machine.twin()),
      index_(machine.twin()),
      watcher_(city_folder + "/rules"),
      case_watcher_(city_folder + "/casework", serve::facts_of(settings.city)),
      board_(machine.twin(), settings.city, policy_,
             {[this] { return clock_view(); }, [this] { return feeds_json(); }}) {}

House::~House() {
  if (civic_) civic_->stop();
}

base::Status House::open_civic(const std::string& data_folder) {
  static const base::WallClock wall;
  civic_ = TRY(
      civic::Civic::open({settings_.civic, settings_.city, machine_.twin(), guard_, desk_, shelf_, wall, data_folder}));
  return {};
}

serve::ClockView House::clock_view() const {
  const sense::Replay* replay = intake_.replay();
  return {settings_.city.feed_clock, replay ? replay->speed() : 1.0, replay && replay->paused()};
}

std::string House::feeds_json() {
  intake_.tell_links();
  return intake_.board().json(machine_.clock().now());
}

void House::take_rules(const decide::RuleBookPtr& book) {
  machine_.rules_runner().run_inside([&](twin::Outbox& outbox) {
    const auto prime = [this](flow::Name type, const std::function<void(const flow::Entity&)>& give) {
      machine_.twin().each(type, [&](const flow::EntityPtr& entity) {
        give(*entity);
        return true;
      });
    };
    machine_.rules().set_rules(book, prime, outbox);
  });
  base::log_info("{} rules are in force", book->rules().size());
}

void House::watch_rules() {
  case_watcher_.start(
      std::chrono::milliseconds(500),
      [this](const casework::CaseRulesPtr& rules) {
        if (const auto put = machine_.put_case_rules(*rules); !put) base::log_warn("{}", put.error().message);
        else base::log_info("the case rules {} are in force", rules->version());
      },
      [](const std::string& mistakes) {
        if (!mistakes.empty()) base::log_warn("the case rules as they were stay in force:\n{}", mistakes);
      });
  const auto on_mistakes = [](const decide::RuleBookLoad& load) {
    if (!load.message().empty()) base::log_warn("the rules as they were stay in force:\n{}", load.message());
  };
  watcher_.start(
      std::chrono::milliseconds(500), [this](const decide::RuleBookPtr& book) { take_rules(book); }, on_mistakes);
}

serve::ReplayControl House::replay_control() {
  sense::Replay* replay = intake_.replay();
  if (!replay) return {};
  return {[replay] { replay->pause(); }, [replay] { replay->resume(); },
          [replay](double speed) { return replay->set_speed(speed); }};
}

std::vector<std::pair<std::string, double>> House::counters() const {
  auto out = intake_.counters();
  const auto cases = machine_.casework().stats();
  const auto commands = machine_.act().stats();
  out.emplace_back("cases_opened", double(cases.opened));
  out.emplace_back("cases_closed", double(cases.closed));
  out.emplace_back("cases_open", double(cases.open_now));
  out.emplace_back("cases_archived", double(cases.archived));
  const auto index = index_.stats();
  out.emplace_back("case_index_bytes", double(index.bytes));
  out.emplace_back("case_index_load_seconds", index.load_seconds);
  out.emplace_back("commands_sent", double(commands.sent));
  out.emplace_back("commands_succeeded", double(commands.succeeded));
  out.emplace_back("commands_refused", double(commands.refused));
  out.emplace_back("web_sockets", double(board_.sockets()));
  if (civic_) std::ranges::copy(civic_->counters(), std::back_inserter(out));
  return out;
}

base::Status House::open_broker(const BrokerOptions& options) {
  broker_ = TRY(Broker::open(options, guard_, machine_.tenant()));
  return {};
}

// The standard API; what it takes in shows as a feed of its own.
void House::add_context_routes(net::Router& router) {
  const auto told = [this](std::size_t accepted, const std::vector<base::Error>& rejected) {
    if (sense::FeedStats* http = intake_.board().find("http")) {
      http->count_batch(accepted, rejected, base::WallClock().now());
    }
  };
  if (broker_) broker_->add_to(router, told);
  serve::SubscriptionRoutes{guard_, subscribers_}.add_to(router);
}

net::Router House::routes(std::vector<serve::DemoLogin> demo, const std::string& web) {
  net::Router router;
  twin::Twin& twin = machine_.twin();
  const serve::City& city = settings_.city;
  const auto clock = [this] { return clock_view(); };
  add_context_routes(router);
  serve::SessionRoutes{guard_, back_room_, std::move(demo)}.add_to(router);
  serve::CityRoutes{guard_, twin, city, machine_.history(), board_, clock, shelf_}.add_to(router);
  serve::FindingRoutes{guard_, twin}.add_to(router);
  serve::CaseListRoutes{guard_, twin, index_}.add_to(router);
  serve::CaseRoutes{guard_, twin, city, desk_, shelf_, index_, [this] {
                      return case_watcher_.mistakes(); }}.add_to(router);
  serve::StatisticsRoutes{guard_, twin, back_room_}.add_to(router);
  serve::SuggestionRoutes{guard_, twin}.add_to(router);
  serve::CapRoutes{guard_, twin, city}.add_to(router);
  serve::CommandRoutes{guard_, twin, settings_.devices, desk_}.add_to(router);
  serve::FeedRoutes{guard_, twin, intake_.board(), replay_control(), [this] { intake_.tell_links(); }}.add_to(router);
  serve::RuleRoutes{
      guard_, twin, machine_.rules(), back_room_, settings_.time_zone, [this] { return watcher_.mistakes(); }}
      .add_to(router);
  serve::OperationRoutes{guard_, twin, machine_.runners(), [this] { return counters(); }}.add_to(router);
  if (civic_) civic_->add_to(router);
  serve::StaticFiles::load(web).add_to(router);
  return router;
}

}  // namespace cityloop::app
