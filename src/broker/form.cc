#include "broker/form.h"

#include <algorithm>
#include <charconv>
#include <span>

#include "flow/own_types.h"

namespace cityloop::broker {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using flow::EntityPtr;
using flow::Name;

constexpr int kJoinDepthMax = 10;

base::Status take_wish(std::string_view wish, std::string_view parameter, Form& out) {
  const bool option = parameter == "options";
  if (option && wish == "sysAttrs") out.rendering.sys_attrs = true;
  else if (wish == "keyValues" || wish == "simplified") out.rendering.format = twin::Format::simplified;
  else if (wish == "concise") out.rendering.format = twin::Format::concise;
  else if (wish == "normalized") out.rendering.format = twin::Format::normalized;
  else if (!wish.empty() && !(option && wish == "count"))
    return fail(Errc::invalid, "{}: '{}' is not known", parameter, wish);
  return {};
}

base::Status take_wishes(std::string_view wishes, std::string_view parameter, Form& out) {
  while (!wishes.empty()) {
    const auto end = std::min(wishes.find(','), wishes.size());
    TRY(take_wish(wishes.substr(0, end), parameter, out));
    wishes.remove_prefix(std::min(end + 1, wishes.size()));
  }
  return {};
}

base::Result<std::vector<std::string_view>> list_of(std::string_view parameter, std::string_view text) {
  std::vector<std::string_view> out;
  while (true) {
    const auto end = text.find(',');
    if (text.substr(0, end).empty()) return fail(Errc::invalid, "{}: an empty item in the list", parameter);
    out.push_back(text.substr(0, end));
    if (end == text.npos) return out;
    text.remove_prefix(end + 1);
  }
}

base::Status take_join(const twin::Argument& argument, Form& out) {
  if (const auto join = argument("join")) {
    if (*join == "inline") out.join = Join::in_line;
    else if (*join == "flat") out.join = Join::flat;
    else if (*join != "@none") return fail(Errc::invalid, "join: expected inline, flat or @none");
  }
  if (const auto level = argument("joinLevel")) {
    const auto [end, error] = std::from_chars(level->data(), level->data() + level->size(), out.join_depth);
    if (error != std::errc{} || end != level->data() + level->size() || out.join_depth < 1) {
      return fail(Errc::invalid, "joinLevel: expected a whole number from 1");
    }
    out.join_depth = std::min(out.join_depth, kJoinDepthMax);
  }
  const auto ids = argument("containedBy");
  if (!ids) return {};
  for (const std::string_view id : TRY(list_of("containedBy", *ids))) {
    if (!twin::is_uri(id)) return fail(Errc::invalid, "containedBy: expected a list of URIs");
    if (const auto known = flow::EntityId::lookup(id); !known.empty()) out.contained_by.push_back(known);
    out.not_again.emplace_back(id);
  }
  return {};
}

base::Status take_datasets(std::string_view text, Form& out) {
  for (const std::string_view id : TRY(list_of("datasetId", text))) {
    if (id != "@none" && !twin::is_uri(id)) return fail(Errc::invalid, "datasetId: expected a list of URIs or @none");
    out.rendering.datasets.push_back(id == "@none" ? Name{} : Name(id));
  }
  return {};
}

base::Status take_members(const twin::Argument& argument, const twin::Context* context, Form& out) {
  if (const auto names = argument("attrs")) {
    out.rendering.attributes = TRY(twin::parse_names("attrs", *names, context));
    for (const Name name : out.rendering.attributes) {
      if (name.text() != "id" && name.text() != "type" && name.text() != "scope") continue;
      return fail(Errc::invalid, "attrs: '{}' is no attribute; pick and omit know it", name.text());
    }
  }
  const auto pick = argument("pick"), omit = argument("omit");
  if (pick || omit) out.rendering.projection = TRY(twin::Projection::parse(pick, omit, context));
  if (out.rendering.projection.depth() > out.link_depth()) {
    return fail(Errc::invalid, "pick, omit: what is in braces lies deeper than join and joinLevel retrieve");
  }
  return {};
}

// Flags of which only some have an effect here; all must be flags.
base::Status check_flags(const twin::Argument& argument) {
  for (const std::string_view name : {"local", "entityMap", "splitEntities", "doNotCompact"}) {
    const std::string_view text = argument(name).value_or("true");
    if (text != "true" && text != "false") return fail(Errc::invalid, "{}: expected true or false", name);
  }
  return {};
}

// One text of a member that may be a text or a list of texts.
base::Result<std::string> joined(const JsonValue& value, std::string_view member) {
  if (value.text()) return *value.text();
  std::string out;
  const auto* items = value.array();
  if (!items) return fail(Errc::invalid, "'{}' must be a text or a list of texts", member);
  for (const JsonValue& item : *items) {
    if (!item.text()) return fail(Errc::invalid, "'{}' must be a text or a list of texts", member);
    if (!out.empty()) out += ',';
    out += *item.text();
  }
  return out;
}

base::Status take_ids(const JsonValue& value, const twin::EntitySelector& like, BodyQuery& out) {
  const std::string ids = TRY(joined(value, "id"));
  for (const std::string_view id : TRY(list_of("id", ids))) {
    if (!twin::is_uri(id)) return fail(Errc::invalid, "'id' must be a URI or a list of URIs");
    twin::EntitySelector one = like;
    one.id = flow::EntityId::lookup(id);
    one.id_unknown = one.id.empty();
    out.selectors.push_back(std::move(one));
  }
  return {};
}

// An EntitySelector (clause 5.2.33); an id counts before a pattern.
base::Status take_selector(const JsonValue& value, const twin::Context* context, BodyQuery& out) {
  if (!value.object()) return fail(Errc::invalid, "'entities' must be a list of objects");
  for (const auto& [key, member] : *value.object()) {
    if (key != "id" && key != "idPattern" && key != "type") {
      return fail(Errc::invalid, "'{}' is no member of an entity selector", key);
    }
  }
  const JsonValue* const type = value.find("type");
  if (!type) return fail(Errc::invalid, "each of 'entities' needs a 'type'; \"*\" stands for all");
  const std::string text = TRY(joined(*type, "type"));
  twin::EntitySelector like;
  if (text != "*") {
    like.types = TRY(twin::Selection::parse(
        "type", text, [&](std::string_view word) -> base::Result<std::string> { return context->expand_text(word); }));
  }
  out.every_type |= text == "*";
  const JsonValue* const pattern = value.find("idPattern");
  if (pattern && !pattern->text()) return fail(Errc::invalid, "'idPattern' must be a text");
  if (pattern) like.id_pattern = TRY(twin::Pattern::compile(*pattern->text()));
  if (const JsonValue* id = value.find("id")) {
    like.id_pattern.reset();
    return take_ids(*id, like, out);
  }
  out.selectors.push_back(std::move(like));
  return {};
}

}  // namespace

const std::vector<std::string_view>& read_parameters() {
  static const std::vector<std::string_view> kKnown{
      "attrs",        "pick",        "omit",      "options", "format", "lang", "geometryProperty", "join",
      "joinLevel",    "containedBy", "datasetId", "local",   "type",   "csf",  "entityMap",        "entityMapLifetime",
      "doNotCompact", "sysAttrs"};
  return kKnown;
}

const std::vector<std::string_view>& query_parameters() {
  static const std::vector<std::string_view> kKnown = [] {
    std::vector<std::string_view> out = read_parameters();
    for (const std::string_view more :
         {"id", "idPattern", "q", "scopeQ", "georel", "geometry", "coordinates", "geoproperty", "limit", "offset",
          "count", "expandValues", "jsonKeys", "orderBy", "orderFrom", "orderGeometry", "collation", "splitEntities"}) {
      out.push_back(more);
    }
    return out;
  }();
  return kKnown;
}

const std::vector<std::string_view>& write_parameters() {
  static const std::vector<std::string_view> kKnown{"local", "type",       "options",   "format",
                                                    "lang",  "observedAt", "datasetId", "deleteAll"};
  return kKnown;
}

const std::vector<std::string_view>& purge_parameters() {
  static const std::vector<std::string_view> kKnown = [] {
    std::vector<std::string_view> out = query_parameters();
    out.push_back("drop");
    out.push_back("keep");
    return out;
  }();
  return kKnown;
}

base::Result<Form> form_of(const Exchange& exchange) {
  return form_of(exchange, [&](std::string_view name) { return exchange.argument(name); });
}

base::Result<Form> form_of(const Exchange& exchange, const twin::Argument& argument) {
  Form out;
  const twin::Context* const context = exchange.context.get();
  if (!context->is_core()) out.rendering.context = context;
  if (const auto options = exchange.argument("options")) TRY(take_wishes(*options, "options", out));
  if (const auto format = exchange.argument("format")) TRY(take_wishes(*format, "format", out));
  TRY(check_flags(argument));
  TRY(take_join(argument, out));
  TRY(take_members(argument, context, out));
  if (const auto lang = argument("lang")) out.rendering.lang = *lang;
  if (const auto ids = argument("datasetId")) TRY(take_datasets(*ids, out));
  if (const auto place = argument("geometryProperty")) {
    if (exchange.accept != Media::geo_json) {
      return fail(Errc::invalid, "geometryProperty: means something in application/geo+json only");
    }
    out.geometry = context->expand(*place);
  }
  return out;
}

namespace {

// Members of an object inside a Query, each as the parameter of a name of its own.
using Renamed = std::vector<std::pair<std::string_view, std::string_view>>;
base::Status take_object(const JsonValue& value, std::string_view member, const Renamed& names, BodyQuery& out) {
  if (!value.object()) return fail(Errc::invalid, "'{}' must be an object", member);
  for (const auto& [key, part] : *value.object()) {
    const auto known = std::ranges::find(names, key, &Renamed::value_type::first);
    if (known == names.end()) return fail(Errc::invalid, "'{}' is no member of '{}'", key, member);
    out.members.emplace_back(known->second, key == "orderBy" ? TRY(joined(part, key))
                                            : part.text()    ? *part.text()
                                                             : part.dump());
  }
  return {};
}

constexpr std::string_view kTexts[] = {"q", "scopeQ", "lang", "geometryProperty", "join", "csf", "entityMapLifetime"};
constexpr std::string_view kLists[] = {"attrs", "pick", "omit", "containedBy", "datasetId", "expandValues", "jsonKeys"};
constexpr std::string_view kFlags[] = {"entityMap", "splitEntities"};

base::Status take_member(const std::string& key, const JsonValue& value, const twin::Context* context, BodyQuery& out) {
  const auto is_one_of = [&](std::span<const std::string_view> names) {
    return std::ranges::find(names, key) != names.end();
  };
  const auto put = [&](std::string text) { out.members.emplace_back(key, std::move(text)); };
  if (key == "type" || key == "@context" || key == "id" || key == "temporalQ") return {};
  if (key == "entities") {
    if (!value.array() || value.array()->empty()) {
      return fail(Errc::invalid, "'entities' must be a list with something in it");
    }
    for (const JsonValue& item : *value.array()) TRY(take_selector(item, context, out));
  } else if (key == "geoQ") {
    return take_object(value, key,
                       {{"georel", "georel"},
                        {"geometry", "geometry"},
                        {"coordinates", "coordinates"},
                        {"geoproperty", "geoproperty"}},
                       out);
  } else if (key == "ordering") {
    return take_object(value, key,
                       {{"orderBy", "orderBy"},
                        {"collation", "collation"},
                        {"coordinates", "orderFrom"},
                        {"geometry", "orderGeometry"}},
                       out);
  } else if (is_one_of(kTexts)) {
    if (!value.text()) return fail(Errc::invalid, "'{}' must be a text", key);
    put(*value.text());
  } else if (is_one_of(kLists)) {
    put(TRY(joined(value, key)));
  } else if (is_one_of(kFlags)) {
    if (!value.boolean()) return fail(Errc::invalid, "'{}' must be true or false", key);
    put(*value.boolean() ? "true" : "false");
  } else if (key == "joinLevel") {
    if (!value.number()) return fail(Errc::invalid, "'joinLevel' must be a number");
    put(fmt::format("{}", *value.number()));
  } else {
    return fail(Errc::invalid, "'{}' is no member of a Query", key);
  }
  return {};
}

}  // namespace

base::Result<BodyQuery> BodyQuery::parse(const Exchange& exchange) {
  const JsonValue body = TRY(JsonValue::parse(exchange.request->body));
  if (!body.object()) return fail(Errc::invalid, "a query must be a JSON object");
  if (body.text_or("type", "") != "Query") return fail(Errc::invalid, "'type' must be Query");
  BodyQuery out;
  for (const auto& [key, value] : *body.object()) TRY(take_member(key, value, exchange.context.get(), out));
  return out;
}

std::optional<std::string_view> BodyQuery::argument(std::string_view name) const {
  const auto found = std::ranges::find(members, name, &std::pair<std::string, std::string>::first);
  if (found == members.end()) return std::nullopt;
  return found->second;
}

base::Status check_selective(const twin::EntityFilter& filter, const twin::Argument& argument, int link_depth) {
  const auto local_said = argument("local");
  const bool local = local_said == "true" || filter.every_type;
  const auto attribute = [](Name name) { return !twin::is_system_attribute(name.text()); };
  const bool selective = !filter.types.empty() || std::ranges::any_of(filter.attributes, attribute) ||
                         (filter.q && filter.q->names_attribute()) || filter.geo || local;
  if (filter.every_type && local_said == "false") {
    return fail(Errc::invalid, "type=* asks of what is here alone: local=false does not go with it");
  }
  if (!selective) return fail(Errc::invalid, "a query needs at least one of type, attrs, q, georel or local=true");
  if (filter.q && filter.q->link_depth() > link_depth) {
    return fail(Errc::invalid, "q: asks of linked entities that join and joinLevel do not retrieve");
  }
  if (!filter.order.empty() && !local) return fail(Errc::invalid, "orderBy: only what is here is ordered: local=true");
  return {};
}

void take_selectors(const BodyQuery& query, twin::EntityFilter& out) {
  out.selectors = query.selectors;
  out.every_type |= query.every_type;
  const auto typed = [](const twin::EntitySelector& selector) { return selector.types.has_value(); };
  if (!std::ranges::all_of(out.selectors, typed)) return;
  for (const twin::EntitySelector& selector : out.selectors) {
    for (const Name type : selector.types->candidates()) {
      if (std::ranges::find(out.types, type) == out.types.end()) out.types.push_back(type);
    }
  }
}

std::optional<net::Response> check_limit(const twin::EntityFilter& filter) {
  if (filter.limit <= twin::kLimitMax) return std::nullopt;
  return problem(403, "TooManyResults", fmt::format("limit: at most {} are given at once", twin::kLimitMax));
}

namespace {

// An entity behind a relationship, and what of it is shown.
using Linked = std::pair<EntityPtr, twin::Projection>;
using Find = std::function<EntityPtr(flow::EntityId)>;

// The entities to which the given ones lead, each once, to the depth of the form (clause 4.5.23.3).
std::vector<Linked> reached(const Find& find, const Form& form, const std::vector<EntityPtr>& from) {
  std::vector<Linked> out, level;
  std::vector<flow::EntityId> seen = form.contained_by;
  for (const EntityPtr& entity : from) {
    seen.push_back(entity->id);
    level.emplace_back(entity, form.rendering.projection);
  }
  for (int depth = 0; depth < form.join_depth && !level.empty(); ++depth) {
    std::vector<Linked> next;
    for (const auto& [entity, projection] : level) {
      for (const flow::Attribute& attribute : entity->attributes) {
        if (!projection.empty() && !projection.shows(attribute.name)) continue;
        for (const flow::EntityId id : twin::linked_ids(attribute)) {
          if (std::ranges::find(seen, id) != seen.end()) continue;
          const EntityPtr target = find(id);
          if (!target) continue;
          seen.push_back(id);
          next.emplace_back(target, projection.behind(attribute.name));
        }
      }
    }
    out.insert(out.end(), next.begin(), next.end());
    level = std::move(next);
  }
  return out;
}

void write_one(base::JsonWriter& out, const Exchange& exchange, const Form& form, const twin::Rendering& rendering,
               const flow::Entity& entity) {
  if (exchange.accept == Media::geo_json) twin::render_feature(out, entity, rendering, form.geometry);
  else twin::render(out, entity, rendering);
}

std::string write_all(const Exchange& exchange, const Form& form, const std::vector<EntityPtr>& entities, bool list,
                      const LinkedEntities& linked) {
  const Find find = [&](flow::EntityId id) {
    if (const auto known = linked.find(id); known != linked.end()) return known->second;
    EntityPtr entity = exchange.tenant.twin.get(id);
    return entity && flow::has_own_type(entity->types) ? nullptr : entity;
  };
  twin::Rendering rendering = form.rendering;
  if (form.join == Join::in_line) {
    rendering.join_depth = form.join_depth;
    rendering.linked = &find;
    rendering.contained_by = &form.contained_by;
  }
  base::JsonWriter out;
  if (!list && form.join != Join::flat) {
    write_one(out, exchange, form, rendering, *entities.front());
    return out.take();
  }
  const bool collection = exchange.accept == Media::geo_json;
  if (collection) out.object().field("type", "FeatureCollection").key("features");
  out.array();
  for (const EntityPtr& entity : entities) write_one(out, exchange, form, rendering, *entity);
  if (form.join == Join::flat) {
    rendering.attributes.clear();
    for (const auto& [entity, projection] : reached(find, form, entities)) {
      rendering.projection = projection;
      write_one(out, exchange, form, rendering, *entity);
    }
  }
  out.end();
  if (collection) out.end();
  return out.take();
}

}  // namespace

std::string written(const Exchange& exchange, const Form& form, const EntityPtr& entity, const LinkedEntities& linked) {
  return write_all(exchange, form, {entity}, false, linked);
}

std::string written(const Exchange& exchange, const Form& form, const std::vector<EntityPtr>& entities,
                    const LinkedEntities& linked) {
  return write_all(exchange, form, entities, true, linked);
}

twin::Reading reading_of(const Exchange& exchange) {
  twin::Reading out;
  if (!exchange.context->is_core()) out.context = exchange.context.get();
  out.simplified = exchange.wishes("keyValues") || exchange.wishes("simplified");
  out.id = exchange.part("id");
  return out;
}

void MergeWish::give_to(flow::Write& write) const {
  write.observed_at = observed_at;
  write.lang = lang;
}

base::Result<MergeWish> merge_wish(const Exchange& exchange) {
  MergeWish out;
  if (const auto at = exchange.argument("observedAt")) {
    const auto instant = base::parse_time(*at);
    if (!instant || at->size() < 20) {
      return fail(Errc::invalid, "observedAt: '{}' is no time like 2014-08-18T00:00:00Z", *at);
    }
    out.observed_at = *instant;
  }
  if (const auto lang = exchange.argument("lang")) out.lang = Name(*lang);
  return out;
}

}  // namespace cityloop::broker
