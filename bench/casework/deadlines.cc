// How long it takes until the deadlines of many cases that fall in one second are all dealt with, and what each thread
// of the city pays for a case: the time by the wall says little on a busy machine, the processor's time says all.
//
//   case_deadlines FOLDER --cases 20000 --within 60
//
// Makes a city of its own in FOLDER (the demonstration district with five kinds whose limit is `within` seconds), files
// the cases at one moment, and waits for their warnings and for their end. FOLDER must not exist. Runs in the root of
// the repository.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "bench/casework/fill.h"

namespace cityloop {
namespace {

using base::Duration;
using flow::Instant;

constexpr const char* kSourceCity = "demo/district";

std::string make_city(const std::string& folder, const std::string& within_s) {
  const std::string city = folder + "/city";
  std::filesystem::create_directories(folder);
  std::filesystem::copy(kSourceCity, city, std::filesystem::copy_options::recursive);
  std::ofstream out(city + "/casework/cases.toml", std::ios::app);
  for (const char* const kind : bench::kKinds) {
    out << "\n[[case]]\nid = \"" << kind << "\"\nname = { zh = \"" << kind << "\", en = \"" << kind << "\" }\n"
        << "workflow = \"city\"\nclose_within = \"" << within_s << "s\"\nverify_hold = \"0s\"\ndepartment = \"water\"\n"
        << "escalate_to = \"supervisor\"\nauto_close = false\n";
  }
  return city;
}

// Seconds of the processor by the name of the thread.
std::map<std::string, double> cpu_of_threads() {
  std::map<std::string, double> out;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream stat(task.path() / "stat");
    std::string line;
    std::getline(stat, line);
    const std::size_t open = line.find('('), close = line.rfind(')');
    if (open == line.npos || close == line.npos) continue;
    // The 14th and 15th of its fields, in hundredths of a second; the third comes behind the name.
    std::istringstream rest(line.substr(close + 2));
    std::string skipped;
    for (int field = 3; field < 14; ++field) rest >> skipped;
    std::uint64_t user = 0, kernel = 0;
    if (rest >> user >> kernel) out[line.substr(open + 1, close - open - 1)] += double(user + kernel) / 100;
  }
  return out;
}

void tell_cpu(const std::map<std::string, double>& before, std::uint64_t cases) {
  double all = 0;
  for (const auto& [name, seconds] : cpu_of_threads()) {
    const auto known = before.find(name);
    const double used = seconds - (known == before.end() ? 0 : known->second);
    all += used;
    if (used >= 0.02) std::printf("  %-16s %8.1f us a case\n", name.c_str(), used * 1e6 / double(cases));
  }
  std::printf("  %-16s %8.1f us a case\n", "all threads", all * 1e6 / double(cases));
}

// Polls until so many are dealt with; gives milliseconds behind `due` of the first, of half of them, and of the last.
template <class Done>
void wait_for(const app::Machine& machine, Instant due, std::uint64_t cases, const char* what, Done&& done) {
  const auto until = due - std::chrono::milliseconds(20);
  while (machine.clock().now() < until) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const auto before = cpu_of_threads();
  long long first = -1, half = -1, last = -1;
  while (last < 0) {
    const std::uint64_t by_now = done();
    const long long late = (machine.clock().now() - due).count() / 1000;
    if (by_now > 0 && first < 0) first = late;
    if (by_now * 2 >= cases && half < 0) half = late;
    if (by_now >= cases) last = late;
    if (late > 600'000) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  machine.settle();
  const long long settled = (machine.clock().now() - due).count() / 1000;
  std::printf("%s of %llu cases in one second: first after %lld ms, half %lld ms, last %lld ms, all loops %lld ms\n",
              what, static_cast<unsigned long long>(cases), first, half, last, settled);
  tell_cpu(before, cases);
}

int run(int argc, char** argv) {
  std::map<std::string, std::string> given{{"--cases", "20000"}, {"--within", "60"}, {"--durability", "flushed"}};
  for (int i = 2; i + 1 < argc; i += 2) given[argv[i]] = argv[i + 1];
  if (argc < 2 || std::filesystem::exists(argv[1])) {
    std::fprintf(stderr, "case_deadlines NEW-FOLDER [--cases N] [--within SECONDS] [--durability flushed|interval]\n");
    return 2;
  }
  const std::string folder = argv[1];
  const auto settings = app::CitySettings::load(make_city(folder, given["--within"]));
  if (!settings) throw std::runtime_error(settings.error().message);
  auto made = app::Machine::make(*settings, folder + "/data", given["--durability"], {});
  if (!made) throw std::runtime_error(made.error().message);
  app::Machine& machine = **made;
  if (const base::Status started = machine.start(); !started) throw std::runtime_error(started.error().message);
  const std::uint64_t cases = std::stoull(given["--cases"]);
  const Duration within = std::chrono::seconds(std::stoll(given["--within"]));
  const Instant at = machine.clock().now();
  const auto before = cpu_of_threads();
  bench::file_open(machine, cases, at);
  std::printf("%llu cases filed in %.1f s\n", static_cast<unsigned long long>(cases),
              double((machine.clock().now() - at).count()) / 1e6);
  tell_cpu(before, cases);
  const std::uint64_t told = machine.casework().stats().escalated;
  wait_for(machine, at + within, cases, "deadlines", [&] { return machine.casework().stats().escalated - told; });
  machine.stop();
  return 0;
}

}  // namespace
}  // namespace cityloop

int main(int argc, char** argv) {
  try {
    return cityloop::run(argc, argv);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "case_deadlines: %s\n", problem.what());
    return 1;
  }
}
