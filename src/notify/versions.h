// Entities as they were right after a change, however much has happened since.
//
//   twin ─ entity now ──────┐
//   log ─ what came later ──┴▶ [Versions] ─ entity at the change ─▶ wants(), rendering
//
// A loop that keeps up finds the twin's own version. For one that lags the log is read on to its end, once: what the
// twin holds now of each entity that comes there is taken back to what it was, and from then on rolled forward with
// every record. So each value is exact as far back as the log is kept. Of an attribute that changed later and was last
// told long before, a change keeps the value alone: when it was observed and modified is then left out, not guessed.
//
// At most bytes_max of entities are held, beside those of one record: those that come first. When one of the others
// comes, the log is read on anew from there. Lives on one thread.
#pragma once

#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "flow/change.h"
#include "twin/twin.h"

namespace cityloop::notify {

class Versions {
 public:
  static constexpr std::size_t kBytesMax = 32u << 20;
  static constexpr std::size_t kStepRecords = 16'384;

  explicit Versions(const twin::Twin& twin, std::size_t bytes_max = kBytesMax, std::size_t step = kStepRecords)
      : twin_(twin), bytes_max_(bytes_max), step_(step) {}

  // Null when the change erased the entity. To be asked in the order of the log; `index` is that of the change.
  flow::EntityPtr after(const flow::LogRecord&, std::size_t index);
  // The same in steps: nothing while more of the log is to be read on than `step` records. Then ask again, from the
  // record's first change.
  std::optional<flow::EntityPtr> try_after(const flow::LogRecord&, std::size_t index);
  // To be told of each record once it is done with, whether it was asked about or not.
  void follow(const flow::LogRecord&);
  // Somewhere else in the log one begins anew.
  void forget();
  std::size_t bytes() const { return bytes_; }

 private:
  using Key = std::pair<flow::Name, flow::Name>;  // name and datasetId
  // An entity after the newest change that was rolled; before its first one only what that one does not tell is right.
  struct Held {
    flow::EntityPtr entity;     // null: it is not there
    flow::LogRecordPtr only;    // the record of its one change, as long as no other is known: `entity` is as the twin
    std::size_t only_index{0};  // holds it, so most likely as that change left it
    flow::Seq last{0};          // the newest record known to change it
    flow::Instant seen_at;      // modifiedAt of what the twin held, and
    flow::Instant told_at;      // `at` of `last`
    std::vector<Key> settled;   // known as they were, and
    std::vector<Key> timeless;  // among them those whose times are not
    bool complete{false};       // nothing that comes later says more of it
    std::size_t bytes{0};
  };
  void begin(const flow::LogRecord&);
  bool read_on();
  void take(const flow::LogRecordPtr&);
  Held* hold(const flow::Change&, flow::Seq);
  static void open_up(Held&);
  static void take_first(Held&, const flow::Change&);
  static void take_back(Held&, const flow::Change&, flow::Instant at);
  void remember(const flow::Change&);
  bool is_ahead_of_the_log() const;
  void recall();
  void roll(const flow::LogRecord&, std::size_t until);

  const twin::Twin& twin_;
  const std::size_t bytes_max_, step_;
  std::unordered_map<flow::EntityId, Held> held_;
  std::size_t bytes_{0};
  flow::Seq position_{0};  // all up to here was followed
  std::size_t rolled_{0};  // changes of the next record
  flow::Seq reading_{0};   // the record from which the log is read on; 0: it is not
  flow::Seq read_{0};      // as far as it was
  int waits_{0};
};

}  // namespace cityloop::notify
