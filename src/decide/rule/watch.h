// One rule at work. The engine tells it what changed; it keeps its Tracks, asks for timers and has findings written.
//
//   RuleEngine ─ sample, judge, wake ─▶ [Watch] ─ open, clear ─▶ FindingDesk
//
// All times are microseconds since 1970. For one reading the engine calls, in this order: catch_up (while the row still
// shows what was before), sample, judge. Nothing here reads a clock; a Watch lives on the engine's thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "decide/rule/board.h"
#include "decide/rule/condition.h"
#include "decide/rule/finding_desk.h"
#include "decide/rule/timers.h"

namespace cityloop::decide {

// A finding of a rule that other rules refer to was opened or cleared.
struct RuleEvent {
  std::uint32_t rule{};
  std::string_view rule_id;
  Thing thing{};
  bool active{};
  std::int64_t at_us{};
};

// What all watches of an engine share.
struct Around {
  Board* board{};
  Timers timers;
  FindingDesk* desk{};
  base::TimeZone zone{base::TimeZone::utc()};
  std::vector<RuleEvent> events;  // told to those who refer to the rule, once the watch that is at work has returned
};

class Watch {
 public:
  explicit Watch(Around& around) : around_(around) {}
  virtual ~Watch() = default;

  // Before the board is laid out, and again when it is laid out anew: gives the rule its place and claims what it
  // wants.
  void bind(const Rule&, std::uint32_t ordinal, Tally&, bool referred_to, Layout&);
  const Rule& rule() const { return *ruling_.rule; }

  virtual bool uses_place() const { return false; }
  // A new entity of a watched type, its first values not yet there.
  virtual void appear(Track&, const Moment&) {}
  virtual void moved(const Moment&) {}  // its location is another, or is known now
  // Does what fell due before m.t.
  virtual void catch_up(Track&, const Moment& m) = 0;
  // A reading in order, of an attribute that was claimed as a trigger; kNoOrdinal for any other attribute.
  virtual void sample(Track&, const Moment&, Ordinal, double) {}
  // A reading observed before the one held; the row does not show it.
  virtual void late(Track&, const Moment&, Ordinal, const Reading&) { count_late(); }
  // Something it was triggered by has changed at m.t.
  virtual void judge(Track&, const Moment& m) = 0;
  // The time it asked for has come: m.t.
  virtual void wake(Track&, const Moment& m) = 0;
  virtual void heard(const RuleEvent&, Track&, const Moment&) {}
  // The entity goes, or the rule does: clears what is open, and frees what was kept.
  virtual void forget(Track&, const Moment&, std::string_view reason);

  // What is kept beside the Track, by track.memory.
  virtual void save(base::ByteWriter&, const Track&) const {}
  virtual void load(base::ByteReader&, Track&) {}
  virtual void loaded() {}  // all tracks are there: time to build what is derived from them

 protected:
  virtual void claim(Layout&) = 0;

  bool is_selected(const Row& row) const { return !has_where_ || where_.holds(row); }
  void open_finding(Track&, const Moment&, const Opening&);
  void clear_finding(Track&, const Moment&, const Clearing&);
  void ask(Track& track, Thing thing, std::int64_t due) { around_.timers.ask(track, ruling_.ordinal, thing, due); }
  void count_late() { ruling_.tally->late.fetch_add(1, std::memory_order_relaxed); }
  void count_too_late() { ruling_.tally->too_late.fetch_add(1, std::memory_order_relaxed); }
  void count_crowded_out() { ruling_.tally->crowded_out.fetch_add(1, std::memory_order_relaxed); }
  void show(Ordinal);
  Board& board() const { return *around_.board; }

  Around& around_;
  Ruling ruling_;

 private:
  bool referred_to_{false};
  bool has_where_{false};
  Condition where_;
};

// Memory of one kind for many tracks; a track holds its number.
template <class T>
class Pool {
 public:
  T& of(Track& track) {
    if (track.memory == kNone) {
      if (free_.empty()) {
        track.memory = std::uint32_t(items_.size());
        items_.push_back(std::make_unique<T>());
      } else {
        track.memory = free_.back();
        free_.pop_back();
        items_[track.memory] = std::make_unique<T>();
      }
    }
    return *items_[track.memory];
  }
  // Null when the track has none.
  T* find(const Track& track) const { return track.memory == kNone ? nullptr : items_[track.memory].get(); }
  void drop(Track& track) {
    if (track.memory == kNone) return;
    items_[track.memory].reset();
    free_.push_back(track.memory);
    track.memory = kNone;
  }

 private:
  std::vector<std::unique_ptr<T>> items_;
  std::vector<std::uint32_t> free_;
};

std::unique_ptr<Watch> make_watch(const RuleKind&, Around&);

}  // namespace cityloop::decide
