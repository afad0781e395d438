// Where one will find a space: garages ranked by the drive there, the walk from there and the chance that there is room
// on arrival.
//
//   OffStreetParking, Forecast ─▶ [GarageTable], [ParkingOutlook] ─▶ rank_garages ─▶ /api/v1/traffic/parking
//
// Attributes by Smart Data Models: occupiedSpotNumber, totalSpotNumber, location (a Point), name. A garage may hold
// more cars than it has spaces: then nothing is free. State follows from the changes alone.
#pragma once

#include "domain/traffic/guidance/route_finder.h"
#include "domain/traffic/guidance/segment_forecast.h"
#include "domain/traffic/guidance/usual_speed.h"

namespace cityloop::traffic {

struct Garage {
  flow::EntityId id;
  flow::Bilingual name;
  std::optional<geo::Position> at;
  double spaces{}, occupied{kUnknown};
  flow::Instant occupied_at{flow::kNever};
  bool gone{false};
};

// How full a garage will be. Whoever forecasts better than this room puts its own here.
class ParkingOutlook {
 public:
  virtual ~ParkingOutlook() = default;
  // Cars in it at that moment, at quantiles; nothing where nothing can be said.
  virtual std::optional<ForecastBand> occupied(const Garage&, base::Instant at) const = 0;
};

// Garages, and what is usual in them, by the share that is taken.
class GarageTable {
 public:
  bool see(const flow::Change&, const base::TimeZone&);
  void see(const flow::Entity&);
  const std::vector<Garage>& all() const { return garages_; }
  const UsualSpeeds& usual() const { return usual_; }  // shares in place of speeds
  void save(base::ByteWriter&) const;
  base::Status load(base::ByteReader&);

 private:
  std::uint32_t number(flow::EntityId);
  bool take(Garage&, const flow::Attribute&);
  std::vector<Garage> garages_;
  std::unordered_map<flow::EntityId, std::uint32_t> numbers_;
  UsualSpeeds usual_;
};

// Forecast entities where there are any for that moment; else what is there now, drawn towards what is usual then: by a
// share of kKept an hour of the difference to the usual is left.
class PlainOutlook final : public ParkingOutlook {
 public:
  static constexpr double kKept = 0.7;
  PlainOutlook(const GarageTable& garages, const SegmentForecasts& forecasts, const base::TimeZone& zone)
      : garages_(garages), forecasts_(forecasts), zone_(zone) {}
  std::optional<ForecastBand> occupied(const Garage&, base::Instant at) const override;

 private:
  const GarageTable& garages_;
  const SegmentForecasts& forecasts_;
  const base::TimeZone& zone_;
};

struct ParkingWish {
  geo::Position to;                   // where one wants to be
  std::optional<geo::Position> from;  // where one drives from; none: one is near
  base::Instant depart{base::kNever};
  double walk_max_m{1500};
};

struct GarageChoice {
  Garage garage;
  double drive_s{}, walk_s{}, walk_m{};
  base::Instant arrive{base::kNever};
  std::optional<ForecastBand> occupied;
  double chance{};  // of a free space on arrival
  double cost_s{};  // drive, walk, and what it costs to be turned away
  flow::Bilingual why;
};

struct ParkingOptions {
  double walk_kmh{4.8}, walk_detour{1.3};  // streets against the straight line
  double turned_away_s{900};               // to drive on and look elsewhere
  std::size_t most{5};
  base::Duration stale_after{std::chrono::hours(2)};
};

// That it is not full, when cars are spread about the middle as the quantiles say (a normal distribution on each side).
double chance_of_space(const ForecastBand& occupied, double spaces);

// The best first. Garages without a place, out of walking distance, gone or not heard of for long are left out.
std::vector<GarageChoice> rank_garages(const std::vector<Garage>&, const ParkingOutlook&, const RouteFinder*,
                                       RouteWorkspace&, const ParkingWish&, const ParkingOptions& = {});

}  // namespace cityloop::traffic
