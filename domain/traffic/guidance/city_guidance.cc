#include "domain/traffic/guidance/city_guidance.h"

#include <filesystem>

#include "base/config.h"
#include "base/file.h"
#include "domain/traffic/guidance/advice_routes.h"
#include "domain/traffic/guidance/guidance_routes.h"

namespace cityloop::traffic {
namespace {

void read_incidents(base::ConfigTable table, IncidentLoopOptions& out) {
  IncidentOptions& watch = out.watch;
  out.case_kind = table.text_or("case", "");
  out.department = table.text_or("department", "");
  watch.drop_ratio = table.number_or("drop_ratio", watch.drop_ratio);
  watch.free_flow_ratio = table.number_or("free_flow_ratio", watch.free_flow_ratio);
  watch.clear_ratio = table.number_or("clear_ratio", watch.clear_ratio);
  watch.limit = table.number_or("limit", watch.limit);
  watch.usual_climb = table.number_or("usual_climb", watch.usual_climb);
  watch.learn_for = table.duration_or("learn_for", watch.learn_for);
  watch.hold = table.duration_or("hold", watch.hold);
  watch.learn_for = table.duration_or("learn_for", watch.learn_for);
  watch.clear_hold = table.duration_or("clear_hold", watch.clear_hold);
  if (watch.drop_ratio <= 0 || watch.drop_ratio >= 1) table.mistake("drop_ratio", "drop_ratio lies between 0 and 1");
  if (watch.clear_ratio < watch.drop_ratio)
    table.mistake("clear_ratio", "clear_ratio is under drop_ratio: an incident would clear while it is one");
  if (watch.usual_climb < 0) table.mistake("usual_climb", "usual_climb is not under 0");
  if (watch.limit <= 0) table.mistake("limit", "limit is above 0");
}

}  // namespace

base::Status read_guidance(std::string_view content, std::string name, GuidanceOptions& guidance,
                           IncidentLoopOptions& incidents) {
  base::Config config = TRY(base::Config::parse(content, std::move(name)));
  base::ConfigTable root = config.root();
  if (auto table = root.table("incidents")) read_incidents(*table, incidents);
  if (auto table = root.table("times")) {
    guidance.times.car_share = table->number_or("car_share", guidance.times.car_share);
    guidance.stale_after = table->duration_or("stale_after", guidance.stale_after);
    guidance.refresh = table->duration_or("refresh", guidance.refresh);
    if (guidance.times.car_share <= 0 || guidance.times.car_share > 1.5)
      table->mistake("car_share", "car_share is above 0 and at most 1.5");
  }
  return config.check();
}

base::Result<std::unique_ptr<Guidance>> Guidance::make(const serve::PackageSettings& settings) {
  GuidanceOptions guidance;
  IncidentLoopOptions incidents;
  guidance.streets = settings.streets;
  guidance.time_zone = incidents.time_zone = settings.time_zone;
  guidance.signs = TRY(SignSettings::load(settings.city_folder + "/signs.toml"));
  const std::string file = settings.city_folder + "/guidance.toml";
  if (std::filesystem::exists(file)) TRY(read_guidance(TRY(base::read_file(file)), file, guidance, incidents));
  return std::unique_ptr<Guidance>(new Guidance(std::move(guidance), std::move(incidents)));
}

Guidance::Guidance(GuidanceOptions guidance, IncidentLoopOptions incidents)
    : guidance_(std::move(guidance)), incidents_(std::move(incidents)) {}

void Guidance::add_routes(net::Router& router, const serve::PackageWorld& world) const {
  GuidanceRoutes{world.guard, world.twin, world.clock, guidance_}.add_to(router);
  AdviceRoutes{world.guard, world.twin}.add_to(router);
}

std::vector<std::pair<std::string, double>> Guidance::counters() const {
  const GuidancePicturePtr picture = guidance_.picture();
  if (!picture || !picture->roads.cover) return {};
  const MatchReport& report = picture->roads.cover->report;
  return {{"traffic_guidance_segments", double(report.segments)},
          {"traffic_guidance_segments_matched", double(report.matched)}};
}

}  // namespace cityloop::traffic
