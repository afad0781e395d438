#include "serve/feed_routes.h"

#include "base/json_value.h"
#include "serve/respond.h"

namespace cityloop::serve {
namespace {

using base::Errc;
using base::fail;
using base::JsonWriter;
using base::Result;
using net::Reply;
using trust::Permission;

Result<sense::FeedStats*> find_feed(const FeedRoutes& on, const Call& call) {
  const std::string_view name = path_part(call, "name");
  if (sense::FeedStats* feed = on.feeds.find(name)) return feed;
  return fail(Errc::not_found, "there is no feed '{}'", name);
}

void list_feeds(const FeedRoutes& on, const Call&, Reply reply) {
  on.refresh();
  JsonWriter out;
  out.object().key("feeds").raw(on.feeds.json(on.twin.clock().now())).end();
  reply(json_response(out));
}

void list_rejects(const FeedRoutes& on, const Call& call, Reply reply) {
  const auto feed = find_feed(on, call);
  if (!feed) return reply(net::problem(feed.error()));
  std::optional<sense::Reason> only;
  if (const auto wanted = call.request.argument("reason"); wanted && !wanted->empty()) {
    only = sense::reason_from(*wanted);
    if (!only) return reply(net::problem(400, "invalid", fmt::format("'{}' is no reason", *wanted)));
  }
  JsonWriter out;
  out.object().key("rejects").array();
  for (const sense::Reject& reject : (*feed)->rejects(only)) write(out, reject);
  out.end().end();
  reply(json_response(out));
}

base::Status control(const FeedRoutes& on, const sense::FeedStats& feed, const base::JsonValue& wish) {
  if (feed.kind() != sense::FeedKind::file || !on.replay.pause) {
    return fail(Errc::conflict, "'{}' is live: only a replay of files can be paused or hurried", feed.name());
  }
  const std::string action = wish.text_or("action", "");
  if (action == "pause") on.replay.pause();
  else if (action == "resume") on.replay.resume();
  else if (action == "speed" && wish.find("speed")) return on.replay.set_speed(wish.number_or("speed", -1));
  else return fail(Errc::invalid, "'action' must be pause, resume, or speed with a 'speed'");
  return {};
}

void control_feed(const FeedRoutes& on, const Call& call, Reply reply) {
  const auto feed = find_feed(on, call);
  if (!feed) return reply(net::problem(feed.error()));
  const auto wish = base::JsonValue::parse(call.request.body);
  if (!wish) return reply(net::problem(wish.error()));
  if (const auto done = control(on, **feed, *wish); !done) return reply(net::problem(done.error()));
  JsonWriter out;
  (*feed)->snapshot(on.twin.clock().now()).write(out);
  reply(json_response(out));
}

}  // namespace

void FeedRoutes::add_to(net::Router& router) const {
  const auto bind = binder(*this);
  using net::Method;
  router.add(Method::get, "/api/v1/feeds", bind(Permission::read_city, list_feeds));
  router.add(Method::get, "/api/v1/feeds/{name}/rejects", bind(Permission::read_operations, list_rejects));
  router.add(Method::post, "/api/v1/feeds/{name}/control", bind(Permission::control_feeds, control_feed));
}

}  // namespace cityloop::serve
