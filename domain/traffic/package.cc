// The traffic package: what it brings to a city that has CITY/traffic/.
//
//   signals/ ─▶ Signals        transit.toml ─▶ Transit        demand/ ─▶ DesignDesk        speeds in the twin ─▶
//   forecasts
#include <algorithm>
#include <filesystem>
#include <iterator>

#include "domain/traffic/forecast/forecast_loop.h"
#include "domain/traffic/forecast/forecast_past.h"
#include "domain/traffic/forecast/forecast_routes.h"
#include "domain/traffic/forecast/forecasts.h"
#include "domain/traffic/forecast/train_command.h"
#include "domain/traffic/forecast/training_desk.h"
#include "domain/traffic/guidance/city_guidance.h"
#include "domain/traffic/guidance/segment_routes.h"
#include "domain/traffic/signal/signals.h"
#include "domain/traffic/transit/design/design_command.h"
#include "domain/traffic/transit/design/design_routes.h"
#include "domain/traffic/transit/transit.h"
#include "serve/package.h"

namespace cityloop::traffic {
namespace {

std::string models_of(const serve::PackageSettings& settings) {
  return settings.city_folder + "/models";
}

class Traffic final : public serve::Package {
 public:
  static base::Result<std::unique_ptr<serve::Package>> make(const serve::PackageSettings& settings) {
    std::unique_ptr<Traffic> out(new Traffic(settings));
    out->signals_ = TRY(Signals::load(settings));
    out->guidance_ = TRY(Guidance::make(settings));
    out->transit_ = TRY(Transit::make(settings.city_folder));
    const TrainingSettings training = TRY(TrainingSettings::load(settings.city_folder + "/forecast.toml"));
    const TrainingPlace place{out->folders_.city, std::filesystem::path(settings.data_folder).parent_path().string(),
                              models_of(settings)};
    for (const ForecastLoopOptions& kind : {speed_forecasts(settings.time_zone, models_of(settings)),
                                            parking_forecasts(settings.time_zone, models_of(settings))})
      out->training_.push_back(std::make_unique<TrainingDesk>(training, kind, place));
    return out;
  }

  std::vector<twin::Loop*> loops() override {
    std::vector<twin::Loop*> out = signals_->loops();
    if (transit_) std::ranges::copy(transit_->loops(), std::back_inserter(out));
    std::ranges::copy(guidance_->loops(), std::back_inserter(out));
    out.insert(out.end(), {&speeds_, &parking_, &past_});
    return out;
  }
  std::vector<std::shared_ptr<act::Interlock>> interlocks() override {
    if (auto interlock = signals_->interlock()) return {std::move(interlock)};
    return {};
  }
  void add_routes(net::Router& router, const serve::PackageWorld& world) override {
    designs_ = std::make_unique<DesignDesk>(folders_.city, folders_.package, folders_.data, world.wall);
    signals_->add_routes(router, world);
    if (transit_) transit_->add_routes(router, world);
    guidance_->add_routes(router, world);
    SegmentRoutes{world.guard, world.twin, world.history, guidance_->loop(), past_}.add_to(router);
    ForecastRoutes{world.guard, world.twin, past_, {training_[0].get(), training_[1].get()}}.add_to(router);
    DesignRoutes{world.guard, *designs_}.add_to(router);
  }
  base::Status start(const serve::PackageWorld& world) override {
    if (transit_) TRY(transit_->start(world));
    for (const auto& desk : training_) desk->start(world.twin, world.history, world.clock);
    return {};
  }
  void stop() override {
    designs_.reset();
    for (const auto& desk : training_) desk->stop();
    if (transit_) transit_->stop();
  }
  std::vector<std::pair<std::string, double>> counters() const override {
    auto out = guidance_->counters();
    if (transit_) std::ranges::copy(transit_->counters(), std::back_inserter(out));
    return out;
  }

 private:
  struct Folders {
    std::string city, package, data;
  };
  explicit Traffic(const serve::PackageSettings& settings)
      : folders_{std::filesystem::path(settings.city_folder).parent_path().string(), settings.city_folder,
                 settings.data_folder},
        speeds_(speed_forecasts(settings.time_zone, models_of(settings))),
        parking_(parking_forecasts(settings.time_zone, models_of(settings))),
        past_(speed_forecasts(settings.time_zone, {}).attribute) {}

  const Folders folders_;
  std::unique_ptr<Signals> signals_;
  std::unique_ptr<Transit> transit_;  // null in a city without timetable
  std::unique_ptr<Guidance> guidance_;
  ForecastLoop speeds_, parking_;
  ForecastPast past_;
  std::unique_ptr<DesignDesk> designs_;
  std::vector<std::unique_ptr<TrainingDesk>> training_;  // of speeds, of garages
};

}  // namespace
}  // namespace cityloop::traffic

namespace cityloop::serve {

void register_traffic(PackageLoader& loader) {
  loader.add("traffic", traffic::Traffic::make);
  loader.add_command({"traffic", "design", "find routes for a demand: --problem PATH, or --city FOLDER --demand FILE",
                      traffic::design_command});
  loader.add_command({"traffic", "train",
                      "train a model for forecasts: --city FOLDER --data FOLDER, or --csv FILE (more by --help)",
                      traffic::train_command});
}

}  // namespace cityloop::serve
