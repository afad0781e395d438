#include "civic/push_routes.h"

#include "base/text_of_bytes.h"
#include "civic/follow.h"
#include "civic/push_sender.h"
#include "civic/web_address.h"
#include "serve/respond.h"

namespace cityloop::civic {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using base::JsonWriter;
using base::Result;
using net::Reply;
using net::Request;

void show_key(const PushRoutes& routes, const Request& request, Reply reply) {
  const Office& on = routes.on;
  if (auto wait = on.too_often(on.limits.reads, on.asker(request))) return reply(std::move(*wait));
  if (!on.settings().push.on()) return reply(net::problem(404, "not found", "no notices are pushed here"));
  JsonWriter out;
  out.object().field("key", base::to_base64url(routes.key.public_point())).end();
  reply(public_json(out.take(), 300));
}

Result<Browser> read_browser(const Office& on, const Request& request) {
  const JsonValue body = TRY(JsonValue::parse(request.body));
  Browser out;
  const JsonValue* keys = body.find("keys");
  out.endpoint = body.text_or("endpoint", "");
  out.p256dh = keys ? keys->text_or("p256dh", "") : "";
  out.auth = keys ? keys->text_or("auth", "") : "";
  out.language = body.text_or("language", "");
  if (!out.language.empty() && out.language != "zh" && out.language != "en")
    return fail(Errc::invalid, "'language' is zh or en");
  const PushSettings& settings = on.settings().push;
  const auto address = check_web_address(out.endpoint, settings.local);
  if (!address) return fail(Errc::invalid, "'endpoint': {}", address.error().message);
  if (!fits_host(address->host, settings.hosts))
    return fail(Errc::invalid, "'endpoint': {} is no push service that this city calls", address->host);
  TRY(check_push_keys(out.p256dh, out.auth));
  out.id = browser_id(out.endpoint);
  out.at = on.wall.now();
  return out;
}

void put(const PushRoutes& routes, const Request& request, Reply reply) {
  const Office& on = routes.on;
  if (auto wait = on.too_often(on.limits.posts, on.asker(request))) return reply(std::move(*wait));
  const auto followed = find_followed(on, request.params.at("token"));
  if (!followed) return reply(net::problem(followed.error()));
  if (!on.settings().push.on()) return reply(net::problem(404, "not found", "no notices are pushed here"));
  auto browser = read_browser(on, request);
  if (!browser) {
    ++on.refusals.pushes;
    return reply(net::problem(browser.error()));
  }
  browser->report = followed->report.number;
  if (const auto kept = on.book.put_browser(*browser); !kept) return reply(net::problem(kept.error()));
  const auto count = on.book.browsers(browser->report);
  if (!count) return reply(net::problem(count.error()));
  JsonWriter out;
  out.object().field("id", browser->id).field("count", *count).end();
  net::Response response = serve::json_response(out);
  keep_secret(response);
  reply(std::move(response));
}

void erase(const PushRoutes& routes, const Request& request, Reply reply) {
  const Office& on = routes.on;
  const auto followed = find_followed(on, request.params.at("token"));
  if (!followed) return reply(net::problem(followed.error()));
  const std::string_view id = request.argument("id").value_or("");
  if (const auto gone = on.book.erase_browser(followed->report.number, id); !gone)
    return reply(net::problem(gone.error()));
  net::Response response;
  response.status = 204;
  keep_secret(response);
  reply(std::move(response));
}

}  // namespace

void PushRoutes::add_to(net::Router& router) const {
  using net::Method;
  const PushRoutes family = *this;
  const auto plain = [family](auto function) {
    return [family, function](const Request& request, Reply reply) { function(family, request, std::move(reply)); };
  };
  router.add(Method::get, "/public/v1/push-key", plain(show_key));
  router.add(Method::put, "/public/v1/follow/{token}/push", by_clerk(on, plain(put)));
  router.add(Method::del, "/public/v1/follow/{token}/push", by_clerk(on, plain(erase)));
}

}  // namespace cityloop::civic
