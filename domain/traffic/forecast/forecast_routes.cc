#include "domain/traffic/forecast/forecast_routes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "base/json_value.h"
#include "flow/forecast_score.h"
#include "flow/noun.h"
#include "flow/own_types.h"
#include "serve/city.h"
#include "serve/respond.h"
#include "serve/views.h"

namespace cityloop::traffic {
namespace {

using base::JsonValue;
using base::JsonWriter;
using flow::operator""_name;

// "slow-15min" → 15; 0 for a group of another form.
int minutes_of(std::string_view group) {
  const std::size_t dash = group.rfind('-');
  int minutes = 0;
  if (dash == std::string_view::npos || !group.ends_with("min")) return 0;
  for (const char c : group.substr(dash + 1, group.size() - dash - 4)) {
    if (c < '0' || c > '9') return 0;
    minutes = minutes * 10 + (c - '0');
  }
  return minutes;
}

JsonValue list_of(const flow::Entity& entity, std::string_view name) {
  auto read = JsonValue::parse(flow::json_field(entity, name));
  return read && read->array() ? *std::move(read) : JsonValue{JsonValue::Array{}};
}

// What is said of a model at a horizon, over all kinds of road: in the contest by the moments that were judged, and of
// what was told by the forecasts that were scored.
struct Sum {
  double moments{0}, error{0};  // absolute; of likelihoods squared
  bool champion{false};
  std::string told_as;  // the model's name in forecasts
};
struct Told {
  double count{0}, inside{0}, squares{0}, absolute{0}, crps{0}, persistence{0};
};

struct Scores {
  std::map<std::pair<int, std::string>, Sum> models, callers;        // by minutes and shown name
  std::map<std::pair<int, std::string>, Told> told;                  // by minutes and model
  std::map<int, std::map<double, std::pair<double, double>>> calls;  // minutes: likelihood said → came, all
  struct Outcome {
    double right{0}, called{0}, came{0}, judged{0}, squares{0};
  };
  std::map<int, Outcome> outcomes;  // by minutes
  JsonValue places, caller_places;
  std::vector<JsonValue> refused;
};

struct Subject {
  std::string_view attribute, name, unit;
};
constexpr std::array<Subject, 2> kSubjects{
    {{"averageVehicleSpeed", "speed", "KMH"}, {"occupiedSpotNumber", "parking", "C62"}}};

void take_contest(const flow::Entity& contest, Scores& out) {
  const bool calls = !contest.text("event"_name).empty();
  if (contest.find("places"_name)) {
    (calls ? out.caller_places : out.places) = list_of(contest, "places");
    const JsonValue refused = list_of(contest, "refused");
    std::ranges::copy(*refused.array(), std::back_inserter(out.refused));
    // Times are of one form, so that they sort as texts.
    std::ranges::stable_sort(out.refused, {}, [](const JsonValue& one) { return one.text_or("at", ""); });
  }
  const int minutes = minutes_of(contest.text("group"_name));
  const double moments = contest.number("moments"_name).value_or(0);
  if (minutes == 0) return;
  for (const JsonValue& model : *list_of(contest, "models").array()) {
    const std::string name = model.text_or("model", ""), file = model.text_or("file", "");
    Sum& sum = (calls ? out.callers : out.models)[{minutes, file.empty() ? name : fmt::format("{} {}", name, file)}];
    sum.moments += moments;
    sum.error += moments * model.number_or(calls ? "brier" : "meanAbsoluteError", 0);
    const JsonValue* const champion = model.find("champion");
    sum.champion = sum.champion || (champion && champion->boolean() && *champion->boolean());
    sum.told_as = name;
  }
}

void take_score(const flow::ForecastScore& score, Scores& out) {
  Told& told = out.told[{score.minutes, score.model}];
  told.count += score.count;
  told.inside += score.count * score.coverage;
  told.absolute += score.count * score.mae;
  told.squares += score.count * score.rmse * score.rmse;
  told.crps += score.count * score.crps();
  told.persistence += score.count * score.persistence_mae;
  for (const flow::ForecastScore::Bin& bin : score.reliability) {
    auto& [came, all] = out.calls[score.minutes][std::round(bin.said * 10) / 10];
    came += bin.came * bin.count;
    all += bin.count;
  }
  auto& outcome = out.outcomes[score.minutes];
  outcome.right += score.calls_right;
  outcome.called += score.calls;
  outcome.came += score.came;
  outcome.judged += score.judged;
  outcome.squares += score.judged * score.brier;
}

void write_share(JsonWriter& out, std::string_view key, double part, double all) {
  out.key(key);
  if (all > 0) out.number(part / all);
  else out.null();
}

void write_scores(JsonWriter& out, const Subject& subject, const Scores& all) {
  for (const auto& [key, sum] : all.models) {
    if (sum.moments <= 0) continue;
    out.object().field("subject", subject.name).field("model", key.second).field("champion", sum.champion);
    out.field("minutes", key.first).field("count", sum.moments).field("mae", sum.error / sum.moments);
    out.field("unitCode", subject.unit);
    const auto told = sum.champion ? all.told.find({key.first, sum.told_as}) : all.told.end();
    const Told what = told == all.told.end() ? Told{} : told->second;
    write_share(out, "within", what.inside, what.count);
    if (what.count > 0) {
      out.key("told").object().field("count", std::round(what.count)).field("mae", what.absolute / what.count);
      out.field("rmse", std::sqrt(what.squares / what.count)).field("crps", what.crps / what.count);
      write_share(out, "skill", what.persistence - what.absolute, what.persistence);
      out.end();
    }
    out.end();
  }
}

void write_calibration(JsonWriter& out, const Subject& subject, const Scores& all) {
  for (const auto& [minutes, bins] : all.calls) {
    out.object().field("subject", subject.name).field("model", "congestion").field("minutes", minutes);
    out.key("points").array();
    for (const auto& [said, came_of_all] : bins)
      out.array().number(said).number(came_of_all.first / came_of_all.second).number(came_of_all.second).end();
    out.end().end();
  }
}

void write_calls(JsonWriter& out, const Scores& all) {
  for (const auto& [minutes, outcome] : all.outcomes) {
    out.object().field("minutes", minutes);
    write_share(out, "precision", outcome.right, outcome.called);
    write_share(out, "recall", outcome.right, outcome.came);
    write_share(out, "brier", outcome.squares, outcome.judged);
    out.field("count", std::round(outcome.came)).key("models").array();
    std::vector<std::pair<double, std::string>> by_error;
    for (const auto& [key, sum] : all.callers)
      if (key.first == minutes && sum.moments > 0) by_error.emplace_back(sum.error / sum.moments, key.second);
    std::ranges::sort(by_error);
    for (const auto& [brier, name] : by_error) {
      const Sum& sum = all.callers.at({minutes, name});
      out.object().field("model", name).field("champion", sum.champion);
      out.field("brier", brier).field("count", sum.moments).end();
    }
    out.end().end();
  }
}

void write_list(JsonWriter& out, std::string_view key, std::span<const JsonValue> list) {
  out.key(key).array();
  for (const JsonValue& item : list) {
    out.object();
    for (const char* const name : {"name", "sha256", "since", "reason", "at"})
      if (item.find(name)) out.field(name, item.text_or(name, ""));
    out.end();
  }
  out.end();
}

std::span<const JsonValue> items_of(const JsonValue& list) {
  return list.array() ? std::span<const JsonValue>(*list.array()) : std::span<const JsonValue>();
}

void write_training(JsonWriter& out, const Subject& subject, const TrainingDesk& desk, const Scores& all) {
  const TrainingStanding now = desk.standing();
  out.object().field("subject", subject.name).field("everySeconds", double(now.every.count()) / 1e6);
  out.key("running");
  if (now.running) {
    out.object();
    serve::write_time(out, "since", now.since);
    out.field("stage", to_string(now.stage)).field("share", now.share).end();
  } else {
    out.null();
  }
  serve::write_time(out, "nextAt", now.next_at);
  out.key("last");
  if (now.last) {
    out.object();
    serve::write_time(out, "at", now.last->at);
    out.field("model", now.last->name).field("error", now.last->error).key("heldOut").array();
    for (const ModelNote::HeldOut& one : now.last->held_out)
      out.object()
          .field("minutes", one.minutes)
          .field("count", double(one.count))
          .field("boosted", one.boosted)
          .field("linear", one.linear)
          .field("persistence", one.persistence)
          .end();
    out.end().key("heldOutCalls").array();
    for (const ModelNote::HeldOutCalls& one : now.last->held_out_calls) {
      out.object().field("minutes", one.minutes).field("count", double(one.count)).field("came", double(one.came));
      out.field("boosted", one.boosted).field("frequencies", one.frequencies).field("always", one.always);
      out.field("threshold", one.threshold).field("precision", one.precision).field("recall", one.recall).end();
    }
    out.end().field("noCalls", now.last->no_calls).end();
  } else {
    out.null();
  }
  write_list(out, "models", items_of(all.places));
  write_list(out, "callers", items_of(all.caller_places));
  write_list(out, "refused", all.refused);
  out.key("unreadable").array();
  for (const auto& [name, reason] : now.unreadable) out.object().field("name", name).field("reason", reason).end();
  out.end().end();
}

void write_changes(JsonWriter& out, const std::vector<ChampionChange>& changes) {
  for (const ChampionChange& one : changes) {
    const auto subject = std::ranges::find(kSubjects, one.attribute, &Subject::attribute);
    if (subject == kSubjects.end()) continue;
    const bool calls = !one.event.empty();
    out.object();
    serve::write_time(out, "at", one.at);
    out.field("subject", subject->name).field("minutes", minutes_of(one.group));
    out.field("champion", one.former).field("challenger", one.champion).field("taken", true);
    serve::write(out.key("why"), {fmt::format("{}{}：误差更小，且非偶然", one.group, calls ? "，拥堵可能性" : ""),
                                  fmt::format("{}{}: smaller errors, beyond chance", one.group,
                                              calls ? ", likelihood of congestion" : "")});
    out.end();
  }
}

void show(const ForecastRoutes& on, const serve::Call&, net::Reply reply) {
  std::array<Scores, kSubjects.size()> all;
  const auto scores_of = [&all](std::string_view attribute) -> Scores* {
    for (std::size_t i = 0; i < kSubjects.size(); ++i)
      if (attribute == kSubjects[i].attribute) return &all[i];
    return nullptr;
  };
  on.twin.each(flow::kForecastContestType, [&](const flow::EntityPtr& contest) {
    if (Scores* const scores = scores_of(contest->text("attribute"_name))) take_contest(*contest, *scores);
    return true;
  });
  on.twin.each(flow::kForecastScoreType, [&](const flow::EntityPtr& entity) {
    const auto score = flow::forecast_score_from(*entity);
    Scores* const scores = score ? scores_of(score->attribute) : nullptr;
    if (scores) take_score(*score, *scores);
    return true;
  });
  JsonWriter out;
  out.object().key("since").null().key("scores").array();
  for (std::size_t i = 0; i < kSubjects.size(); ++i) write_scores(out, kSubjects[i], all[i]);
  out.end().key("calibration").array();
  for (std::size_t i = 0; i < kSubjects.size(); ++i) write_calibration(out, kSubjects[i], all[i]);
  out.end().key("changes").array();
  write_changes(out, on.past.changes());
  out.end().key("calls").array();
  write_calls(out, all[0]);
  out.end().key("training").array();
  for (std::size_t i = 0; i < std::min(all.size(), on.desks.size()); ++i)
    write_training(out, kSubjects[i], *on.desks[i], all[i]);
  out.end().end();
  reply(serve::json_response(out));
}

}  // namespace

void ForecastRoutes::add_to(net::Router& router) const {
  router.add(net::Method::get, "/api/v1/traffic/forecast-scores",
             serve::binder(*this)(trust::Permission::read_city, show));
}

}  // namespace cityloop::traffic
