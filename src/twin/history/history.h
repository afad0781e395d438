// How the city went over time: every instance of every attribute, in compressed runs (ETSI GS CIM 009, clauses 4.5.6 to
// 4.5.8).
//
//   log ══▶ [History] ─▶ store table `series`        readers ◀─ entity(), samples()
//
// Two kinds of changes are read from the log: those of the city's entities, and those to history alone
// (temporal_write.h). What is erased leaves an instance that says when. Entities of our own types have no history here,
// save the values of indicators, which the standard API does not show.
//
// What arrives is kept in memory until a checkpoint, or until it takes open_bytes_max, and is then written as one chunk
// an entity, without reading; an entity's chunks are merged into runs that do not overlap when there are 32 of
// them (history/merge.h). So an append costs the same however much is stored, memory does not grow with the number of
// series, and the newest and any stretch of time are found with one look each. Beside what is open, a megabyte
// is held, and four bytes an entity.
//
// All of it follows from the log, so it goes to the table directly and no writer waits for it (Loop::derives). Each
// flush leaves the sequence of its record in the table, in the same batch: records up to it are passed over when they
// are read again after a crash, so nothing is lost or kept twice. A flush of a checkpoint that the disk refused is held
// and written again with the next one.
//
// Numbers are kept with observedAt to the microsecond and modifiedAt to the millisecond; everything else as it was.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "store/store.h"
#include "twin/history/chunk.h"
#include "twin/history/index_edits.h"
#include "twin/history/merge.h"
#include "twin/history/series.h"
#include "twin/history/temporal_instance.h"
#include "twin/history/temporal_write.h"
#include "twin/loop.h"

namespace cityloop::twin {

// How long what belongs to entities of a type is kept; of several types the longest counts. Zero: for ever. Older runs
// go with the flushes, some entities at a time; readers are shown nothing older at once.
struct HistoryRetention {
  std::map<std::string, base::Duration> types;  // by canonical name (context.h)
  base::Duration otherwise{0};
  bool keeps_all() const { return types.empty() && otherwise == base::Duration::zero(); }
};

struct HistoryOptions {
  std::size_t open_bytes_max{48u << 20};
  HistoryRetention keep;
};

struct SeriesQuery {
  flow::EntityId entity;
  flow::Name attribute;
  flow::Instant from{flow::kNever};
  flow::Instant to{flow::Instant::max()};
  // More are thinned: of each equal stretch of time the lowest and the highest are kept, so peaks stay.
  std::size_t points_max{2000};
};

// Which part of an entity's evolution. Times are those of time_of(): observedAt where there is one.
struct EvolutionQuery {
  flow::Instant from{flow::kNever};
  flow::Instant to{flow::Instant::max()};
  // At most about so many of each series, the oldest or the newest; at least so many where there are. 0: all.
  std::size_t oldest{0}, newest{0};
  bool with_unobserved{true};  // what has no observedAt is there whatever the stretch; a series that has such is whole
  std::function<bool(flow::Name attribute)> wanted;  // null: all
};

struct SeriesEvolution {
  flow::Name attribute, dataset;
  std::vector<Point> points;        // in order
  std::vector<Instance> instances;  // in order
};

struct Evolution {
  history::Frame frame;
  std::vector<SeriesEvolution> series;  // by attribute and datasetId, as texts sort; none is empty
};

class History final : public Loop {
 public:
  explicit History(const store::Store&, HistoryOptions = {});

  std::string_view name() const override { return "history"; }
  void on_record(const flow::LogRecord&, Outbox&) override;
  void before_checkpoint(Outbox&) override;
  void save(base::ByteWriter&) const override {}
  base::Status load(base::ByteReader&) override { return {}; }
  bool derives() const override { return true; }
  base::Status begin_again() override;

  // All below: any thread.

  // One entity's evolution; nothing when history knows none of that name.
  base::Result<std::optional<Evolution>> entity(std::string_view urn, const EvolutionQuery& = {}) const;
  // What is known of an entity without its instances.
  base::Result<std::optional<history::Head>> head(std::string_view urn) const;
  // Every entity that has ever been of the type (of any, when empty), in the order of their names; from the one after
  // `after`. False from the callback stops. Some may not be of the type any more.
  base::Status each(flow::Name type, std::string_view after, const std::function<bool(const std::string& urn)>&) const;
  // An instance by its id; nothing when there is none.
  base::Result<std::optional<Instance>> instance(std::string_view urn, flow::Name attribute, std::string_view id) const;
  // Calls back, once, when readers see the outcome of a record: at once, or from the loop's thread.
  void when_seen(flow::Seq, std::function<void()>);
  // Waits for the same; false when the loop was too far behind for that.
  bool wait_seen(flow::Seq, base::Duration at_most) const;

  // Numbers (true and false as 1 and 0) by their observedAt, for drawing; of two of the same moment the last counts.
  base::Result<std::vector<Sample>> samples(const SeriesQuery&) const;

  struct Stats {
    std::uint64_t points, instances, flushes, chunks, merges, skipped;
  };
  Stats stats() const;

 private:
  // What a reader needs of memory.
  struct Snapshot {
    history::OpenEntity open;
    history::Edits edits;
    flow::Instant now;
    std::uint64_t generation;
    bool is_open;
  };
  using OpenEntities = std::unordered_map<flow::EntityId, history::OpenEntity>;

  void take_change(const flow::Change&, flow::Instant at);
  void take_erased(const flow::Change&, flow::Instant at);
  void take_wish(const flow::Change&, flow::Instant at, Outbox&);
  void take_instances(const TemporalWrite&, flow::Instant at);
  void edit(const TemporalWrite&, flow::Instant at, Outbox&);
  base::Status edit(history::Editor&, const TemporalWrite&, flow::Instant at);
  history::OpenEntity& open(flow::EntityId);
  void add(history::OpenEntity&, Instance);
  void index(flow::EntityId, flow::NameList types, bool present = true);
  void tell_seen(const flow::LogRecord&);
  void count(std::uint64_t Stats::* what);

  void flush(Outbox&);
  void write(flow::EntityId, const history::OpenEntity&);
  void stage(flow::EntityId, const history::Editor&);
  void emit(Outbox&);
  void forget_written();
  void expire(Outbox&);
  base::Status expire(const std::string& urn, Outbox&);
  flow::Instant oldest_kept(const std::vector<flow::Name>& types, flow::Instant now) const;
  history::View view(flow::EntityId) const;

  // Reads until memory and disk were of one moment.
  base::Status consistent(std::string_view urn, const std::function<base::Status(const Snapshot&)>& read) const;
  Snapshot snapshot(std::string_view urn) const;
  base::Status read(std::string_view urn, const EvolutionQuery&, const Snapshot&, std::optional<Evolution>&) const;

  const store::Store& store_;
  const HistoryOptions options_;

  mutable std::mutex mutex_;  // the loop's thread writes, any thread reads
  mutable std::condition_variable seen_more_;
  OpenEntities open_;
  std::size_t open_bytes_{0};
  std::unordered_map<flow::EntityId, history::Edits> unwritten_;  // given to the twin, perhaps not on disk yet
  mutable history::IndexEdits unwritten_index_;                   // likewise, of the type index
  mutable history::IndexEdits staged_index_;                      // for the next flush
  std::uint64_t generation_{0};                                   // counts what moves from open_ into tables
  flow::Seq seen_{0};
  std::multimap<flow::Seq, std::function<void()>> waiting_;
  flow::Instant now_{flow::kNever};  // of the newest record
  Stats stats_{};

  // The loop's alone.
  flow::Seq at_seq_{0};                           // the record at hand
  std::pair<flow::Seq, unsigned> done_{0, 0};     // the last flush that is on disk: record, and which at that record
  std::pair<flow::Seq, unsigned> emitted_{0, 0};  // the last flush that was given to the twin
  std::vector<std::tuple<flow::EntityId, std::string, std::optional<std::string>>> staged_;
  std::vector<std::uint8_t> chunks_of_;  // by the entity's number, wrapped: how many chunks since its last merge
  std::vector<flow::NameList> indexed_;  // by the entity's number: which types were last put into the index
  std::string expired_;                  // the entity up to which expiry has come
};

// At most `points_max` of them (see SeriesQuery).
std::vector<Sample> thin(std::vector<Sample>, std::size_t points_max);

}  // namespace cityloop::twin
