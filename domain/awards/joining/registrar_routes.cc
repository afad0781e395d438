#include "domain/awards/joining/registrar_routes.h"

#include <algorithm>
#include <map>

#include "base/refusal.h"
#include "serve/session_routes.h"
#include "serve/views.h"

namespace cityloop::awards {
namespace {

using base::Errc;
using base::JsonValue;
using base::JsonWriter;
using base::refuse;
using base::Result;
using net::Method;
using net::Response;
using serve::write_time;
using trust::Permission;

Result<const Cycle*> cycle_of(const RegistrarRoutes& on, const Asked& asked) {
  const Cycle* const found = on.office.desk.cycle(asked.part("cycle"));
  if (!found) return refuse(Errc::not_found, "没有这一届", "there is no such cycle");
  return found;
}

Response too_many(base::Duration wait) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
  const auto told =
      refuse(Errc::full, "请求过于频繁，请在 {} 秒后再试", "too many in a short time; try again in {} s", seconds);
  Response out = net::problem(429, "too many", told.error().message);
  out.headers.emplace_back("Retry-After", fmt::format("{}", seconds));
  return out;
}

// the public

Response written_down(const base::Status& done) {
  if (!done && done.error().code == Errc::full) {
    Response out = net::problem(429, "too many", done.error().message);
    out.headers.emplace_back("Retry-After", "3600");
    return out;
  }
  if (!done) return net::problem(done.error());
  JsonWriter out;
  return json(out.object().end(), 202);
}

Result<Response> ask(const RegistrarRoutes& on, const Asked& asked) {
  return written_down(on.registrar.ask(*TRY(cycle_of(on, asked)), TRY(body_of(asked)), asked.arrived));
}

Result<Response> ask_password(const RegistrarRoutes& on, const Asked& asked) {
  return written_down(on.registrar.ask_password(TRY(body_of(asked)), asked.arrived));
}

// What its owner is about to do; looking uses nothing up.
Result<Response> show_link(const RegistrarRoutes& on, const Asked& asked) {
  const JsonValue body = TRY(body_of(asked));
  const Arrival one = TRY(on.registrar.behind(body.text_or("link", ""), body.text_or("cycle", ""), asked.arrived));
  const bool known = on.registrar.is_known(one);
  JsonWriter out;
  out.object().field("email", one.email).field("unit", one.unit).field("known", known);
  return json(out.field("introduce", !known && one.purpose == kInvited).end());
}

Result<Response> use_link(const RegistrarRoutes& on, const Asked& asked) {
  TRY(serve::check_same_site(asked.request));
  const JsonValue body = TRY(body_of(asked));
  const Entering wish{body.text_or("link", ""), body.text_or("cycle", ""), body.text_or("password", ""),
                      body.text_or("person", ""), body.boolean_or("consent", false)};
  const Arrived who = TRY(on.registrar.come(wish, asked.arrived));
  const serve::Guard& guard = on.office.guard;
  Response out = serve::signed_in(guard, TRY(guard.sign_in(who.account, wish.password)), asked.request.secure);
  out.headers.emplace_back("Cache-Control", "no-store");
  return out;
}

Result<Response> leave(const RegistrarRoutes& on, const Asked& asked) {
  // It cannot be undone: whoever asks says whose it is.
  if (TRY(body_of(asked)).text_or("account", "") != asked.who.id)
    return refuse(Errc::invalid, "请写明要删除的账号", "'account' is the own account's id");
  TRY(on.registrar.leave(asked.who.id, asked.arrived));
  Response out;
  out.status = 204;
  return out;
}

// the secretariat

std::string_view standing_of(const Invitation& one) {
  if (one.submitted > 0) return "submitted";
  if (one.drafts > 0) return "began";
  if (one.known || one.came_at != base::kNever) return "came";
  return one.withdrawn_at != base::kNever ? "withdrawn" : "invited";
}

void write_invitation(JsonWriter& out, const Invitation& one, const mail::LetterState& letter) {
  out.object().field("id", one.id).field("email", one.email).field("unit", one.unit).field("language", one.language);
  out.field("standing", standing_of(one)).field("letters", one.letters).field("by", one.by);
  write_time(out, "invitedAt", one.invited_at);
  write_time(out, "cameAt", one.came_at);
  write_time(out, "withdrawnAt", one.withdrawn_at);
  out.field("drafts", one.drafts).field("submitted", one.submitted).key("letter").object();
  out.field("stage", to_string(letter.stage)).field("trouble", to_string(letter.trouble)).field("why", letter.why);
  write_time(out, "since", letter.since);
  out.end().end();
}

bool has(std::string_view text, std::string_view part) {
  const auto same = [](char a, char b) { return std::tolower(std::uint8_t(a)) == std::tolower(std::uint8_t(b)); };
  return std::ranges::search(text, part, same).begin() != text.end() || part.empty();
}

Result<Response> list_invitations(const RegistrarRoutes& on, const Asked& asked) {
  const Cycle& cycle = *TRY(cycle_of(on, asked));
  const serve::PageWish wish = TRY(serve::PageWish::of(asked.request));
  const std::string_view words = asked.request.argument("q").value_or("");
  const std::string_view standing = asked.request.argument("standing").value_or("");
  std::vector<Invitation> all = TRY(on.registrar.invitations(cycle));
  std::map<std::string_view, std::size_t> counts;
  for (const Invitation& one : all) ++counts[standing_of(one)];
  std::erase_if(all, [&](const Invitation& one) {
    return (!standing.empty() && standing_of(one) != standing) || (!has(one.email, words) && !has(one.unit, words));
  });
  const std::size_t begin = std::min(wish.skip, all.size()), end = std::min(begin + wish.limit, all.size());
  const std::span page = std::span(all).subspan(begin, end - begin);
  const auto letters = TRY(on.registrar.letters(page));
  JsonWriter out;
  out.object().key("invitations").array();
  for (std::size_t i = 0; i < page.size(); ++i) write_invitation(out, page[i], letters[i]);
  out.end().field("total", all.size()).key("next");
  if (end < all.size()) out.text(fmt::format("{}", end));
  else out.null();
  out.key("counts").object();
  for (const auto& [name, count] : counts) out.field(name, count);
  return json(out.end().end());
}

Result<Response> invite(const RegistrarRoutes& on, const Asked& asked) {
  const Cycle& cycle = *TRY(cycle_of(on, asked));
  const JsonValue body = TRY(body_of(asked));
  const std::string language = body.text_or("language", "zh");
  if (language != "zh" && language != "en")
    return refuse(Errc::invalid, "language 应为 zh 或 en", "'language' is zh or en");
  const Invited done = TRY(on.registrar.invite(cycle, asked.who.id, body.text_or("list", ""), language, asked.arrived));
  JsonWriter out;
  out.object().field("taken", done.taken).key("refused").array();
  for (const RefusedLine& one : done.refused) {
    write(out.object().field("line", one.line).field("text", one.text).field("known", one.known), "why", one.why);
    out.end();
  }
  return json(out.end().end());
}

Result<Response> one_invitation(const RegistrarRoutes& on, const Result<Invitation>& done) {
  const Invitation one = TRY(done);
  JsonWriter out;
  write_invitation(out, one, TRY(on.registrar.letters({&one, 1})).front());
  return json(out);
}

Result<Response> invite_again(const RegistrarRoutes& on, const Asked& asked) {
  return one_invitation(
      on, on.registrar.invite_again(*TRY(cycle_of(on, asked)), asked.who.id, asked.part("invitation"), asked.arrived));
}

Result<Response> withdraw(const RegistrarRoutes& on, const Asked& asked) {
  return one_invitation(
      on, on.registrar.withdraw(*TRY(cycle_of(on, asked)), asked.who.id, asked.part("invitation"), asked.arrived));
}

Result<Response> erase(const RegistrarRoutes& on, const Asked& asked) {
  TRY(on.registrar.erase(*TRY(cycle_of(on, asked)), asked.who.id, asked.part("invitation"), asked.arrived));
  Response out;
  out.status = 204;
  return out;
}

}  // namespace

void RegistrarRoutes::add_to(net::Router& router) const {
  const auto with = [on = *this](auto function) {
    return [on, function](const Asked& asked) { return function(on, asked); };
  };
  // Whoever comes too often is turned away before anything waits behind it.
  const auto open = [&](std::string_view path, civic::RateLimit& limit, auto function) {
    router.add(Method::post, path,
               [&limit, &clock = office.clock, asker = asker, answer = office.anybody_changes(with(function))](
                   const net::Request& request, net::Reply reply) {
                 if (const auto wait = limit.take(asker(request), clock.now())) return reply(too_many(*wait));
                 answer(request, std::move(reply));
               });
  };
  const auto change = [&](Method method, std::string_view path, auto function) {
    router.add(method, path, office.changes(Permission::run_awards, with(function)));
  };
  open("/public/v1/awards/cycles/{cycle}/registrations", limits.letters, ask);
  open("/public/v1/awards/passwords", limits.letters, ask_password);
  open("/public/v1/awards/links", limits.links, show_link);
  open("/public/v1/awards/links/use", limits.links, use_link);
  router.add(Method::post, "/api/v1/awards/profile/erasure", office.changes(Permission::enter_awards, with(leave)));
  router.add(Method::get, "/api/v1/awards/cycles/{cycle}/invitations",
             office.reads(Permission::run_awards, with(list_invitations)));
  change(Method::post, "/api/v1/awards/cycles/{cycle}/invitations", invite);
  change(Method::post, "/api/v1/awards/cycles/{cycle}/invitations/{invitation}/letters", invite_again);
  change(Method::post, "/api/v1/awards/cycles/{cycle}/invitations/{invitation}/withdrawal", withdraw);
  change(Method::del, "/api/v1/awards/cycles/{cycle}/invitations/{invitation}", erase);
}

}  // namespace cityloop::awards
