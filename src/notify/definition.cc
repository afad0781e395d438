// Definitions of subscriptions: their names, made canonical and shown again, and fragments merged into them.
#include <algorithm>
#include <functional>

#include "notify/subscription.h"

namespace cityloop::notify {
namespace {

using base::JsonValue;
using Word = std::function<std::string(std::string_view)>;

JsonValue* member(JsonValue& object, std::string_view key) {
  auto* members = std::get_if<JsonValue::Object>(&object.is);
  if (!members) return nullptr;
  const auto found = std::ranges::find(*members, key, &JsonValue::Member::key);
  return found == members->end() ? nullptr : &found->value;
}

// Keywords are no terms of anybody's.
bool is_keyword(std::string_view word) {
  return word == "id" || word == "type" || word == "scope" || word == "*";
}

// Each word between separators.
std::string words(std::string_view text, std::string_view separators, const Word& word) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(separators), text.size());
    const std::string_view one = text.substr(0, end);
    if (!one.empty()) out += is_keyword(one) ? std::string(one) : word(one);
    if (end < text.size()) out += text[end];
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

void map_texts(JsonValue* value, std::string_view separators, const Word& word) {
  if (!value) return;
  if (auto* text = std::get_if<std::string>(&value->is)) *text = words(*text, separators, word);
  if (auto* list = std::get_if<JsonValue::Array>(&value->is)) {
    for (JsonValue& item : *list) {
      if (auto* text = std::get_if<std::string>(&item.is)) *text = words(*text, separators, word);
    }
  }
}

constexpr std::string_view kOfTypes = ";,|() ";
constexpr std::string_view kOfMembers = "{},| ";

void map_names(JsonValue& body, const Word& word) {
  if (JsonValue* entities = member(body, "entities")) {
    if (auto* list = std::get_if<JsonValue::Array>(&entities->is)) {
      for (JsonValue& selector : *list) map_texts(member(selector, "type"), kOfTypes, word);
    }
  }
  map_texts(member(body, "watchedAttributes"), {}, word);
  map_texts(member(body, "expandValues"), {}, word);
  if (JsonValue* geo = member(body, "geoQ")) map_texts(member(*geo, "geoproperty"), {}, word);
  if (JsonValue* notification = member(body, "notification")) {
    map_texts(member(*notification, "attributes"), {}, word);
    map_texts(member(*notification, "pick"), kOfMembers, word);
    map_texts(member(*notification, "omit"), kOfMembers, word);
  }
}

void drop(JsonValue& object, std::initializer_list<std::string_view> keys) {
  auto* members = std::get_if<JsonValue::Object>(&object.is);
  if (!members) return;
  std::erase_if(*members, [&](const JsonValue::Member& m) { return std::ranges::find(keys, m.key) != keys.end(); });
}

bool says_null(const JsonValue& value) {
  return std::holds_alternative<std::monostate>(value.is) || (value.text() && *value.text() == flow::kNullUri);
}

}  // namespace

JsonValue canonical(JsonValue body, const twin::Context& context) {
  drop(body, {"@context", "status", "createdAt", "modifiedAt"});
  if (JsonValue* notification = member(body, "notification")) {
    drop(*notification,
         {"status", "timesSent", "timesFailed", "lastNotification", "lastSuccess", "lastFailure", "lastError"});
  }
  map_names(body, [&](std::string_view word) { return context.expand_text(word); });
  return body;
}

JsonValue presented(JsonValue definition, const twin::Context& context) {
  std::string scratch;
  map_names(definition, [&](std::string_view word) { return std::string(context.compact(flow::Name(word), scratch)); });
  return definition;
}

namespace {

// A notification or an endpoint that says where it goes needs nothing of the former one.
bool stands_alone(std::string_view key, const JsonValue& value) {
  const JsonValue* endpoint = key == "notification" ? value.find("endpoint") : &value;
  return endpoint && endpoint->find("uri");
}

void put(JsonValue& place, std::string_view key, const JsonValue& value) {
  if (!value.object() || (key != "notification" && key != "endpoint")) {
    place = value;
    return;
  }
  if (!place.object() || stands_alone(key, value)) place.is = JsonValue::Object{};
  merge(place, value);
}

}  // namespace

void merge(JsonValue& definition, const JsonValue& fragment) {
  auto* mine = std::get_if<JsonValue::Object>(&definition.is);
  const JsonValue::Object* given = fragment.object();
  if (!mine || !given) {
    definition = fragment;
    return;
  }
  for (const auto& [key, value] : *given) {
    const auto found = std::ranges::find(*mine, key, &JsonValue::Member::key);
    if (!says_null(value)) {
      put(found != mine->end() ? found->value : mine->emplace_back(JsonValue::Member{key, {}}).value, key, value);
    } else if (found != mine->end()) {
      mine->erase(found);
    }
  }
}

}  // namespace cityloop::notify
