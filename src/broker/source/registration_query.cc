#include "broker/source/registration_query.h"

#include <map>

#include "base/json_value.h"
#include "broker/federation/federation.h"

namespace cityloop::broker {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using flow::Name;

flow::Value value_of(const JsonValue& json) {
  if (const bool* flag = json.boolean()) return *flag;
  if (const double* number = json.number()) return *number;
  if (const std::string* text = json.text()) return *text;
  return flow::Json{json.dump()};
}

// Where a source knows something, and whether something there may stand in that relation.
bool may_stand_in(const Registration& registration, const twin::GeoFilter& geo) {
  const std::string_view property = geo.property.text();
  const auto& place = property == "observationSpace" ? registration.observation_space
                      : property == "operationSpace" ? registration.operation_space
                                                     : registration.location;
  if (!place) return false;
  const geo::Shape& shape = *place;
  switch (geo.relation) {
    case twin::GeoRelation::near: {
      const bool close = !geo.distance_max_m || geo::distance_m(shape, geo.shape) <= *geo.distance_max_m;
      const bool far =
          !geo.distance_min_m || shape.is_area() || geo::distance_m(shape, geo.shape) >= *geo.distance_min_m;
      return close && far;
    }
    case twin::GeoRelation::disjoint: return !geo::within(shape, geo.shape);
    case twin::GeoRelation::equals: return geo::equals(shape, geo.shape) || geo::within(geo.shape, shape);
    default: return geo::intersects(shape, geo.shape);
  }
}

bool knows_of_time(const Registration& registration, const std::optional<TemporalAsk>& asked) {
  return asked ? overlaps(registration, *asked) : !registration.is_temporal();
}

base::Result<flow::Instant> time_of(std::string_view name, std::optional<std::string_view> text) {
  if (!text) return fail(Errc::invalid, "{} is missing", name);
  const auto at = base::parse_time(*text);
  if (!at) return fail(Errc::invalid, "{}: '{}' is no time like 2014-08-18T00:00:00Z", name, *text);
  return *at;
}

}  // namespace

bool overlaps(const Registration& registration, const TemporalAsk& asked) {
  const auto& interval = asked.property == "observedAt" ? registration.observation : registration.management;
  if (!interval) return false;
  const bool open = interval->end == flow::kNever;
  if (asked.relation.empty()) return true;
  if (asked.relation == "before") return interval->start < asked.at;
  if (asked.relation == "after") return open || interval->end > asked.at;
  return interval->start < asked.end && (open || interval->end >= asked.at);
}

bool has_properties(const Registration& registration, const twin::Q& csf) {
  return has_members(JsonValue::parse(registration.definition).value_or(JsonValue{}), csf);
}

bool has_members(const JsonValue& object, const twin::Q& q) {
  std::map<Name, flow::Value> values;
  if (object.object()) {
    for (const auto& [key, value] : *object.object()) values[Name(key)] = value_of(value);
  }
  return q.matches([&](Name name) -> const flow::Value* {
    const auto found = values.find(name);
    return found == values.end() ? nullptr : &found->second;
  });
}

bool RegistrationQuery::matches(const Registration& registration) const {
  if (registration.matches(interest).empty() || !knows_of_time(registration, temporal)) return false;
  if (geo && !may_stand_in(registration, *geo)) return false;
  if (scopes) {
    std::vector<Name> own;
    for (const std::string& scope : registration.scopes) own.emplace_back(scope);
    if (!scopes->has_scope(own)) return false;
  }
  return !csf || has_properties(registration, *csf);
}

base::Result<std::optional<TemporalAsk>> temporal_of(const twin::Argument& argument) {
  const auto relation = argument("timerel");
  if (!relation) {
    if (argument("timeAt")) return fail(Errc::invalid, "timeAt: means nothing without timerel");
    return std::optional<TemporalAsk>{};
  }
  TemporalAsk out;
  out.relation = *relation;
  if (out.relation != "before" && out.relation != "after" && out.relation != "between") {
    return fail(Errc::invalid, "timerel: expected before, after or between");
  }
  out.at = TRY(time_of("timeAt", argument("timeAt")));
  if (out.relation == "between") out.end = TRY(time_of("endTimeAt", argument("endTimeAt")));
  if (const auto property = argument("timeproperty")) {
    if (*property != "observedAt" && *property != "createdAt" && *property != "modifiedAt" &&
        *property != "deletedAt") {
      return fail(Errc::invalid, "timeproperty: expected observedAt, createdAt, modifiedAt or deletedAt");
    }
    out.property = *property;
  }
  return std::optional(std::move(out));
}

base::Result<RegistrationQuery> registration_query(const Exchange& exchange) {
  const twin::Argument argument = [&](std::string_view name) { return exchange.argument(name); };
  // Read once as a query of entities would be, for its refusals.
  const twin::EntityFilter filter = TRY(twin::parse_filter(argument, exchange.context.get()));
  RegistrationQuery out;
  out.interest = interest_of(exchange);
  out.geo = filter.geo;
  out.scopes = filter.scopes;
  out.temporal = TRY(temporal_of(argument));
  if (const auto text = exchange.argument("csf")) {
    twin::QReading reading;
    reading.context = exchange.context.get();
    auto csf = twin::Q::parse(*text, reading);
    if (!csf) return fail(csf.error().code, "csf: {}", csf.error().message);
    out.csf = std::move(*csf);
  }
  if (!argument("type") && !argument("attrs") && !argument("q") && !argument("georel") && !argument("pick")) {
    return fail(Errc::invalid, "this would ask for everything: at least one of type, attrs, q or georel is needed");
  }
  return out;
}

}  // namespace cityloop::broker
