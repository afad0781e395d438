#include "twin/ngsi/merge.h"

#include <algorithm>

#include <simdjson.h>

#include "base/json_writer.h"
#include "twin/ngsi/names.h"
#include "twin/ngsi/ngsi.h"

namespace cityloop::twin {
namespace {

using base::Errc;
using flow::Attribute;
using flow::AttributeKind;
using flow::Json;
using flow::Value;
using simdjson::dom::element;
using simdjson::dom::object;

bool is_null(const element& value) {
  std::string_view text;
  return value.is_null() || (!value.get(text) && text == flow::kNullUri);
}

// What is not merged is written as it was, so that whole numbers keep their digits.
void write_merged(base::JsonWriter& out, const object* into, const element& given) {
  object wishes;
  if (given.get(wishes)) {
    out.raw(simdjson::minify(given));
    return;
  }
  out.object();
  if (into) {
    for (const auto field : *into) {
      element wish;
      object mine;
      if (wishes.at_key(field.key).get(wish)) out.key(field.key).raw(simdjson::minify(field.value));
      else if (!is_null(wish)) write_merged(out.key(field.key), field.value.get(mine) ? nullptr : &mine, wish);
    }
  }
  for (const auto field : wishes) {
    element mine;
    if (is_null(field.value) || (into && !into->at_key(field.key).get(mine))) continue;
    write_merged(out.key(field.key), nullptr, field.value);
  }
  out.end();
}

// A value given without its kind, as what the attribute is. False when it cannot be that.
bool fit(const Attribute& into, Value& given, flow::Name lang) {
  const bool text = std::holds_alternative<flow::Text>(given), json = std::holds_alternative<Json>(given);
  switch (into.kind) {
    case AttributeKind::property: return true;
    case AttributeKind::relationship: return json || (text && is_uri(std::get<flow::Text>(given)));
    case AttributeKind::vocab_property: return text || json;
    case AttributeKind::language_property:
      if (text && !lang.empty()) {
        base::JsonWriter out;
        out.object().field(lang.text(), std::get<flow::Text>(given).view()).end();
        given = Json{out.take()};
      }
      return std::holds_alternative<Json>(given);
    case AttributeKind::json_property: return true;
    case AttributeKind::geo_property:
    case AttributeKind::list_property:
    case AttributeKind::list_relationship: return json;
  }
  return false;
}

void merge_value(Attribute& into, Value given) {
  auto* const mine = std::get_if<Json>(&into.value);
  const auto* const theirs = std::get_if<Json>(&given);
  const bool objects = mine && theirs && mine->text.view().starts_with('{') && theirs->text.view().starts_with('{');
  if (objects && into.kind != AttributeKind::geo_property) mine->text = merge_json(mine->text, theirs->text);
  else into.value = std::move(given);
}

}  // namespace

bool is_null(const std::vector<flow::Name>& scopes) {
  return scopes.size() == 1 && scopes.front().text() == flow::kNullUri;
}

void leave_out_nulls(Attribute& attribute) {
  if (attribute.observed_at == kNullInstant) attribute.observed_at = flow::kNever;
  if (!attribute.unit_code.empty() && attribute.unit_code.text() == flow::kNullUri) attribute.unit_code = {};
  const auto* const json = std::get_if<Json>(&attribute.value);
  const bool opaque = attribute.kind == AttributeKind::json_property;
  if (json && !opaque && std::string_view(json->text).find(flow::kNullUri) != std::string_view::npos) {
    attribute.value = Json{merge_json("{}", json->text)};
  }
  if (attribute.subs.empty()) return;
  std::erase_if(attribute.subs.list(), [](const Attribute& sub) { return is_null(sub); });
  for (Attribute& sub : attribute.subs) leave_out_nulls(sub);
}

bool is_null(const Attribute& attribute) {
  if (const auto* text = std::get_if<flow::Text>(&attribute.value)) return *text == flow::kNullUri;
  const auto* json = std::get_if<Json>(&attribute.value);
  if (!json || json->text.size() > 64) return false;
  return json->text == R"({"@none":"urn:ngsi-ld:null"})" || json->text == R"(["urn:ngsi-ld:null"])";
}

std::string merge_json(std::string_view into, std::string_view given) {
  simdjson::dom::parser held_parser, given_parser;
  element held, wish;
  if (given_parser.parse(given.data(), given.size()).get(wish)) return std::string(into);
  object mine;
  const bool is_object = !held_parser.parse(into.data(), into.size()).get(held) && !held.get(mine);
  base::JsonWriter out;
  write_merged(out, is_object ? &mine : nullptr, wish);
  return out.take();
}

base::Status merge_into(Attribute& into, const Attribute& given, const MergeWish& wish) {
  if (given.value.index() != 0) {
    Value value = given.value;
    const bool bare = wish.keep_kind || (given.kind == AttributeKind::property && !wish.lang.empty());
    if (into.kind != given.kind && !(bare && fit(into, value, wish.lang))) {
      return base::fail(Errc::invalid, "attribute '{}' is a {} and stays one: the value given does not fit",
                        into.name.text(), ngsi::words_of(into.kind).type);
    }
    merge_value(into, std::move(value));
  }
  if (given.observed_at == kNullInstant) into.observed_at = flow::kNever;
  else if (given.observed_at != flow::kNever) into.observed_at = given.observed_at;
  else if (wish.observed_at != flow::kNever && into.observed_at != flow::kNever) into.observed_at = wish.observed_at;
  if (given.unit_code.text() == flow::kNullUri) into.unit_code = {};
  else if (!given.unit_code.empty()) into.unit_code = given.unit_code;
  for (const Attribute& sub : given.subs) {
    const auto mine = std::ranges::find(into.subs, sub.name, &Attribute::name);
    if (is_null(sub)) {
      if (mine != into.subs.end()) into.subs.list().erase(mine);
    } else if (mine == into.subs.end()) {
      into.subs.push_back(sub);
      leave_out_nulls(into.subs.list().back());
    } else if (auto ok = merge_into(*mine, sub, wish); !ok) {
      return ok;
    }
  }
  return {};
}

}  // namespace cityloop::twin
