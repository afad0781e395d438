#include "serve/notice_routes.h"

#include "flow/noun.h"
#include "serve/city.h"
#include "serve/respond.h"

namespace cityloop::serve {
namespace {

using flow::operator""_name;
using trust::Permission;

// By id, by role, by department, by crew, or by being on duty; never of a case in an area that is not theirs.
NoticeIndex::Wish wish_of(const NoticeRoutes& on, const trust::Principal& principal, const PageWish& page) {
  NoticeIndex::Wish out;
  out.to = {principal.roles.begin(), principal.roles.end()};
  out.to.insert(principal.id);
  if (!principal.department.empty()) out.to.insert(principal.department);
  if (on.duty) {
    for (std::string& address : on.duty->addresses_of(principal.id)) out.to.insert(std::move(address));
  }
  out.areas = {principal.areas.begin(), principal.areas.end()};
  out.skip = page.skip;
  out.limit = page.limit;
  return out;
}

void list_notices(const NoticeRoutes& on, const Call& call, net::Reply reply) {
  const auto page = PageWish::of(call.request);
  if (!page) return reply(net::problem(page.error()));
  const NoticeIndex::Page found = on.index.find(wish_of(on, call.principal, *page));
  base::JsonWriter out;
  out.object().key("notices").array();
  for (const flow::EntityId id : found.notices) {
    const flow::EntityPtr one = on.twin.get(id);
    if (!one) continue;  // it has just gone with its case
    out.object().field("id", id.text()).field("case", one->text("about"_name)).field("to", one->text("to"_name));
    out.field("at", one->text("at"_name));
    write(out.key("text"), flow::language_field(*one, "text"));
    out.end();
  }
  out.end().key("next");
  if (const std::size_t end = page->skip + found.notices.size(); end < found.total) out.text(fmt::format("{}", end));
  else out.null();
  out.field("total", found.total).end();
  reply(json_response(out));
}

}  // namespace

void NoticeRoutes::add_to(net::Router& router) const {
  router.add(net::Method::get, "/api/v1/notices", binder(*this)(Permission::read_cases, list_notices));
}

}  // namespace cityloop::serve
