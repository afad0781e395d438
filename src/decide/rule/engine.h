// Runs the rules of a book over the log and writes their findings.
//
//   log ══ LogRecord ══▶ [RuleEngine] ─ Finding ─▶ twin ══▶ casework, serve, learn
//
// A rule lives by the observedAt of its readings (the record's own time where there is none); only what must happen
// without a reading (a hold that is over, a silence) waits for LogRecord::at. The same records give the same findings,
// byte for byte, also across a checkpoint. A reading observed before 2000 or more than 10 minutes after its record is
// counted and passed over.
//
// One thread drives it: the loop's. status() and book() may be asked from any. It needs no Twin: a backtest feeds it
// records of its own. Memory: what board.h says, for each entity of a watched type, and what a rule's kind keeps
// (rule.h: samples_max, weeks_kept); open findings; nothing grows with the log.
#pragma once

#include <functional>
#include <memory>

#include "base/time.h"
#include "decide/rule/rule_book.h"
#include "decide/rule/status.h"
#include "twin/loop.h"

namespace cityloop::decide {

class RuleEngine final : public twin::Loop {
 public:
  RuleEngine(RuleBookPtr, base::TimeZone);
  ~RuleEngine() override;

  std::string_view name() const override { return "rules"; }
  void on_record(const flow::LogRecord&, twin::Outbox&) override;
  void save(base::ByteWriter&) const override;
  // Rules that are the same as when it was saved go on; what others had open is cleared with the next record.
  base::Status load(base::ByteReader&) override;

  // Gives all entities of a type as they are now, by calling back.
  using Prime = std::function<void(Name type, const std::function<void(const flow::Entity&)>&)>;
  // Between two records. Rules whose definition is unchanged keep their state; the findings of others are cleared,
  // with the reason. New and changed rules look at once at what `prime` gives.
  void set_rules(RuleBookPtr, const Prime& prime, twin::Outbox&);

  EngineStatus status() const;
  RuleBookPtr book() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace cityloop::decide
