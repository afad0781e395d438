#include "broker/media.h"

#include <algorithm>
#include <cstdlib>

namespace cityloop::broker {
namespace {

constexpr std::string_view kContextRelation = "http://www.w3.org/ns/json-ld#context";

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The part before the separator; `text` is left with what follows it.
std::string_view take(std::string_view& text, char separator) {
  const auto end = std::min(text.find(separator), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return trimmed(part);
}

double weight_of(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::string_view parameter = take(parameters, ';');
    if (parameter.starts_with("q=")) return std::strtod(std::string(parameter.substr(2)).c_str(), nullptr);
  }
  return 1;
}

// How precisely a range names a type: 3 by name, 2 "application/*", 1 "*/*", 0 not at all.
int precision(std::string_view range, Media media) {
  if (range == to_string(media)) return 3;
  if (range == "application/*") return 2;
  return range == "*/*" ? 1 : 0;
}

}  // namespace

std::string_view to_string(Media media) {
  switch (media) {
    case Media::json: return "application/json";
    case Media::json_ld: return "application/ld+json";
    case Media::geo_json: return "application/geo+json";
  }
  return "";
}

std::string media_type(std::string_view header) {
  std::string out(take(header, ';'));
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return out;
}

std::optional<Media> accepted(std::string_view header, bool geo_json) {
  if (trimmed(header).empty() || header == "*/*" || header == "application/json") return Media::json;
  std::optional<Media> best;
  double best_weight = 0;
  for (const Media media : {Media::json, Media::json_ld, Media::geo_json}) {
    if (media == Media::geo_json && !geo_json) continue;
    // The most precise range that names a type gives its weight.
    int best_precision = 0;
    double weight = 0;
    for (std::string_view rest = header; !rest.empty();) {
      std::string_view parameters = take(rest, ',');
      const int here = precision(media_type(take(parameters, ';')), media);
      if (here > best_precision) best_precision = here, weight = weight_of(parameters);
    }
    if (weight > best_weight) best = media, best_weight = weight;
  }
  return best;
}

base::Result<std::optional<std::string>> linked_context(std::string_view header) {
  std::optional<std::string> out;
  while (!trimmed(header).empty()) {
    header = trimmed(header);
    const auto end = header.find('>');
    if (!header.starts_with('<') || end == header.npos) {
      return base::fail(base::Errc::invalid, "Link: expected <URL>; rel=\"…\"");
    }
    const std::string_view url = header.substr(1, end - 1);
    header.remove_prefix(end + 1);
    bool quoted = false;
    std::size_t stop = 0;
    while (stop < header.size() && (quoted || header[stop] != ',')) quoted ^= header[stop++] == '"';
    std::string_view parameters = header.substr(0, stop);
    header.remove_prefix(std::min(stop + 1, header.size()));
    if (parameters.find(kContextRelation) == parameters.npos) continue;
    if (out) return base::fail(base::Errc::invalid, "Link: names more than one @context");
    if (url.find(':') == url.npos) return base::fail(base::Errc::invalid, "Link: '{}' is no absolute URL", url);
    out = std::string(url);
  }
  return out;
}

}  // namespace cityloop::broker
