#include "serve/guard.h"

#include <algorithm>

#include "trust/grants.h"

namespace cityloop::serve {
namespace {

using base::Errc;
using base::fail;
using trust::Permission;
using trust::Principal;

constexpr std::string_view kBearer = "Bearer ";

bool changes_something(net::Method method) {
  return method != net::Method::get && method != net::Method::head && method != net::Method::options;
}

// A browser says where a page that asks comes from; whoever is no browser says nothing.
bool from_another_site(const net::Request& request) {
  const std::string_view origin = request.header("origin"), host = request.header("host");
  return !origin.empty() && !origin.ends_with(fmt::format("//{}", host));
}

}  // namespace

base::Status check_same_site(const net::Request& request) {
  if (request.header("x-cityloop-client").empty()) {
    return fail(Errc::refused, "a signed-in browser's request must carry the header X-Cityloop-Client");
  }
  return {};
}

Principal Guard::identify(const net::Request& request) const {
  if (const std::string_view given = request.header("authorization"); given.starts_with(kBearer)) {
    return accounts_.by_token(given.substr(kBearer.size())).value_or(Principal{});
  }
  if (const std::string_view session = request.cookie(kSessionCookie); !session.empty()) {
    return of_session(session);
  }
  return {};
}

// A right that holds only in one's own department or areas opens the door; the handler then asks about the thing
// itself.
base::Status Guard::admit(const net::Request& request, const Principal& principal, Permission permission) const {
  if (is_open_to(principal, permission)) {
    if (!changes_something(request.method) || !from_another_site(request)) return {};
    return fail(Errc::refused, "a page of another site may not write here");
  }
  const trust::Scope own{principal.department, principal.areas.empty() ? std::string_view{} : principal.areas.front()};
  TRY(policy_.check(principal, permission, own));
  const bool by_cookie = request.header("authorization").empty();
  if (by_cookie && changes_something(request.method)) TRY(check_same_site(request));
  return {};
}

bool Guard::is_open_to(const Principal& principal, Permission permission) const {
  constexpr auto kOpen =
      trust::PermissionSet::of(Permission::read_city, Permission::write_entities, Permission::subscribe);
  return access_ == Access::open && principal.kind == trust::PrincipalKind::anonymous && kOpen.has(permission);
}

net::Handler Guard::require(Permission permission, CallHandler handler) const {
  return [this, permission, handler = std::move(handler)](const net::Request& request, net::Reply reply) {
    Call call{request, identify(request)};
    if (const auto admitted = admit(request, call.principal, permission); !admitted) {
      return reply(net::problem(admitted.error()));
    }
    handler(call, std::move(reply));
  };
}

net::WebSocketHandler Guard::require_socket(Permission permission, CallSocket handler) const {
  return [this, permission, handler = std::move(handler)](
             const net::Request& request,
             std::shared_ptr<net::WebSocket> socket) -> std::expected<net::WebSocketEvents, net::Response> {
    Call call{request, identify(request)};
    if (const auto admitted = admit(request, call.principal, permission); !admitted) {
      return std::unexpected(net::problem(admitted.error()));
    }
    // A page of another site may open a socket with our cookie; its Origin gives it away.
    if (from_another_site(request)) {
      return std::unexpected(net::problem(403, "refused", "a web socket from another site"));
    }
    return handler(call, std::move(socket));
  };
}

}  // namespace cityloop::serve
