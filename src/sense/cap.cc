#include "sense/cap.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <span>

#include <pugixml.hpp>

#include "base/json_writer.h"
#include "geo/shape.h"
#include "sense/clean_text.h"
#include "twin/utf8.h"

namespace cityloop::sense {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using geo::Position;

constexpr std::size_t kInfosMax = 50, kAreasMax = 200, kShapesMax = 200, kCornersMax = 20'000, kCodesMax = 50;
constexpr std::size_t kReferencesMax = 100;
constexpr int kCircleCorners = 48;
constexpr std::string_view kNamespaces[] = {"urn:oasis:names:tc:emergency:cap:1.2",
                                            "urn:oasis:names:tc:emergency:cap:1.1"};

std::string_view local(const char* name) {
  const std::string_view text(name);
  return text.substr(text.find(':') + 1);  // npos + 1 is 0
}

pugi::xml_node child(const pugi::xml_node& of, std::string_view name) {
  for (const pugi::xml_node& one : of.children()) {
    if (one.type() == pugi::node_element && local(one.name()) == name) return one;
  }
  return {};
}

template <class F>
void each(const pugi::xml_node& of, std::string_view name, F&& f) {
  for (const pugi::xml_node& one : of.children()) {
    if (one.type() == pugi::node_element && local(one.name()) == name) f(one);
  }
}

std::string text(const pugi::xml_node& of, std::string_view name, std::size_t characters = 500, bool one_line = true) {
  return clean_text(child(of, name).text().get(), {characters, one_line});
}

Result<std::string> required(const pugi::xml_node& of, std::string_view name) {
  std::string out = text(of, name);
  if (out.empty()) return fail(Errc::invalid, "the element '{}' is missing or empty", name);
  return out;
}

Result<std::string> one_of(const pugi::xml_node& of, std::string_view name, std::span<const std::string_view> allowed) {
  std::string out = TRY(required(of, name));
  if (std::find(allowed.begin(), allowed.end(), out) == allowed.end())
    return fail(Errc::invalid, "'{}' is '{}', and must be one of {}", name, out, fmt::join(allowed, ", "));
  return out;
}

// CAP asks for a time zone, and never for Z: what has none is taken as UTC.
Result<base::Instant> time_in(const pugi::xml_node& of, std::string_view name) {
  const std::string said = text(of, name);
  if (said.empty()) return base::kNever;
  const auto at = base::parse_time(said);
  if (!at) return fail(Errc::invalid, "'{}' is '{}', and that is no time", name, said);
  return *at;
}

// "latitude,longitude", the other way round than GeoJSON.
std::optional<Position> position_from(std::string_view pair) {
  double numbers[2];
  const char* at = pair.data();
  const char* const end = pair.data() + pair.size();
  for (int i = 0; i < 2; ++i) {
    const auto [next, error] = std::from_chars(at, end, numbers[i]);
    if (error != std::errc{}) return std::nullopt;
    at = next;
    if (i == 1) break;
    if (at == end || *at != ',') return std::nullopt;
    ++at;
  }
  const Position out{numbers[1], numbers[0]};
  return at == end && geo::check(out) ? std::optional(out) : std::nullopt;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n", at);
    if (begin == text.npos) break;
    at = std::min(text.find_first_of(" \t\r\n", begin), text.size());
    out.push_back(text.substr(begin, at - begin));
  }
  return out;
}

Result<std::vector<Position>> ring_of_polygon(std::string_view said) {
  std::vector<Position> ring;
  for (const std::string_view pair : words_of(said)) {
    const auto at = position_from(pair);
    if (!at) return fail(Errc::invalid, "'polygon' holds '{}', and that is no latitude,longitude", twin::clipped(pair));
    ring.push_back(*at);
  }
  if (ring.size() < 4 || ring.front() != ring.back())
    return fail(Errc::invalid, "'polygon' is a ring of at least four corners that ends where it began");
  return ring;
}

// Corners on the circle, so that its edge is nowhere off by more than a five-hundredth of the radius.
Result<std::vector<Position>> ring_of_circle(std::string_view said) {
  const auto words = words_of(said);
  const auto middle = words.size() == 2 ? position_from(words[0]) : std::nullopt;
  double radius_km = 0;
  const bool sound =
      middle && std::from_chars(words[1].data(), words[1].data() + words[1].size(), radius_km).ec == std::errc{};
  if (!sound || !(radius_km >= 0 && radius_km <= 5000))
    return fail(Errc::invalid, "'circle' is '{}', and must be latitude,longitude and a radius in km",
                twin::clipped(said));
  constexpr double kRadian = 3.14159265358979323846 / 180;
  const double angle = std::max(radius_km, 0.01) * 1000 / geo::kEarthRadius_m;
  const double lat = middle->lat_deg * kRadian, lon = middle->lon_deg * kRadian;
  std::vector<Position> ring;
  for (int i = 0; i < kCircleCorners; ++i) {
    const double towards = 2 * 3.14159265358979323846 * i / kCircleCorners;
    const double to_lat =
        std::asin(std::sin(lat) * std::cos(angle) + std::cos(lat) * std::sin(angle) * std::cos(towards));
    const double to_lon = lon + std::atan2(std::sin(towards) * std::sin(angle) * std::cos(lat),
                                           std::cos(angle) - std::sin(lat) * std::sin(to_lat));
    const double lon_deg = std::remainder(to_lon / kRadian, 360);
    ring.push_back({std::round(lon_deg * 1e7) / 1e7, std::round(to_lat / kRadian * 1e7) / 1e7});
  }
  ring.push_back(ring.front());
  return ring;
}

class AreaReader {
 public:
  explicit AreaReader(const CapOptions& options) : options_(options) {}

  base::Status read(const pugi::xml_node& area) {
    if (++areas_ > kAreasMax) return fail(Errc::invalid, "more than {} areas", kAreasMax);
    const std::string said = text(area, "areaDesc", 300);
    if (!said.empty() && std::find(names_.begin(), names_.end(), said) == names_.end()) names_.push_back(said);
    base::Status sound;
    const auto ring = [&](Result<std::vector<Position>> read) {
      if (!sound) return;
      if (!read) sound = std::unexpected(read.error());
      else sound = add(std::move(*read));
    };
    each(area, "polygon", [&](const pugi::xml_node& one) { ring(ring_of_polygon(one.text().get())); });
    each(area, "circle", [&](const pugi::xml_node& one) { ring(ring_of_circle(one.text().get())); });
    each(area, "geocode", [&](const pugi::xml_node& one) { look_up(text(one, "valueName"), text(one, "value")); });
    return sound;
  }

  std::string names() const {
    std::string out;
    for (const std::string& name : names_) out += (out.empty() ? "" : "; ") + name;
    return clean_text(out, {300, true});
  }

  // One polygon, or several as one MultiPolygon; checked as a shape of the earth.
  Result<std::string> geojson() const {
    if (rings_.empty()) return std::string{};
    base::JsonWriter out;
    out.object().field("type", rings_.size() == 1 ? "Polygon" : "MultiPolygon").key("coordinates").array();
    for (const auto& ring : rings_) {
      if (rings_.size() > 1) out.array();
      out.array();
      for (const Position& at : ring) out.array().number(at.lon_deg).number(at.lat_deg).end();
      out.end();
      if (rings_.size() > 1) out.end();
    }
    out.end().end();
    const auto shape = geo::Shape::from_geojson(out.str());
    if (!shape) return fail(Errc::invalid, "its area is no place: {}", shape.error().message);
    return out.take();
  }

 private:
  base::Status add(std::vector<Position> ring) {
    corners_ += ring.size();
    if (corners_ > kCornersMax) return fail(Errc::invalid, "areas of more than {} corners", kCornersMax);
    if (std::find(rings_.begin(), rings_.end(), ring) != rings_.end()) return {};  // the same, in another language
    if (rings_.size() >= kShapesMax) return fail(Errc::invalid, "more than {} polygons and circles", kShapesMax);
    rings_.push_back(std::move(ring));
    return {};
  }

  void look_up(const std::string& name, const std::string& value) {
    const std::string geojson = options_.place_of ? options_.place_of(name, value) : std::string{};
    const auto shape = geojson.empty() ? Result<geo::Shape>(fail(Errc::not_found, "no such place"))
                                       : geo::Shape::from_geojson(geojson);
    if (!shape || !shape->is_area()) return;
    for (const auto& part : shape->parts) {
      if (std::find(rings_.begin(), rings_.end(), part) == rings_.end() && rings_.size() < kShapesMax)
        rings_.push_back(part);
    }
  }

  const CapOptions& options_;
  std::vector<std::string> names_;
  std::vector<std::vector<Position>> rings_;
  std::size_t areas_{0}, corners_{0};
};

constexpr std::array<std::string_view, 5> kSeverity{"Extreme", "Severe", "Moderate", "Minor", "Unknown"};
constexpr std::array<std::string_view, 5> kUrgency{"Immediate", "Expected", "Future", "Past", "Unknown"};
constexpr std::array<std::string_view, 6> kCertainty{"Observed", "Likely",     "Possible", "Unlikely",
                                                     "Unknown",  "Very Likely"};  // the last one of CAP 1.0 and 1.1

std::size_t rank(std::string_view severity) {
  return std::size_t(std::find(kSeverity.begin(), kSeverity.end(), severity) - kSeverity.begin());
}

bool is_chinese(std::string_view language) {
  return language.starts_with("zh") || language.starts_with("ZH") || language.starts_with("cmn");
}

// Chinese and English by their blocks; another language stands in where a message has neither.
void put(flow::Bilingual& into, bool chinese, bool english, const std::string& said) {
  if (said.empty()) return;
  if (chinese && into.zh.empty()) into.zh = said;
  if (english && into.en.empty()) into.en = said;
}

void complete(flow::Bilingual& both, const std::string& other) {
  if (both.zh.empty()) both.zh = both.en.empty() ? other : both.en;
  if (both.en.empty()) both.en = both.zh;
}

class InfoReader {
 public:
  InfoReader(flow::Alert& alert, const CapOptions& options) : alert_(alert), areas_(options) {}

  base::Status read(const pugi::xml_node& info) {
    const std::string urgency = TRY(one_of(info, "urgency", kUrgency));
    const std::string severity = TRY(one_of(info, "severity", kSeverity));
    std::string certainty = TRY(one_of(info, "certainty", kCertainty));
    if (certainty == "Very Likely") certainty = "Likely";
    const std::string event = TRY(required(info, "event"));
    const std::string category = TRY(required(info, "category"));
    if (alert_.event.empty() || rank(severity) < rank(alert_.severity)) {
      alert_.event = event;
      alert_.category = category;
      alert_.severity = severity;
      alert_.urgency = urgency;
      alert_.certainty = certainty;
    }
    TRY(read_times(info));
    read_words(info);
    base::Status sound;
    each(info, "area", [&](const pugi::xml_node& area) {
      if (sound) sound = areas_.read(area);
    });
    return sound;
  }

  base::Status finish() {
    complete(alert_.headline, other_headline_);
    complete(alert_.description, other_description_);
    complete(alert_.instruction, {});
    if (alert_.headline.zh.empty()) alert_.headline = {alert_.event, alert_.event};
    alert_.area = areas_.names();
    alert_.location = TRY(areas_.geojson());
    return {};
  }

 private:
  base::Status read_times(const pugi::xml_node& info) {
    const base::Instant onset = TRY(time_in(info, "onset")), expires = TRY(time_in(info, "expires"));
    const base::Instant effective = TRY(time_in(info, "effective"));
    const base::Instant from = onset == base::kNever ? effective : onset;
    if (alert_.onset_at == base::kNever || (from != base::kNever && from < alert_.onset_at)) alert_.onset_at = from;
    // A block that never expires holds the whole open.
    if (first_) alert_.expires_at = expires;
    else if (alert_.expires_at != base::kNever)
      alert_.expires_at = expires == base::kNever ? base::kNever : std::max(expires, alert_.expires_at);
    first_ = false;
    return {};
  }

  void read_words(const pugi::xml_node& info) {
    const std::string language = text(info, "language", 40);
    const bool chinese = is_chinese(language);
    const bool english = language.empty() || language.starts_with("en") || language.starts_with("EN");
    const std::string headline = text(info, "headline", 200);
    put(alert_.headline, chinese, english, headline);
    put(alert_.description, chinese, english, text(info, "description", 4000, false));
    put(alert_.instruction, chinese, english, text(info, "instruction", 2000, false));
    if (!chinese && !english && other_headline_.empty()) {
      other_headline_ = headline;
      other_description_ = text(info, "description", 4000, false);
    }
    if (alert_.sender_name.empty()) alert_.sender_name = text(info, "senderName", 200);
    if (alert_.web.empty()) alert_.web = text(info, "web", 500);
    each(info, "eventCode", [&](const pugi::xml_node& code) {
      std::string one = fmt::format("{}={}", text(code, "valueName", 100), text(code, "value", 100));
      const bool known = std::find(alert_.codes.begin(), alert_.codes.end(), one) != alert_.codes.end();
      if (!known && alert_.codes.size() < kCodesMax) alert_.codes.push_back(std::move(one));
    });
  }

  flow::Alert& alert_;
  AreaReader areas_;
  std::string other_headline_, other_description_;
  bool first_{true};
};

// "sender,identifier,sent" each, parted by blanks. A sender never holds a comma, an identifier neither (3.2.1).
Result<std::vector<flow::EntityId>> references_of(const pugi::xml_node& alert) {
  std::vector<flow::EntityId> out;
  const pugi::xml_node node = child(alert, "references");
  for (const std::string_view word : words_of(node.text().get())) {
    const std::size_t first = word.find(','), second = first == word.npos ? word.npos : word.find(',', first + 1);
    if (second == word.npos || first == 0 || second == first + 1)
      return fail(Errc::invalid, "'references' holds '{}', and must be sender,identifier,sent", twin::clipped(word));
    if (out.size() >= kReferencesMax) return fail(Errc::invalid, "more than {} references", kReferencesMax);
    out.push_back(flow::alert_id(word.substr(0, first), word.substr(first + 1, second - first - 1)));
  }
  return out;
}

base::Status check_encoding(const pugi::xml_document& document) {
  for (const pugi::xml_node& one : document.children()) {
    if (one.type() == pugi::node_doctype) return fail(Errc::malformed, "a DOCTYPE is not taken");
    if (one.type() != pugi::node_declaration) continue;
    std::string encoding = one.attribute("encoding").as_string("utf-8");
    std::transform(encoding.begin(), encoding.end(), encoding.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    if (!encoding.starts_with("utf-8") && !encoding.starts_with("utf-16") && encoding != "us-ascii")
      return fail(Errc::malformed, "the encoding '{}' is not taken; send UTF-8", twin::clipped(encoding, 40));
  }
  return {};
}

Result<pugi::xml_node> root_of(const pugi::xml_document& document) {
  const pugi::xml_node alert = child(document, "alert");
  if (!alert) return fail(Errc::invalid, "this is no CAP message: it has no element 'alert'");
  for (const pugi::xml_attribute& one : alert.attributes()) {
    const std::string_view name = one.name(), value = one.value();
    const bool says = name == "xmlns" || name.starts_with("xmlns:");
    if (says && std::find(std::begin(kNamespaces), std::end(kNamespaces), value) != std::end(kNamespaces)) return alert;
  }
  return fail(Errc::invalid, "'alert' is not of the namespace {}", kNamespaces[0]);
}

// An identifier holds no blank, comma, < or & (3.2.1): it is what updates refer to.
base::Status check_name(std::string_view element, std::string_view value) {
  if (value.find_first_of(" ,<&") == value.npos) return {};
  return fail(Errc::invalid, "'{}' may hold no blank, comma, < or &", element);
}

Result<CapMessage> read_head(const pugi::xml_node& node) {
  constexpr std::string_view kStatus[] = {"Actual", "Exercise", "System", "Test", "Draft"};
  constexpr std::string_view kTypes[] = {"Alert", "Update", "Cancel", "Ack", "Error"};
  constexpr std::string_view kScope[] = {"Public", "Restricted", "Private"};
  CapMessage out;
  flow::Alert& alert = out.alert;
  alert.identifier = TRY(required(node, "identifier"));
  alert.sender = TRY(required(node, "sender"));
  TRY(check_name("identifier", alert.identifier));
  TRY(check_name("sender", alert.sender));
  alert.id = flow::alert_id(alert.sender, alert.identifier);
  TRY(required(node, "sent"));
  alert.sent_at = TRY(time_in(node, "sent"));
  alert.status = TRY(one_of(node, "status", kStatus));
  const std::string type = TRY(one_of(node, "msgType", kTypes));
  out.receipt = type == "Ack" || type == "Error";
  if (type == "Update") alert.kind = flow::AlertKind::update;
  if (type == "Cancel") alert.kind = flow::AlertKind::cancel;
  if (TRY(one_of(node, "scope", kScope)) != "Public")
    return fail(Errc::refused, "only messages whose scope is Public are taken: who reads the city would read it");
  alert.references = TRY(references_of(node));
  if (alert.references.empty() && alert.kind != flow::AlertKind::alert)
    return fail(Errc::invalid, "'references' is missing: an {} says of which message", type);
  return out;
}

}  // namespace

Result<CapMessage> read_cap(std::string_view xml, const CapOptions& options) {
  if (xml.size() > kCapBytesMax) return fail(Errc::invalid, "the message is longer than {} bytes", kCapBytesMax);
  pugi::xml_document document;
  const unsigned flags = pugi::parse_default | pugi::parse_doctype | pugi::parse_declaration;
  const pugi::xml_parse_result parsed = document.load_buffer(xml.data(), xml.size(), flags, pugi::encoding_auto);
  if (!parsed) return fail(Errc::malformed, "this is no XML: {} at byte {}", parsed.description(), parsed.offset);
  TRY(check_encoding(document));
  const pugi::xml_node node = TRY(root_of(document));
  CapMessage out = TRY(read_head(node));
  if (out.receipt) return out;
  InfoReader reader(out.alert, options);
  std::size_t infos = 0;
  base::Status sound;
  each(node, "info", [&](const pugi::xml_node& info) {
    if (!sound) return;
    if (++infos > kInfosMax) sound = fail(Errc::invalid, "more than {} info blocks", kInfosMax);
    else sound = reader.read(info);
  });
  TRY(sound);
  if (infos == 0 && out.alert.kind != flow::AlertKind::cancel)
    return fail(Errc::invalid, "the element 'info' is missing: what is warned of");
  TRY(reader.finish());
  return out;
}

}  // namespace cityloop::sense
