#include <algorithm>
#include <array>

#include "broker/federation/inside.h"
#include "net/url.h"

namespace cityloop::broker {
namespace {

using base::JsonValue;
using base::JsonWriter;
using flow::Name;

constexpr std::string_view kRoot = "/ngsi-ld/v1";
constexpr std::string_view kFromRequest = "urn:ngsi-ld:request";
constexpr std::string_view kRelation = R"(; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json")";

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return char(c >= 'A' && c <= 'Z' ? c + 32 : c); });
  return out;
}

// Headers that belong to the connection or that a registration says elsewhere (clause 4.3.6.5).
bool is_ours_to_set(std::string_view name) {
  constexpr std::array<std::string_view, 11> kNames{"content-length",    "host", "connection", "transfer-encoding",
                                                    "ngsild-tenant",     "via",  "upgrade",    "expect",
                                                    "ngsildconformance", "te",   "trailer"};
  return std::ranges::find(kNames, name) != kNames.end();
}

void set(Headers& headers, std::string name, std::string value) {
  const std::string key = lower(name);
  const auto found = std::ranges::find_if(headers, [&](const auto& header) { return lower(header.first) == key; });
  if (found == headers.end()) headers.emplace_back(std::move(name), std::move(value));
  else found->second = std::move(value);
}

// {"a":1} with the @context in front.
std::string with_context(const std::string& body, std::string_view context) {
  const auto start = body.find('{');
  if (start == std::string::npos) return body;
  const auto next = body.find_first_not_of(" \t\r\n", start + 1);
  const bool empty = next != std::string::npos && body[next] == '}';
  return fmt::format("{{\"@context\":{}{}{}", context, empty ? "" : ",", std::string_view(body).substr(start + 1));
}

std::string without_context(const std::string& body) {
  auto parsed = JsonValue::parse(body);
  if (!parsed) return body;
  const auto strip = [](JsonValue& value) {
    if (auto* members = std::get_if<JsonValue::Object>(&value.is)) {
      std::erase_if(*members, [](const auto& member) { return member.key == "@context"; });
    }
  };
  strip(*parsed);
  if (auto* items = std::get_if<JsonValue::Array>(&parsed->is)) std::ranges::for_each(*items, strip);
  return parsed->dump();
}

// The @context goes with a request as the source wants it: in a Link, or in the body where there is one.
void add_context(const Exchange& exchange, const Registration& registration, std::string_view wish, Headers& headers,
                 std::string& body) {
  std::string context = exchange.context_json;
  const bool has_body = !body.empty();
  bool json_ld = has_body && exchange.request->header("content-type").find("ld+json") != std::string_view::npos;
  if (!registration.source_context.empty()) {
    JsonWriter text;
    text.text(registration.source_context);
    context = text.take();
    json_ld = false;
  }
  if (!wish.empty()) json_ld = has_body && wish == "application/ld+json";
  // A list or an object cannot stand in a Link.
  if (has_body && !context.empty() && context.front() != '"') json_ld = true;
  if (has_body) headers.emplace_back("Content-Type", json_ld ? "application/ld+json" : "application/json");
  const bool says = has_body && body.find("@context") != std::string::npos;
  if (json_ld) {
    if (context.empty()) context = fmt::format("\"{}\"", twin::kCoreContextUrl);
    if (!says) body = with_context(body, context);
    return;
  }
  if (says) body = without_context(body);
  if (context.size() > 2 && context.front() == '"') {
    headers.emplace_back("Link", fmt::format("<{}>{}", context.substr(1, context.size() - 2), kRelation));
  }
}

std::string url_of(const Registration& registration, const Outgoing& out) {
  std::string url = registration.endpoint;
  if (!url.ends_with(kRoot)) url += kRoot;
  url += out.path;
  char separator = '?';
  const auto add = [&](std::string_view name, std::string_view value) {
    url += std::exchange(separator, '&');
    url.append(name).append("=").append(net::percent_encode(value));
  };
  for (const auto& [name, value] : out.query) add(name, value);
  if (registration.local_only) add("local", "true");
  return url;
}

}  // namespace

std::vector<std::string> via_aliases(std::string_view header) {
  std::vector<std::string> out;
  while (!header.empty()) {
    const auto end = std::min(header.find(','), header.size());
    std::string_view one = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    const auto first = one.find_first_not_of(" \t");
    if (first == one.npos) continue;
    one.remove_prefix(first);
    const auto blank = one.find_first_of(" \t");  // "1.1 alias (comment)"
    if (blank == one.npos) {
      out.emplace_back(one);
      continue;
    }
    one.remove_prefix(std::min(one.find_first_not_of(" \t", blank), one.size()));
    out.emplace_back(one.substr(0, one.find_first_of(" \t")));
  }
  return out;
}

bool is_only_for_us(std::string_view parameter) {
  return parameter == "local" || parameter == "csf" || parameter == "entityMap" || parameter == "entityMapLifetime";
}

twin::ContextPtr context_of(const JsonValue& item, const Answer& answer, twin::ContextStore& contexts) {
  std::string given;
  if (const JsonValue* own = item.find("@context")) {
    given = own->dump();
  } else {
    for (const auto& [name, value] : answer.response.headers) {
      if (name != "link") continue;
      const auto link = linked_context(value);
      if (!link || !*link) continue;
      JsonWriter text;
      text.text(**link);
      given = text.take();
    }
  }
  if (given.empty()) return answer.forward.context;
  const auto resolved = contexts.resolved(given);
  return resolved && *resolved ? **resolved : answer.forward.context;
}

std::string_view path_behind_root(const net::Request& request) {
  std::string_view path = request.raw_path.empty() ? request.path : request.raw_path;
  path = path.substr(0, path.find('?'));
  if (path.starts_with(kRoot)) path.remove_prefix(kRoot.size());
  return path;
}

std::string escaped_path_part(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("/?#% \"<>\\^`{|}").find(c) == std::string_view::npos && std::uint8_t(c) > 32 &&
        std::uint8_t(c) < 127) {
      out += c;
    } else {
      out += net::percent_encode(std::string_view(&c, 1));
    }
  }
  return out;
}

std::optional<twin::ContextPtr> context_for(const Exchange& exchange, const Registration& registration) {
  if (registration.source_context.empty()) return exchange.context;
  JsonWriter text;
  text.text(registration.source_context);
  const auto resolved = exchange.contexts.resolved(text.str());
  if (!resolved) return std::nullopt;
  return *resolved ? **resolved : exchange.context;
}

std::string names_for(const std::vector<Name>& names, const twin::Context& context) {
  std::string out, scratch;
  for (const Name name : names) {
    if (!out.empty()) out += ',';
    out += context.compact(name, scratch);
  }
  return out;
}

Forward make_forward(const Exchange& exchange, const std::string& own_alias, base::Duration timeout,
                     RegistrationPtr registration, const RegistrationInfo* info, const EntityInfo* entity,
                     Outgoing out) {
  Forward forward;
  Headers headers;
  std::string via(exchange.request->header("via"));
  via += fmt::format("{}1.1 {}", via.empty() ? "" : ", ", own_alias);
  headers.emplace_back("Via", via);
  headers.emplace_back("Accept", "application/json");
  if (!registration->tenant.empty()) headers.emplace_back("NGSILD-Tenant", registration->tenant);
  std::string wish;
  for (const auto& [key, value] : registration->source_info) {
    const std::string name = lower(key);
    if (name == "contenttype" || name == "content-type") wish = value;
    if (name == "ngsildconformance") set(headers, "Prefer", fmt::format("ngsi-ld={}", value));
    if (name == "contenttype" || name == "content-type" || is_ours_to_set(name)) continue;
    const std::string told = value == kFromRequest ? std::string(exchange.request->header(name)) : value;
    if (value != kFromRequest || !told.empty()) set(headers, name == "accept" ? "Accept" : key, told);
  }
  add_context(exchange, *registration, wish, headers, out.body);
  forward.request = {out.method, url_of(*registration, out), std::move(headers), std::move(out.body),
                     registration->timeout.value_or(timeout)};
  forward.context = context_for(exchange, *registration).value_or(exchange.context);
  forward.info = info;
  forward.entity = entity;
  forward.registration = std::move(registration);
  return forward;
}

namespace {

constexpr std::array<std::string_view, 44> kWords{
    "id",           "type",          "@context",      "scope",      "value",       "object",
    "objectType",   "languageMap",   "vocab",         "json",       "valueList",   "objectList",
    "observedAt",   "unitCode",      "datasetId",     "createdAt",  "modifiedAt",  "deletedAt",
    "expiresAt",    "instanceId",    "previousValue", "lang",       "valueType",   "previousObject",
    "previousJson", "previousVocab", "entity",        "entityList", "coordinates", "previousLanguageMap",
    "values",       "objects",       "languageMaps",  "vocabs",     "jsons",       "valueLists",
    "objectLists",  "avg",           "min",           "max",        "sum",         "sumsq",
    "stddev",       "totalCount"};

bool is_word(std::string_view key) {
  return std::ranges::find(kWords, key) != kWords.end();
}

class Rewording {
 public:
  Rewording(JsonWriter& out, const twin::Context& from, const twin::Context& to) : out_(out), from_(from), to_(to) {}

  void entity(const JsonValue& value) {
    if (!value.object()) return value.write(out_);
    out_.object();
    for (const auto& [key, member] : *value.object()) {
      if (key == "@context") continue;
      if (key == "type") vocabulary(member, key);
      else if (is_word(key)) member.write(out_.key(key));
      else attribute(key, member);
    }
    out_.end();
  }
  void instance(const JsonValue& value) {
    if (!value.object()) return value.write(out_);
    out_.object();
    for (const auto& [key, member] : *value.object()) {
      if (key == "vocab") vocabulary(member, key);
      else if (is_word(key)) member.write(out_.key(key));
      else attribute(key, member);
    }
    out_.end();
  }

 private:
  std::string in_other_words(std::string_view name) {
    std::string scratch;
    return std::string(to_.compact(from_.expand(name), scratch));
  }
  void vocabulary(const JsonValue& value, std::string_view key) {
    out_.key(key);
    if (value.text()) {
      out_.text(in_other_words(*value.text()));
    } else if (value.array()) {
      out_.array();
      for (const JsonValue& item : *value.array()) {
        if (item.text()) out_.text(in_other_words(*item.text()));
        else item.write(out_);
      }
      out_.end();
    } else {
      value.write(out_);
    }
  }
  void attribute(const std::string& key, const JsonValue& value) {
    out_.key(in_other_words(key));
    if (!value.array()) return instance(value);
    out_.array();
    for (const JsonValue& item : *value.array()) instance(item);
    out_.end();
  }

  JsonWriter& out_;
  const twin::Context& from_;
  const twin::Context& to_;
};

}  // namespace

std::string reworded(const JsonValue& body, const twin::Context& from, const twin::Context& to, bool one_attribute) {
  JsonWriter out;
  Rewording rewording(out, from, to);
  if (one_attribute) {
    rewording.instance(body);
  } else if (body.array()) {
    out.array();
    for (const JsonValue& item : *body.array()) rewording.entity(item);
    out.end();
  } else {
    rewording.entity(body);
  }
  return out.take();
}

}  // namespace cityloop::broker
