// Trains boosted trees for the running loop by replaying a history through it.
//
//   TrainingData ─ records ─▶ ForecastLoop ─ rows, truths ─▶ [train_models] ─▶ NAME.{ubj,toml},
//   NAME-congestion.{ubj,toml}
//
// Two models of one replay: one foresees values, the other calls congestion (call_trainer.h), where free flow is known
// and there was congestion enough to learn from.
//
// The rows are those that the running loop itself would have shown (boosted_row.h), so what is learned is what will be
// asked. The first fifth of the time teaches the light models alone. Errors on the last fifth, learned without it, are
// written down with the model; then it is learned anew from all of it. The same data, options and seed give the same
// bytes, whatever the number of threads.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/traffic/forecast/booster.h"
#include "domain/traffic/forecast/forecast_loop.h"
#include "domain/traffic/forecast/model_file.h"

namespace cityloop::traffic {

// Means over the loop's steps of five minutes.
struct TrainingData {
  base::Instant begin{base::kNever};  // of the first step; a multiple of the step
  std::vector<std::string> segments;  // their ids
  std::vector<float> values;          // step by step; NaN where nothing was measured
  std::vector<float> vehicles;        // of the same shape, or empty: not told
  std::vector<float> free_flow;       // a segment; NaN: not known
  std::vector<std::string> lines;     // a segment, GeoJSON; empty: not known
  std::string source;
  std::uint64_t readings{0};

  std::size_t steps() const { return segments.empty() ? 0 : values.size() / segments.size(); }
};

struct TrainingOptions {
  ForecastLoopOptions loop;  // of which the model will be a part
  BoosterOptions trees{.rounds = 220, .depth = 6, .eta = 0.06, .leaf_weight_least = 60, .huber_slope = 4};
  BoosterOptions callers{.rounds = 150, .depth = 6, .eta = 0.06};
  std::size_t rows_most{900'000};  // of each kind, drawn evenly; some 200 bytes each
  double light_share{0.2}, held_out_share{0.2};
};

enum class TrainingStage : std::uint8_t { reading, replaying, judging, learning };
const char* to_string(TrainingStage);
// Told now and then; false stops the work.
using TrainingProgress = std::function<bool(TrainingStage, double share)>;

struct TrainedModel {
  ModelNote note;  // without name, command, and sum
  std::string ubj;
};
struct TrainedModels {
  TrainedModel values;
  std::optional<TrainedModel> calls;
  std::string no_calls;  // why there is none
};
base::Result<TrainedModels> train_models(const TrainingData&, const TrainingOptions&, const TrainingProgress&);
// Both, under the name and as NAME-congestion, with the command that makes them again; the notes are completed.
base::Status write_models(const std::string& folder, TrainedModels&, const std::string& name,
                          const std::string& command, base::Instant made_at);

}  // namespace cityloop::traffic
