#include "broker/federation/federation.h"

#include <algorithm>

#include "base/json_value.h"
#include "broker/federation/inside.h"
#include "broker/federation/subscriptions.h"
#include "twin/query/q.h"

namespace cityloop::broker {

// Forwarders ask by the sender, which goes before the books do.
Federation::Inside::~Inside() {
  for (auto& [twin, shelf] : books) shelf.forwarder.reset();
}

// Where forwarders are known whole.
Federation::Inside::Shelf::Shelf() = default;
Federation::Inside::Shelf::Shelf(Shelf&&) noexcept = default;
Federation::Inside::Shelf& Federation::Inside::Shelf::operator=(Shelf&&) noexcept = default;
Federation::Inside::Shelf::~Shelf() = default;

Federation::Inside::Inside(const FederationOptions& given, const base::Clock& c, twin::ContextStore& store)
    : options(given), clock(c), contexts(store), sender(c) {}

RegistrationBook* Federation::Inside::book_of(const Tenant& tenant) const {
  const std::lock_guard lock(mutex);
  const auto found = books.find(&tenant.twin);
  return found == books.end() ? nullptr : found->second.book.get();
}

std::string Federation::Inside::alias_of(const Tenant& tenant) const {
  return tenant.name.empty() ? options.alias : fmt::format("{}.{}", options.alias, tenant.name);
}

std::vector<RegistrationPtr> Federation::Inside::sources(const Exchange& exchange, Operation operation,
                                                         const Interest& interest) const {
  const RegistrationBook* book = book_of(exchange.tenant);
  if (!book) return {};
  const auto met = via_aliases(exchange.request->header("via"));
  const std::string own = alias_of(exchange.tenant);
  const auto filter = source_filter(exchange);
  const flow::Instant now = clock.now();
  const bool writes =
      operation < Operation::retrieve_entity;  // one that a proxied source does not support is a conflict
  const bool temporal = is_temporal(operation);
  auto found = book->snapshot()->matching(interest);
  std::erase_if(found, [&](const RegistrationPtr& one) {
    const bool proxied = one->mode == SourceMode::exclusive || one->mode == SourceMode::redirect;
    if (!one->supports(operation) && !(writes && proxied)) return true;
    const auto& only = interest.registrations;
    if (!only.empty() && std::ranges::find(only, one->id) == only.end()) return true;
    if (!one->is_live(now)) return true;
    // Of which times a source tells says what it is asked; history is written wherever it is taken.
    if (one->is_temporal() != temporal && !(temporal && writes)) return true;
    if (!one->alias.empty() && (one->alias == own || std::ranges::find(met, one->alias) != met.end())) return true;
    return filter && *filter && !(*filter)(*one);
  });
  if (found.size() > options.forwards_max) found.resize(options.forwards_max);
  return found;
}

Forward Federation::Inside::forward(const Exchange& exchange, RegistrationPtr registration,
                                    const Registration::Match& match, Outgoing out) const {
  Forward forward = make_forward(exchange, alias_of(exchange.tenant), options.timeout, std::move(registration),
                                 match.info, match.entity, std::move(out));
  forward.book = book_of(exchange.tenant);
  return forward;
}

void Federation::Inside::with_contexts(const Exchange& exchange, const std::vector<RegistrationPtr>& sources,
                                       const std::function<void(const Exchange&)>& go) const {
  const bool at_hand = std::ranges::all_of(
      sources, [&](const RegistrationPtr& source) { return context_for(exchange, *source).has_value(); });
  if (at_hand) return go(exchange);
  const bool posted = back_room.post([this, kept = exchange.kept(), sources, go] {
    for (const RegistrationPtr& source : sources) {
      if (source->source_context.empty()) continue;
      base::JsonWriter text;
      text.text(source->source_context);
      (void)contexts.resolve(text.str());
    }
    go(kept);
  });
  if (!posted) go(exchange);
}

Federation::Federation(const FederationOptions& options, const base::Clock& clock, twin::ContextStore& contexts)
    : inside_(std::make_unique<Inside>(options, clock, contexts)) {}

Federation::~Federation() = default;

void Federation::attach(Tenant& tenant) {
  Inside::Shelf shelf;
  shelf.book = std::make_unique<RegistrationBook>(tenant.twin, registrations_);
  shelf.notifier = std::make_unique<SourceNotifier>(*shelf.book, inside_->contexts, inside_->clock);
  shelf.forwarder = std::make_unique<SubscriptionForwarder>(tenant, *shelf.book, *inside_);
  shelf.maps = std::make_unique<EntityMaps>(inside_->clock);
  SubscriptionForwarder& forwarder = *shelf.forwarder;
  {
    const std::lock_guard lock(inside_->mutex);
    inside_->books[&tenant.twin] = std::move(shelf);
  }
  forwarder.start();
}

void Federation::take_notification(std::string_view token, const net::Request& request, net::Reply reply) const {
  SubscriptionForwarder* known = nullptr;
  {
    const std::lock_guard lock(inside_->mutex);
    for (const auto& [twin, shelf] : inside_->books) {
      if (shelf.forwarder->knows(token)) known = shelf.forwarder.get();
    }
  }
  if (!known) return reply(problem(404, "ResourceNotFound", "nobody is told of this"));
  known->take(token, request, std::move(reply));
}

flow::Instant Federation::started() const {
  return inside_->started;
}

EntityMaps& Federation::maps(const Tenant& tenant) const {
  const std::lock_guard lock(inside_->mutex);
  return *inside_->books.at(&tenant.twin).maps;
}

RegistrationBook* Federation::book(const Tenant& tenant) const {
  return inside_->book_of(tenant);
}

bool Federation::concerns_indeed(const Exchange& exchange) const {
  if (exchange.is_true("local")) return false;
  const RegistrationBook* book = inside_->book_of(exchange.tenant);
  return book && !book->snapshot()->all().empty();
}

std::optional<net::Response> Federation::refuse_loop(const Exchange& exchange) const {
  const std::string_view via = exchange.request->header("via");
  if (via.empty()) return std::nullopt;
  const auto met = via_aliases(via);
  if (std::ranges::find(met, inside_->alias_of(exchange.tenant)) == met.end()) return std::nullopt;
  return problem(508, "LoopDetected", "this request has been here before, as its Via says");
}

const FederationOptions& Federation::options() const {
  return inside_->options;
}

std::string Federation::alias_of(const Tenant& tenant) const {
  return inside_->alias_of(tenant);
}

namespace {

using flow::Name;

std::vector<std::string_view> parts_of(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(separators), text.size());
    if (end > 0) out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

// "a,b{c,d},e" by its outermost names: a, b, e.
std::vector<std::string_view> outermost(std::string_view text) {
  std::vector<std::string_view> out;
  int depth = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ',';
    if (c == '{') ++depth;
    if (c == '}') --depth;
    if ((c != ',' && c != '|') || depth > 0) continue;
    std::string_view one = text.substr(start, i - start);
    one = one.substr(0, one.find('{'));
    if (!one.empty()) out.push_back(one);
    start = i + 1;
  }
  return out;
}

void add_name(std::vector<Name>& list, Name name) {
  if (std::ranges::find(list, name) == list.end()) list.push_back(name);
}

std::vector<Name> types_of(std::string_view text, const twin::Context& context) {
  std::vector<Name> out;
  if (text == "*") return out;
  for (const std::string_view type : parts_of(text, ",|;() ")) add_name(out, context.expand(type));
  return out;
}

// What a request asks for: in its parameters, or in a Query in its body.
class Asked {
 public:
  explicit Asked(const Exchange& exchange) : exchange_(exchange) {
    const bool query = exchange.request->method == net::Method::post && exchange.request->path.ends_with("/query");
    if (query) body_ = base::JsonValue::parse(exchange.request->body).value_or(base::JsonValue{});
  }
  std::string text(std::string_view name) const {
    if (!body_) return std::string(exchange_.argument(name).value_or(""));
    const base::JsonValue* value = body_->find(name);
    if (value && value->text()) return *value->text();
    std::string out;
    if (!value || !value->array()) return out;
    for (const base::JsonValue& item : *value->array()) {
      if (!item.text()) continue;
      if (!out.empty()) out += ',';
      out += *item.text();
    }
    return out;
  }
  std::string geo_property() const {
    const base::JsonValue* geo = body_ ? body_->find("geoQ") : nullptr;
    if (geo) return geo->text_or("geoproperty", "");
    return exchange_.argument("georel") ? text("geoproperty") : "";
  }
  std::vector<Selector> selectors() const {
    std::vector<Selector> out;
    const twin::Context& context = *exchange_.context;
    if (body_) {
      const base::JsonValue* list = body_->find("entities");
      if (!list || !list->array()) return out;
      for (const base::JsonValue& item : *list->array()) {
        out.push_back(
            {item.text_or("id", ""), item.text_or("idPattern", ""), types_of(item.text_or("type", ""), context)});
      }
      return out;
    }
    const auto types = types_of(text("type"), context);
    const std::string ids = text("id"), pattern = text("idPattern");
    for (const std::string_view id : parts_of(ids, ",")) out.push_back({std::string(id), "", types});
    if (out.empty() && (!types.empty() || !pattern.empty())) out.push_back({"", pattern, types});
    return out;
  }

 private:
  const Exchange& exchange_;
  std::optional<base::JsonValue> body_;
};

std::vector<Name> wanted_of(const Asked& asked, const twin::Context& context) {
  std::vector<Name> out;
  for (const std::string_view parameter : {"attrs", "pick"}) {
    const std::string text = asked.text(parameter);
    for (const std::string_view name : outermost(text)) {
      if (name != "id" && name != "type" && name != "scope") add_name(out, context.expand(name));
    }
  }
  return out;
}

}  // namespace

std::vector<Name> wanted_attributes(const Exchange& exchange) {
  return wanted_of(Asked(exchange), *exchange.context);
}

Interest interest_of(const Exchange& exchange) {
  Interest out;
  const Asked asked(exchange);
  out.entities = asked.selectors();
  out.attributes = wanted_of(asked, *exchange.context);
  if (const std::string q = asked.text("q"); !q.empty()) {
    twin::QReading reading;
    reading.context = exchange.context.get();
    if (const auto parsed = twin::Q::parse(q, reading)) {
      for (const Name name : parsed->attributes()) add_name(out.attributes, name);
    }
  }
  if (const std::string property = asked.geo_property(); !property.empty()) {
    add_name(out.attributes, exchange.context->expand(property));
  }
  const std::string datasets = asked.text("datasetId");
  for (const std::string_view id : parts_of(datasets, ",")) out.datasets.emplace_back(id);
  return out;
}

}  // namespace cityloop::broker
