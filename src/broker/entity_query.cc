#include "broker/entity_query.h"

#include <algorithm>

#include "broker/entity_map_routes.h"
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

void give(const Exchange& exchange, const Form& form, const Paging& paging, twin::QueryPage page, Headers headers,
          Reply& reply, int status = 200, bool more_to_come = false) {
  const bool more = page.entities.size() > paging.limit || more_to_come;
  if (page.entities.size() > paging.limit) page.entities.resize(paging.limit);
  Response response = exchange.answer(status, written(exchange, form, page.entities));
  if (page.total) response.headers.emplace_back("NGSILD-Results-Count", fmt::format("{}", *page.total));
  for (auto& link : page_links(*exchange.request, paging.limit, paging.offset, more)) {
    response.headers.push_back(std::move(link));
  }
  for (auto& header : headers) response.headers.push_back(std::move(header));
  reply(std::move(response));
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
    const auto done = [kept, filter, form, shared, headers, in_use = *got](base::Result<Queried> queried) {
      if (!queried) return (*shared)(problem(queried.error()));
      const std::size_t all = in_use.map->entries.size();
      if (filter.count) queried->page.total = all;
      Headers more = headers;
      for (auto& header : queried->headers) more.push_back(std::move(header));
      give(kept, form, {filter.limit, filter.offset, filter.count}, std::move(queried->page), std::move(more), *shared,
           in_use.fresh ? 201 : 200, filter.offset + filter.limit < all);
    };
    query_by_map(federation, kept, operation, filter, *got->map, done);
  };
  map_for(federation, kept, operation, filter, wish, page);
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
    return give(exchange, form, paging, std::move(*page), {}, reply);
  }
  if (auto loop = federation.refuse_loop(exchange)) return reply(std::move(*loop));
  auto shared = std::make_shared<Reply>(std::move(reply));
  const Exchange kept = exchange.kept();
  federation.query(kept, operation, interest_of(kept), std::move(filter),
                   [kept, form = std::move(form), paging, shared](base::Result<Queried> got) {
                     if (!got) return (*shared)(problem(got.error()));
                     give(kept, form, paging, std::move(got->page), std::move(got->headers), *shared);
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
