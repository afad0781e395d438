#include "domain/traffic/video/scene.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "base/config.h"
#include "base/json_value.h"

namespace cityloop::traffic {
namespace {

using base::Config;
using base::ConfigTable;
using base::Result;

constexpr std::array<std::string_view, kObjectKinds> kKindNames{"person", "bicycle", "motorcycle",
                                                                "car",    "bus",     "truck"};

flow::Bilingual read_name(ConfigTable& table) {
  auto name = table.table("name");
  if (!name) {
    table.mistake("name", "a name is needed, as { zh = \"…\", en = \"…\" }");
    return {};
  }
  return {name->text("zh"), name->text("en")};
}

bool in_picture(double share) {
  return std::isfinite(share) && share >= 0 && share <= 1;
}

PicturePoint read_point(ConfigTable& table, std::string_view key) {
  const std::vector<double> at = table.numbers(key);
  if (at.size() == 2 && in_picture(at[0]) && in_picture(at[1])) return {at[0], at[1]};
  table.mistake(key, "a point is two shares of the picture between 0 and 1, as [0.25, 0.5]");
  return {};
}

KindSet read_kinds(ConfigTable& table) {
  if (!table.has("kinds")) return {};
  KindSet out{0};
  for (const std::string& word : table.texts("kinds")) {
    if (const auto kind = object_kind_from(word)) out.bits |= std::uint8_t(1u << int(*kind));
    else table.mistake("kinds", fmt::format("there is no kind '{}'; there are {}", word, fmt::join(kKindNames, ", ")));
  }
  return out;
}

CountLine read_line(ConfigTable& table) {
  CountLine out{table.text("id"), read_name(table), read_point(table, "from"), read_point(table, "to"),
                read_kinds(table)};
  if (std::hypot(out.to.x - out.from.x, out.to.y - out.from.y) < 0.01)
    table.mistake("to", "a line needs two points that lie apart");
  return out;
}

// Of the polygon, as a share of the picture; its sign tells the sense of rotation.
double area_of(const std::vector<PicturePoint>& corners) {
  double twice = 0;
  for (std::size_t i = 0, j = corners.size() - 1; i < corners.size(); j = i++)
    twice += corners[j].x * corners[i].y - corners[i].x * corners[j].y;
  return twice / 2;
}

std::vector<PicturePoint> read_corners(ConfigTable& table) {
  std::vector<PicturePoint> out;
  const auto given = base::JsonValue::parse(table.json("corners"));
  bool fit = given && given->array() && given->array()->size() >= 3;
  if (fit) {
    for (const base::JsonValue& corner : *given->array()) {
      const auto* const pair = corner.array();
      const double* const x = pair && pair->size() == 2 ? (*pair)[0].number() : nullptr;
      const double* const y = x ? (*pair)[1].number() : nullptr;
      fit = fit && y && in_picture(*x) && in_picture(*y);
      if (fit) out.push_back({*x, *y});
    }
  }
  if (!fit || std::abs(area_of(out)) < 1e-5)
    table.mistake("corners", "a zone is at least three points within the picture, as [[0.1, 0.7], [0.4, 0.7], …]");
  return out;
}

WatchZone read_zone(ConfigTable& table) {
  WatchZone out{table.text("id"), read_name(table), read_corners(table), read_kinds(table), {}, {}, 60};
  if (table.has("dwell_max")) out.dwell_max = table.duration("dwell_max");
  out.allowed_deg = table.number_if("allowed_deg");
  out.tolerance_deg = table.number_or("tolerance_deg", 60);
  if (out.tolerance_deg <= 0 || out.tolerance_deg >= 90)
    table.mistake("tolerance_deg", "it must lie between 0 and 90 degrees");
  return out;
}

ModelSettings read_model(ConfigTable& table) {
  ModelSettings out;
  out.file = table.text("file");
  const std::vector<double> size = table.numbers("input");
  const auto fits = [](double pixels) { return pixels >= 8 && pixels <= 4096 && pixels == std::floor(pixels); };
  if (size.size() == 2 && fits(size[0]) && fits(size[1])) out.width = int(size[0]), out.height = int(size[1]);
  else table.mistake("input", "the size of the model's picture in pixels, as [640, 640]");
  const std::string layout = table.text_or("layout", "boxes_first");
  if (layout == "boxes_last") out.layout = ModelLayout::boxes_last;
  else if (layout != "boxes_first") table.mistake("layout", "it is boxes_first or boxes_last");
  for (const std::string& word : table.texts("classes")) {
    out.classes.push_back(object_kind_from(word));
    if (!out.classes.back() && word != "-")
      table.mistake("classes", fmt::format("'{}' is no kind; there are {} and - for those that are not wanted", word,
                                           fmt::join(kKindNames, ", ")));
  }
  if (std::ranges::none_of(out.classes, [](const auto& kind) { return kind.has_value(); }))
    table.mistake("classes", "no class of the model is wanted");
  out.confidence = table.number_or("confidence", 0.4);
  out.overlap = table.number_or("overlap", 0.5);
  for (const char* key : {"confidence", "overlap"})
    if (const double share = table.number_or(key, 0.5); !(share > 0 && share < 1))
      table.mistake(key, "it must lie between 0 and 1");
  return out;
}

KeepRule read_keep(ConfigTable& table) {
  KeepRule out;
  for (const std::string& word : table.texts("on")) {
    if (word == "wrong_way") out.on.push_back(SceneEventKind::wrong_way);
    else if (word == "dwell") out.on.push_back(SceneEventKind::dwell);
    else table.mistake("on", fmt::format("'{}' is no event; there are wrong_way and dwell", word));
  }
  out.folder = table.text("folder");
  out.keep_for = table.duration("for");
  if (out.keep_for <= base::Duration::zero()) table.mistake("for", "how long pictures are kept must be said");
  return out;
}

void read_camera(ConfigTable& camera, Scene& out) {
  out.id = camera.text("id");
  if (out.id.find_first_of("/+# ") != std::string::npos)
    camera.mistake("id", "it stands in topics: no blank, /, + or #");
  out.name = read_name(camera);
  out.source = camera.text("source");
  const std::vector<double> place = camera.numbers("location");
  if (place.size() == 2 && std::abs(place[0]) <= 180 && std::abs(place[1]) <= 90)
    out.lon_deg = place[0], out.lat_deg = place[1];
  else camera.mistake("location", "longitude and latitude, as [10.2039, 56.1629]");
  out.frames_per_second = camera.number_or("frames_per_second", 5);
  if (!(out.frames_per_second > 0 && out.frames_per_second <= 60))
    camera.mistake("frames_per_second", "it must lie between 0 and 60");
  out.report_every = camera.duration_or("report_every", std::chrono::minutes(1));
  if (out.report_every < std::chrono::seconds(1)) camera.mistake("report_every", "at least a second");
}

// "$NAME" becomes what the environment says.
std::string with_environment(std::string text, ConfigTable& camera) {
  for (std::size_t at; (at = text.find('$')) != std::string::npos;) {
    std::size_t end = at + 1;
    while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '_')) ++end;
    const char* const value = std::getenv(text.substr(at + 1, end - at - 1).c_str());
    if (!value) {
      camera.mistake("source", fmt::format("the environment has no {}", text.substr(at, end - at)));
      return text;
    }
    text.replace(at, end - at, value);
  }
  return text;
}

void settle_paths(Scene& scene, const std::string& file) {
  const std::filesystem::path folder = std::filesystem::path(file).parent_path();
  const auto absolute = [&](std::string& path) {
    if (!path.empty() && std::filesystem::path(path).is_relative()) path = (folder / path).string();
  };
  absolute(scene.model.file);
  if (scene.keep) absolute(scene.keep->folder);
  if (scene.source.find("://") == std::string::npos) absolute(scene.source);
}

Result<Scene> read(Config config, const std::string& file) {
  Scene out;
  ConfigTable root = config.root();
  if (auto camera = root.table("camera")) {
    read_camera(*camera, out);
    out.source = with_environment(out.source, *camera);
  } else {
    root.mistake("camera", "there is no [camera]");
  }
  if (auto model = root.table("model")) out.model = read_model(*model);
  else root.mistake("model", "there is no [model]");
  std::set<std::string> ids;
  for (ConfigTable& table : root.tables("line")) {
    out.lines.push_back(read_line(table));
    if (!ids.insert(out.lines.back().id).second) table.mistake("id", "this id is there already");
  }
  for (ConfigTable& table : root.tables("zone")) {
    out.zones.push_back(read_zone(table));
    if (!ids.insert(out.zones.back().id).second) table.mistake("id", "this id is there already");
  }
  if (out.lines.empty() && out.zones.empty()) root.mistake("line", "there is neither a [[line]] nor a [[zone]]");
  if (auto keep = root.table("keep")) out.keep = read_keep(*keep);
  TRY(config.check());
  settle_paths(out, file);
  return out;
}

}  // namespace

std::string_view to_string(ObjectKind kind) {
  return kKindNames[std::size_t(kind)];
}

std::optional<ObjectKind> object_kind_from(std::string_view word) {
  const auto found = std::ranges::find(kKindNames, word);
  if (found == kKindNames.end()) return std::nullopt;
  return ObjectKind(found - kKindNames.begin());
}

std::string_view to_string(SceneEventKind kind) {
  return kind == SceneEventKind::wrong_way ? "wrong_way" : "dwell";
}

// By the number of edges that a ray to the right crosses.
bool WatchZone::holds(PicturePoint at) const {
  bool inside = false;
  for (std::size_t i = 0, j = corners.size() - 1; i < corners.size(); j = i++) {
    const PicturePoint a = corners[i], b = corners[j];
    if ((a.y > at.y) != (b.y > at.y) && at.x < (b.x - a.x) * (at.y - a.y) / (b.y - a.y) + a.x) inside = !inside;
  }
  return inside;
}

Result<Scene> Scene::load(const std::string& file) {
  return read(TRY(Config::load(file)), file);
}

Result<Scene> Scene::parse(std::string_view content, const std::string& file_name) {
  return read(TRY(Config::parse(content, file_name)), file_name);
}

}  // namespace cityloop::traffic
