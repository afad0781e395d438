// Signs: that texts fit, that a person is asked and not asked too often, and that what they did is measured.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "act/device_types.h"
#include "base/json_value.h"
#include "domain/traffic/guidance/city_guidance.h"
#include "flow/command.h"
#include "flow/noun.h"

namespace cityloop::traffic {
namespace {

using flow::EntityId;

constexpr const char* kSigns = R"(
evaluate_every = "2m"
min_interval = "10m"
worth = "3m"
measure_for = "20m"
[[sign]]
device = "urn:ngsi-ld:Device:vms-1"
lon = 10.0005
lat = 56
heading_deg = 90
rows = 4
columns = 18
[[sign.destination]]
name = { zh = "港口", en = "Port" }
lon = 10.05
lat = 56
)";

Sign sign_of(int rows, int columns) {
  Sign out;
  out.rows = rows;
  out.columns = columns;
  return out;
}

TEST(GuidanceSign, ATextIsAsFullAsTheSignAllowsAndNeverWider) {
  const SignMessage message{SignWord::detour, {"奥胡斯港", "Aarhus Port"}, {"北环路", "North Ring"}, 12};
  for (int rows = 1; rows <= 6; ++rows) {
    for (int columns = 4; columns <= 40; ++columns) {
      const auto text = sign_text(sign_of(rows, columns), message);
      if (!text) continue;
      EXPECT_LE(std::ranges::count(*text, '\n') + 1, rows);
      for (std::size_t at = 0; at <= text->size();) {
        const std::size_t end = std::min(text->find('\n', at), text->size());
        EXPECT_LE(columns_of(std::string_view(*text).substr(at, end - at)), columns) << *text;
        at = end + 1;
      }
    }
  }
  EXPECT_EQ(sign_text(sign_of(6, 40), message),
            "往奥胡斯港 请走北环路 省12分钟\nAarhus Port via North Ring saves 12 min");
  EXPECT_EQ(sign_text(sign_of(1, 18), message), "奥胡斯港走北环路");
  EXPECT_FALSE(sign_text(sign_of(1, 4), message));
}

TEST(GuidanceSign, SettingsTellEveryMistakeWithItsLine) {
  EXPECT_EQ(SignSettings::parse(kSigns, "signs.toml").value().signs.size(), 1u);
  const auto wrong = SignSettings::parse(
      "compliance = 3\n[[sign]]\ndevice = \"urn:x\"\nlon = 1\nlat = 99\nheading_deg = 0\nrows = 0\ncolumns = 8\n",
      "signs.toml");
  ASSERT_FALSE(wrong);
  for (const char* what : {"signs.toml:1", "compliance", "rows", "latitude", "destination"})
    EXPECT_THAT(wrong.error().message, testing::HasSubstr(what)) << what;
}

TEST(GuidanceSign, SettingsOfGuidanceAreReadAndContradictionsTold) {
  GuidanceOptions guidance;
  IncidentLoopOptions incidents;
  ASSERT_TRUE(read_guidance("[incidents]\ncase = \"congestion\"\nhold = \"4m\"\n[times]\ncar_share = 0.6\n", "g.toml",
                            guidance, incidents));
  EXPECT_EQ(incidents.case_kind, "congestion");
  EXPECT_EQ(incidents.watch.hold, std::chrono::minutes(4));
  EXPECT_EQ(guidance.times.car_share, 0.6);
  const auto wrong = read_guidance("[incidents]\nclear_ratio = 0.2\nholt = \"4m\"\n", "g.toml", guidance, incidents);
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, testing::HasSubstr("g.toml:2"));
  EXPECT_THAT(wrong.error().message, testing::HasSubstr("holt"));
}

TEST(GuidanceSign, APredictedDiversionShortensTheQueueAndTooManyFollowersAreNamed) {
  Diversion it{.usual_free_s = 300,
               .usual_now_s = 900,
               .other_free_s = 400,
               .other_now_s = 420,
               .arrivals_vph = 1200,
               .capacity_vph = 900,
               .other_capacity_vph = 1000,
               .other_flow_vph = 500,
               .share = 0.3};
  const DiversionEffect some = predict_diversion(it);
  EXPECT_LT(some.mean_with_s, some.mean_without_s);
  EXPECT_GT(some.saved_vehicle_h, 0);
  EXPECT_GT(some.best_share, 0.3);
  // With nobody on the way there is nothing to follow for: a free road is left as it is.
  it.usual_now_s = 300;
  it.arrivals_vph = 500;
  EXPECT_EQ(predict_diversion(it).best_share, 0);
  // Nobody arrives: the queue of 150 vehicles (600 s at 900 an hour) is gone after ten minutes, exactly.
  it.usual_now_s = 900;
  it.arrivals_vph = 0;
  it.horizon_s = 600;
  EXPECT_NEAR(predict_diversion(it).usual_with_s, 300 + 60, 1e-9);
}

TEST(GuidanceSign, WhatTheRestOfTheCityDoesIsNotCountedAsAnEffect) {
  const auto minute = [](std::int64_t number) { return base::from_ms(number * 60'000); };
  std::vector<DidPoint> points;
  for (int i = 0; i < 20; ++i) {
    const double rush = -0.03 * i, noise = 0.001 * (i % 3);
    points.push_back({minute(i), 0.8 + rush + noise - (i >= 10 ? 0.2 : 0), 0.3 + rush});
  }
  const DidResult result = did(points, minute(10));
  EXPECT_NEAR(result.change, -0.2, 0.002);
  EXPECT_NEAR(result.saved_share(), 0.18, 0.01);
  EXPECT_LT(result.error, 0.002);
  EXPECT_EQ(did(std::span(points).first(5), minute(10)).after, 0u);
}

// Two roads from west to east; a sign before the southern, which is the usual one. Of the northern the source gives an
// English name, of the others none.
geo::StreetGraphPtr two_roads() {
  geo::StreetNetwork streets;
  const geo::Position at[5] = {{10, 56}, {10.002, 56}, {10.002, 56.003}, {10.05, 56.003}, {10.05, 56}};
  const std::tuple<int, int, const char*> kAll[] = {
      {0, 1, "Gate"}, {1, 4, "South Road"}, {1, 2, "West Street"}, {2, 3, "北环路"}, {3, 4, "Østergade"}};
  for (const auto& [a, b, name] : kAll) {
    geo::Street street;
    street.name = name;
    if (street.name == "北环路") street.name_en = "North Road";
    street.street_class = geo::StreetClass::primary;
    street.speed_kmh = 50;
    street.along = street.against = geo::ModeSet::all();
    street.line = {at[a], at[b]};
    street.joints = {std::uint64_t(a), std::uint64_t(b)};
    streets.streets.push_back(street);
  }
  return geo::StreetGraph::make(streets);
}

flow::Change segment_change(const char* name, const std::string& line, double kmh, base::Instant at) {
  flow::Change change;
  change.entity = EntityId(fmt::format("urn:ngsi-ld:TrafficFlowObserved:{}", name));
  change.types = {flow::Name("TrafficFlowObserved")};
  if (!line.empty()) {
    flow::Attribute where =
        flow::property(flow::Name("location"), flow::Json{"{\"type\":\"LineString\",\"coordinates\":" + line + "}"});
    where.kind = flow::AttributeKind::geo_property;
    change.attributes.push_back({where});
    change.attributes.push_back({flow::property(flow::Name("freeFlowSpeed"), 35.0)});
  }
  change.attributes.push_back({flow::property(flow::Name("averageVehicleSpeed"), kmh, at)});
  return change;
}

// Every minute a reading of both roads; the sign's commands are answered as the test says.
class SignStory : public testing::Test {
 protected:
  SignStory() { restart(); }
  void restart() {
    GuidanceOptions options;
    options.streets = two_roads();
    options.signs = SignSettings::parse(settings_, "signs.toml").value();
    options.background = false;
    auto fresh = std::make_unique<GuidanceLoop>(std::move(options));
    if (loop_) {
      base::ByteWriter bytes;
      loop_->save(bytes);
      base::ByteReader in(bytes.view());
      EXPECT_TRUE(fresh->load(in));
    }
    loop_ = std::move(fresh);
  }
  // What is usual at each hour is known after two days.
  void two_days() { minutes(2 * 24 * 12, 34, std::chrono::minutes(5)); }
  void minutes(int count, double south_kmh, base::Duration step = std::chrono::minutes(1)) {
    for (int i = 0; i < count; ++i) {
      now_ += step;
      flow::LogRecord record{.seq = ++seq_, .at = now_, .origin = {}, .changes = {}};
      const bool first = seq_ == 1;
      record.changes.push_back(segment_change("south", first ? "[[10.002,56],[10.05,56]]" : "", south_kmh, now_));
      record.changes.push_back(segment_change("north", first ? "[[10.002,56.003],[10.05,56.003]]" : "", 34, now_));
      record.changes.push_back(segment_change("far", first ? "[[10.05,56],[10.05,56.003]]" : "", 33, now_));
      for (flow::Change& change : answers_) record.changes.push_back(std::move(change));
      answers_.clear();
      twin::Outbox out;
      loop_->on_record(record, out);
      for (const flow::Write& write : out.writes) take(write);
      if (restarts_) restart();
    }
  }
  void take(const flow::Write& write) {
    const flow::Entity entity = flow::entity_of(write);
    told_ += fmt::format("{} {}\n", base::format_time(now_), entity.id.text());
    entities_.push_back(entity);
    if (!entity.is_a(flow::Name("Command"))) return;
    commands_.push_back(flow::command_from(entity).value());
    if (answer_.empty()) return;
    flow::Change change;
    change.entity = entity.id;
    change.types = entity.types;
    change.attributes.push_back({flow::property(flow::Name("status"), flow::Text(answer_))});
    answers_.push_back(std::move(change));
  }
  std::unique_ptr<GuidanceLoop> loop_;
  base::Instant now_{base::from_ms(1'700'000'000'000)};
  flow::Seq seq_{0};
  std::string settings_{kSigns}, answer_{"succeeded"}, told_;
  bool restarts_{false};
  std::vector<flow::Change> answers_;
  std::vector<flow::Entity> entities_;
  std::vector<flow::Command> commands_;
};

TEST_F(SignStory, ADetourIsProposedAsACommandShownTakenDownAndMeasured) {
  two_days();
  minutes(40, 34);
  EXPECT_TRUE(commands_.empty());
  minutes(30, 5);
  ASSERT_EQ(commands_.size(), 1u);
  const flow::Command& first = commands_[0];
  EXPECT_EQ(first.status, flow::CommandStatus::requested);
  EXPECT_EQ(first.device, EntityId("urn:ngsi-ld:Device:vms-1"));
  const std::string text = base::JsonValue::parse(first.value).value().text()[0];
  EXPECT_THAT(text, testing::HasSubstr("Port via North\nRoad"));
  EXPECT_THAT(text, testing::HasSubstr("港口"));
  EXPECT_THAT(text, testing::HasSubstr("北环路"));
  minutes(60, 34);
  ASSERT_EQ(commands_.size(), 2u);
  EXPECT_EQ(commands_[1].value, "\"\"");
  const auto is = [](const char* type) {
    return [type](const flow::Entity& one) { return one.is_a(flow::Name(type)); };
  };
  const auto advice = std::ranges::find_if(entities_, is("TrafficAdvice"));
  ASSERT_NE(advice, entities_.end());
  EXPECT_GT(advice->number(flow::Name("savedTime")).value_or(0), 180);
  EXPECT_THAT(flow::language_field(*advice, "why").en, testing::HasSubstr("South Road"));
  EXPECT_TRUE(base::JsonValue::parse(flow::json_field(*advice, "predictedEffect")).value().find("bestShare"));
  const auto outcome = std::ranges::find_if(entities_, is("TrafficOutcome"));
  ASSERT_NE(outcome, entities_.end());
  EXPECT_GE(outcome->number(flow::Name("roundsBefore")).value_or(0), 5);
  EXPECT_TRUE(outcome->number(flow::Name("savedShare")));
}

TEST_F(SignStory, ASignThatSpeaksOneLanguageNamesTheStreetInItAndIsNotChangedForTheSameNews) {
  for (const auto& [language, named] : {std::pair("zh", "北环路"), std::pair("en", "North Road")}) {
    settings_ = std::string(kSigns).replace(std::string(kSigns).find("columns = 18"), 12,
                                            fmt::format("columns = 12\nlanguages = [\"{}\"]", language));
    loop_.reset();
    restart();
    commands_.clear(), seq_ = 0, now_ = base::from_ms(1'700'000'000'000);
    two_days();
    minutes(12, 6);
    ASSERT_EQ(commands_.size(), 1u) << language;
    std::string text = base::JsonValue::parse(commands_[0].value).value().text()[0];
    std::ranges::replace(text, '\n', ' ');
    std::string joined = text;
    std::erase(joined, ' ');
    EXPECT_THAT(std::string(language) == "zh" ? joined : text, testing::HasSubstr(named));
    minutes(12, 4);  // other minutes, the same way
    EXPECT_EQ(commands_.size(), 1u) << language << ": " << commands_.back().value;
  }
}

TEST_F(SignStory, ASignChangesAtMostOnceAnIntervalAndARefusedTextIsNotAskedForAgainAtOnce) {
  answer_ = "refused";
  two_days();
  minutes(25, 5);
  EXPECT_EQ(commands_.size(), 1u);  // a person said no
  minutes(20, 5);
  EXPECT_EQ(commands_.size(), 2u);
  commands_.clear();
  answer_ = "";  // nobody answers: nothing more is asked
  minutes(120, 5);
  EXPECT_LE(commands_.size(), 1u);
}

TEST_F(SignStory, ARestartAfterEachRecordChangesNothing) {
  const auto play = [&] {
    two_days();
    minutes(30, 34);
    minutes(20, 5);
    minutes(40, 34);
    return std::exchange(told_, "");
  };
  const std::string whole = play();
  EXPECT_THAT(whole, testing::HasSubstr("TrafficOutcome"));
  loop_.reset();
  restart();
  restarts_ = true;
  seq_ = 0;
  now_ = base::from_ms(1'700'000'000'000);
  EXPECT_EQ(play(), whole);
}

TEST_F(SignStory, ThePictureForReadersHoldsWhatWasRead) {
  minutes(5, 12);
  loop_->after_commit(seq_);
  const GuidancePicturePtr picture = loop_->picture();
  ASSERT_TRUE(picture && picture->times);
  EXPECT_EQ(picture->at, now_);
  EXPECT_EQ(picture->roads.cover->report.matched, 3u);
  const auto south = picture->state->segments.find(EntityId("urn:ngsi-ld:TrafficFlowObserved:south"));
  ASSERT_TRUE(south);
  EXPECT_EQ(picture->speeds.periods[0][*south], 12);
  const geo::StreetArc arc = picture->roads.cover->arcs_of[*south].front();
  EXPECT_GT(picture->times->time_s(arc, Times::now, 0),
            2 * picture->times->net().graph().piece(arc / 2).length_m / 35 * 3.6);
}

TEST(GuidanceSign, ASignsDeviceTypeMakesAPersonAgree) {
  const auto types = act::DeviceTypes::parse(R"(
[[device_type]]
id = "message_sign"
name = { zh = "情报板", en = "Message sign" }
topic = "cityloop/{id_tail}/cmd"
receipt_topic = "cityloop/{id_tail}/receipt"
[[device_type.command]]
name = "message"
kind = "text"
max = 120
needs_approval = "always"
approve_within = "10m"
min_interval = "5m"
ack_timeout = "5s"
)",
                                             "devices.toml");
  ASSERT_TRUE(types) << types.error().message;
  EXPECT_EQ(types->find("message_sign")->find("message")->approval.when, act::ApprovalRule::When::always);
}

}  // namespace
}  // namespace cityloop::traffic
