#include "broker/temporal/find.h"

#include <algorithm>

#include "flow/own_types.h"

namespace cityloop::broker {
namespace {

using base::Errc;
using base::fail;

constexpr auto kPatience = std::chrono::milliseconds(200);
constexpr std::size_t kAggregatedMax = 2'000'000;  // of one attribute

// Asks the filter of what an entity was in the stretch, its place instance by instance.
class TemporalMatcher {
 public:
  explicit TemporalMatcher(const TemporalRequest& request) : all_(without_place(request.filter)) {
    if (request.filter.q) asked_ = request.filter.q->attributes();
    if (!request.filter.geo) return;
    static const flow::Name kLocation("location");
    place_name_ = request.filter.geo->property.empty() ? kLocation : request.filter.geo->property;
    asked_.push_back(place_name_);
    twin::EntityFilter place;
    place.geo = request.filter.geo;
    place_.emplace(std::move(place));
  }

  bool matches(const Selected& selected) const {
    const flow::Entity entity = as_entity(selected, asked_);
    return all_.matches(entity) && (!place_ || somewhere(entity));
  }

 private:
  static twin::EntityFilter without_place(twin::EntityFilter filter) {
    filter.geo.reset();
    return filter;
  }
  bool somewhere(const flow::Entity& entity) const {
    return std::ranges::any_of(entity.attributes, [&](const flow::Attribute& attribute) {
      if (attribute.name != place_name_) return false;
      flow::Entity there;
      there.id = entity.id;
      there.attributes = {attribute};
      return place_->matches(there);
    });
  }

  twin::Matcher all_;
  std::optional<twin::Matcher> place_;
  flow::Name place_name_;
  std::vector<flow::Name> asked_;
};

// Calls back with every name that may be meant, in the order of the answer.
base::Status each_candidate(const Tenant& tenant, const TemporalRequest& request,
                            const std::function<bool(const std::string&)>& take) {
  std::vector<std::string> urns = request.urns;
  const auto& order = request.filter.order;
  const auto& types = request.filter.types;
  const bool backwards = !order.empty() && order.front().descending;
  if (urns.empty()) {
    TRY(tenant.history.each(types.size() == 1 ? types.front() : flow::Name{}, {}, [&](const std::string& urn) {
      if (!backwards) return take(urn);
      urns.push_back(urn);
      return true;
    }));
  }
  if (!request.in_order) {
    std::ranges::sort(urns);
    const auto same = std::ranges::unique(urns);
    urns.erase(same.begin(), same.end());
    if (backwards) std::ranges::reverse(urns);
  }
  for (const std::string& urn : urns) {
    if (!urn.empty() && !take(urn)) break;
  }
  return {};
}

}  // namespace

void catch_up(const Tenant& tenant) {
  tenant.history.wait_seen(tenant.twin.head(), kPatience);
}

base::Result<std::optional<Selected>> find_history(const Tenant& tenant, const std::string& urn,
                                                   const TemporalRequest& request, std::size_t instances_max) {
  twin::EvolutionQuery query = reading_for(request, instances_max);
  if (request.as == TemporalForm::aggregated) query.oldest = kAggregatedMax;
  auto evolution = TRY(tenant.history.entity(urn, query));
  if (!evolution || flow::has_own_type(evolution->frame.types)) return std::nullopt;
  for (const twin::SeriesEvolution& series : evolution->series) {
    if (request.as == TemporalForm::aggregated && series.points.size() >= kAggregatedMax) {
      return fail(Errc::full, "'{}' has more than {} values of {}: ask for a shorter stretch", urn, kAggregatedMax,
                  series.attribute.text());
    }
  }
  return select(urn, std::move(*evolution), request, instances_max);
}

base::Status each_history(const Tenant& tenant, const TemporalRequest& request, std::size_t instances_max,
                          const std::function<bool(Selected)>& found) {
  const TemporalMatcher matcher(request);
  base::Status status;
  TRY(each_candidate(tenant, request, [&](const std::string& urn) {
    auto selected = find_history(tenant, urn, request, instances_max);
    if (!selected) {
      status = std::unexpected(selected.error());
      return false;
    }
    if (!*selected || !(*selected)->in_stretch || !matcher.matches(**selected)) return true;
    return found(std::move(**selected));
  }));
  return status;
}

base::Result<HistoryPage> find_histories(const Tenant& tenant, const TemporalRequest& request,
                                         std::size_t instances_max) {
  HistoryPage page;
  const auto& filter = request.filter;
  TRY(each_history(tenant, request, instances_max, [&](Selected selected) {
    const std::size_t nth = page.matched++;
    if (nth >= filter.offset && page.entities.size() < filter.limit) page.entities.push_back(std::move(selected));
    else if (nth >= filter.offset) page.more = true;
    return filter.count || !page.more;
  }));
  return page;
}

}  // namespace cityloop::broker
