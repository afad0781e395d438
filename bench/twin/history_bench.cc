// What history costs: appending, the bytes a sample takes, and reading a little of much.
//
// 10,000,000 samples are stored first; CITYLOOP_HISTORY_SAMPLES says another number (100000000 for the table).
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <tuple>

#include <benchmark/benchmark.h>

#include "base/clock.h"
#include "base/rng.h"
#include "store/store.h"
#include "twin/history/history.h"
#include "twin/history/temporal_query.h"
#include "twin/twin.h"

namespace cityloop::twin {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr int kDayReadings = 288;  // one every five minutes
const flow::Name kType("TrafficFlowObserved"), kSpeed("averageVehicleSpeed"), kUnit("KMH");
const flow::Instant kBegin = base::from_ms(1'767'225'600'000);  // 2026-01-01

std::size_t wanted_samples() {
  const char* const text = std::getenv("CITYLOOP_HISTORY_SAMPLES");
  return text ? std::strtoull(text, nullptr, 10) : 10'000'000;
}

std::string urn(int entity) {
  return fmt::format("urn:ngsi-ld:TrafficFlowObserved:bench-{:06}", entity);
}

// One reading of each of some entities, as the log tells it; it arrives some tenths of a second late.
class Feed {
 public:
  explicit Feed(int entities) {
    for (int i = 0; i < entities; ++i) {
      ids_.emplace_back(urn(i));
      speeds_.push_back(500 + double(rng_.below(700)));
    }
  }
  std::size_t size() const { return ids_.size(); }
  flow::LogRecord record(flow::Seq seq, flow::Instant at, std::size_t from, std::size_t count) {
    flow::LogRecord record;
    record.seq = seq;
    record.at = at + std::chrono::milliseconds(200 + rng_.below(400));
    for (std::size_t i = from; i < std::min(from + count, ids_.size()); ++i) {
      speeds_[i] = std::clamp(speeds_[i] + double(rng_.below(120)) - 60, 0.0, 1300.0);
      flow::Change change;
      change.entity = ids_[i];
      change.types = {kType};
      flow::Attribute speed = flow::property(kSpeed, std::round(speeds_[i]) / 10, at, kUnit);
      speed.created_at = kBegin;
      speed.modified_at = record.at + std::chrono::milliseconds(rng_.below(80));
      change.attributes.push_back({std::move(speed)});
      record.changes.push_back(std::move(change));
    }
    return record;
  }

 private:
  base::Rng rng_{42};
  std::vector<flow::EntityId> ids_;
  std::vector<double> speeds_;
};

// As its loop writes what a history derives (loop.cc): rows in the order of their keys, past the journal.
void derive(store::Store& store, Outbox& outbox) {
  if (outbox.empty()) return;
  std::ranges::stable_sort(outbox.puts, {}, [](const TablePut& put) { return std::tie(put.table, put.key); });
  store::Batch batch;
  for (const TablePut& put : outbox.puts) {
    switch (put.op) {
      case TableOp::put: batch.put(put.table, put.key, put.value); break;
      case TableOp::erase: batch.erase(put.table, put.key); break;
      case TableOp::erase_range: batch.erase_range(put.table, put.key, put.value); break;
    }
  }
  if (!store.derive(batch, store.generation())) std::abort();
}

// A history of all samples, stored once for all benchmarks that read.
class Stored {
 public:
  static Stored& one() {
    static Stored stored;
    return stored;
  }
  ~Stored() {
    history_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  const History& history() const { return *history_; }
  std::size_t samples() const { return samples_; }
  double append_per_s() const { return append_per_s_; }
  int entities() const { return int(feed_.size()); }
  std::size_t rounds() const { return rounds_; }

  // Bytes of all keys and values that hold samples, before the store's own compression.
  double bytes_per_sample() const {
    std::size_t bytes = 0;
    const auto count = [&](std::string_view key, std::string_view value) { return bytes += key.size() + value.size(); };
    if (!store_->scan(store::Table::series, "\1", "\2", count)) std::abort();
    return double(bytes) / double(samples_);
  }
  double table_bytes_per_sample() const {
    std::uintmax_t bytes = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder_)) {
      if (file.path().extension() == ".sst") bytes += file.file_size();
    }
    return double(bytes) / double(samples_);
  }

 private:
  Stored() {
    std::filesystem::remove_all(folder_);
    store_ = store::Store::open(folder_.string()).value();
    history_ = std::make_unique<History>(*store_);
    rounds_ = wanted_samples() / feed_.size();
    const auto begun = std::chrono::steady_clock::now();
    flow::Seq seq = 0;
    for (std::size_t round = 0; round < rounds_; ++round) {
      for (std::size_t from = 0; from < feed_.size(); from += 1000) {
        Outbox outbox;
        history_->on_record(feed_.record(++seq, kBegin + minutes(5) * round, from, 1000), outbox);
        derive(*store_, outbox);
      }
    }
    Outbox last;
    history_->before_checkpoint(last);
    derive(*store_, last);
    samples_ = rounds_ * feed_.size();
    append_per_s_ = double(samples_) / std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    if (!store_->persist()) std::abort();
  }
  const std::filesystem::path folder_{std::filesystem::temp_directory_path() /
                                      fmt::format("cityloop-history-bench-{}", ::getpid())};
  Feed feed_{10'000};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<History> history_;
  std::size_t samples_{0}, rounds_{0};
  double append_per_s_{0};
};

// The loop's own work for readings of entities that the log tells: taking them in, chunks, merging.
void append(benchmark::State& state) {
  const Stored& stored = Stored::one();
  for (auto _ : state) benchmark::DoNotOptimize(stored.append_per_s());
  state.counters["samples"] = double(stored.samples());
  state.counters["samples_per_s"] = stored.append_per_s();
  state.counters["bytes_per_sample"] = stored.bytes_per_sample();
  state.counters["table_bytes_per_sample"] = stored.table_bytes_per_sample();
}
BENCHMARK(append)->Iterations(1);

void read_1000_samples(benchmark::State& state) {
  const Stored& stored = Stored::one();
  base::Rng rng(7);
  const std::int64_t rounds = std::int64_t(stored.rounds());
  std::size_t read = 0;
  for (auto _ : state) {
    EvolutionQuery query;
    query.from = kBegin + minutes(5) * std::int64_t(rng.below(std::uint64_t(std::max<std::int64_t>(rounds - 1000, 1))));
    query.to = query.from + minutes(5) * 1000;
    const auto evolution =
        stored.history().entity(urn(int(rng.below(std::uint64_t(stored.entities())))), query).value();
    read += evolution->series.front().points.size();
  }
  state.counters["samples_each"] = double(read) / double(state.iterations());
}
BENCHMARK(read_1000_samples)->Unit(benchmark::kMillisecond);

void newest_1000_samples(benchmark::State& state) {
  const Stored& stored = Stored::one();
  base::Rng rng(8);
  for (auto _ : state) {
    EvolutionQuery query;
    query.newest = 1000;
    benchmark::DoNotOptimize(stored.history().entity(urn(int(rng.below(std::uint64_t(stored.entities())))), query));
  }
}
BENCHMARK(newest_1000_samples)->Unit(benchmark::kMillisecond);

// A day by the hour, of 1,000 entities.
void day_by_hour_of_1000_entities(benchmark::State& state) {
  const Stored& stored = Stored::one();
  base::Rng rng(9);
  TemporalQuery query;
  query.methods = {AggregateMethod::avg, AggregateMethod::min, AggregateMethod::max};
  query.period = Period::parse("PT1H").value();
  const std::size_t days = std::max<std::size_t>(stored.rounds() / kDayReadings, 1);
  std::size_t bytes = 0;
  for (auto _ : state) {
    EvolutionQuery day;
    day.from = kBegin + std::chrono::hours(24) * std::int64_t(rng.below(days));
    day.to = day.from + std::chrono::hours(24);
    const int first = int(rng.below(std::uint64_t(stored.entities() - 1000)));
    for (int i = 0; i < 1000; ++i) {
      const auto evolution = stored.history().entity(urn(first + i), day).value();
      Aggregation sums(query, day.from, day.to);
      for (const Point& point : evolution->series.front().points) sums.add(point.at, point.value);
      base::JsonWriter out;
      out.object();
      sums.write(out);
      bytes += out.end().str().size();
    }
  }
  state.counters["bytes"] = double(bytes) / double(state.iterations());
}
BENCHMARK(day_by_hour_of_1000_entities)->Unit(benchmark::kMillisecond);

// A million entities of one series each: what the loop holds and how fast it goes.
void append_to_a_million_series(benchmark::State& state) {
  const auto folder = std::filesystem::temp_directory_path() / fmt::format("cityloop-history-wide-{}", ::getpid());
  std::filesystem::remove_all(folder);
  {
    const auto store = store::Store::open(folder.string()).value();
    History history(*store);
    Feed feed(1'000'000);
    flow::Seq seq = 0;
    std::size_t from = 0;
    for (auto _ : state) {
      state.PauseTiming();
      ++seq;
      const auto record = feed.record(seq, kBegin + minutes(5) * std::int64_t(seq / 1000), from, 1000);
      from = (from + 1000) % feed.size();
      state.ResumeTiming();
      Outbox outbox;
      history.on_record(record, outbox);
      derive(*store, outbox);
    }
    state.SetItemsProcessed(state.iterations() * 1000);
  }
  std::filesystem::remove_all(folder);
}
BENCHMARK(append_to_a_million_series)->Iterations(3000)->UseRealTime();

}  // namespace
}  // namespace cityloop::twin
