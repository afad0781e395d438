#include "serve/finding_routes.h"

#include "flow/own_types.h"
#include "serve/respond.h"
#include "serve/views.h"

namespace cityloop::serve {
namespace {

using flow::Finding;
using flow::Name;
using net::Reply;

void list_findings(const twin::Twin& twin, const Call& call, Reply reply) {
  const auto wish = PageWish::of(call.request);
  if (!wish) return reply(net::problem(wish.error()));
  const auto argument = [&](std::string_view name) { return call.request.argument(name).value_or(""); };
  const auto fits = [](std::string_view wanted, std::string_view value) { return wanted.empty() || wanted == value; };
  const auto findings = all_of<Finding>(twin, flow::kFindingType, flow::finding_from, [&](const flow::Entity& entity) {
    return fits(argument("status"), entity.text(Name("status"))) && fits(argument("rule"), entity.text(Name("rule"))) &&
           fits(argument("entity"), entity.text(Name("about")));
  });
  base::JsonWriter out;
  out.object();
  write_page(out, "findings", findings, *wish,
             [&](const Finding& finding) { write(out, finding, Names{twin, language_of(call.request)}); });
  out.end();
  reply(json_response(out));
}

void show_finding(const twin::Twin& twin, const Call& call, Reply reply) {
  const std::string_view id = path_part(call, "id");
  const flow::EntityPtr entity = twin.get(flow::EntityId::lookup(id));
  if (!entity || !entity->is_a(flow::kFindingType)) {
    return reply(net::problem(404, "not found", fmt::format("there is no finding '{}'", id)));
  }
  const auto finding = flow::finding_from(*entity);
  if (!finding) return reply(net::problem(finding.error()));
  base::JsonWriter out;
  write(out, *finding, Names{twin, language_of(call.request)});
  reply(json_response(out));
}

}  // namespace

void FindingRoutes::add_to(net::Router& router) const {
  const auto& t = twin;
  router.add(net::Method::get, "/api/v1/findings",
             guard.require(trust::Permission::read_city,
                           [&t](const Call& call, Reply reply) { list_findings(t, call, std::move(reply)); }));
  router.add(net::Method::get, "/api/v1/findings/{id}",
             guard.require(trust::Permission::read_city,
                           [&t](const Call& call, Reply reply) { show_finding(t, call, std::move(reply)); }));
}

}  // namespace cityloop::serve
