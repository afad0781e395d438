#include "index/indicator/indicator_rules.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>

#include "base/fingerprint.h"
#include "base/json_value.h"
#include "flow/noun.h"
#include "flow/own_types.h"

namespace cityloop::index {
namespace {

using base::ConfigTable;
using base::Errc;
using base::fail;
using base::JsonValue;
using base::JsonWriter;
using flow::add_lines;
using flow::RuleFile;

void write_places(JsonWriter& out, const std::vector<IndicatorFacts::Place>& places) {
  out.array();
  for (const auto& one : places) {
    out.object().field("id", one.id).field("zh", one.name.zh).field("en", one.name.en);
    out.field("geojson", one.geojson).end();
  }
  out.end();
}

std::string facts_json(const IndicatorFacts& facts) {
  JsonWriter out;
  out.object().field("timeZone", facts.time_zone);
  write_places(out.key("areas"), facts.areas);
  write_places(out.key("departments"), facts.departments);
  return out.end().take();
}

std::vector<IndicatorFacts::Place> places_from(const JsonValue* list) {
  std::vector<IndicatorFacts::Place> out;
  if (!list || !list->array()) return out;
  for (const JsonValue& one : *list->array())
    out.push_back({one.text_or("id", ""), {one.text_or("zh", ""), one.text_or("en", "")}, one.text_or("geojson", "")});
  return out;
}

IndicatorFacts facts_from(const JsonValue& json) {
  return {json.text_or("timeZone", "UTC"), places_from(json.find("areas")), places_from(json.find("departments"))};
}

std::string shown(const std::string& folder, const std::string& name) {
  const auto slash = name.find('/');
  if (folder.empty()) return name;
  if (slash == std::string::npos) return fmt::format("{}/indicators/{}", folder, name);
  return fmt::format("{}/{}/indicators/{}", folder, name.substr(0, slash), name.substr(slash + 1));
}

}  // namespace

std::string AreaEntry::key() const {
  return kind == AreaKind::city ? "city" : fmt::format("{}:{}", to_string(kind), id);
}

base::Result<IndicatorRulesPtr> IndicatorRules::parse(flow::RuleFiles files, IndicatorFacts facts,
                                                      const std::string& folder) {
  auto rules = std::make_shared<IndicatorRules>();
  rules->files_ = std::move(files);
  rules->facts_ = std::move(facts);
  rules->zone_ = TRY(base::TimeZone::load(rules->facts_.time_zone));
  std::string mistakes = rules->read_all(folder);
  if (!mistakes.empty()) return std::unexpected(base::Error{Errc::invalid, std::move(mistakes)});
  base::Fingerprint version;
  version.add(facts_json(rules->facts_));
  flow::add_to(version, rules->files_);
  rules->version_ = version.text();
  return IndicatorRulesPtr(std::move(rules));
}

std::string IndicatorRules::read_all(const std::string& folder) {
  std::string mistakes;
  areas_.push_back({AreaKind::city, "", {"全市", "Whole city"}});
  for (const auto& area : facts_.areas)
    add_lines(mistakes, add_feature("city.toml", area.id, {AreaKind::area, area.id, area.name}, area.geojson));
  add_lines(mistakes, read_shapes(folder));
  flow::OpenRuleFiles open(files_, [&](const std::string& name) { return shown(folder, name); }, mistakes);
  open.each([&](ConfigTable& root, const std::string& name) { read_root(root, name); });
  open.check(mistakes);
  std::ranges::stable_sort(indicators_, {}, &Declaration::id);
  add_lines(mistakes, finish_areas());
  add_lines(mistakes, order_formulas());
  return mistakes;
}

std::string IndicatorRules::add_feature(const std::string& name, const std::string& id, AreaEntry entry,
                                        const std::string& geojson) {
  auto shape = geo::Shape::from_geojson(geojson);
  if (!shape) return fmt::format("{}:1: area '{}': {}", name, id, shape.error().message);
  if (entry.area_km2 < 0) entry.area_km2 = geo::area_m2(*shape) / 1e6;
  areas_.push_back(std::move(entry));
  polygons_.push_back({id, std::move(*shape)});
  return {};
}

// Of a FeatureCollection each feature with "id", "name_zh", "name_en" and perhaps "inhabitants".
std::string IndicatorRules::read_shapes(const std::string& folder) {
  std::string mistakes;
  for (const RuleFile& file : files_) {
    if (!file.name.ends_with(".geojson")) continue;
    const std::string name = shown(folder, file.name);
    const auto json = JsonValue::parse(file.text);
    const JsonValue* features = json ? json->find("features") : nullptr;
    if (!features || !features->array()) {
      add_lines(mistakes, fmt::format("{}:1: {}", name, json ? "there is no list 'features'" : json.error().message));
      continue;
    }
    for (const JsonValue& feature : *features->array()) {
      const JsonValue *facts = feature.find("properties"), *geometry = feature.find("geometry");
      if (!facts || !geometry || facts->text_or("id", "").empty()) {
        add_lines(mistakes, fmt::format("{}:1: a feature needs 'geometry' and an 'id' in its 'properties'", name));
        continue;
      }
      AreaEntry entry{
          AreaKind::area, facts->text_or("id", ""), {facts->text_or("name_zh", ""), facts->text_or("name_en", "")}};
      entry.inhabitants = facts->number_or("inhabitants", -1);
      const std::string id = entry.id;
      add_lines(mistakes, add_feature(name, id, std::move(entry), geometry->dump()));
    }
  }
  return mistakes;
}

void IndicatorRules::read_root(ConfigTable& root, const std::string& file) {
  IndicatorDefaults defaults{root.text_or("domain", ""), root.text_or("owner", ""), read_words(root, "source", false)};
  for (ConfigTable& table : root.tables("domains")) {
    Domain one{table.text("id"), read_words(table, "name", true)};
    if (std::ranges::any_of(domains_, [&](const Domain& other) { return other.id == one.id; }))
      table.mistake("id", fmt::format("the domain '{}' is there already", one.id));
    domains_.push_back(std::move(one));
  }
  for (ConfigTable& table : root.tables("area")) read_area(table);
  for (ConfigTable& table : root.tables("indicator")) {
    Declaration one = read_indicator(table, defaults);
    one.file = file;
    const auto same = std::ranges::find(indicators_, one.id, &Declaration::id);
    if (same != indicators_.end())
      table.mistake("id", fmt::format("'{}' is declared already: {}:{}", one.id, same->file, same->line));
    indicators_.push_back(std::move(one));
  }
}

// [[area]] id = "", inhabitants = …: of an area that there is, or of the city (id = "city").
void IndicatorRules::read_area(ConfigTable& table) {
  const std::string id = table.text("id");
  const double inhabitants = table.number("inhabitants");
  if (inhabitants < 0) table.mistake("inhabitants", "'inhabitants' is not negative");
  const auto found = std::ranges::find_if(areas_, [&](const AreaEntry& one) {
    return one.kind == AreaKind::city ? id == "city" : one.kind == AreaKind::area && one.id == id;
  });
  if (found == areas_.end()) table.mistake("id", fmt::format("there is no area '{}'", id));
  else found->inhabitants = inhabitants;
}

std::string IndicatorRules::finish_areas() {
  double inhabitants = 0, km2 = 0;
  for (const AreaEntry& one : areas_) {
    if (one.kind != AreaKind::area) continue;
    inhabitants = one.inhabitants < 0 || inhabitants < 0 ? -1 : inhabitants + one.inhabitants;
    km2 += one.area_km2;
  }
  if (areas_.size() > 1 && areas_[0].inhabitants < 0 && inhabitants > 0) areas_[0].inhabitants = inhabitants;
  if (areas_.size() > 1) areas_[0].area_km2 = km2;
  department_begin_ = areas_.size();
  for (const auto& one : facts_.departments) areas_.push_back({AreaKind::department, one.id, one.name});
  for (std::size_t i = 0; i < areas_.size(); ++i) area_places_.emplace(areas_[i].key(), i);
  auto shapes = geo::Areas::make(std::move(polygons_));
  polygons_.clear();
  if (!shapes) return fmt::format("indicators: {}", shapes.error().message);
  shapes_ = std::move(*shapes);
  return {};
}

// Depth first, each formula after what it needs. A circle is told with all who are in it.
std::string IndicatorRules::order_formulas() {
  enum class Seen : std::uint8_t { no, open, done };
  std::string mistakes;
  std::vector<Seen> seen(indicators_.size(), Seen::no);
  std::vector<std::size_t> path;
  const std::function<void(std::size_t)> visit = [&](std::size_t at) {
    const Declaration& one = indicators_[at];
    seen[at] = Seen::open;
    path.push_back(at);
    for (const Formula::Input& input : one.formula.inputs()) {
      if (input.name == kInhabitants || input.name == kAreaKm2) continue;
      const Declaration* other = find(input.name);
      if (!other) {
        add_lines(mistakes, fmt::format("{}:{}: the formula of '{}' names '{}', which is not declared", one.file,
                                        one.line, one.id, input.name));
      } else if (const std::size_t next = place_of(*other); seen[next] == Seen::no) {
        visit(next);
      } else if (seen[next] == Seen::open) {
        std::string circle;
        for (auto it = std::ranges::find(path, next); it != path.end(); ++it) circle += indicators_[*it].id + " → ";
        add_lines(mistakes,
                  fmt::format("{}:{}: formulas go round in a circle: {}{}", one.file, one.line, circle, other->id));
      }
    }
    path.pop_back();
    seen[at] = Seen::done;
    if (one.over == Over::formula) formula_order_.push_back(at);
  };
  for (std::size_t i = 0; i < indicators_.size(); ++i) {
    if (seen[i] == Seen::no) visit(i);
  }
  return mistakes;
}

base::Result<flow::RuleFiles> IndicatorRules::read_folder(const std::string& city_folder) {
  const auto read = [](const std::string& folder, const std::string& prefix) {
    return flow::read_rule_files(folder + "/indicators", {".toml", ".geojson"}, prefix);
  };
  flow::RuleFiles out = TRY(read(city_folder, ""));
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(city_folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name == "indicators" || !entry.is_directory(ignored)) continue;
    for (RuleFile& file : TRY(read(entry.path().string(), name + "/"))) out.push_back(std::move(file));
  }
  std::ranges::sort(out, {}, &RuleFile::name);
  return out;
}

base::Result<IndicatorRulesPtr> IndicatorRules::load_folder(const std::string& city_folder, IndicatorFacts facts) {
  return parse(TRY(read_folder(city_folder)), std::move(facts), city_folder);
}

const Declaration* IndicatorRules::find(std::string_view id) const {
  const auto found =
      std::ranges::lower_bound(indicators_, id, {}, [](const Declaration& one) -> std::string_view { return one.id; });
  return found != indicators_.end() && found->id == id ? &*found : nullptr;
}

const AreaEntry* IndicatorRules::find_area(std::string_view key) const {
  const auto found = area_places_.find(key);
  return found == area_places_.end() ? nullptr : &areas_[found->second];
}

flow::Bilingual IndicatorRules::domain_name(std::string_view id) const {
  const auto found = std::ranges::find(domains_, id, &Domain::id);
  return found == domains_.end() ? flow::Bilingual{std::string(id), std::string(id)} : found->name;
}

flow::EntityId IndicatorRules::entity_id(std::string_view version) {
  return flow::EntityId(fmt::format("urn:ngsi-ld:IndicatorRules:{}", version));
}

flow::Write IndicatorRules::to_write(base::Instant at) const {
  return flow::NounWriter(entity_id(version_), flow::kIndicatorRulesType, flow::WriteMode::replace)
      .own_json(flow::Name("files"), flow::json_of(files_))
      .own_json(flow::Name("facts"), facts_json(facts_))
      .time("inForceSince", at)
      .take();
}

base::Result<IndicatorRulesPtr> IndicatorRules::from_entity(const flow::Entity& entity) {
  TRY(flow::require_type(entity, flow::kIndicatorRulesType.text()));
  flow::RuleFiles files = TRY(flow::rule_files_from(flow::json_field(entity, "files")));
  auto facts = facts_from(TRY(JsonValue::parse(flow::json_field(entity, "facts"))));
  IndicatorRulesPtr rules = TRY(parse(std::move(files), std::move(facts)));
  if (entity_id(rules->version()) != entity.id)
    return fail(Errc::corrupt, "these indicators are not the version they say");
  return rules;
}

void IndicatorRules::save(base::ByteWriter& out) const {
  flow::save_rule_files(files_, out);
  out.text(facts_json(facts_));
}

base::Result<IndicatorRulesPtr> IndicatorRules::load(base::ByteReader& in) {
  flow::RuleFiles files = flow::load_rule_files(in);
  const std::string facts(in.text());
  if (!in.ok()) return fail(Errc::corrupt, "the indicators in the checkpoint are cut short");
  return parse(std::move(files), facts_from(TRY(JsonValue::parse(facts))));
}

}  // namespace cityloop::index
