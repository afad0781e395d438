#include "broker/temporal/reader.h"

#include <algorithm>

#include "broker/paging.h"
#include "broker/temporal/find.h"

namespace cityloop::broker {
namespace {

using base::Errc;
using net::Reply;
using net::Response;

constexpr std::size_t kInstancesAtOnce = 4'000'000;  // of all entities of an answer, taken together

// How many instances of an attribute an answer of so many entities may have.
std::size_t share(std::size_t instances_max, std::size_t entities) {
  return std::clamp(kInstancesAtOnce / (8 * std::max<std::size_t>(entities, 1)), std::size_t(1), instances_max);
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

Response one_here(const Exchange& exchange, const TemporalRequest& request, std::size_t instances_max) {
  const std::string urn(exchange.part("id"));
  catch_up(exchange.tenant);
  auto selected = find_history(exchange.tenant, urn, request, instances_max);
  if (!selected) return problem(selected.error());
  if (!*selected) return problem({Errc::not_found, fmt::format("history knows no entity '{}'", urn)});
  std::vector<Selected> one;
  one.push_back(std::move(**selected));
  return answer(exchange, request, std::move(one), false, instances_max);
}

Response page_here(const Exchange& exchange, const TemporalRequest& request, std::size_t instances_max) {
  catch_up(exchange.tenant);
  const auto& filter = request.filter;
  const std::size_t most = share(instances_max, filter.limit);
  auto page = find_histories(exchange.tenant, request, most);
  if (!page) return problem(page.error());
  if (const auto ok = check_aggregation(page->entities, request); !ok) return problem(ok.error());
  Response response = answer(exchange, request, std::move(page->entities), true, most);
  if (filter.count) response.headers.emplace_back("NGSILD-Results-Count", fmt::format("{}", page->matched));
  for (auto& link : page_links(*exchange.request, filter.limit, filter.offset, page->more)) {
    response.headers.push_back(std::move(link));
  }
  return response;
}

// Narrows a request that was read to those of one page of a map.
void narrow_to(const std::vector<std::string>& page, TemporalRequest& request) {
  request.urns = page;
  request.in_order = true;
  request.filter.offset = 0;
  request.filter.limit = page.size();
  request.filter.count = false;
}

// Here alone, or together with what sources know. The request is one that was read of the exchange.
using Work = Response (*)(const Exchange&, const TemporalRequest&, std::size_t instances_max);
void carry_out(const HistoryReader& reader, const Exchange& exchange, const TemporalRequest& request,
               const TemporalAsked& asked, ReadTemporal read, Work work, Reply reply) {
  const std::size_t most = reader.instances_max;
  if (request.filter.every_type || !reader.federation.concerns(exchange)) return reply(work(exchange, request, most));
  if (auto loop = reader.federation.refuse_loop(exchange)) return reply(std::move(*loop));
  const auto local = [read, work, page = asked.page, most](const Exchange& mine, Reply answer) {
    base::Result<TemporalRequest> again = read(mine);
    if (!again) return answer(problem(again.error()));
    if (!page.empty()) narrow_to(page, *again);
    answer(work(mine, *again, most));
  };
  reader.federation.temporal(exchange, asked, local, std::move(reply));
}

// One page of a map, and what stands beside it.
void answer_by_map(const HistoryReader& reader, const Exchange& exchange, const TemporalRequest& request,
                   ReadTemporal read, Reply reply) {
  if (auto loop = reader.federation.refuse_loop(exchange)) return reply(std::move(*loop));
  auto shared = std::make_shared<Reply>(std::move(reply));
  const Exchange kept = exchange.kept();
  const std::size_t offset = request.filter.offset, limit = request.filter.limit;
  const bool count = request.filter.count;
  map_for(reader.federation, kept, reader.map_of(kept, request), request.map,
          [reader, kept, read, offset, limit, count, shared](base::Result<MapInUse> got) {
            if (!got) return (*shared)(problem(got.error()));
            const std::size_t all = got->map->entries.size();
            const auto told = [=, in_use = *got](Response response) {
              if (response.status == 200 && in_use.fresh) response.status = 201;
              const auto& headers = in_use.headers;
              response.headers.insert(response.headers.end(), headers.begin(), headers.end());
              response.headers.emplace_back("NGSILD-EntityMap", entity_map_location(in_use.map->id));
              if (count) response.headers.emplace_back("NGSILD-Results-Count", fmt::format("{}", all));
              for (auto& link : page_links(*kept.request, limit, offset, offset + limit < all)) {
                response.headers.push_back(std::move(link));
              }
              (*shared)(std::move(response));
            };
            reader.give_page(kept, read, *got->map, std::min(offset, all), std::min(offset + limit, all), Reply(told));
          });
}

}  // namespace

void HistoryReader::retrieve(const Exchange& exchange, Reply reply) const {
  const auto request = temporal_retrieval(exchange);
  if (!request) return reply(problem(request.error()));
  TemporalAsked asked{Operation::retrieve_temporal, interest_of(exchange)};
  Selector one{std::string(exchange.part("id")), "", {}};
  if (!asked.interest.entities.empty()) one.types = asked.interest.entities.front().types;
  asked.interest.entities = {std::move(one)};
  carry_out(*this, exchange, *request, asked, temporal_retrieval, one_here, std::move(reply));
}

void HistoryReader::query(const Exchange& exchange, ReadTemporal read, Reply reply) const {
  const auto request = read(exchange);
  if (!request) return reply(problem(request.error()));
  if (auto refusal = check_limit(request->filter)) return reply(std::move(*refusal));
  if (request->map.any()) return answer_by_map(*this, exchange, *request, read, std::move(reply));
  carry_out(*this, exchange, *request, {Operation::query_temporal, interest_of(exchange)}, read, page_here,
            std::move(reply));
}

void HistoryReader::make_map(const Exchange& exchange, ReadTemporal read, Reply reply) const {
  const base::Result<TemporalRequest> request = read(exchange);
  if (!request) return reply(problem(request.error()));
  if (auto loop = federation.refuse_loop(exchange)) return reply(std::move(*loop));
  answer_with_map(federation, exchange, map_of(exchange, *request), request->map, std::move(reply));
}

MapOf HistoryReader::map_of(const Exchange& exchange, const TemporalRequest& request) const {
  const Tenant* const tenant = &exchange.tenant;
  return {Operation::query_temporal, request.filter, [tenant, request](EntityMap& map) -> base::Status {
            catch_up(*tenant);
            return each_history(*tenant, request, kInstancesUsual, [&](const Selected& selected) {
              map.add(selected.urn, kHeldHere);
              return map.entries.size() <= kMapEntriesMax;
            });
          }};
}

void HistoryReader::give_page(const Exchange& exchange, ReadTemporal read, const EntityMap& map, std::size_t from,
                              std::size_t to, Reply reply) const {
  auto request = read(exchange);
  if (!request) return reply(problem(request.error()));
  if (from == to) return reply(exchange.answer(200, "[]"));
  TemporalAsked asked{Operation::query_temporal, narrowed(interest_of(exchange), map, from, to)};
  for (std::size_t i = from; i < to; ++i) asked.page.push_back(map.entries[i].entity);
  narrow_to(asked.page, *request);
  carry_out(*this, exchange, *request, asked, read, page_here, std::move(reply));
}

}  // namespace cityloop::broker
