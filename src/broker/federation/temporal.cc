// Histories of several brokers as one: instances of both, each once, in order of time (ETSI GS CIM 009, clauses 5.7.3,
// 5.7.4, 4.5.6 to 4.5.8, 4.5.19).
#include <algorithm>
#include <array>
#include <charconv>

#include "base/json_value.h"
#include "broker/federation/json.h"
#include "broker/federation/narrow.h"
#include "broker/federation/read.h"
#include "broker/paging.h"

namespace cityloop::broker {
namespace {

using base::JsonValue;
using flow::Name;

constexpr std::array<std::string_view, 7> kSeries{"values", "objects",    "languageMaps", "vocabs",
                                                  "jsons",  "valueLists", "objectLists"};
constexpr std::array<std::string_view, 8> kAggregates{"avg",   "min",    "max",        "sum",
                                                      "sumsq", "stddev", "totalCount", "distinctCount"};

// What of time a request asks: in its parameters, or in the Query of its body.
struct TimeWish {
  TemporalAsk ask;
  std::size_t last_n{0};
  std::size_t limit{20}, offset{0};
};

std::size_t number_in(std::string_view text, std::size_t otherwise) {
  std::size_t out = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

TimeWish wish_of(const Exchange& on, std::size_t page) {
  JsonValue body;
  if (on.request->method == net::Method::post) body = JsonValue::parse(on.request->body).value_or(JsonValue{});
  const JsonValue* inside = body.find("temporalQ");
  const auto text = [&](std::string_view name) -> std::string {
    const JsonValue* value = inside ? inside->find(name) : nullptr;
    if (value && value->text()) return *value->text();
    if (value && value->number()) return fmt::format("{}", *value->number());
    return std::string(on.argument(name).value_or(""));
  };
  TimeWish out;
  out.ask.relation = text("timerel");
  if (const auto at = base::parse_time(text("timeAt"))) out.ask.at = *at;
  if (const auto end = base::parse_time(text("endTimeAt"))) out.ask.end = *end;
  if (const std::string property = text("timeproperty"); !property.empty()) out.ask.property = property;
  out.last_n = number_in(text("lastN"), 0);
  out.limit = page ? page : number_in(on.argument("limit").value_or(""), 20);
  out.offset = page ? 0 : number_in(on.argument("offset").value_or(""), 0);
  return out;
}

JsonValue::Array& list_in(JsonValue& value) {
  if (!value.array()) {
    JsonValue list;
    list.is = JsonValue::Array{value};
    value = std::move(list);
  }
  return std::get<JsonValue::Array>(value.is);
}

// Puts histories together; the property of time is what instances are ordered by.
class Histories {
 public:
  explicit Histories(const TimeWish& wish) : wish_(wish) {}

  void unite(JsonValue& ours, const JsonValue& theirs) const {
    if (theirs.object() && ours.object()) return unite_entity(ours, theirs);
    if (!ours.array() || !theirs.array()) return;
    auto& list = std::get<JsonValue::Array>(ours.is);
    for (const JsonValue& item : *theirs.array()) {
      const std::string id = item.text_or("id", "");
      const auto found = std::ranges::find_if(list, [&](const JsonValue& one) { return one.text_or("id", "") == id; });
      if (found == list.end()) list.push_back(item);
      else if (found->object() && item.object()) unite_entity(*found, item);
    }
  }

  // Where one side could not give all: nothing is shown of the time that not all have told of.
  void cut(JsonValue& body, std::string_view edge, bool backwards) const {
    for_each_attribute(body, [&](JsonValue& attribute) {
      const auto outside = [&](const std::string& at) {
        return !at.empty() && (backwards ? at < std::string(edge) : at > std::string(edge));
      };
      for (JsonValue& instance : list_in(attribute)) {
        if (JsonValue* rows = rows_of(instance)) {
          std::erase_if(std::get<JsonValue::Array>(rows->is),
                        [&](const JsonValue& row) { return outside(time_of_row(row)); });
        }
      }
      std::erase_if(list_in(attribute), [&](const JsonValue& one) { return outside(time_of(one)); });
    });
  }

 private:
  static bool is_member(std::string_view key) {
    return key == "id" || key == "type" || key == "scope" || key == "@context" || key == "createdAt" ||
           key == "modifiedAt" || key == "deletedAt" || key == "expiresAt";
  }
  template <class Take>
  static void for_each_attribute(JsonValue& body, const Take& take) {
    if (auto* items = std::get_if<JsonValue::Array>(&body.is)) {
      for (JsonValue& item : *items) for_each_attribute(item, take);
    }
    auto* members = std::get_if<JsonValue::Object>(&body.is);
    if (!members) return;
    for (auto& [key, value] : *members) {
      if (!is_member(key)) take(value);
    }
  }
  void unite_entity(JsonValue& ours, const JsonValue& theirs) const {
    for (const auto& [key, value] : *theirs.object()) {
      const bool known = ours.find(key) != nullptr;
      if (known && is_member(key)) continue;
      JsonValue& mine = member(ours, key);
      if (!known) mine = value;
      else unite_attribute(mine, value);
    }
  }
  void unite_attribute(JsonValue& ours, const JsonValue& theirs) const {
    const bool listed = ours.array() || theirs.array();
    auto& instances = list_in(ours);
    JsonValue given = theirs;
    for (JsonValue& item : list_in(given)) add(instances, std::move(item));
    std::ranges::stable_sort(instances, {}, [this](const JsonValue& one) { return time_of(one); });
    keep_newest(instances);
    if (!listed && instances.size() == 1) {
      JsonValue only = std::move(instances.front());
      ours = std::move(only);
    }
  }
  void add(JsonValue::Array& instances, JsonValue item) const {
    const std::string dataset = item.text_or("datasetId", "");
    const std::string same_as = essence(item);
    for (JsonValue& one : instances) {
      if (one.text_or("datasetId", "") == dataset && (rows_of(one) || is_aggregate(one)))
        return unite_series(one, item);
      if (essence(one) == same_as) return;
    }
    instances.push_back(std::move(item));
  }
  // What an instance says, without what each broker calls it and when it came to know of it.
  std::string essence(const JsonValue& instance) const {
    JsonValue bare = instance;
    if (auto* members = std::get_if<JsonValue::Object>(&bare.is)) {
      std::erase_if(*members, [this](const JsonValue::Member& one) {
        return one.key == "instanceId" ||
               ((one.key == "createdAt" || one.key == "modifiedAt") && one.key != wish_.ask.property);
      });
    }
    return bare.dump();
  }
  std::string time_of(const JsonValue& instance) const {
    return instance.text_or(wish_.ask.property, instance.text_or("observedAt", ""));
  }
  void keep_newest(JsonValue::Array& instances) const {
    if (wish_.last_n == 0) return;
    std::map<std::string, std::size_t> seen;
    for (auto one = instances.rbegin(); one != instances.rend(); ++one) {
      if (rows_of(*one) || is_aggregate(*one)) continue;
      if (++seen[one->text_or("datasetId", "")] > wish_.last_n) one->is = std::monostate{};
    }
    std::erase_if(instances, [](const JsonValue& one) { return one.is.index() == 0; });
  }

  // [[value, time], …] of the simplified form.
  static JsonValue* rows_of(JsonValue& instance) {
    auto* members = std::get_if<JsonValue::Object>(&instance.is);
    if (!members) return nullptr;
    for (auto& [key, value] : *members) {
      if (std::ranges::find(kSeries, key) != kSeries.end() && value.array()) return &value;
    }
    return nullptr;
  }
  static bool is_aggregate(const JsonValue& instance) {
    return std::ranges::any_of(kAggregates, [&](std::string_view method) {
      const JsonValue* rows = instance.find(method);
      return rows && rows->array();
    });
  }
  static std::string time_of_row(const JsonValue& row) {
    return row.array() && row.array()->size() > 1 && (*row.array())[1].text() ? *(*row.array())[1].text() : "";
  }
  void unite_series(JsonValue& ours, JsonValue& theirs) const {
    JsonValue* mine = rows_of(ours);
    JsonValue* more = rows_of(theirs);
    if (!mine || !more) return unite_aggregates(ours, theirs);
    auto& rows = std::get<JsonValue::Array>(mine->is);
    for (const JsonValue& row : *more->array()) {
      const auto same = [text = row.dump()](const JsonValue& one) { return one.dump() == text; };
      if (std::ranges::none_of(rows, same)) rows.push_back(row);
    }
    std::ranges::stable_sort(rows, {}, time_of_row);
    if (wish_.last_n && rows.size() > wish_.last_n) rows.erase(rows.begin(), rows.end() - std::ptrdiff_t(wish_.last_n));
  }
  // Periods that only one side has are both sides'. Of one that both have: sums add up, extremes are the extreme; what
  // cannot be told from two parts stays as the first told it.
  static void unite_aggregates(JsonValue& ours, const JsonValue& theirs) {
    if (!ours.object() || !theirs.object()) return;
    for (const std::string_view method : kAggregates) {
      const JsonValue* more = theirs.find(method);
      if (!more || !more->array()) continue;
      JsonValue& mine = member(ours, method);
      auto& periods = list_of_periods(mine);
      for (const JsonValue& period : *more->array()) {
        const auto same = [&](const JsonValue& one) { return time_of_row(one) == time_of_row(period); };
        const auto found = std::ranges::find_if(periods, same);
        if (found == periods.end()) periods.push_back(period);
        else combine(method, *found, period);
      }
      std::ranges::stable_sort(periods, {}, time_of_row);
    }
  }
  static JsonValue::Array& list_of_periods(JsonValue& value) {
    if (!value.array()) value.is = JsonValue::Array{};
    return std::get<JsonValue::Array>(value.is);
  }
  static void combine(std::string_view method, JsonValue& ours, const JsonValue& theirs) {
    auto& row = std::get<JsonValue::Array>(ours.is);
    const double *mine = row.front().number(), *more = theirs.array()->front().number();
    if (!mine || !more) return;
    if (method == "min") row.front().is = std::min(*mine, *more);
    if (method == "max") row.front().is = std::max(*mine, *more);
    if (method == "sum" || method == "sumsq" || method == "totalCount") row.front().is = *mine + *more;
  }

  const TimeWish wish_;
};

JsonValue in_words(const JsonValue& value, const twin::Context& from, const twin::Context& to) {
  return JsonValue::parse(reworded(value, from, to)).value_or(value);
}

std::size_t count_in(const Headers& headers) {
  for (const auto& [name, value] : headers) {
    if (name == "ngsild-results-count" || name == "NGSILD-Results-Count") return number_in(value, 0);
  }
  return 0;
}

// Where some could not give all of it, the answer ends where the first of them ends.
void agree_on_range(net::Response& out, const net::Response& ours, const std::vector<Answer>& answers,
                    const Histories& histories, bool backwards) {
  std::optional<TimeRange> agreed = time_range_in(ours.headers);
  for (const Answer& answer : answers) {
    if (!answer.good() || answer.response.status != 206) continue;
    const auto range = time_range_in(answer.response.headers);
    if (range && (!agreed || (backwards ? range->to > agreed->to : range->to < agreed->to))) agreed = range;
  }
  if (!agreed) return;
  JsonValue body = JsonValue::parse(out.body).value_or(JsonValue{});
  histories.cut(body, agreed->to, backwards);
  out.body = body.dump();
  out.status = 206;
  std::erase_if(out.headers, [](const auto& header) { return header.first == "Content-Range"; });
  out.headers.emplace_back("Content-Range", fmt::format("date-time {}-{}/{}", agreed->from, agreed->to, agreed->size));
}

void drop_paging(net::Response& out) {
  std::erase_if(out.headers, [](const auto& header) {
    return header.first == "NGSILD-Results-Count" || header.second.find("rel=\"next\"") != std::string::npos ||
           header.second.find("rel=\"prev\"") != std::string::npos;
  });
}

// Those that a map has for the page, in its order.
void put_in_order(net::Response& out, const std::vector<std::string>& page) {
  drop_paging(out);
  JsonValue body = JsonValue::parse(out.body).value_or(JsonValue{});
  auto* list = std::get_if<JsonValue::Array>(&body.is);
  if (!list) return;
  const auto place = [&](const JsonValue& one) { return std::ranges::find(page, one.text_or("id", "")); };
  std::erase_if(*list, [&](const JsonValue& one) { return place(one) == page.end(); });
  std::ranges::stable_sort(*list, {}, place);
  out.body = body.dump();
}

// The page that was asked for, out of all that was gathered.
void take_page(const Exchange& on, net::Response& out, const TimeWish& wish, std::size_t counted, std::size_t twice) {
  JsonValue body = JsonValue::parse(out.body).value_or(JsonValue{});
  auto* list = std::get_if<JsonValue::Array>(&body.is);
  if (!list) return;
  const std::size_t gathered = list->size(), from = std::min(wish.offset, gathered),
                    to = std::min(from + wish.limit, gathered);
  list->erase(list->begin() + std::ptrdiff_t(to), list->end());
  list->erase(list->begin(), list->begin() + std::ptrdiff_t(from));
  out.body = body.dump();
  drop_paging(out);
  if (on.is_true("count")) {
    const std::size_t total = std::max(gathered, counted - std::min(counted, twice));
    out.headers.emplace_back("NGSILD-Results-Count", fmt::format("{}", total));
  }
  for (auto& link : page_links(*on.request, wish.limit, wish.offset, gathered > to))
    out.headers.push_back(std::move(link));
}

// Histories are put together by their ids: where the caller wants none, they are asked for all the same and taken away
// in the end.
class ShownIds {
 public:
  explicit ShownIds(const Exchange& on) {
    net::Request request = *on.request;
    for (auto& [name, value] : request.query) value = mended(name, std::move(value));
    std::erase_if(request.query, [](const auto& one) { return one.first == "omit" && one.second.empty(); });
    if (request.method == net::Method::post) mend(request.body);
    if (hidden_) with_them_.emplace(on.about(std::move(request)));
  }
  // The request that shows them; as it came where it does so anyway.
  Exchange in(const Exchange& caller) const { return with_them_ ? *with_them_ : caller; }
  void hide(net::Response& out) const {
    JsonValue body = hidden_ ? JsonValue::parse(out.body).value_or(JsonValue{}) : JsonValue{};
    auto* list = std::get_if<JsonValue::Array>(&body.is);
    if (!list) return;
    for (JsonValue& item : *list) {
      if (auto* members = std::get_if<JsonValue::Object>(&item.is)) {
        std::erase_if(*members, [](const JsonValue::Member& one) { return one.key == "id"; });
      }
    }
    out.body = body.dump();
  }

 private:
  // The words of a pick or omit, so that ids are shown.
  std::string mended(std::string_view key, std::string words) {
    if (key != "pick" && key != "omit") return words;
    std::string others;
    bool named = false;
    for (std::string_view rest = words; !rest.empty();) {
      const auto end = std::min(rest.find(','), rest.size());
      if (rest.substr(0, end) == "id") named = true;
      else others.append(others.empty() ? "" : ",").append(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (named == (key == "pick")) return words;
    hidden_ = true;
    return key == "pick" ? words + ",id" : others;
  }
  void mend(std::string& body) {
    auto query = JsonValue::parse(body);
    auto* members = query ? std::get_if<JsonValue::Object>(&query->is) : nullptr;
    if (!members) return;
    for (auto& [key, value] : *members) {
      if (key != "pick" && key != "omit") continue;
      std::string words;
      for (const JsonValue& item : list_in(value))
        words += (words.empty() ? "" : ",") + (item.text() ? *item.text() : "");
      value.is = mended(key, std::move(words));
    }
    std::erase_if(*members,
                  [](const JsonValue::Member& one) { return one.key == "omit" && one.value.text()->empty(); });
    if (hidden_) body = query->dump();
  }

  std::optional<Exchange> with_them_;
  bool hidden_{false};
};

// Our own part of a query: as much as the pages up to the one that is asked for may need.
Exchange up_to_the_page(const Exchange& on, const TimeWish& wish) {
  net::Request request = *on.request;
  std::erase_if(request.query, [](const auto& one) { return one.first == "limit" || one.first == "offset"; });
  const std::size_t enough = std::min(twin::kLimitMax, wish.limit + wish.offset + 1);
  request.query.emplace_back("limit", fmt::format("{}", enough));
  return in_plain_json(on).about(std::move(request));
}

Outgoing retrieval_for(const Exchange& on, const Registration& source, const Registration::Match& match) {
  Outgoing out = as_it_came(on);
  const auto context = context_for(on, source).value_or(on.context);
  narrow(out, "attrs", match.info->attributes, *on.context, *context);
  if (!source.source_context.empty()) std::erase_if(out.query, [](const auto& one) { return one.first == "type"; });
  return out;
}

}  // namespace

TemporalAsk time_asked(const Exchange& on) {
  return wish_of(on, 0).ask;
}

Outgoing history_query_for(const Exchange& on, const Interest& interest, std::size_t limit, const Registration& source,
                           const Registration::Match& match) {
  Outgoing out = as_it_came(on);
  const auto context = context_for(on, source).value_or(on.context);
  const bool other_words = !source.source_context.empty();
  std::erase_if(out.query, [&](const auto& one) {
    return one.first == "limit" || one.first == "offset" || one.first == "id" || one.first == "idPattern" ||
           (other_words && (one.first == "q" || one.first == "geoproperty"));
  });
  out.query.emplace_back("limit", fmt::format("{}", std::min(twin::kLimitMax, limit)));
  if (out.method == net::Method::get) {
    narrow(out, "attrs", match.info->attributes, *on.context, *context);
    narrow(out, "type", match.entity ? match.entity->types : std::vector<Name>{}, *on.context, *context);
    add_ids(interest, match.entity, out);
    return out;
  }
  const auto given = JsonValue::parse(on.request->body).value_or(JsonValue{});
  base::JsonWriter body;
  body.object();
  write_query_entities(interest, match, *context, body);
  write_query_attributes(wanted_attributes(on), match, *context, body);
  for (const auto& [key, value] : given.object() ? *given.object() : JsonValue::Object{}) {
    if (key == "entities" || key == "attrs" || key == "@context" || (other_words && key == "q")) continue;
    if (is_only_for_us(key)) continue;
    value.write(body.key(key));
  }
  out.body = body.end().take();
  return out;
}

void Federation::temporal(const Exchange& exchange, const TemporalAsked& asked, const LocalOn& local,
                          net::Reply reply) const {
  const bool query = asked.operation == Operation::query_temporal;
  const TimeWish wish = wish_of(exchange, asked.page.size());
  const Interest& interest = asked.interest;
  auto sources = inside_->sources(exchange, asked.operation, interest);
  std::erase_if(sources, [&](const RegistrationPtr& source) { return !overlaps(*source, wish.ask); });
  if (sources.empty()) return local(exchange, std::move(reply));
  const Exchange caller = exchange.kept();
  const ShownIds ids(caller);
  const Exchange kept = query ? ids.in(caller) : caller;
  const auto pair = std::make_shared<Pair>(
      [caller, ids, wish, query, page = asked.page](const net::Response& ours, const std::vector<Answer>& answers) {
        const Histories histories(wish);
        std::size_t counted = count_in(ours.headers), twice = 0;
        for (const Answer& answer : answers) counted += count_in(answer.response.headers);
        net::Response out =
            merge_bodies(caller, ours, answers, in_words, [&](JsonValue& mine, const Answer&, const JsonValue& theirs) {
              const std::size_t before = mine.array() ? mine.array()->size() : 0;
              histories.unite(mine, theirs);
              if (!mine.array() || !theirs.array()) return;
              twice += before + theirs.array()->size() - mine.array()->size();
            });
        if (out.status >= 300) return out;
        agree_on_range(out, ours, answers, histories, wish.last_n > 0);
        if (!page.empty()) put_in_order(out, page);
        else if (query) take_page(caller, out, wish, counted, twice);
        if (query) ids.hide(out);
        return out;
      },
      std::move(reply));
  const Inside& in = *inside_;
  in.with_contexts(kept, sources, [&in, sources, interest, wish, query, pair](const Exchange& on) {
    std::vector<Forward> forwards;
    for (const RegistrationPtr& source : sources) {
      for (const Registration::Match& match : source->matches(interest)) {
        Outgoing out = query ? history_query_for(on, interest, wish.limit + wish.offset + 1, *source, match)
                             : retrieval_for(on, *source, match);
        forwards.push_back(in.forward(on, source, match, std::move(out)));
      }
    }
    in.sender.send(std::move(forwards), [pair](std::vector<Answer> answers) { pair->theirs(std::move(answers)); });
  });
  local(query ? up_to_the_page(kept, wish) : in_plain_json(kept),
        net::Reply([pair](net::Response response) { pair->ours(std::move(response)); }));
}

}  // namespace cityloop::broker
