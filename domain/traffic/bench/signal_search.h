// Other settings of the planner, tried against those of the house on the same networks and seeds.
//
//   start ─▶ [search_settings] ─ one to three dials turned at a time ─▶ the best found ─▶ both once more, on other
//   seeds
//
// What is made small is the mean over the networks of delay, in parts of the start's on the same seed: no network
// counts more for being slow. A run that stands still counts four times the start's, not more: it is to be mended, not
// to be searched away. A try is broken off when it is 2 % behind halfway. The last table is the one to believe: its
// seeds took no part.
#pragma once

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <libsumo/Simulation.h>

#include "base/fingerprint.h"
#include "base/rng.h"
#include "domain/traffic/bench/planner_dials.h"
#include "domain/traffic/bench/trial_process.h"
#include "domain/traffic/bench/trial_store.h"
#include "trial_version.h"

namespace cityloop::traffic {

using Configs = std::vector<std::pair<std::string, std::filesystem::path>>;

// Makes a run, or finds it in the store.
class TrialRunner {
 public:
  explicit TrialRunner(const std::filesystem::path& results)
      : store_(results.empty() ? TrialStore{} : TrialStore{results}) {}

  base::Result<Run> run(const std::string& net, const TrialOptions& options) {
    const RunKey key{.net = net,
                     .controller = options.controller,
                     .version = version(options),
                     .seed = options.seed,
                     .scale = options.scale};
    if (const auto known = store_.find(key)) return *known;
    Run run = run_apart(options);
    if (!run.ok) return base::fail(base::Errc::unavailable, "a run of {} on {} failed", options.controller, net);
    if (!store_.add(key, run)) std::fprintf(stderr, "\nthe run could not be added to the results\n");
    return run;
  }

 private:
  std::string version(const TrialOptions& options) {
    base::Fingerprint all;
    all.add(folder_version(options.config.parent_path()));
    all.add(libsumo::Simulation::getVersion().second);
    all.add(kPlainTrialVersion);
    if (options.controller == "planner") {
      all.add(kPlannerVersion);
      all.add(dials_text(options.planner));
    }
    return all.text();
  }

  // netconvert writes into a comment when and where it was run.
  static std::string without_comments(std::string text) {
    for (std::size_t from = 0; (from = text.find("<!--", from)) != std::string::npos;) {
      const std::size_t end = text.find("-->", from);
      text.erase(from, end == std::string::npos ? end : end + 3 - from);
    }
    return text;
  }

  const std::string& folder_version(const std::filesystem::path& folder) {
    std::string& version = folders_[folder.string()];
    if (!version.empty()) return version;
    std::map<std::string, std::string> files;
    std::error_code failed;
    for (const auto& file : std::filesystem::directory_iterator(folder, failed)) {
      if (auto text = base::read_file(file.path())) files[file.path().filename().string()] = without_comments(*text);
    }
    base::Fingerprint all;
    for (const auto& [name, text] : files) {
      all.add(name);
      all.add(text);
    }
    return version = all.text();
  }

  TrialStore store_;
  std::map<std::string, std::string> folders_;
};

struct Search {
  Configs configs;
  PlannerSettings start;
  int tries{}, seeds{}, first_seed{};
  double scale{1};
};

class SettingsSearch {
 public:
  SettingsSearch(const Search& search, TrialRunner& runner) : search_(search), runner_(runner) {}

  base::Status go() {
    PlannerSettings best = search_.start;
    start_ = TRY(delays(best, search_.first_seed, nullptr));
    std::vector<double> best_parts(start_.size(), 1.0);
    double best_cost = 1;
    for (int i = 1; i <= search_.tries; ++i) {
      const PlannerSettings tried = turned(best);
      const std::vector<double> parts = TRY(delays(tried, search_.first_seed, &best_parts));
      const bool whole = parts.size() == best_parts.size();
      const double cost = whole ? mean(parts) : 9;
      std::fprintf(stderr, "\n%d of %d: %.4f (best %.4f) %s\n", i, search_.tries, cost, best_cost,
                   changes(tried).c_str());
      if (cost >= best_cost) continue;
      best = tried;
      best_cost = cost;
      best_parts = parts;
    }
    std::printf("Best of %d: %.4f of the start's delay with `--set %s`.\n\n", search_.tries, best_cost,
                changes(best).c_str());
    return print_check(best);
  }

 private:
  static double mean(const std::vector<double>& parts) {
    double sum = 0;
    for (const double part : parts) sum += part;
    return sum / static_cast<double>(std::max<std::size_t>(1, parts.size()));
  }

  PlannerSettings turned(PlannerSettings settings) {
    const int count = 1 + static_cast<int>(rng_.below(3));
    for (int i = 0; i < count; ++i) {
      const Dial& one = kDials[static_cast<std::size_t>(rng_.below(kDials.size()))];
      const double step = (one.high - one.low) * 0.35 * (rng_.uniform() + rng_.uniform() - 1);
      dial(settings, one) = std::clamp(dial(settings, one) + step, one.low, one.high);
    }
    return settings;
  }

  std::string changes(PlannerSettings settings) const {
    std::string text;
    PlannerSettings start = search_.start;
    for (const Dial& one : kDials) {
      if (dial(settings, one) == dial(start, one)) continue;
      text += fmt::format("{}{}={:.3g}", text.empty() ? "" : ",", one.name, dial(settings, one));
    }
    return text;
  }

  // Of each seed and network; as parts of the start's where that is known. Fewer where it was broken off.
  base::Result<std::vector<double>> delays(const PlannerSettings& settings, int first_seed,
                                           const std::vector<double>* best) {
    std::vector<double> out;
    double ahead = 0;
    for (int i = 0; i < search_.seeds; ++i) {
      for (const auto& [net, config] : search_.configs) {
        const Run run = TRY(runner_.run(net, {.config = config,
                                              .controller = "planner",
                                              .seed = first_seed + i,
                                              .scale = search_.scale,
                                              .planner = settings}));
        const double part = best ? std::min(4.0, run.delay_s / start_[out.size()]) : run.delay_s;
        if (best) ahead += part - (*best)[out.size()];
        out.push_back(part);
        std::fprintf(stderr, "\r%s, seed %d: %.1f s   ", net.c_str(), first_seed + i, run.delay_s);
      }
      const auto made = static_cast<double>(out.size());
      if (best && 2 * (i + 1) >= search_.seeds && ahead > 0.02 * made) break;
    }
    return out;
  }

  base::Status print_check(const PlannerSettings& best) {
    const int first = search_.first_seed + search_.seeds;
    const std::vector<double> before = TRY(delays(search_.start, first, nullptr));
    const std::vector<double> after = TRY(delays(best, first, nullptr));
    std::printf("| network | start, mean s | best, mean s |\n| --- | --- | --- |\n");
    const std::size_t nets = search_.configs.size();
    for (std::size_t net = 0; net < nets; ++net) {
      double sums[2]{};
      for (std::size_t i = net; i < before.size(); i += nets) {
        sums[0] += before[i];
        sums[1] += after[i];
      }
      std::printf("| %s | %.2f | %.2f |\n", search_.configs[net].first.c_str(), sums[0] / search_.seeds,
                  sums[1] / search_.seeds);
    }
    std::printf("\nSearched with seeds %d to %d, checked with the seeds %d to %d.\n", search_.first_seed, first - 1,
                first, first + search_.seeds - 1);
    return {};
  }

  const Search search_;
  TrialRunner& runner_;
  base::Rng rng_{1};
  std::vector<double> start_;
};

inline base::Status search_settings(const Search& search, TrialRunner& runner) {
  return SettingsSearch(search, runner).go();
}

}  // namespace cityloop::traffic
