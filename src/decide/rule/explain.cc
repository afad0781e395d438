#include "decide/rule/explain.h"

namespace cityloop::decide {
namespace {

using flow::Bilingual;

std::string span(Duration d) {
  return base::format_duration(d);
}

std::string joined(const std::vector<Name>& names) {
  std::string out;
  for (const Name name : names) out += fmt::format("{}{}", out.empty() ? "" : ", ", name.text());
  return out;
}

std::string asks(const std::optional<twin::Q>& q) {
  return q ? q->text() : std::string{};
}

Bilingual operator+(const Bilingual& a, const Bilingual& b) {
  return {a.zh + b.zh, a.en + b.en};
}

// What the derived value is.
Bilingual derived_text(const RuleKind& kind) {
  if (const auto* rate = std::get_if<Rate>(&kind)) {
    return {fmt::format("rate 为 {} 在最近 {} 内每 {} 的变化量。", rate->attribute.text(), span(rate->window),
                        span(rate->per)),
            fmt::format("rate is the change of {} per {}, over the last {}. ", rate->attribute.text(), span(rate->per),
                        span(rate->window))};
  }
  if (const auto* window = std::get_if<Window>(&kind)) {
    const std::string what = window->aggregate == Aggregate::percentile
                                 ? fmt::format("percentile {:g}", window->percentile)
                                 : std::string(to_string(window->aggregate));
    return {fmt::format("window 为 {} 最近 {} 的 {},至少 {} 个样本。", window->attribute.text(), span(window->span),
                        what, window->samples_min),
            fmt::format("window is the {} of {} over the last {}, of at least {} samples. ", what,
                        window->attribute.text(), span(window->span), window->samples_min)};
  }
  if (const auto* ratio = std::get_if<Ratio>(&kind)) {
    const std::string what = fmt::format("{} / {}", ratio->numerator.text(), ratio->denominator.text());
    return {fmt::format("ratio 为 {}。", what), fmt::format("ratio is {}. ", what)};
  }
  if (const auto* unusual = std::get_if<Unusual>(&kind)) {
    static constexpr const char* kSides[] = {"偏高", "偏低", "偏高或偏低"};
    static constexpr const char* kSidesEn[] = {"above", "below", "above or below"};
    const auto side = std::size_t(unusual->direction);
    return {
        fmt::format("departure 为 {} 较该对象同一星期几同一小时的历史中位数{}的程度,以 1.4826×MAD(不小于 "
                    "{:g})为单位;至少学习 {} 周、{} 个样本后才判断。",
                    unusual->attribute.text(), kSides[side], unusual->floor, unusual->weeks_min, unusual->samples_min),
        fmt::format("departure is how far {} lies {} its own median for this hour of this weekday, in units of "
                    "1.4826 × MAD (at least {:g}); judged only after {} weeks and {} samples. ",
                    unusual->attribute.text(), kSidesEn[side], unusual->floor, unusual->weeks_min,
                    unusual->samples_min)};
  }
  return {};
}

Bilingual holding_text(const Rule& rule, const std::string& condition) {
  Bilingual out;
  out.zh = rule.hold == Duration::zero() ? fmt::format("满足 {} 时立即触发", condition)
                                         : fmt::format("满足 {} 并持续 {} 后触发", condition, span(rule.hold));
  out.en = rule.hold == Duration::zero() ? fmt::format("Opens as soon as {} holds", condition)
                                         : fmt::format("Opens when {} has held for {}", condition, span(rule.hold));
  const std::string clear = rule.clear ? rule.clear->text() : "";
  const std::string clear_zh = clear.empty() ? "条件不再满足" : "满足 " + clear;
  const std::string clear_en = clear.empty() ? "it does not hold" : clear + " holds";
  if (rule.clear_hold == Duration::zero()) {
    return out + Bilingual{";" + clear_zh + "时解除。", "; clears as soon as " + clear_en + "."};
  }
  return out + Bilingual{fmt::format(";{}并持续 {} 后解除。", clear_zh, span(rule.clear_hold)),
                         fmt::format("; clears when, for {}, {}.", span(rule.clear_hold), clear_en)};
}

Bilingual silence_text(const Silence& silence) {
  const std::string what = joined(silence.attributes);
  return {fmt::format("{} 内没有收到{}读数时触发;再次收到时解除。", span(silence.after),
                      what.empty() ? "任何" : " " + what + " 的"),
          fmt::format("Opens when no reading{} has come for {}; clears when one is heard again.",
                      what.empty() ? "" : " of " + what, span(silence.after))};
}

Bilingual neighbours_text(const Rule& rule, const Neighbours& kind) {
  Bilingual when;
  if (!kind.rule.empty()) {
    when = {fmt::format("规则 {} 正在对其告警", kind.rule), fmt::format("rule {} has a finding about it", kind.rule)};
  } else {
    when = {fmt::format("满足 {}", asks(rule.condition)), fmt::format("{} holds", asks(rule.condition))};
    if (rule.hold > Duration::zero()) {
      when = when + Bilingual{fmt::format("并持续 {}", span(rule.hold)), fmt::format(" for {}", span(rule.hold))};
    }
  }
  if (kind.within > Duration::zero()) {
    when = when + Bilingual{fmt::format("(或最近 {} 内曾如此)", span(kind.within)),
                            fmt::format(" (or did within the last {})", span(kind.within))};
  }
  return {fmt::format("相距 {:g} 米以内至少 {} 个同时成立时触发:{};不足 {} 个时解除。", kind.distance_m, kind.k,
                      when.zh, kind.k),
          fmt::format("Opens when of the entities within {:g} m at least {} count at once; one counts while {}. Clears "
                      "when fewer do.",
                      kind.distance_m, kind.k, when.en)};
}

Bilingual role_text(const Role& role) {
  if (!role.rule.empty()) return {"规则 " + role.rule + " 触发", "rule " + role.rule + " finds something"};
  const std::string text = fmt::format("{}: {}", joined(role.types), asks(role.condition));
  return {text, text};
}

Bilingual sequence_text(const Rule& rule, const Sequence& kind) {
  const Bilingual first = role_text(kind.first);
  const Bilingual then = role_text(kind.then);
  const Bilingual where = kind.distance_m ? Bilingual{fmt::format("{:g} 米以内", *kind.distance_m),
                                                      fmt::format("within {:g} m of it", *kind.distance_m)}
                                          : Bilingual{"同一对象", "on the same entity"};
  const Bilingual events{
      fmt::format("先有 {},{} 内({})再有 {}。", first.zh, span(kind.within), where.zh, then.zh),
      fmt::format("First {}; then, at most {} later and {}, {}. ", first.en, span(kind.within), where.en, then.en)};
  return events + holding_text(rule, kind.then.condition ? kind.then.condition->text() : kind.then.rule);
}

}  // namespace

Bilingual explain(const Rule& rule) {
  Bilingual out{fmt::format("监视 {}", joined(rule.types)), fmt::format("Watches {}", joined(rule.types))};
  if (rule.where) out = out + Bilingual{" 中 " + rule.where->text() + " 的对象", " where " + rule.where->text()};
  out = out + Bilingual{"。", ". "} + derived_text(rule.kind);
  if (const auto* silence = std::get_if<Silence>(&rule.kind)) return out + silence_text(*silence);
  if (const auto* neighbours = std::get_if<Neighbours>(&rule.kind)) return out + neighbours_text(rule, *neighbours);
  if (const auto* sequence = std::get_if<Sequence>(&rule.kind)) return out + sequence_text(rule, *sequence);
  return out + holding_text(rule, asks(rule.condition));
}

namespace {

// What the rule turns on, short: its query, or what stands in a query's place where it has none.
std::string short_condition(const Rule& rule) {
  if (const auto* silence = std::get_if<Silence>(&rule.kind)) return "silence>" + span(silence->after);
  const twin::Q* const condition = main_condition(rule);
  const auto* group = std::get_if<Neighbours>(&rule.kind);
  if (!group) return condition ? condition->text() : std::string{};
  const std::string of = condition ? condition->text() : group->rule;
  return fmt::format("count({})>={} within {} m", of, group->k, group->distance_m);
}

}  // namespace

RuleStatus describe(const Rule& rule) {
  RuleStatus out;
  out.id = rule.id;
  out.kind = kind_name(rule.kind);
  out.file = rule.file;
  out.line = rule.line;
  out.condition = short_condition(rule);
  out.source = rule.source;
  out.name = rule.name;
  out.explanation = explain(rule);
  out.severity = rule.severity;
  for (const Name type : rule.types) out.types.emplace_back(type.text());
  return out;
}

}  // namespace cityloop::decide
