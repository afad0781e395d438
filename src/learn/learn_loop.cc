#include "learn/learn_loop.h"

#include <algorithm>
#include <vector>

namespace cityloop::learn {
namespace {

using flow::CaseOutcome;

constexpr std::uint8_t kVersion = 1;

std::optional<CaseOutcome> outcome_from(const std::string& text) {
  const auto outcome = flow::outcome_from(text);
  if (!outcome) return std::nullopt;
  // What was not even taken up speaks against its rule like a false alarm.
  return *outcome == CaseOutcome::refused ? CaseOutcome::false_alarm : *outcome;
}

}  // namespace

std::uint64_t& LearnLoop::count_of(Score& score, CaseOutcome outcome) {
  switch (outcome) {
    case CaseOutcome::confirmed: return score.confirmed;
    case CaseOutcome::refused:
    case CaseOutcome::false_alarm: return score.false_alarm;
    case CaseOutcome::open:
    case CaseOutcome::merged: break;
  }
  return score.open;
}

void LearnLoop::on_record(const flow::LogRecord& record, twin::Outbox& out) {
  static const flow::Name kCase("Case");
  for (const flow::Change& change : record.changes) {
    if (change.is_a(kCase)) on_change(change, record.at);
  }
  for (const std::string& rule : changed_) out.writes.push_back(to_write(scores_[rule]));
  changed_.clear();
}

void LearnLoop::on_change(const flow::Change& change, flow::Instant at) {
  static const flow::Name kRule("rule");
  static const flow::Name kOutcome("outcome");
  Seen& one = cases_[change.entity];
  const Seen before = one;
  for (const flow::AttributeChange& told : change.attributes) {
    const auto* text = std::get_if<flow::Text>(&told.now.value);
    if (!text || told.removed || told.late || !told.now.dataset_id.empty()) continue;
    if (told.now.name == kRule) one.rule = *text;
    if (told.now.name == kOutcome) one.outcome = outcome_from(text->str()).value_or(one.outcome);
  }
  const Seen after = one;
  const bool is_erased = change.kind == flow::ChangeKind::erased;
  // One erased before it ended will never end.
  const bool gone_open = is_erased && after.outcome == CaseOutcome::open;
  if (before.counted) --count_of(scores_[before.rule], before.outcome);
  // What goes on in another case has not ended: that one will say.
  one.counted = !after.rule.empty() && !gone_open && after.outcome != CaseOutcome::merged;
  if (one.counted) ++count_of(scores_[after.rule], after.outcome);
  const bool same = before.counted == one.counted && before.rule == after.rule && before.outcome == after.outcome;
  if (is_erased) cases_.erase(change.entity);
  if (same) return;
  for (const std::string& rule : {before.counted ? before.rule : std::string{}, after.rule}) {
    if (rule.empty()) continue;
    scores_[rule].rule = rule;
    scores_[rule].updated_at = at;
    changed_.insert(rule);
  }
}

void LearnLoop::save(base::ByteWriter& out) const {
  out.u8(kVersion);
  out.varint(scores_.size());
  for (const auto& [rule, score] : scores_) {
    out.text(rule);
    for (const std::uint64_t count : {score.confirmed, score.false_alarm, score.open}) out.varint(count);
    out.svarint(base::to_us(score.updated_at));
  }
  std::vector<std::pair<std::string_view, const Seen*>> cases;
  cases.reserve(cases_.size());
  for (const auto& [id, seen] : cases_) cases.emplace_back(id.text(), &seen);
  std::sort(cases.begin(), cases.end());
  out.varint(cases.size());
  for (const auto& [id, seen] : cases) {
    out.text(id);
    out.text(seen->rule);
    out.u8(std::uint8_t(std::uint8_t(seen->outcome) << 1 | seen->counted));
  }
}

base::Status LearnLoop::load(base::ByteReader& in) {
  const std::uint8_t version = in.u8();
  if (version != kVersion) {
    return base::fail(base::Errc::unsupported, "the scores' checkpoint has encoding {}, unknown here", version);
  }
  cases_.clear();
  scores_.clear();
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    const std::string rule(in.text());
    Score& score = scores_[rule];
    score.rule = rule;
    score.confirmed = in.varint();
    score.false_alarm = in.varint();
    score.open = in.varint();
    score.updated_at = base::from_us(in.svarint());
  }
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    Seen& seen = cases_[flow::EntityId(in.text())];
    seen.rule = in.text();
    const std::uint8_t flags = in.u8();
    seen.outcome = CaseOutcome(std::min<std::uint8_t>(flags >> 1, 4));
    seen.counted = (flags & 1) != 0;
  }
  if (!in.ok()) return base::fail(base::Errc::corrupt, "the scores' checkpoint is damaged");
  return {};
}

}  // namespace cityloop::learn
