// Trains boosted trees while the city runs, off its loops' threads, and tells the log of every model in the city's
// folder.
//
//   history ─▶ [TrainingDesk] ─ CITY/traffic/models/NAME.{ubj,toml} ─ ForecastModel ─▶ twin ══▶ ForecastLoop
//
// A thread of its own, the least urgent of all. What it has trained reaches the forecasts by the log alone, so a replay
// needs no training. Models that people bring (cityloop traffic train, on any machine) are taken up the same way, from
// the folder, while the city runs: the two newest that foresee an attribute, and the two newest that call congestion.
//
// Set in CITY/traffic/forecast.toml; without it nothing is trained here:
//
//   [training]
//   every = "24h"        # of the city's time; nothing is trained before there is enough of history
//   days = 28            # of history that are learned from
//   days_least = 3
//   seed = 1
//   threads = 1
//   keep = 30            # of the models trained here, the newest; 0: all
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "domain/traffic/forecast/trainer.h"
#include "twin/history/history.h"
#include "twin/twin.h"

namespace cityloop::traffic {

struct TrainingSettings {
  base::Duration every{0};  // 0: never
  int days{28}, days_least{3};
  std::uint64_t seed{1};
  int threads{1};
  std::size_t keep{30};

  static base::Result<TrainingSettings> load(const std::string& file);  // there need be none
};

// How training stands; times are the city's.
struct TrainingStanding {
  base::Duration every{0};
  bool running{false};
  base::Instant since{base::kNever};
  TrainingStage stage{TrainingStage::reading};
  double share{0};  // of the stage
  base::Instant next_at{base::kNever};
  struct Last {
    base::Instant at{base::kNever};
    std::string name;   // of the model; empty when there is none
    std::string error;  // why not
    std::vector<ModelNote::HeldOut> held_out;
    std::vector<ModelNote::HeldOutCalls> held_out_calls;
    std::string no_calls;  // why there is none that calls congestion
  };
  std::optional<Last> last;
  std::vector<std::pair<std::string, std::string>> unreadable;  // notes in the folder: name, reason
};

struct TrainingPlace {
  std::string city_folder, data_folder;  // as the command line names them: CITY, DATA
  std::string models_folder;
};

class TrainingDesk {
 public:
  TrainingDesk(TrainingSettings, ForecastLoopOptions, TrainingPlace);
  ~TrainingDesk() { stop(); }

  void start(twin::Twin&, const twin::History&, const base::Clock&);
  void stop();                        // gives up what is being trained
  TrainingStanding standing() const;  // any thread

  // One look at folder and clock: what the thread does every few seconds. For tests.
  void look(twin::Twin&, const twin::History&, const base::Clock&);

 private:
  void announce(twin::Twin&);
  bool is_due(base::Instant now) const;
  void train(twin::Twin&, const twin::History&, base::Instant now);
  base::Result<TrainedModels> make(twin::Twin&, const twin::History&, base::Instant now);
  void forget_old() const;

  const TrainingSettings settings_;
  const ForecastLoopOptions forecasts_;
  const TrainingPlace place_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  TrainingStanding standing_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace cityloop::traffic
