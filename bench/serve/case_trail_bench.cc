// What it costs to find a case's records in a long log: by rows that say where they stand, and what these rows cost.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <filesystem>

#include "base/clock.h"
#include "flow/noun.h"
#include "serve/dossier/case_trail.h"
#include "twin/loop.h"
#include "twin/twin.h"

namespace cityloop::serve {
namespace {

constexpr int kSteps = 20;

flow::EntityId case_id(int number) {
  return flow::EntityId(fmt::format("urn:ngsi-ld:Case:other:{:07}", number));
}

// So many cases that live side by side: of each a record of an action and one of the case in each of its steps.
struct LongLog {
  explicit LongLog(int cases)
      : folder(std::filesystem::temp_directory_path() / fmt::format("cityloop-trail-{}-{}", cases, ::getpid())) {
    std::filesystem::remove_all(folder);
    store = store::Store::open(folder.string()).value();
    twin::TwinOptions options;
    options.durability = store::Durability::buffered;
    twin = twin::Twin::open(*store, clock, options).value();
    for (int step = 0; step < kSteps; ++step) {
      for (int number = 0; number < cases; ++number) put_step(number, step);
    }
    runner = std::make_unique<twin::LoopRunner>(*twin, trail);
    (void)runner->start();
    while (runner->done() < twin->head()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ~LongLog() {
    runner.reset();
    twin.reset();
    store.reset();
    std::filesystem::remove_all(folder);
  }
  void put_step(int number, int step) {
    const auto put = [&](flow::Write write) {
      twin::Commit commit;
      commit.origin = flow::Name("loop:casework");
      commit.writes.push_back(std::move(write));
      twin->submit(std::move(commit), [](const twin::CommitResult&) {});
    };
    put(flow::NounWriter(flow::EntityId(fmt::format("urn:ngsi-ld:Action:{}-{}", number, step)), "Action",
                         flow::WriteMode::upsert)
            .link("target", case_id(number))
            .text("verb", "note")
            .take());
    put(flow::NounWriter(case_id(number), "Case", flow::WriteMode::upsert)
            .text("state", fmt::format("state {}", step))
            .text("description", std::string(400, 'x'))
            .take());
  }

  std::filesystem::path folder;
  base::WallClock clock;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<twin::Twin> twin;
  CaseTrail trail;
  std::unique_ptr<twin::LoopRunner> runner;
};

void records_of_one_case(benchmark::State& state) {
  LongLog log(int(state.range(0)));
  int number = 0;
  std::size_t found = 0;
  for (auto _ : state) {
    number = (number + 7919) % int(state.range(0));
    const auto records =
        records_of(*log.twin, log.runner->done(), {std::string(case_id(number).text()), {}, 20'000, 64u << 20, {}});
    found = records->records.size();
    benchmark::DoNotOptimize(found);
  }
  state.counters["records_of_the_case"] = double(found);
  state.counters["records_of_the_log"] = double(log.twin->head());
}
BENCHMARK(records_of_one_case)->Arg(500)->Arg(5000)->Unit(benchmark::kMillisecond);

void rows_of_one_record(benchmark::State& state) {
  CaseTrail trail;
  flow::LogRecord record;
  record.seq = 1;
  flow::Change change;
  change.entity = flow::EntityId("urn:ngsi-ld:Action:1");
  change.types.push_back(flow::Name("Action"));
  change.attributes.push_back({flow::relationship(flow::Name("target"), case_id(1))});
  record.changes.push_back(change);
  for (auto _ : state) {
    twin::Outbox out;
    trail.on_record(record, out);
    benchmark::DoNotOptimize(out.puts.size());
  }
}
BENCHMARK(rows_of_one_record);

}  // namespace
}  // namespace cityloop::serve
