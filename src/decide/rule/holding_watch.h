// What most kinds have in common: a condition that must hold for a time before a finding opens, and another that must
// hold before it clears. A flapping value opens one finding.
#pragma once

#include "decide/rule/watch.h"

namespace cityloop::decide {

class HoldingWatch : public Watch {
 public:
  using Watch::Watch;

  void catch_up(Track& track, const Moment& m) override { settle(track, m, m.t - 1); }
  void judge(Track&, const Moment&) override;
  void wake(Track&, const Moment&) override;

 protected:
  // With neither, all stays as it is but for a hold, which is broken off.
  struct Verdict {
    bool met{false};
    bool clear{false};
    double derived{kNotKnown};
    const char* reason{"condition"};  // of clearing
  };

  void claim(Layout&) override;
  virtual Verdict assess(Track&, const Moment&) = 0;
  // Of a derived value that changes without a reading: when it next does, and its change.
  virtual std::int64_t next_change(const Track&) const { return kNoDeadline; }
  virtual void pass(Track&, std::int64_t) {}
  // How far it has come by such changes: a reading that is told after that is judged as of then.
  virtual std::int64_t clock(const Track&) const { return kNoTime; }
  // JSON members that explain the derived value.
  virtual std::string details(const Track&, const Moment&) const { return {}; }
  // What becomes of a hold that is over: a finding, unless a kind has other use for it.
  virtual void on_open(Track&, const Moment&, std::int64_t at_us, const Verdict&);
  virtual void on_clear(Track&, const Moment&, std::int64_t at_us, const Verdict&);

  // Does what falls due until and including `until`, in order of time.
  void settle(Track&, const Moment&, std::int64_t until);
  void step(Track&, const Moment&, std::int64_t t);
  void plan(Track&, const Moment&);
  // From the conditions alone, with the derived value given.
  Verdict compare(const Row&, double derived) const;

  Holding holding_;
  Condition condition_, clear_;
  bool has_clear_{false};
};

}  // namespace cityloop::decide
