#include <algorithm>
#include <cmath>
#include <optional>

#include "base/json_value.h"
#include "geo/street_network.h"

namespace cityloop::geo {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;

// A position as a number: seven decimals of both, a centimetre.
std::uint64_t joint_of(Position at) {
  const auto steps = [](double deg) { return std::uint32_t(std::int32_t(std::lround(deg * 1e7))); };
  return std::uint64_t(steps(at.lon_deg)) << 32 | steps(at.lat_deg);
}

// Properties that say something wrong are told and taken as if they said nothing: the street is there all the same.
class Properties {
 public:
  Properties(const JsonValue* of, StreetReport& report, const std::string& where)
      : of_(of), report_(report), where_(where) {}

  Street read() {
    Street out;
    out.name = of_ ? of_->text_or("name", "") : "";
    out.name_en = of_ ? of_->text_or("name_en", of_->text_or("name:en", "")) : "";
    const std::string named = of_ ? of_->text_or("class", of_->text_or("highway", "")) : "";
    out.street_class = named.empty() ? StreetClass::unclassified : street_class_from(named);
    const bool unknown = out.street_class == StreetClass::other && named != "other";
    if (unknown) report_.count("class is not known and taken for 'other'", fmt::format("{}: {}", where_, named));
    out.speed_kmh = speed();
    const ModeSet modes = access(usual_modes(out.street_class));
    out.along = out.against = modes;
    turn_one_way(out);
    return out;
  }

 private:
  const JsonValue* find(std::string_view key) const {
    const JsonValue* found = of_ ? of_->find(key) : nullptr;
    return found && !std::holds_alternative<std::monostate>(found->is) ? found : nullptr;
  }

  double speed() {
    const JsonValue* given = find("speed_kmh");
    if (!given) return 0;
    const double* const kmh = given->number();
    if (kmh && *kmh >= 1 && *kmh <= 200) return *kmh;
    report_.count("speed_kmh is no number from 1 to 200", where_);
    return 0;
  }

  // Who goes by car only one way goes on foot both ways.
  void turn_one_way(Street& out) {
    const JsonValue* given = find("oneway");
    if (!given) return;
    const bool* const flag = given->boolean();
    const std::string text = given->text()     ? *given->text()
                             : given->number() ? fmt::format("{}", *given->number())
                                               : "";
    const bool both = (flag && !*flag) || text == "no" || text == "0" || text == "false";
    const bool back = text == "-1" || text == "reverse";
    const bool on = (flag && *flag) || text == "yes" || text == "1" || text == "true";
    if (!both && !back && !on) return report_.count("oneway is neither yes, no nor -1", where_);
    if (both) return;
    ModeSet& closed = back ? out.along : out.against;
    closed.remove(TravelMode::car);
    closed.remove(TravelMode::bicycle);
  }

  ModeSet access(ModeSet usual) {
    const JsonValue* given = find("access");
    if (!given) return usual;
    std::vector<std::string> words;
    if (const auto* list = given->array()) {
      for (const JsonValue& one : *list) words.push_back(one.text() ? *one.text() : "?");
    } else if (const std::string* text = given->text()) {
      std::string word;
      for (const char c : *text + " ") {
        if (c != ' ' && c != ',' && c != ';') word += c;
        else if (!word.empty()) words.push_back(std::exchange(word, {}));
      }
    } else {
      words.emplace_back("?");
    }
    return access_of(words, usual);
  }

  ModeSet access_of(const std::vector<std::string>& words, ModeSet usual) {
    if (words == std::vector<std::string>{"yes"} || words == std::vector<std::string>{"all"}) return usual;
    if (words == std::vector<std::string>{"no"}) return {};
    ModeSet out;
    for (const std::string& word : words) {
      const auto mode = travel_mode_from(word);
      if (!mode) return report_.count("access names no way of travelling", where_), usual;
      out.add(*mode);
    }
    return out;
  }

  const JsonValue* of_;
  StreetReport& report_;
  const std::string& where_;
};

std::optional<std::vector<Position>> line_of(const JsonValue& coordinates) {
  std::vector<Position> out;
  if (!coordinates.array()) return std::nullopt;
  for (const JsonValue& one : *coordinates.array()) {
    const auto* pair = one.array();
    if (!pair || pair->size() < 2 || !(*pair)[0].number() || !(*pair)[1].number()) return std::nullopt;
    const Position at{*(*pair)[0].number(), *(*pair)[1].number()};
    if (!check(at)) return std::nullopt;
    out.push_back(at);
  }
  return out.size() >= 2 ? std::optional(std::move(out)) : std::nullopt;
}

void take_line(StreetNetwork& network, const Street& like, const JsonValue& coordinates, const std::string& where) {
  auto line = line_of(coordinates);
  if (!line) return network.report.count("coordinates are no line of two or more positions on the earth", where);
  Street street = like;
  for (const Position at : *line) street.joints.push_back(joint_of(at));
  if (std::ranges::all_of(street.joints, [&](std::uint64_t one) { return one == street.joints.front(); })) {
    return network.report.count("the line has no length", where);
  }
  street.line = std::move(*line);
  network.streets.push_back(std::move(street));
}

void take_feature(StreetNetwork& network, const JsonValue& feature, std::size_t number) {
  const JsonValue* properties = feature.find("properties");
  const std::string name = properties ? properties->text_or("name", "") : "";
  const std::string where = fmt::format("feature {}{}", number, name.empty() ? "" : fmt::format(" ({})", name));
  if (feature.text_or("type", "") != "Feature") return network.report.count("it is no Feature", where);
  const JsonValue* geometry = feature.find("geometry");
  const JsonValue* coordinates = geometry ? geometry->find("coordinates") : nullptr;
  const std::string type = geometry ? geometry->text_or("type", "") : "";
  if (type.empty() || !coordinates) return network.report.count("it has no geometry", where);
  if (type != "LineString" && type != "MultiLineString") return void(++network.report.passed_over);
  const Street like = Properties(properties, network.report, where).read();
  if (type == "LineString") return take_line(network, like, *coordinates, where);
  if (!coordinates->array()) return network.report.count("coordinates are no list of lines", where);
  for (const JsonValue& line : *coordinates->array()) take_line(network, like, line, where);
}

}  // namespace

base::Result<StreetNetwork> streets_from_geojson(std::string_view json, std::string_view name) {
  const auto document = JsonValue::parse(json);
  if (!document) return fail(Errc::malformed, "{}: {}", name, document.error().message);
  const JsonValue* features = document->find("features");
  if (document->text_or("type", "") != "FeatureCollection" || !features || !features->array())
    return fail(Errc::invalid, "{}: streets are a GeoJSON FeatureCollection", name);
  StreetNetwork out;
  out.report.file = name;
  std::size_t number = 0;
  for (const JsonValue& feature : *features->array()) take_feature(out, feature, ++number);
  out.report.streets = out.streets.size();
  return out;
}

}  // namespace cityloop::geo
