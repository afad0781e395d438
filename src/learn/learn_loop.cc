#include "learn/learn_loop.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace cityloop::learn {
namespace {

using flow::CaseOutcome;

constexpr std::uint8_t kVersion = 1;
constexpr char kCaseRow = 'c', kScoreRow = 's';

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
  const auto known = cases_.find(change.entity);
  Seen now = known == cases_.end() ? Seen{} : known->second;
  const Seen before = now;
  for (const flow::AttributeChange& told : change.attributes) {
    const auto* text = std::get_if<flow::Text>(&told.now.value);
    if (!text || told.removed || told.late || !told.now.dataset_id.empty()) continue;
    if (told.now.name == kRule) now.rule = *text;
    if (told.now.name == kOutcome) now.outcome = outcome_from(text->str()).value_or(now.outcome);
  }
  if (now.rule.empty()) return;
  const bool is_erased = change.kind == flow::ChangeKind::erased;
  // One erased before it ended will never end.
  const bool gone_open = is_erased && now.outcome == CaseOutcome::open;
  // What goes on in another case has not ended: that one will say.
  now.counted = !gone_open && now.outcome != CaseOutcome::merged;
  if (is_erased) cases_.erase(change.entity);
  else cases_[change.entity] = now;
  if (is_erased || now != before) changed_cases_.insert(change.entity.text());
  if (now == before) return;
  if (before.counted) --count_of(scores_[before.rule], before.outcome);
  if (now.counted) ++count_of(scores_[now.rule], now.outcome);
  for (const std::string& rule : {before.counted ? before.rule : std::string{}, now.rule}) {
    if (rule.empty()) continue;
    scores_[rule].rule = rule;
    scores_[rule].updated_at = at;
    changed_.insert(rule);
    changed_scores_.insert(rule);
  }
}

void LearnLoop::put(base::ByteWriter& out, const Score& score) {
  for (const std::uint64_t count : {score.confirmed, score.false_alarm, score.open}) out.varint(count);
  out.svarint(base::to_us(score.updated_at));
}

Score LearnLoop::get_score(base::ByteReader& in) {
  Score score;
  score.confirmed = in.varint();
  score.false_alarm = in.varint();
  score.open = in.varint();
  score.updated_at = base::from_us(in.svarint());
  return score;
}

void LearnLoop::put(base::ByteWriter& out, const Seen& seen) {
  out.text(seen.rule);
  out.u8(std::uint8_t(std::uint8_t(seen.outcome) << 1 | seen.counted));
}

LearnLoop::Seen LearnLoop::get_seen(base::ByteReader& in) {
  Seen seen;
  seen.rule = in.text();
  const std::uint8_t flags = in.u8();
  seen.outcome = CaseOutcome(std::min<std::uint8_t>(flags >> 1, 4));
  seen.counted = (flags & 1) != 0;
  return seen;
}

void LearnLoop::save_changed(twin::StateRows& rows) {
  const auto row = [](const auto& one) {
    base::ByteWriter out;
    out.u8(kVersion);
    put(out, one);
    return out.take();
  };
  for (const std::string_view id : std::exchange(changed_cases_, {})) {
    const auto seen = cases_.find(flow::EntityId(id));
    if (seen == cases_.end()) rows.erase(kCaseRow + std::string(id));
    else rows.put(kCaseRow + std::string(id), row(seen->second));
  }
  for (const std::string& rule : std::exchange(changed_scores_, {})) rows.put(kScoreRow + rule, row(scores_.at(rule)));
}

base::Status LearnLoop::load_row(std::string_view key, base::ByteReader& in) {
  if (const std::uint8_t version = in.u8(); version != kVersion)
    return base::fail(base::Errc::unsupported, "the score '{}' has encoding {}, unknown here", key, version);
  const std::string_view name = key.substr(1);
  if (key.starts_with(kCaseRow)) {
    cases_[flow::EntityId(name)] = get_seen(in);
  } else {
    Score& score = scores_[std::string(name)] = get_score(in);
    score.rule = name;
  }
  return {};
}

void LearnLoop::save(base::ByteWriter& out) const {
  out.u8(kVersion);
  out.varint(scores_.size());
  for (const auto& [rule, score] : scores_) {
    out.text(rule);
    put(out, score);
  }
  std::vector<std::pair<std::string_view, const Seen*>> cases;
  cases.reserve(cases_.size());
  for (const auto& [id, seen] : cases_) cases.emplace_back(id.text(), &seen);
  std::sort(cases.begin(), cases.end());
  out.varint(cases.size());
  for (const auto& [id, seen] : cases) {
    out.text(id);
    put(out, *seen);
  }
}

// A whole checkpoint, from before there were rows: all of it becomes rows.
base::Status LearnLoop::load(base::ByteReader& in) {
  if (const std::uint8_t version = in.u8(); version != kVersion)
    return base::fail(base::Errc::unsupported, "the scores' checkpoint has encoding {}, unknown here", version);
  cases_.clear();
  scores_.clear();
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    const std::string rule(in.text());
    Score& score = scores_[rule] = get_score(in);
    score.rule = rule;
    changed_scores_.insert(rule);
  }
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    const flow::EntityId id(in.text());
    cases_[id] = get_seen(in);
    changed_cases_.insert(id.text());
  }
  if (!in.ok()) return base::fail(base::Errc::corrupt, "the scores' checkpoint is damaged");
  return {};
}

}  // namespace cityloop::learn
