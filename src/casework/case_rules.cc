#include "casework/case_rules.h"

#include <algorithm>

#include "casework/workflow_reader.h"
#include "flow/case_parts.h"
#include "flow/noun.h"
#include "flow/own_types.h"

namespace cityloop::casework {
namespace {

using base::ConfigTable;
using base::Errc;
using base::fail;
using flow::add_lines;
using flow::RuleFile;

std::string shown(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : folder + "/" + name;
}

// The other tables hold categories.
bool is_responsibility(std::string_view file) {
  return file.starts_with("responsibility") && file.ends_with(".csv");
}

template <class Item>
const Item* find_in(const std::vector<Item>& items, std::string_view id) {
  const auto found = std::find_if(items.begin(), items.end(), [&](const Item& item) { return item.id == id; });
  return found == items.end() ? nullptr : &*found;
}

template <class Item>
void add_once(std::vector<Item>& items, Item item, ConfigTable& table, std::string_view what) {
  if (!item.id.empty() && find_in(items, item.id))
    table.mistake("id", fmt::format("there is a {} '{}' already", what, item.id));
  items.push_back(std::move(item));
}

}  // namespace

base::Result<CaseRulesPtr> CaseRules::parse(flow::RuleFiles files, flow::CityFacts facts, const std::string& folder) {
  auto rules = std::make_shared<CaseRules>();
  rules->from_ = {std::move(files), std::move(facts)};
  std::string mistakes = rules->read_all(folder);
  if (!mistakes.empty()) return std::unexpected(base::Error{Errc::invalid, std::move(mistakes)});
  rules->version_ = flow::version_of(rules->from_);
  return CaseRulesPtr(std::move(rules));
}

// Calendars before workflows before kinds before plans, whichever files they stand in; then all mistakes, file by file.
std::string CaseRules::read_all(const std::string& folder) {
  std::string mistakes;
  flow::OpenRuleFiles open(from_.files, [&](const std::string& name) { return shown(folder, name); }, mistakes);
  const auto each = [&](auto&& read) { open.each([&](ConfigTable& root, const std::string&) { read(root); }); };
  each([&](ConfigTable& root) { calendars_.read(root, from_.facts.time_zone); });
  for (const RuleFile& file : from_.files) {
    if (file.name.ends_with(".csv") && !is_responsibility(file.name))
      add_lines(mistakes, categories_.read(file.text, shown(folder, file.name), calendars_, from_.facts.departments));
  }
  each([&](ConfigTable& root) {
    if (!root.has("workflow")) return;
    auto head = root.table("workflow");
    if (head) add_once(workflows_, read_workflow(root, calendars_, from_.facts.departments), *head, "workflow");
  });
  each([&](ConfigTable& root) { read_kinds(root); });
  each([&](ConfigTable& root) { read_plans(root); });
  each([&](ConfigTable& root) { read_intake(root); });
  read_responsibility(mistakes, folder);
  for (const Category& row : categories_.all()) {
    if (!row.kind.empty() && !find_kind(row.kind))
      add_lines(mistakes, fmt::format("categories, line {}: there is no case kind '{}'", row.line, row.kind));
  }
  open.check(mistakes);
  return mistakes;
}

void CaseRules::read_kinds(ConfigTable& root) {
  for (ConfigTable& table : root.tables("case")) {
    CaseKind kind = read_kind(table, {workflows_, calendars_, from_.facts.departments});
    if (!kind.category.empty() && !categories_.find(kind.category))
      table.mistake("category", fmt::format("there is no category '{}'", kind.category));
    add_once(kinds_, std::move(kind), table, "case kind");
  }
}

void CaseRules::read_responsibility(std::string& mistakes, const std::string& folder) {
  for (const RuleFile& file : from_.files) {
    if (file.name.ends_with(".geojson"))
      add_lines(mistakes, responsibility_.read_cells(file.text, shown(folder, file.name)));
  }
  std::vector<std::string> kinds;
  for (const CaseKind& kind : kinds_) kinds.push_back(kind.id);
  for (const RuleFile& file : from_.files) {
    if (is_responsibility(file.name))
      add_lines(mistakes, responsibility_.read_rules(
                              file.text, shown(folder, file.name),
                              {calendars_, categories_, from_.facts.departments, from_.facts.areas, kinds}));
  }
  add_lines(mistakes, responsibility_.finish());
}

void CaseRules::read_plans(ConfigTable& root) {
  for (ConfigTable& table : root.tables("plan")) {
    Plan plan = read_plan(table);
    for (const std::string& kind : plan.kinds) {
      const CaseKind* known = find_kind(kind);
      const Workflow* flow = known ? find_workflow(known->workflow) : nullptr;
      if (!known) table.mistake("kinds", fmt::format("there is no case kind '{}'", kind));
      else if (flow && !plan.commands.empty() && !flow->find_request(kPlanCommand))
        table.mistake("kinds", fmt::format("the workflow '{}' has no request '{}', by which commands are approved",
                                           flow->id, kPlanCommand));
    }
    add_once(plans_, std::move(plan), table, "plan");
  }
}

void CaseRules::read_intake(ConfigTable& root) {
  const std::size_t before = intake_.cap.size();
  intake_.read(root);
  if (auto table = root.table("intake"); table && !intake_.kind.empty() && !find_kind(intake_.kind))
    table->mistake("kind", fmt::format("there is no case kind '{}'", intake_.kind));
  auto tables = root.tables("cap");
  for (std::size_t i = before; i < intake_.cap.size(); ++i) {
    const CapRow& row = intake_.cap[i];
    ConfigTable& table = tables[i - before];
    if (!row.kind.empty() && !find_kind(row.kind))
      table.mistake("kind", fmt::format("there is no case kind '{}'", row.kind));
    if (!row.department.empty() && !knows_department(row.department))
      table.mistake("department", fmt::format("the city has no department '{}'", row.department));
  }
}

base::Result<flow::RuleFiles> CaseRules::read_folder(const std::string& folder) {
  return flow::read_rule_files(folder, {".toml", ".csv", ".geojson"});
}

base::Result<CaseRulesPtr> CaseRules::load_folder(const std::string& folder, flow::CityFacts facts) {
  return parse(TRY(read_folder(folder)), std::move(facts), folder);
}

const CaseKind* CaseRules::find_kind(std::string_view id) const {
  return find_in(kinds_, id);
}

const Workflow* CaseRules::find_workflow(std::string_view id) const {
  return find_in(workflows_, id);
}

const Plan* CaseRules::find_plan(std::string_view id) const {
  return find_in(plans_, id);
}

const Plan* CaseRules::plan_for(std::string_view kind, flow::Severity severity) const {
  for (const Plan& plan : plans_) {
    const bool fits = std::find(plan.kinds.begin(), plan.kinds.end(), kind) != plan.kinds.end();
    if (fits && severity >= plan.severity) return &plan;
  }
  return nullptr;
}

bool CaseRules::knows_department(std::string_view id) const {
  const auto& all = from_.facts.departments;
  return all.empty() || std::find(all.begin(), all.end(), id) != all.end();
}

flow::EntityId CaseRules::entity_id(std::string_view version) {
  return flow::EntityId(fmt::format("urn:ngsi-ld:CaseRules:{}", version));
}

flow::Write CaseRules::to_write(base::Instant at) const {
  return flow::rules_entity(entity_id(version_), flow::kCaseRulesType, from_, at);
}

base::Result<CaseRulesPtr> CaseRules::from_entity(const flow::Entity& entity) {
  auto from = TRY(flow::sources_from(entity, flow::kCaseRulesType));
  CaseRulesPtr rules = TRY(parse(std::move(from.files), std::move(from.facts)));
  if (entity_id(rules->version()) != entity.id)
    return fail(Errc::corrupt, "these case rules are not the version they say");
  return rules;
}

void CaseRules::save(base::ByteWriter& out) const {
  flow::save(from_, out);
}

base::Result<CaseRulesPtr> CaseRules::load(base::ByteReader& in) {
  auto from = TRY(flow::load_sources(in, "the case rules"));
  return parse(std::move(from.files), std::move(from.facts));
}

}  // namespace cityloop::casework
