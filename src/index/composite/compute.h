// A composite index, computed: every stage kept, every score, rank and tier, and all that a reader should know.
//
//   Frame + Table ──▶ [compute] ──▶ IndexReport ──▶ CSV of each stage, JSON for the console (index/composite/report.h)
//
// No clock, file or chance: the same frame and table give the same report. Units of several years stand in one table:
// the stages look at all of them together, so that a score of one year means the same in the next, and ranks are within
// a year.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "index/composite/aggregate.h"
#include "index/composite/frame.h"
#include "index/composite/stages.h"
#include "index/composite/table.h"

namespace cityloop::index {

struct ComputeOptions {
  std::optional<WeightMethod> weights;  // in place of the frame's; a frame with open weights wants one
};

struct IndexReport {
  std::vector<Unit> units;                                // those that count, in the order of the table
  std::vector<std::string> years;                         // by unit
  std::vector<std::uint32_t> year;                        // likewise, as numbers
  Matrix raw, denominated, imputed, treated, normalised;  // units × indicators
  Matrix scores;                                          // units × nodes
  std::vector<double> shares;                             // of each node among its siblings
  std::vector<double> shares_of_root;                     // of each node in the index
  std::vector<std::vector<double>> ranks;          // by node, then unit; 1 is the best, missing where there is no score
  std::vector<std::size_t> tiers;                  // by unit; kNone where there are none
  std::vector<Treated> treatments;                 // by indicator
  std::vector<Normalised> lines;                   // likewise
  std::vector<double> data_share;                  // by unit: of indicators that were there
  std::size_t imputed_cells{0}, missing_cells{0};  // filled; still missing after that
  std::vector<Note> notes;
  std::vector<std::pair<Unit, flow::Bilingual>> left_out;
  WeightMethod weights{WeightMethod::given};
};

// Refused: open weights and no other choice, no units, a table that has not the frame's columns.
base::Result<IndexReport> compute(const Frame&, const Table&, const ComputeOptions& = {});

// The label of each unit for imputation: its group of the frame's column, "" where the frame has none.
std::vector<std::string> imputation_groups(const Frame&, const std::vector<Unit>&, std::size_t group);

}  // namespace cityloop::index
