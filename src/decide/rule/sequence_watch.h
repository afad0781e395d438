// A, then B: an entity begins to meet B's condition after one (itself, or one nearby) has met A's.
//
// Of each entity the newest stretch of time in which it met A is kept. B is matched at the moment it begins; should the
// reading that made A true come late, B is matched then.
#pragma once

#include "decide/rule/holding_watch.h"
#include "decide/rule/places.h"

namespace cityloop::decide {

class SequenceWatch final : public HoldingWatch {
 public:
  using HoldingWatch::HoldingWatch;
  bool uses_place() const override { return sequence_.distance_m.has_value(); }
  void moved(const Moment&) override;
  void judge(Track&, const Moment&) override;
  void heard(const RuleEvent&, Track&, const Moment&) override;
  void late(Track&, const Moment&, Ordinal, const Reading&) override;
  void forget(Track&, const Moment&, std::string_view reason) override;
  void save(base::ByteWriter&, const Track&) const override;
  void load(base::ByteReader&, Track&) override;
  void loaded() override;

 protected:
  void claim(Layout&) override;
  Verdict assess(Track&, const Moment&) override;
  std::string details(const Track&, const Moment&) const override;
  void on_open(Track&, const Moment&, std::int64_t at_us, const Verdict&) override;

 private:
  struct Memory {
    bool first{false};                                      // meets A now
    std::int64_t first_from{kNoTime}, first_last{kNoTime};  // the newest stretch in which it met A
    bool then{false};                                       // meets B now
    std::int64_t then_from{kNoTime};
    std::string matched;  // id of the entity that met A; empty when none did in time
    std::int64_t matched_at{kNoTime};
  };

  bool plays(const Role&, const Moment&) const;
  void note_first(Track&, const Moment&, bool holds, std::int64_t t);
  void note_then(Track&, const Moment&, bool holds, std::int64_t t);
  void match(Memory&, Thing);
  void offer(const Memory& first, Thing from, Memory& to) const;
  // Those B that began after this A and are still without one.
  void match_waiting(Thing first, const Moment&);
  Memory* memory(Thing);

  Sequence sequence_;
  Condition first_, then_;
  Pool<Memory> pool_;
  Places places_;
  std::int64_t newest_then_{kNoTime};  // when the newest B began
};

}  // namespace cityloop::decide
