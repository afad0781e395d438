// The parts of RuleEngine. Included by engine*.cc only.
#pragma once

#include <mutex>

#include "decide/rule/engine.h"
#include "decide/rule/watch.h"

namespace cityloop::decide {

// Readings observed longer than this before the record's time are still readings; later than this after it are a wrong
// clock's.
inline constexpr std::int64_t kAheadMax_us = 600ll * 1'000'000;
inline constexpr std::int64_t kYear2000_us = 946'684'800ll * 1'000'000;

struct RuleEngine::Inside {
  RuleBookPtr book;
  std::unique_ptr<Board> board;
  std::unique_ptr<FindingDesk> desk;
  Around around;
  std::vector<std::unique_ptr<Watch>> watches;         // as the rules of the book
  std::vector<std::shared_ptr<Tally>> tallies;         // of the same rules
  std::vector<std::vector<std::uint32_t>> dependents;  // rule → those that refer to it
  std::vector<std::uint32_t> placed;                   // rules that want to know where entities are
  std::vector<flow::Finding> orphans;                  // open when a checkpoint was made, of rules that are gone
  std::int64_t now{0};                                 // newest record's time
  std::vector<char> touched;                           // places in the shape's rules, during one change
  Ordinal location{kNoOrdinal};

  std::atomic<std::uint64_t> readings{0}, bad_time{0}, entities{0}, timers{0};
  mutable std::mutex shared_mutex;  // guards what status() reads: shared_book and shared_tallies
  RuleBookPtr shared_book;
  std::vector<std::shared_ptr<Tally>> shared_tallies;

  // Makes watches (or takes those given), binds them and lays out a board for them.
  void assemble(RuleBookPtr, std::vector<std::unique_ptr<Watch>> kept, std::vector<std::shared_ptr<Tally>>);
  void publish();

  void on_change(const flow::Change&);
  Thing admit(const flow::Change&);
  Thing enter(flow::EntityId, const std::vector<flow::Name>& types);
  void leave(Thing, std::string_view reason);
  void leave_rule(Thing, std::uint32_t rule, std::string_view reason);
  // One attribute of a change: its time when it made any rule look again, else kNoTime.
  std::int64_t take(Thing, const Row&, const flow::AttributeChange&);
  void store(const Row&, Ordinal column, const flow::Attribute&, std::int64_t at);
  void catch_up(Thing, const Row&, Ordinal column, std::int64_t at);
  void hear_any(Thing, const Row&, std::int64_t at);
  void judge_touched(Thing, std::int64_t t);
  void run_timers();
  void tell_dependents();

  // What a reload or a load leaves to be done (engine_rules.cc).
  void prime_rules(const std::vector<char>& is_new, const Prime&);
  void look_anew(Thing, const std::vector<char>& is_new, const flow::Entity*);
  void save_rule(base::ByteWriter&, std::uint32_t rule) const;
  base::Status load_rule(base::ByteReader&);
  void rebuild_timers();
};

}  // namespace cityloop::decide
