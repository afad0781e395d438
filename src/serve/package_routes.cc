#include "serve/package_routes.h"

#include "serve/respond.h"

namespace cityloop::serve {
namespace {

void list(const PackageRoutes& on, const Call&, net::Reply reply) {
  base::JsonWriter out;
  out.array();
  for (const std::string& name : on.names) out.object().field("name", name).end();
  out.end();
  reply(json_response(out));
}

}  // namespace

void PackageRoutes::add_to(net::Router& router) const {
  router.add(net::Method::get, "/api/v1/packages", binder(*this)(trust::Permission::read_city, list));
}

}  // namespace cityloop::serve
