#include "civic/settings_routes.h"

#include "serve/respond.h"
#include "serve/views.h"

namespace cityloop::civic {
namespace {

void show(const SettingsRoutes& routes, const serve::Call&, net::Reply reply) {
  const Office& on = routes.on;
  const CivicSettings& settings = on.settings();
  base::JsonWriter out;
  out.object().field("version", settings.version);
  serve::write_time(out, "since", on.in_force.since());
  out.field("mistakes", routes.mistakes()).key("services").array();
  for (const Service& one : settings.services) {
    serve::write(out.object().field("code", one.code).key("name"), one.name);
    out.end();
  }
  out.end().key("surveys").array();
  for (const Survey& one : settings.surveys) {
    serve::write(out.object().field("id", one.id).key("name"), one.name);
    out.end();
  }
  out.end().field("push", settings.push.on()).field("mail", !settings.mail.server.empty()).end();
  reply(serve::json_response(out));
}

}  // namespace

void SettingsRoutes::add_to(net::Router& router) const {
  router.add(
      net::Method::get, "/api/v1/civic-settings",
      on.guard.require(trust::Permission::read_cases, [family = *this](const serve::Call& call, net::Reply reply) {
        show(family, call, std::move(reply));
      }));
}

}  // namespace cityloop::civic
