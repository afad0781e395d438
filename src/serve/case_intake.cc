#include "serve/case_intake.h"

#include <algorithm>
#include <array>

#include "flow/case_parts.h"
#include "geo/shape.h"
#include "sense/clean_text.h"

namespace cityloop::serve {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using base::JsonWriter;
using base::Result;

constexpr std::array<std::string_view, 8> kChannels{"sensor", "citizen", "open311", "hotline",
                                                    "patrol", "cap",     "system",  "staff"};
constexpr std::size_t kMediaMax = 10;
constexpr std::size_t kLocationMax = 4000;  // bytes of GeoJSON: a place, not a map

Result<std::string> text_of(const JsonValue& body, std::string_view key, std::size_t characters, bool one_line = true) {
  const JsonValue* found = body.find(key);
  if (!found || std::holds_alternative<std::monostate>(found->is)) return std::string{};
  if (!found->text()) return fail(Errc::invalid, "'{}' must be a text", key);
  return sense::checked_text(key, *found->text(), {characters, one_line});
}

// A title as one text, or as {"zh": …, "en": …}.
Result<flow::Bilingual> title_of(const JsonValue& body) {
  const JsonValue* title = body.find("title");
  if (!title || !title->object()) {
    const std::string text = TRY(text_of(body, "title", 200));
    return flow::Bilingual{text, text};
  }
  flow::Bilingual out{TRY(text_of(*title, "zh", 200)), TRY(text_of(*title, "en", 200))};
  if (out.zh.empty()) out.zh = out.en;
  if (out.en.empty()) out.en = out.zh;
  return out;
}

Result<std::vector<std::string>> media_of(const JsonValue& body) {
  std::vector<std::string> out;
  const JsonValue* list = body.find("media");
  if (!list || std::holds_alternative<std::monostate>(list->is)) return out;
  if (!list->array()) return fail(Errc::invalid, "'media' is a list of ids of photos");
  for (const JsonValue& one : *list->array()) {
    if (!one.text() || !is_photo_id(*one.text()))
      return fail(Errc::invalid, "'media' names photos by their ids, 64 hexadecimal digits each");
    if (std::find(out.begin(), out.end(), *one.text()) == out.end()) out.push_back(*one.text());
  }
  if (out.size() > kMediaMax) return fail(Errc::invalid, "a case begins with at most {} photos", kMediaMax);
  return out;
}

Result<std::string> location_of(const JsonValue& body, const City& city) {
  const JsonValue* found = body.find("location");
  if (!found || std::holds_alternative<std::monostate>(found->is)) return std::string{};
  std::string geojson = found->dump();
  if (geojson.size() > kLocationMax) return fail(Errc::invalid, "'location' is longer than {} bytes", kLocationMax);
  TRY(check_place(city, geojson));
  return geojson;
}

bool is_word(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.' || c == ':' || c == '/';
  });
}

Result<std::string> word_of(const JsonValue& body, std::string_view key) {
  std::string out = TRY(text_of(body, key, 200));
  if (!is_word(out)) return fail(Errc::invalid, "'{}' holds a character that no id has", key);
  return out;
}

void put(JsonWriter& out, std::string_view key, const std::string& text) {
  if (!text.empty()) out.field(key, text);
}

}  // namespace

bool is_channel(std::string_view text) {
  return std::find(kChannels.begin(), kChannels.end(), text) != kChannels.end();
}

bool is_photo_id(std::string_view text) {
  return text.size() == 64 &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

base::Status check_place(const City& city, std::string_view geojson) {
  const geo::Shape shape = TRY(geo::Shape::from_geojson(geojson));
  const auto box = city.box();
  for (const auto& part : shape.parts) {
    for (const geo::Position& at : part) {
      const bool inside = at.lon_deg >= box[0] && at.lat_deg >= box[1] && at.lon_deg <= box[2] && at.lat_deg <= box[3];
      if (!inside)
        return fail(Errc::invalid, "{:.5f}, {:.5f} lies outside of the city ({} … {}, {} … {})", at.lon_deg, at.lat_deg,
                    box[0], box[2], box[1], box[3]);
    }
  }
  return {};
}

Result<NewCase> NewCase::read(const JsonValue& body, const City& city) {
  if (!body.object()) return fail(Errc::invalid, "a new case is a JSON object");
  NewCase out;
  out.kind = TRY(word_of(body, "kind"));
  out.category = TRY(word_of(body, "category"));
  out.title = TRY(title_of(body));
  out.description = TRY(text_of(body, "description", 4000, false));
  out.address = TRY(text_of(body, "address", 300));
  out.location = TRY(location_of(body, city));
  out.media = TRY(media_of(body));
  out.about = TRY(word_of(body, "about"));
  out.severity = TRY(word_of(body, "severity"));
  out.department = TRY(word_of(body, "department"));
  out.external_id = TRY(text_of(body, "externalId", 200));
  if (!out.severity.empty()) TRY(flow::severity_from(out.severity));
  // What somebody wrote without a title is called by its beginning.
  if (out.title.zh.empty() && !out.description.empty()) {
    const std::string begin = sense::clean_text(out.description.substr(0, out.description.find('\n')), {40, true});
    out.title = {begin, begin};
  }
  return out;
}

flow::Action NewCase::action() const {
  JsonWriter out;
  out.object().field("channel", channel);
  put(out, "kind", kind);
  put(out, "category", category);
  if (!title.zh.empty()) out.key("title").object().field("zh", title.zh).field("en", title.en).end();
  put(out, "description", description);
  put(out, "address", address);
  if (!location.empty()) out.key("location").raw(location);
  if (!media.empty()) out.key("media").raw(flow::texts_json(media));
  put(out, "about", about);
  put(out, "severity", severity);
  put(out, "department", department);
  put(out, "externalId", external_id);
  if (report) out.field("report", true);
  flow::Action action;
  action.verb = "file";
  action.note = note;
  action.fields = out.end().take();
  return action;
}

}  // namespace cityloop::serve
