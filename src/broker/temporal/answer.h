// The evolution of an entity as a caller asked for it: which instances, and their JSON (ETSI GS CIM 009, clauses 4.5.6
// to 4.5.8, 4.5.19, 6.3.10).
//
//   Evolution ─ select ─▶ Selected ─ limit ─▶ the same, cut at one moment ─ render ─▶ JSON
//
// What has not the time that is asked for (a brand without observedAt) is shown whatever the stretch, and makes no
// entity part of an answer by itself. A deletion is shown with the null URI as value and its deletedAt.
#pragma once

#include <string>
#include <vector>

#include "base/json_writer.h"
#include "broker/temporal/request.h"
#include "twin/history/history.h"

namespace cityloop::broker {

// One instance that is shown, a number or any other.
struct SelectedItem {
  flow::Instant at;  // the time that was asked for; kNever: it has none
  const twin::Point* point{nullptr};
  const twin::Instance* instance{nullptr};
  std::string id;
};

struct SelectedSeries {
  flow::Name attribute, dataset;
  flow::AttributeKind kind;         // of its newest instance
  std::vector<SelectedItem> items;  // in order of `at`
};

struct Selected {
  std::string urn;
  twin::Evolution evolution;  // items point into it
  std::vector<SelectedSeries> series;
  bool in_stretch{false};  // some instance has a time within the stretch
  bool cut{false};         // some series had more than the limit
};

// How much is read of each series, so that no more is than an answer can hold.
twin::EvolutionQuery reading_for(const TemporalRequest&, std::size_t instances_max);
Selected select(std::string urn, twin::Evolution, const TemporalRequest&, std::size_t instances_max);

// The evolution as an entity with every instance in the stretch: what `q` and the other filters are asked of.
flow::Entity as_entity(const Selected&, const std::vector<flow::Name>& with_values);

// Where not all could be shown: all entities end, or begin, at one moment. Gives the value of Content-Range, empty when
// nothing was cut.
std::string limit_together(std::vector<Selected>&, const TemporalRequest&, std::size_t instances_max);

// Whether each attribute that was asked for by its name can be summed up as was asked (clause 5.7.4.4).
base::Status check_aggregation(const std::vector<Selected>&, const TemporalRequest&);

void render(base::JsonWriter&, const Selected&, const TemporalRequest&);

}  // namespace cityloop::broker
