// Linear classifiers over sparse rows: one against the rest for every class, all classes in one pass.
//
//   features ─ SparseRows ─▶ [train_linear] ─ weights ─▶ Classifier
//
// L2-regularised squared hinge loss by dual coordinate descent (Hsieh et al. 2008), which needs a few passes where
// gradient descent needs hundreds. liblinear solves the same problem class by class, with the process's rand(): here
// the order comes from a seed, and all classes share each pass over the rows. The same rows, options and seed give the
// same weights bit for bit on the same kind of machine.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cityloop::text {

// Rows one after another; columns ascending within a row.
struct SparseRows {
  std::vector<std::size_t> begin{0};  // of each row, and the end of the last
  std::vector<std::uint32_t> column;
  std::vector<float> value;
  std::size_t columns{};

  std::size_t rows() const { return begin.size() - 1; }
  void end_row() { begin.push_back(column.size()); }
};

// A number for each column and class, classes side by side; the last column is the bias.
struct Weights {
  std::size_t columns{}, classes{};
  std::vector<float> is;

  Weights() = default;
  Weights(std::size_t columns, std::size_t classes, float first = 0)
      : columns(columns), classes(classes), is((columns + 1) * classes, first) {}
  float* at(std::size_t column) { return is.data() + column * classes; }
  const float* at(std::size_t column) const { return is.data() + column * classes; }
};

struct LinearOptions {
  double cost{1};  // of an error, against long weights: larger fits the rows closer
  std::uint32_t passes_max{60};
  double tolerance{0.05};  // of the largest violation in a pass, at which it is done
  std::uint64_t seed{1};
};

// `labels[r]` is the class of row r; `use` are the rows to learn from. `scale`, when it is not empty, says by how much
// more freely each column may weigh for each class (Weights of the same shape): naive Bayes' ratios make it NB-SVM
// (Wang and Manning 2012).
Weights train_linear(const SparseRows&, std::span<const std::uint16_t> labels, std::size_t classes,
                     std::span<const std::uint32_t> use, const LinearOptions&, const Weights* scale = nullptr);

// The squared log-ratios of naive Bayes, each class against the rest, with `smooth` added to every count.
Weights bayes_scale(const SparseRows&, std::span<const std::uint16_t> labels, std::size_t classes,
                    std::span<const std::uint32_t> use, double smooth);

// A number for each class: the higher, the more the row looks like it.
void score_row(const Weights&, std::span<const std::uint32_t> columns, std::span<const float> values,
               std::span<double> scores);

}  // namespace cityloop::text
