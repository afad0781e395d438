// Which entities sources have of a query: asked of them as entity maps, or as the query itself where they know none.
#include <algorithm>

#include "base/json_value.h"
#include "broker/federation/read.h"

namespace cityloop::broker {
namespace {

using base::JsonValue;

// A source's own map, or the entities themselves.
void take_answer(const Answer& answer, Federation::Candidates& out) {
  const std::string& registration = answer.forward.registration->id;
  const auto body = JsonValue::parse(answer.response.body);
  if (!answer.good() || !body) return;
  if (const JsonValue* map = body->find("entityMap"); map && map->object()) {
    for (const auto& [entity, sources] : *map->object()) out.entities.emplace_back(entity, registration);
    if (const std::string id = body->text_or("id", ""); !id.empty()) out.linked[registration] = id;
  } else if (body->array()) {
    for (const JsonValue& item : *body->array()) {
      if (const std::string id = item.text_or("id", ""); !id.empty()) out.entities.emplace_back(id, registration);
    }
  }
}

bool has_map(const Answer& answer) {
  const auto body = answer.good() ? JsonValue::parse(answer.response.body) : base::fail(base::Errc::not_found, "");
  return body && body->find("entityMap");
}

// What a query of entities, or of their histories, is to sources.
struct MapQuestion {
  Operation maps;                // by which a source makes a map
  std::vector<Operation> plain;  // and by which it answers the query itself
  Interest interest;
  std::function<Outgoing(const Exchange&, const Registration&, const Registration::Match&, bool map)> ask;
  std::function<bool(const Registration&)> may_know;
};

MapQuestion of_entities(Operation operation, Interest interest, const twin::EntityFilter& filter, bool whole) {
  auto question = std::make_shared<Question>(Operation::query_entity, interest, filter, whole);
  question->filter.limit = twin::kLimitMax;
  question->filter.offset = 0;
  question->filter.count = false;
  const auto ask = [question](const Exchange& on, const Registration& source, const Registration::Match& match,
                              bool map) {
    Outgoing out = query_for(on, *question, source, match);
    std::erase_if(out.query, [](const auto& one) { return one.first == "limit" || one.first == "options"; });
    if (map) out.path = "/entityMaps";
    else out.query.emplace_back("limit", fmt::format("{}", twin::kLimitMax));
    return out;
  };
  return {Operation::create_entity_map_query_entity,
          {Operation::query_entity, operation},
          std::move(interest),
          ask,
          [](const Registration&) { return true; }};
}

MapQuestion of_histories(const Exchange& exchange, Interest interest) {
  const auto ask = [interest](const Exchange& on, const Registration& source, const Registration::Match& match,
                              bool map) {
    Outgoing out = history_query_for(on, interest, twin::kLimitMax, source, match);
    std::erase_if(out.query, [](const auto& one) { return one.first == "count"; });
    if (map) std::erase_if(out.query, [](const auto& one) { return one.first == "limit"; });
    if (map) out.path = "/temporal/entityMaps";
    else out.path = out.method == net::Method::get ? "/temporal/entities" : "/temporal/entityOperations/query";
    return out;
  };
  return {Operation::create_entity_map_query_temporal,
          {Operation::query_temporal},
          std::move(interest),
          ask,
          [asked = time_asked(exchange)](const Registration& source) { return overlaps(source, asked); }};
}

}  // namespace

void Federation::candidates(const Exchange& exchange, Operation operation, Interest interest,
                            const twin::EntityFilter& filter, std::function<void(Candidates)> done) const {
  const auto question = std::make_shared<const MapQuestion>(
      is_temporal(operation)
          ? of_histories(exchange, std::move(interest))
          : of_entities(operation, std::move(interest), filter, asks_for_the_whole(exchange, inside_->options)));
  auto sources = inside_->sources(exchange, question->maps, question->interest);
  for (const Operation plain : question->plain) {
    for (RegistrationPtr& more : inside_->sources(exchange, plain, question->interest)) {
      if (std::ranges::find(sources, more) == sources.end()) sources.push_back(std::move(more));
    }
  }
  std::erase_if(sources, [&](const RegistrationPtr& source) { return !question->may_know(*source); });
  if (sources.empty()) return done({});
  const Inside& in = *inside_;
  in.with_contexts(exchange, sources, [&in, question, sources, done = std::move(done)](const Exchange& on) {
    std::vector<Forward> forwards;
    const auto forward = [&in, question](const Exchange& by, const RegistrationPtr& source,
                                         const Registration::Match& match, bool map) {
      return in.forward(by, source, match, question->ask(by, *source, match, map));
    };
    for (const RegistrationPtr& source : sources) {
      for (const Registration::Match& match : source->matches(question->interest)) {
        forwards.push_back(forward(on, source, match, source->supports(question->maps)));
      }
    }
    in.sender.send(std::move(forwards),
                   [&in, forward, question, kept = on.kept(), done](const std::vector<Answer>& answers) {
                     auto found = std::make_shared<Candidates>();
                     std::vector<Forward> again;
                     for (const Answer& answer : answers) {
                       const Forward& first = answer.forward;
                       const bool asked_for_map = first.registration->supports(question->maps);
                       const bool second = asked_for_map && answer.came() && !has_map(answer);
                       if (second && first.registration->supports(question->plain.front())) {
                         again.push_back(forward(kept, first.registration, {first.info, first.entity}, false));
                       } else {
                         take_answer(answer, *found);
                         if (std::string warning = warning_of(answer); !warning.empty()) {
                           found->headers.emplace_back("NGSILD-Warning", std::move(warning));
                         }
                       }
                     }
                     in.sender.send(std::move(again), [found, done](const std::vector<Answer>& more) {
                       for (const Answer& answer : more) take_answer(answer, *found);
                       for (auto& warning : warnings_of(more)) found->headers.push_back(std::move(warning));
                       done(std::move(*found));
                     });
                   });
  });
}

}  // namespace cityloop::broker
