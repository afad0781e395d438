#include "broker/temporal/routes.h"

#include <algorithm>

#include "broker/paging.h"
#include "broker/temporal/answer.h"

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

// Here alone, or together with what sources know. `local` is checked already.
using Work = void (*)(const TemporalRoutes&, const Exchange&, const TemporalRequest&, Reply);
template <class Read>
void carry_out(const TemporalRoutes& on, const Exchange& exchange, Operation operation, const Read& read, Work work,
               Reply reply) {
  const base::Result<TemporalRequest> request = read(exchange);
  if (!request) return reply(problem(request.error()));
  if (auto refusal = check_limit(request->filter)) return reply(std::move(*refusal));
  if (request->filter.every_type || !on.federation.concerns(exchange))
    return work(on, exchange, *request, std::move(reply));
  if (auto loop = on.federation.refuse_loop(exchange)) return reply(std::move(*loop));
  const auto local = [on, read, work](const Exchange& mine, Reply answer) {
    const base::Result<TemporalRequest> again = read(mine);
    if (!again) return answer(problem(again.error()));
    work(on, mine, *again, std::move(answer));
  };
  on.federation.temporal(exchange, operation, local, std::move(reply));
}

void answer_retrieval(const TemporalRoutes& on, const Exchange& exchange, const TemporalRequest& request, Reply reply) {
  const std::string urn(exchange.part("id"));
  catch_up(exchange);
  const std::size_t most = on.instances_max;
  auto selected = read(exchange, urn, request, most);
  if (!selected) return reply(problem(selected.error()));
  if (!*selected) {
    return reply(problem({Errc::not_found, fmt::format("history knows no entity '{}'", urn)}));
  }
  std::vector<Selected> one;
  one.push_back(std::move(**selected));
  reply(answer(exchange, request, std::move(one), false, most));
}

void retrieve(const TemporalRoutes& on, const Exchange& exchange, Reply reply) {
  const std::string_view urn = exchange.part("id");
  if (!twin::is_uri(urn)) return reply(problem({Errc::invalid, fmt::format("'{}' is no URI", urn)}));
  carry_out(on, exchange, Operation::retrieve_temporal, temporal_retrieval, answer_retrieval, std::move(reply));
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
    std::vector<std::string> urns = request_.urns;
    const auto& [types, order] = std::tie(request_.filter.types, request_.filter.order);
    const bool backwards = !order.empty() && order.front().descending;
    if (urns.empty()) {
      TRY(exchange_.tenant.history.each(types.size() == 1 ? types.front() : flow::Name{}, {},
                                        [&](const std::string& urn) {
                                          if (!backwards) return take(urn);
                                          urns.push_back(urn);
                                          return true;
                                        }));
    }
    std::ranges::sort(urns);
    const auto same = std::ranges::unique(urns);
    urns.erase(same.begin(), same.end());
    if (backwards) std::ranges::reverse(urns);
    for (const std::string& urn : urns) {
      if (!take(urn)) break;
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

void answer_query(const TemporalRoutes& on, const Exchange& exchange, const TemporalRequest& request, Reply reply) {
  catch_up(exchange);
  const auto& filter = request.filter;
  const std::size_t most = share(on.instances_max, filter.limit);
  auto page = Query(exchange, request, most).run();
  if (!page) return reply(problem(page.error()));
  if (const auto ok = check_aggregation(page->entities, request); !ok) return reply(problem(ok.error()));
  Response response = answer(exchange, request, std::move(page->entities), true, most);
  if (filter.count) response.headers.emplace_back("NGSILD-Results-Count", fmt::format("{}", page->matched));
  for (auto& link : page_links(*exchange.request, filter.limit, filter.offset, page->more)) {
    response.headers.push_back(std::move(link));
  }
  reply(std::move(response));
}

void query_by_parameters(const TemporalRoutes& on, const Exchange& exchange, Reply reply) {
  carry_out(on, exchange, Operation::query_temporal, temporal_query, answer_query, std::move(reply));
}

void query_by_body(const TemporalRoutes& on, const Exchange& exchange, Reply reply) {
  carry_out(on, exchange, Operation::query_temporal, temporal_body_query, answer_query, std::move(reply));
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
