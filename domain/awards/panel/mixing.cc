#include "domain/awards/panel/mixing.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <tuple>

#include <Eigen/Eigenvalues>

namespace cityloop::awards::panel {
namespace {

constexpr double kNothing = 1e-9;
constexpr std::size_t kEnds = 400;        // pairs looked at from either end of the panel, in one round
constexpr double kGainShare = 0.3;        // of the best swap's gain, which others must have: small ones undo each other
constexpr double kShareOfARound = 0.002;  // of all pairs: what is swapped before the panel is measured again

// The panel without those who have no pair, and what linear algebra says of it.
class Panel {
 public:
  Panel(std::span<const Pair> pairs, std::size_t proposals, std::size_t reviewers);

  Mixing mixing() const;
  // By reviewer: where they stand along the weakest link of the panel, from one end to the other.
  const std::vector<double>& along() const { return along_; }

 private:
  Eigen::MatrixXd laplacian() const;

  std::vector<std::vector<std::uint32_t>> readers_;  // by proposal
  std::vector<std::uint32_t> place_of_;              // by reviewer: row, where they have a pair
  std::vector<double> load_;                         // by row
  std::size_t components_{};
  std::size_t read_{};  // proposals with a pair
  std::size_t pairs_{};
  Eigen::MatrixXd s_;
  double connectivity_{};
  std::vector<double> along_;
};

Panel::Panel(std::span<const Pair> pairs, std::size_t proposals, std::size_t reviewers)
    : readers_(proposals), place_of_(reviewers, UINT32_MAX), pairs_(pairs.size()), along_(reviewers) {
  for (const Pair& pair : pairs) {
    std::uint32_t& place = place_of_[pair.reviewer];
    if (place == UINT32_MAX) {
      place = std::uint32_t(load_.size());
      load_.push_back(0);
    }
    ++load_[place];
    readers_[pair.proposal].push_back(place);
  }
  for (const auto& readers : readers_) read_ += !readers.empty();
  components_ = components_of(pairs, proposals, reviewers);
  s_ = laplacian();
  const auto size = s_.rows();
  if (size < 2) {
    connectivity_ = size == 0 ? 0 : 1;
    return;
  }
  Eigen::VectorXd root(size);
  for (Eigen::Index r = 0; r < size; ++r) root[r] = 1 / std::sqrt(load_[std::size_t(r)]);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(root.asDiagonal() * s_ * root.asDiagonal());
  connectivity_ = std::clamp(solver.eigenvalues()[1], 0.0, 1.0);
  for (std::size_t r = 0; r < reviewers; ++r) {
    const auto place = place_of_[r];
    if (place != UINT32_MAX) along_[r] = solver.eigenvectors()(Eigen::Index(place), 1) * root[Eigen::Index(place)];
  }
}

Eigen::MatrixXd Panel::laplacian() const {
  const auto size = Eigen::Index(load_.size());
  Eigen::MatrixXd s = Eigen::MatrixXd::Zero(size, size);
  for (const auto& readers : readers_) {
    const double share = readers.empty() ? 0 : 1 / double(readers.size());
    for (const std::uint32_t a : readers) {
      s(a, a) += 1;
      for (const std::uint32_t b : readers) s(a, b) -= share;
    }
  }
  return s;
}

Mixing Panel::mixing() const {
  Mixing out;
  out.components = components_;
  const auto size = s_.rows();
  if (size < 2) {
    out.connectivity = connectivity_;
    return out;
  }
  // Who share everything evenly: each of `size` reviewers has the mean load, each proposal the mean number of reviews.
  const double load = double(pairs_) / double(size), each = double(pairs_) / double(read_);
  if (each > 1) out.even_error = std::sqrt(2 * (1 - 1 / double(size)) / (load * (1 - 1 / each)));
  if (out.components > 1) return out;
  out.connectivity = connectivity_;
  // The generalised inverse for differences: the Laplacian with all rows lifted alike.
  const Eigen::MatrixXd inverse =
      (s_ + Eigen::MatrixXd::Constant(size, size, 1 / double(size))).llt().solve(Eigen::MatrixXd::Identity(size, size));
  double worst = 0;
  for (Eigen::Index a = 0; a < size; ++a)
    for (Eigen::Index b = 0; b < a; ++b) worst = std::max(worst, inverse(a, a) + inverse(b, b) - 2 * inverse(a, b));
  out.worst_error = std::sqrt(worst);
  return out;
}

struct Swap {
  std::size_t low{}, high{};  // pairs, by place
  double gain{};              // in the spread along the weakest link
  double worth{};
};

class Linker {
 public:
  Linker(LinkInput& input, std::size_t proposals, std::size_t reviewers)
      : input_(input),
        proposals_(proposals),
        reviewers_(reviewers),
        present_(input.pairs.begin(), input.pairs.end()),
        swapped_(input.pairs.size()) {}

  bool round();
  Panel panel() const { return {input_.pairs, proposals_, reviewers_}; }
  std::vector<bool> swapped() { return std::move(swapped_); }

 private:
  struct Sum {
    double number{}, sum{};
    // How the squares around the mean change when one value takes the place of another.
    double change(double out, double in) const {
      const double after = sum + in - out;
      return in * in - out * out - (after * after - sum * sum) / number;
    }
  };
  std::vector<Swap> swaps(const std::vector<double>& along, const std::vector<Sum>& sums) const;
  bool possible(const Pair& low, const Pair& high) const;

  LinkInput& input_;
  std::size_t proposals_, reviewers_;
  std::set<Pair> present_;
  std::vector<bool> swapped_;
};

bool Linker::possible(const Pair& low, const Pair& high) const {
  const Pair a{low.proposal, high.reviewer}, b{high.proposal, low.reviewer};
  return low.proposal != high.proposal && low.reviewer != high.reviewer && !present_.contains(a) &&
         !present_.contains(b) && input_.allowed(a) && input_.allowed(b);
}

std::vector<Swap> Linker::swaps(const std::vector<double>& along, const std::vector<Sum>& sums) const {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < input_.pairs.size(); ++i)
    if (input_.free[i]) order.push_back(i);
  std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair(along[input_.pairs[i].reviewer], i); });
  const std::size_t ends = std::min(kEnds, order.size() / 2);
  std::vector<Swap> out;
  for (std::size_t i = 0; i < ends; ++i) {
    for (std::size_t j = order.size() - ends; j < order.size(); ++j) {
      const Pair &low = input_.pairs[order[i]], &high = input_.pairs[order[j]];
      const double x = along[low.reviewer], y = along[high.reviewer];
      const double gain = sums[low.proposal].change(x, y) + sums[high.proposal].change(y, x);
      if (gain <= kNothing * (y - x) * (y - x) || !possible(low, high)) continue;
      const double loss = input_.match(low) + input_.match(high) - input_.match({low.proposal, high.reviewer}) -
                          input_.match({high.proposal, low.reviewer});
      out.push_back({order[i], order[j], gain, gain / (std::max(loss, 0.0) + 0.02)});
    }
  }
  double most = 0;
  for (const Swap& swap : out) most = std::max(most, swap.gain);
  std::erase_if(out, [&](const Swap& swap) { return swap.gain < kGainShare * most; });
  std::ranges::sort(out, {}, [](const Swap& swap) { return std::tuple(-swap.worth, swap.low, swap.high); });
  return out;
}

bool Linker::round() {
  const Panel now = panel();
  std::vector<Sum> sums(proposals_);
  for (const Pair& pair : input_.pairs) {
    ++sums[pair.proposal].number;
    sums[pair.proposal].sum += now.along()[pair.reviewer];
  }
  std::set<std::uint32_t> proposals, reviewers;
  const std::size_t most = 1 + std::size_t(kShareOfARound * double(input_.pairs.size()));
  std::size_t done = 0;
  for (const Swap& swap : swaps(now.along(), sums)) {
    Pair &low = input_.pairs[swap.low], &high = input_.pairs[swap.high];
    if (proposals.contains(low.proposal) || proposals.contains(high.proposal) || reviewers.contains(low.reviewer) ||
        reviewers.contains(high.reviewer))
      continue;
    for (const Pair& pair : {low, high}) {
      proposals.insert(pair.proposal);
      reviewers.insert(pair.reviewer);
      present_.erase(pair);
    }
    std::swap(low.reviewer, high.reviewer);
    present_.insert({low, high});
    swapped_[swap.low] = swapped_[swap.high] = true;
    input_.free[swap.low] = input_.free[swap.high] = false;  // once, so that no two swaps go round in circles
    if (++done == most) break;
  }
  return done > 0;
}

}  // namespace

std::size_t components_of(std::span<const Pair> pairs, std::size_t proposals, std::size_t reviewers) {
  // Proposals and reviewers are joined by their pairs; each points to another of its part, the head to itself.
  std::vector<std::uint32_t> head(proposals + reviewers);
  std::iota(head.begin(), head.end(), 0u);
  const auto find = [&](std::uint32_t at) {
    while (head[at] != at) at = head[at] = head[head[at]];
    return at;
  };
  std::set<std::uint32_t> parts;
  for (const Pair& pair : pairs) head[find(std::uint32_t(proposals + pair.reviewer))] = find(pair.proposal);
  for (const Pair& pair : pairs) parts.insert(find(pair.proposal));
  return parts.size();
}

Mixing mixing_of(std::span<const Pair> pairs, std::size_t proposals, std::size_t reviewers) {
  return Panel(pairs, proposals, reviewers).mixing();
}

Linked link(LinkInput input, std::size_t proposals, std::size_t reviewers, const LinkRules& rules) {
  Linked out;
  Linker linker(input, proposals, reviewers);
  out.before = out.after = linker.panel().mixing();
  for (std::size_t round = 0; round < rules.rounds_max && out.after.connectivity < rules.connectivity_min; ++round) {
    if (!linker.round()) break;
    out.after = linker.panel().mixing();
  }
  out.swapped = linker.swapped();
  out.pairs = std::move(input.pairs);
  return out;
}

}  // namespace cityloop::awards::panel
