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

// Clauses 5.6.1 to 5.6.6, 5.6.17 to 5.6.19: exclusive sources take their attributes first, redirects what they claim of
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
      if (mode == SourceMode::redirect && whole_ && !out_.shares.empty() && operation_ != Operation::delete_entity) {
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
    if (whole_ && source->mode == SourceMode::exclusive && operation_ == Operation::create_entity) return;
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

bool is_about_one_attribute(Operation operation) {
  return operation == Operation::update_attrs || operation == Operation::delete_attrs ||
         operation == Operation::replace_attrs;
}

bool carries_entity(Operation operation) {
  return operation == Operation::create_entity || operation == Operation::replace_entity ||
         operation == Operation::merge_entity || operation == Operation::update_entity ||
         operation == Operation::append_attrs;
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
    const auto slash = out.path.rfind('/');
    out.path.resize(slash + 1);
    out.path += escaped_path_part(context->compact(share.attributes.front(), scratch));
  }
  for (const auto& [name, value] : request.query) {
    if (!is_only_for_us(name)) out.query.emplace_back(name, value);
  }
  if (request.body.empty()) return out;
  out.body = request.body;
  const bool all_of_it = share.attributes.size() == all.size() || !carries_entity(operation);
  if (all_of_it && !other_words) return out;
  const auto parsed = JsonValue::parse(request.body);
  if (!parsed) return out;
  const JsonValue body = all_of_it ? *parsed : cut(*parsed, share.attributes, all, *on.context);
  out.body = other_words ? reworded(body, *on.context, *context, !carries_entity(operation)) : body.dump();
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
    const bool lists = operation_ == Operation::update_entity || operation_ == Operation::append_attrs;
    reply_(answer_of(entity_, operation_ == Operation::create_entity, lists, parts_));
  }

 private:
  std::mutex mutex_;
  std::string entity_;
  Operation operation_;
  net::Reply reply_;
  std::vector<Part> parts_;
  int open_{0};
};

}  // namespace

void Federation::write(const Exchange& exchange, Operation operation, flow::Write write, const LocalWrite& local,
                       net::Reply reply) const {
  const auto names = operation == Operation::delete_entity ? std::vector<Name>{} : names_of(write);
  Interest interest = interest_of(exchange);
  Selector selector{std::string(write.entity.text()), "", write.types};
  if (selector.types.empty() && !interest.entities.empty()) selector.types = interest.entities.front().types;
  // An entity that is held here is what it is here: a source of buses is not told of a lamp post.
  if (const flow::EntityPtr held = exchange.tenant.twin.get(write.entity)) {
    selector.types.insert(selector.types.end(), held->types.begin(), held->types.end());
  }
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
