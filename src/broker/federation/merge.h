// One entity out of what several brokers know of it (ETSI GS CIM 009, clause 4.5.5).
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "broker/source/registration.h"
#include "flow/entity.h"
#include "twin/context/context.h"

namespace cityloop::broker {

// In order of preference where times do not decide.
enum class Rank : std::uint8_t { exclusive, redirect, local, inclusive, auxiliary };
Rank rank_of(SourceMode);

struct Version {
  flow::EntityPtr entity;
  Rank rank{Rank::local};
};

// What an exclusive source says stands. Otherwise, of two instances of an attribute with the same datasetId, the one
// observed later counts, or else the one modified later, or else the better rank. Auxiliary versions give only
// attributes that nobody else has. Null when there are no versions; the version itself when there is one.
flow::EntityPtr merged(std::vector<Version>);

// An entity as a source sends it, normalized, with its times; cut to what the registration says the source knows.
// Nothing when it is expired, or is not one of those that the registration names: this one, or any when null.
base::Result<std::optional<flow::Entity>> received(const base::JsonValue&, const twin::Context&,
                                                   const RegistrationInfo*, const EntityInfo*, flow::Instant now);

}  // namespace cityloop::broker
