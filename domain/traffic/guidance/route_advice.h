// What a driver is told: the way that is quickest now, what it would usually have been, what is to be expected, and
// other ways that are honestly other ones.
//
//   RouteFinder + two places ─▶ [advise] ─▶ RouteAdvice ─▶ /api/v1/traffic/route, message signs
//
// Other ways are found by holding the known ones to be dearer (the penalty method, after de la Barra et al. 1993), and
// offered only if they are not much longer, share little with those before them, and nowhere leave the best way for a
// loop far slower than staying on it (limited sharing, bounded stretch, local optimality: Abraham et al. 2013).
#pragma once

#include "domain/traffic/guidance/route_finder.h"

namespace cityloop::traffic {

struct AdviceOptions {
  std::size_t others_max{2};
  double stretch_max{1.25};   // time against the best
  double sharing_max{0.65};   // of its time, with one that is offered already
  double deviation_max{1.7};  // time of a loop against the stretch of the best way that it leaves out
  double penalty{1.5};
  double haste{1.2};                      // in looking for other ways, as RouteQuestion has it
  double worth_s{90}, worth_share{0.05};  // a detour that saves less is not advised
};

// Where a way loses time against what is usual.
struct SlowStreet {
  flow::Bilingual name;  // as written, and in English where the streets say so
  double lost_s{};
};

struct RouteOption {
  FoundRoute route;
  std::vector<geo::Position> line;
  double foreseen_s{}, now_s{}, usual_s{};  // at this departure, by each of the times
  double shared{};                          // of its time, with the first; 1 for the first itself
  double measured{};                        // of its length there are speeds of now
  std::vector<SlowStreet> slow;             // the worst three, each losing half a minute or more
};

enum class AdviceCode : std::uint8_t {
  usual_way,  // the way that is usual is the quickest, or nearly
  detour,     // another way saves something that is worth it
  closed,     // the usual way cannot be driven
};
std::string_view to_string(AdviceCode);

struct RouteAdvice {
  std::vector<RouteOption> options;  // the quickest first; the usual way is among them unless it is closed
  std::optional<std::size_t> usual;
  AdviceCode code{AdviceCode::usual_way};
  double saved_s{};  // by the first against the usual way, as foreseen; 0 where that is the first, or is closed
  flow::Bilingual why;
  std::size_t settled{};  // junctions that all searches looked at
};

struct RouteWish {
  geo::StreetSpot from, to;
  double depart_s{0};
  const ArcFactors* closed{};  // streets that nobody should be sent through
};

// Errc::not_found when no way is open.
base::Result<RouteAdvice> advise(const RouteFinder&, const RouteWish&, RouteWorkspace&, const AdviceOptions& = {});

// The name of the street that a way goes along longest without the other one; empty where none has a name.
flow::Bilingual longest_street_apart(const geo::StreetGraph&, const FoundRoute&, const FoundRoute& other);
std::string minutes_text(double time_s);  // "12", at least "1"

}  // namespace cityloop::traffic
