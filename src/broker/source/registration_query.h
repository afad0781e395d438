// Which registrations a caller asks about: by what they know, where, since when, and by their own properties
// (ETSI GS CIM 009, clause 5.10.2). Subscriptions to registrations ask in the same words (5.11.2).
#pragma once

#include <functional>
#include <optional>

#include "broker/exchange.h"
#include "broker/source/registration.h"
#include "twin/query/query.h"

namespace cityloop::broker {

struct TemporalAsk {
  std::string relation;  // before, after, between; empty: whenever
  flow::Instant at{flow::kNever}, end{flow::kNever};
  std::string property{"observedAt"};
};

struct RegistrationQuery {
  Interest interest;
  std::optional<twin::GeoFilter> geo;
  std::optional<twin::Selection> scopes;
  std::optional<TemporalAsk> temporal;
  std::optional<twin::Q> csf;  // of the source's own properties

  bool matches(const Registration&) const;
};

// Whether what a source knows may be of that time; without a relation: whether it tells of that kind of time at all.
bool overlaps(const Registration&, const TemporalAsk&);

// Whether a registration's own properties are as a context source filter asks (clause 4.9).
bool has_properties(const Registration&, const twin::Q& csf);
// The same of any object's members.
bool has_members(const base::JsonValue& object, const twin::Q&);

// Gives a parameter by its name, as query.h has it.
base::Result<std::optional<TemporalAsk>> temporal_of(const twin::Argument&);
base::Result<RegistrationQuery> registration_query(const Exchange&);

}  // namespace cityloop::broker
