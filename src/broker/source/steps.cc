#include "broker/source/steps.h"

#include "twin/ngsi/ngsi.h"

namespace cityloop::broker {

using base::Errc;
using base::fail;
using base::JsonValue;
using net::Response;

base::Result<std::string_view> uri_in_path(const Exchange& exchange) {
  const std::string_view id = exchange.part("id");
  if (!twin::is_uri(id)) return fail(Errc::invalid, "'{}' is no URI", id);
  return id;
}

base::Result<JsonValue> object_in_body(const Exchange& exchange) {
  auto body = JsonValue::parse(exchange.request->body);
  if (!body) return fail(Errc::malformed, "{}", body.error().message);
  if (!body->object()) return fail(Errc::invalid, "the body must be a JSON object");
  return std::move(*body);
}

base::Error absent(std::string_view what, std::string_view id) {
  return {Errc::not_found, fmt::format("there is no {} '{}'", what, id)};
}

Response created(const Exchange& exchange, std::string_view root, std::string_view id) {
  Response out = empty(201);
  out.headers.emplace_back("Location", fmt::format("{}/{}", root, id));
  if (!exchange.tenant.name.empty()) out.headers.emplace_back("NGSILD-Tenant", exchange.tenant.name);
  return out;
}

void keep(const Exchange& exchange, flow::Write write, Response success, net::Reply reply) {
  twin::Commit commit;
  commit.origin = flow::Name(exchange.principal.id);
  commit.writes.push_back(std::move(write));
  auto shared = std::make_shared<net::Reply>(std::move(reply));
  exchange.tenant.twin.submit(std::move(commit), [shared, success = std::move(success)](twin::CommitResult result) {
    if (!result.status) return (*shared)(disk_problem(result.status.error()));
    if (!result.writes.front()) return (*shared)(problem(result.writes.front().error()));
    (*shared)(success);
  });
}

}  // namespace cityloop::broker
