// The route network design problem: between which stops people travel, which streets join them, how many routes there
// may be. Published instances (Mandl 1980, Mumford 2013) are read as they are; a city's is made by night_demand.h.
//
//   nodes, links, demand (CSV) ─▶ [Problem] ─▶ evaluate(), search()
//
// Routes run both ways along links, so a link takes as long there as back. Times are minutes, demand is passengers (of
// whatever period: results are means and shares). Stops are numbered from 0 in the order of their file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "geo/shape.h"

namespace cityloop::traffic {

using StopIndex = std::uint16_t;
using RoutePath = std::vector<StopIndex>;  // no stop twice
using RouteSet = std::vector<RoutePath>;

struct DesignStop {
  std::string id;
  geo::Position position{};  // a city's in WGS 84; benchmarks have any plane
  bool terminal{true};
};

struct DesignLink {
  StopIndex from{}, to{};
  double minutes{};
};

struct DesignRules {
  std::uint32_t routes{4};
  std::uint32_t stops_min{2}, stops_max{8};  // of one route
  double transfer_minutes{5};                // what a change costs a passenger, waiting included
  bool end_at_terminals{false};              // routes end only at stops that are terminals
};

class DesignProblem {
 public:
  // Refuses, with every reason at once: links that point nowhere, are negative, zero, or differ there and back; demand
  // that is negative or undefined; demand between parts that no link joins; rules that cannot be kept.
  static base::Result<DesignProblem> make(std::string name, std::vector<DesignStop>, std::vector<DesignLink>,
                                          std::vector<double> demand, const DesignRules&);

  const std::string& name() const { return name_; }
  std::size_t stops() const { return stops_.size(); }
  const DesignStop& stop(StopIndex at) const { return stops_[at]; }
  const std::vector<DesignLink>& links() const { return links_; }  // each once, from < to
  double demand(StopIndex from, StopIndex to) const { return demand_[from * stops() + to]; }
  double demand_total() const { return demand_total_; }
  // Minutes along the link; 0: there is none.
  double minutes(StopIndex from, StopIndex to) const { return minutes_[from * stops() + to]; }
  const std::vector<StopIndex>& neighbours(StopIndex at) const { return neighbours_[at]; }  // rising
  const DesignRules& rules() const { return rules_; }
  base::Status set_rules(const DesignRules&);

  double route_minutes(const RoutePath&) const;  // one way
  // What the rules and the network say against these routes; none: they may be run.
  base::Status check(const RouteSet&) const;

 private:
  DesignProblem() = default;
  base::Status take_links(std::vector<DesignLink>, std::string& mistakes);
  void take_demand(std::vector<double>, std::string& mistakes);
  void check_joined(std::string& mistakes) const;

  std::string name_;
  std::vector<DesignStop> stops_;
  std::vector<DesignLink> links_;
  std::vector<double> minutes_, demand_;
  std::vector<std::vector<StopIndex>> neighbours_;
  double demand_total_{};
  DesignRules rules_;
};

struct DesignFiles {
  std::string nodes, links, demand;
};
// NAME_nodes.txt, NAME_links.txt and NAME_demand.txt from any one of them, or from the path that they share.
base::Result<DesignFiles> design_files(const std::string& path);
// Every mistake is told as file:line: reason.
base::Result<DesignProblem> read_problem(const DesignFiles&, const DesignRules&);

struct PublishedRoutes {
  std::string source;  // "Mumford (2013) 4 best passenger"
  RouteSet routes;
  bool repeats{};  // a route passes a stop twice: no path, and not to be compared with paths
};
// The form in which route sets are published with Mandl's network: a line of text, the number of routes, then a route
// a line ("1-2-3"), stops by their ids.
base::Result<std::vector<PublishedRoutes>> parse_published(std::string_view text, const DesignProblem&);

}  // namespace cityloop::traffic
