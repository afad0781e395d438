// No reading for too long. Clears when one is heard again.
#pragma once

#include "decide/rule/watch.h"

namespace cityloop::decide {

// track.last is when it was last heard. An entity that was never heard counts from when it was first seen. One timer
// for each entity, put off only when it rings: a reading costs two stores.
class SilenceWatch final : public Watch {
 public:
  using Watch::Watch;
  void appear(Track&, const Moment&) override;
  void catch_up(Track&, const Moment&) override;
  void sample(Track&, const Moment&, Ordinal, double) override;
  void judge(Track&, const Moment&) override;
  void wake(Track&, const Moment&) override;

 protected:
  void claim(Layout&) override;

 private:
  void open_if_silent(Track&, const Moment&, std::int64_t until);

  std::int64_t after_us_{};
  std::vector<Ordinal> attributes_;
};

}  // namespace cityloop::decide
