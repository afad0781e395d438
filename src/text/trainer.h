// Learns a Classifier from texts with labels.
//
//   past cases ─ [Trainer] ─▶ Classifier, and what cross-validation says of it
//
// Texts may be raw or segmented, also mixed: words are learned from the segmented ones, and both are seen alike. Near
// duplicates are kept in the same part when the data is parted, so that neither accuracy nor confidence is praised for
// texts that were learned by heart. The same texts, options and seed give the same classifier on any number of threads.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "text/classifier.h"

namespace cityloop::text {

struct Example {
  std::string text;
  std::string label;
};

struct TrainOptions {
  FeatureOptions features;
  LinearOptions linear;
  double bayes_share{0.6};  // of NB-SVM in the weights, the rest is the plain machine's; 0 to 1
  double bayes_smooth{0.05};
  double bayes_cost{1};      // instead of linear.cost
  std::uint32_t folds{5};    // parts of cross-validation; at least 2
  double duplicate{0.6};     // texts at least so alike are near duplicates,
  bool keep_together{true};  // and of the same part
  unsigned threads{2};
  std::string command;  // kept in the classifier's origin
};

// What the classifier said of each text when it had not learned from it.
struct HeldOut {
  std::vector<std::uint16_t> truth;
  std::vector<Verdict> verdicts;         // by example, without reasons
  std::vector<bool> has_near_duplicate;  // elsewhere in the examples
};

struct Trained {
  Classifier classifier;
  HeldOut held_out;
};

class Trainer {
 public:
  // Errc::invalid when there are fewer than two labels, or a label with fewer than two examples.
  static base::Result<Trained> train(const std::vector<Example>&, const TrainOptions&);

 private:
  struct Work;
};

}  // namespace cityloop::text
