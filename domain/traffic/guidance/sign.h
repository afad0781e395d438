// Message signs beside the road, and what fits on them.
//
//   CITY/traffic/signs.toml ─▶ [SignSettings] ─▶ SignDesk ─ Command(requested) ─▶ act ─ a person agrees ─▶ sign
//
//   evaluate_every = "2m"      # how often ways are looked at
//   min_interval = "10m"       # between two changes of one sign
//   worth = "4m"               # a detour that saves less is not shown
//   measure_for = "30m"        # before and after, to see what it did
//   compliance = 0.3           # share of drivers thought to follow
//
//   [[sign]]
//   device = "urn:ngsi-ld:Device:vms-1"   # its device type must demand approval of the command (act/device_types.h)
//   command = "message"
//   lon = 10.19
//   lat = 56.15
//   heading_deg = 90           # in which drivers go who read it; 0 is north
//   rows = 3
//   columns = 16               # of Latin characters; a Chinese one takes two
//   languages = ["zh", "en"]
//   [[sign.destination]]
//   name = { zh = "机场", en = "Airport" }
//   lon = 10.3
//   lat = 56.2
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "flow/finding.h"
#include "geo/shape.h"

namespace cityloop::traffic {

struct SignDestination {
  flow::Bilingual name;
  geo::Position at;
};

struct Sign {
  flow::EntityId device;
  std::string command;
  geo::Position at;
  double heading_deg{};
  int rows{}, columns{};
  bool zh{true}, en{true};
  std::vector<SignDestination> destinations;
};

struct SignSettings {
  base::Duration evaluate_every{std::chrono::minutes(2)}, min_interval{std::chrono::minutes(10)};
  base::Duration worth{std::chrono::minutes(4)}, measure_for{std::chrono::minutes(30)};
  double compliance{0.3};
  std::vector<Sign> signs;

  static base::Result<SignSettings> load(const std::string& file);  // no such file: no signs
  static base::Result<SignSettings> parse(std::string_view content, std::string name);
};

enum class SignWord : std::uint8_t { detour, closed, delay };

struct SignMessage {
  SignWord word{SignWord::delay};
  flow::Bilingual destination, via;  // via: the street of the detour; empty where it has no name
  int minutes{};                     // saved, or of delay
};

int columns_of(std::string_view utf8);  // on a sign
// The fullest wording that fits, its lines parted by '\n': both languages where rows allow, else the first that the
// sign speaks. Nothing when even the shortest is too long.
std::optional<std::string> sign_text(const Sign&, const SignMessage&);

}  // namespace cityloop::traffic
