#include "broker/temporal/request.h"

#include <algorithm>

namespace cityloop::broker {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;

constexpr std::string_view kTime[] = {"timerel", "timeAt",      "endTimeAt",         "timeproperty",
                                      "lastN",   "aggrMethods", "aggrPeriodDuration"};

// What evolutions know nothing of: linked entities, GeoJSON, distances.
constexpr std::string_view kForeign[] = {"join",      "joinLevel",    "containedBy", "geometryProperty",
                                         "orderFrom", "orderGeometry"};

std::vector<std::string_view> with_time(std::vector<std::string_view> parameters) {
  std::erase_if(parameters,
                [](std::string_view name) { return std::ranges::find(kForeign, name) != std::end(kForeign); });
  parameters.insert(parameters.end(), std::begin(kTime), std::end(kTime));
  return parameters;
}

template <class Take>
void each_word(std::string_view words, const Take& take) {
  while (!words.empty()) {
    const auto end = std::min(words.find(','), words.size());
    take(words.substr(0, end));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
}

// The words of `options` and `format` that only temporal requests know; the others are left to all forms alike.
struct Wishes {
  bool values{false}, aggregated{false};
  std::string others;

  void take(std::string_view word) {
    if (word == "temporalValues" || word == "simplified" || word == "keyValues") values = true;
    else if (word == "aggregatedValues") aggregated = true;
    else if (!word.empty()) others += (others.empty() ? "" : ",") + std::string(word);
  }
};

// The request as it is for any read of entities.
struct Plain {
  Plain(const Exchange& exchange, std::string body) : request(*exchange.request), exchange(exchange) {
    this->exchange.request = &request;
    request.body = std::move(body);
    for (auto& [name, value] : request.query) {
      if (name != "options" && name != "format") continue;
      Wishes mine;
      each_word(value, [&](std::string_view word) { mine.take(word), wishes.take(word); });
      value = mine.others;
    }
  }
  net::Request request;
  Exchange exchange;
  Wishes wishes;
};

base::Status take_form(const Plain& plain, const twin::Argument& argument, bool relation, TemporalRequest& out) {
  if (plain.wishes.values && plain.wishes.aggregated) {
    return fail(Errc::invalid, "temporalValues and aggregatedValues cannot be had together");
  }
  if (plain.wishes.values) out.as = TemporalForm::values;
  if (plain.wishes.aggregated) out.as = TemporalForm::aggregated;
  out.time = TRY(twin::parse_temporal(argument, {relation, plain.wishes.aggregated}));
  return {};
}

// Which evolutions are meant; of an order only that of their ids (clause 5.7.4.4).
base::Status take_filter(const Exchange& exchange, const twin::Argument& argument, const BodyQuery& query,
                         TemporalRequest& out) {
  out.filter = TRY(twin::parse_filter(argument, exchange.context.get()));
  take_selectors(query, out.filter);
  TRY(check_selective(out.filter, argument));
  for (const twin::OrderKey& key : out.filter.order) {
    if (key.by != twin::OrderBy::id) return fail(Errc::invalid, "orderBy: evolutions are ordered by their id alone");
  }
  return {};
}

// An entity that only history knows has no number yet: without one it would be taken for one that there never was.
void know(const Exchange& exchange, std::string_view urn) {
  if (!flow::EntityId::lookup(urn).empty()) return;
  const auto head = exchange.tenant.history.head(urn);
  if (head && *head) (void)flow::EntityId(urn);
}

}  // namespace

const std::vector<std::string_view>& temporal_read_parameters() {
  static const std::vector<std::string_view> kKnown = with_time(read_parameters());
  return kKnown;
}

const std::vector<std::string_view>& temporal_query_parameters() {
  static const std::vector<std::string_view> kKnown = with_time(query_parameters());
  return kKnown;
}

base::Result<TemporalRequest> temporal_retrieval(const Exchange& exchange) {
  const Plain plain(exchange, {});
  const twin::Argument argument = [&](std::string_view name) { return exchange.argument(name); };
  TemporalRequest out;
  out.form = TRY(form_of(plain.exchange));
  TRY(take_form(plain, argument, false, out));
  return out;
}

base::Result<TemporalRequest> temporal_query(const Exchange& exchange) {
  const Plain plain(exchange, {});
  const twin::Argument argument = [&](std::string_view name) { return exchange.argument(name); };
  TemporalRequest out;
  out.form = TRY(form_of(plain.exchange));
  TRY(take_form(plain, argument, true, out));
  TRY(take_filter(exchange, argument, {}, out));
  out.map = TRY(MapWish::of(exchange, argument));
  each_word(argument("id").value_or(""), [&](std::string_view urn) { out.urns.emplace_back(urn); });
  out.filter.ids.clear();
  return out;
}

namespace {

// The members of a body that say what of time is asked: temporalQ and aggrParams (clauses 5.2.21, 5.2.44).
class TimeMembers {
 public:
  base::Status take(const JsonValue& value, std::string_view member) {
    if (!value.object()) return fail(Errc::invalid, "'{}' must be an object", member);
    for (const auto& [key, part] : *value.object()) TRY(take_part(key, part));
    return {};
  }
  std::optional<std::string_view> argument(std::string_view name) const {
    const auto found = std::ranges::find(parts_, name, &std::pair<std::string, std::string>::first);
    return found == parts_.end() ? std::nullopt : std::optional<std::string_view>(found->second);
  }

 private:
  base::Status take_part(const std::string& key, const JsonValue& part) {
    if (std::ranges::find(kTime, key) == std::end(kTime)) {
      return fail(Errc::invalid, "'{}' is no member of a temporal query", key);
    }
    std::string text;
    if (part.text()) text = *part.text();
    else if (part.number() && key == "lastN") text = fmt::format("{}", *part.number());
    else if (part.array() && key == "aggrMethods") {
      for (const JsonValue& item : *part.array()) {
        if (!item.text()) return fail(Errc::invalid, "'aggrMethods' must be a list of texts");
        text += (text.empty() ? "" : ",") + *item.text();
      }
    } else {
      return fail(Errc::invalid, "'{}' has a value of another kind than it must", key);
    }
    parts_.emplace_back(key, std::move(text));
    return {};
  }

  std::vector<std::pair<std::string, std::string>> parts_;
};

}  // namespace

base::Result<TemporalRequest> temporal_body_query(const Exchange& exchange) {
  const JsonValue body = TRY(JsonValue::parse(exchange.request->body));
  if (!body.object()) return fail(Errc::invalid, "a query must be a JSON object");
  TimeMembers time;
  JsonValue::Object others;
  for (const auto& [key, value] : *body.object()) {
    if (key == "temporalQ" || key == "aggrParams") TRY(time.take(value, key));
    else others.push_back({key, value});
  }
  if (const JsonValue* entities = body.find("entities"); entities && entities->array()) {
    for (const JsonValue& entity : *entities->array()) know(exchange, entity.text_or("id", ""));
  }
  const Plain plain(exchange, JsonValue{std::move(others)}.dump());
  const BodyQuery query = TRY(BodyQuery::parse(plain.exchange));
  const twin::Argument argument = [&](std::string_view name) -> std::optional<std::string_view> {
    if (std::ranges::find(kTime, name) != std::end(kTime)) {
      const auto inside = time.argument(name);
      return inside ? inside : exchange.argument(name);
    }
    if (name == "limit" || name == "offset" || name == "count" || name == "local") return exchange.argument(name);
    if (std::ranges::find(kForeign, name) != std::end(kForeign)) return std::nullopt;
    return query.argument(name);
  };
  TemporalRequest out;
  out.form = TRY(form_of(plain.exchange, argument));
  TRY(take_form(plain, argument, true, out));
  TRY(take_filter(exchange, argument, query, out));
  out.map = TRY(MapWish::of(exchange, argument));
  const auto named = [](const twin::EntitySelector& s) { return !s.id.empty() || s.id_unknown; };
  if (!query.selectors.empty() && std::ranges::all_of(query.selectors, named)) {
    for (const twin::EntitySelector& selector : query.selectors) {
      if (!selector.id.empty()) out.urns.emplace_back(selector.id.text());
    }
    if (out.urns.empty()) out.urns.emplace_back();  // those asked for are unknown: nothing, not everything
  }
  return out;
}

}  // namespace cityloop::broker
