// What a camera looks at, and what is to be counted in its picture: lines, zones, the way that is allowed.
//
//   a camera's TOML file ─▶ [Scene] ─▶ Tracker, SceneCounter, the program that reads the camera
//
//   [camera]
//   id = "bridge-north"
//   name = { zh = "北桥", en = "North bridge" }
//   source = "rtsp://10.0.0.7/stream1"     # or a file; $NAME in it is taken from the environment: no password stands
//   here location = [10.2039, 56.1629]          # longitude, latitude frames_per_second = 5                  # as many
//   are looked at; the others are passed over report_every = "1m"
//
//   [model]
//   file = "models/street.onnx"            # the user's own; none comes with the program
//   input = [640, 640]                     # width, height in pixels
//   layout = "boxes_first"                 # boxes_first: [1, 4 + classes, boxes]; boxes_last: [1, boxes, 5 + classes]
//   classes = ["person", "bicycle", "car", "motorcycle", "-", "bus", "-", "truck"]   # "-": not wanted
//   confidence = 0.4
//   overlap = 0.5                          # of two boxes of one kind that overlap more, the surer one is kept
//
//   [[line]]                               # forward: from its left to its right, looking from its first point to its
//   second id = "northbound" name = { zh = "北向", en = "Northbound" } from = [0.1, 0.6]                      # shares
//   of the picture's width and height, from its upper left corner to = [0.9, 0.6] kinds = ["car", "bus", "truck"] #
//   left out: all
//
//   [[zone]]
//   id = "stop"
//   name = { zh = "站台", en = "Bus stop" }
//   corners = [[0.1, 0.7], [0.4, 0.7], [0.4, 0.95], [0.1, 0.95]]
//   kinds = ["person"]
//   dwell_max = "2m"                       # longer is told at once
//   allowed_deg = 90                       # the way that is allowed, in the picture: 0 to the right, 90 downwards
//   tolerance_deg = 60                     # further off than 180 less this is the wrong way
//
//   [keep]                                 # left out: no picture is ever stored
//   on = ["wrong_way", "dwell"]
//   folder = "kept"
//   for = "72h"
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "flow/finding.h"

namespace cityloop::traffic {

enum class ObjectKind : std::uint8_t { person, bicycle, motorcycle, car, bus, truck };
inline constexpr int kObjectKinds = 6;
std::string_view to_string(ObjectKind);
std::optional<ObjectKind> object_kind_from(std::string_view);

struct PicturePoint {
  double x{}, y{};  // shares of width and height
};

struct KindSet {
  std::uint8_t bits{0xff};
  bool has(ObjectKind kind) const { return (bits >> int(kind)) & 1; }
};

struct CountLine {
  std::string id;
  flow::Bilingual name;
  PicturePoint from, to;
  KindSet kinds;
};

struct WatchZone {
  std::string id;
  flow::Bilingual name;
  std::vector<PicturePoint> corners;
  KindSet kinds;
  std::optional<base::Duration> dwell_max;
  std::optional<double> allowed_deg;
  double tolerance_deg{60};

  bool holds(PicturePoint) const;
};

enum class ModelLayout : std::uint8_t { boxes_first, boxes_last };

struct ModelSettings {
  std::string file;
  int width{640}, height{640};
  ModelLayout layout{ModelLayout::boxes_first};
  std::vector<std::optional<ObjectKind>> classes;  // by the model's number
  double confidence{0.4};
  double overlap{0.5};
};

enum class SceneEventKind : std::uint8_t { wrong_way, dwell };
std::string_view to_string(SceneEventKind);

struct KeepRule {
  std::vector<SceneEventKind> on;
  std::string folder;
  base::Duration keep_for{};
};

struct Scene {
  std::string id;
  flow::Bilingual name;
  std::string source;
  double lon_deg{}, lat_deg{};
  double frames_per_second{5};
  base::Duration report_every{};
  ModelSettings model;
  std::vector<CountLine> lines;
  std::vector<WatchZone> zones;
  std::optional<KeepRule> keep;

  // Every mistake at once, one a line as "file:line: reason". Paths are taken from the file's folder.
  static base::Result<Scene> load(const std::string& file);
  static base::Result<Scene> parse(std::string_view content, const std::string& file_name);
};

}  // namespace cityloop::traffic
