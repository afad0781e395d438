#include "app/packages.h"

#include <filesystem>

#include "base/log.h"

namespace cityloop::app {

base::Result<Packages> Packages::make(const serve::PackageLoader* loader, const CitySettings& settings,
                                      const std::string& city_folder, const std::string& data_folder) {
  Packages out;
  if (!loader) return out;
  const auto& weights = settings.streets.weights;
  const auto streets = weights ? geo::StreetGraphPtr(weights, &weights->graph()) : nullptr;
  std::string mistakes;
  for (const auto& [name, make] : loader->packages()) {
    const std::string folder = fmt::format("{}/{}", city_folder, name);
    if (!std::filesystem::is_directory(folder)) continue;
    auto made = make({settings.city, settings.time_zone, streets, folder, fmt::format("{}/{}", data_folder, name)});
    if (made) {
      base::log_info("package {}: {}", name, folder);
      out.all_.push_back({name, *std::move(made)});
    } else {
      mistakes += (mistakes.empty() ? "" : "\n") + made.error().message;
    }
  }
  if (!mistakes.empty()) return base::fail(base::Errc::invalid, "{}", mistakes);
  return out;
}

std::vector<std::string> Packages::names() const {
  std::vector<std::string> out;
  for (const Named& one : all_) out.push_back(one.name);
  return out;
}

MachineParts Packages::parts() const {
  MachineParts out;
  for (const auto& [name, package] : all_) {
    for (twin::Loop* loop : package->loops()) out.loops.push_back(loop);
    for (auto& interlock : package->interlocks()) out.interlocks.push_back(std::move(interlock));
  }
  return out;
}

void Packages::add_routes(net::Router& router, const serve::PackageWorld& world) const {
  for (const auto& [name, package] : all_) package->add_routes(router, world);
}

base::Status Packages::start(const serve::PackageWorld& world) {
  for (; started_ < all_.size(); ++started_) {
    if (auto begun = all_[started_].package->start(world); !begun) {
      stop();
      return begun;
    }
  }
  return {};
}

void Packages::stop() {
  while (started_ > 0) all_[--started_].package->stop();
}

std::vector<std::pair<std::string, double>> Packages::counters() const {
  std::vector<std::pair<std::string, double>> out;
  for (const auto& [name, package] : all_) {
    for (auto& counter : package->counters()) out.push_back(std::move(counter));
  }
  return out;
}

}  // namespace cityloop::app
