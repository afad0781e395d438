// What rules would have found in readings of the past, before they go live.
//
//   a feed's records, or those of the log ─▶ [Backtest] ─▶ findings as they would have opened and cleared
//
// The same engine that runs live, without a twin. Where the records leave a gap, the seconds that a live city would
// have ticked through are made up for, so silences and holds end when they would have.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "decide/rule/engine.h"

namespace cityloop::decide {

struct BacktestRule {
  std::string id;
  flow::Bilingual name;
  flow::Severity severity{};
  std::uint64_t findings{};
  std::uint64_t still_open{};  // at the end of the data
  std::uint64_t entities{};    // that had at least one
  Duration open_total{};       // of those that cleared
  std::uint64_t late{}, too_late{};
};

struct BacktestResult {
  std::vector<flow::Finding> findings;  // by opening time, then by id
  std::vector<BacktestRule> rules;      // as in the book, those without findings too
  std::uint64_t records{}, changes{}, readings{}, bad_time{};
  Instant from{kNever}, to{kNever};  // the time the records span
};

class Backtest {
 public:
  Backtest(RuleBookPtr, base::TimeZone);

  void feed(const flow::LogRecord&);
  // What has been found so far; more may be fed after.
  BacktestResult result() const;

  // Gives the next record, or false at the end.
  using Source = std::function<bool(flow::LogRecord&)>;
  static BacktestResult run(RuleBookPtr, base::TimeZone, const Source&);

 private:
  void collect();

  RuleEngine engine_;
  twin::Outbox out_;
  std::map<std::string, flow::Finding, std::less<>> findings_;  // by id
  std::uint64_t records_{0}, changes_{0};
  Instant from_{kNever}, to_{kNever};
};

// For a terminal: a table of the rules, and each finding on a line.
std::string to_text(const BacktestResult&);
// The same for the console: {"rules":[…],"findings":[…],"from","to",…}; at most findings_max of them, the newest left
// out.
std::string to_json(const BacktestResult&, std::size_t findings_max);

}  // namespace cityloop::decide
