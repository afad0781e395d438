#include "domain/traffic/guidance/advice_routes.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "base/json_value.h"
#include "base/json_writer.h"
#include "flow/noun.h"
#include "serve/city.h"
#include "serve/respond.h"

namespace cityloop::traffic {
namespace {

using base::JsonWriter;
using flow::operator""_name;

constexpr std::size_t kMost = 200;

void write_number(JsonWriter& out, std::string_view key, std::optional<double> value) {
  out.key(key).number(value ? std::round(*value * 1000) / 1000 : std::numeric_limits<double>::quiet_NaN());
}

// Null where a delay is only told of, and nobody is sent another way.
void write_predicted(JsonWriter& out, const flow::Entity& advice) {
  out.key("predicted");
  const auto effect = base::JsonValue::parse(flow::json_field(advice, "predictedEffect"));
  const auto number = [&](std::string_view key) {
    const double value = effect ? effect->number_or(key, -1) : -1;
    return value < 0 ? std::nullopt : std::optional(value);
  };
  const auto without_s = number("meanWithoutS"), with_s = number("meanWithS");
  if (!without_s || !with_s || *without_s <= 0) {
    out.null();
    return;
  }
  out.object();
  write_number(out, "compliance", number("compliance"));
  write_number(out, "bestShare", number("bestShare"));
  write_number(out, "meanWithoutS", without_s);
  write_number(out, "meanWithS", with_s);
  write_number(out, "savedShare", 1 - *with_s / *without_s);
  write_number(out, "savedVehicleHours", effect->number_or("savedVehicleHours", 0));
  out.end();
}

// Null until it has been measured; no share where too few rounds were seen on either side.
void write_measured(JsonWriter& out, const flow::EntityPtr& outcome) {
  out.key("measured");
  if (!outcome) {
    out.null();
    return;
  }
  out.object().field("method", flow::text_field(*outcome, "method"));
  write_number(out, "savedShare", outcome->number("savedShare"_name));
  write_number(out, "standardError", outcome->number("standardError"_name));
  write_number(out, "roundsBefore", outcome->number("roundsBefore"_name));
  write_number(out, "roundsAfter", outcome->number("roundsAfter"_name));
  serve::write_time(out, "shownAt", outcome->instant("shownAt"_name));
  serve::write_time(out, "measuredAt", outcome->instant("measuredAt"_name));
  out.end();
}

void list_advice(const AdviceRoutes& on, const serve::Call& call, net::Reply reply) {
  std::vector<flow::EntityPtr> all;
  on.twin.each("TrafficAdvice"_name, [&](const flow::EntityPtr& advice) { return all.push_back(advice), true; });
  std::unordered_map<flow::EntityId, flow::EntityPtr> outcomes;  // by advice
  on.twin.each("TrafficOutcome"_name, [&](const flow::EntityPtr& outcome) {
    return outcomes.insert_or_assign(flow::link_field(*outcome, "refAdvice"), outcome), true;
  });
  std::ranges::sort(all, [](const flow::EntityPtr& a, const flow::EntityPtr& b) {
    return std::pair(b->instant("madeAt"_name), a->id.text()) < std::pair(a->instant("madeAt"_name), b->id.text());
  });
  if (all.size() > kMost) all.resize(kMost);
  const serve::Names names{on.twin, serve::language_of(call.request)};
  JsonWriter out;
  out.object().key("advice").array();
  for (const flow::EntityPtr& one : all) {
    const flow::EntityId sign = flow::link_field(*one, "refDevice"), command = flow::link_field(*one, "refCommand");
    const flow::EntityPtr asked = on.twin.get(command);
    out.object().field("id", one->id.text()).field("command", command.text());
    out.field("sign", sign.text()).field("signName", names.of(sign)).field("text", flow::text_field(*one, "text"));
    out.field("status", asked ? asked->text("status"_name) : std::string_view("proposed"));
    serve::write(out.key("why"), flow::language_field(*one, "why"));
    serve::write_time(out, "madeAt", one->instant("madeAt"_name));
    write_number(out, "usualS", one->number("usualTime"_name));
    write_number(out, "nowS", one->number("timeNow"_name));
    write_number(out, "foreseenS", one->number("foreseenTime"_name));
    write_number(out, "savedS", one->number("savedTime"_name));
    write_predicted(out, *one);
    const auto outcome = outcomes.find(one->id);
    write_measured(out, outcome == outcomes.end() ? flow::EntityPtr{} : outcome->second);
    out.end();
  }
  reply(serve::json_response(out.end().end()));
}

}  // namespace

void AdviceRoutes::add_to(net::Router& router) const {
  const auto bind = serve::binder(*this);
  router.add(net::Method::get, "/api/v1/traffic/advice", bind(trust::Permission::read_city, list_advice));
}

}  // namespace cityloop::traffic
