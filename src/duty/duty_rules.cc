#include "duty/duty_rules.h"

#include <algorithm>

#include "duty/day_words.h"
#include "flow/case_parts.h"
#include "flow/noun.h"
#include "flow/own_types.h"

namespace cityloop::duty {
namespace {

using base::ConfigTable;
using base::Errc;
using base::fail;
using flow::add_lines;
using flow::RuleFile;

}  // namespace

base::Result<DutyRulesPtr> DutyRules::parse(flow::RuleFiles files, flow::CityFacts facts, const std::string& folder) {
  auto rules = std::make_shared<DutyRules>();
  rules->from_ = {std::move(files), std::move(facts)};
  rules->zone_ = TRY(base::TimeZone::load(rules->from_.facts.time_zone));
  std::string mistakes = rules->read_all(folder);
  if (!mistakes.empty()) return std::unexpected(base::Error{Errc::invalid, std::move(mistakes)});
  rules->version_ = flow::version_of(rules->from_);
  return DutyRulesPtr(std::move(rules));
}

// What is named before what names it, whichever files they stand in; then all mistakes, file by file.
std::string DutyRules::read_all(const std::string& folder) {
  std::string mistakes;
  const auto shown = [&](const std::string& name) { return folder.empty() ? name : folder + "/" + name; };
  flow::OpenRuleFiles open(from_.files, shown, mistakes);
  const auto each = [&](void (DutyRules::*read)(ConfigTable&)) {
    open.each([&](ConfigTable& root, const std::string&) { (this->*read)(root); });
  };
  each(&DutyRules::read_words);
  each(&DutyRules::read_crews);
  std::sort(crews_.begin(), crews_.end(), [](const Crew& a, const Crew& b) { return a.id < b.id; });
  for (const RuleFile& file : from_.files) {
    if (!file.name.ends_with(".csv") || file.name.starts_with("roster")) continue;
    base::CsvTable table(file.text, shown(file.name), {"id", "name_zh", "name_en", "crew"}, {"skills", "week_hours"});
    read_people(table);
    add_lines(mistakes, table.mistakes());
  }
  join_people();
  each(&DutyRules::read_patterns);
  each(&DutyRules::read_rosters);
  each(&DutyRules::read_needs);
  each(&DutyRules::read_norms);
  for (const RuleFile& file : from_.files) {
    if (!file.name.ends_with(".csv") || !file.name.starts_with("roster")) continue;
    base::CsvTable table(file.text, shown(file.name), {"date", "crew", "shift"}, {"people", "note"});
    read_dated(table, file.name);
    add_lines(mistakes, table.mistakes());
  }
  open.check(mistakes);
  return mistakes;
}

// A crew's members are the people who say that they are of it.
void DutyRules::join_people() {
  std::sort(people_.begin(), people_.end(), [](const Person& a, const Person& b) { return a.id < b.id; });
  std::map<std::string_view, std::vector<std::string>> members;
  for (const Person& person : people_) members[person.crew].push_back(person.id);
  for (Crew& crew : crews_) crew.members = members[crew.id];
}

base::Result<flow::RuleFiles> DutyRules::read_folder(const std::string& folder) {
  return flow::read_rule_files(folder, {".toml", ".csv"});
}

base::Result<DutyRulesPtr> DutyRules::load_folder(const std::string& folder, flow::CityFacts facts) {
  return parse(TRY(read_folder(folder)), std::move(facts), folder);
}

const Crew* DutyRules::find_crew(std::string_view id) const {
  const auto found = std::lower_bound(crews_.begin(), crews_.end(), id,
                                      [](const Crew& crew, std::string_view wanted) { return crew.id < wanted; });
  return found != crews_.end() && found->id == id ? &*found : nullptr;
}

const Person* DutyRules::find_person(std::string_view id) const {
  const auto found = std::lower_bound(people_.begin(), people_.end(), id,
                                      [](const Person& person, std::string_view wanted) { return person.id < wanted; });
  return found != people_.end() && found->id == id ? &*found : nullptr;
}

const ShiftKind* DutyRules::find_shift(std::string_view id) const {
  return find_in(shifts_, id);
}

const Holiday* DutyRules::holiday_on(Day day) const {
  for (const Holiday& one : holidays_) {
    if (one.from <= day && day <= one.to && !makeup_.contains(day)) return &one;
  }
  return nullptr;
}

Day DutyRules::day_of(Instant at) const {
  return std::chrono::floor<std::chrono::days>(zone_.to_local(at));
}

Instant DutyRules::at(Day day, int minute) const {
  return zone_.to_utc(Instant(day) + std::chrono::minutes(minute));
}

const ShiftKind* DutyRules::by_pattern(const RosterRule& roster, Day day) const {
  const Pattern* pattern = find_in(patterns_, roster.pattern);
  if (!pattern) return nullptr;
  if (holiday_on(day) && pattern->holidays != "as_usual") return find_shift(pattern->holidays);
  if (pattern->cycle.empty()) {
    const auto makeup = makeup_.find(day);
    return find_shift(pattern->week[makeup == makeup_.end() ? weekday(day) : makeup->second]);
  }
  const auto length = std::ptrdiff_t(pattern->cycle.size());
  const std::ptrdiff_t place = ((day - pattern->begins).count() + roster.offset) % length;
  return find_shift(pattern->cycle[std::size_t(place < 0 ? place + length : place)]);
}

const ShiftKind* DutyRules::shift_of(const Crew& crew, const Person& person, Day day, std::string& roster) const {
  const auto is_among = [&](const std::vector<std::string>& people) {
    return people.empty() || std::find(people.begin(), people.end(), person.id) != people.end();
  };
  if (const auto dated = dated_.find({crew.id, day}); dated != dated_.end()) {
    for (const DatedShift& row : dated->second) {
      if (!is_among(row.people)) continue;
      roster = row.file;
      return find_shift(row.shift);
    }
    return nullptr;
  }
  const auto own = rosters_of_.find(crew.id);
  if (own == rosters_of_.end()) return nullptr;
  for (const std::size_t place : own->second) {
    const RosterRule& rule = rosters_[place];
    if (day < rule.from || day > rule.to || !is_among(rule.people)) continue;
    roster = rule.id;
    return by_pattern(rule, day);
  }
  return nullptr;
}

flow::EntityId DutyRules::entity_id(std::string_view version) {
  return flow::EntityId(fmt::format("urn:ngsi-ld:DutyRules:{}", version));
}

flow::Write DutyRules::to_write(Instant at) const {
  return flow::rules_entity(entity_id(version_), flow::kDutyRulesType, from_, at);
}

base::Result<DutyRulesPtr> DutyRules::from_entity(const flow::Entity& entity) {
  auto from = TRY(flow::sources_from(entity, flow::kDutyRulesType));
  DutyRulesPtr rules = TRY(parse(std::move(from.files), std::move(from.facts)));
  if (entity_id(rules->version()) != entity.id)
    return fail(Errc::corrupt, "these duty rules are not the version they say");
  return rules;
}

void DutyRules::save(base::ByteWriter& out) const {
  flow::save(from_, out);
}

base::Result<DutyRulesPtr> DutyRules::load(base::ByteReader& in) {
  auto from = TRY(flow::load_sources(in, "the duty rules"));
  return parse(std::move(from.files), std::move(from.facts));
}

}  // namespace cityloop::duty
