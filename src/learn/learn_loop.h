// Learns from how cases end: each rule's precision, written as a RuleScore entity and shown beside the rule.
//
//   casework ─ Case ─▶ log ══▶ [LearnLoop] ─ RuleScore ─▶ twin ─▶ console
//
// A case counts once, by its newest outcome: one that is taken up again is open again. A case that people opened has no
// rule and does not count; an erased one keeps its count, for what happened did happen. Memory: some 100 bytes for each
// case of a rule that is open, and for each ended one that still exists. Kept row by row (twin/loop.h): one a case, one
// a rule.
#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>

#include "flow/case.h"
#include "learn/score.h"
#include "twin/loop.h"

namespace cityloop::learn {

class LearnLoop final : public twin::Loop {
 public:
  std::string_view name() const override { return "learn"; }
  void on_record(const flow::LogRecord&, twin::Outbox&) override;
  void save(base::ByteWriter&) const override;
  base::Status load(base::ByteReader&) override;
  bool keeps_rows() const override { return true; }
  void save_changed(twin::StateRows&) override;
  base::Status load_row(std::string_view key, base::ByteReader& value) override;

  // By rule. On the loop's thread only.
  const std::map<std::string, Score>& scores() const { return scores_; }

 private:
  struct Seen {
    std::string rule;
    flow::CaseOutcome outcome{flow::CaseOutcome::open};
    bool counted{false};
    bool operator==(const Seen&) const = default;
  };
  void on_change(const flow::Change&, flow::Instant at);
  static std::uint64_t& count_of(Score&, flow::CaseOutcome);
  static void put(base::ByteWriter&, const Seen&);
  static void put(base::ByteWriter&, const Score&);
  static Seen get_seen(base::ByteReader&);
  static Score get_score(base::ByteReader&);

  std::unordered_map<flow::EntityId, Seen> cases_;
  std::map<std::string, Score> scores_;
  std::set<std::string> changed_;             // rules whose score is to be written after this record
  std::set<std::string_view> changed_cases_;  // since save_changed()
  std::set<std::string> changed_scores_;
};

}  // namespace cityloop::learn
