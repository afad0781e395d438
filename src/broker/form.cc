#include "broker/form.h"

#include <algorithm>
#include <charconv>

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
  if (wish == "sysAttrs") out.rendering.sys_attrs = true;
  else if (wish == "keyValues" || wish == "simplified") out.rendering.format = twin::Format::simplified;
  else if (wish == "concise") out.rendering.format = twin::Format::concise;
  else if (wish == "normalized") out.rendering.format = twin::Format::normalized;
  else if (!wish.empty() && wish != "count") return fail(Errc::invalid, "{}: '{}' is not known", parameter, wish);
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
    if (out.join == Join::none) return fail(Errc::invalid, "joinLevel: means nothing without join");
    out.join_depth = std::min(out.join_depth, kJoinDepthMax);
  }
  if (const auto ids = argument("containedBy")) {
    for (std::string_view rest = *ids; !rest.empty();) {
      const auto end = std::min(rest.find(','), rest.size());
      if (!twin::is_uri(rest.substr(0, end))) return fail(Errc::invalid, "containedBy: expected a list of URIs");
      if (const auto id = flow::EntityId::lookup(rest.substr(0, end)); !id.empty()) out.contained_by.push_back(id);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return {};
}

base::Status take_datasets(std::string_view text, Form& out) {
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    const std::string_view id = text.substr(0, end);
    if (id != "@none" && !twin::is_uri(id)) return fail(Errc::invalid, "datasetId: expected a list of URIs or @none");
    out.rendering.datasets.push_back(id == "@none" ? Name{} : Name(id));
    text.remove_prefix(std::min(end + 1, text.size()));
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

base::Result<twin::EntitySelector> selector_of(const JsonValue& value, const twin::Context* context) {
  twin::EntitySelector out;
  if (!value.object()) return fail(Errc::invalid, "'entities' must be a list of objects");
  if (const JsonValue* type = value.find("type")) {
    const std::string text = TRY(joined(*type, "type"));
    twin::EntityFilter filter;
    if (text != "*") {
      out.types = TRY(twin::Selection::parse("type", text, [&](std::string_view word) -> base::Result<std::string> {
        return context->expand_text(word);
      }));
    }
  }
  if (const JsonValue* id = value.find("id")) {
    if (!id->text() || !twin::is_uri(*id->text())) return fail(Errc::invalid, "'id' must be a URI");
    out.id = flow::EntityId::lookup(*id->text());
    out.id_unknown = out.id.empty();
  }
  if (const JsonValue* pattern = value.find("idPattern")) {
    if (!pattern->text()) return fail(Errc::invalid, "'idPattern' must be a text");
    out.id_pattern = TRY(twin::Pattern::compile(*pattern->text()));
  }
  return out;
}

}  // namespace

const std::vector<std::string_view>& read_parameters() {
  static const std::vector<std::string_view> kKnown{"attrs",
                                                    "pick",
                                                    "omit",
                                                    "options",
                                                    "format",
                                                    "lang",
                                                    "geometryProperty",
                                                    "join",
                                                    "joinLevel",
                                                    "containedBy",
                                                    "datasetId",
                                                    "local",
                                                    "type",
                                                    "csf",
                                                    "entityMap",
                                                    "entityMapLifetime",
                                                    "doNotCompact",
                                                    "sysAttrs",
                                                    "expandValues"};
  return kKnown;
}

const std::vector<std::string_view>& query_parameters() {
  static const std::vector<std::string_view> kKnown = [] {
    std::vector<std::string_view> out = read_parameters();
    for (const std::string_view more :
         {"id", "idPattern", "q", "scopeQ", "georel", "geometry", "coordinates", "geoproperty", "limit", "offset",
          "count", "orderBy", "collation", "splitEntities"}) {
      out.push_back(more);
    }
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
  if (const auto names = argument("attrs")) out.rendering.attributes = TRY(twin::parse_names("attrs", *names, context));
  const auto pick = argument("pick"), omit = argument("omit");
  if (pick || omit) out.rendering.projection = TRY(twin::Projection::parse(pick, omit, context));
  if (const auto lang = argument("lang")) out.rendering.lang = *lang;
  if (const auto ids = argument("datasetId")) TRY(take_datasets(*ids, out));
  if (const auto place = argument("geometryProperty")) out.geometry = context->expand(*place);
  TRY(take_join(argument, out));
  return out;
}

base::Result<BodyQuery> BodyQuery::parse(const Exchange& exchange) {
  const JsonValue body = TRY(JsonValue::parse(exchange.request->body));
  if (!body.object()) return fail(Errc::invalid, "a query must be a JSON object");
  if (body.text_or("type", "") != "Query") return fail(Errc::invalid, "'type' must be Query");
  BodyQuery out;
  const auto put = [&](std::string_view name, std::string text) { out.members.emplace_back(name, std::move(text)); };
  for (const auto& [key, value] : *body.object()) {
    if (key == "type" || key == "@context" || key == "id" || key == "temporalQ" || key == "csf") continue;
    if (key == "entities") {
      if (!value.array() || value.array()->empty())
        return fail(Errc::invalid, "'entities' must be a list with something in it");
      for (const JsonValue& item : *value.array())
        out.selectors.push_back(TRY(selector_of(item, exchange.context.get())));
    } else if (key == "geoQ") {
      if (!value.object()) return fail(Errc::invalid, "'geoQ' must be an object");
      for (const auto& [part, text] : *value.object()) put(part, text.text() ? *text.text() : text.dump());
    } else if (key == "q" || key == "scopeQ" || key == "lang" || key == "geometryProperty" || key == "join") {
      if (!value.text()) return fail(Errc::invalid, "'{}' must be a text", key);
      put(key, *value.text());
    } else if (key == "joinLevel") {
      if (!value.number()) return fail(Errc::invalid, "'joinLevel' must be a number");
      put(key, fmt::format("{}", *value.number()));
    } else if (key == "orderBy" || key == "attrs" || key == "pick" || key == "omit" || key == "containedBy" ||
               key == "datasetId" || key == "expandValues") {
      put(key, TRY(joined(value, key)));
    } else if (key == "ordering") {
      if (const JsonValue* order = value.find("orderBy")) put("orderBy", TRY(joined(*order, "orderBy")));
    } else if (key != "entityMap" && key != "splitEntities" && key != "local" && key != "collation") {
      return fail(Errc::invalid, "'{}' is no member of a Query", key);
    }
  }
  return out;
}

std::optional<std::string_view> BodyQuery::argument(std::string_view name) const {
  const auto found = std::ranges::find(members, name, &std::pair<std::string, std::string>::first);
  if (found == members.end()) return std::nullopt;
  return found->second;
}

base::Status check_selective(const twin::EntityFilter& filter, const twin::Argument& argument) {
  if (!filter.types.empty() || !filter.ids.empty() || !filter.attributes.empty() || filter.q || filter.geo ||
      filter.scopes || !filter.selectors.empty() || argument("local").value_or("") == "true" || argument("id")) {
    return {};
  }
  return fail(Errc::invalid, "a query needs at least one of type, id, attrs, q, georel, scopeQ or local=true");
}

namespace {

// The entities to which the given ones lead, each once, to the depth of the form (clause 4.5.23.3).
std::vector<EntityPtr> reached(const Exchange& exchange, const Form& form, const std::vector<EntityPtr>& from) {
  std::vector<EntityPtr> out;
  std::vector<flow::EntityId> seen = form.contained_by;
  for (const EntityPtr& entity : from) seen.push_back(entity->id);
  std::vector<EntityPtr> level = from;
  for (int depth = 0; depth < form.join_depth && !level.empty(); ++depth) {
    std::vector<EntityPtr> next;
    for (const EntityPtr& entity : level) {
      for (const flow::Attribute& attribute : entity->attributes) {
        for (const flow::EntityId id : twin::linked_ids(attribute)) {
          if (std::ranges::find(seen, id) != seen.end()) continue;
          const EntityPtr target = exchange.tenant.twin.get(id);
          if (!target || flow::has_own_type(target->types)) continue;
          seen.push_back(id);
          next.push_back(target);
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

std::string write_all(const Exchange& exchange, const Form& form, const std::vector<EntityPtr>& entities, bool list) {
  const std::function<EntityPtr(flow::EntityId)> find = [&](flow::EntityId id) {
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
    rendering.projection = {};
    for (const EntityPtr& entity : reached(exchange, form, entities))
      write_one(out, exchange, form, rendering, *entity);
  }
  out.end();
  if (collection) out.end();
  return out.take();
}

}  // namespace

std::string written(const Exchange& exchange, const Form& form, const EntityPtr& entity) {
  return write_all(exchange, form, {entity}, false);
}

std::string written(const Exchange& exchange, const Form& form, const std::vector<EntityPtr>& entities) {
  return write_all(exchange, form, entities, true);
}

twin::Reading reading_of(const Exchange& exchange) {
  twin::Reading out;
  if (!exchange.context->is_core()) out.context = exchange.context.get();
  return out;
}

}  // namespace cityloop::broker
