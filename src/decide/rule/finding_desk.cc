#include "decide/rule/finding_desk.h"

#include <algorithm>
#include <cassert>

namespace cityloop::decide {
namespace {

using base::JsonWriter;
using flow::EntityId;
using flow::Finding;
using flow::Name;

std::string_view unit_sign(Name unit) {
  static constexpr std::pair<std::string_view, std::string_view> kSigns[] = {
      {"KMH", "km/h"}, {"MTS", "m/s"},  {"MTR", "m"},    {"AMP", "A"},    {"MQH", "m³/h"}, {"CMT", "cm"},
      {"MMT", "mm"},   {"CEL", "°C"},   {"P1", "%"},     {"GQ", "µg/m³"}, {"2N", "dB"},    {"SEC", "s"},
      {"MIN", "min"},  {"HUR", "h"},    {"C62", ""},     {"LUX", "lx"},   {"WTT", "W"},    {"HPA", "hPa"},
      {"A97", "hPa"},  {"H67", "mm/h"}, {"E54", "trips"}};
  for (const auto& [code, sign] : kSigns) {
    if (code == unit.text()) return sign;
  }
  return unit.text();
}

// As a person would say it: four digits that matter.
std::string plain_number(double v) {
  if (std::isnan(v)) return "?";
  if (std::fabs(v) >= 1000 && std::fabs(v) < 1e15) return fmt::format("{:.0f}", v);
  return fmt::format("{:.4g}", v);
}

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

std::string finding_id(const Rule& rule, EntityId about, std::int64_t opened_ms) {
  constexpr std::string_view kPrefix = "urn:ngsi-ld:";
  std::string_view tail = about.text();
  if (tail.starts_with(kPrefix)) tail.remove_prefix(kPrefix.size());
  return fmt::format("urn:ngsi-ld:Finding:{}:{}:{}", rule.id, tail, opened_ms);
}

std::string time_text(std::int64_t us) {
  return base::format_time(base::from_us(us));
}

// A speed in km/h against a limit on a ratio has no unit: the derived value has that of what it is taken of, except
// for ratios and departures.
Name unit_of_value(const Ruling& ruling, const Moment& m, const std::optional<Limit>& limit, const Board& board) {
  if (!limit) return {};
  const RuleKind& kind = ruling.rule->kind;
  Name attribute = limit->attribute;
  if (attribute == derived_name(kind)) {
    const auto* window = std::get_if<Window>(&kind);
    if (!window || window->aggregate == Aggregate::count) return {};
    attribute = window->attribute;
  }
  const Ordinal at = board.ordinal(attribute);
  const Reading* const reading = at == kNoOrdinal ? nullptr : m.row.reading(at);
  return reading ? reading->unit : Name{};
}

double value_of(const Ruling& ruling, const Moment& m, const std::optional<Limit>& limit, double derived,
                const Board& board) {
  if (!limit || limit->attribute == derived_name(ruling.rule->kind)) return derived;
  const Ordinal at = board.ordinal(limit->attribute);
  const Reading* const reading = at == kNoOrdinal ? nullptr : m.row.reading(at);
  return reading ? reading->number : std::nan("");
}

std::optional<Limit> main_limit(const Rule& rule) {
  const twin::Q* const condition = main_condition(rule);
  return condition ? limit_of(*condition, derived_name(rule.kind)) : std::nullopt;
}

void write_derived(JsonWriter& out, const Rule& rule, double derived) {
  const Name name = derived_name(rule.kind);
  if (!name.empty() && !std::isnan(derived)) out.field(name.text(), derived);
}

void add_details(JsonWriter& out, const std::string& details) {
  if (!details.empty()) out.key("details").raw("{" + details + "}");
}

}  // namespace

void FindingDesk::write_values(JsonWriter& out, const Ruling& ruling, const Moment& m) const {
  out.key("values").array();
  for (const Ordinal at : ruling.shown) {
    const Reading* const reading = m.row.reading(at);
    if (!reading || !reading->known()) continue;
    out.object().field("entity", board_->id(m.thing).text());
    out.field("attribute", board_->layout().wanted()[at].name.text()).key("value");
    const flow::Value* const value = m.row.value(at);
    if (const auto* text = value ? std::get_if<flow::Text>(value) : nullptr) out.text(*text);
    else if (const auto* flag = value ? std::get_if<bool>(value) : nullptr) out.boolean(*flag);
    else if (const auto* json = value ? std::get_if<flow::Json>(value) : nullptr) out.raw(json->text);
    else out.number(reading->number);
    if (!reading->unit.empty()) out.field("unitCode", reading->unit.text());
    out.field("observedAt", time_text(reading->observed_us)).end();
  }
  out.end();
}

std::string FindingDesk::why(const Ruling& ruling, const Moment& m, const Opening& opening) const {
  const Rule& rule = *ruling.rule;
  JsonWriter out;
  out.object().field("rule", rule.id).field("kind", kind_name(rule.kind));
  if (const twin::Q* condition = main_condition(rule)) out.field("condition", condition->text());
  if (const auto limit = main_limit(rule)) {
    out.field("limit", limit->value);
  } else if (const auto* silence = std::get_if<Silence>(&rule.kind)) {
    out.field("limit", base::format_duration(silence->after));
  }
  out.field("hold", base::format_duration(rule.hold));
  if (opening.since_us != kNoTime) out.field("since", time_text(opening.since_us));
  write_derived(out, rule, opening.derived);
  write_values(out, ruling, m);
  add_details(out, opening.details);
  return out.end().take();
}

std::string FindingDesk::cleared_why(const Ruling& ruling, const Moment& m, const Clearing& clearing) const {
  const Rule& rule = *ruling.rule;
  JsonWriter out;
  out.object().field("reason", clearing.reason);
  if (rule.clear) {
    out.field("condition", rule.clear->text());
    if (const auto limit = limit_of(*rule.clear, derived_name(rule.kind))) out.field("limit", limit->value);
  } else if (const twin::Q* condition = main_condition(rule)) {
    out.field("condition", fmt::format("not ({})", condition->text()));
    if (const auto limit = main_limit(rule)) out.field("limit", limit->value);
  }
  out.field("hold", base::format_duration(rule.clear_hold));
  if (clearing.since_us != kNoTime) out.field("since", time_text(clearing.since_us));
  write_derived(out, rule, clearing.derived);
  write_values(out, ruling, m);
  add_details(out, clearing.details);
  return out.end().take();
}

flow::Bilingual FindingDesk::title(const Ruling& ruling, const Moment& m, const Opening& opening) const {
  const auto limit = main_limit(*ruling.rule);
  std::string limit_text = limit ? plain_number(limit->value) : "";
  const double value = value_of(ruling, m, limit, opening.derived, *board_);
  std::string value_text = plain_number(value);
  const std::string percent_text = std::isnan(value) ? "?" : fmt::format("{:.0f}", value * 100);
  if (const auto* silence = std::get_if<Silence>(&ruling.rule->kind)) {
    limit_text = base::format_duration(silence->after);
    value_text = limit_text;
  }
  const std::string_view unit = unit_sign(unit_of_value(ruling, m, limit, *board_));
  flow::Bilingual out = ruling.rule->title;
  for (std::string* text : {&out.zh, &out.en}) {
    replace_all(*text, "{value}", value_text);
    replace_all(*text, "{percent}", percent_text);
    replace_all(*text, "{limit}", limit_text);
    replace_all(*text, "{unit}", unit);
    replace_all(*text, "{about}", board_->id(m.thing).text());
  }
  const flow::Bilingual name = board_->name(m.thing);
  replace_all(out.zh, "{name}", name.zh);
  replace_all(out.en, "{name}", name.en);
  return out;
}

// The command is left out when the relationship it needs is not there; `unresolved` then names it.
std::string FindingDesk::response(const Ruling& ruling, const Moment& m, std::string& unresolved) const {
  constexpr std::string_view kRef = "$ref:";
  if (!ruling.rule->response) return {};
  const RuleResponse& wanted = *ruling.rule->response;
  std::string device = wanted.device;
  if (device == "$self") device = board_->id(m.thing).text();
  if (device.starts_with(kRef)) {
    const std::string_view name = std::string_view(device).substr(kRef.size());
    const Ordinal at = board_->ordinal(Name(name));
    const flow::Value* const value = at == kNoOrdinal ? nullptr : m.row.value(at);
    const auto* urn = value ? std::get_if<flow::Text>(value) : nullptr;
    if (!urn) unresolved = name;
    device = urn ? *urn : "";
  }
  JsonWriter out;
  out.object().field("case", wanted.kind);
  if (!wanted.department.empty()) out.field("department", wanted.department);
  if (!device.empty()) {
    out.key("command").object().field("device", device).field("name", wanted.command).key("value").raw(wanted.value);
    out.end();
  }
  return out.end().take();
}

void FindingDesk::open(const Ruling& ruling, Track& track, const Moment& m, const Opening& opening) {
  Finding one;
  one.rule = ruling.rule->id;
  one.about = board_->id(m.thing);
  one.related = opening.related;
  std::sort(one.related.begin(), one.related.end(), [](EntityId a, EntityId b) { return a.text() < b.text(); });
  one.severity = ruling.rule->severity;
  one.title = title(ruling, m, opening);
  one.opened_at = base::from_us(opening.at_us);
  one.location = board_->location(m.thing);
  std::string unresolved;
  one.response = response(ruling, m, unresolved);
  Opening told = opening;
  if (!unresolved.empty()) {
    JsonWriter text;
    text.text(unresolved);
    told.details += fmt::format("{}\"unresolvedReference\":{}", told.details.empty() ? "" : ",", text.str());
  }
  one.why = why(ruling, m, told);
  track.opened_ms = std::max(base::to_ms(one.opened_at), track.opened_ms == kNoTime ? kNoTime : track.opened_ms + 1);
  one.id = EntityId(finding_id(*ruling.rule, one.about, track.opened_ms));
  out_->writes.push_back(to_write(one));
  track.finding = adopt(std::move(one));
  ruling.tally->opened.fetch_add(1, std::memory_order_relaxed);
  ruling.tally->active.fetch_add(1, std::memory_order_relaxed);
}

void FindingDesk::clear(const Ruling& ruling, Track& track, const Moment& m, const Clearing& clearing) {
  assert(track.finding != kNone);
  Finding& one = findings_[track.finding];
  one.status = flow::FindingStatus::cleared;
  one.cleared_at = std::max(base::from_us(clearing.at_us), one.opened_at);
  one.cleared_why = cleared_why(ruling, m, clearing);
  out_->writes.push_back(to_write(one));
  one = {};
  free_.push_back(track.finding);
  track.finding = kNone;
  ruling.tally->active.fetch_sub(1, std::memory_order_relaxed);
}

void FindingDesk::close(std::uint32_t finding, std::int64_t at_us, std::string_view reason) {
  close(std::exchange(findings_[finding], {}), at_us, reason);
  free_.push_back(finding);
}

void FindingDesk::close(Finding one, std::int64_t at_us, std::string_view reason) {
  one.status = flow::FindingStatus::cleared;
  one.cleared_at = std::max(base::from_us(at_us), one.opened_at);
  one.cleared_why = JsonWriter().object().field("reason", reason).end().take();
  out_->writes.push_back(to_write(one));
}

std::uint32_t FindingDesk::adopt(Finding one) {
  if (free_.empty()) {
    findings_.push_back(std::move(one));
    return std::uint32_t(findings_.size() - 1);
  }
  const std::uint32_t at = free_.back();
  free_.pop_back();
  findings_[at] = std::move(one);
  return at;
}

void FindingDesk::reset() {
  findings_.clear();
  free_.clear();
}

}  // namespace cityloop::decide
