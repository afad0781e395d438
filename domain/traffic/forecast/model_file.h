// A model of boosted trees on disk: CITY/traffic/models/NAME.ubj, and beside it NAME.toml, which says how it was made.
//
//   trainer ─ write ─▶ NAME.ubj + NAME.toml ─ read_model ─▶ ForecastLoop's places
//
// There are two kinds: one foresees the values of an attribute, the other calls an event ("congestion") and lies beside
// it as NAME-congestion, made by the same command. What makes a caller's scores into likelihoods, a map for each
// horizon (calibration.h), is kept within the .ubj, so that one sum stands for all that it says.
//
// No model without the command that made it: what says no command, whose bytes are not those that were written down,
// which was made for another attribute or is shown other columns than this build shows, is refused with the reason.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "domain/traffic/forecast/booster.h"
#include "domain/traffic/forecast/calibration.h"
#include "domain/traffic/forecast/segment_model.h"
#include "flow/change.h"

namespace cityloop::traffic {

inline constexpr std::string_view kCongestion = "congestion";

// What is written down of a model.
struct ModelNote {
  std::string name;     // of the files; letters, digits, '-', '_' and '.'
  std::string command;  // that makes it again
  std::string attribute;
  std::string event;   // that it calls: kCongestion; empty: it foresees values
  std::string sha256;  // of the .ubj
  base::Instant made_at{base::kNever};
  std::string source;  // of the data: "history", or a file and its sum
  base::Instant from{base::kNever}, to{base::kNever};
  std::uint64_t segments{0}, readings{0}, rows{0};
  std::uint64_t seed{1};
  int rounds{0}, depth{0};
  double eta{0};
  std::string versions;  // "xgboost 1.7.4, rows 1"
  std::vector<std::string> columns;
  // On the last part of the time, learned without it: mean absolute errors by horizon.
  struct HeldOut {
    int minutes{};
    std::uint64_t count{0};
    double boosted{}, linear{}, persistence{};
  };
  std::vector<HeldOut> held_out;
  // Of a caller instead: mean squared errors (Brier) by horizon of the trees, of the loop's frequencies and of who
  // always says the mean share; and the threshold of the best F1, with what calls by it reach. Map and threshold are
  // of the first half of that part of the time, all that is said of them of the second.
  struct HeldOutCalls {
    int minutes{};
    std::uint64_t count{0}, came{0};
    double boosted{}, frequencies{}, always{};
    double threshold{}, precision{}, recall{};
  };
  std::vector<HeldOutCalls> held_out_calls;
};

struct BoostedModel {
  ModelNote note;
  Booster trees;
  std::array<Isotonic, kHorizons> calibration;  // of a caller
};
using BoostedModelPtr = std::shared_ptr<const BoostedModel>;

// Both files, each atomically, the .ubj first; note.sha256 is set from the bytes.
base::Status write_model(const std::string& folder, ModelNote note, std::string_view ubj);
base::Result<ModelNote> read_model_note(const std::string& folder, const std::string& name);
// `sha256`: which is meant; empty takes the one that the note names.
base::Result<BoostedModelPtr> read_model(const std::string& folder, const std::string& name, std::string_view sha256,
                                         std::string_view attribute, std::string_view event = {});
base::Status set_calibration(Booster&, const std::array<Isotonic, kHorizons>&);
// What a model of this kind is shown.
const std::vector<std::string>& model_columns(std::string_view event);
// NAME-congestion, beside NAME; whether a name is such a one.
std::string caller_name(std::string_view name);
bool is_caller_name(std::string_view name);
// The names of the notes in a folder, in order; none where there is no such folder.
std::vector<std::string> model_names(const std::string& folder);
bool is_model_name(std::string_view);

// By which a running city's log learns of a model, and the forecast loop with it:
// urn:ngsi-ld:ForecastModel:ATTRIBUTE:NAME.
flow::Write announcement(const ModelNote&);

}  // namespace cityloop::traffic
