#include "index/composite/maturity.h"

#include <algorithm>
#include <map>
#include <numeric>

#include <fmt/format.h>

#include "base/csv.h"
#include "index/composite/words.h"
#include "twin/utf8.h"

namespace cityloop::index {
namespace {

using base::Config;
using base::ConfigTable;
using base::Result;

struct Place {
  std::size_t capability, criterion;
};

std::map<std::string, Place, std::less<>> places_of(const Maturity& model) {
  std::map<std::string, Place, std::less<>> out;
  for (std::size_t c = 0; c < model.capabilities.size(); ++c) {
    for (std::size_t i = 0; i < model.capabilities[c].criteria.size(); ++i)
      out[model.capabilities[c].criteria[i].id] = {c, i};
  }
  return out;
}

std::size_t stage_named(const Maturity& model, ConfigTable& table) {
  const std::string id = table.text("stage");
  for (std::size_t s = 0; s < model.stages.size(); ++s) {
    if (model.stages[s].id == id) return s;
  }
  if (!id.empty()) table.mistake("stage", fmt::format("there is no [[stage]] '{}'", id));
  return 0;
}

Capability read_capability(const Maturity& model, ConfigTable& table, std::map<std::string, int>& seen) {
  Capability out{table.text("id"), read_both_needed(table, "name"), read_both(table, "about"), {}, {}};
  for (ConfigTable& row : table.tables("criterion")) {
    Criterion criterion{row.text("id"), stage_named(model, row), read_both_needed(row, "text"),
                        read_both(row, "evidence")};
    if (!seen.emplace(criterion.id, row.line()).second)
      row.mistake("id", fmt::format("'{}' is there already, in line {}", criterion.id, seen[criterion.id]));
    if (criterion.stage == 0) row.mistake("stage", "the first stage has no criteria: everybody is there");
    out.criteria.push_back(std::move(criterion));
  }
  for (ConfigTable& row : table.tables("step")) {
    out.steps.push_back({stage_named(model, row), read_both_needed(row, "text")});
    if (out.steps.back().stage + 1 >= model.stages.size()) row.mistake("stage", "there is no stage after the last one");
  }
  for (std::size_t s = 1; s < model.stages.size(); ++s) {
    const bool none =
        std::none_of(out.criteria.begin(), out.criteria.end(), [&](const Criterion& c) { return c.stage == s; });
    if (none)
      table.mistake("criterion", fmt::format("'{}' has no criterion for the stage '{}'", out.id, model.stages[s].id));
  }
  return out;
}

bool holds(const Criterion& criterion, const Answer& answer) {
  return answer.met == Met::yes && (criterion.evidence.en.empty() || !answer.evidence.empty());
}

Lack lack_of(const Answer& answer) {
  if (answer.line == 0) return Lack::unanswered;
  if (answer.met == Met::yes) return Lack::no_evidence;
  return answer.met == Met::partly ? Lack::partly_met : Lack::not_met;
}

CapabilityStanding standing_of(const Maturity& model, const Capability& capability,
                               const std::vector<Answer>& answers) {
  CapabilityStanding out;
  const auto all_met = [&](std::size_t stage) {
    for (std::size_t i = 0; i < capability.criteria.size(); ++i) {
      if (capability.criteria[i].stage == stage && !holds(capability.criteria[i], answers[i])) return false;
    }
    return true;
  };
  while (out.stage + 1 < model.stages.size() && all_met(out.stage + 1)) ++out.stage;
  if (out.stage + 1 == model.stages.size()) {
    out.progress = 1;
    return out;
  }
  double needed = 0, done = 0;
  for (std::size_t i = 0; i < capability.criteria.size(); ++i) {
    const Criterion& criterion = capability.criteria[i];
    const bool met = holds(criterion, answers[i]);
    if (criterion.stage > out.stage + 1 && met) out.ahead.push_back(i);
    if (criterion.stage != out.stage + 1) continue;
    ++needed;
    done += met ? 1 : answers[i].met == Met::no ? 0 : 0.5;
    if (!met) out.missing.push_back({i, lack_of(answers[i])});
  }
  out.progress = needed > 0 ? done / needed : 0;
  for (std::size_t i = 0; i < capability.steps.size(); ++i) {
    if (capability.steps[i].stage == out.stage) out.steps.push_back(i);
  }
  return out;
}

}  // namespace

std::string_view to_string(Lack lack) {
  static constexpr std::string_view kWords[] = {"not_met", "partly_met", "no_evidence", "unanswered"};
  return kWords[std::size_t(lack)];
}

Result<Maturity> read_maturity(std::string_view toml, std::string file) {
  Config config = TRY(Config::parse(toml, std::move(file)));
  ConfigTable root = config.root();
  root.text_or("kind", "maturity");
  Maturity out{root.text("id"), read_both_needed(root, "name"), read_both(root, "about"), {}, {}};
  for (ConfigTable& table : root.tables("stage"))
    out.stages.push_back({table.text("id"), read_both_needed(table, "name"), read_both(table, "about")});
  if (out.stages.size() < 2) root.mistake("stage", "two [[stage]] at least are wanted, the lowest first");
  std::map<std::string, int> seen;
  for (ConfigTable& table : root.tables("capability")) out.capabilities.push_back(read_capability(out, table, seen));
  if (out.capabilities.empty()) root.mistake("capability", "there is no [[capability]]");
  TRY(config.check());
  return out;
}

Result<Answers> read_answers(const Maturity& model, std::string_view csv, std::string_view file) {
  if (const auto bad = twin::first_bad_utf8(csv)) {
    const auto line = 1 + std::count(csv.begin(), csv.begin() + std::ptrdiff_t(*bad), '\n');
    return base::fail(base::Errc::malformed, "{}:{}: not UTF-8: save the answers as \"CSV UTF-8\"", file, line);
  }
  base::CsvTable table(csv, std::string(file), {"criterion", "met"},
                       {"evidence", "note", "capability", "stage", "text_zh", "text_en"});
  static const std::map<std::string, Met, std::less<>> kWords{
      {"yes", Met::yes},     {"是", Met::yes}, {"met", Met::yes}, {"partly", Met::partly},
      {"部分", Met::partly}, {"no", Met::no},  {"否", Met::no},   {"", Met::no}};
  const auto places = places_of(model);
  Answers out;
  for (const Capability& capability : model.capabilities) out.of.emplace_back(capability.criteria.size());
  bool any = false;
  while (table.next()) {
    any = true;
    const std::string& id = table.cell("criterion");
    const auto place = places.find(id);
    const auto word = kWords.find(table.cell("met"));
    if (place == places.end()) {
      out.flaws.push_back({id, "criterion", table.line(), fmt::format("there is no criterion '{}'", id)});
      continue;
    }
    if (word == kWords.end()) {
      out.flaws.push_back({id, "met", table.line(), fmt::format("'{}' is none of yes, partly, no", table.cell("met"))});
      continue;
    }
    Answer& answer = out.of[place->second.capability][place->second.criterion];
    if (answer.line) {
      out.flaws.push_back({id, "criterion", table.line(), fmt::format("answered already in line {}", answer.line)});
      continue;
    }
    // An empty line of the form is an unanswered one.
    answer = {word->second, table.cell("evidence"), table.cell("note"), word->first.empty() ? 0 : table.line()};
  }
  if (!table.mistakes().empty() && !any) return base::fail(base::Errc::malformed, "{}", table.mistakes());
  if (!table.mistakes().empty()) out.flaws.push_back({"", "", 0, table.mistakes()});
  return out;
}

MaturityStanding assess(const Maturity& model, const Answers& answers) {
  MaturityStanding out;
  out.overall = model.stages.size() - 1;
  for (std::size_t c = 0; c < model.capabilities.size(); ++c) {
    out.capabilities.push_back(standing_of(model, model.capabilities[c], answers.of[c]));
    const CapabilityStanding& told = out.capabilities.back();
    out.overall = std::min(out.overall, told.stage);
    const bool highest = told.stage + 1 == model.stages.size();
    out.mean += (double(told.stage) + (highest ? 0 : told.progress)) / double(model.capabilities.size());
    if (!highest) out.first.push_back(c);
  }
  std::stable_sort(out.first.begin(), out.first.end(), [&](std::size_t a, std::size_t b) {
    const CapabilityStanding &x = out.capabilities[a], &y = out.capabilities[b];
    return x.stage != y.stage ? x.stage < y.stage : x.progress > y.progress;
  });
  return out;
}

std::string answers_template(const Maturity& model) {
  std::string out = "criterion,capability,stage,text_zh,text_en,met,evidence,note\n";
  for (const Capability& capability : model.capabilities) {
    for (const Criterion& criterion : capability.criteria) {
      out += fmt::format("{},{},{},{},{},,,\n", criterion.id, capability.id, model.stages[criterion.stage].id,
                         csv_cell(criterion.text.zh), csv_cell(criterion.text.en));
    }
  }
  return out;
}

}  // namespace cityloop::index
