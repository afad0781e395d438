// A composite index as files for people: each stage as CSV, and one JSON with all that a console page draws (radar,
// ranking with intervals, tiers, contribution bars, scatter) and that a reader should know.
//
//   IndexReport + analyses ──▶ [composite_json], [composite_files] ──▶ whoever writes them down
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "index/composite/change.h"
#include "index/composite/compute.h"
#include "index/composite/consistency.h"
#include "index/composite/uncertainty.h"
#include "index/composite/what_if.h"

namespace cityloop::index {

struct OutputFile {
  std::string name, content;
};

struct Analyses {
  std::optional<Uncertainty> uncertainty;
  std::optional<Sensitivity> sensitivity;
  Consistency consistency;
  std::vector<std::optional<Difference>> apart;  // by unit: against the mean of its year
  struct Years {
    std::string before, after;
    std::vector<YearChange> changes;
  };
  std::vector<Years> years;  // each year against the one before it
  std::optional<WhatIf> what_if;
};

// All but uncertainty, sensitivity and what-if, which take time or a question.
Analyses analyse(const Frame&, const IndexReport&);

std::string composite_json(const Frame&, const TableReading&, const IndexReport&, const Analyses&);
// raw.csv … normalised.csv, scores.csv, ranks.csv, contributions.csv, problems.csv, report.json.
std::vector<OutputFile> composite_files(const Frame&, const TableReading&, const IndexReport&, const Analyses&);

std::string problems_csv(const std::vector<CellFlaw>&);

}  // namespace cityloop::index
