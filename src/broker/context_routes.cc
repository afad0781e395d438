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

Response refusal(const base::Error& error) {
  if (error.code == Errc::unavailable || error.code == Errc::timeout) {
    return problem(503, "LdContextNotAvailable", error.message);
  }
  return problem(error);
}

base::Result<bool> flag(const Exchange& exchange, std::string_view name) {
  const std::string_view text = exchange.argument(name).value_or("false");
  if (text != "true" && text != "false") return fail(Errc::invalid, "{}: expected true or false, not '{}'", name, text);
  return text == "true";
}

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
  const auto details = flag(exchange, "details");
  if (!details) return reply(problem(details.error()));
  const auto kind = kind_of(exchange);
  if (!kind) return reply(problem(kind.error()));
  base::JsonWriter out;
  out.array();
  for (const ContextEntry& entry : on.desk.contexts().list()) {
    if (*kind && entry.kind != **kind) continue;
    if (*details) write_details(out, exchange, entry);
    else out.text(url_of(exchange, entry));
  }
  reply(json(out.end().take()));
}

void serve(const ContextRoutes& on, const Exchange& exchange, Reply reply) {
  const auto details = flag(exchange, "details");
  if (!details) return reply(problem(details.error()));
  const std::string_view id = exchange.part("id");
  const auto entry = on.desk.contexts().find(id);
  if (!entry) return reply(problem(404, "ResourceNotFound", fmt::format("there is no @context '{}'", id)));
  if (*details) {
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

// What waits for the disk or for another server is done in the background.
using Task = Response (*)(twin::ContextStore&, const Exchange&);

Response add(twin::ContextStore& contexts, const Exchange& exchange) {
  const auto id = contexts.add(exchange.request->body);
  if (!id) return refusal(id.error());
  Response created = empty(201);
  created.headers.emplace_back("Location", std::string(twin::kContextsPath).append(*id));
  return created;
}

Response erase(twin::ContextStore& contexts, const Exchange& exchange) {
  const auto reload = flag(exchange, "reload");
  if (!reload) return problem(reload.error());
  const std::string_view id = exchange.part("id");
  const auto done = *reload ? contexts.reload(id) : contexts.erase(id);
  return done ? empty(204) : refusal(done.error());
}

}  // namespace

void ContextRoutes::add_to(net::Router& router) const {
  using net::Method;
  const std::string path = "/ngsi-ld/v1/jsonldContexts";
  const auto bind = binder(desk, *this);
  const auto later = [](Task task) {
    return [task](const ContextRoutes& on, const Exchange& exchange, Reply reply) {
      auto answer = std::make_shared<Reply>(std::move(reply));
      const bool posted = on.desk.in_background(
          [task, &contexts = on.desk.contexts(), kept = exchange.kept(), answer] { (*answer)(task(contexts, kept)); });
      if (!posted) (*answer)(problem(503, "ServiceUnavailable", "too many requests change contexts at this moment"));
    };
  };
  router.add(Method::get, path, bind({.permission = Permission::read_city, .parameters = {"details", "kind"}}, list));
  router.add(Method::post, path,
             bind({.permission = Permission::write_entities, .body = true, .plain = true}, later(add)));
  router.add(Method::get, path + "/{id}",
             bind({.permission = Permission::read_city, .parameters = {"details"}}, serve));
  router.add(Method::del, path + "/{id}",
             bind({.permission = Permission::write_entities, .plain = true, .parameters = {"reload"}}, later(erase)));
}

}  // namespace cityloop::broker
