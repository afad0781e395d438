#include <algorithm>

#include "base/json_value.h"
#include "broker/federation/parts.h"

namespace cityloop::broker {
namespace {

using base::JsonValue;
using flow::Name;

std::vector<Name> names_of(const flow::Write& write) {
  std::vector<Name> out;
  for (const flow::Attribute& attribute : write.attributes) {
    if (std::ranges::find(out, attribute.name) == out.end()) out.push_back(attribute.name);
  }
  return out;
}

std::vector<Name> claimed(const std::vector<Name>& names, const std::vector<Registration::Match>& matches) {
  std::vector<Name> out;
  for (const Name name : names) {
    const auto knows = [&](const Registration::Match& match) { return match.info->has_attribute(name); };
    if (std::ranges::any_of(matches, knows)) out.push_back(name);
  }
  return out;
}

void take_out(std::vector<Name>& names, const std::vector<Name>& taken) {
  std::erase_if(names, [&](Name name) { return std::ranges::find(taken, name) != taken.end(); });
}

// What of a write goes where.
struct Division {
  struct Share {
    RegistrationPtr source;
    Registration::Match match;
    std::vector<Name> attributes;
    bool supported{true};
  };
  std::vector<Share> shares;
  std::vector<Name> rest;  // for us
  bool local{true};        // whether anything is left for us
};

bool makes_entity(Operation operation) {
  return operation == Operation::create_entity || operation == Operation::upsert_temporal;
}

bool deletes_entity(Operation operation) {
  return operation == Operation::delete_entity || operation == Operation::delete_temporal;
}

// Clauses 5.6.1 to 5.6.6, 5.6.11 to 5.6.19: exclusive sources take their attributes first, redirects what they claim of
// the rest, and what is left goes to inclusive ones and stays here.
class Divider {
 public:
  Divider(const std::vector<RegistrationPtr>& sources, const Interest& interest, Operation operation,
          std::vector<Name> names)
      : sources_(sources), interest_(interest), operation_(operation), whole_(names.empty()) {
    out_.rest = std::move(names);
  }
  Division run() {
    for (const SourceMode mode : {SourceMode::exclusive, SourceMode::redirect, SourceMode::inclusive}) {
      std::vector<Name> taken;
      for (const RegistrationPtr& source : sources_) {
        if (source->mode == mode) share(source, taken);
      }
      if (mode != SourceMode::inclusive) take_out(out_.rest, taken);
      // Deleting is also done here; what is nothing but an id and a type is held where the redirect says.
      if (mode == SourceMode::redirect && whole_ && !out_.shares.empty() && !deletes_entity(operation_)) {
        const auto redirect = [](const auto& one) { return one.source->mode == SourceMode::redirect; };
        out_.local = std::ranges::none_of(out_.shares, redirect);
      }
    }
    if (!whole_ && out_.rest.empty()) out_.local = false;
    return std::move(out_);
  }

 private:
  void share(const RegistrationPtr& source, std::vector<Name>& taken) {
    const auto matches = source->matches(interest_);
    if (matches.empty()) return;
    const auto names = claimed(out_.rest, matches);
    if (!whole_ && names.empty()) return;
    // What an exclusive source of some attributes may hold of an entity without any is nothing.
    if (whole_ && source->mode == SourceMode::exclusive && makes_entity(operation_)) return;
    const bool supported = source->supports(operation_);
    if (!supported && source->mode == SourceMode::inclusive) return;
    out_.shares.push_back({source, matches.front(), names, supported});
    taken.insert(taken.end(), names.begin(), names.end());
  }

  const std::vector<RegistrationPtr>& sources_;
  const Interest& interest_;
  const Operation operation_;
  const bool whole_;
  Division out_;
};

bool is_about_one_instance(Operation operation) {
  return operation == Operation::update_attr_instance_temporal || operation == Operation::delete_attr_instance_temporal;
}

bool is_about_one_attribute(Operation operation) {
  return operation == Operation::update_attrs || operation == Operation::delete_attrs ||
         operation == Operation::replace_attrs || operation == Operation::delete_attrs_temporal ||
         is_about_one_instance(operation);
}

// Whether the body is an entity or a fragment of one, rather than an attribute alone. That of an instance may be either
// (clause 6.22.3.1).
bool carries_entity(Operation operation, const JsonValue& body, const std::vector<Name>& names,
                    const twin::Context& context) {
  if (!is_about_one_attribute(operation)) return true;
  return is_about_one_instance(operation) && body.object() && !names.empty() &&
         std::ranges::any_of(*body.object(), [&](const JsonValue::Member& member) {
           return context.expand(member.key) == names.front();
         });
}

// …/attrs/NAME and …/attrs/NAME/INSTANCE with another name.
void rename_attribute(std::string& path, std::string_view name) {
  constexpr std::string_view kBefore = "/attrs/";
  const auto found = path.find(kBefore);
  if (found == std::string::npos) return;
  const auto start = found + kBefore.size(), end = std::min(path.find('/', start), path.size());
  path.replace(start, end - start, escaped_path_part(name));
}

// The body with only those attributes in it.
JsonValue cut(const JsonValue& body, const std::vector<Name>& keep, const std::vector<Name>& all,
              const twin::Context& context) {
  JsonValue out = body;
  auto* members = std::get_if<JsonValue::Object>(&out.is);
  if (!members) return out;
  std::erase_if(*members, [&](const JsonValue::Member& member) {
    const Name name = context.expand(member.key);
    const bool attribute = std::ranges::find(all, name) != all.end();
    return attribute && std::ranges::find(keep, name) == keep.end();
  });
  return out;
}

// The request as one source is to get it.
Outgoing outgoing(const Exchange& on, Operation operation, const Division::Share& share, const std::vector<Name>& all) {
  const net::Request& request = *on.request;
  const auto context = context_for(on, *share.source).value_or(on.context);
  const bool other_words = !share.source->source_context.empty();
  Outgoing out;
  out.method = request.method;
  out.path = path_behind_root(request);
  if (other_words && is_about_one_attribute(operation) && !share.attributes.empty()) {
    std::string scratch;
    rename_attribute(out.path, context->compact(share.attributes.front(), scratch));
  }
  for (const auto& [name, value] : request.query) {
    if (!is_only_for_us(name)) out.query.emplace_back(name, value);
  }
  if (request.body.empty()) return out;
  out.body = request.body;
  const bool all_of_it = share.attributes.size() == all.size() || is_about_one_attribute(operation);
  if (all_of_it && !other_words) return out;
  const auto parsed = JsonValue::parse(request.body);
  if (!parsed) return out;
  const JsonValue body = all_of_it ? *parsed : cut(*parsed, share.attributes, all, *on.context);
  const bool bare = !carries_entity(operation, body, share.attributes, *on.context);
  out.body = other_words ? reworded(body, *on.context, *context, bare) : body.dump();
  return out;
}

// All parts of one write, and the reply that waits for them.
class Joint {
 public:
  Joint(std::string entity, Operation operation, net::Reply reply)
      : entity_(std::move(entity)), operation_(operation), reply_(std::move(reply)) {}

  void expect(int count) { open_ = count; }
  void add(std::vector<Part> parts) {
    {
      const std::lock_guard lock(mutex_);
      for (Part& part : parts) parts_.push_back(std::move(part));
      if (--open_ > 0) return;
    }
    // Ours first, then in order of registrations: the answer does not depend on who was faster.
    std::ranges::stable_sort(parts_, {}, &Part::registration);
    if (operation_ == Operation::create_entity)
      std::ranges::for_each(parts_, [](Part& part) { part.made = part.good; });
    if (is_about_one_instance(operation_)) forget_who_has_it_not();
    reply_(answer_of(answering(), parts_));
  }

 private:
  Answering answering() const {
    Answering out{.entity = entity_};
    if (makes_entity(operation_)) {
      out.location = fmt::format("/ngsi-ld/v1/{}entities/{}", is_temporal(operation_) ? "temporal/" : "", entity_);
    }
    out.attribute_lists = operation_ == Operation::update_entity || operation_ == Operation::append_attrs ||
                          operation_ == Operation::append_attrs_temporal;
    return out;
  }
  // An instance is in one place: that others do not know it is no failure where one did.
  void forget_who_has_it_not() {
    if (std::ranges::none_of(parts_, &Part::good)) return;
    std::erase_if(parts_, [](const Part& part) { return !part.good && part.trouble.status == 404; });
  }

  std::mutex mutex_;
  std::string entity_;
  Operation operation_;
  net::Reply reply_;
  std::vector<Part> parts_;
  int open_{0};
};

// What the entity is here already, or was.
std::vector<Name> types_held(const Tenant& tenant, flow::EntityId id, Operation operation) {
  if (is_temporal(operation)) {
    const auto head = tenant.history.head(id.text());
    return head && *head ? (*head)->frame.types.list() : std::vector<Name>{};
  }
  const flow::EntityPtr held = tenant.twin.get(id);
  return held ? held->types.list() : std::vector<Name>{};
}

}  // namespace

void Federation::write(const Exchange& exchange, Operation operation, flow::Write write, const LocalWrite& local,
                       net::Reply reply) const {
  const auto names = deletes_entity(operation) ? std::vector<Name>{} : names_of(write);
  Interest interest = interest_of(exchange);
  Selector selector{std::string(write.entity.text()), "", write.types};
  if (selector.types.empty() && !interest.entities.empty()) selector.types = interest.entities.front().types;
  // An entity that is held here is what it is here: a source of buses is not told of a lamp post.
  const auto held = types_held(exchange.tenant, write.entity, operation);
  selector.types.insert(selector.types.end(), held.begin(), held.end());
  interest.entities = {std::move(selector)};
  interest.attributes = names;
  auto sources = inside_->sources(exchange, operation, interest);
  Division division = Divider(sources, interest, operation, names).run();
  if (division.shares.empty()) return local(std::move(write), std::move(reply));

  const auto joint = std::make_shared<Joint>(std::string(write.entity.text()), operation, std::move(reply));
  joint->expect(division.local ? 3 : 2);
  std::vector<Part> refused;
  for (const Division::Share& share : division.shares) {
    if (share.supported) continue;
    refused.push_back({share.source->id, share.attributes, false, unsupported_by(*share.source, operation)});
  }
  joint->add(std::move(refused));
  const Inside& in = *inside_;
  in.with_contexts(exchange, sources, [&in, division, operation, names, joint](const Exchange& on) {
    std::vector<Forward> forwards;
    for (const Division::Share& share : division.shares) {
      if (!share.supported) continue;
      forwards.push_back(in.forward(on, share.source, share.match, outgoing(on, operation, share, names)));
      forwards.back().attributes = share.attributes;
    }
    in.sender.send(std::move(forwards), [joint](const std::vector<Answer>& answers) {
      std::vector<Part> parts;
      for (const Answer& answer : answers) parts.push_back(part_of(answer));
      joint->add(std::move(parts));
    });
  });
  if (!division.local) return;
  std::erase_if(write.attributes, [&](const flow::Attribute& one) {
    return std::ranges::find(division.rest, one.name) == division.rest.end() && !names.empty();
  });
  auto ours = [joint, rest = division.rest](const net::Response& response) {
    std::vector<Part> parts;
    parts.push_back(part_of(response, rest));
    joint->add(std::move(parts));
  };
  local(std::move(write), net::Reply(std::move(ours)));
}

}  // namespace cityloop::broker
