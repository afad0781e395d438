#include "serve/package_routes.h"

#include "serve/respond.h"

namespace cityloop::serve {
namespace {

void list(const PackageRoutes& on, const net::Request& request, net::Reply reply) {
  if (on.guard.identify(request).kind == trust::PrincipalKind::anonymous)
    return reply(net::problem(401, "not signed in", "sign in first, or show a token"));
  base::JsonWriter out;
  out.array();
  for (const std::string& name : on.names) out.object().field("name", name).end();
  out.end();
  reply(json_response(out));
}

}  // namespace

void PackageRoutes::add_to(net::Router& router) const {
  router.add(net::Method::get, "/api/v1/packages",
             [on = *this](const net::Request& request, net::Reply reply) { list(on, request, std::move(reply)); });
}

}  // namespace cityloop::serve
