#include "broker/temporal/routes.h"

#include "twin/ngsi/ngsi.h"

namespace cityloop::broker {
namespace {

using base::Errc;
using net::Reply;
using trust::Permission;

void retrieve(const TemporalRoutes& on, const Exchange& exchange, Reply reply) {
  const std::string_view urn = exchange.part("id");
  if (!twin::is_uri(urn)) return reply(problem({Errc::invalid, fmt::format("'{}' is no URI", urn)}));
  on.reader().retrieve(exchange, std::move(reply));
}

void query_by_parameters(const TemporalRoutes& on, const Exchange& exchange, Reply reply) {
  on.reader().query(exchange, temporal_query, std::move(reply));
}

void query_by_body(const TemporalRoutes& on, const Exchange& exchange, Reply reply) {
  on.reader().query(exchange, temporal_body_query, std::move(reply));
}

void map_by_parameters(const TemporalRoutes& on, const Exchange& exchange, Reply reply) {
  on.reader().make_map(exchange, temporal_query, std::move(reply));
}

void map_by_body(const TemporalRoutes& on, const Exchange& exchange, Reply reply) {
  on.reader().make_map(exchange, temporal_body_query, std::move(reply));
}

}  // namespace

void TemporalRoutes::add_to(net::Router& router) const {
  using net::Method;
  const std::string base = "/ngsi-ld/v1/temporal";
  const auto bind = binder(desk, *this);
  const Expect one{.permission = Permission::read_city, .parameters = temporal_read_parameters()};
  const Expect many{.permission = Permission::read_city, .parameters = temporal_query_parameters()};
  Expect body = many;
  body.body = true;
  router.add(Method::get, base + "/entities", bind(many, query_by_parameters));
  router.add(Method::get, base + "/entities/{id}", bind(one, retrieve));
  router.add(Method::post, base + "/entityOperations/query", bind(body, query_by_body));
  router.add(Method::get, base + "/entityMaps", bind(many, map_by_parameters));
  router.add(Method::post, base + "/entityMaps", bind(body, map_by_body));
  add_temporal_writes(*this, router);
}

}  // namespace cityloop::broker
