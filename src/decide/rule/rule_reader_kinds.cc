// What each kind of rule adds to a block.
#include <array>
#include <cmath>

#include "decide/rule/rule_reader.h"

namespace cityloop::decide {
namespace {

using base::ConfigTable;

Duration read_span(ConfigTable& block, std::string_view key) {
  const std::size_t was_there = block.has(key);
  const Duration span = block.duration(key);
  if (was_there && span == Duration::zero()) block.mistake(key, fmt::format("'{}' must be longer than nothing", key));
  return span;
}

std::uint32_t read_count(ConfigTable& block, std::string_view key, std::uint32_t otherwise, double low, double high) {
  const double number = block.number_or(key, otherwise);
  if (number >= low && number <= high && number == std::floor(number)) return std::uint32_t(number);
  block.mistake(key, fmt::format("'{}' must be a whole number from {} to {}", key, low, high));
  return otherwise;
}

double read_positive(ConfigTable& block, std::string_view key, std::string_view what) {
  if (!block.has(key)) {
    block.mistake(key, fmt::format("'{}' is missing: {}", key, what));
    return 1;
  }
  const double number = block.number(key);
  if (number > 0 && std::isfinite(number)) return number;
  block.mistake(key, fmt::format("'{}' must be more than 0", key));
  return 1;
}

template <class Enum, std::size_t N>
Enum read_enum(ConfigTable& block, std::string_view key, std::string_view text, Enum otherwise) {
  std::string known;
  for (std::size_t i = 0; i < N; ++i) {
    if (to_string(Enum(i)) == text) return Enum(i);
    known += fmt::format("{}{}", i ? ", " : "", to_string(Enum(i)));
  }
  if (block.has(key)) block.mistake(key, fmt::format("'{}' is not one of {}", text, known));
  return otherwise;
}

RuleKind read_rate(ConfigTable& block) {
  Rate out;
  out.attribute = Name(block.text("attribute"));
  out.per = read_span(block, "per");
  out.window = read_span(block, "window");
  return out;
}

RuleKind read_silence(ConfigTable& block) {
  Silence out;
  for (const std::string& name : block.texts("attributes")) out.attributes.emplace_back(name);
  out.after = read_span(block, "after");
  return out;
}

RuleKind read_window(ConfigTable& block) {
  Window out;
  out.attribute = Name(block.text("attribute"));
  const std::string aggregate = block.text("aggregate");
  out.aggregate = read_enum<Aggregate, 6>(block, "aggregate", aggregate, Aggregate::avg);
  out.span = read_span(block, "window");
  if (out.aggregate == Aggregate::percentile) {
    out.percentile = block.number("percentile");
    if (block.has("percentile") && !(out.percentile > 0 && out.percentile < 100)) {
      block.mistake("percentile", "'percentile' must lie between 0 and 100");
    }
  }
  // An empty window has a count and a sum, but no average.
  const bool empty_counts = out.aggregate == Aggregate::count || out.aggregate == Aggregate::sum;
  out.samples_max = read_count(block, "samples_max", 4096, 2, 1e6);
  out.samples_min = read_count(block, "min_samples", empty_counts ? 0 : 1, empty_counts ? 0 : 1, out.samples_max);
  return out;
}

RuleKind read_ratio(ConfigTable& block) {
  Ratio out;
  out.numerator = Name(block.text("numerator"));
  out.denominator = Name(block.text("denominator"));
  return out;
}

RuleKind read_unusual(ConfigTable& block) {
  Unusual out;
  out.attribute = Name(block.text("attribute"));
  out.direction = read_enum<Direction, 3>(block, "direction", block.text_or("direction", "both"), Direction::both);
  out.floor = read_positive(block, "floor", "the smallest deviation that counts, in the attribute's unit");
  out.samples_per_hour = read_count(block, "samples_per_hour", 6, 1, 60);
  out.weeks_kept = read_count(block, "weeks", 6, 1, 52);
  out.weeks_min = read_count(block, "min_weeks", std::min<std::uint32_t>(2, out.weeks_kept), 1, out.weeks_kept);
  const std::uint32_t samples_kept = out.samples_per_hour * out.weeks_kept;
  out.samples_min = read_count(block, "min_samples", std::min(6u, samples_kept), 1, samples_kept);
  out.relearn_after = block.duration_or("relearn_after", std::chrono::days(3));
  return out;
}

RuleKind read_neighbours(ConfigTable& block) {
  Neighbours out;
  if (!block.has("k")) block.mistake("k", "'k' is missing: how many of the neighbours it takes");
  else out.k = read_count(block, "k", 2, 2, 1000);
  out.distance_m = read_positive(block, "distance_m", "how far apart they may lie");
  out.within = block.duration_or("within", {});
  if (block.has("rule") && block.has("condition")) {
    block.mistake("rule", "either 'rule' or 'condition' says when an entity counts, not both");
    block.text("condition");
  }
  out.rule = block.text_or("rule", "");
  return out;
}

Role read_role(ConfigTable& block, std::string_view key) {
  Role out;
  auto table = block.table(key);
  if (!table) {
    if (!block.has(key)) block.mistake(key, fmt::format("[rule.{}] is missing", key));
    return out;
  }
  if (table->has("rule") == table->has("condition")) {
    table->mistake("rule", fmt::format("[rule.{}] needs either 'type' and 'condition', or 'rule'", key));
  }
  if (table->has("rule")) {
    out.rule = table->text("rule");
  } else {
    out.types = read_types(*table);
  }
  if (table->has("condition")) out.condition = read_query(*table, "condition");
  return out;
}

RuleKind read_sequence(ConfigTable& block) {
  Sequence out;
  out.first = read_role(block, "first");
  out.then = read_role(block, "then");
  out.within = read_span(block, "within");
  if (block.has("distance_m")) out.distance_m = read_positive(block, "distance_m", "");
  return out;
}

}  // namespace

std::optional<RuleKind> read_kind(ConfigTable& block, std::string_view kind) {
  if (kind == "threshold") return Threshold{};
  if (kind == "rate") return read_rate(block);
  if (kind == "silence") return read_silence(block);
  if (kind == "window") return read_window(block);
  if (kind == "ratio") return read_ratio(block);
  if (kind == "unusual") return read_unusual(block);
  if (kind == "neighbours") return read_neighbours(block);
  if (kind == "sequence") return read_sequence(block);
  // What else the block says belongs to the kind that was meant.
  for (const std::string& key : block.keys()) block.json(key);
  if (block.has("kind")) {
    block.mistake("kind", fmt::format("'{}' is not a kind of rule: threshold, rate, silence, window, ratio, unusual, "
                                      "neighbours or sequence",
                                      kind));
  }
  return std::nullopt;
}

}  // namespace cityloop::decide
