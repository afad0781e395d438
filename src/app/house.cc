#include "app/house.h"

#include <ranges>

#include "base/log.h"
#include "casework/responsibility_flaws.h"
#include "civic/office.h"
#include "civic/personal.h"
#include "serve/cap_routes.h"
#include "serve/case_routes.h"
#include "serve/cases/case_list_routes.h"
#include "serve/city_routes.h"
#include "serve/command_routes.h"
#include "serve/duty_routes.h"
#include "serve/finding_routes.h"
#include "serve/index/index_routes.h"
#include "serve/index/indicator_routes.h"
#include "serve/notice_routes.h"
#include "serve/operation_routes.h"
#include "serve/package_routes.h"
#include "serve/plan_standing.h"
#include "serve/proposal_routes.h"
#include "serve/rule_routes.h"
#include "serve/rules_in_force.h"
#include "serve/static_files.h"
#include "serve/statistics_routes.h"
#include "serve/suggestion_routes.h"

namespace cityloop::app {

House::House(const CitySettings& settings, Machine& machine, Intake& intake, trust::Accounts& accounts,
             const std::string& city_folder, const Packages& packages)
    : settings_(settings),
      machine_(machine),
      intake_(intake),
      packages_(packages),
      guard_(accounts, policy_),
      enrolment_(accounts),
      index_desk_(back_room_),
      city_folder_(city_folder),
      desk_(machine.twin()),
      subscribers_(machine.twin()),
      shelf_(machine.twin()),
      duty_(machine.twin()),
      indicators_(machine.twin()),
      indices_(machine.twin(), city_folder),
      index_(machine.twin()),
      notices_(machine.twin()),
      watcher_(city_folder + "/rules"),
      case_watcher_(city_folder + "/casework", serve::facts_of(settings.city)),
      duty_watcher_(city_folder + "/duty", serve::facts_of(settings.city)),
      indicator_watcher_(city_folder, serve::indicator_facts_of(settings.city)),
      board_(machine.twin(), settings.city, policy_,
             {[this] { return clock_view(); }, [this] { return feeds_json(); }}),
      planner_(planner_options()) {}

House::~House() {
  if (post_) post_->stop();
  if (participation_) participation_->stop();
  if (civic_) civic_->stop();
}

duty::PlannerOptions House::planner_options() {
  static const base::WallClock wall;
  duty::PlannerOptions out{machine_.twin(), wall, settings_.planning, settings_.streets, {}, {}, {}};
  for (const serve::City::Department& one : settings_.city.departments) out.departments.push_back(one.id);
  out.standing = [this](const flow::Case& one) { return serve::standing_of(one, shelf_); };
  out.appoint = [this](flow::Action action, const std::string& key, auto done) {
    desk_.submit(std::move(action), serve::OnceKey{key, false}, std::move(done));
  };
  return out;
}

base::Status House::open_post(const std::string& data_folder) {
  static const base::WallClock wall;
  const auto settings = [this] { return civic_ ? civic_->office().settings().mail : settings_.civic.mail; };
  post_ = TRY(mail::Post::open(data_folder + "/mail.db", settings, wall));
  return {};
}

base::Status House::open_civic(const std::string& data_folder) {
  static const base::WallClock wall;
  civic_ = TRY(civic::Civic::open({settings_.civic, settings_.city, machine_.twin(), guard_, desk_, shelf_, wall,
                                   data_folder, city_folder_ + "/civic.toml"}));
  photos_ = TRY(civic::PhotoShelf::open(data_folder + "/media"));
  return {};
}

base::Status House::open_participation(const std::string& data_folder, bool links_at_hand) {
  const auto area_of = [areas = settings_.areas](std::string_view geojson) {
    const auto shape = geo::Shape::from_geojson(geojson);
    return shape ? std::string(areas.area_of(*shape)) : std::string{};
  };
  participation_ = TRY(participation::Participation::open(
      {settings_.participation, *civic_, data_folder, area_of, links_at_hand && settings_.civic.mail.server.empty()}));
  return {};
}

serve::ClockView House::clock_view() const {
  const sense::Replay* replay = intake_.replay();
  return {settings_.city.feed_clock, replay ? replay->speed() : settings_.pace.pace, replay && replay->paused()};
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
        tell_flaws(*rules);
      },
      [](const std::string& mistakes) {
        if (!mistakes.empty()) base::log_warn("the case rules as they were stay in force:\n{}", mistakes);
      });
  watch_duty();
  watch_indicators();
  const auto on_mistakes = [](const decide::RuleBookLoad& load) {
    if (!load.message().empty()) base::log_warn("the rules as they were stay in force:\n{}", load.message());
  };
  watcher_.start(
      std::chrono::milliseconds(500), [this](const decide::RuleBookPtr& book) { take_rules(book); }, on_mistakes);
}

void House::watch_duty() {
  duty_watcher_.start(
      std::chrono::milliseconds(500),
      [this](const duty::DutyRulesPtr& rules) {
        if (const auto put = machine_.put_duty_rules(*rules); !put) base::log_warn("{}", put.error().message);
        else base::log_info("the duty rules {} are in force", rules->version());
      },
      [](const std::string& mistakes) {
        if (!mistakes.empty()) base::log_warn("the duty rules as they were stay in force:\n{}", mistakes);
      });
}

void House::watch_indicators() {
  indicator_watcher_.start(
      std::chrono::milliseconds(500),
      [this](const index::IndicatorRulesPtr& rules) {
        if (const auto put = machine_.put_indicator_rules(*rules); !put) base::log_warn("{}", put.error().message);
        else base::log_info("{} indicators are in force, version {}", rules->indicators().size(), rules->version());
      },
      [](const std::string& mistakes) {
        if (!mistakes.empty()) base::log_warn("the indicators as they were stay in force:\n{}", mistakes);
      });
}

// Before they bite: what is wrong on the map or in the table is no mistake that keeps rules from being in force.
void House::tell_flaws(const casework::CaseRules& rules) const {
  constexpr std::size_t kToldMax = 20;
  const auto flaws = casework::flaws_of(rules, serve::policy_areas_of(settings_.city), machine_.clock().now());
  for (const casework::Flaw& flaw : flaws | std::views::take(kToldMax))
    base::log_warn("responsibility: {}", flaw.text.en);
  if (flaws.size() > kToldMax) base::log_warn("responsibility: and {} more flaws", flaws.size() - kToldMax);
  for (const std::string& line : serve::unknown_crews(rules, *duty_.roster()))
    base::log_warn("responsibility: {}", line);
}

void House::add_duty_routes(net::Router& router) {
  const auto counts = [this]() -> serve::ResponsibilityCounts {
    const auto cases = machine_.casework().stats();
    return {cases.in_gap, cases.in_overlap, cases.outside_cells};
  };
  serve::DutyRoutes{
      guard_, settings_.city, shelf_, duty_, desk_, back_room_, [this] { return duty_watcher_.mistakes(); }, counts}
      .add_to(router);
}

void House::add_indicator_routes(net::Router& router) {
  serve::IndicatorRoutes{guard_,         machine_.twin(), machine_.history(),
                         settings_.city, indicators_,     shelf_,
                         index_,         back_room_,      [this] { return indicator_watcher_.mistakes(); }}
      .add_to(router);
  serve::IndexRoutes{guard_, machine_.twin(), indices_, index_desk_}.add_to(router);
}

// Of a photo what citizens' room keeps, of words what it lets pass.
void House::add_dossier_routes(net::Router& router) {
  const auto photo = [this](const std::string& id, bool small) -> base::Result<std::string> {
    if (!photos_) return base::fail(base::Errc::not_found, "there are no photos");
    return photos_->get(id, small ? civic::PhotoSize::thumb : civic::PhotoSize::full);
  };
  serve::DossierRoutes{guard_,
                       machine_.twin(),
                       settings_.city,
                       machine_.history(),
                       shelf_,
                       index_,
                       dossiers_,
                       settings_.time_zone,
                       photo,
                       civic::mask_personal,
                       [this] { return machine_.case_trail_done(); }}
      .add_to(router);
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
  out.emplace_back("cases_in_responsibility_gap", double(cases.in_gap));
  out.emplace_back("cases_in_responsibility_overlap", double(cases.in_overlap));
  out.emplace_back("cases_outside_cells", double(cases.outside_cells));
  const auto duty = machine_.duty().stats();
  out.emplace_back("duty_changes_asked", double(duty.asked));
  out.emplace_back("duty_changes_granted", double(duty.granted));
  out.emplace_back("duty_changes_denied", double(duty.denied));
  out.emplace_back("duty_changes_refused", double(duty.refused));
  const auto indicators = machine_.indicators().stats();
  out.emplace_back("indicators", double(indicators.indicators));
  out.emplace_back("indicator_areas", double(indicators.areas));
  out.emplace_back("indicator_entities", double(indicators.entities));
  out.emplace_back("indicator_values_written", double(indicators.values_written));
  out.emplace_back("indicator_bytes", double(indicators.bytes));
  out.emplace_back("commands_sent", double(commands.sent));
  out.emplace_back("commands_succeeded", double(commands.succeeded));
  out.emplace_back("commands_refused", double(commands.refused));
  out.emplace_back("web_sockets", double(board_.sockets()));
  std::ranges::copy(packages_.counters(), std::back_inserter(out));
  if (post_) std::ranges::copy(post_->counters(), std::back_inserter(out));
  if (civic_) std::ranges::copy(civic_->counters(), std::back_inserter(out));
  if (participation_) std::ranges::copy(participation_->counters(), std::back_inserter(out));
  return out;
}

serve::PackageWorld House::package_world() {
  static const base::WallClock wall;
  const auto address = [this] { return civic_ ? civic_->office().settings().address : settings_.civic.address; };
  const auto asker = [this](const net::Request& request) {
    return civic_ ? civic_->office().asker(request) : civic::asker_of(request.remote);
  };
  return {machine_.twin(), machine_.history(), machine_.clock(), wall,    settings_.city, guard_,
          desk_,           back_room_,         *post_,           address, enrolment_,     asker};
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
  const auto missing_photos = [this](std::vector<std::string> ids, const auto& tell) {
    if (civic_) civic_->find_missing_photos(std::move(ids), tell);
    else tell(std::vector<std::string>{});
  };
  serve::CaseRoutes{guard_,         twin,  city, desk_, shelf_, index_, [this] { return case_watcher_.mistakes(); },
                    missing_photos, &duty_}
      .add_to(router);
  add_duty_routes(router);
  serve::ProposalRoutes{guard_, twin, planner_, back_room_}.add_to(router);
  planner_.start();
  serve::NoticeRoutes{guard_, twin, notices_, &duty_}.add_to(router);
  serve::StatisticsRoutes{guard_, twin, back_room_}.add_to(router);
  add_dossier_routes(router);
  add_indicator_routes(router);
  serve::SuggestionRoutes{guard_, twin}.add_to(router);
  serve::CapRoutes{guard_, twin, city}.add_to(router);
  serve::CommandRoutes{guard_, twin, settings_.devices, desk_}.add_to(router);
  serve::FeedRoutes{guard_, twin, intake_.board(), replay_control(), [this] { intake_.tell_links(); }}.add_to(router);
  serve::RuleRoutes{
      guard_, twin, machine_.rules(), back_room_, settings_.time_zone, [this] { return watcher_.mistakes(); }}
      .add_to(router);
  serve::OperationRoutes{guard_, twin, machine_.runners(), [this] { return counters(); }}.add_to(router);
  serve::PackageRoutes{guard_, packages_.names()}.add_to(router);
  packages_.add_routes(router, package_world());
  if (civic_) civic_->add_to(router);
  if (participation_) participation_->add_to(router);
  serve::StaticFiles::load(web).add_to(router);
  return router;
}

}  // namespace cityloop::app
