// The domain packages of a running city: those of this build for which the city has a folder.
//
//   PackageLoader, CITY/NAME/ ─▶ [Packages] ─▶ Machine (loops, interlocks), House (routes, counters)
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/machine.h"
#include "serve/package.h"

namespace cityloop::app {

class Packages {
 public:
  Packages() = default;
  // None where there is no loader. Every mistake in the settings of every package, one a line. The settings outlive
  // what is made.
  static base::Result<Packages> make(const serve::PackageLoader*, const CitySettings&, const std::string& city_folder,
                                     const std::string& data_folder);

  std::vector<std::string> names() const;
  MachineParts parts() const;
  void add_routes(net::Router&, const serve::PackageWorld&) const;
  base::Status start(const serve::PackageWorld&);  // where one fails, those before it are stopped again
  void stop();
  std::vector<std::pair<std::string, double>> counters() const;

 private:
  struct Named {
    std::string name;
    std::unique_ptr<serve::Package> package;
  };
  std::vector<Named> all_;
  std::size_t started_{0};
};

inline const Packages kNoPackages;

}  // namespace cityloop::app
