#include "broker/entity_query.h"

#include <algorithm>

#include "broker/entity_map_query.h"
#include "broker/linked.h"
#include "broker/paging.h"

namespace cityloop::broker {
namespace {

using base::Errc;
using net::Reply;
using net::Response;

// `limit` one more than asked, so that the page knows whether another one follows.
struct Paging {
  std::size_t limit, offset;
  bool count;
};

// A page that has been found, and what stands beside it.
struct Found {
  twin::QueryPage page;
  Headers headers;
  int status{200};
  bool more{false};  // pages follow
};

Response answer(const Exchange& exchange, const Form& form, const Paging& paging, const Found& found,
                const LinkedEntities& linked) {
  Response response = exchange.answer(found.status, written(exchange, form, found.page.entities, linked));
  if (found.page.total) response.headers.emplace_back("NGSILD-Results-Count", fmt::format("{}", *found.page.total));
  for (auto& link : page_links(*exchange.request, paging.limit, paging.offset, found.more)) {
    response.headers.push_back(std::move(link));
  }
  response.headers.insert(response.headers.end(), found.headers.begin(), found.headers.end());
  return response;
}

void give(const Federation& federation, const Exchange& exchange, const Form& form, const Paging& paging, Found found,
          Reply reply) {
  found.more |= found.page.entities.size() > paging.limit;
  if (found.page.entities.size() > paging.limit) found.page.entities.resize(paging.limit);
  if (!asks_for_linked(federation, exchange, form)) return reply(answer(exchange, form, paging, found, {}));
  auto shared = std::make_shared<Reply>(std::move(reply));
  const Exchange kept = exchange.kept();
  const auto entities = found.page.entities;
  gather_linked(federation, kept, form, entities,
                [kept, form, paging, found = std::move(found), shared](const LinkedEntities& linked, Headers more) {
                  Response response = answer(kept, form, paging, found, linked);
                  for (auto& header : more) response.headers.push_back(std::move(header));
                  (*shared)(std::move(response));
                });
}

}  // namespace

void answer_by_map(const Federation& federation, const Exchange& exchange, Operation operation,
                   const twin::EntityFilter& filter, Form form, const MapWish& wish, Reply reply) {
  if (auto refusal = check_limit(filter)) return reply(std::move(*refusal));
  if (auto loop = federation.refuse_loop(exchange)) return reply(std::move(*loop));
  auto shared = std::make_shared<Reply>(std::move(reply));
  const Exchange kept = exchange.kept();
  const auto page = [&federation, kept, operation, filter, form = std::move(form), shared](base::Result<MapInUse> got) {
    if (!got) return (*shared)(problem(got.error()));
    Headers headers = std::move(got->headers);
    headers.emplace_back("NGSILD-EntityMap", entity_map_location(got->map->id));
    const auto done = [&federation, kept, filter, form, shared, headers, in_use = *got](base::Result<Queried> queried) {
      if (!queried) return (*shared)(problem(queried.error()));
      const std::size_t all = in_use.map->entries.size();
      if (filter.count) queried->page.total = all;
      Headers more = headers;
      for (auto& header : queried->headers) more.push_back(std::move(header));
      give(federation, kept, form, {filter.limit, filter.offset, filter.count},
           {std::move(queried->page), std::move(more), in_use.fresh ? 201 : 200, filter.offset + filter.limit < all},
           std::move(*shared));
    };
    query_by_map(federation, kept, operation, filter, *got->map, done);
  };
  map_for(federation, kept, map_of_entities(kept, operation, filter), wish, page);
}

void answer_query(const Federation& federation, const Exchange& exchange, Operation operation,
                  twin::EntityFilter filter, Form form, Reply reply) {
  if (auto refusal = check_limit(filter)) return reply(std::move(*refusal));
  const Paging paging{filter.limit, filter.offset, filter.count};
  filter.public_only = true;
  if (filter.limit > 0) ++filter.limit;
  if (filter.every_type || !federation.concerns(exchange)) {
    auto page = exchange.tenant.twin.query(filter);
    if (!page) return reply(problem(page.error()));
    return give(federation, exchange, form, paging, {std::move(*page), {}}, std::move(reply));
  }
  if (auto loop = federation.refuse_loop(exchange)) return reply(std::move(*loop));
  auto shared = std::make_shared<Reply>(std::move(reply));
  const Exchange kept = exchange.kept();
  federation.query(kept, operation, interest_of(kept), std::move(filter),
                   [&federation, kept, form = std::move(form), paging, shared](base::Result<Queried> got) {
                     if (!got) return (*shared)(problem(got.error()));
                     give(federation, kept, form, paging, {std::move(got->page), std::move(got->headers)},
                          std::move(*shared));
                   });
}

void query_entities(const Federation& federation, const Exchange& exchange, Reply reply) {
  const twin::Argument argument = [&](std::string_view name) { return exchange.argument(name); };
  auto form = form_of(exchange);
  if (!form) return reply(problem(form.error()));
  auto filter = twin::parse_filter(argument, exchange.context.get());
  if (!filter) return reply(problem(filter.error()));
  if (const auto ok = check_selective(*filter, argument, form->link_depth()); !ok) return reply(problem(ok.error()));
  const auto wish = MapWish::of(exchange, argument);
  if (!wish) return reply(problem(wish.error()));
  if (wish->any()) {
    return answer_by_map(federation, exchange, Operation::query_entity, *filter, std::move(*form), *wish,
                         std::move(reply));
  }
  answer_query(federation, exchange, Operation::query_entity, std::move(*filter), std::move(*form), std::move(reply));
}

base::Result<twin::EntityFilter> filter_of(const Exchange& exchange, const BodyQuery& query, int link_depth) {
  const twin::Argument argument = [&](std::string_view name) -> std::optional<std::string_view> {
    if (name == "limit" || name == "offset" || name == "count" || name == "local") return exchange.argument(name);
    return query.argument(name);
  };
  twin::EntityFilter filter = TRY(twin::parse_filter(argument, exchange.context.get()));
  take_selectors(query, filter);
  const auto named = [](const twin::EntitySelector& s) { return !s.id.empty() || s.id_unknown; };
  if (!filter.selectors.empty() && std::ranges::all_of(filter.selectors, named)) {
    for (const twin::EntitySelector& selector : filter.selectors) filter.ids.push_back(selector.id);
  }
  TRY(check_selective(filter, argument, link_depth));
  return filter;
}

void query_by_body(const Federation& federation, const Exchange& exchange, Reply reply) {
  const auto query = BodyQuery::parse(exchange);
  if (!query) return reply(problem(query.error()));
  auto form = form_of(exchange, [&](std::string_view name) { return query->argument(name); });
  if (!form) return reply(problem(form.error()));
  auto filter = filter_of(exchange, *query, form->link_depth());
  if (!filter) return reply(problem(filter.error()));
  const auto wish = MapWish::of(exchange, [&](std::string_view name) { return query->argument(name); });
  if (!wish) return reply(problem(wish.error()));
  if (wish->any()) {
    return answer_by_map(federation, exchange, Operation::query_batch, *filter, std::move(*form), *wish,
                         std::move(reply));
  }
  answer_query(federation, exchange, Operation::query_batch, std::move(*filter), std::move(*form), std::move(reply));
}

}  // namespace cityloop::broker
