#include "broker/context_routes.h"

#include <algorithm>
#include <array>

#include "base/json_writer.h"

namespace cityloop::broker {
namespace {

using base::Errc;
using base::fail;
using net::Reply;
using net::Response;
using trust::Permission;
using twin::ContextEntry;
using twin::ContextKind;

// By ContextKind.
constexpr std::array<std::string_view, 3> kKinds{"Cached", "Hosted", "ImplicitlyCreated"};

base::Result<std::optional<ContextKind>> kind_of(const Exchange& exchange) {
  const auto text = exchange.argument("kind");
  if (!text) return std::nullopt;
  const auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
  const auto found =
      std::ranges::find_if(kKinds, [&](std::string_view kind) { return std::ranges::equal(kind, *text, same); });
  if (found == kKinds.end()) {
    return fail(Errc::invalid, "kind: expected Cached, Hosted or ImplicitlyCreated, not '{}'", *text);
  }
  return ContextKind(found - kKinds.begin());
}

// The address by which the caller reaches it.
std::string url_of(const Exchange& exchange, const ContextEntry& entry) {
  const std::string_view host = exchange.request->header("host");
  if (entry.kind == ContextKind::cached || host.empty()) return entry.url;
  return fmt::format("{}://{}{}", exchange.request->secure ? "https" : "http", host, entry.url);
}

void write_details(base::JsonWriter& out, const Exchange& exchange, const ContextEntry& entry) {
  const std::string url = url_of(exchange, entry);
  out.object().field("URL", url).field("localId", entry.local_id.empty() ? url : entry.local_id);
  out.field("kind", kKinds[std::size_t(entry.kind)]);
  out.field("timestamp", base::format_time(entry.created_at));
  out.field("lastUsage", base::format_time(entry.last_usage)).field("numberOfHits", entry.hits);
  if (!entry.extra.empty()) {
    out.key("extraInfo").object().key("imports").array();
    for (const std::string& imported : entry.extra) out.text(imported);
    out.end().end();
  }
  out.end();
}

Response json(std::string body) {
  Response out;
  out.body = std::move(body);
  return out;
}

void list(const ContextRoutes& on, const Exchange& exchange, Reply reply) {
  const auto kind = kind_of(exchange);
  if (!kind) return reply(problem(kind.error()));
  base::JsonWriter out;
  out.array();
  for (const ContextEntry& entry : on.desk.contexts().list()) {
    if (*kind && entry.kind != **kind) continue;
    if (exchange.is_true("details")) write_details(out, exchange, entry);
    else out.text(url_of(exchange, entry));
  }
  reply(json(out.end().take()));
}

void serve(const ContextRoutes& on, const Exchange& exchange, Reply reply) {
  const std::string_view id = exchange.part("id");
  const auto entry = on.desk.contexts().find(id);
  if (!entry) return reply(problem(404, "ResourceNotFound", fmt::format("there is no @context '{}'", id)));
  if (exchange.is_true("details")) {
    base::JsonWriter out;
    write_details(out, exchange, *entry);
    return reply(json(out.take()));
  }
  if (entry->kind == ContextKind::cached) {
    return reply(problem(422, "OperationNotSupported",
                         fmt::format("'{}' is a copy: ask for it where it stands, or for its details", id)));
  }
  Response whole = json(entry->body);
  whole.content_type = to_string(Media::json_ld);
  reply(std::move(whole));
}

// What waits for the disk is done in the background.
void later(const ContextRoutes& on, const Exchange& exchange, Reply reply,
           Response (*task)(twin::ContextStore&, const Exchange&)) {
  auto answer = std::make_shared<Reply>(std::move(reply));
  const bool posted = on.desk.in_background(
      [task, &contexts = on.desk.contexts(), kept = exchange.kept(), answer] { (*answer)(task(contexts, kept)); });
  if (!posted) (*answer)(problem(503, "ServiceUnavailable", "too many requests change contexts at this moment"));
}

void add(const ContextRoutes& on, const Exchange& exchange, Reply reply) {
  later(on, exchange, std::move(reply), [](twin::ContextStore& contexts, const Exchange& kept) {
    const auto id = contexts.add(kept.request->body);
    if (!id) return context_problem(id.error());
    Response created = empty(201);
    created.headers.emplace_back("Location", std::string(twin::kContextsPath).append(*id));
    return created;
  });
}

void erase(const ContextRoutes& on, const Exchange& exchange, Reply reply) {
  if (exchange.is_true("reload")) {
    auto answer = std::make_shared<Reply>(std::move(reply));
    return on.desk.contexts().reload(exchange.part("id"), [answer](const base::Status& done) {
      (*answer)(done ? empty(204) : context_problem(done.error()));
    });
  }
  later(on, exchange, std::move(reply), [](twin::ContextStore& contexts, const Exchange& kept) {
    const auto done = contexts.erase(kept.part("id"));
    return done ? empty(204) : context_problem(done.error());
  });
}

}  // namespace

void ContextRoutes::add_to(net::Router& router) const {
  using net::Method;
  const std::string path = "/ngsi-ld/v1/jsonldContexts";
  const auto bind = binder(desk, *this);
  router.add(Method::get, path, bind({.permission = Permission::read_city, .parameters = {"details", "kind"}}, list));
  router.add(Method::post, path, bind({.permission = Permission::write_entities, .body = true, .plain = true}, add));
  router.add(Method::get, path + "/{id}",
             bind({.permission = Permission::read_city, .parameters = {"details"}}, serve));
  router.add(Method::del, path + "/{id}",
             bind({.permission = Permission::write_entities, .plain = true, .parameters = {"reload"}}, erase));
}

}  // namespace cityloop::broker
