// How attributes went over time: every observed number, per entity and attribute, in compressed runs.
//
//   log ══▶ [History] ─▶ store table `series`        readers ◀─ samples()
//
// A run holds at most 240 samples and a day; the newest run of each series is also in memory and is written again,
// longer, until it is full. Late readings make runs of their own; reading merges by time, and of two samples of the
// same moment the one that came last counts.
#pragma once

#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "store/store.h"
#include "twin/loop.h"
#include "twin/series.h"

namespace cityloop::twin {

struct SeriesQuery {
  flow::EntityId entity;
  flow::Name attribute;
  flow::Instant from{flow::kNever};
  flow::Instant to{flow::Instant::max()};
  // More are thinned: of each equal stretch of time the lowest and the highest are kept, so peaks stay.
  std::size_t points_max{2000};
};

class History final : public Loop {
 public:
  explicit History(const store::Store&);

  std::string_view name() const override { return "history"; }
  void on_record(const flow::LogRecord&, Outbox&) override;
  void before_checkpoint(Outbox&) override;
  void save(base::ByteWriter&) const override {}
  base::Status load(base::ByteReader&) override { return {}; }

  // Any thread.
  base::Result<std::vector<Sample>> samples(const SeriesQuery&) const;

 private:
  struct Run {
    std::vector<Sample> samples;  // rising times
    std::size_t written{0};       // how many of them are in the store
  };
  struct Series {
    Run open;
    std::vector<Sample> late;  // in order of arrival, not yet written
  };
  static std::uint64_t key(flow::EntityId e, flow::Name n) { return std::uint64_t(e.number()) << 32 | n.number(); }
  void add(flow::EntityId, flow::Name, Sample, Outbox&);
  void write_run(flow::EntityId, flow::Name, Run&, Outbox&);
  void write_all(Outbox&);

  const store::Store& store_;
  mutable std::mutex mutex_;  // the loop's thread writes, any thread reads
  std::unordered_map<std::uint64_t, Series> series_;
  std::vector<std::uint64_t> unwritten_;  // series with something to write
  std::size_t waiting_{0};                // samples in memory only
};

// At most `points_max` of them (see SeriesQuery).
std::vector<Sample> thin(std::vector<Sample>, std::size_t points_max);

}  // namespace cityloop::twin
