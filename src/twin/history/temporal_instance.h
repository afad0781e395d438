// One instance of an attribute in its temporal evolution (ETSI GS CIM 009, clause 4.5.6), of any kind, and runs of them
// as bytes. What is a bare number goes into runs of Points instead (series.h).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "flow/entity.h"
#include "twin/history/series.h"

namespace cityloop::twin {

struct Instance {
  flow::Attribute attribute;               // of a deletion: the null URI as value
  flow::Instant deleted_at{flow::kNever};  // the attribute, or its entity, was deleted then
  std::string id;                          // only where it does not follow from the instance itself: it was changed
  friend bool operator==(const Instance&, const Instance&) = default;
};

// Where an instance stands in the order of its series: deletedAt, observedAt or, where it has neither, modifiedAt.
flow::Instant time_of(const Instance&);
bool before(const Instance&, const Instance&);
Instance deletion(const flow::Attribute&, flow::Instant at);

// The instance as a Point, when nothing is lost by it.
std::optional<Point> as_point(const Instance&);
Instance as_instance(const Point&, flow::Name attribute, flow::Name dataset);

// In order; not empty.
std::string encode_instances(std::span<const Instance>);
base::Result<std::vector<Instance>> decode_instances(std::string_view);
base::Result<RunSpan> instances_span(std::string_view);

// The instanceId of what has none of its own: it follows from where the instance stands, and so from no table.
// `ordinal` counts those before it of the same moment and arrival.
struct InstancePlace {
  bool point{false};
  flow::Instant at, modified;
  std::size_t ordinal{0};
};
std::string instance_id(std::string_view entity, flow::Name attribute, flow::Name dataset, const InstancePlace&);
// The moment that an instanceId tells; nothing when it is none of ours.
std::optional<flow::Instant> instant_of_id(std::string_view id);

}  // namespace cityloop::twin
