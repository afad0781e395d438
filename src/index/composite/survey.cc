#include "index/composite/survey.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "index/composite/frame.h"
#include "index/composite/statistics.h"
#include "index/composite/words.h"

namespace cityloop::index {
namespace {

using base::Config;
using base::ConfigTable;
using base::Errc;
using base::fail;
using base::Result;

const Choices<PersonaMethod> kPersonas{{"k_means", PersonaMethod::k_means},
                                       {"gaussian_mixture", PersonaMethod::gaussian_mixture}};

Feeling read_feeling(ConfigTable& table) {
  return {table.text("id"), read_both_needed(table, "name"), read_both(table, "about")};
}

void read_questions(ConfigTable& root, Survey& out) {
  for (ConfigTable& table : root.tables("question")) {
    Question question{table.text("id"), 0, read_both_needed(table, "text"), table.boolean_or("reversed", false)};
    const std::string feeling = table.text("feeling");
    while (question.feeling < out.feelings.size() && out.feelings[question.feeling].id != feeling) ++question.feeling;
    if (question.feeling == out.feelings.size() && feeling != out.outcome.id && !feeling.empty())
      table.mistake("feeling", fmt::format("there is neither a [[feeling]] nor an [outcome] '{}'", feeling));
    const bool twice =
        std::any_of(out.questions.begin(), out.questions.end(), [&](const Question& q) { return q.id == question.id; });
    if (twice) table.mistake("id", fmt::format("there are two questions '{}'", question.id));
    out.questions.push_back(std::move(question));
  }
  for (std::size_t f = 0; f <= out.feelings.size(); ++f) {
    const bool none =
        std::none_of(out.questions.begin(), out.questions.end(), [&](const Question& q) { return q.feeling == f; });
    if (none)
      root.mistake("question", fmt::format("nobody is asked about '{}'",
                                           f < out.feelings.size() ? out.feelings[f].id : out.outcome.id));
  }
}

void read_personas(ConfigTable& root, Survey& out) {
  auto table = root.table("personas");
  if (!table) return;
  out.persona_method = read_choice(*table, "method", kPersonas, PersonaMethod::k_means);
  const double count = table->number_or("count", 4);
  if (!(count >= 1 && count <= 20)) table->mistake("count", "'count' must be between 1 and 20");
  else out.personas = std::size_t(count);
  out.seed = std::uint64_t(std::max(0.0, table->number_or("seed", 1)));
}

// 0…100, the better the more; missing and a flaw where it is off the scale.
double on_scale(const Survey& survey, const Table& table, std::size_t person, std::size_t q,
                std::vector<CellFlaw>& flaws) {
  const double answer = table.cells.at(person, q);
  if (missing(answer)) return kMissing;
  if (answer < survey.scale_low || answer > survey.scale_high) {
    flaws.push_back({table.units[person].code, survey.questions[q].id, table.units[person].line,
                     fmt::format("{} is off the scale of {} to {}", answer, survey.scale_low, survey.scale_high)});
    return kMissing;
  }
  const double share = (answer - survey.scale_low) / (survey.scale_high - survey.scale_low);
  return 100 * (survey.questions[q].reversed ? 1 - share : share);
}

// The mean of a person's answers to the questions of one feeling.
double feeling_of(const Survey& survey, const Matrix& answers, std::size_t person, std::size_t feeling) {
  double sum = 0;
  std::size_t asked = 0, answered = 0;
  for (std::size_t q = 0; q < survey.questions.size(); ++q) {
    if (survey.questions[q].feeling != feeling) continue;
    ++asked;
    if (!missing(answers.at(person, q))) sum += answers.at(person, q), ++answered;
  }
  return answered > 0 && 2 * answered >= asked ? sum / double(answered) : kMissing;
}

FeelingResult result_of(const Survey& survey, const Matrix& answers, std::size_t feeling,
                        std::span<const double> values) {
  FeelingResult out;
  std::vector<std::span<const double>> items;
  for (std::size_t q = 0; q < survey.questions.size(); ++q) {
    if (survey.questions[q].feeling == feeling) items.push_back(answers.column(q));
  }
  out.alpha = cronbach_alpha(items);
  out.people = count_present(values);
  out.mean = mean_of(values);
  if (out.people < 2) return out;
  const auto n = double(out.people);
  const double half = student_t_two_sided(0.95, n - 1) * deviation_of(values) / std::sqrt(n);
  out.low = out.mean - half, out.high = out.mean + half;
  return out;
}

// "strong: belonging; weak: participation", by what is furthest from the mean of all.
flow::Bilingual described(const Survey& survey, const std::vector<double>& stands_out) {
  std::size_t high = 0, low = 0;
  for (std::size_t f = 1; f < stands_out.size(); ++f) {
    if (stands_out[f] > stands_out[high]) high = f;
    if (stands_out[f] < stands_out[low]) low = f;
  }
  const Feeling &best = survey.feelings[high], &worst = survey.feelings[low];
  constexpr double kClear = 0.25;  // of a standard deviation
  const bool strong = stands_out[high] > kClear, weak = stands_out[low] < -kClear;
  if (strong && weak)
    return {fmt::format("{}强、{}弱", best.name.zh, worst.name.zh),
            fmt::format("more {}, less {}", best.name.en, worst.name.en)};
  if (strong)
    return {fmt::format("各项偏高，{}突出", best.name.zh), fmt::format("high all round, most of all {}", best.name.en)};
  if (weak)
    return {fmt::format("各项偏低，{}尤甚", worst.name.zh),
            fmt::format("low all round, least of all {}", worst.name.en)};
  return {"居中", "in the middle"};
}

void find_personas(const Survey& survey, SurveyReport& out) {
  Matrix scaled = out.feelings;
  std::vector<double> centre, spread;
  for (std::size_t f = 0; f < scaled.columns(); ++f) {
    centre.push_back(mean_of(scaled.column(f)));
    const double deviation = deviation_of(scaled.column(f));
    spread.push_back(deviation > 0 ? deviation : 1);
    for (double& value : scaled.column(f)) value = (value - centre[f]) / spread[f];
  }
  const Clusters clusters = survey.persona_method == PersonaMethod::k_means
                                ? k_means(scaled, survey.personas, survey.seed)
                                : gaussian_mixture(scaled, survey.personas, survey.seed).clusters;
  out.persona_of = clusters.of;
  out.silhouette = clusters.silhouette;
  for (std::size_t k = 0; k < clusters.sizes.size(); ++k) {
    Persona persona;
    persona.people = clusters.sizes[k];
    std::vector<double> outcomes;
    for (std::size_t p = 0; p < out.people; ++p) {
      if (clusters.of[p] == k) outcomes.push_back(out.outcome[p]);
    }
    persona.outcome = mean_of(outcomes);
    for (std::size_t f = 0; f < scaled.columns(); ++f) {
      persona.stands_out.push_back(clusters.centres.at(k, f));
      persona.feelings.push_back(centre[f] + spread[f] * clusters.centres.at(k, f));
    }
    persona.name = described(survey, persona.stands_out);
    out.personas.push_back(std::move(persona));
  }
}

void find_relation(SurveyReport& out) {
  std::vector<std::span<const double>> columns;
  for (std::size_t f = 0; f < out.feelings.columns(); ++f) columns.push_back(out.feelings.column(f));
  auto relation = regress(columns, out.outcome);
  if (relation) out.relation = std::move(*relation);
  else out.no_relation = relation.error().message;
}

void by_groups(const Survey& survey, const Table& table, SurveyReport& out) {
  for (std::size_t g = 0; g < table.group_columns.size(); ++g) {
    std::map<std::string, std::vector<std::size_t>> people;
    for (std::size_t p = 0; p < out.people; ++p) {
      if (!table.units[p].groups[g].empty()) people[table.units[p].groups[g]].push_back(p);
    }
    for (const auto& [value, members] : people) {
      GroupResult told{table.group_columns[g], value, members.size(), {}, kMissing};
      if (members.size() >= survey.people_min) {
        const auto mean = [&](const auto& of) {
          std::vector<double> values;
          for (const std::size_t p : members) values.push_back(of(p));
          return mean_of(values);
        };
        for (std::size_t f = 0; f < survey.feelings.size(); ++f)
          told.feelings.push_back(mean([&](std::size_t p) { return out.feelings.at(p, f); }));
        told.outcome = mean([&](std::size_t p) { return out.outcome[p]; });
      }
      out.groups.push_back(std::move(told));
    }
  }
}

}  // namespace

TableTitles Survey::titles() const {
  TableTitles out;
  out.groups = groups;
  for (const Question& question : questions) out.numbers.push_back(question.id);
  return out;
}

Result<Survey> read_survey(std::string_view toml, std::string file) {
  Config config = TRY(Config::parse(toml, std::move(file)));
  ConfigTable root = config.root();
  root.text_or("kind", "survey");
  Survey out;
  out.id = root.text("id");
  out.name = read_both_needed(root, "name"), out.about = read_both(root, "about");
  out.groups = root.texts("groups");
  out.people_min = std::size_t(std::max(1.0, root.number_or("people_min", 5)));
  if (auto scale = root.table("scale")) {
    out.scale_low = scale->number("low"), out.scale_high = scale->number("high");
    if (!(out.scale_low < out.scale_high)) scale->mistake("low", "'low' must be less than 'high'");
    for (ConfigTable& label : scale->tables("label")) out.scale_labels.push_back({label.text("zh"), label.text("en")});
  }
  for (ConfigTable& table : root.tables("feeling")) out.feelings.push_back(read_feeling(table));
  if (out.feelings.empty()) root.mistake("feeling", "there is no [[feeling]]");
  if (auto outcome = root.table("outcome")) out.outcome = read_feeling(*outcome);
  else root.mistake("outcome", "[outcome] is missing: what the feelings are to be related to");
  read_questions(root, out);
  read_personas(root, out);
  TRY(config.check());
  return out;
}

Result<SurveyReport> evaluate(const Survey& survey, const Table& table) {
  if (table.columns != survey.titles().numbers)
    return fail(Errc::invalid, "the table was not read for the survey '{}': its columns are others", survey.id);
  if (table.units.empty()) return fail(Errc::invalid, "nobody has answered");
  SurveyReport out;
  out.people = table.units.size();
  Matrix answers(out.people, survey.questions.size());
  for (std::size_t p = 0; p < out.people; ++p) {
    for (std::size_t q = 0; q < survey.questions.size(); ++q)
      answers.at(p, q) = on_scale(survey, table, p, q, out.flaws);
  }
  out.feelings = Matrix(out.people, survey.feelings.size());
  for (std::size_t p = 0; p < out.people; ++p) {
    for (std::size_t f = 0; f < survey.feelings.size(); ++f) out.feelings.at(p, f) = feeling_of(survey, answers, p, f);
    out.outcome.push_back(feeling_of(survey, answers, p, survey.feelings.size()));
  }
  for (std::size_t f = 0; f < survey.feelings.size(); ++f)
    out.results.push_back(result_of(survey, answers, f, out.feelings.column(f)));
  out.results.push_back(result_of(survey, answers, survey.feelings.size(), out.outcome));
  find_personas(survey, out);
  find_relation(out);
  by_groups(survey, table, out);
  return out;
}

}  // namespace cityloop::index
