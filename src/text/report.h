// How well a classifier does: how often it is right, on which labels it errs, whether its confidence means what it
// says, and how right it is on the part of which it is surest.
//
//   verdicts, and what was right ─ [Report] ─▶ text for people
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "text/classifier.h"

namespace cityloop::text {

struct LabelScore {
  std::uint64_t texts{}, given{}, right{};  // that have it; to which it was given; both

  double precision() const { return given == 0 ? 0 : double(right) / double(given); }
  double recall() const { return texts == 0 ? 0 : double(right) / double(texts); }
  double f1() const { return texts + given == 0 ? 0 : 2 * double(right) / double(texts + given); }
};

// The texts with a confidence in one tenth.
struct Reliability {
  std::uint64_t texts{}, right{};
  double confidence_sum{};
};

// The surest `share` of the texts: the confidence that they have at least, and how many of them were right.
struct Coverage {
  double share{}, confidence{}, accuracy{};
};

struct Report {
  std::uint64_t texts{}, right{};
  std::vector<LabelScore> labels;                     // by label
  std::vector<Reliability> tenths;                    // ten
  std::vector<Coverage> coverage;                     // from all down to half
  std::vector<std::vector<std::uint64_t>> taken_for;  // by what was right, then by what was said

  double accuracy() const { return texts == 0 ? 0 : double(right) / double(texts); }
  double macro_f1() const;           // over the labels that occur
  double calibration_error() const;  // mean distance of confidence and accuracy over the tenths, by their texts

  // `truth[i]` is the label of the text of `verdicts[i]`.
  static Report of(std::span<const Verdict> verdicts, std::span<const std::uint16_t> truth, std::size_t labels);
};

// Several lines, aligned.
std::string to_text(const Report&, const std::vector<std::string>& labels);

}  // namespace cityloop::text
