// All that says how cases run: workflows, kinds, working calendars, categories, plans and who is responsible, as one
// version.
//
//   casework/*.toml, *.csv, *.geojson ─▶ [CaseRules] ─ CaseRules entity ─▶ log ══▶ CaseLoop; serve reads the same
//   entity
//
// The version is a fingerprint of the files' texts. The rules travel through the log like everything else: the app
// writes an entity `urn:ngsi-ld:CaseRules:VERSION` with the texts, and the loop obeys it from that record on. So a log
// replays to the same cases whatever the files say today; a case names its version and keeps it to its end, also after
// a restart; and whoever reads a case can read the rules by which it ran. Immutable, shared.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "casework/case_kinds.h"
#include "casework/categories.h"
#include "casework/intake_rules.h"
#include "casework/plans.h"
#include "casework/responsibility.h"
#include "flow/change.h"
#include "flow/city_rules.h"

namespace cityloop::casework {

class CaseRules;
using CaseRulesPtr = std::shared_ptr<const CaseRules>;

class CaseRules {
 public:
  // Every mistake of every file at once, one a line as "FOLDER/file:line: reason".
  static base::Result<CaseRulesPtr> parse(flow::RuleFiles, flow::CityFacts, const std::string& folder = "");
  // All *.toml, *.csv and *.geojson of a folder, in order of name; an absent folder holds none.
  static base::Result<flow::RuleFiles> read_folder(const std::string& folder);
  static base::Result<CaseRulesPtr> load_folder(const std::string& folder, flow::CityFacts);

  const std::string& version() const { return version_; }
  const std::vector<Workflow>& workflows() const { return workflows_; }
  const std::vector<CaseKind>& kinds() const { return kinds_; }
  const std::vector<Plan>& plans() const { return plans_; }
  const WorkCalendars& calendars() const { return calendars_; }
  const Categories& categories() const { return categories_; }
  const Responsibility& responsibility() const { return responsibility_; }
  const IntakeRules& intake() const { return intake_; }
  const CaseKind* find_kind(std::string_view id) const;      // null when there is none
  const Workflow* find_workflow(std::string_view id) const;  // likewise
  const Plan* find_plan(std::string_view id) const;
  const Plan* plan_for(std::string_view kind, flow::Severity) const;  // the first that fits

  bool knows_department(std::string_view) const;  // any, where the city has not said which there are

  // The entity by which they come into force at `at`, and back from it.
  flow::Write to_write(base::Instant at) const;
  static base::Result<CaseRulesPtr> from_entity(const flow::Entity&);
  static flow::EntityId entity_id(std::string_view version);
  // For a checkpoint.
  void save(base::ByteWriter&) const;
  static base::Result<CaseRulesPtr> load(base::ByteReader&);

 private:
  std::string read_all(const std::string& folder);
  void read_kinds(base::ConfigTable& root);
  void read_plans(base::ConfigTable& root);
  void read_intake(base::ConfigTable& root);
  void read_responsibility(std::string& mistakes, const std::string& folder);

  flow::RuleSources from_;
  std::string version_;
  WorkCalendars calendars_;
  std::vector<Workflow> workflows_;
  std::vector<CaseKind> kinds_;
  std::vector<Plan> plans_;
  Categories categories_;
  Responsibility responsibility_;
  IntakeRules intake_;
};

}  // namespace cityloop::casework
