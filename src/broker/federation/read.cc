#include <algorithm>
#include <set>

#include "base/json_value.h"
#include "broker/federation/inside.h"
#include "broker/federation/merge.h"
#include "broker/federation/narrow.h"
#include "broker/federation/read.h"
#include "flow/own_types.h"

namespace cityloop::broker {
namespace {

using base::JsonValue;
using flow::EntityPtr;
using flow::Name;

void pass_on(const Exchange& exchange, std::initializer_list<std::string_view> names, Outgoing& out) {
  for (const std::string_view name : names) {
    if (const auto value = exchange.argument(name)) out.query.emplace_back(std::string(name), std::string(*value));
  }
}

std::string invalid_payload(const Answer& answer, std::string_view why) {
  const Registration& registration = *answer.forward.registration;
  std::string text(why);
  std::ranges::replace_if(text, [](char c) { return c == '"' || c == '\\' || std::uint8_t(c) < 32; }, '\'');
  return fmt::format("111 {} \"Revalidation failed: {}\"",
                     registration.alias.empty() ? registration.id : registration.alias, text);
}

void read_one(const JsonValue& item, const Answer& answer, twin::ContextStore& contexts, flow::Instant now, Read& out) {
  const auto context = context_of(item, answer, contexts);
  auto entity = received(item, *context, answer.forward.info, answer.forward.entity, now);
  if (!entity) {
    out.headers.emplace_back("NGSILD-Warning", invalid_payload(answer, entity.error().message));
  } else if (*entity && !flow::has_own_type((*entity)->types)) {
    const Registration& source = *answer.forward.registration;
    out.entities.push_back({std::move(**entity), rank_of(source.mode), source.source_context.empty()});
  }
}

}  // namespace

Read read(const std::vector<Answer>& answers, twin::ContextStore& contexts, flow::Instant now) {
  Read out;
  out.headers = warnings_of(answers);
  for (const Answer& answer : answers) {
    if (!answer.good()) continue;
    const auto body = JsonValue::parse(answer.response.body);
    if (!body || (!body->object() && !body->array())) {
      const std::string why = body ? "neither an object nor a list" : body.error().message;
      out.headers.emplace_back("NGSILD-Warning", invalid_payload(answer, why));
      continue;
    }
    if (body->object()) read_one(*body, answer, contexts, now, out);
    else
      for (const JsonValue& item : *body->array()) read_one(item, answer, contexts, now, out);
  }
  return out;
}

namespace {

bool could_conflict(const std::vector<RegistrationPtr>& sources, bool held) {
  const auto contributes = std::ranges::count_if(
      sources, [](const RegistrationPtr& source) { return source->mode != SourceMode::auxiliary; });
  return contributes + held > 1;
}

}  // namespace

void Federation::retrieve(const Exchange& exchange, std::string_view id, EntityPtr local,
                          std::function<void(Retrieved)> done) const {
  Interest interest = interest_of(exchange);
  std::vector<Name> types;
  if (!interest.entities.empty()) types = interest.entities.front().types;
  interest.entities = {{std::string(id), "", types}};
  auto sources = inside_->sources(exchange, Operation::retrieve_entity, interest);
  if (sources.empty()) return done({std::move(local), {}});
  const Inside& in = *inside_;
  const auto go = [&in, interest, sources, local, id = std::string(id), done = std::move(done)](const Exchange& on) {
    const auto wanted = wanted_attributes(on);
    const bool times = on.option("sysAttrs") || could_conflict(sources, local != nullptr);
    std::vector<Forward> forwards;
    for (const RegistrationPtr& source : sources) {
      const RegistrationInfo* before = nullptr;
      for (const Registration::Match& match : source->matches(interest)) {
        if (match.info == before || !is_wanted(wanted, *match.info)) continue;
        before = match.info;
        const auto context = context_for(on, *source).value_or(on.context);
        Outgoing out;
        out.path = fmt::format("/entities/{}", escaped_path_part(id));
        if (const auto names = attributes_for(wanted, *match.info); !names.empty()) {
          out.query.emplace_back("attrs", names_for(names, *context));
        }
        if (source->source_context.empty()) pass_on(on, {"type"}, out);
        pass_on(on, {"datasetId"}, out);
        if (times) out.query.emplace_back("options", "sysAttrs");
        forwards.push_back(in.forward(on, source, {match.info, nullptr}, std::move(out)));
      }
    }
    in.sender.send(std::move(forwards),
                   [&in, local, id, &contexts = on.contexts, done](const std::vector<Answer>& answers) {
                     Read got = read(answers, contexts, in.clock.now());
                     std::vector<Version> versions{{local, Rank::local}};
                     for (auto& [entity, rank, filtered] : got.entities) {
                       if (entity.id.text() == id)
                         versions.push_back({std::make_shared<flow::Entity>(std::move(entity)), rank});
                     }
                     done({merged(std::move(versions)), std::move(got.headers)});
                   });
  };
  in.with_contexts(exchange, sources, go);
}

bool asks_for_the_whole(const Exchange& exchange, const FederationOptions& options) {
  const auto split = exchange.argument("splitEntities");
  return split ? *split == "true" : options.split_entities;
}

Outgoing query_for(const Exchange& on, const Question& question, const Registration& source,
                   const Registration::Match& match) {
  Outgoing out;
  out.path = "/entities";
  const auto context = context_for(on, source).value_or(on.context);
  const auto types = types_for(question.interest, match.entity);
  const bool complex = on.argument("type").value_or("").find_first_of(";(") != std::string_view::npos;
  if (complex && source.source_context.empty()) pass_on(on, {"type"}, out);
  else if (!types.empty()) out.query.emplace_back("type", names_for(types, *context));
  add_ids(question.interest, match.entity, out);
  const auto wanted = wanted_attributes(on);
  if (const auto names = attributes_for(question.whole ? std::vector<Name>{} : wanted, *match.info); !names.empty()) {
    out.query.emplace_back("attrs", names_for(names, *context));
  }
  if (!question.whole && source.source_context.empty()) {
    pass_on(on, {"q", "scopeQ", "georel", "geometry", "coordinates", "geoproperty", "expandValues"}, out);
  }
  pass_on(on, {"datasetId"}, out);
  const bool paged = on.argument("limit") || on.argument("offset");
  const std::size_t enough = std::min(twin::kLimitMax, question.filter.limit + question.filter.offset);
  if (question.whole) out.query.emplace_back("limit", fmt::format("{}", twin::kLimitMax));
  else if (paged && enough > 0) out.query.emplace_back("limit", fmt::format("{}", enough));
  if (question.filter.count && !question.whole) out.query.emplace_back("count", "true");
  if (source.mode == SourceMode::inclusive || on.option("sysAttrs")) out.query.emplace_back("options", "sysAttrs");
  return out;
}

namespace {

// POST /entityOperations/query: the body as it came, no further than the registration goes.
Outgoing batch_query_for(const Exchange& on, const Question& question, const Registration& source,
                         const Registration::Match& match) {
  const auto context = context_for(on, source).value_or(on.context);
  base::JsonWriter body;
  body.object().field("type", "Query");
  write_query_entities(question.interest, match, *context, body);
  const auto given = JsonValue::parse(on.request->body).value_or(JsonValue{});
  write_query_attributes(question.whole ? std::vector<Name>{} : wanted_attributes(on), match, *context, body);
  if (!question.whole && source.source_context.empty()) {
    for (const std::string_view member : {"q", "geoQ", "scopeQ"}) {
      if (const JsonValue* value = given.find(member)) value->write(body.key(member));
    }
  }
  body.end();
  Outgoing out{net::Method::post, "/entityOperations/query", {}, body.take()};
  if (source.mode == SourceMode::inclusive || on.option("sysAttrs")) out.query.emplace_back("options", "sysAttrs");
  if (question.filter.count && !question.whole) out.query.emplace_back("count", "true");
  if (question.filter.limit != 20 && question.filter.limit > 0) {
    out.query.emplace_back(
        "limit", fmt::format("{}", std::min(twin::kLimitMax, question.filter.limit + question.filter.offset)));
  }
  return out;
}

std::size_t told_count(const std::vector<Answer>& answers) {
  std::size_t total = 0;
  for (const Answer& answer : answers) {
    for (const auto& [name, value] : answer.response.headers) {
      if (name == "ngsild-results-count") total += std::size_t(std::strtoull(value.c_str(), nullptr, 10));
    }
  }
  return total;
}

// The filter as it is asked of the twin when the answers of sources are still to be merged with it.
twin::EntityFilter local_filter(const Question& question) {
  twin::EntityFilter filter = question.filter;
  filter.limit = question.whole ? twin::kLimitMax : std::min(twin::kLimitMax, filter.limit + filter.offset);
  filter.offset = 0;
  if (question.whole) {
    filter.q.reset();
    filter.geo.reset();
    filter.scopes.reset();
    filter.attributes.clear();
  }
  filter.count = filter.count || filter.limit == 0;
  return filter;
}

class Gathering {
 public:
  Gathering(const twin::QueryPage& page, const twin::Twin& twin) : twin_(twin) {
    for (const EntityPtr& entity : page.entities) {
      if (!flow::has_own_type(entity->types)) add({entity, Rank::local});
    }
  }
  // Gives whether the entity was there already.
  bool add(Version version) {
    const flow::EntityId id = version.entity->id;
    const auto known = places_.find(id);
    if (known != places_.end()) {
      entities_[known->second].push_back(std::move(version));
      return true;
    }
    places_[id] = entities_.size();
    auto& versions = entities_.emplace_back();
    // What is held here of an entity that only a source has found by its part of it.
    if (version.rank != Rank::local) {
      if (EntityPtr held = twin_.get(id); held && !flow::has_own_type(held->types)) {
        versions.push_back({std::move(held), Rank::local});
      }
    }
    versions.push_back(std::move(version));
    return false;
  }
  std::vector<EntityPtr> take() {
    std::vector<EntityPtr> out;
    for (auto& versions : entities_) out.push_back(merged(std::move(versions)));
    return out;
  }

 private:
  const twin::Twin& twin_;
  std::vector<std::vector<Version>> entities_;
  std::map<flow::EntityId, std::size_t> places_;
};

Queried put_together(const Question& question, const twin::QueryPage& local, const twin::Twin& twin, Read got,
                     std::size_t told) {
  Queried out;
  out.headers = std::move(got.headers);
  Gathering gathering(local, twin);
  std::size_t twice = 0;
  std::set<flow::EntityId> unfiltered;
  for (auto& [entity, rank, filtered] : got.entities) {
    if (!filtered) unfiltered.insert(entity.id);
    twice += gathering.add({std::make_shared<flow::Entity>(std::move(entity)), rank});
  }
  auto all = gathering.take();
  if (question.whole || !unfiltered.empty()) {
    const twin::Matcher matcher(question.filter);
    std::erase_if(all, [&](const EntityPtr& entity) {
      return (question.whole || unfiltered.contains(entity->id)) && !matcher.matches(*entity);
    });
  }
  if (question.filter.count) {
    const std::size_t counted = local.total.value_or(local.entities.size()) + told;
    out.page.total = question.whole ? all.size() : std::max(all.size(), counted - std::min(counted, twice));
  }
  const std::size_t from = std::min(question.filter.offset, all.size());
  const std::size_t to = std::min(from + question.filter.limit, all.size());
  out.page.entities.assign(all.begin() + std::ptrdiff_t(from), all.begin() + std::ptrdiff_t(to));
  return out;
}

}  // namespace

void Federation::query(const Exchange& exchange, Operation operation, Interest interest, twin::EntityFilter filter,
                       std::function<void(base::Result<Queried>)> done) const {
  const bool everything = exchange.argument("type").value_or("") == "*";
  auto sources = everything ? std::vector<RegistrationPtr>{} : inside_->sources(exchange, operation, interest);
  if (operation == Operation::query_batch && !everything) {
    for (RegistrationPtr& more : inside_->sources(exchange, Operation::query_entity, interest)) {
      if (!more->supports(Operation::query_batch)) sources.push_back(std::move(more));
    }
  }
  const bool whole = asks_for_the_whole(exchange, inside_->options);
  auto question = std::make_shared<Question>(operation, std::move(interest), std::move(filter), whole);
  if (sources.empty()) {
    auto page = exchange.tenant.twin.query(question->filter);
    if (!page) return done(std::unexpected(page.error()));
    return done(Queried{std::move(*page), {}});
  }
  auto local = exchange.tenant.twin.query(local_filter(*question));
  if (!local) return done(std::unexpected(local.error()));
  const Inside& in = *inside_;
  const auto go = [&in, question, sources, page = std::move(*local), done = std::move(done)](const Exchange& on) {
    std::vector<Forward> forwards;
    for (const RegistrationPtr& source : sources) {
      const bool batch = question->operation == Operation::query_batch && source->supports(Operation::query_batch);
      for (const Registration::Match& match : source->matches(question->interest)) {
        Outgoing out =
            batch ? batch_query_for(on, *question, *source, match) : query_for(on, *question, *source, match);
        forwards.push_back(in.forward(on, source, match, std::move(out)));
      }
    }
    in.sender.send(std::move(forwards), [&in, question, page, done, &contexts = on.contexts,
                                         &twin = on.tenant.twin](const std::vector<Answer>& answers) {
      const std::size_t told = told_count(answers);
      done(put_together(*question, page, twin, read(answers, contexts, in.clock.now()), told));
    });
  };
  in.with_contexts(exchange, sources, go);
}

}  // namespace cityloop::broker
