// Several neighbours at once: k of those that lie within a distance of one entity.
//
// An entity counts while its condition has held for its hold time (or while the rule referred to has a finding about
// it), and for `within` after. The one that completes the k has the finding; its whole neighbourhood is then covered,
// and opens no second one. It clears when fewer than k of the neighbourhood count.
#pragma once

#include "decide/rule/holding_watch.h"
#include "decide/rule/places.h"

namespace cityloop::decide {

class NeighboursWatch final : public HoldingWatch {
 public:
  using HoldingWatch::HoldingWatch;
  bool uses_place() const override { return true; }
  void moved(const Moment&) override;
  void wake(Track&, const Moment&) override;
  void heard(const RuleEvent&, Track&, const Moment&) override;
  void forget(Track&, const Moment&, std::string_view reason) override;
  void save(base::ByteWriter&, const Track&) const override;
  void load(base::ByteReader&, Track&) override;
  void loaded() override;

 protected:
  void claim(Layout&) override;
  Verdict assess(Track&, const Moment& m) override { return compare(m.row, kNotKnown); }
  std::int64_t next_change(const Track&) const override { return kNoDeadline; }
  void on_open(Track&, const Moment&, std::int64_t at_us, const Verdict&) override;
  void on_clear(Track&, const Moment&, std::int64_t at_us, const Verdict&) override;

 private:
  struct Member {
    bool counting{false};
    std::int64_t began{kNoTime}, ended{kNoTime};
    std::vector<Thing> covered_by;  // those whose finding covers it, itself among them
    std::vector<Thing> covers;      // the neighbourhood of its own finding; empty without one
  };

  Member* member(Thing);
  bool counts(Thing, std::int64_t t);
  void begin(Track&, const Moment&, std::int64_t t);
  void end(Track&, const Moment&, std::int64_t t);
  // Opens a finding when enough that nothing covers yet count around it.
  void consider(Thing, const Moment&, std::int64_t t);
  void open_around(Thing, const std::vector<Thing>& counting, const Moment&, std::int64_t t);
  // Clears what covers it and has become too few.
  void recount(Thing, const Moment&, std::int64_t t);
  void uncover(Thing about);
  std::string describe(Thing about, const std::vector<Thing>& counting);
  Moment at(Thing, const Moment&, std::int64_t t);
  void plan_end(Track&, Thing, const Member&);

  Neighbours neighbours_;
  Pool<Member> pool_;
  Places places_;
};

}  // namespace cityloop::decide
