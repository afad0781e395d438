// A survey of what people feel in their city: answers become feelings, feelings personas, and a relation to happiness.
//
//   SURVEY.toml ──▶ Survey ──┐
//   ANSWERS.csv ─▶ Table ────┴─▶ [evaluate] ──▶ feelings, personas, what goes with happiness, the same by group
//
// One row is one person who answered, without a name: the unit is a number of the form. A feeling is the mean of the
// person's answers to its questions, turned where a question is put the other way round, on a scale of 0 to 100; it is
// missing where fewer than half of them are answered. An answer that is off the scale is refused and counted.
// Groups with fewer people than `people_min` are not shown, so that nobody can be told from them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "flow/finding.h"
#include "index/composite/cluster.h"
#include "index/composite/regression.h"
#include "index/composite/table.h"

namespace cityloop::index {

struct Feeling {
  std::string id;
  flow::Bilingual name, about;
};

struct Question {
  std::string id;         // its column
  std::size_t feeling{};  // of Survey::feelings; their number is the outcome
  flow::Bilingual text;
  bool reversed{false};
};

enum class PersonaMethod : std::uint8_t { k_means, gaussian_mixture };

struct Survey {
  std::string id;
  flow::Bilingual name, about;
  double scale_low{1}, scale_high{5};
  std::vector<flow::Bilingual> scale_labels;  // from the lowest, one for each point
  std::vector<Feeling> feelings;
  Feeling outcome;  // happiness
  std::vector<Question> questions;
  PersonaMethod persona_method{PersonaMethod::k_means};
  std::size_t personas{4};
  std::uint64_t seed{1};
  std::vector<std::string> groups;  // columns
  std::size_t people_min{5};

  TableTitles titles() const;
};
base::Result<Survey> read_survey(std::string_view toml, std::string file);

struct FeelingResult {
  double mean{kMissing}, low{kMissing}, high{kMissing};  // 95 %
  double alpha{kMissing};
  std::size_t people{0};
};

struct Persona {
  flow::Bilingual name;
  std::size_t people{0};
  std::vector<double> feelings;    // mean of each
  std::vector<double> stands_out;  // against all, in standard deviations
  double outcome{kMissing};
};

struct GroupResult {
  std::string column, value;
  std::size_t people{0};
  std::vector<double> feelings;  // empty where there are too few people
  double outcome{kMissing};
};

struct SurveyReport {
  std::size_t people{0};
  Matrix feelings;                     // people × feelings, 0…100
  std::vector<double> outcome;         // by person
  std::vector<FeelingResult> results;  // by feeling, the outcome last
  std::vector<Persona> personas;
  std::vector<std::size_t> persona_of;
  double silhouette{kMissing};
  std::optional<Regression> relation;  // of the outcome to the feelings; none where it cannot be told
  std::string no_relation;             // why not
  std::vector<GroupResult> groups;
  std::vector<CellFlaw> flaws;  // answers off the scale
};
base::Result<SurveyReport> evaluate(const Survey&, const Table&);

}  // namespace cityloop::index
