#include "domain/awards/desk/letter_routes.h"

#include <algorithm>
#include <map>

#include "base/refusal.h"
#include "serve/views.h"

namespace cityloop::awards {
namespace {

using base::Errc;
using base::JsonWriter;
using base::refuse;
using base::Result;
using net::Method;
using net::Response;
using trust::Permission;

Result<const Cycle*> cycle_of(const LetterRoutes& on, const Asked& asked) {
  const Cycle* const found = on.office.desk.cycle(asked.part("cycle"));
  if (!found) return refuse(Errc::not_found, "没有这个评选周期", "there is no such cycle");
  return found;
}

std::string_view state_of(const DueLetter& one) {
  if (one.standing.nth > 0) return mail::to_string(one.standing.state.stage);
  return one.can_be_sent() ? "not_sent" : "no_address";
}

Result<void> write_letter(JsonWriter& out, const LetterRoutes& on, const Cycle& cycle, const DueLetter& one) {
  const mail::Letter words = TRY(on.letters.preview(cycle, one));
  out.object().field("proposal", one.about.id).field("number", one.about.number).field("title", one.about.title);
  out.field("code", to_string(one.occasion.kind)).field("occasion", one.occasion.about);
  out.field("to", one.to.email).field("name", one.to.person).field("language", words.language);
  write(out, "subject", words.subject);
  write(out, "text", words.text);
  out.field("nth", one.standing.nth).field("state", state_of(one));
  out.field("trouble", mail::to_string(one.standing.state.trouble)).field("why", one.standing.state.why);
  serve::write_time(out, "since", one.standing.state.since);
  serve::write_time(out, "notAfter", one.occasion.not_after);
  out.end();
  return {};
}

// How many of each kind stand where, whatever of them is asked for.
void write_kinds(JsonWriter& out, const Cycle& cycle, const std::vector<DueLetter>& all) {
  std::map<LetterKind, std::map<std::string_view, std::size_t>> counts;
  for (const DueLetter& one : all) ++counts[one.occasion.kind][state_of(one)];
  out.key("kinds").array();
  for (const LetterKind kind : kLetterKinds) {
    out.object().field("code", to_string(kind));
    out.field("automatic", std::ranges::find(cycle.automatic, kind) != cycle.automatic.end()).key("states").object();
    for (const auto& [state, count] : counts[kind]) out.field(state, count);
    out.end().end();
  }
  out.end();
}

Result<Response> list_letters(const LetterRoutes& on, const Asked& asked) {
  const Cycle& cycle = *TRY(cycle_of(on, asked));
  const serve::PageWish wish = TRY(serve::PageWish::of(asked.request));
  const auto said = [&](std::string_view name) { return std::string(asked.request.argument(name).value_or("")); };
  const std::string code = said("code"), state = said("state"), words = said("q");
  const auto all = TRY(on.letters.due(cycle, asked.arrived));
  std::vector<const DueLetter*> wanted;
  for (const DueLetter& one : all) {
    const auto names = [&](const std::string& text) { return text.find(words) != text.npos; };
    const bool named = words.empty() || names(one.about.number) || names(one.about.title) || names(one.to.person) ||
                       names(one.to.email);
    if (named && (code.empty() || code == to_string(one.occasion.kind)) && (state.empty() || state == state_of(one)))
      wanted.push_back(&one);
  }
  JsonWriter out;
  write_kinds(out.object().field("server", on.letters.has_server()), cycle, all);
  out.key("letters").array();
  const std::size_t end = std::min(wanted.size(), wish.skip + wish.limit);
  for (std::size_t i = wish.skip; i < end; ++i) TRY(write_letter(out, on, cycle, *wanted[i]));
  out.end().field("total", wanted.size()).key("next");
  if (end < wanted.size()) out.text(fmt::format("{}", end));
  else out.null();
  return json(out.end());
}

Result<Response> send_letters(const LetterRoutes& on, const Asked& asked) {
  const Cycle& cycle = *TRY(cycle_of(on, asked));
  const LettersSent done = TRY(on.letters.send(cycle, asked.who.id, TRY(body_of(asked)), asked.arrived));
  JsonWriter out;
  out.object().field("sent", done.sent).field("already", done.already).field("server", on.letters.has_server());
  out.key("left").array();
  for (const LetterLeft& one : done.left) {
    out.object().field("proposal", one.proposal).field("code", to_string(one.kind));
    write(out, "why", one.why);
    out.end();
  }
  return json(out.end().end());
}

}  // namespace

void LetterRoutes::add_to(net::Router& router) const {
  const auto with = [on = *this](auto function) {
    return [on, function](const Asked& asked) { return function(on, asked); };
  };
  constexpr std::string_view kPath = "/api/v1/awards/cycles/{cycle}/letters";
  router.add(Method::get, kPath, office.reads(Permission::run_awards, with(list_letters)));
  router.add(Method::post, kPath, office.changes(Permission::run_awards, with(send_letters)));
}

}  // namespace cityloop::awards
