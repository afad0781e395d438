// A case: one matter that the city has taken up, from intake to closing and rating (GB/T 30428: 信息采集 案卷建立
// 任务派遣 任务处理 处理反馈 核查结案 综合评价).
//
//   casework ─ Case ─▶ people (console), act (its commands), learn (how it ended)
//
// Only casework's own loop writes a Case; people ask for a step by writing an Action. Which states there are is the
// business of the workflow that the case runs by; what every workflow has in common are stages and outcomes.
#pragma once

#include <string>
#include <vector>

#include "flow/finding.h"

namespace cityloop::flow {

// The seven steps, in their order.
enum class CaseStage : std::uint8_t { intake, filing, dispatch, work, feedback, verification, rating };

enum class CaseOutcome : std::uint8_t {
  open,
  confirmed,
  false_alarm,
  refused,  // 不予立案: never taken up, with the reason in the timeline
  merged,   // goes on in another case; may be undone
};

// One line of a case's life. `by` is who did it: "user:li.wei", "loop:casework", "device:…".
struct CaseStep {
  Instant at{kNever};
  std::string by;
  std::string verb;  // of the workflow; or of the loop: note, command, escalate
  std::string to;    // the state after it
  std::string note;
  // Why the loop did it, as a stable word that the console can say in the reader's language ("held_clear"); empty for
  // what people did.
  std::string code;
  std::string role{};   // in which role a person did it
  std::string given{};  // JSON of what the person filled in
};

// A deadline of the case that runs, stands still, or is over. Times within are working time of `calendar`.
struct CaseClock {
  std::string id;        // of the workflow's deadline; "task-2" for a task's
  std::string calendar;  // "always" counts day and night
  Instant started_at{kNever};
  Duration limit{};               // with what was granted
  Duration extended{};            // how much of the limit was granted later
  Duration used{};                // before running_since
  Instant running_since{kNever};  // kNever while it stands still or is over
  Instant due_at{kNever};         // kNever while it stands still
  Instant stands_since{kNever};
  Duration stood{};          // all the time that it stood still before, by the clock on the wall
  Instant ended_at{kNever};  // nothing is waited for any more
  bool yellow{false};        // its light was seen at yellow, at red
  bool red{false};
  std::uint32_t escalated{0};  // how many of its escalations were carried out
  bool missed{false};
};

// What somebody has asked for and somebody else must decide: 延期 挂账 回退 …
struct CaseRequest {
  std::uint32_t number{};  // 1, 2, … in the case
  std::string kind;        // id of the workflow's request
  std::string by;
  Instant at{kNever};
  std::string note;
  std::string given;  // JSON of what was filled in
};

enum class TaskState : std::uint8_t { waiting, open, working, reported, dropped };

// The part of one department in a joint case (联合处置).
struct CaseTask {
  std::uint32_t number{};
  std::string department;
  Bilingual name;
  std::uint32_t turn{};  // tasks of the same turn run in parallel; a later turn waits for all of the earlier ones
  TaskState state{TaskState::waiting};
  std::string holder;
  std::string note;  // what was reported
  Instant opened_at{kNever};
  Instant reported_at{kNever};
};

// What a plan (预案) asks to be ticked off.
struct CheckItem {
  std::string id;
  Bilingual text;
  std::string done_by;  // empty: still to be done
  Instant done_at{kNever};
};

// Another open case that may be about the same, and what speaks for it, so that the console can say it in the reader's
// language: "40 m away, 2 h earlier, same kind, texts 0.81 alike".
struct SimilarCase {
  EntityId id;
  double score{};         // 0 … 1
  double distance_m{-1};  // negative: one of the two has no place
  Duration earlier{};     // how long before this one the other was opened
  bool same_kind{false};
  double text{-1};  // how alike their words are, 0 … 1; negative: one of the two has none
};
inline constexpr std::size_t kSimilarMax = 5;

// How many of a storm's findings its entity names. All of them: CaseCover entities (casework/storm.h).
inline constexpr std::size_t kCoversMax = 50;

struct Case {
  EntityId id;       // urn:ngsi-ld:Case:…
  EntityId finding;  // empty when people opened it
  EntityId about;    // the entity concerned
  std::string kind;  // case type, as the rule's response names it: "flooding"
  std::string rule;  // the rule that found it; empty when people opened it
  Bilingual title;
  Severity severity{Severity::moderate};
  std::string rules;     // version of the case rules by which it runs to its end (casework/case_rules.h)
  std::string workflow;  // one of theirs
  std::string state;     // one of the workflow's
  CaseStage stage{CaseStage::filing};
  CaseOutcome outcome{CaseOutcome::open};
  std::string category;  // code of the category table; empty when none
  std::string department;
  std::string holder;     // user id; empty until accepted, or appointed to a person
  std::string opened_by;  // who reported it
  std::string worked_by;  // who last said that the work is done: a person, or a device by its URN
  std::string area;       // policy area of `about`
  std::string cell;       // code of the grid cell (单元网格) that it lies in; empty: in none
  // Who of the department is to do it (派遣到班组), by the rules of responsibility or as somebody appointed it; falls
  // away when the case leaves dispatch and work.
  std::string crew;
  Instant planned_at{kNever};  // when the crew is to begin; kNever: no time was set
  std::uint32_t turn{0};       // its place in the crew's order of that day, from 1; 0: none
  std::string location;        // GeoJSON
  Instant opened_at{kNever};
  Instant due_at{kNever};  // by when it must be closed; kNever while its clock stands still
  Instant closed_at{kNever};
  bool overdue{false};
  bool supervised{false};   // 督办
  std::uint32_t rating{0};  // 1 … 5; 0: not rated
  bool finding_cleared{false};
  bool reopened{false};  // people did not believe the twin: from then on people verify
  Instant cleared_at{kNever};
  Duration verify_hold{};  // how long the finding must stay cleared before the case may close
  std::vector<EntityId> commands;
  std::vector<CaseClock> clocks;
  std::vector<CaseRequest> requests;  // those that wait for a decision
  std::vector<CaseTask> tasks;
  std::string plan;  // id of the plan that it brought; empty when none
  std::vector<CheckItem> checklist;
  std::vector<CaseStep> timeline;
  // What came in. Who reported it is reached by a table of the civic room, never from here.
  std::string code;         // short public number, to be said on the telephone: "0004-2173"; follows from the log
  std::string channel;      // sensor citizen open311 hotline patrol cap system staff
  std::string description;  // what the reporter wrote, in the reporter's words
  std::string address;      // the place in words
  std::vector<std::string> media;    // ids of photos: SHA-256 in hex
  std::string external_id;           // what the system that sent it calls it
  std::string forwarded_to;          // a body outside that has it now (移交); empty: the city has it
  std::uint32_t count{1};            // reports and findings that it stands for, with those of the cases merged into it
  EntityId merged_into;              // where it goes on; empty: nowhere else
  std::vector<EntityId> merged;      // the cases merged into this one, in order; each may have its own
  std::vector<SimilarCase> similar;  // the likeliest first, at most kSimilarMax
  bool storm{false};                 // stands for many findings of one rule
  std::uint32_t cleared_count{0};    // of a storm's findings
  std::vector<EntityId> covers;      // the first of a storm's findings, at most kCoversMax

  bool is_open() const { return outcome == CaseOutcome::open; }
};

std::string_view to_string(CaseStage);
std::string_view to_string(CaseOutcome);
std::string_view to_string(TaskState);
base::Result<CaseStage> stage_from(std::string_view);
base::Result<CaseOutcome> outcome_from(std::string_view);
Write to_write(const Case&);
// Of its clocks and timeline alone, where nothing else of it has changed.
Write clocks_write(const Case&);
base::Result<Case> case_from(const Entity&);
// The same without its timeline and clocks, in a third of the time: for lists, and for cases that another one names.
base::Result<Case> case_head_from(const Entity&);

}  // namespace cityloop::flow
