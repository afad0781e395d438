// Readings a second through six simple rules on one type, on one core: the quiet path of RuleEngine.
#include <benchmark/benchmark.h>

#include "base/rng.h"
#include "decide/rule/engine.h"

namespace cityloop::decide {
namespace {

constexpr std::string_view kHead =
    "[[rule]]\nname = { zh = \"规则\", en = \"rule\" }\ntitle = { zh = \"{name}\", en = \"{name}\" }\nseverity = "
    "\"minor\"\ntype = \"Road\"\n";

std::string rules() {
  std::string out;
  const auto add = [&](std::string_view id, std::string_view rest) {
    out += fmt::format("{}id = \"{}\"\n{}\n", kHead, id, rest);
  };
  add("jam",
      "kind = \"ratio\"\nnumerator = \"speed\"\ndenominator = \"free\"\ncondition = \"ratio<0.3\"\nclear = "
      "\"ratio>0.5\"\nhold = \"10m\"\n");
  add("fast", "kind = \"threshold\"\ncondition = \"speed>120\"\nhold = \"5m\"\n");
  add("full", "kind = \"threshold\"\ncondition = \"count>100;speed<20\"\n");
  add("empty", "kind = \"threshold\"\ncondition = \"count<0\"\n");
  add("silent", "kind = \"silence\"\nattributes = [\"speed\"]\nafter = \"30m\"\n");
  add("mean", "kind = \"threshold\"\ncondition = \"speed<5\"\nclear = \"speed>10\"\nhold = \"15m\"\n");
  return out;
}

// `records` of 100 changes each, every entity once in 5 minutes.
std::vector<flow::LogRecord> stream(std::size_t entities, std::size_t records) {
  base::Rng rng(1);
  std::vector<flow::EntityId> ids;
  for (std::size_t i = 0; i < entities; ++i) ids.emplace_back(fmt::format("urn:ngsi-ld:Road:{}", i));
  const Instant start = base::parse_time("2026-03-02T00:00:00Z").value();
  const flow::Name type("Road"), speed("speed"), count("count"), free_flow("free"), kmh("KMH");
  std::vector<flow::LogRecord> out;
  std::size_t next = 0;
  for (std::size_t r = 0; r < records; ++r) {
    flow::LogRecord& record = out.emplace_back();
    record.at = start + base::Duration(std::int64_t(double(next) / double(entities) * 300e6));
    for (int c = 0; c < 100; ++c, ++next) {
      flow::Change change;
      change.entity = ids[next % entities];
      change.types = {type};
      change.attributes.push_back({flow::property(speed, rng.uniform(30, 90), record.at, kmh), false, false});
      change.attributes.push_back({flow::property(count, double(rng.below(60)), record.at), false, false});
      if (next < entities) change.attributes.push_back({flow::property(free_flow, 60.0, record.at), false, false});
      record.changes.push_back(std::move(change));
    }
  }
  return out;
}

void quiet_path(benchmark::State& state, const std::string& toml) {
  const auto load = RuleBook::parse({{"bench.toml", toml}});
  if (!load.book) return state.SkipWithError(load.message().c_str());
  const auto records = stream(std::size_t(state.range(0)), std::size_t(state.range(0)) / 100 * 10);
  std::size_t changes = 0;
  std::size_t findings = 0;
  for (auto _ : state) {
    state.PauseTiming();
    auto engine = std::make_unique<RuleEngine>(load.book, base::TimeZone::utc());
    state.ResumeTiming();
    twin::Outbox out;
    for (const auto& record : records) engine->on_record(record, out), changes += record.changes.size();
    findings += out.writes.size();
    state.PauseTiming();
    engine.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(std::int64_t(changes));
  state.counters["findings"] = double(findings);
}

void BM_SixSimpleRules(benchmark::State& state) {
  quiet_path(state, rules());
}
BENCHMARK(BM_SixSimpleRules)->Arg(500)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMillisecond);

void BM_WindowAndUnusual(benchmark::State& state) {
  quiet_path(state,
             fmt::format("{0}id = \"w\"\nkind = \"window\"\nattribute = \"speed\"\naggregate = \"avg\"\nwindow = "
                         "\"1h\"\ncondition = \"window<10\"\n\n{0}id = \"u\"\nkind = \"unusual\"\nattribute = "
                         "\"speed\"\nfloor = 5\ncondition = \"departure>6\"\n",
                         kHead));
}
BENCHMARK(BM_WindowAndUnusual)->Arg(500)->Arg(10'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace cityloop::decide
