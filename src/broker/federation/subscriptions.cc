#include "broker/federation/subscriptions.h"

#include <algorithm>
#include <random>

#include "base/log.h"
#include "broker/federation/merge.h"
#include "broker/federation/narrow.h"
#include "broker/source/subscription.h"
#include "flow/own_types.h"
#include "notify/notice.h"
#include "notify/posted.h"

namespace cityloop::broker {
namespace {

using base::JsonValue;
using flow::Name;

constexpr std::string_view kRows = "broker:forwarded/";
constexpr std::string_view kRowsEnd = "broker:forwarded0";
constexpr auto kBackoffMax = std::chrono::seconds(60);
const Name kAddress("address"), kVia("via"), kLocal("local");

std::string key_of(const std::string& subscription, const std::string& registration, std::size_t part) {
  return fmt::format("{}\n{}\n{}", subscription, registration, part);
}

std::string_view subscription_in(std::string_view key) {
  return key.substr(0, key.find('\n'));
}

std::uint64_t fingerprint(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) hash = (hash ^ std::uint8_t(c)) * 0x100000001b3u;
  return hash;
}

std::string fresh_token() {
  std::random_device device;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", device(), device(), device(), device());
}

JsonValue text_value(std::string text) {
  JsonValue out;
  out.is = std::move(text);
  return out;
}

void put(JsonValue& object, std::string_view key, JsonValue value) {
  auto& members = std::get<JsonValue::Object>(object.is);
  const auto found = std::ranges::find(members, key, &JsonValue::Member::key);
  if (found == members.end()) members.push_back({std::string(key), std::move(value)});
  else found->value = std::move(value);
}

void drop(JsonValue& object, std::initializer_list<std::string_view> keys) {
  std::erase_if(std::get<JsonValue::Object>(object.is),
                [&](const JsonValue::Member& one) { return std::ranges::find(keys, one.key) != keys.end(); });
}

JsonValue names_value(const std::vector<Name>& names, const twin::Context& context) {
  JsonValue::Array list;
  std::string scratch;
  for (const Name name : names) list.push_back(text_value(std::string(context.compact(name, scratch))));
  JsonValue out;
  out.is = std::move(list);
  return out;
}

// What a PATCH must say so that the one becomes the other.
std::string difference(const std::string& before, const std::string& after) {
  const JsonValue old = JsonValue::parse(before).value_or(JsonValue{});
  JsonValue out = JsonValue::parse(after).value_or(JsonValue{});
  drop(out, {"id"});
  for (const auto& [key, value] : old.object() ? *old.object() : JsonValue::Object{}) {
    if (key != "id" && !out.find(key)) put(out, key, JsonValue{});
  }
  return out.dump();
}

// A subscription of ours as one source is to have it: no further than its registration goes, told to us, and in the
// form that our caller wants, unless it is to be put together here first.
struct AtSource {
  const notify::Kept& kept;
  const notify::Subscription& subscription;
  const Interest& interest;
  const Registration::Match& match;
  const twin::Context& context;
  bool other_words;
  bool whole;

  JsonValue body(const std::string& id, const std::string& uri) const {
    JsonValue out = notify::presented(kept.definition, context);
    drop(out, {"id", "entities", "watchedAttributes", "localOnly", "csf", "jsonldContext", "splitEntities"});
    if (whole) drop(out, {"q", "geoQ", "scopeQ"});
    put(out, "id", text_value(id));
    base::JsonWriter selectors;
    selectors.object();
    write_query_entities(interest, match, context, selectors);
    const JsonValue entities = JsonValue::parse(selectors.end().take()).value_or(JsonValue{});
    const JsonValue* list = entities.find("entities");
    if (list && list->dump() != "[{}]") put(out, "entities", *list);
    const auto watched = attributes_for(subscription.watched_attributes, *match.info);
    if (!watched.empty()) put(out, "watchedAttributes", names_value(watched, context));
    if (!kept.shown_link.empty() && !other_words) put(out, "jsonldContext", text_value(kept.shown_link));
    const JsonValue* given = out.find("notification");
    put(out, "notification", notification(given ? *given : JsonValue{}, uri));
    return out;
  }

 private:
  JsonValue notification(JsonValue out, const std::string& uri) const {
    if (!out.object()) out.is = JsonValue::Object{};
    drop(out, {"attributes", "endpoint"});
    const auto told = attributes_for(subscription.attributes, *match.info);
    if (!told.empty()) put(out, "attributes", names_value(told, context));
    const bool features = subscription.endpoint.accept == notify::Accept::geo_json && !whole;
    JsonValue endpoint;
    endpoint.is = JsonValue::Object{};
    put(endpoint, "uri", text_value(uri));
    put(endpoint, "accept", text_value(features ? "application/geo+json" : "application/json"));
    put(out, "endpoint", std::move(endpoint));
    if (!whole) return out;
    drop(out, {"format", "pick", "omit", "join", "joinLevel", "showChanges"});
    JsonValue yes;
    yes.is = true;
    put(out, "sysAttrs", std::move(yes));
    return out;
  }
};

}  // namespace

void note_request(const Exchange& exchange, flow::Write& write) {
  const net::Request& request = *exchange.request;
  const std::string_view host = request.header("host"), via = request.header("via");
  if (!host.empty()) {
    write.attributes.push_back(
        flow::property(kAddress, fmt::format("{}://{}", request.secure ? "https" : "http", host)));
  }
  if (!via.empty()) write.attributes.push_back(flow::property(kVia, std::string(via)));
  if (exchange.is_true("local")) write.attributes.push_back(flow::property(kLocal, true));
}

void keep_noted(const flow::Entity& before, flow::Write& write) {
  for (const flow::Attribute& one : before.attributes) {
    if (one.name == kAddress || one.name == kVia || one.name == kLocal) write.attributes.push_back(one);
  }
}

SubscriptionForwarder::SubscriptionForwarder(Tenant& tenant, RegistrationBook& book, const Federation::Inside& in)
    : tenant_(tenant), book_(book), in_(in), link_(std::make_shared<Link>()) {
  link_->forwarder = this;
  load();
  book.on_change([link = link_](const RegistrationChange&) {
    const std::lock_guard lock(link->mutex);
    if (link->forwarder) link->forwarder->mark({});
  });
  tenant.twin.on_append([link = link_](const flow::LogRecordPtr& record) {
    const std::lock_guard lock(link->mutex);
    if (link->forwarder) link->forwarder->learn(*record);
  });
}

void SubscriptionForwarder::start() {
  thread_ = std::thread([this] { run(); });
}

SubscriptionForwarder::~SubscriptionForwarder() {
  {
    const std::lock_guard lock(link_->mutex);
    link_->forwarder = nullptr;
  }
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  due_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void SubscriptionForwarder::load() {
  const auto read = [this](std::string_view key, std::string_view row) {
    const auto value = JsonValue::parse(row);
    const JsonValue* kept = value ? value->find("registration") : nullptr;
    auto registration = kept ? Registration::parse(*kept, *twin::Context::core())
                             : base::Result<Registration>(base::fail(base::Errc::corrupt, "no registration"));
    if (!registration) {
      base::log_error("a forwarded subscription is not understood: {}", registration.error().message);
      return true;
    }
    Placed placed;
    registration->id = value->text_or("registrationId", "");
    placed.subscription = value->text_or("subscription", "");
    placed.registration = std::make_shared<const Registration>(std::move(*registration));
    placed.part = std::size_t(value->number_or("part", 0));
    placed.remote = value->text_or("remote", "");
    placed.token = value->text_or("token", "");
    placed.body = value->text_or("body", "{}");
    placed.made = value->boolean_or("made", false);
    placed.whole = value->boolean_or("whole", false);
    placed_[std::string(key.substr(kRows.size()))] = std::move(placed);
    return true;
  };
  (void)tenant_.twin.store().scan(store::Table::state, kRows, kRowsEnd, read);
}

// Waits for the disk; never called with the lock held, for the committer calls mark().
void SubscriptionForwarder::save(const std::string& key, const Placed* placed) {
  twin::TablePut row{store::Table::state, fmt::format("{}{}", kRows, key), {}, twin::TableOp::erase};
  if (placed) {
    base::JsonWriter out;
    out.object().field("subscription", placed->subscription).field("registrationId", placed->registration->id);
    out.key("registration").raw(placed->registration->definition).field("part", double(placed->part));
    out.field("remote", placed->remote).field("token", placed->token).field("body", placed->body);
    out.key("made").boolean(placed->made).key("whole").boolean(placed->whole).end();
    row.op = twin::TableOp::put;
    row.value = out.take();
  }
  twin::Commit commit;
  commit.puts.push_back(std::move(row));
  const auto done = tenant_.twin.commit(std::move(commit)).status;
  if (!done) base::log_error("a forwarded subscription cannot be kept: {}", done.error().message);
  const std::lock_guard lock(mutex_);
  if (placed) placed_[key] = *placed;
  else placed_.erase(key);
}

void SubscriptionForwarder::learn(const flow::LogRecord& record) {
  for (const flow::Change& change : record.changes) {
    if (change.is_a(flow::kSubscriptionType)) mark(notify::id_of_kept(change.entity));
  }
}

void SubscriptionForwarder::mark(std::string subscription) {
  {
    const std::lock_guard lock(mutex_);
    if (subscription.empty()) all_marked_ = true;
    else marked_.insert(std::move(subscription));
  }
  due_.notify_all();
}

SubscriptionForwarder::SteadyTime SubscriptionForwarder::next_try() const {
  SteadyTime next = std::chrono::steady_clock::now() + kBackoffMax;
  for (const auto& [key, trouble] : troubles_) next = std::min(next, trouble.not_before);
  return next;
}

void SubscriptionForwarder::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    due_.wait_until(lock, next_try(), [this] { return stopping_ || all_marked_ || !marked_.empty(); });
    if (stopping_) return;
    const bool all = std::exchange(all_marked_, false);
    const auto marked = std::exchange(marked_, {});
    lock.unlock();
    if (all) look_at_all();
    else
      for (const std::string& subscription : marked) look_at(subscription);
    carry_out(steps());
    lock.lock();
  }
}

void SubscriptionForwarder::look_at_all() {
  wanted_.clear();
  if (book_.snapshot()->all().empty()) return;
  std::vector<flow::EntityPtr> subscriptions;
  tenant_.twin.each(flow::kSubscriptionType, [&](const flow::EntityPtr& entity) {
    subscriptions.push_back(entity);
    return true;
  });
  for (const flow::EntityPtr& entity : subscriptions) wanted_.merge(wanted(*entity));
}

void SubscriptionForwarder::look_at(const std::string& subscription) {
  std::erase_if(wanted_, [&](const auto& one) { return subscription_in(one.first) == subscription; });
  if (book_.snapshot()->all().empty()) return;
  const flow::EntityPtr entity = tenant_.twin.get(notify::kept_as(subscription));
  if (entity) wanted_.merge(wanted(*entity));
}

// The subscription as a request that comes from nobody but itself.
Exchange SubscriptionForwarder::spoken(const flow::Entity& entity, const notify::Kept& kept) const {
  auto request = std::make_shared<net::Request>();
  request->method = net::Method::post;
  request->path = "/ngsi-ld/v1/subscriptions";
  request->headers.emplace_back("content-type", "application/json");
  if (const std::string_view via = entity.text(kVia); !via.empty()) request->headers.emplace_back("via", via);
  if (const JsonValue* csf = kept.definition.find("csf"); csf && csf->text()) {
    request->query.emplace_back("csf", *csf->text());
  }
  twin::ContextPtr context = twin::Context::core();
  if (!kept.asked_json.empty()) {
    if (auto resolved = in_.contexts.resolve(kept.asked_json)) context = std::move(*resolved);
  }
  Exchange out{request.get(), {}, tenant_, in_.contexts, context, kept.asked_json, Media::json, {}};
  out.owned = std::move(request);
  return out;
}

std::map<std::string, SubscriptionForwarder::Placed> SubscriptionForwarder::wanted(const flow::Entity& entity) {
  std::map<std::string, Placed> out;
  const auto kept = notify::kept_from(entity.id, entity.attributes);
  if (!kept || entity.flag(kLocal) || kept->definition.boolean_or("localOnly", false)) return out;
  const std::string address(entity.text(kAddress));
  if (address.empty()) return out;
  for (const std::string& json : {kept->shown_json, kept->asked_json}) {
    if (!json.empty()) (void)in_.contexts.resolve(json);
  }
  const auto subscription = notify::read(*kept, &in_.contexts);
  if (!subscription || subscription->is_expired(in_.clock.now())) return out;
  add_wanted(spoken(entity, *kept), *kept, *subscription, address, out);
  return out;
}

void SubscriptionForwarder::add_wanted(const Exchange& on, const notify::Kept& kept,
                                       const notify::Subscription& subscription, const std::string& address,
                                       std::map<std::string, Placed>& out) const {
  const Interest interest = interest_of(kept.definition, subscription);
  const bool filters = kept.definition.find("q") || kept.definition.find("geoQ") || kept.definition.find("scopeQ");
  for (const RegistrationPtr& source : in_.sources(on, Operation::create_subscription, interest)) {
    const bool other_words = !source->source_context.empty();
    if (other_words) (void)in_.contexts.resolve(fmt::format("\"{}\"", source->source_context));
    const auto context = context_for(on, *source).value_or(on.context);
    std::size_t part = 0;
    for (const Registration::Match& match : source->matches(interest)) {
      if (!is_wanted(subscription.watched_attributes, *match.info)) continue;
      Placed placed;
      placed.subscription = kept.id;
      placed.registration = source;
      placed.part = part++;
      const std::string key = key_of(kept.id, source->id, placed.part);
      const bool split = kept.definition.boolean_or("splitEntities", in_.options.split_entities);
      placed.whole = split || (other_words && filters);
      {
        const std::lock_guard lock(mutex_);
        const auto known = placed_.find(key);
        placed.token = known == placed_.end() ? fresh_token() : known->second.token;
      }
      placed.remote = fmt::format("urn:ngsi-ld:Subscription:{}:{:016x}", in_.alias_of(tenant_), fingerprint(key));

      const std::string uri = fmt::format("{}/ngsi-ld/v1/sourceNotifications/{}", address, placed.token);
      const AtSource there{kept, subscription, interest, match, *context, other_words, placed.whole};
      placed.body = there.body(placed.remote, uri).dump();
      out[key] = std::move(placed);
    }
  }
}

std::vector<SubscriptionForwarder::Step> SubscriptionForwarder::steps() const {
  std::vector<Step> out;
  const SteadyTime now = std::chrono::steady_clock::now();
  const auto waits = [&](const std::string& key) {
    const auto trouble = troubles_.find(key);
    return trouble != troubles_.end() && trouble->second.not_before > now;
  };
  const std::lock_guard lock(mutex_);
  for (const auto& [key, placed] : placed_) {
    const auto still = wanted_.find(key);
    const bool moved =
        still != wanted_.end() && (still->second.registration->endpoint != placed.registration->endpoint ||
                                   still->second.registration->tenant != placed.registration->tenant);
    if (still == wanted_.end() || moved) {
      if (!waits(key)) out.push_back({Step::Kind::remove, key, placed});
    } else if (!placed.made) {
      if (!waits(key)) out.push_back({Step::Kind::make, key, still->second});
    } else if (placed.body != still->second.body && !waits(key)) {
      out.push_back({Step::Kind::change, key, still->second});
    }
  }
  for (const auto& [key, wish] : wanted_) {
    if (!placed_.contains(key) && !waits(key)) out.push_back({Step::Kind::make, key, wish});
  }
  return out;
}

void SubscriptionForwarder::carry_out(std::vector<Step> steps) {
  if (steps.empty()) return;
  std::vector<Forward> forwards;
  for (Step& step : steps) {
    Placed& after = step.after;
    Placed before;
    {
      const std::lock_guard lock(mutex_);
      if (const auto there = placed_.find(step.key); there != placed_.end()) before = there->second;
    }
    if (step.kind != Step::Kind::make && !before.remote.empty()) after.remote = before.remote;
    // Known before it is asked for: one that is made just before a crash is not forgotten.
    if (step.kind == Step::Kind::make) save(step.key, &after);
    const flow::EntityPtr entity = tenant_.twin.get(notify::kept_as(after.subscription));
    const auto kept = entity ? notify::kept_from(entity->id, entity->attributes) : std::nullopt;
    const Exchange on = spoken(entity ? *entity : flow::Entity{}, kept.value_or(notify::Kept{}));
    const std::string one = fmt::format("/subscriptions/{}", escaped_path_part(after.remote));
    Outgoing out;
    switch (step.kind) {
      case Step::Kind::make: out = {net::Method::post, "/subscriptions", {}, after.body}; break;
      case Step::Kind::change: out = {net::Method::patch, one, {}, difference(before.body, after.body)}; break;
      case Step::Kind::remove: out = {net::Method::del, one, {}, {}}; break;
    }
    forwards.push_back(in_.forward(on, after.registration, {nullptr, nullptr}, std::move(out)));
  }
  std::mutex mutex;
  std::condition_variable came;
  std::optional<std::vector<Answer>> answers;
  in_.sender.send(std::move(forwards), [&](std::vector<Answer> all) {
    const std::lock_guard lock(mutex);
    answers = std::move(all);
    came.notify_all();
  });
  std::unique_lock lock(mutex);
  came.wait(lock, [&] { return answers.has_value(); });
  for (std::size_t i = 0; i < steps.size(); ++i) settle(steps[i], (*answers)[i]);
}

void SubscriptionForwarder::settle(const Step& step, const Answer& answer) {
  const int status = answer.came() ? answer.response.status : 0;
  const bool gone = status == 404 || status == 410;
  if (step.kind == Step::Kind::remove && (answer.good() || gone)) {
    troubles_.erase(step.key);
    save(step.key, nullptr);
    return mark(step.after.subscription);  // it may be wanted elsewhere
  }
  Placed after = step.after;
  // There already: made by us just before a crash. It is brought up to date next.
  const bool ours = step.kind == Step::Kind::make && status == 409;
  if (answer.good() || ours) {
    after.made = true;
    for (const auto& [name, value] : answer.response.headers) {
      if (name == "location" && value.rfind('/') != std::string::npos && step.kind == Step::Kind::make) {
        after.remote = value.substr(value.rfind('/') + 1);
      }
    }
    if (ours) after.body = "{}";
    troubles_.erase(step.key);
    save(step.key, &after);
    if (ours) mark(after.subscription);
    return;
  }
  if (step.kind == Step::Kind::change && gone) {
    after.made = false;
    save(step.key, &after);
  }
  Trouble& trouble = troubles_[step.key];
  trouble.not_before = std::chrono::steady_clock::now() + trouble.backoff;
  trouble.backoff = std::min<std::chrono::seconds>(trouble.backoff * 2, kBackoffMax);
}

bool SubscriptionForwarder::knows(std::string_view token) const {
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(placed_, [&](const auto& one) { return one.second.token == token; });
}

// Those of a source that tells all it has, put together with what is here, filtered, and in the form asked for; others
// as they came, for the source was asked for that form.
std::vector<std::string> SubscriptionForwarder::rendered(const Placed& placed, const notify::Kept& kept,
                                                         const net::Request& request,
                                                         std::vector<flow::EntityId>& about,
                                                         const JsonValue& body) const {
  std::vector<std::string> out;
  const JsonValue* data = body.find("data");
  if (data && data->find("features")) data = data->find("features");
  if (!data || !data->array()) return out;
  const auto subscription = notify::read(kept, &in_.contexts);
  Answer answer;
  answer.forward.registration = placed.registration;
  answer.forward.context = subscription ? subscription->contexts.shown : twin::Context::core();
  answer.response.headers = request.headers;
  const notify::Lookup find = [this](flow::EntityId id) { return tenant_.twin.get(id); };
  for (JsonValue item : *data->array()) {
    if (!item.object()) continue;
    about.emplace_back(item.text_or("id", "urn:ngsi-ld:unknown"));
    if (!placed.whole || !subscription) {
      drop(item, {"@context"});
      out.push_back(item.dump());
      continue;
    }
    const auto context = context_of(item, answer, in_.contexts);
    auto entity = received(item, *context, nullptr, nullptr, in_.clock.now());
    if (!entity || !*entity) continue;
    std::vector<Version> versions{{std::make_shared<flow::Entity>(std::move(**entity)), Rank::inclusive}};
    if (flow::EntityPtr held = tenant_.twin.get(about.back()); held && !flow::has_own_type(held->types)) {
      versions.push_back({std::move(held), Rank::local});
    }
    const flow::EntityPtr whole = merged(std::move(versions));
    if (subscription->matcher->matches(*whole)) notify::render_state(*subscription, whole, find, out);
  }
  return out;
}

void SubscriptionForwarder::take(std::string_view token, const net::Request& request, net::Reply reply) {
  std::optional<Placed> placed;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, one] : placed_) {
      if (one.token == token) placed = one;
    }
  }
  const flow::EntityPtr entity = placed ? tenant_.twin.get(notify::kept_as(placed->subscription)) : nullptr;
  const auto kept = entity ? notify::kept_from(entity->id, entity->attributes) : std::nullopt;
  if (!kept) return reply(problem(404, "ResourceNotFound", "nobody is told of this any more"));
  const auto body = JsonValue::parse(request.body);
  if (!body) return reply(problem(400, "InvalidRequest", body.error().message));
  notify::Posted posted{kept->id, {}, {}};
  posted.data = rendered(*placed, *kept, request, posted.about, *body);
  if (posted.data.empty()) return reply(empty(204));
  twin::Commit commit;
  commit.origin = flow::Name("loop:sources");
  commit.atomicity = twin::Atomicity::all;
  commit.writes = notify::to_writes(posted);
  auto shared = std::make_shared<net::Reply>(std::move(reply));
  tenant_.twin.submit(std::move(commit), [shared](const twin::CommitResult& result) {
    (*shared)(result.status ? empty(204) : disk_problem(result.status.error()));
  });
}

}  // namespace cityloop::broker
