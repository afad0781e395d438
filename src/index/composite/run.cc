#include "index/composite/run.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/json_writer.h"
#include "index/composite/maturity.h"
#include "index/composite/survey.h"

namespace cityloop::index {
namespace {

using base::Errc;
using base::fail;
using base::JsonWriter;
using base::Result;

void both(JsonWriter& out, std::string_view key, const flow::Bilingual& text) {
  out.key(key).object().field("zh", text.zh).field("en", text.en).end();
}

void numbers(JsonWriter& out, std::string_view key, const std::vector<double>& values) {
  out.key(key).array();
  for (const double value : values) out.number(value);
  out.end();
}

void write_flaws(JsonWriter& out, const std::vector<CellFlaw>& flaws) {
  out.key("problems").array();
  for (const CellFlaw& flaw : flaws) {
    out.object().field("unit", flaw.unit).field("column", flaw.column).field("line", flaw.line);
    out.field("reason", flaw.reason).end();
  }
  out.end();
}

Result<ComputeOptions> compute_options(const RunOptions& options) {
  static const std::map<std::string, WeightMethod, std::less<>> kWords{
      {"given", WeightMethod::given},
      {"equal", WeightMethod::equal},
      {"principal_components", WeightMethod::principal_components},
      {"budget", WeightMethod::budget}};
  if (options.weights.empty()) return ComputeOptions{};
  const auto found = kWords.find(options.weights);
  if (found == kWords.end())
    return fail(Errc::invalid, "weights '{}' are none of given, equal, principal_components, budget", options.weights);
  return ComputeOptions{found->second};
}

// Of the latest year that has it.
Result<std::size_t> unit_called(const IndexReport& report, std::string_view code) {
  std::optional<std::size_t> out;
  for (std::size_t u = 0; u < report.units.size(); ++u) {
    if (report.units[u].code == code && (!out || report.years[u] > report.years[*out])) out = u;
  }
  if (!out) return fail(Errc::not_found, "there is no unit '{}' that counts", code);
  return *out;
}

std::string in_both(const flow::Bilingual& text) {
  return text.zh == text.en ? text.zh : fmt::format("{} / {}", text.zh, text.en);
}

std::string describe(const Frame& frame, const TableReading& reading, const IndexReport& report,
                     const Analyses& analyses) {
  std::string out =
      fmt::format("{} / {}: {} units, {} indicators, {} cells imputed, {} missing\n", frame.name.zh, frame.name.en,
                  report.units.size(), frame.indicators.size(), report.imputed_cells, report.missing_cells);
  if (!reading.flaws.empty())
    out += fmt::format("{} rows and {} cells of the data were refused\n", reading.rows_refused, reading.cells_refused);
  for (const std::string& column : reading.absent) out += fmt::format("the column '{}' is missing\n", column);
  std::vector<std::size_t> order;
  for (std::size_t u = 0; u < report.units.size(); ++u) order.push_back(u);
  const auto& ranks = report.ranks[frame.root];
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (report.years[a] != report.years[b]) return report.years[a] > report.years[b];
    return missing(ranks[b]) ? !missing(ranks[a]) : ranks[a] < ranks[b];
  });
  for (const std::size_t u : order) {
    out += fmt::format("{:>4}  {:>8.2f}  {} {}", ranks[u], report.scores.at(u, frame.root),
                       in_both(report.units[u].name), report.units[u].year);
    if (report.tiers[u] != kNone) out += fmt::format("  {}", in_both(frame.tiers[report.tiers[u]].name));
    if (analyses.uncertainty) {
      const RankInterval& interval = analyses.uncertainty->units[u];
      out += fmt::format("  [{:.0f}–{:.0f}]", interval.low, interval.high);
    }
    out += '\n';
  }
  return out;
}

std::string describe(const Frame& frame, const IndexReport& report, const WhatIf& told) {
  std::string out = fmt::format("{}: from rank {} to {} at a cost of {:.4g} ({}{})\n", report.units[told.unit].code,
                                told.rank_now, told.rank_reached, told.cost,
                                !told.reachable ? "out of reach: all that can be done"
                                : told.exact    ? "the least there is"
                                                : "found by search",
                                told.confirmed ? ", confirmed by computing all anew" : "");
  for (const Move& move : told.moves)
    out += fmt::format("  {}: {:.6g} to {:.6g}, {:+.3f} points, cost {:.4g}\n", frame.nodes[move.indicator].code,
                       move.from, move.to, move.points, move.cost);
  return out;
}

base::Status take_costs(Frame& frame, const RunOptions& options) {
  for (const auto& [code, cost] : options.costs) {
    const std::size_t node = frame.node(code);
    if (node >= frame.indicators.size()) return fail(Errc::not_found, "there is no indicator '{}'", code);
    if (!(cost > 0)) return fail(Errc::invalid, "the cost of '{}' must be more than 0", code);
    frame.indicators[node].cost = cost;
  }
  return {};
}

// Draws take nearly all the time: the first half of what is left goes to intervals, the second to shares.
base::Status draw(const Frame& frame, const IndexReport& report, const RunOptions& options, Analyses& analyses) {
  Variation variation = frame.variation;
  variation.samples = options.samples.value_or(variation.samples);
  if (variation.samples == 0) return {};
  const auto part = [&](std::string_view stage, double from, double to) -> DrawsDone {
    if (!options.progress) return {};
    return [&options, stage, from, to](double done) { return options.progress(stage, from + (to - from) * done); };
  };
  auto told = vary(frame, report, variation, part("intervals", 0.1, 0.4));
  if (!told && told.error().code == Errc::unavailable) return std::unexpected(told.error());
  if (told) analyses.uncertainty = std::move(*told);
  auto shares = attribute(frame, report, variation, part("shares", 0.4, 0.95));
  if (!shares && shares.error().code == Errc::unavailable) return std::unexpected(shares.error());
  if (shares) analyses.sensitivity = std::move(*shares);
  return {};
}

Result<RunResult> run_composite(TextFile frame_file, TextFile data, const RunOptions& options) {
  const auto tell = [&](std::string_view stage, double done) {
    if (options.progress) (void)options.progress(stage, done);
  };
  tell("reading", 0);
  Frame frame = TRY(read_frame(frame_file.text, std::string(frame_file.name)));
  TRY(take_costs(frame, options));
  const ComputeOptions how = TRY(compute_options(options));
  const TableReading reading = TRY(read_table(data.text, data.name, frame.titles()));
  tell("stages", 0.05);
  const IndexReport report = TRY(compute(frame, reading.table, how));
  Analyses analyses = analyse(frame, report);
  TRY(draw(frame, report, options, analyses));
  if (!options.what_if.empty()) {
    tell("what_if", 0.95);
    const std::size_t unit = TRY(unit_called(report, options.what_if));
    analyses.what_if = TRY(what_if(frame, reading.table, report, unit, options.ranks));
  }
  RunResult out{composite_files(frame, reading, report, analyses), describe(frame, reading, report, analyses),
                reading.flaws};
  if (analyses.what_if) out.summary += describe(frame, report, *analyses.what_if);
  return out;
}

// Every criterion as it was answered: the form that is filled in.
void write_criteria(JsonWriter& out, const Maturity& model, const Capability& capability,
                    const std::vector<Answer>& answers) {
  constexpr std::string_view kMet[] = {"no", "partly", "yes"};
  out.key("criteria").array();
  for (std::size_t i = 0; i < capability.criteria.size(); ++i) {
    const Criterion& criterion = capability.criteria[i];
    const Answer& answer = answers[i];
    out.object().field("id", criterion.id).field("stage", model.stages[criterion.stage].id);
    both(out, "text", criterion.text);
    both(out, "wanted", criterion.evidence);
    out.field("met", answer.line == 0 ? "" : kMet[std::size_t(answer.met)]);
    out.field("evidence", answer.evidence).field("note", answer.note).end();
  }
  out.end();
}

void write_capability(JsonWriter& out, const Maturity& model, const Answers& answers, std::size_t c,
                      const CapabilityStanding& told) {
  const Capability& capability = model.capabilities[c];
  out.object().field("id", capability.id);
  both(out, "name", capability.name);
  both(out, "about", capability.about);
  write_criteria(out, model, capability, answers.of[c]);
  out.field("stage", model.stages[told.stage].id).field("stage_number", told.stage).field("progress", told.progress);
  out.key("missing").array();
  for (const Missing& missing : told.missing) {
    const Criterion& criterion = capability.criteria[missing.criterion];
    out.object().field("criterion", criterion.id).field("why", to_string(missing.why));
    both(out, "text", criterion.text);
    both(out, "evidence", criterion.evidence);
    out.field("note", answers.of[c][missing.criterion].note).end();
  }
  out.end().key("ahead").array();
  for (const std::size_t i : told.ahead) out.text(capability.criteria[i].id);
  out.end().key("steps").array();
  for (const std::size_t i : told.steps)
    out.object().field("zh", capability.steps[i].text.zh).field("en", capability.steps[i].text.en).end();
  out.end().end();
}

Result<RunResult> run_maturity(TextFile model_file, TextFile data) {
  const Maturity model = TRY(read_maturity(model_file.text, std::string(model_file.name)));
  const Answers answers = TRY(read_answers(model, data.text, data.name));
  const MaturityStanding told = assess(model, answers);
  JsonWriter out;
  out.object().key("frame").object().field("kind", "maturity").field("id", model.id);
  both(out, "name", model.name);
  out.key("stages").array();
  for (const MaturityStage& stage : model.stages) {
    out.object().field("id", stage.id);
    both(out, "name", stage.name);
    both(out, "about", stage.about);
    out.end();
  }
  out.end();
  both(out, "about", model.about);
  out.end().field("overall", model.stages[told.overall].id).field("mean", told.mean);
  out.key("capabilities").array();
  std::string table = "capability,name_zh,name_en,stage,progress,missing\n";
  std::string summary = fmt::format("{}: {}\n", in_both(model.name), in_both(model.stages[told.overall].name));
  for (std::size_t c = 0; c < model.capabilities.size(); ++c) {
    const CapabilityStanding& standing = told.capabilities[c];
    const Capability& capability = model.capabilities[c];
    write_capability(out, model, answers, c, standing);
    table +=
        fmt::format("{},{},{},{},{},{}\n", capability.id, csv_cell(capability.name.zh), csv_cell(capability.name.en),
                    model.stages[standing.stage].id, standing.progress, standing.missing.size());
    summary += fmt::format("{:>5.0f} %  {}: {}\n", 100 * standing.progress, in_both(capability.name),
                           in_both(model.stages[standing.stage].name));
  }
  out.end().key("first").array();
  for (const std::size_t c : told.first) out.text(model.capabilities[c].id);
  out.end();
  write_flaws(out, answers.flaws);
  out.end();
  return RunResult{
      {{"capabilities.csv", table}, {"problems.csv", problems_csv(answers.flaws)}, {"report.json", out.take()}},
      summary,
      answers.flaws};
}

void write_relation(JsonWriter& out, const Survey& survey, const SurveyReport& report) {
  out.key("relation").object();
  if (!report.relation) {
    out.field("none", report.no_relation).end();
    return;
  }
  out.field("r_squared", report.relation->r_squared).field("r_squared_adjusted", report.relation->r_squared_adjusted);
  out.field("people", report.relation->rows).key("feelings").array();
  for (std::size_t f = 0; f < survey.feelings.size(); ++f) {
    const Coefficient& told = report.relation->of[f];
    out.object().field("id", survey.feelings[f].id).field("value", told.value).field("low", told.low);
    out.field("high", told.high).field("standardised", told.standardised).field("p", told.p);
    out.field("inflation", told.inflation).end();
  }
  out.end().end();
}

void write_feelings(JsonWriter& out, const Survey& survey, const SurveyReport& report) {
  out.key("feelings").array();
  for (std::size_t f = 0; f < report.results.size(); ++f) {
    const Feeling& feeling = f < survey.feelings.size() ? survey.feelings[f] : survey.outcome;
    const FeelingResult& told = report.results[f];
    out.object().field("id", feeling.id);
    both(out, "name", feeling.name);
    both(out, "about", feeling.about);
    out.field("mean", told.mean).field("low", told.low).field("high", told.high).field("alpha", told.alpha);
    out.field("people", told.people).end();
  }
  out.end().key("personas").array();
  for (const Persona& persona : report.personas) {
    out.object();
    both(out, "name", persona.name);
    out.field("people", persona.people).field("outcome", persona.outcome);
    numbers(out, "feelings", persona.feelings);
    numbers(out, "stands_out", persona.stands_out);
    out.end();
  }
  out.end().field("silhouette", report.silhouette).key("groups").array();
  for (const GroupResult& group : report.groups) {
    out.object().field("column", group.column).field("value", group.value).field("people", group.people);
    numbers(out, "feelings", group.feelings);
    out.field("outcome", group.outcome).end();
  }
  out.end();
}

std::string cell(double value) {
  return missing(value) ? "" : fmt::format("{}", value);
}

Result<RunResult> run_survey(TextFile survey_file, TextFile data) {
  const Survey survey = TRY(read_survey(survey_file.text, std::string(survey_file.name)));
  const TableReading reading = TRY(read_table(data.text, data.name, survey.titles()));
  const SurveyReport report = TRY(evaluate(survey, reading.table));
  RunResult result;
  result.flaws = reading.flaws;
  result.flaws.insert(result.flaws.end(), report.flaws.begin(), report.flaws.end());
  JsonWriter out;
  out.object().key("frame").object().field("kind", "survey").field("id", survey.id);
  both(out, "name", survey.name);
  both(out, "about", survey.about);
  out.field("people_min", survey.people_min).end().field("people", report.people);
  write_feelings(out, survey, report);
  write_relation(out, survey, report);
  write_flaws(out, result.flaws);
  out.end();
  std::string table = "feeling,name_zh,name_en,mean,low,high,alpha,people\n";
  result.summary = fmt::format("{} / {}: {} people\n", survey.name.zh, survey.name.en, report.people);
  for (std::size_t f = 0; f < report.results.size(); ++f) {
    const Feeling& feeling = f < survey.feelings.size() ? survey.feelings[f] : survey.outcome;
    const FeelingResult& told = report.results[f];
    table += fmt::format("{},{},{},{},{},{},{},{}\n", feeling.id, csv_cell(feeling.name.zh), csv_cell(feeling.name.en),
                         cell(told.mean), cell(told.low), cell(told.high), cell(told.alpha), told.people);
    result.summary += fmt::format("{:>6.1f}  {} / {}\n", told.mean, feeling.name.zh, feeling.name.en);
  }
  for (const Persona& persona : report.personas)
    result.summary += fmt::format("{:>6}  {} / {}\n", persona.people, persona.name.zh, persona.name.en);
  result.files = {{"feelings.csv", table}, {"problems.csv", problems_csv(result.flaws)}, {"report.json", out.take()}};
  return result;
}

std::unexpected<base::Error> unknown_kind(TextFile file, std::string_view kind) {
  return fail(Errc::invalid, "{}: the kind '{}' is none of composite, maturity, survey", file.name, kind);
}

}  // namespace

Result<RunResult> run_frame(TextFile frame, TextFile data, const RunOptions& options) {
  const std::string kind = TRY(frame_kind(frame.text, std::string(frame.name)));
  if (kind == "composite") return run_composite(frame, data, options);
  if (kind == "maturity") return run_maturity(frame, data);
  if (kind == "survey") return run_survey(frame, data);
  return unknown_kind(frame, kind);
}

Result<std::string> template_of(TextFile file) {
  const std::string kind = TRY(frame_kind(file.text, std::string(file.name)));
  if (kind == "maturity") return answers_template(TRY(read_maturity(file.text, std::string(file.name))));
  TableTitles titles;
  if (kind == "survey") titles = TRY(read_survey(file.text, std::string(file.name))).titles();
  else if (kind == "composite") titles = TRY(read_frame(file.text, std::string(file.name))).titles();
  else return unknown_kind(file, kind);
  std::string out = csv_cell(titles.unit);
  if (kind != "survey")
    out += fmt::format(",{},{},{}", csv_cell(titles.name_zh), csv_cell(titles.name_en), csv_cell(titles.year));
  std::vector<std::string> said;
  for (const auto* list : {&titles.groups, &titles.numbers}) {
    for (const std::string& title : *list) {
      if (std::find(said.begin(), said.end(), title) == said.end()) out += ',' + csv_cell(title);
      said.push_back(title);
    }
  }
  return out + '\n';
}

}  // namespace cityloop::index
