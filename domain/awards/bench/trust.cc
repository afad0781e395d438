// What the award record costs: handing in (on disk, with receipt), proofs and opening with a million entries, sealing.
//
//   awards_bench_trust [--entries N]
//
// Times by the wall, as a disk is waited for; medians and the hundredth worst.
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "base/rng.h"
#include "domain/awards/trust/seal.h"

namespace {

using namespace cityloop;
using namespace cityloop::awards;
using Watch = std::chrono::steady_clock;

double us_since(Watch::time_point begun) {
  return std::chrono::duration<double, std::micro>(Watch::now() - begun).count();
}

std::string middle_and_worst(std::vector<double> us) {
  std::ranges::sort(us);
  return fmt::format("{:.1f} | {:.1f}", us[us.size() / 2], us[us.size() * 99 / 100]);
}

base::Result<Receipt> hand_in(Record& record, const base::Clock& clock, int thread, int i) {
  return record.note({.kind = "sheet",
                      .cycle = "city-award-2026",
                      .subject = fmt::format("sheet-{}-{}", thread, i),
                      .by = "juror",
                      .at = clock.now(),
                      .content = R"({"innovation":8,"impact":7})"});
}

// From so many threads at once; gives entries a second.
double hand_in_from(Record& record, const base::Clock& clock, int threads, int each, std::vector<double>& us) {
  std::vector<std::vector<double>> times(static_cast<std::size_t>(threads));
  std::vector<std::thread> running;
  const auto begun = Watch::now();
  for (int t = 0; t < threads; ++t) {
    running.emplace_back([&, t] {
      for (int i = 0; i < each; ++i) {
        const auto one = Watch::now();
        if (!hand_in(record, clock, t, i)) std::abort();
        times[std::size_t(t)].push_back(us_since(one));
      }
    });
  }
  for (auto& thread : running) thread.join();
  const double rate = threads * each / us_since(begun) * 1e6;
  for (const auto& mine : times) us.insert(us.end(), mine.begin(), mine.end());
  return rate;
}

void proofs(const Record& record, const std::string& file, std::uint64_t size) {
  base::Rng rng(9162);
  std::vector<double> inclusion, growth, check;
  for (int i = 0; i < 20'000; ++i) {
    auto begun = Watch::now();
    const Receipt receipt = record.receipt(rng.below(size)).value();
    inclusion.push_back(us_since(begun));
    begun = Watch::now();
    if (!receipt.check()) std::abort();
    check.push_back(us_since(begun));
    begun = Watch::now();
    if (!record.growth(1 + rng.below(size))) std::abort();
    growth.push_back(us_since(begun));
  }
  fmt::print("\n| {} entries, {:.0f} MB | median µs | p99 µs |\n| --- | ---: | ---: |\n", size,
             double(std::filesystem::file_size(file)) / 1e6);
  fmt::print("| a receipt anew: entry read, proof of inclusion | {} |\n", middle_and_worst(inclusion));
  fmt::print("| proof of growth from any size | {} |\n", middle_and_worst(growth));
  fmt::print("| checking a receipt, signature and all | {} |\n", middle_and_worst(check));
}

void sealing(Record& record, const base::Clock& clock) {
  const auto chair = trust::SealingPair::make(), auditor = trust::SealingPair::make(),
             third = trust::SealingPair::make();
  const RoundLock lock{
      .cycle = "city-award-2026",
      .round = "review",
      .closes_at = clock.now() + std::chrono::seconds(20),
      .need = 2,
      .holders = {{"chair", chair.public_key()}, {"auditor", auditor.public_key()}, {"reserve", third.public_key()}}};
  const std::uint64_t opening = lock.log_opening(record, clock.now()).value().entry.n;
  std::vector<SealedSheet> sheets;
  std::vector<double> us;
  for (int i = 0; i < 500; ++i) {
    const auto begun = Watch::now();
    sheets.push_back(seal_sheet(record, lock, fmt::format("sealed-{}", i), std::string(600, '7'), clock.now())->sheet);
    us.push_back(us_since(begun));
  }
  while (clock.now() < lock.closes_at) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  const auto begun = Watch::now();
  const auto opened = open_round(record, lock, opening, clock.now(), {chair, third}, sheets);
  if (!opened || opened->opened.size() != sheets.size()) std::abort();
  fmt::print("\n| sealed sheets, 2 of 3 holders | median µs | p99 µs |\n| --- | ---: | ---: |\n");
  fmt::print("| seal and log one, on disk | {} |\n", middle_and_worst(us));
  fmt::print("| open and check one of {} | {:.1f} | |\n", sheets.size(), us_since(begun) / double(sheets.size()));
}

double megabytes() {
  rusage use{};
  ::getrusage(RUSAGE_SELF, &use);
  return double(use.ru_maxrss) / 1024;
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t entries = 1'000'000;
  if (argc == 3 && std::string_view(argv[1]) == "--entries")
    std::from_chars(argv[2], argv[2] + std::string_view(argv[2]).size(), entries);
  const std::string folder = std::filesystem::temp_directory_path() / fmt::format("awards-bench-{}", ::getpid());
  const base::WallClock clock;
  auto record = Record::open(folder, clock).value();
  fmt::print("| hand in, on disk, with receipt | a second | median µs | p99 µs |\n| --- | ---: | ---: | ---: |\n");
  for (const int threads : {1, 8, 64}) {
    std::vector<double> us;
    const double rate = hand_in_from(*record, clock, threads, 4000 / threads, us);
    fmt::print("| {} at once | {:.0f} | {} |\n", threads, rate, middle_and_worst(us));
  }
  sealing(*record, clock);
  std::fflush(stdout);
  std::vector<double> us;
  const std::uint64_t size = record->head().head.size;
  constexpr int kThreads = 400;
  if (entries > size) hand_in_from(*record, clock, kThreads, int((entries - size) / kThreads), us);
  proofs(*record, folder + "/log.jsonl", record->head().head.size);
  record.reset();
  const double before = megabytes();
  const auto begun = Watch::now();
  record = Record::open(folder, clock).value();
  fmt::print("| opening: every line read, hashed, compared | {:.0f} | |\n\nThe process held {:.0f} MB at most.\n",
             us_since(begun), std::max(before, megabytes()));
  record.reset();
  std::filesystem::remove_all(folder);
  return 0;
}
