// A city's check-up (城市体检): how it stands in each domain, against its targets, against the period before, and one
// area against another, with what stands out in words.
//
//   IndicatorView ─▶ [assemble_checkup] ─ Checkup ─▶ JSON, PDF (checkup_sheet.h)
//
// Findings are the worst misses of a target, the changes for the worse, areas far behind the others, and numbers whose
// inputs are missing or old: the gravest first, each with the indicator and the area that it is about.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "serve/index/indicator_view.h"

namespace cityloop::serve {

struct CheckupArea {
  const index::AreaEntry* area{};
  std::optional<double> value{};
  std::optional<index::Level> level{};
};

struct CheckupLine {
  const index::Declaration* indicator{};
  std::optional<double> value{};
  std::optional<double> mean{}, low{}, high{};  // over the period, weighted by time
  std::optional<double> before{};               // when the period began
  ValueTrend::Way way{ValueTrend::Way::unknown};
  std::optional<double> miss{};  // of the target, as a share of it
  const index::Threshold* threshold{};
  index::Reading inputs{};
  std::vector<CheckupArea> areas{};     // best first; without value last
  std::vector<twin::Sample> samples{};  // of the period, thinned
};

struct CheckupFinding {
  enum class Of : std::uint8_t { target, threshold, change, area, missing } of{};
  double weight{0};  // the gravest first
  const index::Declaration* indicator{};
  const index::AreaEntry* area{};
  flow::Bilingual text{};
};
std::string_view to_string(CheckupFinding::Of);

struct CheckupDomain {
  std::string id;
  flow::Bilingual name;
  std::vector<CheckupLine> lines;
  std::size_t met{0}, missed{0}, without{0};  // targets; indicators without a target or a value
};

struct Checkup {
  index::Span span{};
  base::Instant from, to, as_of;
  std::vector<CheckupDomain> domains;  // in the order in which they are declared
  std::vector<CheckupFinding> findings;
};

struct CheckupWish {
  index::Span span{index::Span::month};
  const index::AreaEntry* area{};  // what it is about: the city, or one area
  // Which areas are compared: those that the reader may see.
  std::function<bool(const index::AreaEntry&)> sees;
  base::Instant now;
};

base::Result<Checkup> assemble_checkup(const IndicatorView&, const CheckupWish&);
void write_checkup(base::JsonWriter&, const Checkup&, const IndicatorView&, const CheckupWish&);

// A number with its unit, as a person reads it: "12.5 %", "37.2 µg/m³".
std::string shown_value(const index::Declaration&, double value);

}  // namespace cityloop::serve
