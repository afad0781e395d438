// Fills a data folder with a city's cases, as ./city bench cases needs them: open ones filed and accepted through the
// city's own loops, and ended ones as an import would bring them: rows of the archive, written behind the log, after
// which the loop of cases is told how many there are.
//
//   case_seed CITY DATA --open 100000 --ended 2000000 --within 900
//
// All open cases are filed at one moment, so that they are all due in the same second: `within` seconds, the limit of
// their kinds, after the filing began. Four fifths of that must be enough for all of it: then come the warnings.
// What is in them follows from a seed. A line of figures goes to standard output.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <map>
#include <string>

#include "app/machine.h"
#include "base/log.h"
#include "base/rng.h"
#include "bench/casework/fill.h"
#include "casework/case_archive.h"
#include "casework/case_code.h"
#include "flow/noun.h"
#include "store/record.h"

namespace cityloop {
namespace {

using base::Rng;
using bench::any;
using bench::Content;
using bench::content_of;
using bench::kAreas;
using bench::kDepartments;
using bench::kStreets;
using flow::Case;
using flow::EntityId;
using flow::Instant;

// How long ago the newest ended case was filed (9 days), over how long a time they were (1,500 days), and how long they
// took at most (3 days).
constexpr std::uint64_t kFresh_min{12960}, kSpan_min{2160000}, kWork_min{4320};

// A life of nine steps, as the city's workflow has it.
Case ended_case(Rng& rng, std::uint64_t number, Instant newest, const std::string& rules) {
  const Content content = content_of(rng);
  Case one;
  one.id = EntityId(fmt::format("urn:ngsi-ld:Case:{}:import-{:08}", content.kind, number));
  one.kind = content.kind;
  one.title = content.title;
  one.description = content.description;
  one.address = content.address;
  one.location = content.location;
  one.department = content.department;
  one.area = content.area;
  one.category = content.category;
  one.severity = content.severity;
  one.channel = rng.below(3) ? "citizen" : "hotline";
  one.code = fmt::format("{:04}-{:04}", number / 10000, number % 10000);
  one.opened_by = fmt::format("user:desk-{}", rng.below(60));
  one.holder = one.worked_by = fmt::format("user:worker-{}", rng.below(900));
  one.rules = rules;
  one.workflow = "city";
  one.opened_at = newest - std::chrono::minutes(kFresh_min + rng.below(kSpan_min));
  one.closed_at = one.opened_at + std::chrono::minutes(30 + rng.below(kWork_min));
  one.due_at = one.opened_at + std::chrono::hours(24);
  one.overdue = one.closed_at > one.due_at;
  one.stage = flow::CaseStage::rating;
  one.state = rng.below(12) ? "closed" : "refused";
  one.outcome = one.state == "closed" ? flow::CaseOutcome::confirmed : flow::CaseOutcome::refused;
  one.rating = std::uint32_t(rng.below(6));
  static constexpr std::pair<const char*, const char*> kLife[] = {
      {"file", "filed"},      {"dispatch", "dispatched"}, {"accept", "working"},
      {"note", "working"},    {"report", "reported"},     {"verify", "working"},
      {"report", "reported"}, {"verify", "closed"},       {"rate", "closed"}};
  Instant at = one.opened_at;
  for (const auto& [verb, to] : kLife) {
    one.timeline.push_back({at, one.holder, verb, to, "已到现场处理 / on the spot", "", "worker@department", ""});
    at += (one.closed_at - one.opened_at) / 8;
  }
  return one;
}

// Entities of some thousand lives, which differ in words, places and people; what is one case's own is put in their
// stead.
class Lives {
 public:
  explicit Lives(Instant newest, const std::string& rules) : newest_(newest) {
    for (std::uint64_t i = 0; i < kLives; ++i)
      lives_.push_back(entity_of(to_write(ended_case(rng_, i, newest, rules))));
  }
  flow::Entity next(std::uint64_t number) {
    flow::Entity one = lives_[rng_.below(kLives)];
    const std::string_view id = one.id.text();
    one.id = EntityId(fmt::format("{}:import-{:08}", id.substr(0, id.rfind(':')), number));
    const Instant opened = newest_ - std::chrono::minutes(kFresh_min + rng_.below(kSpan_min));
    const Instant closed = opened + std::chrono::minutes(30 + rng_.below(kWork_min));
    put(one, "code", fmt::format("{:04}-{:04}", number / 10000, number % 10000));
    put(one, "openedAt", base::format_time(opened));
    put(one, "closedAt", base::format_time(closed));
    put(one, "holder", fmt::format("user:worker-{}", rng_.below(900)));
    put(one, "department", std::string(any(rng_, kDepartments)));
    put(one, "area", std::string(any(rng_, kAreas)));
    put(one, "category", fmt::format("{:02}{:02}", 1 + rng_.below(5), 1 + rng_.below(8)));
    put(one, "address", fmt::format("{}{}号", any(rng_, kStreets), rng_.below(400)));
    put(one, "location",
        flow::Json{fmt::format(R"({{"type":"Point","coordinates":[{:.6f},{:.6f}]}})", 120.137 + .0315 * rng_.uniform(),
                               30.2425 + .025 * rng_.uniform())});
    return one;
  }

 private:
  static constexpr std::uint64_t kLives = 4000;
  static void put(flow::Entity& entity, std::string_view name, const flow::Value& value) {
    const flow::Name wanted(name);
    for (flow::Attribute& mine : entity.attributes) {
      if (mine.name == wanted) mine.value = value;
    }
  }
  static void put(flow::Entity& entity, std::string_view name, const std::string& text) {
    put(entity, name, flow::Value(flow::Text(text)));
  }

  const Instant newest_;
  Rng rng_{2026};
  std::vector<flow::Entity> lives_;
};

std::uint64_t fill_archive(app::Machine& machine, std::uint64_t count, const std::string& rules) {
  Lives lives(machine.clock().now(), rules);
  store::Store& store = machine.twin().store();
  std::uint64_t bytes = 0;
  for (std::uint64_t number = 0; number < count;) {
    std::vector<twin::TablePut> rows;
    for (int i = 0; i < 500 && number < count; ++i, ++number) {
      const flow::Entity one = lives.next(number);
      casework::add_to_archive(number, one.id, store::encode(one), rows);
    }
    store::Batch batch;
    for (const twin::TablePut& row : rows) {
      twin::add_to(batch, row);
      bytes += row.key.size() + row.value.size();
    }
    const base::Status put = store.derive(batch, store.generation());
    if (!put) throw std::runtime_error(put.error().message);
    if (number % 100'000 == 0) base::log_info("{} of {} ended cases", number, count);
  }
  if (const base::Status kept = store.persist(true); !kept) throw std::runtime_error(kept.error().message);
  machine.continue_archive_at(count);
  return bytes;
}

int run(int argc, char** argv) {
  std::map<std::string, std::string> given{{"--open", "100000"}, {"--ended", "2000000"}, {"--within", "900"}};
  for (int i = 3; i + 1 < argc; i += 2) given[argv[i]] = argv[i + 1];
  if (argc < 3) {
    std::fprintf(stderr, "case_seed CITY DATA [--open N] [--ended N] [--within SECONDS]\n");
    return 2;
  }
  const auto settings = app::CitySettings::load(argv[1]);
  if (!settings) throw std::runtime_error(settings.error().message);
  auto machine = app::Machine::make(*settings, argv[2], "interval", {});
  if (!machine) throw std::runtime_error(machine.error().message);
  if (const base::Status started = (*machine)->start(); !started) throw std::runtime_error(started.error().message);
  auto seconds = [begun = std::chrono::steady_clock::now()]() mutable {
    const auto now = std::chrono::steady_clock::now();
    return std::chrono::duration<double>(now - std::exchange(begun, now)).count();
  };
  const std::uint64_t bytes = fill_archive(**machine, std::stoull(given["--ended"]), settings->case_rules->version());
  const double ended_s = seconds();
  const Instant due = (*machine)->clock().now() + std::chrono::seconds(std::stoll(given["--within"]));
  bench::file_open(**machine, std::stoull(given["--open"]), due - std::chrono::seconds(std::stoll(given["--within"])));
  const auto stats = (*machine)->casework().stats();
  std::printf(
      "FIGURES "
      "{\"due_ms\":%lld,\"open\":%llu,\"archived\":%llu,\"refused\":%llu,\"archive_bytes\":%llu,\"ended_s\":%.1f,"
      "\"open_s\":%.1f}\n",
      static_cast<long long>(base::to_ms(due)), static_cast<unsigned long long>(stats.open_now),
      static_cast<unsigned long long>(stats.archived), static_cast<unsigned long long>(stats.actions_refused),
      static_cast<unsigned long long>(bytes), ended_s, seconds());
  return 0;
}

}  // namespace
}  // namespace cityloop

int main(int argc, char** argv) {
  try {
    return cityloop::run(argc, argv);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "case_seed: %s\n", problem.what());
    return 1;
  }
}
