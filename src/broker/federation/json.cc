#include "broker/federation/json.h"

#include <algorithm>

namespace cityloop::broker {

using base::JsonValue;

void Pair::ours(net::Response response) {
  close([&] { ours_ = std::move(response); });
}

void Pair::theirs(std::vector<Answer> answers) {
  close([&] { theirs_ = std::move(answers); });
}

void Pair::close(const std::function<void()>& put) {
  {
    const std::lock_guard lock(mutex_);
    put();
    if (--open_ > 0) return;
  }
  reply_(merge_(std::move(ours_), std::move(theirs_)));
}

JsonValue& member(JsonValue& object, std::string_view key) {
  auto& members = std::get<JsonValue::Object>(object.is);
  const auto found = std::ranges::find(members, key, &JsonValue::Member::key);
  if (found != members.end()) return found->value;
  members.push_back({std::string(key), {}});
  return members.back().value;
}

Outgoing as_it_came(const Exchange& on) {
  Outgoing out{on.request->method, std::string(path_behind_root(*on.request)), {}, {}};
  for (const auto& [name, value] : on.request->query) {
    if (!is_only_for_us(name)) out.query.emplace_back(name, value);
  }
  return out;
}

Exchange in_plain_json(const Exchange& on) {
  Exchange out = on;
  out.accept = Media::json;
  return out;
}

namespace {

void drop_contexts(JsonValue& value) {
  if (auto* members = std::get_if<JsonValue::Object>(&value.is)) {
    std::erase_if(*members, [](const JsonValue::Member& one) { return one.key == "@context"; });
  }
  if (auto* items = std::get_if<JsonValue::Array>(&value.is)) std::ranges::for_each(*items, drop_contexts);
}

// What on.answer() has said already is not said twice.
bool belongs_to_the_form(const std::pair<std::string, std::string>& header) {
  return header.first == "NGSILD-Tenant" ||
         (header.first == "Link" && header.second.find("json-ld#context") != std::string::npos);
}

}  // namespace

std::optional<JsonValue> told_in_words(const Exchange& on, const Answer& answer, const Words& words) {
  if (!answer.good()) return std::nullopt;
  auto body = JsonValue::parse(answer.response.body);
  if (!body || (!body->object() && !body->array())) return std::nullopt;
  const JsonValue& first = body->array() && !body->array()->empty() ? body->array()->front() : *body;
  const twin::ContextPtr theirs = context_of(first, answer, on.contexts);
  drop_contexts(*body);
  if (theirs == on.context) return std::move(*body);
  return words(*body, *theirs, *on.context);
}

net::Response merge_bodies(const Exchange& on, net::Response ours, const std::vector<Answer>& answers,
                           const Words& words, const Unite& unite) {
  std::optional<JsonValue> whole;
  if (ours.status >= 200 && ours.status < 300) {
    if (auto body = JsonValue::parse(ours.body)) whole = std::move(*body);
  } else if (ours.status != 404) {
    return ours;
  }
  const bool known_here = whole.has_value();
  for (const Answer& answer : answers) {
    auto told = told_in_words(on, answer, words);
    if (!told) continue;
    if (whole) unite(*whole, answer, *told);
    else whole = std::move(told);
  }
  net::Response out = whole ? on.answer(known_here ? ours.status : 200, whole->dump()) : ours;
  if (whole && known_here) {
    for (auto& header : ours.headers) {
      if (!belongs_to_the_form(header)) out.headers.push_back(std::move(header));
    }
  }
  for (auto& warning : warnings_of(answers)) out.headers.push_back(std::move(warning));
  return out;
}

}  // namespace cityloop::broker
