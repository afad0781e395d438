// All that says how crews work: people, crews, shifts, patterns, rosters, holidays, needs and norms, as one version.
//
//   duty/*.toml, *.csv ─▶ [DutyRules] ─ DutyRules entity ─▶ log ══▶ DutyLoop, planner; serve reads the same entity
//
// As with the rules of cases (casework/case_rules.h) the version is a fingerprint of the files' texts and travels
// through the log, so that a replay has the same people on duty whatever the files say today. What each block says is
// explained in doc/duty.md. Immutable, shared.
#pragma once

#include <array>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/config.h"
#include "base/csv.h"
#include "base/result.h"
#include "duty/roster.h"
#include "flow/change.h"
#include "flow/city_rules.h"

namespace cityloop::duty {

using Day = std::chrono::sys_days;  // a local date

struct Skill {
  std::string id;
  flow::Bilingual name;
};

// In minutes from the local midnight of its day; past 24 h it ends on the next.
struct ShiftKind {
  std::string id;
  flow::Bilingual name;
  int from{}, until{};
};

// Which shift is worked on which day: by the day of the week, or round and round ("4 on 2 off").
struct Pattern {
  std::string id;
  flow::Bilingual name;
  std::array<std::string, 7> week{};  // Sunday first; empty: off
  std::vector<std::string> cycle{};   // empty: by the week
  Day begins{};                       // of the cycle's first day
  std::string holidays{};             // "as_usual", "off", or the shift that is worked on a holiday
};

// Who follows a pattern from when to when.
struct RosterRule {
  std::string id;
  std::string crew;
  std::vector<std::string> people{};  // empty: all of the crew
  std::string pattern{};
  Day from{}, to{};  // both included
  int offset{0};     // days by which they are ahead in the cycle
};

// A day's roster by name, which holds instead of all patterns for the crew on that day.
struct DatedShift {
  Day day{};
  std::string crew;
  std::string shift;                  // "-": nobody works
  std::vector<std::string> people{};  // empty: all of the crew
  std::string file{};
};

struct Holiday {
  Day from{}, to{};
  flow::Bilingual name;
};

// What must be there: so many people with a skill, in a part of each day.
struct SkillNeed {
  std::string department;
  std::string skill;
  unsigned least{1};
  std::array<bool, 7> days{};  // Sunday first
  int from{}, until{};         // minutes, as of a shift
};

struct WorkLimits {
  double week_hours{48};
  Duration rest{std::chrono::hours(10)};  // between two shifts
  Duration leave_max{std::chrono::hours(24 * 366)};
};

class DutyRules;
using DutyRulesPtr = std::shared_ptr<const DutyRules>;

class DutyRules {
 public:
  // Every mistake of every file at once, one a line as "FOLDER/file:line: reason".
  static base::Result<DutyRulesPtr> parse(flow::RuleFiles, flow::CityFacts, const std::string& folder = "");
  // All *.toml and *.csv of a folder, in order of name; an absent folder holds none.
  static base::Result<flow::RuleFiles> read_folder(const std::string& folder);
  static base::Result<DutyRulesPtr> load_folder(const std::string& folder, flow::CityFacts);

  const std::string& version() const { return version_; }
  const base::TimeZone& zone() const { return zone_; }
  const std::vector<Crew>& crews() const { return crews_; }      // by id
  const std::vector<Person>& people() const { return people_; }  // by id
  const std::vector<Skill>& skills() const { return skills_; }
  const std::vector<ShiftKind>& shifts() const { return shifts_; }
  const std::vector<SkillNeed>& needs() const { return needs_; }
  const std::vector<WorkNorm>& norms() const { return norms_; }
  const WorkLimits& limits() const { return limits_; }
  const Crew* find_crew(std::string_view id) const;  // null when there is none
  const Person* find_person(std::string_view id) const;
  const ShiftKind* find_shift(std::string_view id) const;
  const Holiday* holiday_on(Day) const;
  bool is_makeup(Day day) const { return makeup_.contains(day); }

  Day day_of(Instant) const;  // the local day
  Instant at(Day, int minute) const;
  // The shift that a person of the crew works on a day, as patterns and dated rosters say; null: none. `roster` is set
  // to the one that says so.
  const ShiftKind* shift_of(const Crew&, const Person&, Day, std::string& roster) const;

  flow::Write to_write(Instant at) const;
  static base::Result<DutyRulesPtr> from_entity(const flow::Entity&);
  static flow::EntityId entity_id(std::string_view version);
  void save(base::ByteWriter&) const;
  static base::Result<DutyRulesPtr> load(base::ByteReader&);

 private:
  std::string read_all(const std::string& folder);
  void read_words(base::ConfigTable& root);
  void read_crews(base::ConfigTable& root);
  void read_patterns(base::ConfigTable& root);
  void read_rosters(base::ConfigTable& root);
  void read_needs(base::ConfigTable& root);
  void read_norms(base::ConfigTable& root);
  void read_people(base::CsvTable&);
  void read_dated(base::CsvTable&, const std::string& file);
  Pattern read_pattern(base::ConfigTable&);
  void check_skills(base::ConfigTable&, std::string_view key, const std::vector<std::string>&);
  const ShiftKind* by_pattern(const RosterRule&, Day) const;
  void join_people();

  flow::RuleSources from_;
  std::string version_;
  base::TimeZone zone_{base::TimeZone::utc()};
  std::vector<Skill> skills_;
  std::vector<ShiftKind> shifts_;
  std::vector<Pattern> patterns_;
  std::vector<Crew> crews_;
  std::vector<Person> people_;
  std::vector<RosterRule> rosters_;
  std::map<std::string, std::vector<std::size_t>, std::less<>> rosters_of_;  // by crew: places in rosters_
  std::map<std::pair<std::string, Day>, std::vector<DatedShift>> dated_;
  std::vector<Holiday> holidays_;
  std::map<Day, unsigned> makeup_;  // the day of the week that it is worked as, Sunday 0
  std::vector<SkillNeed> needs_;
  std::vector<WorkNorm> norms_;
  WorkLimits limits_;
};

}  // namespace cityloop::duty
