// Departure from what is usual for the hour and weekday, learned from the readings as they come. A reading is judged
// first and learned after, and only while nothing is found: a bad day does not become the usual. A finding that stays
// open for longer than relearn_after does.
#pragma once

#include "decide/rule/holding_watch.h"
#include "decide/rule/usual.h"

namespace cityloop::decide {

class UnusualWatch final : public HoldingWatch {
 public:
  using HoldingWatch::HoldingWatch;
  void sample(Track&, const Moment&, Ordinal, double) override;
  void judge(Track&, const Moment&) override;
  void forget(Track&, const Moment&, std::string_view reason) override;
  void save(base::ByteWriter&, const Track&) const override;
  void load(base::ByteReader&, Track&) override;

 protected:
  void claim(Layout&) override;
  Verdict assess(Track&, const Moment&) override;
  std::string details(const Track&, const Moment&) const override;

 private:
  bool may_learn(const Track&, std::int64_t t) const;

  Pool<Usual> pool_;
  Unusual unusual_;
  Ordinal attribute_{kNoOrdinal};
  bool sampled_{false};  // the change being judged brought a reading of the attribute
};

}  // namespace cityloop::decide
