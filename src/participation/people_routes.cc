#include "participation/people_routes.h"

#include <algorithm>

#include "base/json_value.h"
#include "civic/report_desk.h"
#include "sense/clean_text.h"
#include "serve/city.h"
#include "serve/respond.h"

namespace cityloop::participation {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using base::JsonWriter;
using base::Result;
using net::Reply;
using net::Request;

constexpr std::size_t kNameMax = 40, kNextMax = 200;
constexpr std::string_view kHome = "/c/proposals";

// A path of our own pages; anything else would make of our letter a way to elsewhere.
std::string sound_path(std::string_view next) {
  const bool ours = next.starts_with("/c/") && next.size() <= kNextMax && std::ranges::all_of(next, [](char c) {
                      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '/' || c == '-' || c == '_';
                    });
  return std::string(ours ? next : kHome);
}

Result<std::string> name_in(const JsonValue& body, std::string_view otherwise) {
  return sense::checked_text("name", body.text_or("name", otherwise), {kNameMax, true});
}

std::string language_in(const JsonValue& body, std::string_view otherwise) {
  const std::string said = body.text_or("language", otherwise);
  return said == "en" ? "en" : "zh";
}

Result<std::string> person_json(const Forum& on, const Person& person) {
  JsonWriter out;
  out.object().field("email", person.email).field("name", person.name).field("language", person.language);
  out.key("supports").array();
  for (const std::string& id : TRY(on.people.supported_by(person.number))) {
    if (const ProposalPtr one = on.board.find(EntityId::lookup(id))) out.text(one->code);
  }
  out.end().key("proposals").array();
  const auto authorships = TRY(on.people.authorships(person.number));
  for (const ProposalPtr& one : on.board.all()) {
    if (!one->author.empty() && std::ranges::find(authorships, one->author) != authorships.end()) out.text(one->code);
  }
  out.end().field("comments", TRY(on.discussion.written_by(person.number))).end();
  return out.take();
}

void show_settings(const Forum& on, const Request&, Reply reply) {
  const ParticipationSettings& settings = on.settings;
  double days = 0;
  if (const auto rules = on.civic.shelf.in_force()) {
    if (const auto* kind = rules->find_kind(settings.kind)) {
      const auto limit = kind->limits.find("support_within");
      if (limit != kind->limits.end())
        days = std::chrono::duration<double, std::ratio<86400>>(limit->second.time).count() + limit->second.days;
    }
  }
  JsonWriter out;
  out.object().field("open", settings.open).field("mail", !on.civic.settings().mail.server.empty() || on.links_at_hand);
  out.key("categories").array();
  for (const auto& [code, name] : on.view.categories()) {
    serve::write(out.object().field("id", code).key("name"), name);
    out.end();
  }
  out.end().field("threshold", settings.threshold).field("supportDays", days);
  serve::write(out.field("comments", to_string(settings.comments)).key("privacy"), settings.privacy);
  serve::write(out.key("intro"), settings.intro);
  out.field("currency", settings.currency).field("photosMax", settings.photos_max).end();
  reply(civic::public_json(out.take(), 60));
}

Result<Person> read_person(const Forum& on, const JsonValue& body) {
  Person out;
  out.email = body.text_or("email", "");
  out.name = TRY(name_in(body, ""));
  out.language = language_in(body, "zh");
  if (out.email.empty()) return fail(Errc::invalid, "'email' is needed");
  TRY(civic::check_contact({out.name, out.email, "", out.language}));
  out.number = on.keys.number_of(out.email);
  out.since = on.civic.wall.now();
  return out;
}

// The same answer for every address, known or not.
void ask_for_link(const Forum& on, const Request& request, Reply reply) {
  if (auto wait = on.too_often(on.civic.limits.posts, on.civic.asker(request))) return reply(std::move(*wait));
  const bool mails = !on.civic.settings().mail.server.empty() && !on.civic.settings().address.empty();
  if (!mails && !on.links_at_hand) return reply(net::problem(503, "unavailable", "the city sends no mail"));
  const auto body = JsonValue::parse(request.body);
  if (!body) return reply(net::problem(body.error()));
  const auto person = read_person(on, *body);
  if (!person) return reply(net::problem(person.error()));
  if (auto wait = on.too_often(on.limits.letters, person->number)) return reply(std::move(*wait));
  const std::string next = sound_path(body->text_or("next", kHome));
  const Instant now = on.civic.wall.now();
  const std::string key = fmt::format("link:{}:{}", person->number, base::to_us(now));
  if (const auto asked = on.people.ask(*person, key, next, now); !asked) return reply(net::problem(asked.error()));
  net::Response response = private_json("{}", 202);
  if (!mails) {
    (void)on.people.letter_done(key);
    JsonWriter out;
    out.object().field("link", fmt::format("/c/confirm#{}~{}", on.keys.link(person->number, now), next)).end();
    response = private_json(out.take(), 202);
  }
  reply(std::move(response));
}

net::Response confirmed(const Forum& on, std::string_view given) {
  const std::size_t parting = given.find('~');
  const std::string_view next = parting == std::string_view::npos ? kHome : given.substr(parting + 1);
  const auto number = on.keys.number_in_link(given.substr(0, parting), on.civic.wall.now(), on.settings.link_kept);
  const auto nothing = [] {
    return net::problem(404, "not found", "this link is none of ours, or its time is over: ask for a new one");
  };
  if (!number) return nothing();
  if (const auto done = on.people.confirm(*number); !done) return net::problem(done.error());
  const auto person = on.people.person(*number);
  if (!person) return net::problem(person.error());
  if (!*person) return nothing();
  auto shown = person_json(on, **person);
  if (!shown) return net::problem(shown.error());
  JsonWriter out;
  out.object().field("secret", on.keys.secret(*number, (*person)->since)).field("next", sound_path(next));
  return private_json(out.key("person").raw(*shown).end().take());
}

void confirm(const Forum& on, const Request& request, Reply reply) {
  if (auto wait = on.too_often(on.civic.limits.posts, on.civic.asker(request))) return reply(std::move(*wait));
  const auto body = JsonValue::parse(request.body);
  if (!body) return reply(net::problem(body.error()));
  reply(confirmed(on, body->text_or("link", "")));
}

net::Response as_kept(const Forum& on, std::string_view number) {
  const auto person = on.people.person(number);
  if (!person) return net::problem(person.error());
  if (!*person) return net::problem(404, "not found", "there is nothing kept");
  auto shown = person_json(on, **person);
  return shown ? private_json(std::move(*shown)) : net::problem(shown.error());
}

void show_me(const Forum& on, const Request& request, Reply reply) {
  if (auto wait = on.too_often(on.civic.limits.reads, on.civic.asker(request))) return reply(std::move(*wait));
  const auto person = on.person(request);
  reply(person ? as_kept(on, person->number) : net::problem(person.error()));
}

void change_me(const Forum& on, const Request& request, Reply reply) {
  const auto person = on.person(request);
  if (!person) return reply(net::problem(person.error()));
  const auto body = JsonValue::parse(request.body);
  if (!body) return reply(net::problem(body.error()));
  const auto name = name_in(*body, person->name);
  if (!name) return reply(net::problem(name.error()));
  const auto done = on.people.rename(person->number, *name, language_in(*body, person->language));
  reply(done ? as_kept(on, person->number) : net::problem(done.error()));
}

// What hung on the person is counted anew.
void erase_me(const Forum& on, const Request& request, Reply reply) {
  const auto person = on.person(request);
  if (!person) return reply(net::problem(person.error()));
  const auto supported = on.people.supported_by(person->number);
  if (const auto gone = on.people.erase(person->number); !gone) return reply(net::problem(gone.error()));
  (void)on.discussion.forget_flags_of(person->number);
  if (supported) {
    for (const std::string& id : *supported) (void)on.refresh(EntityId(id));
  }
  net::Response response;
  response.status = 204;
  response.headers.emplace_back("Cache-Control", "no-store");
  reply(std::move(response));
}

}  // namespace

void PeopleRoutes::add_to(net::Router& router) const {
  using net::Method;
  const Forum& forum = on;
  router.add(Method::get, "/public/v1/participation",
             [&forum](const Request& request, Reply reply) { show_settings(forum, request, std::move(reply)); });
  router.add(Method::post, "/public/v1/people", by_clerk(on, ask_for_link));
  router.add(Method::post, "/public/v1/people/confirm", by_clerk(on, confirm));
  router.add(Method::get, "/public/v1/people/me", by_clerk(on, show_me));
  router.add(Method::put, "/public/v1/people/me", by_clerk(on, change_me));
  router.add(Method::del, "/public/v1/people/me", by_clerk(on, erase_me));
}

}  // namespace cityloop::participation
