#include "civic/moderation_routes.h"

#include <algorithm>

#include "civic/personal.h"
#include "flow/noun.h"
#include "flow/own_types.h"
#include "sense/clean_text.h"
#include "serve/respond.h"
#include "serve/views.h"

namespace cityloop::civic {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using base::JsonWriter;
using base::Result;
using base::Status;
using net::Reply;
using trust::Permission;

constexpr std::size_t kTextMax = 4000, kReasonMax = 1000;

bool may_handle(const Office& on, const trust::Principal& who, const flow::Case& one) {
  return on.guard.policy().allows(who, Permission::handle_case, {one.department, one.area});
}

// A case that citizens reported, and that this person may decide about; a refusal is counted.
Result<flow::Case> case_to_moderate(const Office& on, const serve::Call& call) {
  flow::Case one = TRY(on.find_case(serve::path_part(call, "id")));
  TRY(on.guard.may(call.principal, Permission::handle_case, {one.department, one.area}));
  if (report_of_author(one.opened_by).empty())
    return fail(Errc::not_found, "no citizen reported the case '{}'", one.id.text());
  return one;
}

void write_item(JsonWriter& out, const Office& on, const flow::Case& one) {
  const Service* service = on.view.service_of(one, on.service_code(one));
  const auto said = on.view.publication(one.id);
  out.object().field("case", one.id.text()).field("code", code_of(one)).field("service", service ? service->code : "");
  serve::write(out.key("serviceName"), service ? service->name : one.title);
  out.field("state", !said ? "waiting" : said->shown ? "shown" : "hidden");
  out.field("text", one.description).field("masked", mask_personal(one.description));
  write_found(out, one.description);
  out.key("media").array();
  for (const std::string& id : one.media) out.text(id);
  out.end().key("approved").array();
  for (const std::string& id : said ? said->photos : std::vector<std::string>{}) out.text(id);
  out.end();
  serve::write_time(out, "openedAt", one.opened_at);
  if (said) {
    out.field("by", said->by).field("publicText", said->text).field("reason", said->reason);
    serve::write_time(out, "at", said->at);
  }
  out.end();
}

// Decided ones by their decision, newest first.
std::vector<flow::EntityId> decided(const Office& on) {
  std::vector<std::pair<Instant, flow::EntityId>> found;
  on.twin.each(flow::kPublicationType, [&](const flow::EntityPtr& entity) {
    found.emplace_back(flow::time_field(*entity, "at"), flow::link_field(*entity, "about"));
    return true;
  });
  std::ranges::sort(found, [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second.text() < b.second.text();
  });
  std::vector<flow::EntityId> out;
  for (const auto& [at, id] : found) out.push_back(id);
  return out;
}

void list(const ModerationRoutes& routes, const serve::Call& call, Reply reply) {
  const Office& on = routes.on;
  const auto wish = serve::PageWish::of(call.request);
  if (!wish) return reply(net::problem(wish.error()));
  const std::string_view state = call.request.argument("state").value_or("waiting");
  if (state != "waiting" && state != "decided" && state != "all")
    return reply(net::problem(400, "invalid", "'state' is waiting, decided or all"));
  std::vector<flow::EntityId> ids;
  if (state != "decided") ids = routes.reader.waiting();
  if (state != "waiting") std::ranges::copy(decided(on), std::back_inserter(ids));
  std::vector<flow::Case> items;
  for (const flow::EntityId id : ids) {
    auto one = on.find_case(id.text());
    if (one && may_handle(on, call.principal, *one)) items.push_back(std::move(*one));
  }
  JsonWriter out;
  out.object();
  serve::write_page(out, "items", items, *wish, [&](const flow::Case& one) { write_item(out, on, one); });
  out.field("total", items.size()).end();
  reply(serve::json_response(out));
}

Result<Publication> read_wish(const Office& on, const serve::Call& call, const flow::Case& one) {
  const JsonValue body = TRY(JsonValue::parse(call.request.body));
  const JsonValue* shown = body.find("shown");
  if (!shown || !shown->boolean()) return fail(Errc::invalid, "'shown' must be true or false");
  Publication out;
  out.about = one.id;
  out.shown = *shown->boolean();
  const JsonValue* text = body.find("text");
  out.text = text && text->text() ? TRY(sense::checked_text("text", *text->text(), {kTextMax, false}))
                                  : mask_personal(one.description);
  out.reason = TRY(sense::checked_text("reason", body.text_or("reason", ""), {kReasonMax, false}));
  if (const JsonValue* photos = body.find("photos"); photos && photos->array()) {
    for (const JsonValue& id : *photos->array()) {
      if (!id.text() || std::find(one.media.begin(), one.media.end(), *id.text()) == one.media.end())
        return fail(Errc::invalid, "{} is no photo of this case", id.dump());
      out.photos.push_back(*id.text());
    }
  }
  out.by = call.principal.id;
  out.at = on.twin.clock().now();
  return out;
}

void decide(const ModerationRoutes& routes, const serve::Call& call, Reply reply) {
  const Office& on = routes.on;
  const auto one = case_to_moderate(on, call);
  if (!one) return reply(net::problem(one.error()));
  const auto wish = read_wish(on, call, *one);
  if (!wish) return reply(net::problem(wish.error()));
  twin::Commit commit;
  commit.origin = flow::Name(call.principal.id);
  commit.writes.push_back(to_write(*wish));
  const twin::CommitResult result = on.twin.commit(std::move(commit));
  const Status done = result.status ? result.writes.front() : result.status;
  if (!done) return reply(net::problem(done.error()));
  JsonWriter out;
  write_item(out, on, *one);
  reply(serve::json_response(out));
}

// Whoever looks is noted, and the reporter sees that somebody did.
Result<Contact> look_up(const Office& on, const serve::Call& call, const flow::Case& one) {
  const std::string_view number = report_of_author(one.opened_by);
  const auto contact = TRY(on.book.contact(number));
  if (!contact) return fail(Errc::not_found, "the reporter left no contact, or it was erased");
  TRY(on.book.note_seen(number, {on.twin.clock().now(), call.principal.id, call.principal.department}));
  return *contact;
}

void show_contact(const ModerationRoutes& routes, const serve::Call& call, Reply reply) {
  const Office& on = routes.on;
  const auto one = case_to_moderate(on, call);
  if (!one) return reply(net::problem(one.error()));
  const auto contact = look_up(on, call, *one);
  if (!contact) return reply(net::problem(contact.error()));
  JsonWriter out;
  out.object().field("case", one->id.text()).field("name", contact->name).field("email", contact->email);
  out.field("phone", contact->phone);
  if (!contact->language.empty()) out.field("language", contact->language);
  out.end();
  net::Response response = serve::json_response(out);
  response.headers.emplace_back("Cache-Control", "no-store");
  reply(std::move(response));
}

}  // namespace

void write_found(JsonWriter& out, const std::string& text) {
  out.key("found").array();
  for (const PersonalFind& find : find_personal(text)) {
    out.object().field("what", to_string(find.what));
    out.field("text", std::string_view(text).substr(find.begin, find.end - find.begin)).end();
  }
  out.end();
}

void ModerationRoutes::add_to(net::Router& router) const {
  using net::Method;
  const ModerationRoutes family = *this;
  const auto bind = [&](auto function) {
    return on.guard.require(Permission::handle_case,
                            call_by_clerk(on, [family, function](const serve::Call& call, Reply reply) {
                              function(family, call, std::move(reply));
                            }));
  };
  router.add(Method::get, "/api/v1/moderation", bind(list));
  router.add(Method::put, "/api/v1/moderation/{id}", bind(decide));
  router.add(Method::get, "/api/v1/cases/{id}/contact", bind(show_contact));
}

}  // namespace cityloop::civic
