// How fast rows become writes on one core, and what each part of the way costs. On the recorded city where it is there,
// else on rows made up to look like it.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/clock.h"
#include "base/rng.h"
#include "sense/file_feed.h"
#include "sense/record_reader.h"
#include "sense/replay.h"
#include "sense/tables.h"

namespace cityloop::sense {
namespace {

constexpr int kMadeUpRows = 400'000;

struct City {
  MappingPtr mapping;
  Folders folders;
  std::filesystem::path made_up;
  ~City() {
    if (!made_up.empty()) std::filesystem::remove_all(made_up);
  }
};

void make_up(City& city) {
  city.made_up = std::filesystem::temp_directory_path() / fmt::format("cityloop-feed-bench-{}", ::getpid());
  std::filesystem::create_directories(city.made_up);
  std::ofstream segments(city.made_up / "traffic_segments.csv");
  segments << "REPORT_ID,REPORT_NAME,POINT_1_STREET,POINT_1_LAT,POINT_1_LNG,POINT_2_STREET,POINT_2_LAT,POINT_2_LNG,"
              "DISTANCE_IN_METERS,DURATION_IN_SEC,NDT_IN_KMH,ROAD_TYPE\n";
  for (int i = 0; i < 449; ++i) segments << 150'000 + i << ",S,A,56.1,10.1,B,56.2,10.2,900,60,54,MAJOR_ROAD\n";
  std::ofstream rows(city.made_up / "traffic.csv.gz");  // what it is, its first bytes say
  rows << "TIMESTAMP,REPORT_ID,status,avgMeasuredTime,avgSpeed,medianMeasuredTime,vehicleCount\n";
  base::Rng rng(1);
  auto t = base::parse_time("2014-08-18T00:00:00").value();
  for (int i = 0; i < kMadeUpRows; ++i) {
    if (i % 449 == 0) t += std::chrono::minutes(5);
    std::string time = base::format_time(t);
    time.pop_back();
    rows << time << ',' << 150'000 + i % 449 << ",OK," << rng.below(300) << ',' << rng.below(120) << ','
         << rng.below(300) << ',' << rng.below(40) << '\n';
  }
}

const City& city() {
  static City city = [] {
    City out;
    out.mapping = read_mapping("demo/aarhus/feeds/traffic.toml").value();
    const char* shared = std::getenv("CITYLOOP_SHARED");
    out.folders.data = std::filesystem::path(shared ? shared : "../shared") / "data/aarhus";
    if (!std::filesystem::exists(out.folders.data)) {
      make_up(out);
      out.folders.data = out.made_up;
    }
    return out;
  }();
  return city;
}

void records(benchmark::State& state) {
  std::int64_t rows = 0;
  for (auto _ : state) {
    RecordReader reader(ByteSource::open(city().folders.find("traffic.csv.gz").value()).value(), city().mapping->rows);
    for (Record record; reader.next(record); ++rows) benchmark::DoNotOptimize(record.fields.size());
  }
  state.SetItemsProcessed(rows);
}
BENCHMARK(records)->Unit(benchmark::kMillisecond);

void rows_to_writes(benchmark::State& state) {
  const auto tables = load_tables(*city().mapping, city().folders).value();
  std::int64_t rows = 0;
  for (auto _ : state) {
    const auto feed = FileFeed::open(city().mapping, city().folders, tables.known, base::Instant::max()).value();
    for (FeedRow row; feed->next(row); ++rows) benchmark::DoNotOptimize(row.writes.data());
  }
  state.SetItemsProcessed(rows);
}
BENCHMARK(rows_to_writes)->Unit(benchmark::kMillisecond);

class NowhereSink final : public Sink {
 public:
  void submit(twin::Commit commit, std::function<void(const twin::CommitResult&)> done) override {
    done(this->commit(std::move(commit)));
  }
  twin::CommitResult commit(twin::Commit commit) override {
    ++commits;
    benchmark::DoNotOptimize(commit.writes.data());
    return {};
  }
  base::Result<std::optional<std::string>> load(std::string_view) const override { return std::nullopt; }
  std::int64_t commits{0};
};

void rows_to_commits(benchmark::State& state) {
  std::int64_t rows = 0;
  NowhereSink sink;
  for (auto _ : state) {
    FeedBoard board;
    const base::WallClock wall;
    base::ManualClock clock;
    const auto replay = Replay::open({city().mapping}, city().folders, sink, board, {wall, clock, {}, {}}, {}).value();
    while (replay->step()) {
    }
    rows += std::int64_t(replay->rows());
  }
  state.SetItemsProcessed(rows);
  state.counters["commits"] = double(sink.commits) / double(state.iterations());
}
BENCHMARK(rows_to_commits)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace cityloop::sense
