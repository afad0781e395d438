#include <sys/resource.h>

#include <fstream>

#include "app/commands.h"
#include "app/machine.h"
#include "app/packages.h"
#include "base/log.h"
#include "flow/own_types.h"
#include "sense/feed_book.h"
#include "sense/replay.h"
#include "twin/ngsi/ngsi.h"

namespace cityloop::app {
namespace {

using base::Errc;
using base::fail;
using base::Status;

// All findings as the log has them, in its order: what two replays must have alike to the byte. That a finding goes
// with its case to the archive is no word of the rules; when it does follows the case's times.
Status write_findings(const twin::Twin& twin, const std::string& file) {
  std::ofstream out(file);
  if (!out) return fail(Errc::unavailable, "cannot write {}", file);
  for (flow::Seq position = 0;;) {
    const auto records = TRY(twin.read_log(position, 256, {}));
    if (records.empty()) break;
    for (const flow::LogRecordPtr& record : records) {
      position = record->seq;
      for (const flow::Change& change : record->changes) {
        if (!change.is_a(flow::kFindingType) || change.kind == flow::ChangeKind::erased) continue;
        base::JsonWriter line;
        line.object().field("id", change.entity.text());
        for (const flow::AttributeChange& told : change.attributes) {
          twin::render_attribute(line.key(told.now.name.text()), told.now);
        }
        out << line.end().str() << '\n';
      }
    }
  }
  return {};
}

void print_progress(double progress, std::uint64_t rows, double seconds) {
  fmt::print(stderr, "\r{:5.1f} %  {} readings  {:.0f}/s ", progress * 100, rows,
             double(rows) / std::max(seconds, 1e-3));
}

void print_figures(Machine& machine, std::uint64_t rows, double seconds) {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const double cpu_s =
      double(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + double(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
  const auto cases = machine.casework().stats();
  std::uint64_t findings = 0;
  for (const auto& rule : machine.rules().status().rules) findings += rule.findings_total;
  const auto twin = machine.twin().stats();
  fmt::print(
      "readings {}  seconds {:.2f}  readings/s {:.0f}  cpu_s {:.2f}  findings {}  cases {}  records {}  flushes {}  "
      "memory_mb {}\n",
      rows, seconds, double(rows) / seconds, cpu_s, findings, cases.opened, twin.records, twin.flushes,
      used.ru_maxrss / 1024);
}

}  // namespace

Status replay(const ReplayOptions& options) {
  CitySettings settings = TRY(CitySettings::load(options.paths.city));
  if (!settings.city.feed_clock)
    return fail(Errc::invalid, "{}/city.toml: a replay needs clock = \"feed\"", options.paths.city);
  const auto feeds = TRY(sense::FeedBook::load(options.paths.city, options.paths.source));
  Packages packages = TRY(Packages::make(options.packages, settings, options.paths.city, options.paths.data));
  auto machine = TRY(Machine::make(settings, options.paths.data, options.durability, {}, {}, packages.parts()));
  TRY(machine->start());
  const base::WallClock wall;
  sense::FeedBoard board;
  sense::TwinSink sink(machine->twin());
  const sense::ReplayWorld world{wall, *machine->feed_clock(), {}, [&] { return std::size_t(machine->backlog()); }};
  const auto start = std::chrono::steady_clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };
  auto player = TRY(sense::Replay::open(feeds.of_kind(sense::SourceKind::file), feeds.folders, sink, board, world, {}));
  const std::uint64_t rows_before = player->rows();
  player->start();
  while (!player->finished()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    print_progress(player->progress(), player->rows(), seconds());
  }
  fmt::print(stderr, "\n");
  player->stop();
  machine->settle();
  for (const sense::FeedSnapshot& feed : board.all(machine->clock().now())) {
    if (feed.state == sense::FeedState::failed) base::log_error("feed '{}': {}", feed.name, feed.error);
  }
  print_figures(*machine, player->rows() - rows_before, seconds());
  if (!options.findings_file.empty()) TRY(write_findings(machine->twin(), options.findings_file));
  return {};
}

}  // namespace cityloop::app
