#include "decide/rule/backtest.h"

#include <algorithm>
#include <cassert>
#include <set>

#include "base/json_writer.h"
#include "flow/noun.h"

namespace cityloop::decide {

Backtest::Backtest(RuleBookPtr book, base::TimeZone zone) : engine_(std::move(book), std::move(zone)) {}

void Backtest::feed(const flow::LogRecord& record) {
  if (to_ != kNever && record.at - to_ > std::chrono::seconds(1)) {
    flow::LogRecord tick;
    tick.seq = record.seq;
    tick.at = record.at - Duration(1);
    engine_.on_record(tick, out_);
  }
  engine_.on_record(record, out_);
  collect();
  ++records_;
  changes_ += record.changes.size();
  if (from_ == kNever) from_ = record.at;
  to_ = std::max(to_, record.at);
}

void Backtest::collect() {
  for (const flow::Write& write : out_.writes) {
    auto finding = flow::finding_from(flow::entity_of(write));
    assert(finding && "the engine writes findings only");
    std::string id(finding->id.text());
    findings_.insert_or_assign(std::move(id), std::move(*finding));
  }
  out_.writes.clear();
}

BacktestResult Backtest::result() const {
  BacktestResult out;
  const EngineStatus status = engine_.status();
  for (const auto& [id, finding] : findings_) out.findings.push_back(finding);
  std::stable_sort(out.findings.begin(), out.findings.end(),
                   [](const auto& a, const auto& b) { return a.opened_at < b.opened_at; });
  for (const RuleStatus& rule : status.rules) {
    BacktestRule& one = out.rules.emplace_back();
    one.id = rule.id;
    one.name = rule.name;
    one.severity = rule.severity;
    one.late = rule.late;
    one.too_late = rule.too_late;
    std::set<std::string_view> entities;
    for (const flow::Finding& finding : out.findings) {
      if (finding.rule != rule.id) continue;
      ++one.findings;
      entities.insert(finding.about.text());
      if (finding.cleared_at == kNever) ++one.still_open;
      else one.open_total += finding.cleared_at - finding.opened_at;
    }
    one.entities = entities.size();
  }
  out.records = records_;
  out.changes = changes_;
  out.readings = status.readings;
  out.bad_time = status.bad_time;
  out.from = from_;
  out.to = to_;
  return out;
}

BacktestResult Backtest::run(RuleBookPtr book, base::TimeZone zone, const Source& next) {
  Backtest test(std::move(book), std::move(zone));
  flow::LogRecord record;
  while (next(record)) test.feed(record);
  return test.result();
}

std::string to_text(const BacktestResult& result) {
  std::string out = fmt::format("{} to {}: {} records, {} readings looked at, {} with a time that cannot be\n\n",
                                base::format_time(result.from), base::format_time(result.to), result.records,
                                result.readings, result.bad_time);
  out += fmt::format("{:<32} {:<9} {:>8} {:>8} {:>8} {:>10} {:>8}\n", "rule", "severity", "findings", "entities",
                     "open", "mean open", "late");
  for (const BacktestRule& rule : result.rules) {
    const std::uint64_t cleared = rule.findings - rule.still_open;
    const Duration mean = cleared == 0 ? Duration{} : rule.open_total / std::int64_t(cleared);
    const std::string mean_text =
        cleared == 0 ? "-" : base::format_duration(std::chrono::round<std::chrono::seconds>(mean));
    out += fmt::format("{:<32} {:<9} {:>8} {:>8} {:>8} {:>10} {:>8}\n", rule.id, to_string(rule.severity),
                       rule.findings, rule.entities, rule.still_open, mean_text, rule.late);
  }
  out += '\n';
  for (const flow::Finding& finding : result.findings) {
    out += fmt::format("{}  {}  {}  {}  {}\n", base::format_time(finding.opened_at),
                       finding.cleared_at == kNever ? "still open" : base::format_time(finding.cleared_at),
                       finding.rule, finding.about.text(), finding.title.en);
  }
  return out;
}

std::string to_json(const BacktestResult& result, std::size_t findings_max) {
  base::JsonWriter out;
  out.object().field("from", base::format_time(result.from)).field("to", base::format_time(result.to));
  out.field("records", result.records).field("readings", result.readings).field("badTime", result.bad_time);
  out.key("rules").array();
  for (const BacktestRule& rule : result.rules) {
    out.object().field("id", rule.id).field("severity", to_string(rule.severity));
    out.key("name").object().field("zh", rule.name.zh).field("en", rule.name.en).end();
    out.field("findings", rule.findings).field("entities", rule.entities).field("open", rule.still_open);
    out.field("openSeconds", std::chrono::duration<double>(rule.open_total).count());
    out.field("late", rule.late).field("tooLate", rule.too_late).end();
  }
  out.end().field("findingsTotal", result.findings.size()).key("findings").array();
  for (std::size_t i = 0; i < std::min(findings_max, result.findings.size()); ++i) {
    const flow::Finding& one = result.findings[i];
    out.object().field("id", one.id.text()).field("rule", one.rule).field("about", one.about.text());
    out.field("severity", to_string(one.severity)).field("openedAt", base::format_time(one.opened_at));
    if (one.cleared_at != kNever) out.field("clearedAt", base::format_time(one.cleared_at));
    out.key("title").object().field("zh", one.title.zh).field("en", one.title.en).end();
    out.key("why").raw(one.why);
    if (!one.cleared_why.empty()) out.key("clearedWhy").raw(one.cleared_why);
    out.end();
  }
  return out.end().end().take();
}

}  // namespace cityloop::decide
