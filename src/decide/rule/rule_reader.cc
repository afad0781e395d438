#include "decide/rule/rule_reader.h"

#include <algorithm>
#include <array>
#include <limits>

namespace cityloop::decide {
namespace {

using base::ConfigTable;

constexpr std::array<std::string_view, 6> kPlaceholders{"name", "about", "value", "percent", "limit", "unit"};

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= 80 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  });
}

flow::Bilingual read_bilingual(ConfigTable& block, std::string_view key) {
  auto table = block.table(key);
  if (!table) {
    if (!block.has(key)) block.mistake(key, fmt::format("'{}' is missing: {{ zh = \"…\", en = \"…\" }}", key));
    return {};
  }
  return {table->text("zh"), table->text("en")};
}

void check_placeholders(ConfigTable& block, std::string_view title) {
  for (std::size_t at = title.find('{'); at != title.npos; at = title.find('{', at + 1)) {
    const std::size_t end = title.find('}', at);
    if (end == title.npos) return block.mistake("title", "a '{' in the title is never closed");
    const std::string_view name = title.substr(at + 1, end - at - 1);
    if (std::find(kPlaceholders.begin(), kPlaceholders.end(), name) == kPlaceholders.end()) {
      block.mistake(
          "title", fmt::format("'{{{}}}' in the title is not one of {{name}} {{about}} {{value}} {{percent}} {{limit}} "
                               "{{unit}}",
                               name));
    }
  }
}

// The numbers for which a comparison holds, as at most two intervals.
struct Interval {
  double low, high;
  bool low_in, high_in;
  bool meets(const Interval& other) const {
    const Interval& left = low > other.low || (low == other.low && !low_in) ? *this : other;
    const Interval& right = high < other.high || (high == other.high && !high_in) ? *this : other;
    return left.low < right.high || (left.low == right.high && left.low_in && right.high_in);
  }
};

std::vector<Interval> numbers_of(const twin::SimpleComparison& c) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  switch (c.op) {
    case twin::QOperator::equal: return {{c.value, c.value, true, true}};
    case twin::QOperator::unequal: return {{-kInf, c.value, true, false}, {c.value, kInf, false, true}};
    case twin::QOperator::greater: return {{c.value, kInf, false, true}};
    case twin::QOperator::greater_equal: return {{c.value, kInf, true, true}};
    case twin::QOperator::less: return {{-kInf, c.value, true, false}};
    case twin::QOperator::less_equal: return {{-kInf, c.value, true, true}};
    default: return {};
  }
}

// A clear-limit past the limit would open and clear at once, for ever.
void check_clear(ConfigTable& block, const Rule& rule) {
  const twin::Q* condition = main_condition(rule);
  if (!condition || !rule.clear) return;
  const auto opens = condition->simple();
  const auto clears = rule.clear->simple();
  if (!opens || !clears || opens->attribute != clears->attribute) return;
  for (const Interval& a : numbers_of(*opens)) {
    for (const Interval& b : numbers_of(*clears)) {
      if (!a.meets(b)) continue;
      return block.mistake("clear", fmt::format("'{}' can hold while the condition '{}' holds: the clear limit lies "
                                                "past the limit",
                                                rule.clear->text(), condition->text()));
    }
  }
}

void check_derived(ConfigTable& block, const Rule& rule) {
  const Name derived = derived_name(rule.kind);
  if (derived.empty()) return;
  for (const auto& [key, q] : {std::pair("condition", &rule.condition), std::pair("clear", &rule.clear)}) {
    if (!*q) continue;
    const auto asked = (*q)->attributes();
    if (std::find(asked.begin(), asked.end(), derived) == asked.end()) {
      block.mistake(key, fmt::format("'{}' must ask about '{}', which is what a {} rule derives", key, derived.text(),
                                     kind_name(rule.kind)));
    }
  }
}

void read_command(ConfigTable& response, RuleResponse& out) {
  auto command = response.table("command");
  if (!command) return;
  out.device = command->text("device");
  out.command = command->text("name");
  if (command->has("name") && out.command.empty()) command->mistake("name", "the command has an empty name");
  out.value = command->json("value");
  if (!command->has("value")) command->mistake("value", "'value' is missing: what the device is to take");
  if (!command->has("device")) return;
  const bool is_ref = out.device.starts_with("$ref:") && out.device.size() > 5;
  if (!is_ref && out.device != "$self" && !out.device.starts_with("urn:")) {
    command->mistake(
        "device",
        fmt::format("'{}' is neither a URN, nor '$self', nor '$ref:NAME' with the name of a relationship", out.device));
  }
}

std::optional<RuleResponse> read_response(ConfigTable& block) {
  auto table = block.table("response");
  if (!table) return std::nullopt;
  RuleResponse out;
  out.kind = table->text("case");
  out.department = table->text_or("department", "");
  read_command(*table, out);
  return out;
}

void read_queries(ConfigTable& block, Rule& rule) {
  const bool silence = std::holds_alternative<Silence>(rule.kind);
  const bool sequence = std::holds_alternative<Sequence>(rule.kind);
  const auto* neighbours = std::get_if<Neighbours>(&rule.kind);
  const bool by_rule = neighbours && !neighbours->rule.empty();
  // Where there is no condition, the key is left unread and so told as unknown.
  if (!silence && !sequence && !by_rule) rule.condition = read_query(block, "condition");
  if (!silence && !by_rule && block.has("clear")) rule.clear = read_query(block, "clear");
  if (block.has("where")) rule.where = read_query(block, "where");
  if (!silence && !by_rule) {
    rule.hold = block.duration_or("hold", {});
    rule.clear_hold = block.duration_or("clear_hold", {});
    rule.gap_max = block.duration_or("gap_max", {});
  }
}

}  // namespace

std::optional<twin::Q> read_query(ConfigTable& table, std::string_view key) {
  const std::string text = table.text(key);
  if (text.empty()) return std::nullopt;
  auto q = twin::Q::parse(text);
  if (q) return std::move(*q);
  table.mistake(key, fmt::format("'{}' = \"{}\": {}", key, text, q.error().message));
  return std::nullopt;
}

std::vector<Name> read_types(ConfigTable& table) {
  std::vector<Name> out;
  if (!table.has("type")) {
    table.mistake("type", "'type' is missing: which entities are watched");
    return out;
  }
  for (const std::string& type : table.texts("type")) {
    if (type.empty()) table.mistake("type", "'type' is empty");
    else out.emplace_back(type);
  }
  return out;
}

Rule read_rule(ConfigTable& block) {
  Rule rule;
  rule.line = block.line();
  rule.id = block.text("id");
  if (block.has("id") && !is_id(rule.id)) {
    block.mistake("id", fmt::format("'{}' is no id: up to 80 letters, digits, '-', '_' and '.'", rule.id));
  }
  rule.name = read_bilingual(block, "name");
  rule.title = read_bilingual(block, "title");
  check_placeholders(block, rule.title.zh);
  check_placeholders(block, rule.title.en);
  const std::string severity = block.text("severity");
  const auto known = flow::severity_from(severity);
  if (known) rule.severity = *known;
  else if (block.has("severity")) block.mistake("severity", known.error().message);
  const std::string kind = block.text("kind");
  const auto read = read_kind(block, kind);
  if (!read) return rule;
  rule.kind = *read;
  if (const auto* sequence = std::get_if<Sequence>(&rule.kind)) {
    rule.types = sequence->then.types;
  } else if (const auto* neighbours = std::get_if<Neighbours>(&rule.kind); !neighbours || neighbours->rule.empty()) {
    rule.types = read_types(block);
  }
  read_queries(block, rule);
  check_derived(block, rule);
  check_clear(block, rule);
  rule.response = read_response(block);
  return rule;
}

}  // namespace cityloop::decide
