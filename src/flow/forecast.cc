#include "flow/forecast.h"

#include <algorithm>
#include <cmath>

#include "base/json_value.h"
#include "base/json_writer.h"
#include "flow/noun.h"
#include "flow/own_types.h"

namespace cityloop::flow {
namespace {

// Two digits behind the point: no road is known better, and the text stays short.
double rounded(double value) {
  return std::round(value * 100) / 100;
}

std::string json_of(const std::vector<ForecastStep>& steps) {
  base::JsonWriter json;
  json.array();
  for (const ForecastStep& step : steps) {
    json.object().field("validAt", base::format_time(step.valid_at));
    json.field("low", rounded(step.low)).field("middle", rounded(step.middle)).field("high", rounded(step.high));
    if (step.likelihood) json.field("likelihood", std::round(*step.likelihood * 1000) / 1000);
    json.field("model", step.model).end();
  }
  return json.end().take();
}

base::Result<std::vector<ForecastStep>> steps_from(const std::string& text) {
  std::vector<ForecastStep> steps;
  if (text.empty()) return steps;
  const base::JsonValue json = TRY(base::JsonValue::parse(text));
  if (!json.array()) return base::fail(base::Errc::invalid, "'steps' of a forecast is a list");
  for (const base::JsonValue& item : *json.array()) {
    ForecastStep step;
    step.valid_at = TRY(base::parse_time(item.text_or("validAt", "")));
    for (const auto& [name, value] : {std::pair("low", &step.low), {"middle", &step.middle}, {"high", &step.high}}) {
      const base::JsonValue* const found = item.find(name);
      if (!found || !found->number()) return base::fail(base::Errc::invalid, "a step of a forecast has no '{}'", name);
      *value = *found->number();
    }
    if (const base::JsonValue* const likelihood = item.find("likelihood"); likelihood && likelihood->number())
      step.likelihood = *likelihood->number();
    step.model = item.text_or("model", "");
    steps.push_back(std::move(step));
  }
  return steps;
}

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

std::string to_json(const ForecastTruth& truth) {
  base::JsonWriter json;
  json.object().field("span", seconds(truth.span));
  if (truth.above) json.field("above", *truth.above);
  if (truth.most) json.field("most", *truth.most);
  if (!truth.counted_by.empty()) json.field("countedBy", truth.counted_by);
  if (truth.event_below) json.field("eventBelow", *truth.event_below).field("eventHold", seconds(truth.event_hold));
  return json.end().take();
}

base::Result<ForecastTruth> forecast_truth_from(std::string_view text) {
  ForecastTruth out;
  if (text.empty()) return out;
  const base::JsonValue json = TRY(base::JsonValue::parse(text));
  const auto number = [&json](const char* name) -> std::optional<double> {
    const base::JsonValue* const found = json.find(name);
    return found && found->number() ? std::optional(*found->number()) : std::nullopt;
  };
  const auto duration = [](double s) { return Duration(std::llround(s * 1e6)); };
  constexpr double kLongest_s = 30 * 86'400.0;
  out.span = duration(number("span").value_or(seconds(out.span)));
  out.above = number("above");
  out.most = number("most");
  out.counted_by = json.text_or("countedBy", "");
  out.event_below = number("eventBelow");
  out.event_hold = duration(number("eventHold").value_or(0));
  for (const Duration given : {out.span, std::max(out.event_hold, out.span)})
    if (given <= Duration::zero() || seconds(given) > kLongest_s)
      return base::fail(base::Errc::invalid, "a forecast's truth spans {} s", seconds(given));
  return out;
}

EntityId forecast_id(EntityId about, std::string_view attribute) {
  return EntityId(fmt::format("urn:ngsi-ld:Forecast:{}:{}", attribute, about.text()));
}

Write to_write(const Forecast& one) {
  NounWriter out(forecast_id(one.about, one.attribute), kForecastType, WriteMode::upsert, 7);
  return out.link("about"_name, one.about)
      .text("attribute"_name, one.attribute)
      .text("group"_name, one.group)
      .text("event"_name, one.event)
      .own_json("truth"_name, to_json(one.truth))
      .time("issuedAt"_name, one.issued_at)
      .own_json("steps"_name, json_of(one.steps))
      .take();
}

base::Result<Forecast> forecast_from(const Entity& entity) {
  TRY(require_type(entity, "Forecast"));
  Forecast out;
  out.about = link_field(entity, "about");
  out.attribute = text_field(entity, "attribute");
  out.group = text_field(entity, "group");
  out.event = text_field(entity, "event");
  out.truth = TRY(forecast_truth_from(json_field(entity, "truth")));
  out.issued_at = time_field(entity, "issuedAt");
  out.steps = TRY(steps_from(json_field(entity, "steps")));
  return out;
}

}  // namespace cityloop::flow
