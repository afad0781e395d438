#include <algorithm>
#include <map>

#include "base/json_value.h"
#include "broker/federation/parts.h"

namespace cityloop::broker {
namespace {

using base::JsonValue;
using base::JsonWriter;
using flow::Name;

std::optional<Operation> single_of(Operation batch) {
  switch (batch) {
    case Operation::create_batch:
    case Operation::upsert_batch: return Operation::create_entity;
    case Operation::update_batch: return Operation::update_entity;
    case Operation::merge_batch: return Operation::merge_entity;
    case Operation::delete_batch: return Operation::delete_entity;
    default: return std::nullopt;
  }
}

// One entity of a batch as it goes to one source.
struct Item {
  std::string id;
  JsonValue body;  // its attributes cut to those of the source; an id alone for a delete
};

// The batch, taken apart.
class Batch {
 public:
  Batch(const Exchange& exchange, Operation operation, std::vector<flow::Write> writes)
      : context_(*exchange.context), operation_(operation), local(std::move(writes)) {
    if (auto parsed = JsonValue::parse(exchange.request->body); parsed && parsed->array()) {
      for (JsonValue& item : std::get<JsonValue::Array>(parsed->is)) {
        std::string id = item.text() ? *item.text() : item.text_or("id", "");
        bodies_[std::move(id)].push_back(std::move(item));
      }
    }
    for (const flow::Write& write : local) {
      const std::string id(write.entity.text());
      auto& mine = bodies_[id];
      const std::size_t nth = seen_[id]++;
      bodies.push_back(nth < mine.size() ? mine[nth] : JsonValue{});
      std::vector<Name> names;
      for (const flow::Attribute& attribute : write.attributes) names.push_back(attribute.name);
      rest.push_back(names);
      all.push_back(std::move(names));
    }
  }

  // Who is meant by one write; types as far as they are told or known here.
  Interest interest(std::size_t at, const twin::Twin& twin) const {
    const flow::Write& write = local[at];
    Interest out;
    Selector selector{std::string(write.entity.text()), "", write.types};
    if (const flow::EntityPtr held = twin.get(write.entity)) {
      selector.types.insert(selector.types.end(), held->types.begin(), held->types.end());
    }
    out.entities.push_back(std::move(selector));
    out.attributes = all[at];
    return out;
  }
  // What a source gets of one write, of the attributes that are still to be had; nothing when that is none.
  std::optional<Item> item(std::size_t at, const std::vector<Name>& names) const {
    const std::string id(local[at].entity.text());
    if (operation_ == Operation::delete_batch) return Item{id, bodies[at]};
    if (names.empty() && !all[at].empty()) return std::nullopt;
    JsonValue body = bodies[at];
    if (auto* members = std::get_if<JsonValue::Object>(&body.is)) {
      std::erase_if(*members, [&](const JsonValue::Member& member) {
        const Name name = context_.expand(member.key);
        return std::ranges::find(all[at], name) != all[at].end() && std::ranges::find(names, name) == names.end();
      });
    }
    return Item{id, std::move(body)};
  }

 private:
  const twin::Context& context_;
  const Operation operation_;
  std::map<std::string, std::vector<JsonValue>> bodies_;
  std::map<std::string, std::size_t> seen_;

 public:
  std::vector<flow::Write> local;
  std::vector<JsonValue> bodies;        // of each write, as it came
  std::vector<std::vector<Name>> all;   // attributes of each write
  std::vector<std::vector<Name>> rest;  // those that nobody has for himself
};

// Ids done and in error, from all sides.
struct Outcome {
  std::vector<std::string> created, updated;
  struct Failure {
    std::string entity, registration, problem;
  };
  std::vector<Failure> failures;
};

// That an entity is not held here is no failure where a source has done the work.
void forget_absences(Outcome& out) {
  std::erase_if(out.failures, [&](const Outcome::Failure& failure) {
    return failure.registration.empty() && failure.problem.find("errors/ResourceNotFound") != std::string::npos &&
           std::ranges::find(out.updated, failure.entity) != out.updated.end();
  });
}

void add_once(std::vector<std::string>& list, const std::string& id) {
  if (std::ranges::find(list, id) == list.end()) list.push_back(id);
}

void read_result(const std::string& body, const std::string& registration, Outcome& out) {
  const auto parsed = JsonValue::parse(body);
  if (!parsed) return;
  const auto each = [&](const JsonValue* list, const auto& take) {
    if (!list || !list->array()) return;
    for (const JsonValue& item : *list->array()) take(item);
  };
  each(parsed->find("success"), [&](const JsonValue& id) {
    if (id.text()) add_once(out.updated, *id.text());
  });
  each(parsed->find("errors"), [&](const JsonValue& item) {
    const JsonValue* error = item.find("error");
    out.failures.push_back({item.text_or("entityId", ""), item.text_or("registrationId", registration),
                            error ? error->dump() : std::string("{}")});
  });
}

void add_ours(const net::Response& response, const std::vector<flow::Write>& writes, Outcome& out) {
  if (response.status == 201) {
    const auto ids = JsonValue::parse(response.body);
    for (const flow::Write& write : writes) add_once(out.updated, std::string(write.entity.text()));
    if (!ids || !ids->array()) return;
    for (const JsonValue& id : *ids->array()) {
      if (id.text()) add_once(out.created, *id.text());
    }
  } else if (response.status == 204 || response.status == 200) {
    for (const flow::Write& write : writes) add_once(out.updated, std::string(write.entity.text()));
  } else {
    const std::size_t before = out.failures.size();
    read_result(response.body, "", out);
    if (out.failures.size() > before) return;
    for (const flow::Write& write : writes) {
      out.failures.push_back({std::string(write.entity.text()), "", trouble_of(response).problem});
    }
  }
}

void add_answer(const Answer& answer, Outcome& out) {
  const std::string& registration = answer.forward.registration->id;
  if (answer.good() && answer.response.status == 207) return read_result(answer.response.body, registration, out);
  if (answer.good()) {
    const bool created = answer.response.status == 201;
    const auto ids = created ? JsonValue::parse(answer.response.body) : base::Result<JsonValue>(JsonValue{});
    for (const std::string& id : answer.forward.entities) {
      add_once(out.updated, id);
      const bool listed = ids && ids->array();
      const auto same = [&](const JsonValue& item) { return item.text() && *item.text() == id; };
      if (created && (!listed || std::ranges::any_of(*ids->array(), same))) add_once(out.created, id);
    }
    return;
  }
  const Trouble trouble = trouble_of(answer);
  const std::size_t before = out.failures.size();
  if (answer.came()) read_result(answer.response.body, registration, out);
  if (out.failures.size() > before) return;
  for (const std::string& id : answer.forward.entities) out.failures.push_back({id, registration, trouble.problem});
}

net::Response response_of(Operation operation, const Outcome& outcome) {
  net::Response out;
  JsonWriter body;
  if (outcome.failures.empty()) {
    const bool all = operation == Operation::create_batch;
    const auto& ids = all ? outcome.updated : outcome.created;
    if (!all && (operation != Operation::upsert_batch || ids.empty())) return empty(204);
    body.array();
    for (const std::string& id : ids) body.text(id);
    out.status = 201;
    out.body = body.end().take();
    return out;
  }
  body.object().key("success").array();
  for (const std::string& id : outcome.updated) body.text(id);
  body.end().key("errors").array();
  for (const Outcome::Failure& failure : outcome.failures) {
    body.object().field("entityId", failure.entity);
    if (!failure.registration.empty()) body.field("registrationId", failure.registration);
    body.key("error").raw(failure.problem).end();
  }
  out.status = 207;
  out.body = body.end().end().take();
  return out;
}

class Joint {
 public:
  Joint(Operation operation, net::Reply reply) : operation_(operation), reply_(std::move(reply)) {}
  template <class Add>
  void add(const Add& what) {
    {
      const std::lock_guard lock(mutex_);
      what(outcome_);
      if (--open_ > 0) return;
    }
    forget_absences(outcome_);
    std::ranges::stable_sort(outcome_.failures, {}, &Outcome::Failure::registration);
    reply_(response_of(operation_, outcome_));
  }
  void expect(int count) { open_ = count; }

 private:
  std::mutex mutex_;
  Operation operation_;
  net::Reply reply_;
  Outcome outcome_;
  int open_{0};
};

// What one source is to get: a batch where it takes batches, single requests where it takes those.
struct Delivery {
  RegistrationPtr source;
  Registration::Match match;
  std::vector<Item> items;
};

Outgoing batch_request(const Exchange& on, const Delivery& delivery) {
  Outgoing out{net::Method::post, std::string(path_behind_root(*on.request)), {}, {}};
  for (const auto& [name, value] : on.request->query) {
    if (!is_only_for_us(name)) out.query.emplace_back(name, value);
  }
  JsonValue list;
  list.is = JsonValue::Array{};
  for (const Item& item : delivery.items) std::get<JsonValue::Array>(list.is).push_back(item.body);
  const auto context = context_for(on, *delivery.source).value_or(on.context);
  const bool other_words = !delivery.source->source_context.empty();
  out.body = other_words ? reworded(list, *on.context, *context) : list.dump();
  return out;
}

Outgoing single_request(const Exchange& on, Operation single, const Delivery& delivery, const Item& item) {
  const auto context = context_for(on, *delivery.source).value_or(on.context);
  const bool other_words = !delivery.source->source_context.empty();
  const std::string one = fmt::format("/entities/{}", escaped_path_part(item.id));
  Outgoing out;
  switch (single) {
    case Operation::create_entity: out = {net::Method::post, "/entities"}; break;
    case Operation::delete_entity: return {net::Method::del, one};
    case Operation::merge_entity: out = {net::Method::patch, one}; break;
    default: out = {net::Method::patch, one + "/attrs"};
  }
  out.body = other_words ? reworded(item.body, *on.context, *context) : item.body.dump();
  return out;
}

// All that sources are to get, and what is left for us.
class Distribution {
 public:
  Distribution(Batch& batch, Operation operation) : batch_(batch), operation_(operation), taken_(batch.local.size()) {}

  // One mode after the other takes its part of one write.
  void share(std::size_t at, const std::vector<RegistrationPtr>& found, const Interest& interest) {
    for (const SourceMode mode : {SourceMode::exclusive, SourceMode::redirect, SourceMode::inclusive}) {
      std::vector<Name> claimed;
      for (const RegistrationPtr& source : found) {
        if (source->mode == mode) share(at, source, interest, claimed);
      }
      if (mode == SourceMode::inclusive) continue;
      std::erase_if(batch_.rest[at], [&](Name name) { return std::ranges::find(claimed, name) != claimed.end(); });
    }
    if (!batch_.all[at].empty() && batch_.rest[at].empty()) taken_[at] = true;
  }
  std::vector<flow::Write> remaining() {
    std::vector<flow::Write> out;
    for (std::size_t at = 0; at < batch_.local.size(); ++at) {
      if (taken_[at]) continue;
      std::erase_if(batch_.local[at].attributes, [&](const flow::Attribute& one) {
        return !batch_.all[at].empty() && std::ranges::find(batch_.rest[at], one.name) == batch_.rest[at].end();
      });
      out.push_back(std::move(batch_.local[at]));
    }
    return out;
  }
  bool nothing() const { return deliveries.empty() && refused.empty(); }

  std::map<std::string, Delivery> deliveries;  // by registration
  std::vector<Outcome::Failure> refused;

 private:
  void share(std::size_t at, const RegistrationPtr& source, const Interest& interest, std::vector<Name>& claimed) {
    const auto matches = source->matches(interest);
    if (matches.empty()) return;
    std::vector<Name> names;
    for (const Name name : batch_.rest[at]) {
      const auto knows = [&](const Registration::Match& match) { return match.info->has_attribute(name); };
      if (std::ranges::any_of(matches, knows)) names.push_back(name);
    }
    auto item = batch_.item(at, names);
    if (!item) return;
    claimed.insert(claimed.end(), names.begin(), names.end());
    const bool whole = batch_.all[at].empty() && operation_ != Operation::delete_batch;
    if (whole && source->mode == SourceMode::redirect) taken_[at] = true;
    const auto single = single_of(operation_);
    if (!source->supports(operation_) && !(single && source->supports(*single))) {
      if (source->mode == SourceMode::inclusive) return;
      refused.push_back({item->id, source->id, unsupported_by(*source, operation_).problem});
      return;
    }
    Delivery& delivery = deliveries[source->id];
    delivery.source = source;
    delivery.match = matches.front();
    delivery.items.push_back(std::move(*item));
  }

  Batch& batch_;
  const Operation operation_;
  std::vector<bool> taken_;  // by sources, as a whole
};

std::vector<Forward> forwards_of(const Federation::Inside& in, const Exchange& on, Operation operation,
                                 const std::map<std::string, Delivery>& deliveries) {
  std::vector<Forward> out;
  for (const auto& [id, delivery] : deliveries) {
    if (delivery.source->supports(operation)) {
      out.push_back(in.forward(on, delivery.source, delivery.match, batch_request(on, delivery)));
      for (const Item& item : delivery.items) out.back().entities.push_back(item.id);
      continue;
    }
    for (const Item& item : delivery.items) {
      Outgoing request = single_request(on, *single_of(operation), delivery, item);
      std::string sent = request.body;
      out.push_back(in.forward(on, delivery.source, delivery.match, std::move(request)));
      out.back().entities = {item.id};
      out.back().sent = std::move(sent);
    }
  }
  return out;
}

// What was to be made or changed at a source that takes no such batches, and is there already, is changed there.
void second_tries(const Federation::Inside& in, const Exchange& on, Operation operation, std::vector<Answer> answers,
                  const std::function<void(const std::vector<Answer>&)>& done) {
  const bool update = on.option("update");
  const Operation second = update ? Operation::append_attrs : Operation::replace_entity;
  std::vector<std::size_t> places;
  std::vector<Forward> again;
  for (std::size_t i = 0; i < answers.size() && operation == Operation::upsert_batch; ++i) {
    const Forward& first = answers[i].forward;
    const bool there = answers[i].came() && answers[i].response.status == 409 && first.entities.size() == 1;
    if (!there || !first.registration->supports(second) || first.registration->supports(operation)) continue;
    Outgoing out{update ? net::Method::post : net::Method::put,
                 fmt::format("/entities/{}{}", escaped_path_part(first.entities.front()), update ? "/attrs" : ""),
                 {},
                 first.sent};
    Forward next = in.forward(on, first.registration, {first.info, first.entity}, std::move(out));
    next.entities = first.entities;
    places.push_back(i);
    again.push_back(std::move(next));
  }
  if (again.empty()) return done(answers);
  in.sender.send(std::move(again), [answers = std::move(answers), places, done](std::vector<Answer> more) mutable {
    for (std::size_t i = 0; i < places.size(); ++i) answers[places[i]] = std::move(more[i]);
    done(answers);
  });
}

}  // namespace

void Federation::batch(const Exchange& exchange, Operation operation, std::vector<flow::Write> writes,
                       const LocalBatch& local, net::Reply reply) const {
  Batch batch(exchange, operation, std::move(writes));
  const auto single = single_of(operation);
  Distribution distribution(batch, operation);
  for (std::size_t at = 0; at < batch.local.size(); ++at) {
    const Interest interest = batch.interest(at, exchange.tenant.twin);
    auto found = inside_->sources(exchange, operation, interest);
    const auto more = single ? inside_->sources(exchange, *single, interest) : std::vector<RegistrationPtr>{};
    for (const RegistrationPtr& source : more) {
      if (std::ranges::find(found, source) == found.end()) found.push_back(source);
    }
    distribution.share(at, found, interest);
  }
  if (distribution.nothing()) return local(std::move(batch.local), std::move(reply));

  const auto joint = std::make_shared<Joint>(operation, std::move(reply));
  joint->expect(2);
  const auto deliveries = std::make_shared<const std::map<std::string, Delivery>>(std::move(distribution.deliveries));
  std::vector<RegistrationPtr> sources;
  for (const auto& [id, delivery] : *deliveries) sources.push_back(delivery.source);
  const Inside& in = *inside_;
  in.with_contexts(exchange, sources, [&in, deliveries, refused = distribution.refused, operation, joint](auto& on) {
    const auto done = [refused, joint](const std::vector<Answer>& answers) {
      joint->add([&](Outcome& out) {
        out.failures.insert(out.failures.end(), refused.begin(), refused.end());
        for (const Answer& answer : answers) add_answer(answer, out);
      });
    };
    in.sender.send(forwards_of(in, on, operation, *deliveries),
                   [&in, kept = on.kept(), operation, deliveries, done](std::vector<Answer> answers) {
                     second_tries(in, kept, operation, std::move(answers), done);
                   });
  });
  auto remaining = distribution.remaining();
  const auto asked = std::make_shared<std::vector<flow::Write>>(remaining);
  auto ours = [joint, asked](net::Response response) {
    joint->add([&](Outcome& out) { add_ours(response, *asked, out); });
  };
  local(std::move(remaining), net::Reply(std::move(ours)));
}

}  // namespace cityloop::broker
