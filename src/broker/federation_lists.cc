// What is merged as JSON, since names and lists are all there is to it: types and attributes, histories, purges.
#include <algorithm>
#include <set>

#include "base/json_value.h"
#include "broker/federation_parts.h"

namespace cityloop::broker {
namespace {

using base::JsonValue;
using base::JsonWriter;

// Ours and theirs of one request, and the reply that waits for both.
class Pair {
 public:
  using Merge = std::function<net::Response(net::Response ours, std::vector<Answer> theirs)>;
  Pair(Merge merge, net::Reply reply) : merge_(std::move(merge)), reply_(std::move(reply)) {}
  void ours(net::Response response) {
    close([&] { ours_ = std::move(response); });
  }
  void theirs(std::vector<Answer> answers) {
    close([&] { theirs_ = std::move(answers); });
  }

 private:
  template <class Put>
  void close(const Put& put) {
    {
      const std::lock_guard lock(mutex_);
      put();
      if (--open_ > 0) return;
    }
    reply_(merge_(std::move(ours_), std::move(theirs_)));
  }

  std::mutex mutex_;
  Merge merge_;
  net::Reply reply_;
  net::Response ours_;
  std::vector<Answer> theirs_;
  int open_{2};
};

JsonValue& member(JsonValue& object, std::string_view key) {
  auto& members = std::get<JsonValue::Object>(object.is);
  const auto found = std::ranges::find(members, key, &JsonValue::Member::key);
  if (found != members.end()) return found->value;
  members.push_back({std::string(key), {}});
  return members.back().value;
}

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

// Instances of an attribute's history, each once, in order of time.
void unite_instances(JsonValue& ours, const JsonValue& theirs) {
  if (!ours.array()) {
    JsonValue list;
    list.is = JsonValue::Array{ours};
    ours = std::move(list);
  }
  auto& instances = std::get<JsonValue::Array>(ours.is);
  const auto add = [&](const JsonValue& item) {
    const std::string text = item.dump();
    const auto same = [&](const JsonValue& one) { return one.dump() == text; };
    if (std::ranges::none_of(instances, same)) instances.push_back(item);
  };
  if (theirs.array()) std::ranges::for_each(*theirs.array(), add);
  else add(theirs);
  std::ranges::stable_sort(instances, [](const JsonValue& one, const JsonValue& other) {
    return one.text_or("observedAt", one.text_or("modifiedAt", "")) <
           other.text_or("observedAt", other.text_or("modifiedAt", ""));
  });
}

void unite_history(JsonValue& ours, const JsonValue& theirs, bool gaps_only) {
  for (const auto& [key, value] : *theirs.object()) {
    if (key == "@context" || key == "id") continue;
    const bool known = ours.find(key) != nullptr;
    JsonValue& mine = member(ours, key);
    if (!known) mine = value;
    else if (key == "type" || key == "scope") continue;
    else if (!gaps_only) unite_instances(mine, value);
  }
}

void unite_histories(JsonValue& ours, const JsonValue& theirs, bool gaps_only) {
  if (theirs.object() && ours.object()) return unite_history(ours, theirs, gaps_only);
  if (!ours.array() || !theirs.array()) return;
  auto& list = std::get<JsonValue::Array>(ours.is);
  for (const JsonValue& item : *theirs.array()) {
    const std::string id = item.text_or("id", "");
    const auto found = std::ranges::find_if(list, [&](const JsonValue& one) { return one.text_or("id", "") == id; });
    if (found == list.end()) list.push_back(item);
    else if (found->object() && item.object()) unite_history(*found, item, gaps_only);
  }
}

using Unite = std::function<void(JsonValue& ours, const Answer&, const JsonValue& theirs)>;

net::Response merge_bodies(const Exchange& on, net::Response ours, const std::vector<Answer>& answers,
                           const Unite& unite_with) {
  std::optional<JsonValue> whole;
  if (ours.status >= 200 && ours.status < 300) {
    if (auto body = JsonValue::parse(ours.body)) whole = std::move(*body);
  } else if (ours.status != 404) {
    return ours;
  }
  for (const Answer& answer : answers) {
    if (!answer.good()) continue;
    const auto body = JsonValue::parse(answer.response.body);
    if (!body || (!body->object() && !body->array())) continue;
    if (whole) {
      unite_with(*whole, answer, *body);
      continue;
    }
    whole = *body;
    if (auto* members = std::get_if<JsonValue::Object>(&whole->is)) {
      std::erase_if(*members, [](const auto& one) { return one.key == "@context"; });
    }
    ours = on.answer(200, "");
  }
  if (whole && ours.status < 300) ours.body = ours.body.empty() ? on.answer(200, whole->dump()).body : whole->dump();
  for (auto& warning : warnings_of(answers)) ours.headers.push_back(std::move(warning));
  return ours;
}

Outgoing as_it_came(const Exchange& on) {
  Outgoing out{on.request->method, std::string(path_behind_root(*on.request)), {}, {}};
  for (const auto& [name, value] : on.request->query) {
    if (name != "local" && name != "csf") out.query.emplace_back(name, value);
  }
  return out;
}

// A parameter brought down to what a registration covers.
void narrow(Outgoing& out, std::string_view name, const std::vector<flow::Name>& to, const twin::Context& context) {
  if (to.empty()) return;
  std::vector<flow::Name> names;
  const auto given = std::ranges::find(out.query, name, [](const auto& pair) { return pair.first; });
  if (given == out.query.end()) {
    out.query.emplace_back(std::string(name), names_for(to, context));
    return;
  }
  std::string_view rest = given->second;
  if (rest.find_first_of(";(") != rest.npos) return;
  while (!rest.empty()) {
    const auto end = std::min(rest.find_first_of(",|"), rest.size());
    const flow::Name one = context.expand(rest.substr(0, end));
    if (std::ranges::find(to, one) != to.end()) names.push_back(one);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (!names.empty()) given->second = names_for(names, context);
}

}  // namespace

void Federation::discover(const Exchange& exchange, Operation operation, const Local& local, net::Reply reply) const {
  Interest interest;
  const auto named = [&](std::string_view key) -> std::string_view {
    const auto found = exchange.request->params.find(key);
    return found == exchange.request->params.end() ? std::string_view{} : std::string_view(found->second);
  };
  if (operation == Operation::retrieve_entity_type_info) {
    interest.entities.push_back({"", "", {exchange.context->expand(named("type"))}});
  } else if (operation == Operation::retrieve_attr_type_info) {
    for (const std::string_view key : {"name", "attrId", "attribute"}) {
      if (!named(key).empty()) interest.attributes = {exchange.context->expand(named(key))};
    }
  }
  auto sources = inside_->sources(exchange, operation, interest);
  if (sources.empty()) return local(std::move(reply));
  const auto pair = std::make_shared<Pair>(
      [kept = exchange.kept()](net::Response ours, const std::vector<Answer>& answers) {
        return merge_bodies(kept, std::move(ours), answers,
                            [](JsonValue& mine, const Answer&, const JsonValue& theirs) { unite(mine, theirs); });
      },
      std::move(reply));
  std::vector<Forward> forwards;
  for (const RegistrationPtr& source : sources) {
    const auto matches = source->matches(interest);
    forwards.push_back(inside_->forward(exchange, source, matches.front(), as_it_came(exchange)));
  }
  inside_->sender.send(std::move(forwards), [pair](std::vector<Answer> answers) { pair->theirs(std::move(answers)); });
  local(net::Reply([pair](net::Response response) { pair->ours(std::move(response)); }));
}

namespace {

// Clause 5.10.2: whether the interval that a source knows of has anything of the time asked for.
bool overlaps(const Registration& source, const Exchange& on) {
  const std::string_view property = on.argument("timeproperty").value_or("observedAt");
  const auto& interval = property == "observedAt" ? source.observation : source.management;
  if (!interval) return false;
  const std::string_view relation = on.argument("timerel").value_or("");
  const auto at = base::parse_time(on.argument("timeAt").value_or(""));
  if (relation.empty() || !at) return true;
  const bool open = interval->end == flow::kNever;
  if (relation == "before") return interval->start <= *at;
  if (relation == "after") return open || interval->end >= *at;
  const auto end = base::parse_time(on.argument("endTimeAt").value_or(""));
  return end && interval->start <= *end && (open || interval->end >= *at);
}

}  // namespace

void Federation::temporal(const Exchange& exchange, Operation operation, const Local& local, net::Reply reply) const {
  Interest interest = interest_of(exchange);
  if (const auto id = exchange.request->params.find("id"); id != exchange.request->params.end()) {
    const auto types = interest.entities.empty() ? std::vector<flow::Name>{} : interest.entities.front().types;
    interest.entities = {{id->second, "", types}};
  }
  auto sources = inside_->sources(exchange, operation, interest);
  std::erase_if(sources, [&](const RegistrationPtr& source) { return !overlaps(*source, exchange); });
  if (sources.empty()) return local(std::move(reply));
  const auto pair = std::make_shared<Pair>(
      [kept = exchange.kept()](net::Response ours, std::vector<Answer> answers) {
        // Auxiliary ones last: they fill what nobody else has.
        std::ranges::stable_sort(
            answers, {}, [](const Answer& one) { return one.forward.registration->mode == SourceMode::auxiliary; });
        return merge_bodies(kept, std::move(ours), answers,
                            [](JsonValue& mine, const Answer& answer, const JsonValue& theirs) {
                              unite_histories(mine, theirs, answer.forward.registration->mode == SourceMode::auxiliary);
                            });
      },
      std::move(reply));
  std::vector<Forward> forwards;
  for (const RegistrationPtr& source : sources) {
    for (const Registration::Match& match : source->matches(interest)) {
      Outgoing out = as_it_came(exchange);
      narrow(out, "attrs", match.info->attributes, *exchange.context);
      if (operation == Operation::query_temporal && match.entity) {
        narrow(out, "type", match.entity->types, *exchange.context);
      }
      forwards.push_back(inside_->forward(exchange, source, match, std::move(out)));
    }
  }
  inside_->sender.send(std::move(forwards), [pair](std::vector<Answer> answers) { pair->theirs(std::move(answers)); });
  local(net::Reply([pair](net::Response response) { pair->ours(std::move(response)); }));
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
        narrow(out, "type", match.entity->types, *exchange.context);
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
        if (std::ranges::all_of(parts, &Part::good)) return ours;
        return answer_of("urn:ngsi-ld:*", false, false, parts);
      },
      std::move(reply));
  inside_->sender.send(std::move(forwards), [pair](std::vector<Answer> answers) { pair->theirs(std::move(answers)); });
  local(net::Reply([pair](net::Response response) { pair->ours(std::move(response)); }));
}

}  // namespace cityloop::broker
