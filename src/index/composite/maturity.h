// A maturity model: capabilities, each of them at one of a few stages, by self-assessment with evidence.
//
//   MODEL.toml ──▶ Maturity ──┐
//   ANSWERS.csv ─▶ Answers ───┴─▶ [assess] ──▶ stage of each capability, what the next one lacks, road map
//
// A capability stands at the highest stage whose criteria are all met, and those of every stage below it: a stage is
// not skipped. A criterion is met when the answer says so and there is evidence, where evidence is asked; "partly"
// counts half in the progress towards a stage and does not carry it. The first stage has no criteria: everybody is at
// least there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "flow/finding.h"
#include "index/composite/table.h"

namespace cityloop::index {

struct MaturityStage {
  std::string id;
  flow::Bilingual name, about;
};

struct Criterion {
  std::string id;       // unique in the model
  std::size_t stage{};  // that it is needed for
  flow::Bilingual text;
  flow::Bilingual evidence;  // what is to be shown; empty: nothing
};

struct NextStep {
  std::size_t stage{};  // from which it leads to the next one
  flow::Bilingual text;
};

struct Capability {
  std::string id;
  flow::Bilingual name, about;
  std::vector<Criterion> criteria;
  std::vector<NextStep> steps;
};

struct Maturity {
  std::string id;
  flow::Bilingual name, about;
  std::vector<MaturityStage> stages;  // the lowest first
  std::vector<Capability> capabilities;
};
base::Result<Maturity> read_maturity(std::string_view toml, std::string file);

enum class Met : std::uint8_t { no, partly, yes };

struct Answer {
  Met met{Met::no};
  std::string evidence, note;
  int line{0};
};

// By capability, then criterion; what was not answered is `no` on line 0.
struct Answers {
  std::vector<std::vector<Answer>> of;
  std::vector<CellFlaw> flaws;  // unknown criteria, words that are none of yes, partly, no; unit is the criterion
};
// Columns criterion and met, and perhaps evidence and note; met is yes, partly or no, or 是, 部分, 否.
base::Result<Answers> read_answers(const Maturity&, std::string_view csv, std::string_view file);

enum class Lack : std::uint8_t { not_met, partly_met, no_evidence, unanswered };
std::string_view to_string(Lack);

struct Missing {
  std::size_t criterion{};
  Lack why{};
};

struct CapabilityStanding {
  std::size_t stage{};
  double progress{0};              // of the next stage's criteria, 0 to 1; 1 at the highest
  std::vector<Missing> missing;    // for the next stage
  std::vector<std::size_t> ahead;  // criteria met beyond the next stage: they wait for those that are missing
  std::vector<std::size_t> steps;  // of the road map, for the next stage
};

struct MaturityStanding {
  std::vector<CapabilityStanding> capabilities;
  std::size_t overall{};           // the stage that every capability has
  double mean{};                   // of the stages and their progress, 0 to stages - 1
  std::vector<std::size_t> first;  // capabilities to begin with: the lowest stage, the nearest to the next one first
};
MaturityStanding assess(const Maturity&, const Answers&);

// One line per criterion, ready to be filled in.
std::string answers_template(const Maturity&);

}  // namespace cityloop::index
