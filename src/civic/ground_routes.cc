#include "civic/ground_routes.h"

#include <algorithm>
#include <functional>
#include <mutex>

#include "serve/views.h"

namespace cityloop::civic {
namespace {

using base::JsonWriter;
using net::Reply;
using net::Request;

constexpr std::size_t kStreetsMax = 5'000;
constexpr auto kKept = std::chrono::minutes(1);
const flow::Name kLocation("location");

// The course of a street as GeoJSON; empty where it is no line.
std::string_view line_of(const flow::Entity& entity) {
  const flow::Attribute* place = entity.find(kLocation);
  const auto* json = place ? std::get_if<flow::Json>(&place->value) : nullptr;
  if (!json) return {};
  const bool line = json->text.view().find("\"LineString\"") != std::string::npos ||
                    json->text.view().find("\"MultiLineString\"") != std::string::npos;
  return line ? std::string_view(json->text) : std::string_view{};
}

void write_feature(JsonWriter& out, std::string_view kind, const flow::Bilingual& name, std::string_view geometry) {
  out.object().field("type", "Feature").key("properties").object().field("kind", kind).key("name");
  serve::write(out, name);
  out.end().key("geometry").raw(geometry).end();
}

std::vector<flow::EntityPtr> streets_of(const twin::Twin& twin) {
  std::vector<flow::EntityPtr> out;
  for (const char* type : {"RoadSegment", "Road"}) {
    twin.each(flow::Name(type), [&](const flow::EntityPtr& entity) {
      if (!line_of(*entity).empty()) out.push_back(entity);
      return true;
    });
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a->id.text() < b->id.text(); });
  if (out.size() > kStreetsMax) out.resize(kStreetsMax);
  return out;
}

std::string ground_json(const Office& on) {
  const serve::Names zh{on.twin, serve::Language::zh}, en{on.twin, serve::Language::en};
  JsonWriter out;
  out.object().field("type", "FeatureCollection").key("features").array();
  for (const auto& area : on.city.areas) {
    if (!area.ring.empty()) write_feature(out, area.kind, area.name, area.geojson());
  }
  for (const flow::EntityPtr& street : streets_of(on.twin))
    write_feature(out, "street", {zh.of(*street), en.of(*street)}, line_of(*street));
  return out.end().end().take();
}

// What was made last, for all who ask within a minute.
class GroundShelf {
 public:
  struct Made {
    std::string body, tag;
    base::Instant at{};
  };

  std::shared_ptr<const Made> get(const Office& on) {
    const std::lock_guard lock(mutex_);
    const auto now = on.wall.now();
    if (last_ && now - last_->at < kKept) return last_;
    std::string body = ground_json(on);
    const std::string tag = fmt::format("\"g{:x}\"", std::hash<std::string>{}(body));
    last_ = std::make_shared<const Made>(Made{std::move(body), tag, now});
    return last_;
  }

 private:
  std::mutex mutex_;
  std::shared_ptr<const Made> last_;
};

}  // namespace

void GroundRoutes::add_to(net::Router& router) const {
  router.add(net::Method::get, "/public/v1/ground",
             [&office = on, shelf = std::make_shared<GroundShelf>()](const Request& request, Reply reply) {
               if (auto wait = office.too_often(office.limits.reads, office.asker(request)))
                 return reply(std::move(*wait));
               const auto made = shelf->get(office);
               reply(with_etag(request, made->tag, [&] {
                 net::Response response = public_json(made->body, 600);
                 response.content_type = "application/geo+json";
                 return response;
               }));
             });
}

}  // namespace cityloop::civic
