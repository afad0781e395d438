#include "domain/traffic/guidance/segment_routes.h"

#include <algorithm>
#include <cmath>

#include "domain/traffic/guidance/guidance_routes.h"
#include "flow/forecast.h"
#include "flow/noun.h"
#include "serve/respond.h"

namespace cityloop::traffic {
namespace {

using base::JsonWriter;
using flow::operator""_name;

constexpr base::Duration kStep = std::chrono::minutes(5);  // what a forecast speaks of: the time up to its moment

double ms(flow::Instant at) {
  return double(base::to_us(at)) / 1000;
}

double rounded(double value) {
  return std::round(value * 100) / 100;
}

std::vector<twin::Sample> speeds_since(const SegmentRoutes& on, flow::EntityId id, flow::Instant from) {
  auto read = on.history.samples({id, "averageVehicleSpeed"_name, from});
  return read ? *std::move(read) : std::vector<twin::Sample>{};
}

void write_usual(const SegmentRoutes& on, JsonWriter& out, const GuidancePicture& picture, std::uint32_t segment,
                 flow::Instant from) {
  out.key("usual").array();
  for (flow::Instant at = from; at <= picture.at + std::chrono::hours(1); at += std::chrono::minutes(15)) {
    const auto usual = picture.state->usual.usual(segment, hour_of_kind(on.guidance.options().time_zone.to_local(at)));
    if (usual) out.array().number(ms(at)).number(rounded(usual->speed_kmh)).end();
  }
  out.end();
}

void write_forecasts(const SegmentRoutes& on, JsonWriter& out, flow::EntityId id) {
  out.key("forecasts").array();
  const flow::EntityPtr entity = on.twin.get(flow::forecast_id(id, "averageVehicleSpeed"));
  const auto forecast = entity ? flow::forecast_from(*entity) : base::Result<flow::Forecast>(flow::Forecast{});
  if (forecast) {
    for (const flow::ForecastStep& step : forecast->steps) {
      const auto ahead = std::chrono::duration_cast<std::chrono::minutes>(step.valid_at - forecast->issued_at);
      out.object().field("minutes", std::int64_t(ahead.count()));
      serve::write_time(out, "madeAt", forecast->issued_at);
      serve::write_time(out, "forAt", step.valid_at);
      out.field("p10", rounded(step.low)).field("p50", rounded(step.middle)).field("p90", rounded(step.high));
      out.field("model", step.model).key("congestion");
      if (step.likelihood) out.number(*step.likelihood);
      else out.null();
      out.end();
    }
  }
  out.end();
}

// The mean of what was measured in the time that a forecast spoke of.
std::optional<double> truth_of(const std::vector<twin::Sample>& speeds, flow::Instant valid_at) {
  const auto first = std::ranges::upper_bound(speeds, valid_at - kStep, {}, &twin::Sample::at);
  double sum = 0;
  int count = 0;
  for (auto it = first; it != speeds.end() && it->at <= valid_at; ++it) sum += it->value, ++count;
  return count > 0 ? std::optional(sum / count) : std::nullopt;
}

void write_past(const SegmentRoutes& on, JsonWriter& out, flow::EntityId id, const std::vector<twin::Sample>& speeds) {
  out.key("past").array();
  for (std::size_t horizon = 0; horizon < kShownMinutes.size(); ++horizon) {
    double error = 0;
    int judged = 0, inside = 0;
    out.object().field("minutes", kShownMinutes[horizon]).key("samples").array();
    for (const PastForecast& one : on.past.of(id, horizon)) {
      const auto truth = truth_of(speeds, one.valid_at);
      out.array().number(ms(one.valid_at));
      for (const float value : {one.low, one.middle, one.high}) out.number(rounded(double(value)));
      if (truth) out.number(rounded(*truth));
      else out.null();
      out.end();
      if (!truth) continue;
      ++judged;
      error += std::abs(*truth - double(one.middle));
      inside += *truth >= double(one.low) && *truth <= double(one.high) ? 1 : 0;
    }
    out.end();
    for (const auto& [key, sum] : {std::pair{"meanError", error}, std::pair{"within", double(inside)}}) {
      out.key(key);
      if (judged > 0) out.number(rounded(sum / judged));
      else out.null();
    }
    out.end();
  }
  out.end();
}

void show(const SegmentRoutes& on, const serve::Call& call, net::Reply reply) {
  const std::string_view id = serve::path_part(call, "id");
  const GuidancePicturePtr picture = on.guidance.picture();
  const flow::EntityId entity = flow::EntityId::lookup(id);
  const auto segment = picture && !entity.empty() ? picture->state->segments.find(entity) : std::nullopt;
  if (!segment) return reply(net::problem(404, "not found", fmt::format("there is no stretch of road '{}'", id)));
  const flow::Instant from = picture->at - std::chrono::hours(24);
  const std::vector<twin::Sample> speeds = speeds_since(on, entity, from);
  JsonWriter out;
  out.object().key("segment");
  write_segment(out, *picture, *segment, serve::language_of(call.request), on.guidance.options().stale_after);
  out.key("today").array();
  for (const twin::Sample& one : speeds) out.array().number(ms(one.at)).number(rounded(one.value)).end();
  out.end();
  write_usual(on, out, *picture, *segment, from);
  write_forecasts(on, out, entity);
  write_past(on, out, entity, speeds);
  out.end();
  reply(serve::json_response(out));
}

}  // namespace

void SegmentRoutes::add_to(net::Router& router) const {
  router.add(net::Method::get, "/api/v1/traffic/segments/{id}",
             serve::binder(*this)(trust::Permission::read_city, show));
}

}  // namespace cityloop::traffic
