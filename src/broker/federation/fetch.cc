// Entities by their ids, wherever they are held.
#include <algorithm>
#include <map>
#include <span>

#include "broker/federation/merge.h"
#include "broker/federation/read.h"
#include "flow/own_types.h"

namespace cityloop::broker {
namespace {

constexpr std::size_t kTogether = 50;  // ids in one request

using Ids = std::vector<std::string>;

bool is_meant(const RegistrationInfo& info, const std::string& id) {
  const auto meant = [&](const EntityInfo& one) {
    return one.id.empty() ? !one.id_pattern || one.id_pattern->found_in(id) : one.id == id;
  };
  return info.entities.empty() || std::ranges::any_of(info.entities, meant);
}

// All types that are known there; none where there may be others.
std::vector<flow::Name> types_of(const RegistrationInfo& info) {
  std::vector<flow::Name> out;
  for (const EntityInfo& one : info.entities) {
    if (one.types.empty()) return {};
    for (const flow::Name type : one.types) {
      if (std::ranges::find(out, type) == out.end()) out.push_back(type);
    }
  }
  return out;
}

// A query needs more than ids; so it is one where the registration names types, and else each is retrieved.
std::vector<Outgoing> requests_for(const Exchange& on, const Registration& source, const RegistrationInfo& info,
                                   const Ids& ids) {
  const auto context = context_for(on, source).value_or(on.context);
  const auto types = types_of(info);
  const bool retrieves = source.supports(Operation::retrieve_entity);
  const bool queries = source.supports(Operation::query_entity) && !types.empty();
  std::vector<Outgoing> out;
  const auto add = [&](Outgoing request) {
    if (!info.attributes.empty()) request.query.emplace_back("attrs", names_for(info.attributes, *context));
    request.query.emplace_back("options", "sysAttrs");
    out.push_back(std::move(request));
  };
  if (retrieves && (!queries || ids.size() == 1)) {
    for (const std::string& id : ids) {
      add({net::Method::get, fmt::format("/entities/{}", escaped_path_part(id)), {}, {}});
    }
    return out;
  }
  for (std::size_t from = 0; queries && from < ids.size(); from += kTogether) {
    const auto some = std::span(ids).subspan(from, std::min(kTogether, ids.size() - from));
    Outgoing request{net::Method::get, "/entities", {}, {}};
    request.query.emplace_back("type", names_for(types, *context));
    request.query.emplace_back("id", fmt::format("{}", fmt::join(some, ",")));
    request.query.emplace_back("limit", fmt::format("{}", some.size()));
    add(std::move(request));
  }
  return out;
}

using Versions = std::map<std::string, std::vector<Version>, std::less<>>;

Versions held(const twin::Twin& twin, const Ids& ids) {
  Versions out;
  for (const std::string& id : ids) {
    auto& versions = out[id];
    const flow::EntityId known = flow::EntityId::lookup(id);
    flow::EntityPtr entity = known.empty() ? nullptr : twin.get(known);
    if (entity && !flow::has_own_type(entity->types)) versions.push_back({std::move(entity), Rank::local});
  }
  return out;
}

Fetched put_together(Versions versions) {
  Fetched out;
  for (auto& [id, mine] : versions) {
    if (flow::EntityPtr entity = merged(std::move(mine))) out.entities.push_back(std::move(entity));
  }
  return out;
}

}  // namespace

void Federation::fetch(const Exchange& exchange, const Ids& ids, std::function<void(Fetched)> done) const {
  Interest interest;
  for (const std::string& id : ids) interest.entities.push_back({id, "", {}});
  auto sources = inside_->sources(exchange, Operation::retrieve_entity, interest);
  for (RegistrationPtr& more : inside_->sources(exchange, Operation::query_entity, interest)) {
    if (std::ranges::find(sources, more) == sources.end()) sources.push_back(std::move(more));
  }
  Versions here = held(exchange.tenant.twin, ids);
  if (sources.empty()) return done(put_together(std::move(here)));
  const Inside& in = *inside_;
  const auto go = [&in, ids, sources, here = std::move(here), done = std::move(done)](const Exchange& on) {
    std::vector<Forward> forwards;
    for (const RegistrationPtr& source : sources) {
      for (const RegistrationInfo& info : source->information) {
        Ids mine;
        std::ranges::copy_if(ids, std::back_inserter(mine), [&](const auto& id) { return is_meant(info, id); });
        for (Outgoing& request : requests_for(on, *source, info, mine)) {
          if (forwards.size() >= in.options.forwards_max) break;
          forwards.push_back(in.forward(on, source, {&info, nullptr}, std::move(request)));
        }
      }
    }
    in.sender.send(std::move(forwards), [&in, here, done, &contexts = on.contexts](const std::vector<Answer>& answers) {
      Read got = read(answers, contexts, in.clock.now());
      Versions versions = here;
      for (auto& [entity, rank, filtered] : got.entities) {
        const auto wanted = versions.find(entity.id.text());
        if (wanted != versions.end()) {
          wanted->second.push_back({std::make_shared<flow::Entity>(std::move(entity)), rank});
        }
      }
      Fetched out = put_together(std::move(versions));
      out.headers = std::move(got.headers);
      done(std::move(out));
    });
  };
  in.with_contexts(exchange, sources, go);
}

}  // namespace cityloop::broker
