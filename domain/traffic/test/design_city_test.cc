#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/json_value.h"
#include "domain/traffic/test/design_networks.h"
#include "domain/traffic/transit/design/design_command.h"
#include "domain/traffic/transit/design/design_routes.h"
#include "trust/accounts.h"

namespace cityloop::traffic {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

constexpr double kLon = 120.10, kLat = 30.20, kStep = 0.005;

geo::Position crossing(int column, int row) {
  return {kLon + column * kStep, kLat + row * kStep};
}

// Seven streets by seven, about 500 m apart.
std::string grid_of_streets() {
  std::string out = R"({"type":"FeatureCollection","features":[)";
  const auto street = [&](const std::string& name, auto at) {
    out += out.back() == '[' ? "" : ",";
    out += R"({"type":"Feature","properties":{"name":")" + name +
           R"(","class":"secondary"},"geometry":{"type":"LineString","coordinates":[)";
    for (int i = 0; i < 7; ++i) {
      const geo::Position p = at(i);
      out += fmt::format("{}[{:.7f},{:.7f}]", i ? "," : "", p.lon_deg, p.lat_deg);
    }
    out += "]}}";
  };
  for (int line = 0; line < 7; ++line) {
    street(fmt::format("East {}", line), [&](int i) { return crossing(i, line); });
    street(fmt::format("North {}", line), [&](int i) { return crossing(line, i); });
  }
  return out + "]}";
}

constexpr const char* kMapping = R"([trips]
origin_lon = "from_lon"
origin_lat = "from_lat"
destination_lon = "to_lon"
destination_lat = "to_lat"
time = "at"
weight = "people"
nights = 2
[hours]
from = "22:00"
to = "05:00"
[privacy]
cell_m = 200
fewest_trips = 4
)";

// Trips between some crossings of the grid, by night and by day.
std::string trips(std::uint64_t seed, int count) {
  base::Rng rng(seed);
  std::string out = "id,at,from_lon,from_lat,to_lon,to_lat,people\n";
  const auto some = [&] { return crossing(int(rng.below(4)) * 2, int(rng.below(4)) * 2); };
  for (int i = 0; i < count; ++i) {
    const geo::Position from = some(), to = some();
    const auto jitter = [&] { return rng.uniform(-0.0004, 0.0004); };
    out += fmt::format("{},2026-03-01T{:02}:30:00,{:.6f},{:.6f},{:.6f},{:.6f},{}\n", i, i % 3 ? 23 : 12,
                       from.lon_deg + jitter(), from.lat_deg + jitter(), to.lon_deg + jitter(), to.lat_deg + jitter(),
                       1 + i % 2);
  }
  return out;
}

TEST(DesignDemand, CountsWhatItTakesAndWhatItLeavesOut) {
  const DemandMapping mapping = parse_demand_mapping(kMapping, "night.toml").value();
  EXPECT_EQ(mapping.from_minute, 22 * 60);
  std::string csv = "at,from_lon,from_lat,to_lon,to_lat,people,other\n";
  for (int i = 0; i < 5; ++i) csv += "23:10,120.1000,30.2000,120.1500,30.2500,2,\"x, y\"\n";
  csv += "2026-03-02 04:59,120.1000,30.2000,120.1500,30.2500,1,\n";
  csv += "2026-03-02 12:00,120.1000,30.2000,120.1500,30.2500,1,\n";  // by day
  csv += "23:10,121.0000,31.0000,120.1500,30.2500,1,\n";             // alone in its cell
  csv += "23:10,east,30.2,120.15,30.25,1,\n23:10,500,30.2,120.15,30.25,1,\n23:10,120.1,30.2,120.15,30.25,-1,\n";
  csv += "late,120.1,30.2,120.15,30.25,1,\n23:10,120.1\n";
  const auto demand = read_trips(csv, "trips.csv", mapping);
  ASSERT_TRUE(demand) << demand.error().message;
  EXPECT_EQ(demand->rows, 13U);
  EXPECT_EQ(demand->used, 6U);
  EXPECT_EQ(demand->outside_hours, 1U);
  EXPECT_EQ(demand->suppressed, 1U);
  EXPECT_EQ(demand->cells_suppressed, 1U);
  EXPECT_EQ(demand->mistakes.size(), 5U);
  EXPECT_EQ(demand->mistakes.at("a coordinate is no number").first_line, 10U);
  ASSERT_EQ(demand->flows.size(), 1U);
  EXPECT_DOUBLE_EQ(demand->flows[0].weight, 11 / 2.0);  // two nights
  EXPECT_DOUBLE_EQ(demand->hours, 7);
}

TEST(DesignDemand, NobodyIsFoundInACellWithFewTrips) {
  DemandMapping mapping = parse_demand_mapping(kMapping, "night.toml").value();
  const std::string csv = "at,from_lon,from_lat,to_lon,to_lat,people\n23:10,120.1,30.2,120.15,30.25,1\n";
  const auto refused = read_trips(csv, "trips.csv", mapping);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("1 in cells with fewer than 4 trips"));
  mapping.fewest_trips = 1;
  EXPECT_TRUE(read_trips(csv, "trips.csv", mapping));
  EXPECT_THAT(read_trips("a,b\n1,2\n", "trips.csv", mapping).error().message,
              HasSubstr("no column is called from_lon from_lat to_lon to_lat at people"));
}

TEST(DesignDemand, AMappingTellsItsMistakesWithTheirLines) {
  const auto mapping =
      parse_demand_mapping("[trips]\norigin_lon = \"a\"\n[hours]\nfrom = \"late\"\nto = \"5:00\"\n", "m.toml");
  ASSERT_FALSE(mapping);
  for (const char* part : {"m.toml:1", "m.toml:4: a time of day is written like \"22:30\""})
    EXPECT_THAT(mapping.error().message, HasSubstr(part));
  const auto untitled = parse_demand_mapping(
      "[trips]\norigin_lon = \"\"\norigin_lat = \"b\"\ndestination_lon = \"c\"\ndestination_lat = \"d\"\n", "m.toml");
  ASSERT_FALSE(untitled);
  EXPECT_THAT(untitled.error().message, HasSubstr("m.toml:2: 'origin_lon' is empty"));
}

StreetProblem night_in_the_grid(const DesignRules& rules) {
  const auto network = geo::streets_from_geojson(grid_of_streets(), "grid");
  auto weights = geo::StreetWeights::make(geo::StreetGraph::make(network.value()), geo::TravelMode::car);
  const DemandMapping mapping = parse_demand_mapping(kMapping, "night.toml").value();
  const TripDemand demand = read_trips(trips(1, 2000), "trips.csv", mapping).value();
  return make_street_problem(demand, std::move(weights), {.most = 20}, rules, "night").value();
}

TEST(DesignCity, StopsStandWherePeopleAreAndRoutesRunOnStreets) {
  const StreetProblem city = night_in_the_grid({.routes = 4, .stops_min = 2, .stops_max = 8});
  EXPECT_GE(city.problem.stops(), 14U);
  EXPECT_GE(city.covered, 0.95);
  EXPECT_GT(city.carried, 0.8);
  // One way of two crossings: 2 × 480 m or 2 × 555 m at 70 % of 60 km/h or so, and a halt.
  for (const DesignLink& link : city.problem.links()) {
    EXPECT_GT(link.minutes, 20.0 / 60);
    EXPECT_LT(link.minutes, 8);
  }
  const auto found = search(city.problem, {.seed = 1, .steps = 20'000});
  ASSERT_TRUE(found) << found.error().message;
  const RouteDesign design = describe_design(city, {}, *found, 1);
  ASSERT_EQ(design.lines.size(), 4U);
  for (const auto& line : design.lines)
    for (const geo::Position at : line) {  // on a street: one coordinate is that of a line of the grid
      const double column = (at.lon_deg - kLon) / kStep, row = (at.lat_deg - kLat) / kStep;
      EXPECT_LT(std::min(std::abs(column - std::round(column)), std::abs(row - std::round(row))), 1e-3);
    }
  EXPECT_THAT(design.stop_name(0), ::testing::AnyOf(HasSubstr("East"), HasSubstr("North")));
}

TEST(DesignCity, WhatRoutesCarryAddsUp) {
  const DesignProblem problem = test::random_network(3, 12, {.routes = 4, .stops_min = 2, .stops_max = 6});
  const auto found = search(problem, {.seed = 1, .steps = 20'000});
  ASSERT_TRUE(found);
  const std::vector<RouteCarries> carries = what_routes_carry(problem, found->routes);
  double direct = 0, aboard_minutes = 0;
  for (std::size_t r = 0; r < carries.size(); ++r) {
    direct += carries[r].direct;
    EXPECT_GE(carries[r].passengers, carries[r].direct);
    for (std::size_t i = 0; i + 1 < found->routes[r].size(); ++i)
      aboard_minutes += (carries[r].load_there[i] + carries[r].load_back[i]) *
                        problem.minutes(found->routes[r][i], found->routes[r][i + 1]);
  }
  EXPECT_NEAR(direct, found->worth.d0 * problem.demand_total(), 1e-6);
  // Minutes aboard and minutes of changing make up all that passengers travel.
  const double changes = found->worth.d1 + 2 * found->worth.d2;
  ASSERT_EQ(found->worth.unsatisfied, 0);
  EXPECT_NEAR(aboard_minutes, (found->worth.minutes - 5 * changes) * problem.demand_total(), 1e-6);
}

TEST(DesignFrequency, WaitingIsHalfTheHeadwayOfWhatSuits) {
  std::vector<DesignStop> stops(3);
  for (int i = 0; i < 3; ++i) stops[std::size_t(i)].id = std::to_string(i);
  std::vector<double> demand(9, 0);
  demand[2] = 60;  // from 0 to 2
  const DesignProblem problem =
      DesignProblem::make("three", stops, {{0, 1, 10}, {1, 2, 10}, {0, 2, 22}}, demand, {.routes = 2, .stops_max = 3})
          .value();
  const FrequencyOptions options{.fleet = 4, .capacity = 50, .layover_minutes = 0};
  // Route 1 takes 20 minutes and comes every 20, route 2 takes 22 and comes every 22: both suit, for to wait for the
  // first alone takes ten. Together they come every 20·22/42 minutes.
  const auto plan = assess_frequencies(problem, {{0, 1, 2}, {0, 2}}, options, {2, 2});
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_DOUBLE_EQ(plan->routes[0].headway_minutes, 20);
  const double runs = 1 / 20.0 + 1 / 22.0;
  EXPECT_NEAR(plan->wait_minutes, 0.5 / runs, 1e-9);
  EXPECT_NEAR(plan->minutes, (0.5 + 20 / 20.0 + 22 / 22.0) / runs, 1e-9);
  EXPECT_NEAR(plan->routes[0].boardings, 60 * (1 / 20.0) / runs, 1e-9);
  EXPECT_NEAR(plan->routes[0].load_there[1], plan->routes[0].boardings, 1e-9);
  EXPECT_DOUBLE_EQ(plan->routes[0].load_back[1], 0);
  // A slow route that seldom comes suits nobody.
  const auto seldom = assess_frequencies(problem, {{0, 1, 2}, {0, 2}}, {.fleet = 51, .layover_minutes = 60}, {50, 1});
  EXPECT_EQ(seldom->routes[1].boardings, 0);
}

TEST(DesignFrequency, TheFleetIsUsedAndNoSingleMoveOfAVehicleIsBetter) {
  const DesignProblem problem = test::random_network(4, 14, {.routes = 5, .stops_min = 2, .stops_max = 6});
  const auto found = search(problem, {.seed = 1, .steps = 20'000});
  ASSERT_TRUE(found);
  const FrequencyOptions options{.fleet = 25, .capacity = 1e6, .headway_max_minutes = 1e6};
  const auto plan = plan_frequencies(problem, found->routes, options);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->vehicles, 25U);
  std::vector<std::uint32_t> vehicles;
  for (const RouteService& service : plan->routes) vehicles.push_back(service.vehicles);
  for (std::size_t a = 0; a < vehicles.size(); ++a)
    for (std::size_t b = 0; b < vehicles.size(); ++b) {
      if (a == b || vehicles[a] == 1) continue;
      auto other = vehicles;
      --other[a];
      ++other[b];
      EXPECT_GE(assess_frequencies(problem, found->routes, options, other)->minutes, plan->minutes - 1e-9);
    }
  EXPECT_FALSE(plan_frequencies(problem, found->routes, {.fleet = 4}));
  EXPECT_FALSE(plan_frequencies(problem, found->routes, {.fleet = 25, .capacity = -1}));
  // Where room is short it is said, and more vehicles make it less.
  const auto small = plan_frequencies(problem, found->routes, {.fleet = 6, .capacity = 5});
  const auto large = plan_frequencies(problem, found->routes, {.fleet = 60, .capacity = 5});
  EXPECT_GT(small->no_room, 0);
  EXPECT_LT(large->no_room, small->no_room);
}

TEST(DesignCommand, WordsAreReadWithCare) {
  const auto words = parse_design_words({"--problem", "mandl1", "--routes", "7", "--stops", "2-8", "--fleet", "20"});
  ASSERT_TRUE(words) << words.error().message;
  EXPECT_EQ(words->wish.rules.routes, 7U);
  EXPECT_EQ(words->wish.rules.stops_max, 8U);
  EXPECT_EQ(words->wish.service->fleet, 20U);
  const auto wrong = parse_design_words({"--routes", "many", "--stops", "8", "--colour", "red"});
  ASSERT_FALSE(wrong);
  for (const char* part : {"--routes is a number", "--stops is a range", "--colour is not known", "either --problem"})
    EXPECT_THAT(wrong.error().message, HasSubstr(part));
}

class DesignDeskTest : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = std::filesystem::temp_directory_path() /
            fmt::format("cityloop-design-{}-{}", ::testing::UnitTest::GetInstance()->current_test_info()->name(),
                        ::getpid());
    std::filesystem::remove_all(root_);
    write("city/planning.toml", "[way]\nstreets = \"streets.geojson\"\n");
    write("city/streets.geojson", grid_of_streets());
    write("city/traffic/demand/night.toml", kMapping);
    write("city/traffic/demand/night.csv", trips(1, 1500));
    write("city/traffic/demand/night_today.geojson",
          fmt::format(R"({{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{}},"geometry":)"
                      R"({{"type":"LineString","coordinates":[[{0},{1}],[{2},{1}],[{2},{3}]]}}}}]}})",
                      kLon, kLat, kLon + 6 * kStep, kLat + 6 * kStep));
    open();
    accounts_ = trust::Accounts::open((root_ / "accounts.json").string(), clock_).value();
    guard_ = std::make_unique<serve::Guard>(*accounts_, policy_);
    serve();
  }
  void TearDown() override {
    desk_.reset();
    std::filesystem::remove_all(root_);
  }
  void open() {
    desk_.reset();
    desk_ = std::make_unique<DesignDesk>((root_ / "city").string(), (root_ / "city/traffic").string(),
                                         (root_ / "data").string(), wall_);
  }
  void serve() {
    router_ = std::make_unique<net::Router>();
    DesignRoutes{*guard_, *desk_}.add_to(*router_);
  }
  void write(const std::string& name, std::string_view content) {
    std::filesystem::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << content;
  }
  net::Response ask(net::Method method, std::string path, const std::string& role, std::string body = "") {
    trust::Principal principal;
    principal.kind = trust::PrincipalKind::program;
    principal.id = "program:" + role;
    principal.name = {principal.id, principal.id};
    principal.roles = {role};
    std::string& token = tokens_[role];
    if (token.empty() && !role.empty()) token = accounts_->put_token(principal).value();
    net::Request request;
    request.method = method;
    request.path = std::move(path);
    request.body = std::move(body);
    if (!role.empty()) request.headers.emplace_back("authorization", "Bearer " + token);
    std::optional<net::Response> out;
    router_->dispatch(request, net::Reply([&](net::Response response) { out = std::move(response); }));
    return out.value();
  }
  base::JsonValue json(const net::Response& response) { return base::JsonValue::parse(response.body).value(); }
  DesignState wait(const std::string& id) {
    for (int i = 0; i < 6000; ++i) {
      const auto row = desk_->find(id);
      if (!row) return DesignState::cancelled;
      if (row->state != DesignState::waiting && row->state != DesignState::running) return row->state;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return DesignState::waiting;
  }

  std::filesystem::path root_;
  base::ManualClock clock_;
  base::WallClock wall_;
  trust::Policy policy_;
  std::unique_ptr<trust::Accounts> accounts_;
  std::unique_ptr<serve::Guard> guard_;
  std::unique_ptr<DesignDesk> desk_;
  std::unique_ptr<net::Router> router_;
  std::map<std::string, std::string> tokens_;
};

constexpr const char* kOrder =
    R"({"name":"Night","demand":"night","routes":4,"stopsMin":2,"stopsMax":8,"steps":4000,"stopsMost":20,"fleet":9})";

TEST_F(DesignDeskTest, APlannerAsksForADesignAndEverybodyInsideReadsIt) {
  const net::Response started = ask(net::Method::post, "/api/v1/traffic/designs", "planner", kOrder);
  ASSERT_EQ(started.status, 202) << started.body;
  const std::string id = json(started).text_or("id", "");
  ASSERT_EQ(wait(id), DesignState::done) << desk_->find(id)->error;
  const net::Response shown = ask(net::Method::get, "/api/v1/traffic/designs/" + id, "viewer");
  ASSERT_EQ(shown.status, 200) << shown.body;
  const base::JsonValue design = json(shown);
  EXPECT_EQ(design.text_or("name", ""), "Night");
  EXPECT_EQ(design.text_or("by", ""), "program:planner");
  EXPECT_TRUE(design.boolean_or("geographic", false));
  ASSERT_EQ(design.find("routes")->array()->size(), 4U);
  const base::JsonValue& route = design.find("routes")->array()->front();
  const auto stops = route.find("stops")->array()->size();
  EXPECT_EQ(route.find("loads")->array()->size() + 1, stops);
  EXPECT_GT(route.number_or("headwayMinutes", 0), 0);
  EXPECT_EQ(route.find("line")->text_or("type", ""), "LineString");
  EXPECT_THAT(route.find("why")->text_or("en", ""), HasSubstr("need no change"));
  EXPECT_THAT(route.find("why")->text_or("zh", ""), HasSubstr("无需换乘"));
  EXPECT_GT(design.find("today")->number_or("unserved", 0), design.find("figures")->number_or("unserved", 1));
  // It is there again after a restart, and can be removed.
  open();
  serve();
  const base::JsonValue list = json(ask(net::Method::get, "/api/v1/traffic/designs", "viewer"));
  ASSERT_EQ(list.find("designs")->array()->size(), 1U);
  EXPECT_EQ(list.find("designs")->array()->front().text_or("id", ""), id);
  EXPECT_GT(list.find("designs")->array()->front().find("figures")->number_or("minutes", 0), 0);
  EXPECT_EQ(list.find("demands")->array()->size(), 1U);
  EXPECT_EQ(ask(net::Method::del, "/api/v1/traffic/designs/" + id, "planner").status, 204);
  EXPECT_EQ(ask(net::Method::get, "/api/v1/traffic/designs/" + id, "viewer").status, 404);
}

TEST_F(DesignDeskTest, WhoMayNotIsRefusedAndWhatIsWrongIsTold) {
  EXPECT_EQ(ask(net::Method::post, "/api/v1/traffic/designs", "", kOrder).status, 401);
  EXPECT_EQ(ask(net::Method::post, "/api/v1/traffic/designs", "viewer", kOrder).status, 403);
  EXPECT_EQ(ask(net::Method::del, "/api/v1/traffic/designs/design-1", "viewer").status, 403);
  EXPECT_EQ(ask(net::Method::get, "/api/v1/traffic/designs", "").status, 401);
  EXPECT_TRUE(desk_->list().empty());
  const auto post = [&](const char* body) {
    return ask(net::Method::post, "/api/v1/traffic/designs", "planner", body);
  };
  EXPECT_EQ(post("{").status, 400);
  EXPECT_EQ(post(R"({"demand":"../night"})").status, 404);
  EXPECT_EQ(post(R"({"demand":"nowhere"})").status, 404);
  EXPECT_THAT(post(R"({"demand":"night","routes":2.5,"seconds":1e9})").body,
              ::testing::AllOf(HasSubstr("'routes' is a whole number"), HasSubstr("'seconds' is a number")));
  EXPECT_EQ(post(R"({"demand":"night","routes":"four"})").status, 400);
  // What cannot be made is told as the design's own error.
  write("city/traffic/demand/empty.toml", kMapping);
  write("city/traffic/demand/empty.csv", "at,from_lon,from_lat,to_lon,to_lat,people\n");
  const std::string id = json(post(R"({"demand":"empty","steps":100})")).text_or("id", "");
  EXPECT_EQ(wait(id), DesignState::failed);
  EXPECT_THAT(desk_->find(id)->error, HasSubstr("no trips are left of 0 rows"));
  EXPECT_EQ(ask(net::Method::get, "/api/v1/traffic/designs/" + id, "viewer").status, 409);
}

TEST_F(DesignDeskTest, WhatRunsCanBeCancelled) {
  DesignOrder order{.name = "long", .demand = "night", .seconds = 600};
  order.rules = {.routes = 4, .stops_min = 2, .stops_max = 8};
  const std::string id = desk_->start(order, "user:li").value(), waits = desk_->start(order, "user:li").value();
  while (desk_->find(id)->state == DesignState::waiting) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  EXPECT_TRUE(desk_->cancel(waits));
  EXPECT_TRUE(desk_->cancel(id));
  EXPECT_EQ(wait(id), DesignState::cancelled);
  EXPECT_FALSE(desk_->find(waits));
  EXPECT_FALSE(desk_->cancel("design-99"));
}

}  // namespace
}  // namespace cityloop::traffic
