#include "domain/traffic/signal/signals.h"

#include <chrono>

#include "base/log.h"
#include "domain/traffic/signal/signal_routes.h"
#include "domain/traffic/signal/trial_routes.h"

namespace cityloop::traffic {

base::Result<std::unique_ptr<Signals>> Signals::load(const serve::PackageSettings& given) {
  SignalSettings settings = TRY(SignalSettings::load_folder(given.city_folder + "/signals"));
  for (const std::string& note : settings.notes) base::log_warn("{}", note);
  return std::unique_ptr<Signals>(new Signals(std::move(settings), given));
}

Signals::Signals(SignalSettings settings, const serve::PackageSettings& given)
    : settings_(std::move(settings)), trial_folders_({given.city_folder + "/trials", given.data_folder + "/trials"}) {
  if (settings_.junctions.empty()) return;
  SignalLoopOptions options;
  options.junctions = settings_.junctions;
  // A controller that answers late is an event of the machine, not of the log: its clock is the machine's.
  options.stopwatch_s = [] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  };
  loop_ = std::make_unique<SignalLoop>(std::move(options));
  interlock_ = std::make_shared<SignalInterlock>(settings_.devices());
  base::log_info("traffic: {} junctions with lights", settings_.junctions.size());
}

std::vector<twin::Loop*> Signals::loops() {
  if (!loop_) return {};
  return {loop_.get(), &past_};
}

void Signals::add_routes(net::Router& router, const serve::PackageWorld& world) const {
  SignalRoutes{world.guard, world.twin, world.clock, settings_, past_}.add_to(router);
  TrialRoutes{world.guard, world.back_room, TrialShelf(trial_folders_)}.add_to(router);
}

}  // namespace cityloop::traffic
