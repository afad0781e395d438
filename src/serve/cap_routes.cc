#include "serve/cap_routes.h"

#include <algorithm>

#include "geo/shape.h"
#include "sense/cap.h"
#include "serve/respond.h"

namespace cityloop::serve {
namespace {

using base::Errc;
using base::JsonWriter;
using net::Reply;
using trust::Permission;

// The city's areas by the codes that others know them by.
std::string place_of(const City& city, std::string_view value) {
  for (const City::Area& area : city.areas) {
    const bool named =
        area.id == value || std::find(area.geocodes.begin(), area.geocodes.end(), value) != area.geocodes.end();
    if (named) return area.geojson();
  }
  return {};
}

// A warning that names its place is for us when it touches the city's bounds; one that names none may be.
bool is_here(const City& city, const std::string& location) {
  if (location.empty()) return true;
  const auto box = city.box();
  const geo::Shape bounds{geo::ShapeKind::polygon,
                          {{{box[0], box[1]}, {box[2], box[1]}, {box[2], box[3]}, {box[0], box[3]}, {box[0], box[1]}}}};
  const auto shape = geo::Shape::from_geojson(location);
  return shape && geo::intersects(*shape, bounds);
}

net::Response answer(const flow::Alert& alert, bool taken, std::string_view why, int status) {
  JsonWriter out;
  out.object().field("id", alert.id.text()).field("identifier", alert.identifier).field("taken", taken);
  out.field("reason", why).end();
  return json_response(out, status);
}

net::Response refusal(const base::Error& error) {
  // Who sends it may; what it says may not be shown here.
  return error.code == Errc::refused ? net::problem(422, "not public", error.message) : net::problem(error);
}

void take_cap(const CapRoutes& on, const Call& call, Reply reply) {
  const auto read =
      sense::read_cap(call.request.body,
                      {[&city = on.city](std::string_view, std::string_view value) { return place_of(city, value); }});
  if (!read) return reply(refusal(read.error()));
  const flow::Alert& alert = read->alert;
  if (read->receipt) return reply(answer(alert, false, "an Ack or an Error warns of nothing", 200));
  if (!is_here(on.city, alert.location)) return reply(answer(alert, false, "it is of another place", 200));
  twin::Commit commit;
  commit.origin = flow::Name(call.principal.id);
  commit.writes.push_back(flow::to_write(alert));
  auto shared = std::make_shared<Reply>(std::move(reply));
  on.twin.submit(std::move(commit), [shared, alert](const twin::CommitResult& result) {
    if (!result.status) return (*shared)(net::problem(result.status.error()));
    const base::Status& written = result.writes.front();
    // The same message again: feeds repeat themselves.
    if (!written && written.error().code == Errc::exists)
      return (*shared)(answer(alert, true, "it was taken before", 200));
    (*shared)(written ? answer(alert, true, "", 201) : net::problem(written.error()));
  });
}

}  // namespace

void CapRoutes::add_to(net::Router& router) const {
  router.add(net::Method::post, "/api/v1/cap", binder(*this)(Permission::write_entities, take_cap));
}

}  // namespace cityloop::serve
