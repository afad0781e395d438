#include "serve/session_routes.h"

#include "base/json_value.h"
#include "trust/enrolment.h"

namespace cityloop::serve {
namespace {

using base::Errc;
using net::Method;
using net::Reply;
using net::Request;
using net::Response;

void write_texts(base::JsonWriter& out, std::string_view key, const std::vector<std::string>& texts) {
  out.key(key).array();
  for (const std::string& text : texts) out.text(text);
  out.end();
}

Response session_response(const Guard& guard, const trust::Principal& principal) {
  base::JsonWriter out;
  out.object().key("user").object().field("id", principal.id);
  write(out.key("name"), principal.name);
  write_texts(out, "roles", principal.roles);
  out.field("department", principal.department);
  write_texts(out, "areas", principal.areas);
  out.end().key("permissions").array();
  for (const trust::Permission permission : guard.policy().granted(principal)) out.text(to_string(permission));
  out.end().end();
  Response response;
  response.body = out.take();
  return response;
}

std::string cookie(std::string_view value, bool secure, bool gone) {
  return fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict{}{}", kSessionCookie, value, secure ? "; Secure" : "",
                     gone ? "; Max-Age=0" : "");
}

// Whose account is called by an address may write it with capitals, as phones do of themselves.
std::string user_of(const Guard& guard, std::string user) {
  if (!user.empty() && user.find(':') == std::string::npos) user = "user:" + user;
  const bool address = user.starts_with("user:") && user.find('@') != std::string::npos;
  return address && !guard.accounts().find(user) ? trust::user_of_address(std::string_view(user).substr(5)) : user;
}

// Checking a password takes a tenth of a second by design, so it is done away from the thread that serves everybody.
void sign_in(const Guard& guard, BackRoom& back_room, const Request& request, Reply reply) {
  const auto body = base::JsonValue::parse(request.body);
  if (const auto same = check_same_site(request); !same) return reply(net::problem(same.error()));
  if (!body) return reply(net::problem(body.error()));
  const std::string user = user_of(guard, body->text_or("user", ""));
  back_room.post([&guard, user, password = body->text_or("password", ""), secure = request.secure,
                  reply = std::move(reply)]() mutable {
    const auto session = guard.sign_in(user, password);
    if (!session) {
      const int status = session.error().code == Errc::full ? 429 : 401;
      return reply(net::problem(status, "not signed in", session.error().message));
    }
    reply(signed_in(guard, *session, secure));
  });
}

void show(const Guard& guard, const Request& request, Reply reply) {
  const trust::Principal principal = guard.identify(request);
  if (principal.kind == trust::PrincipalKind::anonymous) {
    return reply(net::problem(401, "not signed in", "nobody is signed in here"));
  }
  reply(session_response(guard, principal));
}

void sign_out(const Guard& guard, const Request& request, Reply reply) {
  if (const auto same = check_same_site(request); !same) return reply(net::problem(same.error()));
  guard.sign_out(request.cookie(kSessionCookie));
  Response response;
  response.status = 204;
  response.content_type.clear();
  response.headers.emplace_back("Set-Cookie", cookie("", request.secure, true));
  reply(std::move(response));
}

void list_demo_users(const std::vector<DemoLogin>& demo, Reply reply) {
  if (demo.empty()) return reply(net::problem(404, "not found", "this is no demo"));
  base::JsonWriter out;
  out.array();
  for (const DemoLogin& login : demo) {
    out.object().field("user", login.user.id);
    write(out.key("name"), login.user.name);
    write_texts(out, "roles", login.user.roles);
    out.field("password", login.password).end();
  }
  out.end();
  Response response;
  response.body = out.take();
  reply(std::move(response));
}

}  // namespace

Response signed_in(const Guard& guard, std::string_view session, bool secure) {
  Response response = session_response(guard, guard.of_session(session));
  response.headers.emplace_back("Set-Cookie", cookie(session, secure, false));
  return response;
}

void SessionRoutes::add_to(net::Router& router) const {
  const Guard& g = guard;
  router.add(Method::post, "/api/v1/session", [&g, &room = back_room](const Request& request, Reply reply) {
    sign_in(g, room, request, std::move(reply));
  });
  router.add(Method::get, "/api/v1/session",
             [&g](const Request& request, Reply reply) { show(g, request, std::move(reply)); });
  router.add(Method::del, "/api/v1/session",
             [&g](const Request& request, Reply reply) { sign_out(g, request, std::move(reply)); });
  router.add(Method::get, "/api/v1/session/demo-users",
             [demo = demo](const Request&, Reply reply) { list_demo_users(demo, std::move(reply)); });
}

}  // namespace cityloop::serve
