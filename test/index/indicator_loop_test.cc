#include <algorithm>

#include "base/rng.h"
#include "flow/case.h"
#include "indicator_city.h"

namespace cityloop::index {
namespace {

using namespace std::chrono_literals;

const std::string kLevels =
    declare("n", "twin = { measure = \"count\", type = \"Sensor\" }") +
    declare("high", "twin = { measure = \"count\", type = \"Sensor\", where = \"level>=10\" }") +
    declare("total", "twin = { measure = \"sum\", type = \"Sensor\", attribute = \"level\" }\ndecimals = 6") +
    declare(
        "mean",
        "twin = { measure = \"mean\", type = \"Sensor\", attribute = \"level\", stale_after = \"1m\" }\ndecimals = 6") +
    declare("least", "twin = { measure = \"min\", type = \"Sensor\", attribute = \"level\" }\ndecimals = 6") +
    declare("most", "twin = { measure = \"max\", type = \"Sensor\", attribute = \"level\" }\ndecimals = 6") +
    declare(
        "p90",
        "twin = { measure = \"quantile\", quantile = 0.9, type = \"Sensor\", attribute = \"level\" }\ndecimals = 6") +
    declare("share",
            "twin = { measure = \"share\", type = \"Sensor\", holds = \"level>=10\" }\nunit = \"P1\"\ndecimals = 6") +
    declare("ratio",
            "twin = { measure = \"ratio\", type = \"Sensor\", attribute = \"level\", by = \"size\" }\ndecimals = 6") +
    declare("twice", "formula = \"2 * mean\"\ndecimals = 6");

TEST(IndicatorLoop, CountsEntitiesByAreaAndFollowsThemAsTheyMove) {
  IndicatorCity city(kLevels);
  city.reading("a", 4, 0.005);
  city.reading("b", 12, 0.005);
  city.reading("c", 20, 0.025);
  city.reading("d", 100);  // nobody knows where
  city.settle();
  EXPECT_EQ(city.value("n"), 4);
  EXPECT_EQ(city.value("n", "area:west"), 2);
  EXPECT_EQ(city.value("n", "area:middle"), 0) << "a number of what is known is never missing";
  EXPECT_EQ(city.value("high", "area:west"), 1);
  EXPECT_EQ(city.value("total", "area:west"), 16);
  EXPECT_EQ(city.value("mean", "area:west"), 8);
  EXPECT_EQ(city.value("twice", "area:west"), 16);
  EXPECT_TRUE(std::isnan(city.value("mean", "area:middle"))) << "never zero";
  EXPECT_EQ(city.value("share"), 75);
  city.reading("b", 12, 0.015);
  city.settle();
  EXPECT_EQ(city.value("mean", "area:west"), 4);
  EXPECT_EQ(city.value("mean", "area:middle"), 12);
  city.erase("urn:ngsi-ld:Sensor:b");
  city.settle();
  EXPECT_TRUE(std::isnan(city.value("mean", "area:middle"))) << "there was one, and there is none now";
  EXPECT_EQ(city.shown("mean", "area:middle").expected, 0u);
  EXPECT_EQ(city.value("n"), 3);
}

TEST(IndicatorLoop, MissingAndStaleInputsShowAsSuch) {
  IndicatorCity city(kLevels);
  city.reading("a", 10, 0.005);
  city.sensor("b", {flow::property(flow::Name("level"), flow::Text("broken"))}, 0.005);
  city.sensor("c", {}, 0.005);
  city.settle();
  const Reading first = city.shown("mean", "area:west");
  EXPECT_EQ(first.value, 10);
  EXPECT_EQ(first.expected, 3u);
  EXPECT_EQ(first.present, 1u);
  EXPECT_EQ(first.stale, 0u);
  for (int i = 0; i < 14; ++i) city.tick(5s);
  const Reading late = city.shown("mean", "area:west");
  EXPECT_TRUE(late.missing()) << "an old reading is no reading";
  EXPECT_EQ(late.stale, 1u);
  EXPECT_EQ(city.value("total", "area:west"), 10) << "where nothing is said of age, none is asked";
  EXPECT_EQ(city.shown("twice", "area:west").present, 0u);
  city.reading("a", 10);
  city.settle();
  EXPECT_EQ(city.value("mean", "area:west"), 10) << "the same value again is a new reading";
  EXPECT_EQ(city.shown("mean", "area:west").stale, 0u);
}

TEST(IndicatorLoop, WritesOnlyWhatHasChangedAndSaysUpToWhen) {
  IndicatorCity city(kLevels);
  city.reading("a", 10, 0.005);
  city.settle();
  const auto written = city.loop->stats().values_written;
  const auto since = value_in(*city.entities.at(value_entity("city")), "total")->since;
  for (int i = 0; i < 5; ++i) city.reading("a", 10), city.settle();
  EXPECT_EQ(city.loop->stats().values_written, written);
  EXPECT_EQ(value_in(*city.entities.at(value_entity("city")), "total")->since, since);
  EXPECT_EQ(city.entities.at(board_entity())->instant(flow::Name("asOf")), city.at);
  for (int i = 0; i < 100; ++i) {
    city.reading("a", i);
    city.tick(1s);
    EXPECT_LE(city.at - city.entities.at(board_entity())->instant(flow::Name("asOf")), 5s);
  }
  EXPECT_GE(city.value("total"), 95);
}

// What a rescan of all entities would give, for every measure and area.
class Rescan {
 public:
  explicit Rescan(const IndicatorCity& city) : city_(city), rules_(rules_of(kLevels)) {}

  std::map<std::string, double> of(std::string_view area) const {
    std::vector<double> levels;
    double sum = 0, sized = 0, sizes = 0, high = 0, n = 0, told = 0;
    for (const auto& [id, entity] : city_.entities) {
      if (!entity || !entity->is_a(flow::Name("Sensor")) || !lies_in(*entity, area)) continue;
      ++n;
      told += entity->find(flow::Name("level")) != nullptr;  // a word is an answer too, for a share
      const auto level = entity->number(flow::Name("level")), size = entity->number(flow::Name("size"));
      if (!level) continue;
      levels.push_back(*level);
      sum += *level;
      high += *level >= 10;
      if (size) sized += *level, sizes += *size;
    }
    std::ranges::sort(levels);
    const auto count = double(levels.size());
    if (levels.empty())
      return {{"n", n},
              {"high", 0},
              {"total", NAN},
              {"least", NAN},
              {"most", NAN},
              {"p90", NAN},
              {"share", told > 0 ? 0 : NAN},
              {"ratio", NAN}};
    return {{"n", n},
            {"high", high},
            {"total", sum},
            {"least", levels.front()},
            {"most", levels.back()},
            {"p90", levels[std::size_t(0.9 * (count - 1))]},
            {"share", 100 * high / told},
            {"ratio", sizes == 0 ? NAN : sized / sizes}};
  }

 private:
  bool lies_in(const flow::Entity& entity, std::string_view area) const {
    if (area == "city") return true;
    const flow::Attribute* place = entity.find(flow::Name("location"));
    if (!place) return false;
    const auto shape = geo::Shape::from_geojson(std::get<flow::Json>(place->value).text.view());
    const auto areas = rules_->shapes().areas_of(shape->anchor());
    return std::ranges::find(areas, area.substr(5)) != areas.end();
  }
  const IndicatorCity& city_;
  IndicatorRulesPtr rules_;
};

TEST(IndicatorLoop, IsWhatARescanWouldGiveAndWhatARestartDoesNotChange) {
  base::Rng rng(11);
  IndicatorCity whole(kLevels), parted(kLevels);
  for (int i = 0; i < 600; ++i) {
    const std::string id = std::to_string(rng.below(40));
    const double level = double(rng.below(2500)) / 100, size = double(rng.below(4));
    const auto kind = rng.below(12);
    const double lon = double(rng.below(35)) / 1000 + 0.0005;
    const auto step = base::Duration(std::chrono::milliseconds(rng.below(1500)));
    const bool crash = rng.below(25) == 0;
    for (IndicatorCity* city : {&whole, &parted}) {
      if (kind == 0) city->erase("urn:ngsi-ld:Sensor:" + id);
      else if (kind == 1) city->sensor(id, {}, lon);
      else if (kind == 2) city->sensor(id, {flow::property(flow::Name("level"), flow::Text("?"))});
      else if (kind == 3) city->sensor(id, {flow::property(flow::Name("size"), size)});
      else city->reading(id, level, kind == 4 ? std::optional(lon) : std::nullopt);
      city->tick(step);
    }
    // At a publication, where rows and log are cut alike.
    if (crash && parted.seq <= parted.cut + 1) parted.restart();
    if (whole.seq > whole.cut + 1) continue;
    for (const char* const area : {"city", "area:west", "area:middle", "area:east"}) {
      for (const auto& [id, expected] : Rescan(whole).of(area)) {
        const double shown = whole.value(id, area);
        if (std::isnan(expected)) EXPECT_TRUE(std::isnan(shown)) << id << " " << area << " " << shown;
        else EXPECT_NEAR(shown, expected, id == "p90" ? expected * kSketchError + 1e-6 : 1e-6) << id << " " << area;
      }
    }
  }
  EXPECT_EQ(parted.told, whole.told) << "byte for byte, values and times";
  EXPECT_GT(whole.loop->stats().published, 50u);
}

TEST(IndicatorLoop, WeighsByTimeAndCountsHoursAboveALimit) {
  const std::string source = "type = \"Sensor\", attribute = \"level\"";
  IndicatorCity city(
      declare("mean", "history = { measure = \"time_mean\", " + source + " }\nperiod = \"hour\"\ndecimals = 6") +
      declare("hours", "history = { measure = \"hours\", above = 10, " + source +
                           " }\nperiod = \"day\"\nunit=\"HUR\"\ndecimals = 6") +
      declare("part", "history = { measure = \"time_share\", above = 10, " + source +
                          " }\nperiod = \"hour\"\nunit=\"P1\"\ndecimals = 6") +
      declare("moves", "history = { measure = \"changes\", " + source + " }\nperiod = \"hour\"\ndecimals = 6"));
  city.reading("a", 0, 0.005);
  city.tick(10min);
  city.reading("a", 20);
  city.tick(5min);
  city.reading("a", 20);
  city.tick(5min);
  EXPECT_DOUBLE_EQ(city.value("mean", "area:west"), 10);
  EXPECT_DOUBLE_EQ(city.value("part", "area:west"), 50);
  EXPECT_NEAR(city.value("hours", "area:west"), 1.0 / 6, 1e-6);
  EXPECT_EQ(city.value("moves"), 1) << "the same again is no change";
  city.reading("b", 20, 0.005);
  city.tick(20min);
  EXPECT_NEAR(city.value("mean", "area:west"), (0 * 10 + 20 * 10 + 40 * 20) / 60.0, 1e-6) << "by input and minute";
  EXPECT_NEAR(city.value("hours", "area:west"), (10 + 2 * 20) / 60.0, 1e-6) << "of all inputs together";
  for (int i = 0; i < 12; ++i) city.tick(5min);
  EXPECT_DOUBLE_EQ(city.value("mean", "area:west"), 20) << "what is an hour ago counts no more";
  EXPECT_DOUBLE_EQ(city.value("part"), 100);
  EXPECT_EQ(city.value("moves"), 0);
}

TEST(IndicatorLoop, ALevelThatStandsStillIsKnownAfterARestartLongAfter) {
  IndicatorCity city(declare("mean",
                             "history = { measure = \"time_mean\", type = \"Sensor\", attribute = \"level\" }\n"
                             "period = \"hour\"\ndecimals = 6"));
  city.reading("a", 6, 0.005);
  for (int i = 0; i < 40; ++i) {
    city.tick(5min);
    if (i % 7 == 3) city.restart();
    EXPECT_DOUBLE_EQ(city.value("mean", "area:west"), 6) << i;
  }
  city.reading("a", 0);
  city.tick(30min);
  EXPECT_NEAR(city.value("mean", "area:west"), 3, 0.2) << "half an hour of six was kept; buckets are two minutes";
}

TEST(IndicatorLoop, ACalendarsWindowBeginsAtMidnightOfTheCity) {
  IndicatorCity city(declare("moves",
                             "history = { measure = \"changes\", type = \"Sensor\", attribute = \"level\" }\n"
                             "period = \"day\"\nwindow = \"calendar\""));
  city.at = *base::parse_time("2026-03-02T15:58:00Z");  // two minutes to midnight in Shanghai
  city.reading("a", 1, 0.005);
  city.reading("a", 2);
  city.settle();
  EXPECT_EQ(city.value("moves"), 1);
  city.tick(1min);
  EXPECT_EQ(city.value("moves"), 1);
  city.tick(1min);
  EXPECT_EQ(city.value("moves"), 0);
}

class Cases {
 public:
  explicit Cases(IndicatorCity& city) : city_(city) {}
  flow::Case& operator[](int number) {
    flow::Case& one = all_[number];
    if (one.id.empty()) {
      one.id = flow::EntityId(fmt::format("urn:ngsi-ld:Case:{}", number));
      one.state = "filed";
      one.stage = flow::CaseStage::filing;
      one.opened_at = city_.at;
      one.area = number % 2 ? "west" : "east";
      one.workflow = "standard";
    }
    return one;
  }
  void put(int number) { city_.write({to_write((*this)[number])}); }
  void close(int number, bool overdue = false) {
    (*this)[number].closed_at = city_.at;
    (*this)[number].outcome = flow::CaseOutcome::confirmed;
    (*this)[number].overdue = overdue;
    (*this)[number].stage = flow::CaseStage::rating;
    put(number);
  }

 private:
  IndicatorCity& city_;
  std::map<int, flow::Case> all_;
};

const std::string kCases =
    declare("open",
            "twin = { measure = \"count\", type = \"Case\", where = 'outcome==\"open\"' }\nareas = [\"city\", "
            "\"area\", \"department\"]") +
    declare("opened", "cases = { measure = \"opened\" }\nperiod = \"day\"") +
    declare("assigned", "cases = { measure = \"assigned\" }\nperiod = \"day\"\nareas = [\"department\"]") +
    declare("closed", "cases = { measure = \"closed\" }\nperiod = \"day\"") +
    declare("on_time", "cases = { measure = \"on_time\" }\nperiod = \"day\"\nunit = \"P1\"\ndirection = \"higher\"") +
    declare("reopened", "cases = { measure = \"reopened\" }\nperiod = \"day\"\nunit = \"P1\"") +
    declare("rating", "cases = { measure = \"rating\", where = 'workflow==\"standard\"' }\nperiod = \"day\"") +
    declare("to_work",
            "cases = { measure = \"duration\", from = \"opened\", to = \"work\" }\nperiod = \"day\"\ndecimals = 6") +
    declare("at_work",
            "cases = { measure = \"duration\", from = \"work\", to = \"closed\", quantile = 0.5 }\nperiod = "
            "\"day\"\ndecimals = 6");

TEST(IndicatorLoop, CountsTheLivesOfCases) {
  IndicatorCity city(kCases);
  Cases cases(city);
  for (int i = 1; i <= 4; ++i) cases.put(i);
  city.settle();
  EXPECT_EQ(city.value("open"), 4);
  EXPECT_EQ(city.value("open", "area:west"), 2);
  EXPECT_EQ(city.value("opened", "area:middle"), 0);
  EXPECT_TRUE(std::isnan(city.value("on_time"))) << "of none closed there is no share";
  for (int i = 1; i <= 3; ++i) {
    city.tick(1h);
    cases[i].stage = flow::CaseStage::work;
    cases[i].department = "water";
    cases.put(i);
  }
  city.settle();
  EXPECT_EQ(city.value("open", "department:water"), 3);
  EXPECT_EQ(city.value("assigned", "department:water"), 3);
  EXPECT_NEAR(city.value("to_work"), (1 + 2 + 3) / 3.0, 0.01);
  city.tick(2h);
  cases.close(1);
  cases.close(2, true);
  city.settle();
  EXPECT_EQ(city.value("on_time"), 50);
  EXPECT_EQ(city.value("open"), 2);
  EXPECT_NEAR(city.value("at_work", "area:west"), 4, 0.05) << "case 1, within the sketch's error";
  cases[1].closed_at = flow::kNever;
  cases[1].outcome = flow::CaseOutcome::open;
  cases.put(1);
  cases[2].rating = 4;
  cases.put(2);
  city.settle();
  EXPECT_EQ(city.value("reopened"), 50);
  EXPECT_EQ(city.value("open"), 3);
  EXPECT_EQ(city.value("rating", "area:east"), 4);
  city.restart();
  for (int i = 0; i < 25; ++i) city.tick(1h);
  EXPECT_EQ(city.value("opened"), 0);
  EXPECT_TRUE(std::isnan(city.value("on_time")));
}

TEST(IndicatorLoop, ARestartAnywhereInTheLivesOfCasesChangesNothing) {
  IndicatorCity whole(kCases), parted(kCases);
  Cases a(whole), b(parted);
  base::Rng rng(3);
  for (int i = 0; i < 400; ++i) {
    const int number = int(rng.below(30));
    const auto kind = rng.below(5);
    const auto step = base::Duration(std::chrono::seconds(rng.below(900)));
    const bool late = rng.below(3) == 0, crash = rng.below(10) == 0;
    for (auto& [city, cases] : {std::pair<IndicatorCity&, Cases&>(whole, a), {parted, b}}) {
      if (kind == 0) cases.close(number, late);
      else if (kind == 1) cases[number].stage = flow::CaseStage::work, cases.put(number);
      else if (kind == 2) cases[number].closed_at = flow::kNever, cases.put(number);
      else if (kind == 3) cases[number].rating = 1 + unsigned(i % 5), cases.put(number);
      else cases[number].department = late ? "water" : "traffic", cases.put(number);
      city.tick(step);
    }
    if (crash && parted.seq <= parted.cut + 1) parted.restart();
  }
  EXPECT_EQ(parted.told, whole.told);
  EXPECT_EQ(parted.rows.rows, whole.rows.rows) << "and leaves the same on disk";
}

TEST(IndicatorLoop, ChangedDeclarationsKeepWhatStillCountsAndWithdrawTheRest) {
  const std::string moves = declare(
      "moves", "history = { measure = \"changes\", type = \"Sensor\", attribute = \"level\" }\nperiod = \"day\"");
  IndicatorCity city(moves + declare("n", "twin = { measure = \"count\", type = \"Sensor\" }"));
  city.sensor("a", {flow::property(flow::Name("level"), 1.0), flow::property(flow::Name("size"), 7.0)}, 0.005);
  city.reading("a", 2);
  city.settle();
  city.declare_rules(moves + declare("size", "twin = { measure = \"sum\", type = \"Sensor\", attribute = \"size\" }"));
  city.settle();
  EXPECT_EQ(city.value("moves"), 1) << "the window goes on";
  EXPECT_EQ(city.value("size", "area:west"), 7) << "nobody had asked before: looked up once";
  EXPECT_TRUE(std::isnan(city.value("n"))) << "declared no more";
  city.restart();
  city.reading("a", 3);
  city.settle();
  EXPECT_EQ(city.value("moves"), 2);
  EXPECT_EQ(city.value("size"), 7);
}

}  // namespace
}  // namespace cityloop::index
