#include "broker/temporal_routes.h"

#include <algorithm>

#include "broker/temporal_answer.h"
#include "net/url.h"

namespace cityloop::broker {
namespace {

using base::Errc;
using base::fail;
using net::Reply;
using net::Response;
using trust::Permission;

constexpr auto kPatience = std::chrono::milliseconds(200);
constexpr std::size_t kInstancesAtOnce = 4'000'000;  // of all entities of an answer, taken together
constexpr std::size_t kAggregatedMax = 2'000'000;    // of one attribute

void catch_up(const Exchange& exchange) {
  exchange.tenant.history.wait_seen(exchange.tenant.twin.head(), kPatience);
}

// How many instances of an attribute an answer of so many entities may have.
std::size_t share(std::size_t instances_max, std::size_t entities) {
  return std::clamp(kInstancesAtOnce / (8 * std::max<std::size_t>(entities, 1)), std::size_t(1), instances_max);
}

base::Result<std::optional<Selected>> read(const Exchange& exchange, const std::string& urn,
                                           const TemporalRequest& request, std::size_t instances_max) {
  twin::EvolutionQuery query = reading_for(request, instances_max);
  if (request.as == TemporalForm::aggregated) query.oldest = kAggregatedMax;
  auto evolution = TRY(exchange.tenant.history.entity(urn, query));
  if (!evolution) return std::nullopt;
  for (const twin::SeriesEvolution& series : evolution->series) {
    if (request.as == TemporalForm::aggregated && series.points.size() >= kAggregatedMax) {
      return fail(Errc::full, "'{}' has more than {} values of {}: ask for a shorter stretch", urn, kAggregatedMax,
                  series.attribute.text());
    }
  }
  return select(urn, std::move(*evolution), request, instances_max);
}

Response answer(const Exchange& exchange, const TemporalRequest& request, std::vector<Selected> all, bool list,
                std::size_t instances_max) {
  const std::string range = limit_together(all, request, instances_max);
  base::JsonWriter out;
  if (list) out.array();
  for (const Selected& selected : all) render(out, selected, request);
  if (list) out.end();
  Response response = exchange.answer(range.empty() ? 200 : 206, out.take());
  if (!range.empty()) response.headers.emplace_back("Content-Range", range);
  return response;
}

void retrieve(const TemporalRoutes& on, const Exchange& exchange, Reply reply) {
  const std::string urn(exchange.part("id"));
  if (!twin::is_uri(urn)) return reply(problem({Errc::invalid, fmt::format("'{}' is no URI", urn)}));
  const auto request = temporal_retrieval(exchange);
  if (!request) return reply(problem(request.error()));
  catch_up(exchange);
  const std::size_t most = on.instances_max;
  auto selected = read(exchange, urn, *request, most);
  if (!selected) return reply(problem(selected.error()));
  if (!*selected) {
    return reply(problem({Errc::not_found, fmt::format("history knows no entity '{}'", urn)}));
  }
  std::vector<Selected> one;
  one.push_back(std::move(**selected));
  reply(answer(exchange, *request, std::move(one), false, most));
}

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

struct Page {
  std::vector<Selected> entities;
  std::size_t matched{0};
  bool more{false};
};

class Query {
 public:
  Query(const Exchange& exchange, const TemporalRequest& request, std::size_t instances_max)
      : exchange_(exchange), request_(request), instances_max_(instances_max), matcher_(request) {}

  base::Result<Page> run() {
    const twin::History& history = exchange_.tenant.history;
    if (!request_.urns.empty()) {
      std::vector<std::string> urns = request_.urns;
      std::ranges::sort(urns);
      const auto same = std::ranges::unique(urns);
      urns.erase(same.begin(), same.end());
      for (const std::string& urn : urns) {
        if (!take(urn)) break;
      }
    } else {
      const auto& types = request_.filter.types;
      TRY(history.each(types.size() == 1 ? types.front() : flow::Name{}, {},
                       [this](const std::string& urn) { return take(urn); }));
    }
    TRY(status_);
    return std::move(page_);
  }

 private:
  bool take(const std::string& urn) {
    if (urn.empty()) return true;
    auto selected = read(exchange_, urn, request_, instances_max_);
    if (!selected) {
      status_ = std::unexpected(selected.error());
      return false;
    }
    if (!*selected || !(*selected)->in_stretch || !matcher_.matches(**selected)) return true;
    const std::size_t nth = page_.matched++;
    const auto& [offset, limit] = std::tie(request_.filter.offset, request_.filter.limit);
    if (nth >= offset && page_.entities.size() < limit) page_.entities.push_back(std::move(**selected));
    else if (nth >= offset) page_.more = true;
    return request_.filter.count || !page_.more;
  }

  const Exchange& exchange_;
  const TemporalRequest& request_;
  const std::size_t instances_max_;
  TemporalMatcher matcher_;
  Page page_;
  base::Status status_;
};

std::string page_link(const net::Request& request, std::size_t offset, std::string_view relation) {
  std::string out = fmt::format("<{}?", request.path);
  for (const auto& [name, value] : request.query) {
    if (name != "offset") out += fmt::format("{}={}&", name, net::percent_encode(value));
  }
  return out + fmt::format("offset={}>;rel=\"{}\"", offset, relation);
}

void query(const TemporalRoutes& on, const Exchange& exchange, const base::Result<TemporalRequest>& request,
           Reply reply) {
  if (!request) return reply(problem(request.error()));
  catch_up(exchange);
  const auto& filter = request->filter;
  const std::size_t most = share(on.instances_max, filter.limit);
  auto page = Query(exchange, *request, most).run();
  if (!page) return reply(problem(page.error()));
  Response response = answer(exchange, *request, std::move(page->entities), true, most);
  if (filter.count) response.headers.emplace_back("NGSILD-Results-Count", fmt::format("{}", page->matched));
  if (page->more && filter.limit > 0) {
    response.headers.emplace_back("Link", page_link(*exchange.request, filter.offset + filter.limit, "next"));
  }
  if (filter.offset > 0 && filter.limit > 0) {
    const std::size_t before = filter.offset > filter.limit ? filter.offset - filter.limit : 0;
    response.headers.emplace_back("Link", page_link(*exchange.request, before, "prev"));
  }
  reply(std::move(response));
}

void query_by_parameters(const TemporalRoutes& on, const Exchange& exchange, Reply reply) {
  query(on, exchange, temporal_query(exchange), std::move(reply));
}

void query_by_body(const TemporalRoutes& on, const Exchange& exchange, Reply reply) {
  query(on, exchange, temporal_body_query(exchange), std::move(reply));
}

}  // namespace

void TemporalRoutes::add_to(net::Router& router) const {
  using net::Method;
  const std::string base = "/ngsi-ld/v1/temporal";
  const auto bind = binder(desk, *this);
  const Permission read = Permission::read_city;
  router.add(Method::get, base + "/entities",
             bind({.permission = read, .parameters = temporal_query_parameters()}, query_by_parameters));
  router.add(Method::get, base + "/entities/{id}",
             bind({.permission = read, .parameters = temporal_read_parameters()}, retrieve));
  router.add(Method::post, base + "/entityOperations/query",
             bind({.permission = read, .body = true, .parameters = temporal_query_parameters()}, query_by_body));
  add_temporal_writes(desk, router);
}

}  // namespace cityloop::broker
