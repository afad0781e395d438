// Says under which label a text belongs (its department, say), how sure that is, and which of its words spoke for it.
//
//   past cases (text, label) ─ train ─▶ [Classifier] ─ classify ─▶ Verdict ─▶ suggestion to a person
//
// Learned once, then immutable, to be shared between threads. The confidence is calibrated: it was fitted on texts that
// the classifier had not learned from. A text without a single piece that was learned gets the labels' plain shares.
// The file of a classifier is one block with its form's version and a checksum; a damaged one is refused.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "text/calibration.h"
#include "text/features.h"
#include "text/linear.h"
#include "text/segmenter.h"

namespace cityloop::text {

struct Reason {
  std::string word;
  double share{};  // of all that spoke for the label and against the second, 0 to 1
};

struct Verdict {
  struct Choice {
    std::uint16_t label{};
    double confidence{};
  };
  std::vector<Choice> choices;  // all labels, the likeliest first
  std::vector<Reason> reasons;  // the strongest first
  std::size_t known_words{0};   // how much the verdict rests on

  std::uint16_t label() const { return choices.front().label; }
  double confidence() const { return choices.front().confidence; }
};

// The choices that scores stand for, without reasons.
Verdict ranked(const Calibration&, std::span<const double> scores);

// Where a classifier comes from, kept in its file.
struct Origin {
  std::string command;  // that trained it
  std::string data;     // digest of the texts and labels, in their order
  std::uint64_t texts{};
  double accuracy{};  // by cross-validation, near duplicates kept together
  double loss{};      // of the calibrated confidences, likewise
};

class Classifier {
 public:
  // `reasons_max` words at most are named; 0 saves the time that finding them takes.
  Verdict classify(std::string_view text, std::size_t reasons_max = 6) const;

  const std::vector<std::string>& labels() const { return labels_; }
  const Origin& origin() const { return origin_; }
  std::size_t features() const { return rarity_.size(); }

  std::string to_bytes() const;
  // Errc::corrupt when the bytes are not what was written, Errc::unsupported for a form that is not known here.
  static base::Result<Classifier> from_bytes(std::string_view);

 private:
  friend class Trainer;
  struct Vector {
    std::vector<std::uint32_t> column;
    std::vector<float> value;
  };
  // The learned pieces of a text with their weights: unit length, shared between the blocks.
  Vector vector_of(const std::vector<Piece>&) const;
  std::vector<Reason> reasons_of(const std::vector<Word>&, const std::vector<Piece>&, const Vector&, const Verdict&,
                                 std::size_t most) const;

  std::vector<std::string> labels_;
  Segmenter segmenter_;
  FeatureOptions options_;
  std::unordered_map<std::uint64_t, std::uint32_t> column_;  // by a piece's hash
  std::vector<float> rarity_;                                // of each column
  std::vector<std::uint8_t> block_;                          // of each column
  Weights weights_;
  Calibration calibration_;
  Origin origin_;
};

}  // namespace cityloop::text
