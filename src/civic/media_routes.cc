#include "civic/media_routes.h"

#include <algorithm>

#include "civic/follow.h"
#include "serve/respond.h"

namespace cityloop::civic {
namespace {

using base::Errc;
using base::fail;
using base::JsonWriter;
using net::Reply;
using net::Request;
using trust::Permission;

// Too large is 413 before anything is unpacked; another kind of file 415; what is broken or a bomb 422.
net::Response refusal(const base::Error& error, bool too_many_bytes) {
  if (error.code == Errc::unsupported) return net::problem(415, "unsupported", error.message);
  if (too_many_bytes) return net::problem(413, "too large", error.message);
  if (error.code == Errc::malformed || error.code == Errc::full) return net::problem(422, "not taken", error.message);
  return net::problem(error);
}

net::Response taken(const Photo& photo) {
  JsonWriter out;
  out.object().field("id", photo.id).field("width", photo.width).field("height", photo.height).key("place");
  if (photo.place) out.object().field("lon", photo.place->lon_deg).field("lat", photo.place->lat_deg).end();
  else out.null();
  out.end();
  net::Response response = serve::json_response(out, 201);
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

// Makes, keeps and answers.
net::Response develop(const Office& on, const std::string& bytes, const std::string& by) {
  const auto photo = make_photo(bytes, on.photo_limits);
  if (!photo) {
    ++on.refusals.photos;
    return refusal(photo.error(), false);
  }
  if (const auto put = on.photos.put(*photo); !put) return net::problem(put.error());
  const auto noted = on.book.put_photo({photo->id, by, on.wall.now(), photo->width, photo->height});
  if (!noted) return net::problem(noted.error());
  return taken(*photo);
}

}  // namespace

void take_photo(const Office& on, const Request& request, const std::string& by, Reply reply) {
  if (const auto head = read_photo_head(request.body, on.photo_limits); !head) {
    ++on.refusals.photos;
    return reply(refusal(head.error(), request.body.size() > on.photo_limits.bytes_max));
  }
  auto waits = std::make_shared<Reply>(std::move(reply));
  const bool taken = on.darkroom.post([&on, bytes = request.body, by, waits] { (*waits)(develop(on, bytes, by)); });
  if (!taken) (*waits)(busy());
}

namespace {

// Whether somebody may see a case: in their own right, or by a department that assists in it.
bool may_see(const Office& on, const trust::Principal& who, const flow::Case& one) {
  const trust::Policy& policy = on.guard.policy();
  if (policy.allows(who, Permission::read_cases, {one.department, one.area})) return true;
  return std::any_of(one.tasks.begin(), one.tasks.end(), [&](const flow::CaseTask& task) {
    return task.department == who.department && policy.allows(who, Permission::read_cases, {task.department, one.area});
  });
}

// Who may see no case that names it is told that there is no such photo.
base::Result<std::string> photo_for(const Office& on, const trust::Principal& who, std::string_view id,
                                    PhotoSize size) {
  const auto photo = TRY(on.book.photo(id));
  bool may = photo && photo->by == who.id;
  for (const std::string& name : TRY(on.book.cases_of_photo(id))) {
    if (may) break;
    const auto one = on.find_case(name);
    may = one && may_see(on, who, *one);
  }
  if (!may) return fail(Errc::not_found, "there is no such photo, or no case of yours names it");
  return on.photos.get(id, size);
}

void show_to_staff(const Office& on, const serve::Call& call, Reply reply) {
  const auto size = wished_size(call.request);
  if (!size) return reply(net::problem(size.error()));
  reply(photo_response(photo_for(on, call.principal, serve::path_part(call, "id"), *size), "private, max-age=3600"));
}

void show_to_public(const Office& on, const Request& request, Reply reply) {
  if (auto wait = on.too_often(on.limits.reads, on.asker(request))) return reply(std::move(*wait));
  const auto size = wished_size(request);
  if (!size) return reply(net::problem(size.error()));
  const std::string& id = request.params.at("id");
  if (!on.board.shows_photo(id)) return reply(net::problem(404, "not found", "there is no such photo"));
  reply(photo_response(on.photos.get(id, *size), "public, max-age=3600"));
}

void show_to_reporter(const Office& on, const Request& request, Reply reply) {
  if (auto wait = on.too_often(on.limits.reads, on.asker(request))) return reply(std::move(*wait));
  const auto size = wished_size(request);
  if (!size) return reply(net::problem(size.error()));
  const auto followed = find_followed(on, request.params.at("token"));
  if (!followed) return reply(net::problem(followed.error()));
  const std::string& id = request.params.at("id");
  const auto& own = followed->opened.media;
  if (std::find(own.begin(), own.end(), id) == own.end() && !on.board.shows_photo(id))
    return reply(net::problem(404, "not found", "there is no such photo"));
  reply(photo_response(on.photos.get(id, *size), "private, no-store"));
}

}  // namespace

void MediaRoutes::add_to(net::Router& router) const {
  using net::Method;
  const Office& office = on;
  router.add(Method::post, "/api/v1/media",
             on.guard.require(Permission::read_cases, [&office](const serve::Call& call, Reply reply) {
               take_photo(office, call.request, call.principal.id, std::move(reply));
             }));
  router.add(
      Method::get, "/api/v1/media/{id}",
      on.guard.require(Permission::read_cases, call_by_clerk(on, [&office](const serve::Call& call, Reply reply) {
                         show_to_staff(office, call, std::move(reply));
                       })));
  router.add(Method::post, "/public/v1/media", [&office](const Request& request, Reply reply) {
    if (auto wait = office.too_often(office.limits.uploads, office.asker(request))) return reply(std::move(*wait));
    take_photo(office, request, "citizen", std::move(reply));
  });
  router.add(Method::get, "/public/v1/media/{id}",
             [&office](const Request& request, Reply reply) { show_to_public(office, request, std::move(reply)); });
  router.add(Method::get, "/public/v1/follow/{token}/media/{id}",
             by_clerk(on, [&office](const Request& request, Reply reply) {
               show_to_reporter(office, request, std::move(reply));
             }));
}

}  // namespace cityloop::civic
