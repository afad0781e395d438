#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <string>

#include "base/clock.h"
#include "base/file.h"
#include "base/rng.h"
#include "domain/traffic/forecast/train_command.h"
#include "domain/traffic/forecast/training_data.h"
#include "domain/traffic/forecast/training_desk.h"
#include "flow/forecast.h"
#include "flow/noun.h"
#include "flow/own_types.h"

namespace cityloop::traffic {
namespace {

using flow::operator""_name;
namespace fs = std::filesystem;

const base::Instant kBegin = *base::parse_time("2026-03-02T00:00:00Z");
constexpr auto kStep = ForecastLoop::kStep;

ForecastLoopOptions quick(std::string models = {}) {
  return {.models_folder = std::move(models), .arena = {.lag_most = 12, .moments_least = 72}};
}

TrainingOptions small() {
  TrainingOptions options{.loop = quick()};
  options.trees.rounds = 40;
  options.trees.depth = 4;
  options.trees.eta = 0.15;
  options.trees.huber_slope = 0;
  options.callers = options.trees;
  return options;
}

bool go_on(TrainingStage, double) {
  return true;
}

// Roads in a row. Jams come at random moments to road 4 and reach each road before it a quarter of an hour later;
// before a jam the number of vehicles doubles: both are to be seen by who looks, and no light model looks at the
// latter.
double jam_at(int road, std::int64_t step) {
  base::Rng rng(std::uint64_t((step + std::int64_t{3} * road) / 12 + 1000));
  return rng.uniform() < 0.3 ? 1 : 0;
}
double speed_at(int road, std::int64_t step) {
  base::Rng rng(std::uint64_t(std::int64_t{road} * 100'003 + step + 7));
  return 70 - 40 * jam_at(road, step) + rng.normal();
}
double vehicles_at(int road, std::int64_t step) {
  return jam_at(road, step + 3) > 0 ? 20 : 10;
}

TrainingData roads(std::size_t steps) {
  TrainingData data;
  data.begin = kBegin;
  data.source = "made up";
  for (int road = 1; road <= 4; ++road) {
    data.segments.push_back(fmt::format("urn:ngsi-ld:TrafficFlowObserved:road-{}", road));
    data.free_flow.push_back(80);
    data.lines.push_back(
        fmt::format(R"({{"type":"LineString","coordinates":[[10.{0},56.1],[10.{1},56.1]]}})", road, road + 1));
  }
  for (std::size_t step = 0; step < steps; ++step)
    for (int road = 1; road <= 4; ++road) {
      data.values.push_back(float(speed_at(road, std::int64_t(step))));
      data.vehicles.push_back(float(vehicles_at(road, std::int64_t(step))));
    }
  data.readings = data.values.size();
  return data;
}

struct Rows final : twin::StateRows {
  void put(std::string_view key, std::string value) override { rows[std::string(key)] = std::move(value); }
  void erase(std::string_view key) override { rows.erase(std::string(key)); }
  std::map<std::string, std::string> rows;
};

class ForecastTraining : public ::testing::Test {
 protected:
  ForecastTraining() {
    const auto* const info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::temp_directory_path() / fmt::format("cityloop-training-{}-{}", info->name(), ::getpid());
    fs::create_directories(folder_);
    models_ = (folder_ / "models").string();
  }
  ~ForecastTraining() override { fs::remove_all(folder_); }

  // One training for all of these tests.
  static const TrainedModels& both() {
    static const TrainedModels kModels = *train_models(roads(864), small(), go_on);
    return kModels;
  }
  static const TrainedModel& trained() { return both().values; }
  ModelNote keep(const std::string& name, const TrainedModel& model = trained()) const {
    ModelNote note = model.note;
    note.name = name;
    note.command = "cityloop traffic train --csv roads.csv --seed 1";
    EXPECT_TRUE(write_model(models_, note, model.ubj));
    return *read_model_note(models_, name);
  }
  ModelNote keep_caller(const std::string& name) const { return keep(name, *both().calls); }

  fs::path folder_;
  std::string models_;
};

// A loop fed with the roads' readings as they come, from a step to another.
class City {
 public:
  explicit City(const std::string& models) : loop(quick(models)) {}

  void tell(base::Instant at, std::vector<flow::Change> changes) {
    const flow::LogRecord record{.seq = ++seq_, .at = at, .origin = {}, .changes = std::move(changes)};
    twin::Outbox out;
    loop.on_record(record, out);
    loop.save_changed(rows);
    for (const flow::Write& write : out.writes) {
      const flow::Entity entity = flow::entity_of(write);
      log += fmt::format("{} {} {}\n", base::to_ms(at), entity.id.text(), flow::json_field(entity, "steps"));
      told.insert_or_assign(std::string(entity.id.text()), entity);
    }
  }
  // From what the other had kept of its first 500 steps.
  void go_on_from(const City& kept) {
    for (const auto& [key, value] : kept.rows.rows) {
      base::ByteReader in(value);
      ASSERT_TRUE(loop.load_row(key, in)) << key;
    }
    steps(500, 560);
  }
  void steps(std::int64_t from, std::int64_t to) {
    const TrainingData all = roads(0);
    for (std::int64_t step = from; step < to; ++step) {
      const base::Instant at = kBegin + (step + 1) * kStep;
      std::vector<flow::Change> changes;
      for (int road = 1; road <= 4; ++road) {
        flow::Change change{.entity = flow::EntityId(all.segments[std::size_t(road) - 1]),
                            .types = {"TrafficFlowObserved"_name}};
        const auto add = [&](const char* name, double value) {
          change.attributes.push_back({flow::property(flow::Name(name), value, at), false, false});
        };
        if (step == 0) add("freeFlowSpeed", 80);
        add("averageVehicleSpeed", speed_at(road, step));
        add("intensity", vehicles_at(road, step));
        changes.push_back(std::move(change));
      }
      tell(at, std::move(changes));
      tell(at + std::chrono::seconds(61), {});
    }
  }
  void announce(const ModelNote& note, std::int64_t step) {
    const flow::Write write = announcement(note);
    flow::Change change{.entity = write.entity, .types = write.types};
    for (const flow::Attribute& one : write.attributes) change.attributes.push_back({one, false, false});
    tell(kBegin + step * kStep + std::chrono::seconds(90), {change});
  }
  std::string models_told() const {
    const auto found = told.find("urn:ngsi-ld:ForecastContest:traffic-forecast:models");
    return found == told.end() ? ""
                               : flow::json_field(found->second, "places") + flow::json_field(found->second, "refused");
  }
  std::string model_of(int road) const {
    const auto found = told.find(forecast_id(road));
    return found == told.end() ? "" : flow::forecast_from(found->second)->steps.at(0).model;
  }
  double likelihood_of(int road) const {
    return flow::forecast_from(told.at(forecast_id(road)))->steps.at(0).likelihood.value();
  }
  std::string caller() const {
    const auto found = told.find("urn:ngsi-ld:ForecastContest:traffic-forecast:congestion-fast-15min");
    return found == told.end() ? "" : flow::text_field(found->second, "champion");
  }

  static std::string forecast_id(int road) {
    return fmt::format("urn:ngsi-ld:Forecast:averageVehicleSpeed:urn:ngsi-ld:TrafficFlowObserved:road-{}", road);
  }

  ForecastLoop loop;
  Rows rows;
  std::map<std::string, flow::Entity> told;
  std::string log;

 private:
  flow::Seq seq_{0};
};

TEST_F(ForecastTraining, LearnsWhatTheLightModelsLeaveAndTheSameAgain) {
  const TrainedModel& first = trained();
  ASSERT_EQ(first.note.held_out.size(), kHorizons);
  EXPECT_EQ(first.note.held_out[0].minutes, 15);
  for (const ModelNote::HeldOut& one : first.note.held_out)
    EXPECT_LT(one.boosted, 0.95 * one.linear) << one.minutes << " minutes";
  EXPECT_LT(first.note.held_out[0].boosted, 0.85 * first.note.held_out[0].linear) << "the vehicles tell of the jam";
  EXPECT_EQ(first.note.columns, row_columns());
  EXPECT_EQ(first.note.to - first.note.from, std::chrono::days(3));
  const auto with_threads = [](int threads) {
    TrainingOptions options = small();
    options.trees.rounds = 4;
    options.trees.threads = threads;
    return train_models(roads(400), options, go_on)->values.ubj;
  };
  EXPECT_EQ(with_threads(1), with_threads(2));
  EXPECT_FALSE(train_models(roads(100), small(), go_on)) << "less than a day";
  EXPECT_FALSE(train_models(roads(864), small(), [](TrainingStage, double) { return false; })) << "stopped";
}

TEST_F(ForecastTraining, AModelThatDoesNotFitIsRefusedWithTheReason) {
  const ModelNote note = keep("good");
  const std::string attribute = note.attribute;
  ASSERT_TRUE(read_model(models_, "good", note.sha256, attribute));
  const auto why = [&](const std::string& name, std::string_view sum = "",
                       std::string_view of = "averageVehicleSpeed") {
    const auto read = read_model(models_, name, sum, of);
    return read ? std::string("taken") : read.error().message;
  };
  EXPECT_NE(why("good", "", "occupiedSpotNumber").find("foresees 'averageVehicleSpeed'"), std::string::npos);
  EXPECT_NE(why("good", std::string(64, '0')).find("not the file that was announced"), std::string::npos);
  EXPECT_NE(why("absent").find("no model without the command"), std::string::npos);
  EXPECT_NE(why("../good").find("no name of a model"), std::string::npos);
  const std::string text = *base::read_file(models_ + "/good.toml"), ubj = *base::read_file(models_ + "/good.ubj");
  const auto with = [&](const std::string& name, const std::string& from, const std::string& to,
                        const std::string& bytes) {
    std::string changed = text;
    for (const auto& [a, b] : {std::pair(from, to), std::pair(std::string("good.ubj"), name + ".ubj")})
      if (const auto at = changed.find(a); at != std::string::npos) changed.replace(at, a.size(), b);
    EXPECT_TRUE(base::write_file_atomic(models_ + "/" + name + ".toml", changed));
    EXPECT_TRUE(base::write_file_atomic(models_ + "/" + name + ".ubj", bytes));
    return why(name);
  };
  EXPECT_EQ(with("same", "", "", ubj), "taken");
  EXPECT_NE(with("mute", "command = \"cityloop traffic train --csv roads.csv --seed 1\"", "", ubj).find("command"),
            std::string::npos);
  EXPECT_NE(with("columns", "\"spread\"", "\"breadth\"", ubj).find("'breadth' where this build shows 'spread'"),
            std::string::npos);
  std::string bent = ubj;
  bent[bent.size() / 2] = char(bent[bent.size() / 2] ^ 1);
  EXPECT_NE(with("bent", "", "", bent).find("not the file that was announced"), std::string::npos);
  EXPECT_NE(with("cut", note.sha256, note.sha256.substr(1), ubj).find("SHA-256"), std::string::npos);
  ModelNote silent = note;
  silent.command.clear();
  EXPECT_FALSE(write_model(models_, silent, ubj));
}

TEST_F(ForecastTraining, AModelEntersByTheLogAndWinsByItsForecasts) {
  const ModelNote note = keep("trees");
  City city(models_);
  city.steps(0, 288);
  EXPECT_EQ(city.models_told(), "");
  city.announce(note, 288);
  EXPECT_NE(city.models_told().find("\"trees\""), std::string::npos);
  EXPECT_EQ(city.loop.counters().models_taken, 1U);
  city.announce(note, 288);
  EXPECT_EQ(city.loop.counters().models_taken, 1U) << "told twice, taken once";
  EXPECT_NE(city.model_of(1), "boosted") << "it has won nothing yet";
  city.steps(288, 864);
  const auto standing = city.loop.arena().standing("fast-15min");
  ASSERT_TRUE(standing);
  EXPECT_EQ(standing->champion, kLightModels) << "first of the two places";
  EXPECT_EQ(city.model_of(1), "boosted");
  EXPECT_EQ(flow::text_field(city.told.at("urn:ngsi-ld:ForecastContest:traffic-forecast:fast-15min"), "champion"),
            "boosted trees");
  City replayed(models_);
  replayed.steps(0, 288);
  replayed.announce(note, 288);
  replayed.announce(note, 288);
  replayed.steps(288, 864);
  EXPECT_EQ(replayed.log, city.log) << "a replay foresees the same";
}

TEST_F(ForecastTraining, GoesOnWithItsModelAfterARestartAndWithoutOneWhenItIsGone) {
  const ModelNote note = keep("trees");
  City whole(models_);
  whole.steps(0, 300);
  whole.announce(note, 300);
  whole.steps(300, 560);
  ASSERT_EQ(whole.model_of(1), "boosted");
  City first(models_);
  first.steps(0, 300);
  first.announce(note, 300);
  first.steps(300, 500);
  City second(models_);
  second.go_on_from(first);
  EXPECT_EQ(first.log + second.log, whole.log);
  fs::remove(models_ + "/trees.ubj");
  City without(models_);
  without.go_on_from(first);
  EXPECT_NE(without.model_of(1), "boosted");
  EXPECT_NE(without.model_of(1), "");
  EXPECT_NE(without.models_told().find("reason"), std::string::npos);
}

TEST_F(ForecastTraining, ACallerKnowsOfJamsBeforeTheyComeAndSaysHowWellItDid) {
  ASSERT_TRUE(both().calls);
  const ModelNote& note = both().calls->note;
  EXPECT_EQ(note.event, "congestion");
  EXPECT_EQ(note.columns, call_columns());
  EXPECT_TRUE(note.held_out.empty());
  ASSERT_EQ(note.held_out_calls.size(), kHorizons);
  for (const ModelNote::HeldOutCalls& one : note.held_out_calls) EXPECT_GT(one.came, 50U);
  EXPECT_LT(note.held_out_calls[1].boosted, note.held_out_calls[1].frequencies) << "an hour ahead nobody knows";
  const ModelNote::HeldOutCalls& quarter = note.held_out_calls[0];
  EXPECT_LT(quarter.boosted, 0.5 * quarter.frequencies) << "the vehicles tell of the jam";
  EXPECT_GT(quarter.precision, 0.8);
  EXPECT_GT(quarter.recall, 0.8);
  EXPECT_GT(quarter.threshold, 0);
  const ModelNote read = keep_caller("calls");
  EXPECT_EQ(read.event, note.event);
  EXPECT_NEAR(read.held_out_calls[2].boosted, note.held_out_calls[2].boosted, 1e-6);
  const auto model = read_model(models_, "calls", read.sha256, note.attribute, kCongestion);
  ASSERT_TRUE(model) << model.error().message;
  float before = -1;
  for (const float score : {0.01F, 0.2F, 0.5F, 0.8F, 0.99F}) {
    const float likely = (*model)->calibration[0].apply(score);
    EXPECT_GE(likely, before);
    before = likely;
  }
  EXPECT_GT(before, 0.5);
}

TEST_F(ForecastTraining, NoCallerIsMadeWhereThereIsTooLittleCongestionAndTheReasonIsTold) {
  TrainingData calm = roads(864);
  for (float& value : calm.values) value = 60 + value / 10;
  TrainingOptions options = small();
  options.trees.rounds = options.callers.rounds = 4;
  const auto trained = train_models(calm, options, go_on);
  ASSERT_TRUE(trained) << trained.error().message;
  EXPECT_FALSE(trained->calls);
  EXPECT_NE(trained->no_calls.find("0 rows with congestion"), std::string::npos) << trained->no_calls;
  for (float& kmh : calm.free_flow) kmh = std::nanf("");
  EXPECT_EQ(train_models(calm, options, go_on)->no_calls, "") << "nothing can be congested";
}

TEST_F(ForecastTraining, ACallerIsToldWhereItWonByBrierAndAReplayTellsTheSame) {
  const ModelNote note = keep_caller("calls");
  City plain(models_), city(models_);
  for (City* const one : {&plain, &city}) one->steps(0, 288);
  EXPECT_EQ(city.log, plain.log);
  city.announce(note, 288);
  EXPECT_EQ(city.loop.counters().models_taken, 1U);
  EXPECT_EQ(city.models_told(), "") << "nobody has a place beside the light models";
  EXPECT_NE(flow::json_field(city.told.at("urn:ngsi-ld:ForecastContest:traffic-forecast:congestion-models"), "places")
                .find("\"calls\""),
            std::string::npos);
  city.steps(288, 300), plain.steps(288, 300);
  EXPECT_EQ(city.likelihood_of(1), plain.likelihood_of(1)) << "it has won nothing yet";
  EXPECT_EQ(city.caller(), "frequencies");
  city.steps(300, 520), plain.steps(300, 520);
  EXPECT_EQ(city.caller(), "boosted calls");
  const auto standing = city.loop.calls().standing("fast-15min");
  ASSERT_TRUE(standing);
  EXPECT_EQ(standing->champion, 1U) << "first of the two places";
  EXPECT_LT(standing->mean_loss[1], standing->mean_loss[0]);
  EXPECT_EQ(city.model_of(1), plain.model_of(1)) << "who foresees speeds is another contest";
  double city_squares = 0, plain_squares = 0;
  for (std::int64_t step = 520; step < 600; ++step) {
    city.steps(step, step + 1), plain.steps(step, step + 1);
    for (int road = 1; road <= 4; ++road) {
      // Slow at the end of a quarter of an hour that was slow throughout.
      bool came = true;
      for (std::int64_t back = 1; back <= 3; ++back) came = came && speed_at(road, step + back) < 40;
      const auto squared = [came](double said) { return (said - (came ? 1 : 0)) * (said - (came ? 1 : 0)); };
      city_squares += squared(city.likelihood_of(road));
      plain_squares += squared(plain.likelihood_of(road));
    }
  }
  EXPECT_LT(city_squares, 0.7 * plain_squares) << "what is told is better for it";
  City replayed(models_);
  replayed.steps(0, 288);
  replayed.announce(note, 288);
  replayed.steps(288, 600);
  EXPECT_EQ(replayed.log, city.log);
}

TEST_F(ForecastTraining, ACallerSurvivesARestartAndFrequenciesSpeakWhereItIsGone) {
  const ModelNote note = keep_caller("calls");
  City whole(models_), first(models_);
  for (City* const one : {&whole, &first}) {
    one->steps(0, 300);
    one->announce(note, 300);
  }
  whole.steps(300, 560);
  ASSERT_EQ(whole.caller(), "boosted calls");
  first.steps(300, 500);
  City second(models_);
  second.go_on_from(first);
  EXPECT_EQ(first.log + second.log, whole.log);
  fs::remove(models_ + "/calls.ubj");
  City without(models_);
  without.go_on_from(first);
  EXPECT_EQ(without.caller(), "frequencies");
  EXPECT_GT(without.likelihood_of(1), 0);
  EXPECT_NE(
      flow::json_field(without.told.at("urn:ngsi-ld:ForecastContest:traffic-forecast:congestion-models"), "refused")
          .find("calls.ubj"),
      std::string::npos);
}

TEST_F(ForecastTraining, WhatForeseesValuesTakesNoCallersPlaceNorTheOtherWayRound) {
  keep("values");
  keep_caller("calls");
  const auto why = [&](const std::string& name, std::string_view event) {
    const auto read = read_model(models_, name, "", "averageVehicleSpeed", event);
    return read ? std::string("taken") : read.error().message;
  };
  EXPECT_EQ(why("calls", kCongestion), "taken");
  EXPECT_EQ(why("calls", ""), "model 'calls' calls 'congestion', and does not foresee values");
  EXPECT_EQ(why("values", kCongestion), "model 'values' foresees values, and does not call 'congestion'");
  // Trees without the maps that make their scores likelihoods are no callers.
  ModelNote note = both().calls->note;
  note.name = "unmapped", note.command = "by hand";
  Booster::Rows rows{};
  const std::vector<float> values(4 * call_columns().size(), 1), labels{0, 1, 0, 1};
  rows.values = values, rows.columns = call_columns().size();
  const auto trees = Booster::train(rows, labels, {}, {.rounds = 1, .probability = true});
  ASSERT_TRUE(trees);
  ASSERT_TRUE(write_model(models_, note, *trees->to_bytes()));
  EXPECT_NE(why("unmapped", kCongestion).find("there is no calibration 15 min in it"), std::string::npos);
  ModelNote flood = *read_model_note(models_, "calls");
  flood.event = "flooding";
  City city(models_);
  city.steps(0, 20);
  city.announce(flood, 20);
  EXPECT_EQ(city.loop.counters().models_refused, 1U);
  EXPECT_NE(city.models_told().find("'flooding' is no event"), std::string::npos);
}

TEST_F(ForecastTraining, WhatDoesNotFitLeavesAllAsItWasAndANewerOneTakesTheIdlePlace) {
  City city(models_);
  city.steps(0, 300);
  ModelNote unknown = trained().note;
  unknown.name = "nowhere";
  unknown.sha256 = std::string(64, 'a');
  city.announce(unknown, 300);
  EXPECT_EQ(city.loop.counters().models_refused, 1U);
  EXPECT_NE(city.models_told().find("nowhere"), std::string::npos);
  ModelNote parking = trained().note;
  parking.name = "parking", parking.attribute = "occupiedSpotNumber";
  city.announce(parking, 300);
  EXPECT_EQ(city.loop.counters().models_refused, 1U) << "none of this loop's business";
  city.announce(keep("one"), 300);
  city.steps(300, 800);
  ASSERT_EQ(city.model_of(1), "boosted");
  city.announce(keep("two"), 800);
  city.announce(keep("three"), 800);
  const std::string told = city.models_told();
  EXPECT_NE(told.find("\"one\""), std::string::npos) << "the champion stays";
  EXPECT_EQ(told.find("\"two\""), std::string::npos) << "it had nothing behind it";
  EXPECT_NE(told.find("\"three\""), std::string::npos);
  EXPECT_EQ(city.model_of(1), "boosted");
  flow::Change gone{.entity = announcement(keep("one")).entity,
                    .kind = flow::ChangeKind::erased,
                    .types = {flow::kForecastModelType}};
  city.tell(kBegin + 800 * kStep + std::chrono::seconds(100), {gone});
  EXPECT_EQ(city.models_told().find("\"one\""), std::string::npos);
  city.steps(800, 802);
  EXPECT_NE(city.model_of(1), "") << "others speak on";
}

TEST_F(ForecastTraining, ATableOfReadingsIsReadRowByRow) {
  const std::string readings = (folder_ / "readings.csv").string(), segments = (folder_ / "roads.csv").string();
  std::string text = "when,road,speed,cars\n";
  const TrainingData data = roads(576);
  for (std::size_t step = 0; step < data.steps(); ++step)
    for (std::size_t road = 0; road < 4; ++road)
      text += fmt::format("{},\"road, {}\",{},{}\n", base::format_time(kBegin + std::int64_t(step + 1) * kStep),
                          road + 1, data.values[step * 4 + road], data.vehicles[step * 4 + road]);
  text += "soon,\"road, 1\",50,3\n2026-03-03T10:00:00Z,\"road, 1\",fast,3\n2026-03-03T10:00:00Z,,50,3\n";
  text += "2026-03-03T10:01:00Z,\"road, 1\",55,0\n";  // nobody passed
  ASSERT_TRUE(base::write_file_atomic(readings, text));
  ASSERT_TRUE(base::write_file_atomic(segments, "road,free,a,b,c,d\n\"road, 2\",80,10.1,56.1,10.2,56.1\n"));
  TrainingTable table{.file = readings, .time = "when", .segment = "road", .value = "speed", .vehicles = "cars"};
  table.segments_file = segments, table.segments_segment = "road", table.free_flow = "free";
  table.lon_1 = "a", table.lat_1 = "b", table.lon_2 = "c", table.lat_2 = "d";
  const auto read = read_training_table(table, quick(), go_on);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->bad, 3U);
  ASSERT_EQ(read->reasons.size(), 3U);
  EXPECT_NE(read->reasons[0].find("'soon' is no time"), std::string::npos);
  ASSERT_EQ(read->data.segments.size(), 4U);
  EXPECT_EQ(read->data.steps(), 2U * 288);
  EXPECT_EQ(read->data.begin, kBegin);
  EXPECT_EQ(read->data.readings, 4U * 2 * 288);
  EXPECT_NEAR(read->data.values[5], data.values[5], 1e-4);
  EXPECT_EQ(read->data.free_flow[1], 80);
  EXPECT_TRUE(std::isnan(read->data.free_flow[0]));
  EXPECT_NE(read->data.lines[1].find("[10.1,56.1]"), std::string::npos);
  table.value = "pace";
  EXPECT_NE(read_training_table(table, quick(), go_on).error().message.find("no column 'pace'"), std::string::npos);

  const auto done =
      train_command({"--csv", readings, "--out", models_, "--time", "when", "--segment", "road", "--value", "speed",
                     "--vehicles", "cars", "--name", "by-hand", "--rounds", "10", "--depth", "3"});
  ASSERT_TRUE(done) << done.error().message;
  const auto model = read_model(models_, "by-hand", "", "averageVehicleSpeed");
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_NE((*model)->note.command.find("--rounds 10 --depth 3"), std::string::npos);
  EXPECT_NE((*model)->note.source.find("sha256:"), std::string::npos);
  EXPECT_FALSE(train_command({"--csv", readings}));
  EXPECT_FALSE(train_command({"--csv", readings, "--out", models_, "--rounds", "many"}));
  EXPECT_FALSE(train_command({"--city", folder_.string(), "--data", folder_.string()})) << "no city there";
}

TEST_F(ForecastTraining, SettingsAreReadWithCare) {
  const std::string file = (folder_ / "forecast.toml").string();
  EXPECT_EQ(TrainingSettings::load(file)->every, base::Duration::zero()) << "without it nothing is trained";
  ASSERT_TRUE(base::write_file_atomic(file, "[training]\nevery = \"24h\"\ndays = 14\ndays_least = 2\nkeep = 3\n"));
  const auto read = TrainingSettings::load(file);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->every, std::chrono::hours(24));
  EXPECT_EQ(read->keep, 3U);
  ASSERT_TRUE(base::write_file_atomic(file, "[training]\nevery = \"5s\"\ndays = 0.5\nfoo = 1\n"));
  const auto wrong = TrainingSettings::load(file);
  ASSERT_FALSE(wrong);
  for (const char* const part : {"every", "whole number", "foo"})
    EXPECT_NE(wrong.error().message.find(part), std::string::npos) << wrong.error().message;
}

// A city with a twin, and a history of three days.
class House {
 public:
  House(const fs::path& folder, std::size_t steps) {
    store_ = *store::Store::open((folder / "store").string());
    twin::TwinOptions options;
    options.durability = store::Durability::buffered;
    twin_ = *twin::Twin::open(*store_, clock_, options);
    history_ = std::make_unique<twin::History>(*store_);
    runner_ = std::make_unique<twin::LoopRunner>(*twin_, *history_);
    EXPECT_TRUE(runner_->start());
    const TrainingData data = roads(steps);
    flow::Seq last = 0;
    for (std::size_t step = 0; step < steps; ++step) {
      const base::Instant at = kBegin + std::int64_t(step + 1) * kStep;
      clock_.advance_to(at);
      twin::Commit commit;
      commit.origin = "feed:roads"_name;
      for (std::size_t road = 0; road < 4; ++road) {
        flow::Write write{.entity = flow::EntityId(data.segments[road]), .types = {"TrafficFlowObserved"_name}};
        write.attributes.push_back(
            flow::property("averageVehicleSpeed"_name, double(data.values[step * 4 + road]), at));
        write.attributes.push_back(flow::property("intensity"_name, double(data.vehicles[step * 4 + road]), at));
        if (step == 0) write.attributes.push_back(flow::property("freeFlowSpeed"_name, 80.0));
        commit.writes.push_back(std::move(write));
      }
      if (step + 1 < steps) twin_->submit(std::move(commit), [](const twin::CommitResult&) {});
      else last = twin_->commit(std::move(commit)).seq;
    }
    EXPECT_TRUE(history_->wait_seen(last, std::chrono::seconds(20)));
  }
  ~House() { runner_->stop(); }

  twin::Twin& twin() { return *twin_; }
  const twin::History& history() { return *history_; }
  base::ManualClock& clock() { return clock_; }

 private:
  base::ManualClock clock_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<twin::Twin> twin_;
  std::unique_ptr<twin::History> history_;
  std::unique_ptr<twin::LoopRunner> runner_;
};

TEST_F(ForecastTraining, TheDeskTrainsFromHistoryAndTellsTheLog) {
  House house(folder_, 576);
  TrainingSettings settings;
  settings.every = std::chrono::hours(6);
  settings.days_least = 2;
  settings.keep = 2;
  TrainingDesk desk(settings, quick(models_), {"city", "data", models_});
  desk.look(house.twin(), house.history(), house.clock());
  const auto model_entities = [&] {
    std::vector<std::string> names;
    house.twin().each(flow::kForecastModelType, [&](const flow::EntityPtr& entity) {
      names.emplace_back(entity->text("name"_name));
      return true;
    });
    return names;
  };
  ASSERT_TRUE(desk.standing().last);
  EXPECT_EQ(desk.standing().last->error, "");
  const std::vector<std::string> made = model_names(models_);
  ASSERT_EQ(made.size(), 2U) << "one that foresees, one that calls congestion";
  EXPECT_EQ(made[1], made[0] + "-congestion");
  EXPECT_EQ(model_entities(), made);
  EXPECT_EQ(desk.standing().last->name, made[0]);
  EXPECT_EQ(desk.standing().last->held_out_calls.size(), kHorizons);
  const auto note = read_model_note(models_, made[0]);
  ASSERT_TRUE(note) << note.error().message;
  EXPECT_NE(note->command.find("traffic train --city city --data data"), std::string::npos);
  EXPECT_EQ(note->segments, 4U);
  EXPECT_TRUE(read_model(models_, note->name, note->sha256, "averageVehicleSpeed"));
  desk.look(house.twin(), house.history(), house.clock());
  EXPECT_EQ(model_names(models_).size(), 2U) << "not before it is due";
  ModelNote brought = trained().note;
  brought.name = "brought", brought.command = "cityloop traffic train", brought.made_at = house.clock().now();
  ASSERT_TRUE(write_model(models_, brought, trained().ubj));
  ASSERT_TRUE(base::write_file_atomic(models_ + "/broken.toml", "command = 3\n"));
  desk.look(house.twin(), house.history(), house.clock());
  EXPECT_EQ(model_entities().size(), 3U) << "what people bring is told as well";
  ASSERT_EQ(desk.standing().unreadable.size(), 1U);
  EXPECT_EQ(desk.standing().unreadable[0].first, "broken");
}

TEST_F(ForecastTraining, TheDeskWaitsForEnoughOfHistoryAndSaysSo) {
  House house(folder_, 100);
  TrainingSettings settings;
  settings.every = std::chrono::hours(6);
  TrainingDesk desk(settings, quick(models_), {"city", "data", models_});
  desk.look(house.twin(), house.history(), house.clock());
  const TrainingStanding standing = desk.standing();
  ASSERT_TRUE(standing.last);
  EXPECT_NE(standing.last->error.find("3 are needed"), std::string::npos) << standing.last->error;
  EXPECT_FALSE(standing.running);
  EXPECT_EQ(standing.next_at, house.clock().now() + std::chrono::hours(1));
  EXPECT_TRUE(model_names(models_).empty());
  TrainingDesk running(settings, quick(models_), {"city", "data", models_});
  running.start(house.twin(), house.history(), house.clock());
  running.stop();
}

}  // namespace
}  // namespace cityloop::traffic
