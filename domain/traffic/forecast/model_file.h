// A model of boosted trees on disk: CITY/traffic/models/NAME.ubj, and beside it NAME.toml, which says how it was made.
//
//   trainer ─ write ─▶ NAME.ubj + NAME.toml ─ read_model ─▶ BoostedSlots
//
// No model without the command that made it: what says no command, whose bytes are not those that were written down,
// which was made for another attribute or is shown other columns than this build shows, is refused with the reason.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "domain/traffic/forecast/booster.h"
#include "flow/change.h"

namespace cityloop::traffic {

// What is written down of a model.
struct ModelNote {
  std::string name;     // of the files; letters, digits, '-', '_' and '.'
  std::string command;  // that makes it again
  std::string attribute;
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
};

struct BoostedModel {
  ModelNote note;
  Booster trees;
};
using BoostedModelPtr = std::shared_ptr<const BoostedModel>;

// Both files, each atomically, the .ubj first; note.sha256 is set from the bytes.
base::Status write_model(const std::string& folder, ModelNote note, std::string_view ubj);
base::Result<ModelNote> read_model_note(const std::string& folder, const std::string& name);
// `sha256`: which is meant; empty takes the one that the note names.
base::Result<BoostedModelPtr> read_model(const std::string& folder, const std::string& name, std::string_view sha256,
                                         std::string_view attribute);
// The names of the notes in a folder, in order; none where there is no such folder.
std::vector<std::string> model_names(const std::string& folder);
bool is_model_name(std::string_view);

// By which a running city's log learns of a model, and the forecast loop with it:
// urn:ngsi-ld:ForecastModel:ATTRIBUTE:NAME.
flow::Write announcement(const ModelNote&);

}  // namespace cityloop::traffic
