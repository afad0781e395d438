// Designs asked for in the console: one is searched at a time, in the background; what is found is kept as a file.
//
//   people ─ order ─▶ [DesignDesk] ─ DATA/traffic/designs/ID.json ─▶ design_routes.h
//
// What a design may be made from lies in the city's folder: CITY/traffic/demand/NAME.toml (demand.h) with NAME.csv
// beside it, or a published problem's three files (NAME_nodes.txt …); and NAME_today.geojson where there is a network
// already. Any thread; the work is done on one of its own.
// Nothing runs by itself: a design is a proposal that people read.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json_writer.h"
#include "domain/traffic/transit/design/design_run.h"

namespace cityloop::traffic {

struct DesignOrder {
  std::string name;    // as people call it
  std::string demand;  // NAME in CITY/traffic/demand
  DesignRules rules{.routes = 6, .stops_min = 2, .stops_max = 15};
  double seconds{30};
  std::uint64_t steps{0};  // instead of the seconds; 0: by the seconds
  std::uint64_t seed{1};
  double operator_weight{0};
  std::uint32_t stops_most{60};
  double walk_m{500};
  std::uint32_t fleet{0};  // 0: no headways
  double capacity{60};
};

enum class DesignState : std::uint8_t { waiting, running, done, failed, cancelled };
std::string_view to_string(DesignState);

struct DesignRow {
  std::string id, name, demand, by, error;
  std::string summary;  // JSON of a design that is done: what lists show
  base::Instant asked{};
  DesignState state{};
  DesignProgress progress;
};

class DesignDesk {
 public:
  static constexpr std::size_t kWaitingMost = 8, kKeptMost = 200;
  static constexpr double kSecondsMost = 900;

  // city_folder holds planning.toml; package_folder is CITY/traffic, data_folder DATA/traffic. The clock outlives it.
  DesignDesk(std::string city_folder, const std::string& package_folder, const std::string& data_folder,
             const base::Clock& wall);
  ~DesignDesk();  // what runs is cancelled

  // Errc::full: too many wait. Errc::not_found: there is no such demand.
  base::Result<std::string> start(const DesignOrder&, std::string by);
  // What waits or runs ends; what is done or has failed is removed.
  base::Status cancel(const std::string& id);

  std::vector<DesignRow> list() const;  // the newest first
  std::optional<DesignRow> find(const std::string& id) const;
  base::Result<std::string> result(const std::string& id) const;  // JSON of a design that is done
  std::vector<std::string> demands() const;                       // in order

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace cityloop::traffic
