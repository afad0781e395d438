#include "civic/follow_routes.h"

#include <cmath>

#include "civic/follow.h"
#include "civic/report_desk.h"
#include "sense/clean_text.h"
#include "serve/body.h"
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

constexpr std::size_t kNoteMax = 2000;

net::Response as_it_stands(const Office& on, std::string_view token) {
  const auto followed = find_followed(on, token);
  if (!followed) return net::problem(followed.error());
  auto body = followed_json(on, *followed);
  if (!body) return net::problem(body.error());
  net::Response response = serve::json_response(std::move(*body));
  keep_secret(response);
  return response;
}

void follow(const Office& on, const Request& request, Reply reply) {
  if (auto wait = on.too_often(on.limits.reads, on.asker(request))) return reply(std::move(*wait));
  reply(as_it_stands(on, request.params.at("token")));
}

struct Step {
  FollowedReport followed;
  flow::Action action;
  serve::OnceKey once;
};

// The photos that a reporter adds: their own uploads only.
base::Status add_photos(const Office& on, const JsonValue& body, JsonWriter& out) {
  const JsonValue* media = body.find("media");
  if (!media || !media->array() || media->array()->empty()) return {};
  if (media->array()->size() > on.settings().photos_max)
    return fail(Errc::invalid, "at most {} photos", on.settings().photos_max);
  out.key("photos").array();
  for (const JsonValue& id : *media->array()) {
    auto photo = TRY(on.book.photo(id.text() ? *id.text() : ""));
    if (!photo || photo->by != "citizen") return fail(Errc::invalid, "there is no such photo");
    photo->at = on.wall.now();
    TRY(on.book.put_photo(*photo));
    out.text(photo->id);
  }
  out.end();
  return {};
}

Result<Step> read_step(const Office& on, const Request& request, ReporterWish wish) {
  Step step{TRY(find_followed(on, request.params.at("token"))), {}, TRY(serve::once_key_of(request))};
  const JsonValue body = TRY(JsonValue::parse(request.body));
  TRY(serve::check_types(body, {{"note", serve::JsonType::text}, {"media", serve::JsonType::texts}}));
  step.action.note = TRY(sense::checked_text("note", body.text_or("note", ""), {kNoteMax, false}));
  JsonWriter fields;
  fields.object();
  if (wish == ReporterWish::rate) {
    const double rating = body.number_or("rating", 0);
    if (rating < 1 || rating > 5 || rating != std::floor(rating))
      return fail(Errc::invalid, "'rating' is a whole number from 1 to 5");
    fields.field("rating", fmt::format("{}", int(rating)));
  } else {
    if (step.action.note.empty()) return fail(Errc::invalid, "'note' must say what there is to say");
    TRY(add_photos(on, body, fields));
  }
  step.action.fields = fields.end().take();
  return step;
}

net::Handler step_route(const Office& on, ReporterWish wish) {
  return by_clerk(on, [&on, wish](const Request& request, Reply reply) {
    if (auto wait = on.too_often(on.limits.posts, on.asker(request))) return reply(std::move(*wait));
    auto step = read_step(on, request, wish);
    if (!step) {
      ++on.refusals.steps;
      return reply(net::problem(step.error()));
    }
    auto waits = std::make_shared<Reply>(std::move(reply));
    const FollowedReport followed = std::move(step->followed);
    take_step(on, followed, wish, std::move(step->action), step->once,
              [&on, waits, token = request.params.at("token")](const base::Status& done) {
                (*waits)(done ? as_it_stands(on, token) : serve::desk_problem(done.error()));
              });
  });
}

void put_contact(const Office& on, const Request& request, Reply reply) {
  if (auto wait = on.too_often(on.limits.posts, on.asker(request))) return reply(std::move(*wait));
  const auto followed = find_followed(on, request.params.at("token"));
  if (!followed) return reply(net::problem(followed.error()));
  const auto body = JsonValue::parse(request.body);
  if (!body) return reply(net::problem(body.error()));
  using enum serve::JsonType;
  const auto typed = serve::check_types(*body, {{"name", text}, {"email", text}, {"phone", text}, {"language", text}});
  if (!typed) return reply(net::problem(typed.error()));
  const Contact contact{body->text_or("name", ""), body->text_or("email", ""), body->text_or("phone", ""),
                        body->text_or("language", "")};
  if (const auto sound = check_contact(contact); !sound) return reply(net::problem(sound.error()));
  if (const auto kept = on.book.put_contact(followed->report.number, contact); !kept)
    return reply(net::problem(kept.error()));
  reply(as_it_stands(on, request.params.at("token")));
}

void erase_contact(const Office& on, const Request& request, Reply reply) {
  const auto followed = find_followed(on, request.params.at("token"));
  if (!followed) return reply(net::problem(followed.error()));
  if (const auto gone = on.book.erase_contact(followed->report.number); !gone) return reply(net::problem(gone.error()));
  net::Response response;
  response.status = 204;
  keep_secret(response);
  reply(std::move(response));
}

}  // namespace

void FollowRoutes::add_to(net::Router& router) const {
  using net::Method;
  const Office& office = on;
  const auto plain = [&](auto function) {
    return by_clerk(
        on, [&office, function](const Request& request, Reply reply) { function(office, request, std::move(reply)); });
  };
  router.add(Method::get, "/public/v1/follow/{token}", plain(follow));
  router.add(Method::post, "/public/v1/follow/{token}/rating", step_route(on, ReporterWish::rate));
  router.add(Method::post, "/public/v1/follow/{token}/contest", step_route(on, ReporterWish::contest));
  router.add(Method::post, "/public/v1/follow/{token}/note", step_route(on, ReporterWish::note));
  router.add(Method::put, "/public/v1/follow/{token}/contact", plain(put_contact));
  router.add(Method::del, "/public/v1/follow/{token}/contact", plain(erase_contact));
}

}  // namespace cityloop::civic
