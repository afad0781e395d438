#include "broker/temporal/freeze.h"

#include <algorithm>
#include <set>

#include "broker/paging.h"
#include "broker/temporal/find.h"
#include "broker/temporal/reader.h"
#include "broker/waiting.h"
#include "flow/own_types.h"
#include "twin/history/temporal_write.h"

namespace cityloop::broker {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using flow::Attribute;
using flow::kNever;

constexpr std::size_t kPage = 20;               // entities asked for at once
constexpr std::size_t kInstancesAtOnce = 4000;  // read and written
constexpr auto kSeenAtMost = std::chrono::seconds(60);

// Puts histories into a store, each instance once.
class Writer {
 public:
  explicit Writer(Tenant& into) : into_(into) {}

  base::Status add(twin::TemporalWrite history) {
    if (urn_ != history.entity.text()) TRY(get_to_know(std::string(history.entity.text())));
    std::erase_if(history.instances, [&](const Attribute& one) { return !known_.insert(essence(one)).second; });
    std::vector<Attribute> all = std::move(history.instances);
    for (std::size_t from = 0; from == 0 || from < all.size(); from += kInstancesAtOnce) {
      const auto to = std::min(from + kInstancesAtOnce, all.size());
      history.instances.assign(std::make_move_iterator(all.begin() + std::ptrdiff_t(from)),
                               std::make_move_iterator(all.begin() + std::ptrdiff_t(to)));
      twin::Commit commit;
      commit.origin = flow::Name("loop:snapshots");
      commit.writes = twin::to_writes(history);
      commit.atomicity = twin::Atomicity::all;
      TRY(into_.twin.commit(std::move(commit)).status);
    }
    return {};
  }
  // Until readers see all of it.
  base::Status finish() const {
    if (into_.history.wait_seen(into_.twin.head(), kSeenAtMost)) return {};
    return fail(Errc::timeout, "the histories of the snapshot are written and not readable yet");
  }

 private:
  // What an instance says, whenever it was written.
  static std::string essence(const Attribute& instance) {
    base::JsonWriter out;
    out.array().text(instance.name.text());
    twin::render_attribute(out, instance);
    return out.end().take();
  }
  // What is there of an entity already.
  base::Status get_to_know(std::string urn) {
    TRY(finish());
    known_.clear();
    urn_ = std::move(urn);
    const auto evolution = TRY(into_.history.entity(urn_));
    if (!evolution) return {};
    for (const twin::SeriesEvolution& series : evolution->series) {
      for (const twin::Point& point : series.points) {
        known_.insert(essence(as_instance(point, series.attribute, series.dataset).attribute));
      }
      for (const twin::Instance& instance : series.instances) known_.insert(essence(instance.attribute));
    }
    return {};
  }

  Tenant& into_;
  std::string urn_;  // of whom known_ is
  std::set<std::string> known_;
};

// Takes the deletions out of a history in JSON; what is left without an instance goes.
void leave_out_deletions(JsonValue& entity) {
  auto* const members = std::get_if<JsonValue::Object>(&entity.is);
  if (!members) return;
  const auto is_deletion = [](const JsonValue& instance) { return instance.find("deletedAt") != nullptr; };
  for (JsonValue::Member& member : *members) {
    if (auto* const instances = std::get_if<JsonValue::Array>(&member.value.is)) std::erase_if(*instances, is_deletion);
  }
  std::erase_if(*members, [&](const JsonValue::Member& member) {
    return member.value.array() ? member.value.array()->empty() : is_deletion(member.value);
  });
}

// The same in parts of which no attribute has more instances than are read at once.
std::vector<JsonValue> in_parts(const JsonValue& entity) {
  const JsonValue::Object* const members = entity.object();
  if (!members) return {entity};
  std::vector<JsonValue> out;
  bool more = true;
  for (std::size_t from = 0; more; from += kInstancesAtOnce) {
    JsonValue::Object part;
    more = false;
    for (const auto& [key, value] : *members) {
      const auto* all = key == "type" || key == "scope" ? nullptr : value.array();
      if (!all) {
        part.push_back({key, value});
      } else if (from < all->size()) {
        const std::size_t to = std::min(from + kInstancesAtOnce, all->size());
        JsonValue::Array some(all->begin() + std::ptrdiff_t(from), all->begin() + std::ptrdiff_t(to));
        part.push_back({key, JsonValue{std::move(some)}});
        more |= to < all->size();
      }
    }
    out.push_back(JsonValue{std::move(part)});
  }
  return out;
}

base::Result<twin::TemporalWrite> history_in(const JsonValue& entity, const Exchange& on) {
  twin::Reading how;
  how.context = on.context.get();
  how.temporal = true;
  flow::Write write = TRY(twin::parse_entity(entity.dump(), flow::WriteMode::create, how));
  twin::TemporalWrite out;
  out.entity = write.entity;
  out.types = write.types;
  out.scopes = write.scopes;
  out.instances = std::move(write.attributes);
  return out;
}

// An answer that is none, as the error that it tells.
base::Error error_in(const net::Response& response) {
  const JsonValue body = JsonValue::parse(response.body).value_or(JsonValue{});
  const std::string detail = body.text_or("detail", fmt::format("answered with {}", response.status));
  const Errc code = response.status == 400   ? Errc::invalid
                    : response.status == 403 ? Errc::full
                    : response.status == 508 ? Errc::conflict
                                             : Errc::unavailable;
  return {code, detail};
}

// A snapshot keeps whole histories in all their languages.
JsonValue whole(const JsonValue& query) {
  JsonValue out = query;
  if (auto* members = std::get_if<JsonValue::Object>(&out.is)) {
    std::erase_if(*members, [](const JsonValue::Member& one) {
      return one.key == "pick" || one.key == "omit" || one.key == "lang" || one.key == "entityMap";
    });
  }
  return out;
}

void set(JsonValue::Object& members, std::string_view key, std::string text) {
  const auto found = std::ranges::find(members, key, &JsonValue::Member::key);
  JsonValue& value = found == members.end() ? members.emplace_back(std::string(key), JsonValue{}).value : found->value;
  value.is = std::move(text);
}

// The query from that moment on: where an answer ended before its stretch did.
base::Status go_on_from(const std::string& moment, JsonValue& query) {
  auto& members = std::get<JsonValue::Object>(query.is);
  const auto found = std::ranges::find(members, "temporalQ", &JsonValue::Member::key);
  auto* time = found == members.end() ? nullptr : std::get_if<JsonValue::Object>(&found->value.is);
  if (!time) return fail(Errc::invalid, "'temporalQ' must be an object");
  const JsonValue& asked = found->value;
  const std::string at = asked.text_or("timeAt", "");
  if (asked.find("lastN")) return fail(Errc::full, "lastN: more instances than can be taken at once");
  if (at == moment) return fail(Errc::full, "more instances of {} than can be taken at once", moment);
  if (asked.text_or("timerel", "") == "before") {
    set(*time, "timerel", "between");
    set(*time, "endTimeAt", at);
  }
  set(*time, "timeAt", moment);
  return {};
}

Exchange asking(const Exchange& by, const JsonValue& query) {
  net::Request request;
  request.method = net::Method::post;
  request.path = "/ngsi-ld/v1/temporal/entityOperations/query";
  request.body = query.dump();
  return by.about(std::move(request));
}

// One page of a map, as often as it takes to have all of its stretch.
base::Status take_page(const HistoryReader& reader, const Exchange& by, JsonValue query, const EntityMap& map,
                       std::size_t from, Writer& writer) {
  const std::size_t to = std::min(from + kPage, map.entries.size());
  while (true) {
    const Exchange on = asking(by, query);
    const auto response = waited_for<net::Response>(
        [&](auto done) { reader.give_page(on, temporal_body_query, map, from, to, net::Reply(std::move(done))); });
    if (response.status >= 300) return std::unexpected(error_in(response));
    JsonValue body = TRY(JsonValue::parse(response.body));
    auto* const entities = std::get_if<JsonValue::Array>(&body.is);
    if (!entities) return fail(Errc::unavailable, "an answer is no list of histories");
    for (JsonValue& entity : *entities) {
      leave_out_deletions(entity);
      for (const JsonValue& part : in_parts(entity)) TRY(writer.add(TRY(history_in(part, on))));
    }
    if (response.status != 206) return {};
    const auto range = time_range_in(response.headers);
    if (!range) return fail(Errc::unavailable, "an answer is cut short and does not say where");
    TRY(go_on_from(range->to, query));
  }
}

}  // namespace

base::Result<std::size_t> freeze_histories(const Federation& federation, const Exchange& by, const JsonValue& asked,
                                           Tenant& into) {
  const HistoryReader reader{federation};
  const JsonValue query = whole(asked);
  const Exchange on = asking(by, query);
  const TemporalRequest request = TRY(temporal_body_query(on));
  const MapInUse map = TRY(waited_for<base::Result<MapInUse>>(
      [&](const auto& done) { map_for(federation, on, reader.map_of(on, request), {}, done); }));
  Writer writer(into);
  base::Status done;
  const std::size_t all = map.map->entries.size();
  for (std::size_t from = 0; done && from < all; from += kPage) {
    done = take_page(reader, by, query, *map.map, from, writer);
  }
  (void)federation.maps(by.tenant).erase(map.map->id);
  TRY(done);
  TRY(writer.finish());
  return all;
}

base::Result<std::size_t> copy_histories(const Tenant& from, Tenant& into) {
  catch_up(from);
  Writer writer(into);
  std::size_t copied = 0;
  base::Status done;
  TRY(from.history.each({}, {}, [&](const std::string& urn) {
    const auto evolution = from.history.entity(urn);
    if (!evolution) done = std::unexpected(evolution.error());
    if (!evolution || !*evolution || flow::has_own_type((*evolution)->frame.types)) return done.has_value();
    twin::TemporalWrite history;
    history.entity = flow::EntityId(urn);
    history.types = (*evolution)->frame.types;
    history.scopes = (*evolution)->frame.scopes;
    for (const twin::SeriesEvolution& series : (*evolution)->series) {
      for (const twin::Point& point : series.points) {
        history.instances.push_back(as_instance(point, series.attribute, series.dataset).attribute);
      }
      for (const twin::Instance& instance : series.instances) {
        if (instance.deleted_at == kNever) history.instances.push_back(instance.attribute);
      }
    }
    ++copied;
    done = writer.add(std::move(history));
    return done.has_value();
  }));
  TRY(done);
  TRY(writer.finish());
  return copied;
}

}  // namespace cityloop::broker
