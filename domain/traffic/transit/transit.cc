#include "domain/traffic/transit/transit.h"

#include <filesystem>

#include "base/log.h"
#include "domain/traffic/transit/gtfs_archive.h"
#include "domain/traffic/transit/gtfs_import.h"
#include "domain/traffic/transit/transit_entities.h"
#include "domain/traffic/transit/transit_routes.h"

namespace cityloop::traffic {
namespace {

constexpr std::size_t kLogged = 10, kWritesAtOnce = 1'000;

}  // namespace

Transit::Transit(TransitSettings settings, std::shared_ptr<const Schedule> schedule, GtfsReport report)
    : settings_(std::move(settings)),
      schedule_(std::move(schedule)),
      report_(std::move(report)),
      loop_(schedule_, settings_) {}

base::Result<std::unique_ptr<Transit>> Transit::make(const std::string& city_folder) {
  const std::string file = city_folder + "/transit.toml";
  if (!std::filesystem::exists(file)) return std::unique_ptr<Transit>{};
  TransitSettings settings = TRY(TransitSettings::load(file));
  const GtfsFiles files = TRY(read_gtfs_files(settings.schedule));
  GtfsImport imported = TRY(import_gtfs(files));
  const GtfsReport& report = imported.report;
  base::log_info("public transport: {} stops, {} lines, {} trips, {} stop times; {} rows refused, {} warned about",
                 imported.schedule->stops.size(), imported.schedule->routes.size(), imported.schedule->trips.size(),
                 imported.schedule->stop_times(), report.refused(), report.warned());
  for (std::size_t i = 0; i < std::min(kLogged, report.problems().size()); ++i)
    base::log_warn("public transport: {}", report.problems()[i].text());
  return std::unique_ptr<Transit>(
      new Transit(std::move(settings), std::move(imported.schedule), std::move(imported.report)));
}

void Transit::add_routes(net::Router& router, const serve::PackageWorld& world) {
  const auto feeds = [this] {
    std::vector<std::pair<std::string, PullStanding>> out;
    const std::lock_guard lock(mutex_);
    for (const auto& puller : pullers_) out.emplace_back(puller->source().name, puller->standing());
    return out;
  };
  TransitRoutes{world, settings_, report_, [this] { return loop_.view(); }, feeds}.add_to(router);
}

base::Status Transit::start(const serve::PackageWorld& world) {
  std::vector<flow::Write> writes = schedule_writes(*schedule_, settings_.entities);
  for (std::size_t begin = 0; begin < writes.size(); begin += kWritesAtOnce) {
    twin::Commit commit;
    commit.origin = flow::Name("feed:gtfs");
    const std::size_t end = std::min(writes.size(), begin + kWritesAtOnce);
    for (std::size_t i = begin; i < end; ++i) commit.writes.push_back(std::move(writes[i]));
    TRY(world.twin.commit(std::move(commit)).status);
  }
  const std::lock_guard lock(mutex_);
  for (const RealtimeSource& source : settings_.sources) {
    pullers_.push_back(std::make_unique<RealtimePuller>(source, settings_, schedule_, world.twin));
    pullers_.back()->start();
  }
  return {};
}

void Transit::stop() {
  std::vector<std::unique_ptr<RealtimePuller>> gone;
  {
    const std::lock_guard lock(mutex_);
    gone.swap(pullers_);
  }
  for (const auto& puller : gone) puller->stop();
}

std::vector<std::pair<std::string, double>> Transit::counters() const {
  const TransitLoop::Counters& c = loop_.counters();
  std::vector<std::pair<std::string, double>> out{{"transit_told", double(c.told)},
                                                  {"transit_unreadable", double(c.unreadable)},
                                                  {"transit_unmatched", double(c.unmatched)},
                                                  {"transit_passages", double(c.passages)},
                                                  {"transit_findings_opened", double(c.opened)},
                                                  {"transit_findings_cleared", double(c.cleared)},
                                                  {"transit_schedule_refused", double(report_.refused())}};
  PullStanding sum;
  const std::lock_guard lock(mutex_);
  for (const auto& puller : pullers_) {
    const PullStanding one = puller->standing();
    sum.pulls += one.pulls;
    sum.failed += one.failed;
    sum.refused += one.refused;
  }
  out.emplace_back("transit_pulls", double(sum.pulls));
  out.emplace_back("transit_pulls_failed", double(sum.failed));
  out.emplace_back("transit_entities_refused", double(sum.refused));
  return out;
}

}  // namespace cityloop::traffic
