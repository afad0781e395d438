// Gradient-boosted trees (Chen and Guestrin 2016) behind a small door: the only place that knows xgboost.
//
//   rows, labels ─ train ─▶ [Booster] ─ predict(rows) ─▶ values
//
// Rows are numbers side by side, NaN where one is not known. The same rows, options and seed give the same trees,
// whatever the number of threads. predict() may be asked by many threads at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cityloop::traffic {

struct BoosterOptions {
  int rounds{200};
  int depth{7};
  double eta{0.06};
  double row_share{0.7};         // of the rows, drawn anew for each tree
  double column_share{0.5};      // of the columns, drawn anew for each split
  double leaf_weight_least{40};  // rows in a leaf, by their weights
  double ridge{5};               // L2 on leaf values
  int bins{128};
  // Errors beyond it count linearly (pseudo-Huber), in the labels' unit: between mean and median; 0: squares.
  double huber_slope{0};
  bool probability{false};  // labels are 0 or 1, and values are probabilities
                            // (logistic loss); otherwise squared error
  int threads{1};
  std::uint64_t seed{1};
};

class Booster {
 public:
  struct Rows {
    std::span<const float> values;
    std::size_t columns{};
    std::size_t count() const { return columns == 0 ? 0 : values.size() / columns; }
  };

  Booster();
  ~Booster();
  Booster(Booster&&) noexcept;
  Booster& operator=(Booster&&) noexcept;

  // `weights` may be empty: all the same.
  static base::Result<Booster> train(Rows, std::span<const float> labels, std::span<const float> weights,
                                     const BoosterOptions&);
  // The same, told after each round how many are done; it ends early, as a conflict, when that says false.
  static base::Result<Booster> train(Rows, std::span<const float> labels, std::span<const float> weights,
                                     const BoosterOptions&, const std::function<bool(int rounds)>& progress);
  base::Result<std::vector<float>> predict(Rows) const;
  // Words that are kept with the trees, in their bytes; empty where there are none of that name.
  base::Status set_note(const std::string& name, const std::string& words);
  std::string note(const std::string& name) const;
  // How much each column helped (total gain), as shares of 1.
  std::vector<double> importance(std::size_t columns) const;

  static std::string library_version();  // "xgboost 1.7.4"
  base::Result<std::string> to_bytes() const;
  static base::Result<Booster> from_bytes(std::string_view);

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace cityloop::traffic
