// What sources list with us: types, attributes; and purges, which go to all of them.
#include <algorithm>

#include "base/json_value.h"
#include "broker/federation/json.h"
#include "broker/federation/narrow.h"
#include "broker/federation/parts.h"

namespace cityloop::broker {
namespace {

using base::JsonValue;

// Elements of both lists; objects with the same id are one, each name once and texts in order.
void unite(JsonValue& ours, const JsonValue& theirs);

void unite_lists(JsonValue::Array& ours, const JsonValue::Array& theirs) {
  const auto key_of = [](const JsonValue& value) {
    if (value.text()) return *value.text();
    const std::string id = value.text_or("id", "");
    return id.empty() ? value.dump() : id;
  };
  for (const JsonValue& item : theirs) {
    const auto same = [&](const JsonValue& one) { return key_of(one) == key_of(item); };
    const auto found = std::ranges::find_if(ours, same);
    if (found == ours.end()) ours.push_back(item);
    else unite(*found, item);
  }
  if (std::ranges::all_of(ours, [](const JsonValue& one) { return one.text() != nullptr; })) {
    std::ranges::sort(ours, {}, [](const JsonValue& one) { return *one.text(); });
  }
}

void unite(JsonValue& ours, const JsonValue& theirs) {
  if (ours.array() && theirs.array()) {
    return unite_lists(std::get<JsonValue::Array>(ours.is), *theirs.array());
  }
  if (!ours.object() || !theirs.object()) return;
  for (const auto& [key, value] : *theirs.object()) {
    if (key == "@context" || key == "id" || key == "type") continue;
    const bool known = ours.find(key) != nullptr;
    JsonValue& mine = member(ours, key);
    const bool counts = key == "entityCount" || key == "attributeCount";
    if (!known) mine = value;
    else if (counts && mine.number() && value.number()) mine.is = *mine.number() + *value.number();
    else unite(mine, value);
  }
}

// Names of types and attributes, wherever such a list has them.
JsonValue in_words(const JsonValue& value, const twin::Context& from, const twin::Context& to) {
  static constexpr std::string_view kNamed[] = {"typeList",       "typeName",      "typeNames",
                                                "attributeNames", "attributeList", "attributeName"};
  const auto reword = [&](const JsonValue& name) {
    JsonValue out = name;
    std::string scratch;
    if (name.text()) out.is = std::string(to.compact(from.expand(*name.text()), scratch));
    return out;
  };
  JsonValue out = value;
  if (auto* items = std::get_if<JsonValue::Array>(&out.is)) {
    for (JsonValue& item : *items) item = in_words(item, from, to);
  }
  auto* members = std::get_if<JsonValue::Object>(&out.is);
  if (!members) return out;
  for (JsonValue::Member& one : *members) {
    if (std::ranges::find(kNamed, one.key) == std::end(kNamed)) {
      one.value = in_words(one.value, from, to);
    } else if (auto* names = std::get_if<JsonValue::Array>(&one.value.is)) {
      std::ranges::transform(*names, names->begin(), reword);
    } else {
      one.value = reword(one.value);
    }
  }
  return out;
}

// A type's or attribute's name in the path, as the source writes it.
void reword_path(Outgoing& out, flow::Name name, const twin::Context& context) {
  std::string scratch;
  out.path.resize(out.path.rfind('/') + 1);
  out.path += escaped_path_part(context.compact(name, scratch));
}

}  // namespace

void Federation::discover(const Exchange& exchange, Operation operation, const LocalOn& local, net::Reply reply) const {
  Interest interest;
  flow::Name named;
  for (const std::string_view key : {"type", "name", "attrId", "attribute"}) {
    if (const std::string_view given = exchange.part(key); !given.empty()) named = exchange.context->expand(given);
  }
  if (operation == Operation::retrieve_entity_type_info) interest.entities.push_back({"", "", {named}});
  if (operation == Operation::retrieve_attr_type_info) interest.attributes = {named};
  const auto sources = inside_->sources(exchange, operation, interest);
  if (sources.empty()) return local(exchange, std::move(reply));
  const Exchange kept = exchange.kept();
  const auto pair = std::make_shared<Pair>(
      [kept](net::Response ours, const std::vector<Answer>& answers) {
        return merge_bodies(kept, std::move(ours), answers, in_words,
                            [](JsonValue& mine, const Answer&, const JsonValue& theirs) { unite(mine, theirs); });
      },
      std::move(reply));
  const Inside& in = *inside_;
  in.with_contexts(kept, sources, [&in, sources, interest, named, pair](const Exchange& on) {
    std::vector<Forward> forwards;
    for (const RegistrationPtr& source : sources) {
      Outgoing out = as_it_came(on);
      const auto context = context_for(on, *source).value_or(on.context);
      if (!named.empty() && context != on.context) reword_path(out, named, *context);
      forwards.push_back(in.forward(on, source, source->matches(interest).front(), std::move(out)));
    }
    in.sender.send(std::move(forwards), [pair](std::vector<Answer> answers) { pair->theirs(std::move(answers)); });
  });
  local(in_plain_json(kept), net::Reply([pair](net::Response response) { pair->ours(std::move(response)); }));
}

void Federation::purge(const Exchange& exchange, const Local& local, net::Reply reply) const {
  const Interest interest = interest_of(exchange);
  const auto sources = inside_->sources(exchange, Operation::purge_entity, interest);
  if (sources.empty()) return local(std::move(reply));
  std::vector<Part> refused;
  std::vector<Forward> forwards;
  for (const RegistrationPtr& source : sources) {
    if (!source->supports(Operation::purge_entity)) {
      refused.push_back({source->id, {}, false, unsupported_by(*source, Operation::purge_entity)});
      continue;
    }
    for (const Registration::Match& match : source->matches(interest)) {
      Outgoing out = as_it_came(exchange);
      if (match.entity) {
        narrow(out, "type", match.entity->types, *exchange.context, *exchange.context);
        if (!match.entity->id.empty()) {
          std::erase_if(out.query, [](const auto& pair) { return pair.first == "id" || pair.first == "idPattern"; });
          out.query.emplace_back("id", match.entity->id);
        }
      }
      forwards.push_back(inside_->forward(exchange, source, match, std::move(out)));
    }
  }
  const auto pair = std::make_shared<Pair>(
      [refused](net::Response ours, const std::vector<Answer>& answers) {
        std::vector<Part> parts{part_of(ours, {})};
        parts.insert(parts.end(), refused.begin(), refused.end());
        for (const Answer& answer : answers) parts.push_back(part_of(answer));
        std::erase_if(parts, [](const Part& part) { return !part.good && part.trouble.status == 404; });
        if (parts.empty()) return ours;
        if (std::ranges::all_of(parts, &Part::good)) return ours.status == 404 ? empty(204) : ours;
        return answer_of({.entity = "urn:ngsi-ld:*"}, parts);
      },
      std::move(reply));
  inside_->sender.send(std::move(forwards), [pair](std::vector<Answer> answers) { pair->theirs(std::move(answers)); });
  local(net::Reply([pair](net::Response response) { pair->ours(std::move(response)); }));
}

}  // namespace cityloop::broker
