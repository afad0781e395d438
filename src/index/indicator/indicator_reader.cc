// One declaration out of its table.
#include <algorithm>
#include <array>

#include "flow/own_types.h"
#include "index/indicator/indicator_rules.h"
#include "twin/context/context.h"

namespace cityloop::index {
namespace {

using base::ConfigTable;

constexpr std::string_view kMoments[] = {"opened",   "intake",       "filing", "dispatch", "work",
                                         "feedback", "verification", "rating", "closed"};

std::optional<twin::Q> read_q(ConfigTable& table, std::string_view key) {
  const std::string text = table.text_or(key, "");
  if (text.empty()) return std::nullopt;
  auto q = twin::Q::parse(text);
  if (!q) {
    table.mistake(key, q.error().message);
    return std::nullopt;
  }
  if (q->has_links()) {
    table.mistake(key, "a condition follows no relationship here: it must hang on the entity alone");
    return std::nullopt;
  }
  const auto names = q->attributes();
  if (names.empty()) {
    table.mistake(key, "a condition must ask for some attribute");
    return std::nullopt;
  }
  return std::move(*q);
}

flow::Name read_attribute(ConfigTable& table, std::string_view key) {
  const std::string text = table.text(key);
  return text.empty() ? flow::Name{} : flow::Name(twin::Context::canonical_of(text));
}

double read_quantile(ConfigTable& table, double otherwise) {
  const double out = table.number_or("quantile", otherwise);
  if (!(out > 0 && out < 1)) table.mistake("quantile", "'quantile' lies between 0 and 1");
  return out;
}

void read_limit(ConfigTable& table, Declaration& one) {
  one.above = !table.has("below");
  one.limit = table.number(one.above ? "above" : "below");
}

// Of `allowed` the first is what holds when none is named.
void read_measure(ConfigTable& table, Declaration& one, std::initializer_list<Measure> allowed) {
  const std::string word = table.text("measure");
  const auto known = measure_from(word);
  if (known && std::ranges::find(allowed, *known) != allowed.end()) {
    one.measure = *known;
    return;
  }
  std::string names;
  for (const Measure each : allowed) names += fmt::format("{}{}", names.empty() ? "" : ", ", to_string(each));
  one.measure = *allowed.begin();
  if (!word.empty()) table.mistake("measure", fmt::format("'{}' is none of: {}", word, names));
}

void read_population(ConfigTable& table, Declaration& one) {
  const std::string type = table.text("type");
  if (!type.empty()) one.type = flow::Name(twin::Context::canonical_of(type));
  const bool opens = one.type == flow::kCaseType || one.type == flow::kFindingType || one.type == flow::kCommandType;
  if (flow::is_own_type(one.type) && !opens)
    table.mistake(
        "type", fmt::format("what '{}' says is not counted: of the house's own, Case, Finding and Command are", type));
  one.where = read_q(table, "where");
  one.stale_after = table.duration_or("stale_after", {});
  if (one.stale_after < base::Duration::zero()) table.mistake("stale_after", "'stale_after' is not negative");
}

void read_twin(ConfigTable table, Declaration& one) {
  using enum Measure;
  one.over = Over::twin;
  read_measure(table, one, {count, sum, mean, minimum, maximum, quantile, share, ratio});
  read_population(table, one);
  if (one.measure == share) {
    one.holds = read_q(table, "holds");
    if (!one.holds && !table.has("holds")) table.mistake("holds", "a share needs 'holds': the condition");
    // What has no reading neither holds nor fails: the first attribute asked about decides, where none is named.
    if (table.has("attribute")) one.attribute = read_attribute(table, "attribute");
    else if (one.holds) one.attribute = one.holds->attributes().front();
  } else if (one.measure != count) {
    one.attribute = read_attribute(table, "attribute");
  }
  if (one.measure == ratio) one.by = read_attribute(table, "by");
  if (one.measure == quantile) one.quantile = read_quantile(table, 0.5);
  if (one.period.span != Span::now)
    table.mistake("measure", "what is counted over the twin is as it is now: 'period' belongs to history and cases");
}

void read_history(ConfigTable table, Declaration& one) {
  using enum Measure;
  one.over = Over::history;
  read_measure(table, one, {time_mean, time_share, hours, changes});
  read_population(table, one);
  one.attribute = read_attribute(table, "attribute");
  if (one.measure == time_share || one.measure == hours) read_limit(table, one);
  if (one.period.span == Span::now) table.mistake("measure", "what is counted over history needs a 'period'");
}

std::string read_moment(ConfigTable& table, std::string_view key) {
  std::string out = table.text(key);
  if (!out.empty() && std::ranges::find(kMoments, out) == std::end(kMoments))
    table.mistake(key, fmt::format("'{}' is no moment of a case: opened, a stage, closed", out));
  return out;
}

void read_cases(ConfigTable table, Declaration& one) {
  using enum Measure;
  one.over = Over::cases;
  one.type = flow::Name("Case");
  read_measure(table, one, {opened, assigned, closed, on_time, duration, reopened, rating});
  one.where = read_q(table, "where");
  if (one.measure == duration) {
    one.from = read_moment(table, "from");
    one.to = read_moment(table, "to");
    if (one.from == one.to || one.to == "opened") table.mistake("to", "'to' comes after 'from'");
    one.by_quantile = table.has("quantile");
    if (one.by_quantile) one.quantile = read_quantile(table, 0.5);
  }
  if (one.period.span == Span::now) table.mistake("measure", "what is counted over cases needs a 'period'");
}

void read_source(ConfigTable& table, Declaration& one) {
  int said = 0;
  if (auto over = table.table("twin")) read_twin(*over, one), ++said;
  if (auto over = table.table("history")) read_history(*over, one), ++said;
  if (auto over = table.table("cases")) read_cases(*over, one), ++said;
  if (table.has("formula")) {
    ++said;
    one.over = Over::formula;
    auto formula = Formula::parse(table.text("formula"));
    if (formula) one.formula = std::move(*formula);
    else table.mistake("formula", formula.error().message);
  }
  if (said != 1)
    table.mistake("id",
                  "an indicator has one of: [indicator.twin], [indicator.history], "
                  "[indicator.cases], formula");
}

void read_period(ConfigTable& table, Declaration& one) {
  const std::string word = table.text_or("period", "now");
  if (const auto span = span_from(word)) one.period.span = *span;
  else
    table.mistake("period", fmt::format("'{}' is none of: now, minute, hour, day, week, month, quarter, year", word));
  const std::string window = table.text_or("window", "rolling");
  one.period.calendar = window == "calendar";
  if (window != "rolling" && window != "calendar") table.mistake("window", "'window' is \"rolling\" or \"calendar\"");
}

void read_judgement(ConfigTable& table, Declaration& one) {
  const std::string word = table.text_or("direction", "lower");
  if (const auto direction = better_from(word)) one.direction = *direction;
  else table.mistake("direction", fmt::format("'{}' is none of: higher, lower, band", word));
  if (one.direction == Better::band) {
    const auto band = table.numbers("target");
    if (band.size() == 2 && band[0] <= band[1]) one.target = band[0], one.target_to = band[1];
    else table.mistake("target", "the target of a band is [from, to]");
  } else {
    one.target = table.number_if("target");
  }
  for (ConfigTable& each : table.tables("threshold")) {
    Threshold out;
    const std::string level = each.text("level");
    if (const auto known = level_from(level)) out.level = *known;
    else each.mistake("level", fmt::format("'{}' is none of: good, watch, warn, alarm", level));
    out.above = each.number_if("above");
    out.below = each.number_if("below");
    if (!out.above && !out.below) each.mistake("level", "a threshold holds 'above', 'below' or between two values");
    if (out.above && out.below && *out.above > *out.below)
      each.mistake("above", "nothing lies above 'above' and below 'below'");
    out.meaning = read_words(each, "meaning", true);
    one.thresholds.push_back(std::move(out));
  }
}

void read_areas(ConfigTable& table, Declaration& one) {
  if (!table.has("areas")) return;
  std::ranges::fill(one.areas, false);
  for (const std::string& word : table.texts("areas")) {
    bool known = false;
    for (const AreaKind kind : {AreaKind::city, AreaKind::area, AreaKind::department}) {
      if (word == to_string(kind)) one.areas[std::size_t(kind)] = known = true;
    }
    if (!known) table.mistake("areas", fmt::format("'{}' is none of: city, area, department", word));
  }
  if (std::ranges::none_of(one.areas, [](bool any) { return any; }))
    table.mistake("areas", "an indicator has a value somewhere");
}

bool is_id(std::string_view id) {
  return !id.empty() && id.size() <= 64 && id.front() >= 'a' && id.front() <= 'z' &&
         std::ranges::all_of(id, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

}  // namespace

flow::Bilingual read_words(ConfigTable& table, std::string_view key, bool required) {
  flow::Bilingual out;
  if (auto words = table.table(key)) {
    out.zh = words->text("zh");
    out.en = words->text("en");
  } else if (required) {
    table.mistake(key, fmt::format("'{}' must be {{ zh = \"…\", en = \"…\" }}", key));
  }
  return out;
}

Declaration read_indicator(ConfigTable& table, const IndicatorDefaults& defaults) {
  Declaration one;
  one.line = table.line();
  one.id = table.text("id");
  if (!one.id.empty() && (!is_id(one.id) || one.id == kInhabitants || one.id == kAreaKm2))
    table.mistake("id", "an id is made of a-z, 0-9 and _, begins with a letter, and has at most 64 of them");
  one.domain = table.text_or("domain", defaults.domain);
  if (one.domain.empty()) table.mistake("domain", "an indicator belongs to a 'domain'");
  one.name = read_words(table, "name", true);
  one.description = read_words(table, "description", false);
  one.source = table.has("source") ? read_words(table, "source", true) : defaults.source;
  one.owner = table.text_or("owner", defaults.owner);
  one.unit = table.text_or("unit", "");
  const double decimals = table.number_or("decimals", -1);
  one.decimals = int(decimals);
  if (decimals != one.decimals || one.decimals < -1 || one.decimals > 9)
    table.mistake("decimals", "'decimals' is a whole number from 0 to 9");
  read_judgement(table, one);
  read_period(table, one);
  read_areas(table, one);
  read_source(table, one);
  return one;
}

}  // namespace cityloop::index
