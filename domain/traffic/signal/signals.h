// The signals of a city: what CITY/traffic/signals says of its junctions, and all that stands on it.
//
//   CITY/traffic/signals/*.toml ─▶ [Signals] ─▶ SignalLoop, SignalInterlock, SignalPast, routes
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/traffic/signal/settings.h"
#include "domain/traffic/signal/signal_loop.h"
#include "domain/traffic/signal/signal_past.h"
#include "serve/package.h"

namespace cityloop::traffic {

class Signals {
 public:
  // A city without junctions has trials to look at, and nothing else.
  static base::Result<std::unique_ptr<Signals>> load(const serve::PackageSettings&);

  std::vector<twin::Loop*> loops();
  std::shared_ptr<act::Interlock> interlock() const { return interlock_; }  // null where there are no junctions
  void add_routes(net::Router&, const serve::PackageWorld&) const;

 private:
  Signals(SignalSettings, const serve::PackageSettings&);

  SignalSettings settings_;
  std::vector<std::string> trial_folders_;
  std::unique_ptr<SignalLoop> loop_;
  SignalPast past_;
  std::shared_ptr<SignalInterlock> interlock_;
};

}  // namespace cityloop::traffic
