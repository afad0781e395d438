#include "app/machine.h"

#include "base/log.h"
#include "flow/own_types.h"
#include "serve/case_rules_shelf.h"
#include "serve/duty_shelf.h"
#include "serve/index/indicator_shelf.h"
#include "serve/rules_in_force.h"

namespace cityloop::app {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

Result<geo::Areas> areas_of(const serve::City& city) {
  std::vector<geo::Area> areas;
  for (const serve::City::Area& area : city.areas) {
    if (area.kind != "policy") continue;
    areas.push_back({area.id, TRY(geo::Shape::from_geojson(area.geojson()))});
  }
  return geo::Areas::make(std::move(areas));
}

// Puts the reasons of several files together, so that one look finds all mistakes.
class Mistakes {
 public:
  template <class T>
  void take(Result<T>& result) {
    if (!result) add(result.error().message);
  }
  void add(std::string_view message) {
    if (message.empty()) return;
    if (!all_.empty()) all_ += '\n';
    all_ += message;
  }
  const std::string& all() const { return all_; }

 private:
  std::string all_;
};

std::string area_id(const geo::Areas& areas, std::string_view geojson) {
  const auto shape = geo::Shape::from_geojson(geojson);
  return shape ? std::string(areas.area_of(*shape)) : std::string{};
}

index::IndicatorLoopOptions indicator_options(const twin::Twin& twin) {
  return {[&twin](flow::EntityId id) { return twin.get(id); },
          [&twin](flow::Name type, const std::function<void(const flow::Entity&)>& give) {
            twin.each(type, [&](const flow::EntityPtr& entity) {
              give(*entity);
              return true;
            });
          }};
}

}  // namespace

Result<CitySettings> CitySettings::load(const std::string& folder) {
  Mistakes mistakes;
  auto city = serve::City::load(folder + "/city.toml");
  mistakes.take(city);
  auto case_rules =
      casework::CaseRules::load_folder(folder + "/casework", city ? serve::facts_of(*city) : flow::CityFacts{});
  mistakes.take(case_rules);
  auto duty_rules = duty::DutyRules::load_folder(folder + "/duty", city ? serve::facts_of(*city) : flow::CityFacts{});
  mistakes.take(duty_rules);
  auto indicators =
      index::IndicatorRules::load_folder(folder, city ? serve::indicator_facts_of(*city) : index::IndicatorFacts{});
  mistakes.take(indicators);
  auto planning = duty::PlanningSettings::load(folder + "/planning.toml");
  mistakes.take(planning);
  auto civic = civic::CivicSettings::load(folder + "/civic.toml", case_rules ? case_rules->get() : nullptr);
  mistakes.take(civic);
  auto participation = participation::ParticipationSettings::load(
      folder + "/participation.toml", case_rules ? case_rules->get() : nullptr, city ? &*city : nullptr);
  mistakes.take(participation);
  auto devices = act::DeviceTypes::load_folder(folder + "/devices");
  mistakes.take(devices);
  auto rules = decide::RuleBook::load(folder + "/rules");
  mistakes.add(rules.message());
  if (!mistakes.all().empty()) return fail(Errc::invalid, "{}", mistakes.all());
  CitySettings settings;
  settings.city = std::move(*city);
  settings.time_zone = TRY(base::TimeZone::load(settings.city.time_zone));
  settings.areas = TRY(areas_of(settings.city));
  settings.rules = std::move(rules.book);
  settings.case_rules = std::move(*case_rules);
  settings.duty_rules = std::move(*duty_rules);
  settings.indicators = std::move(*indicators);
  settings.planning = std::move(*planning);
  settings.civic = std::move(*civic);
  settings.participation = std::move(*participation);
  settings.devices = std::move(*devices);
  return settings;
}

Status CitySettings::load_streets(const std::string& folder) {
  streets = TRY(duty::PlanningStreets::load(planning, folder));
  if (!streets.weights) return {};
  const geo::StreetGraph& graph = streets.weights->graph();
  base::log_info("{}: {} pieces of street between {} places, {:.0f} km", planning.streets, graph.pieces(),
                 graph.nodes(), graph.length_m() / 1000);
  for (const std::string& line : streets.report.lines()) base::log_warn("{}: {}", planning.streets, line);
  if (const auto& islands = graph.islands(planning.mode); !islands.empty())
    base::log_warn("{}: {} parts are cut off, the longest ({:.1f} km) at {:.6f}, {:.6f} {}", planning.streets,
                   islands.size(), islands[0].length_m / 1000, islands[0].somewhere.lon_deg,
                   islands[0].somewhere.lat_deg, islands[0].name);
  return {};
}

Result<std::unique_ptr<Machine>> Machine::make(const CitySettings& settings, const std::string& data_folder,
                                               std::string_view durability, Publish publish,
                                               std::function<void(const twin::LoadProgress&)> loading,
                                               const MachineParts& parts) {
  std::unique_ptr<Machine> machine(new Machine);
  machine->store_ = TRY(store::Store::open(data_folder + "/store"));
  if (settings.city.feed_clock) {
    auto clock = std::make_unique<base::ManualClock>();
    machine->feed_clock_ = clock.get();
    machine->clock_ = std::move(clock);
  } else {
    machine->clock_ = std::make_unique<base::PacedClock>(settings.pace, machine->wall_);
  }
  twin::TwinOptions options;
  options.durability = TRY(store::durability_from(durability));
  options.keep_log = settings.city.keep_log;
  options.progress = std::move(loading);
  machine->twin_ = TRY(twin::Twin::open(*machine->store_, *machine->clock_, options));
  twin::Twin& twin = *machine->twin_;
  if (const base::Instant begins = settings.pace.begins; begins != base::kNever && twin.last_at() != flow::kNever) {
    if (begins < twin.last_at())
      return fail(Errc::invalid, "the clock is to begin at {}, and the city's log reaches {}: its time would go back",
                  base::format_time(begins), base::format_time(twin.last_at()));
  }
  if (machine->feed_clock_ && twin.last_at() != flow::kNever) machine->feed_clock_->advance_to(twin.last_at());

  machine->rules_ = std::make_unique<decide::RuleEngine>(settings.rules, settings.time_zone);
  machine->case_rules_ = settings.case_rules;
  machine->casework_ = std::make_unique<casework::CaseLoop>(
      casework::CaseLoopOptions{[areas = settings.areas](std::string_view geojson) { return area_id(areas, geojson); },
                                [&twin](flow::EntityId id) { return twin.get(id); }});
  machine->duty_rules_ = settings.duty_rules;
  machine->duty_ = std::make_unique<duty::DutyLoop>();
  machine->act_ = std::make_unique<act::CommandLoop>(act::CommandLoopOptions{.types = settings.devices,
                                                                             .publish = std::move(publish),
                                                                             .time_zone = settings.time_zone,
                                                                             .interlocks = parts.interlocks});
  machine->learn_ = std::make_unique<learn::LearnLoop>();
  machine->suggest_ = std::make_unique<learn::SuggestLoop>(learn::SuggestOptions{.zone = settings.time_zone});
  machine->forecast_scores_ = std::make_unique<learn::ForecastScoreLoop>();
  machine->history_ =
      std::make_unique<twin::History>(*machine->store_, twin::HistoryOptions{.keep = settings.city.keep_history});
  machine->notify_ = std::make_unique<notify::NotifyLoop>(twin, *machine->clock_);
  machine->expiry_ = std::make_unique<twin::Expiry>();
  machine->indicator_rules_ = settings.indicators;
  machine->indicators_ = std::make_unique<index::IndicatorLoop>(indicator_options(twin));
  machine->case_trail_ = std::make_unique<serve::CaseTrail>();
  std::vector<twin::Loop*> loops = {machine->rules_.get(),
                                    machine->casework_.get(),
                                    machine->duty_.get(),
                                    machine->act_.get(),
                                    machine->learn_.get(),
                                    machine->suggest_.get(),
                                    machine->forecast_scores_.get(),
                                    machine->history_.get(),
                                    machine->notify_.get(),
                                    machine->expiry_.get(),
                                    machine->indicators_.get(),
                                    machine->case_trail_.get()};
  loops.insert(loops.end() - 1, parts.loops.begin(), parts.loops.end());
  const twin::LoopOptions how{.wakes = machine->feed_clock_ == nullptr};
  for (twin::Loop* loop : loops) machine->runners_.push_back(std::make_unique<twin::LoopRunner>(twin, *loop, how));
  machine->case_trail_runner_ = machine->runners_.back().get();
  return machine;
}

Machine::~Machine() {
  stop();
}

Status Machine::put_case_rules(const casework::CaseRules& rules) {
  const flow::EntityPtr newest = serve::rules_in_force(*twin_, flow::kCaseRulesType);
  const flow::EntityId id = casework::CaseRules::entity_id(rules.version());
  if (newest && newest->id == id) return {};
  return put(rules.to_write(clock_->now()));
}

Status Machine::put_duty_rules(const duty::DutyRules& rules) {
  const flow::EntityPtr newest = serve::rules_in_force(*twin_, flow::kDutyRulesType);
  if (newest && newest->id == duty::DutyRules::entity_id(rules.version())) return {};
  return put(rules.to_write(clock_->now()));
}

Status Machine::put_indicator_rules(const index::IndicatorRules& rules) {
  const flow::EntityPtr newest = serve::rules_in_force(*twin_, flow::kIndicatorRulesType);
  if (!newest && rules.indicators().empty()) return {};
  if (newest && newest->id == index::IndicatorRules::entity_id(rules.version())) return {};
  return put(rules.to_write(clock_->now()));
}

Status Machine::put(flow::Write write) {
  twin::Commit commit;
  commit.origin = flow::Name("app");
  commit.writes.push_back(std::move(write));
  const twin::CommitResult result = twin_->commit(std::move(commit));
  TRY(result.status);
  return result.writes.front();
}

void Machine::continue_archive_at(std::uint64_t number) {
  const auto cases = std::ranges::find_if(runners_, [&](const auto& one) { return one->name() == casework_->name(); });
  (*cases)->run_inside([&](twin::Outbox&) { casework_->continue_archive_at(number); });
}

// The rules of cases and of duty, and what indicators there are, stand in the log before any loop reads on.
Status Machine::start() {
  TRY(put_case_rules(*case_rules_));
  TRY(put_duty_rules(*duty_rules_));
  TRY(put_indicator_rules(*indicator_rules_));
  for (const auto& runner : runners_) TRY(runner->start());
  return {};
}

void Machine::stop() {
  for (auto it = runners_.rbegin(); it != runners_.rend(); ++it) (*it)->stop();
}

std::vector<const twin::LoopRunner*> Machine::runners() const {
  std::vector<const twin::LoopRunner*> out;
  for (const auto& runner : runners_) out.push_back(runner.get());
  return out;
}

std::uint64_t Machine::backlog() const {
  const flow::Seq head = twin_->head();
  flow::Seq slowest = head;
  for (const auto& runner : runners_) slowest = std::min(slowest, runner->done());
  return head - slowest;
}

void Machine::settle() const {
  while (backlog() > 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

}  // namespace cityloop::app
