// Runs that were made before: a line of JSON each, so that a measurement that was broken off goes on where it was.
//
//   run ─▶ [TrialStore] ─▶ FILE            FILE ─▶ [TrialStore] ─▶ the runs that need not be made again
//
// A line is taken only if all that its run hangs on is the same: the network's files, controller, its sources and
// settings, seed, scale, SUMO's version. Lines of other versions stay where they are. Several programs may append to
// one file at once: a line is one write.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/json_value.h"
#include "base/json_writer.h"
#include "domain/traffic/simulation/trial.h"

namespace cityloop::traffic {

// What a run came to; the series only where it was asked for, and never stored.
struct Run {
  bool ok{false};
  int vehicles{}, arrived{}, never_entered{};
  bool gridlocked{};
  double delay_s{}, loss_s{}, p50_us{}, p99_us{}, queue_mean{}, queue_max{}, wall_s{};
  std::vector<TrialResult::Point> series;
};

struct RunKey {
  std::string net, controller, version;
  int seed{};
  double scale{};
  auto operator<=>(const RunKey&) const = default;
};

class TrialStore {
 public:
  TrialStore() = default;
  explicit TrialStore(std::filesystem::path path) : path_(std::move(path)) {
    const auto text = base::read_file(path_);
    if (!text) return;  // the first of its runs is still to be made
    for (std::size_t at = 0; at < text->size();) {
      const std::size_t end = std::min(text->find('\n', at), text->size());
      take(std::string_view(*text).substr(at, end - at));
      at = end + 1;
    }
  }

  std::optional<Run> find(const RunKey& key) const {
    const auto found = runs_.find(key);
    return found == runs_.end() ? std::nullopt : std::optional(found->second);
  }

  // A file that cannot be written costs the stored run, not the measurement: false.
  bool add(const RunKey& key, const Run& run) {
    if (path_.empty()) return true;
    runs_[key] = run;
    base::JsonWriter json;
    json.object().field("net", key.net).field("controller", key.controller).field("version", key.version);
    json.field("seed", key.seed).field("scale", key.scale).field("vehicles", run.vehicles);
    json.field("arrived", run.arrived).field("neverEntered", run.never_entered).field("gridlocked", run.gridlocked);
    json.field("delayS", run.delay_s).field("timeLossS", run.loss_s).field("p50Us", run.p50_us);
    json.field("p99Us", run.p99_us).field("queueMean", run.queue_mean).field("queueMax", run.queue_max);
    json.field("wallS", run.wall_s).end();
    const std::string line = json.str() + "\n";
    const int file = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    const bool written = file >= 0 && ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size());
    if (file >= 0) ::close(file);
    return written;
  }

 private:
  void take(std::string_view line) {
    const auto json = base::JsonValue::parse(line);
    if (!json || !json->find("delayS")) return;  // a line that was cut off
    const auto whole = [&](std::string_view name) { return static_cast<int>(json->number_or(name, 0)); };
    const auto real = [&](std::string_view name) { return json->number_or(name, 0); };
    RunKey key{.net = json->text_or("net", ""),
               .controller = json->text_or("controller", ""),
               .version = json->text_or("version", ""),
               .seed = whole("seed"),
               .scale = real("scale")};
    runs_[std::move(key)] = {.ok = true,
                             .vehicles = whole("vehicles"),
                             .arrived = whole("arrived"),
                             .never_entered = whole("neverEntered"),
                             .gridlocked = json->boolean_or("gridlocked", false),
                             .delay_s = real("delayS"),
                             .loss_s = real("timeLossS"),
                             .p50_us = real("p50Us"),
                             .p99_us = real("p99Us"),
                             .queue_mean = real("queueMean"),
                             .queue_max = real("queueMax"),
                             .wall_s = real("wallS")};
  }

  std::filesystem::path path_;
  std::map<RunKey, Run> runs_;
};

}  // namespace cityloop::traffic
