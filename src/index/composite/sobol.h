// Which of several uncertain inputs a result hangs on: shares of its variance (Sobol' 1993).
//
// First-order shares by Saltelli et al. 2010 (table 2, b), total shares by Jansen 1999 (ibid., f), from n (k + 2) runs
// of the model. The model is any function of k independent numbers in [0, 1); it is asked in one thread and in a fixed
// order.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace cityloop::index {

struct SobolShare {
  double first{};  // alone; all of them add up to 1 where inputs do not work together
  double total{};  // with all that it works together with
  double first_low{}, first_high{}, total_low{}, total_high{};  // 95 %, by bootstrap over the n samples
};

using SobolModel = std::function<void(std::span<const double> inputs, std::span<double> outputs)>;

// By output, then by input. An output that does not vary has shares of 0. Intervals are for the first `with_intervals`
// outputs; elsewhere they are the shares themselves.
std::vector<std::vector<SobolShare>> sobol_shares(std::size_t inputs, std::size_t outputs, std::size_t n,
                                                  std::uint64_t seed, const SobolModel&,
                                                  std::size_t with_intervals = SIZE_MAX);

}  // namespace cityloop::index
