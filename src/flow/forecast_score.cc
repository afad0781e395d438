#include "flow/forecast_score.h"

#include <cmath>

#include "base/json_value.h"
#include "base/json_writer.h"
#include "flow/noun.h"
#include "flow/own_types.h"

namespace cityloop::flow {
namespace {

double rounded(double value) {
  return std::round(value * 1e5) / 1e5;
}

std::string json_of(const std::vector<ForecastScore::Bin>& bins) {
  base::JsonWriter json;
  json.array();
  for (const ForecastScore::Bin& bin : bins)
    json.array().number(rounded(bin.said)).number(rounded(bin.came)).number(rounded(bin.count)).end();
  return json.end().take();
}

// Both ways go over one list of a score's numbers.
template <class Score, class F>
void each_number(Score& score, const F& f) {
  f("ever"_name, score.ever);
  f("count"_name, score.count);
  f("unknown"_name, score.unknown);
  f("meanAbsoluteError"_name, score.mae);
  f("rootMeanSquareError"_name, score.rmse);
  f("bias"_name, score.bias);
  f("pinballLoss"_name, score.pinball);
  f("coverage"_name, score.coverage);
  f("underMiddle"_name, score.under_middle);
  f("persistenceMeanAbsoluteError"_name, score.persistence_mae);
  f("persistenceRootMeanSquareError"_name, score.persistence_rmse);
  if (score.event.empty()) return;
  f("judged"_name, score.judged);
  f("brier"_name, score.brier);
  f("climateBrier"_name, score.climate_brier);
  f("calls"_name, score.calls);
  f("callsRight"_name, score.calls_right);
  f("came"_name, score.came);
}

}  // namespace

EntityId forecast_score_id(const ForecastScore& one) {
  return EntityId(fmt::format("urn:ngsi-ld:ForecastScore:{}:{}:{}min:{}", one.attribute,
                              one.group.empty() ? "all" : one.group, one.minutes, one.model));
}

Write to_write(const ForecastScore& one) {
  NounWriter out(forecast_score_id(one), kForecastScoreType, WriteMode::replace, 26);
  out.text("attribute"_name, one.attribute).text("group"_name, one.group).text("model"_name, one.model);
  out.number("minutes"_name, one.minutes).text("event"_name, one.event);
  each_number(one, [&out](Name name, double value) { out.number(name, rounded(value)); });
  out.number("crps"_name, rounded(one.crps())).number("skill"_name, rounded(one.skill()));
  if (!one.reliability.empty()) out.own_json("reliability"_name, json_of(one.reliability));
  return out.time("updatedAt"_name, one.updated_at).take();
}

base::Result<ForecastScore> forecast_score_from(const Entity& entity) {
  TRY(require_type(entity, kForecastScoreType.text()));
  ForecastScore out;
  out.attribute = text_field(entity, "attribute");
  out.group = text_field(entity, "group");
  out.model = text_field(entity, "model");
  out.event = text_field(entity, "event");
  out.minutes = int(entity.number("minutes"_name).value_or(0));
  each_number(out, [&entity](Name name, double& value) { value = entity.number(name).value_or(0); });
  if (const std::string text = json_field(entity, "reliability"); !text.empty()) {
    const base::JsonValue json = TRY(base::JsonValue::parse(text));
    if (!json.array()) return base::fail(base::Errc::invalid, "'reliability' of a score is a list");
    for (const base::JsonValue& item : *json.array()) {
      const auto* const parts = item.array();
      if (!parts || parts->size() != 3 || !(*parts)[0].number() || !(*parts)[1].number() || !(*parts)[2].number())
        return base::fail(base::Errc::invalid, "'reliability' of a score holds lists of three numbers");
      out.reliability.push_back({*(*parts)[0].number(), *(*parts)[1].number(), *(*parts)[2].number()});
    }
  }
  out.updated_at = time_field(entity, "updatedAt");
  return out;
}

}  // namespace cityloop::flow
