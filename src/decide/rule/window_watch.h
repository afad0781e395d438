// Kinds that look back over the readings of a span of time: window and rate.
#pragma once

#include "decide/rule/holding_watch.h"
#include "decide/rule/sample_window.h"

namespace cityloop::decide {

// Readings may come in any order: each takes its place by its observedAt, and the window is then what it would have
// been had they come in order. What is older than the window is counted and passed over. A sample that leaves the
// window is looked at too, at the very moment it does.
class WindowWatch final : public HoldingWatch {
 public:
  using HoldingWatch::HoldingWatch;
  void sample(Track&, const Moment&, Ordinal, double) override;
  void late(Track&, const Moment&, Ordinal, const Reading&) override;
  void forget(Track&, const Moment&, std::string_view reason) override;
  void save(base::ByteWriter&, const Track&) const override;
  void load(base::ByteReader&, Track&) override;

 protected:
  void claim(Layout&) override;
  Verdict assess(Track&, const Moment&) override;
  std::int64_t next_change(const Track&) const override;
  void pass(Track&, std::int64_t t) override;
  std::int64_t clock(const Track& track) const override {
    const Memory* const here = pool_.find(track);
    return here ? here->clock : kNoTime;
  }
  std::string details(const Track&, const Moment&) const override;

 private:
  struct Memory {
    SampleWindow window;
    std::int64_t clock{kNoTime};  // how far time has come for it
  };

  double derive(const Memory&) const;
  // The last moment whose samples are no longer in the window at t. A rate is taken over both ends.
  std::int64_t edge(std::int64_t t) const { return is_rate() ? t - span_us_ - 1 : t - span_us_; }
  bool is_rate() const { return std::holds_alternative<Rate>(ruling_.rule->kind); }
  bool is_sorted() const {
    return !is_rate() && window_.aggregate != Aggregate::avg && window_.aggregate != Aggregate::sum &&
           window_.aggregate != Aggregate::count;
  }
  Memory& memory(Track&);

  Pool<Memory> pool_;
  Ordinal attribute_{kNoOrdinal};
  std::int64_t span_us_{}, per_us_{};
  Window window_;  // of a rate, what bounds its samples
};

}  // namespace cityloop::decide
