// Kinds that look at the newest readings only: threshold and ratio.
#pragma once

#include "decide/rule/holding_watch.h"

namespace cityloop::decide {

class PointWatch final : public HoldingWatch {
 public:
  using HoldingWatch::HoldingWatch;
  // A late reading that breaks a running hold starts it anew from the newest reading, which is known to be past it.
  // What has happened by now is not undone.
  void late(Track&, const Moment&, Ordinal, const Reading&) override;

 protected:
  void claim(Layout&) override;
  Verdict assess(Track&, const Moment&) override;
  std::string details(const Track&, const Moment&) const override;

 private:
  Ordinal numerator_{kNoOrdinal}, denominator_{kNoOrdinal};
};

}  // namespace cityloop::decide
