// Who is on duty in a city of two hundred crews and twelve hundred people; what their rosters lack in two weeks.
#include <benchmark/benchmark.h>

#include "duty/duty_change.h"
#include "duty/duty_rules.h"
#include "duty/roster_gaps.h"

namespace cityloop::duty {
namespace {

constexpr const char* kWords = R"(
[[skill]]
id = "pump"
name = { zh = "水泵", en = "Pumps" }
[[shift]]
id = "early"
name = { zh = "早", en = "Early" }
from = "06:00"
until = "14:00"
[[shift]]
id = "night"
name = { zh = "夜", en = "Night" }
from = "22:00"
until = "06:00"
[[pattern]]
id = "round"
name = { zh = "轮", en = "Round" }
begins = "2026-01-01"
cycle = ["early", "early", "night", "night", "-", "-"]
[[need]]
department = "d0"
skill = "pump"
[[need]]
department = "d1"
skill = "pump"
)";
constexpr int kPeople = 6;

RosterPtr city(int crews) {
  std::string toml = kWords, people = "id,name_zh,name_en,crew,skills\n";
  for (int crew = 0; crew < crews; ++crew) {
    toml += fmt::format(
        "[[crew]]\nid = \"c{}\"\nname = {{ zh = \"班\", en = \"Crew\" }}\ndepartment = \"d{}\"\nbase = [120, "
        "30]\nleast = "
        "2\n",
        crew, crew % 5);
    for (int person = 0; person < kPeople; ++person) {
      people += fmt::format("user:p{}-{},人,Person,c{},{}\n", crew, person, crew, person ? "" : "pump");
      toml += fmt::format(
          "[[roster]]\nid = \"r{}-{}\"\ncrew = \"c{}\"\npeople = [\"user:p{}-{}\"]\npattern = \"round\"\nfrom = "
          "\"2026-01-01\"\nto = \"2030-01-01\"\noffset = {}\n",
          crew, person, crew, crew, person, person);
    }
  }
  std::vector<DutyChange> away;
  for (int crew = 0; crew < crews; crew += 4) {
    DutyChange one;
    one.id = EntityId(fmt::format("urn:ngsi-ld:DutyChange:{}", crew));
    one.person = fmt::format("user:p{}-1", crew);
    one.from = base::parse_time("2026-03-03T00:00:00Z").value();
    one.until = one.from + std::chrono::hours(72);
    one.status = ChangeStatus::granted;
    away.push_back(std::move(one));
  }
  return Roster::make(DutyRules::parse({{"a.toml", toml}, {"people.csv", people}}, {}).value(), std::move(away));
}

const Instant kMonday = base::parse_time("2026-03-02T00:00:00Z").value();

void on_duty_for_a_day(benchmark::State& state) {
  const RosterPtr roster = city(int(state.range(0)));
  std::size_t spans = 0;
  for (auto _ : state) spans = roster->on_duty(kMonday, kMonday + std::chrono::hours(24)).size();
  state.counters["spans"] = double(spans);
}
BENCHMARK(on_duty_for_a_day)->Arg(20)->Arg(200)->Unit(benchmark::kMicrosecond);

void crews_of_a_person(benchmark::State& state) {
  const RosterPtr roster = city(int(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(roster->crews_of("user:p7-3", kMonday));
}
BENCHMARK(crews_of_a_person)->Arg(20)->Arg(200);

void gaps_of_two_weeks(benchmark::State& state) {
  const RosterPtr roster = city(int(state.range(0)));
  std::vector<Holding> holdings;
  for (int i = 0; i < 10'000; ++i)
    holdings.push_back({fmt::format("{:015}", i), {}, {fmt::format("user:p{}-1", i % state.range(0))}});
  std::size_t gaps = 0;
  for (auto _ : state) gaps = gaps_of(*roster, holdings, kMonday, kMonday + std::chrono::hours(24 * 14)).size();
  state.counters["gaps"] = double(gaps);
}
BENCHMARK(gaps_of_two_weeks)->Arg(20)->Arg(200)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace cityloop::duty
