// Whether the scores of a panel can be compared: how well its reviewers are linked by proposals that they share.
//
//   pairs ─▶ [mixing_of] ─▶ how well linked        pairs, what may be swapped ─▶ [link] ─▶ pairs better linked
//
// A harsh reviewer is told from a weak proposal only by way of others who read the same proposals. Connectivity is the
// second smallest eigenvalue of the reviewers' normalised Laplacian, proposals eliminated: 0 when the panel falls into
// parts whose scores cannot be compared, 1 when everybody reads everything. The worst error is the standard error of
// the difference in harshness of the two reviewers who can be compared least, in deviations of a single score; the even
// error is what it would be if everybody shared equally much with everybody. Reviewers and proposals without a pair do
// not count. Dense algebra over reviewers: 300 in milliseconds, 2,000 in seconds. Pure.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "domain/awards/panel/conflicts.h"

namespace cityloop::awards::panel {

struct Mixing {
  std::size_t components{};
  double connectivity{};
  std::optional<double> worst_error;  // none when there are several components
  double even_error{};
};

// The proposals and reviewers are numbered from 0; each pair stands once.
Mixing mixing_of(std::span<const Pair>, std::size_t proposals, std::size_t reviewers);

// Into how many parts the panel falls that share no proposal.
std::size_t components_of(std::span<const Pair>, std::size_t proposals, std::size_t reviewers);

struct LinkRules {
  double connectivity_min{0.1};
  std::size_t rounds_max{200};
};

// Swaps the reviewers of two pairs, again and again, where that links the panel best for what it costs in match: loads
// and numbers of reviews stay as they are. Ends when the connectivity is reached or no swap helps. Only pairs that are
// `free` are touched, and only pairs that are `allowed` come in their place.
struct LinkInput {
  std::vector<Pair> pairs;
  std::vector<bool> free;  // by pair
  std::function<bool(const Pair&)> allowed;
  std::function<double(const Pair&)> match;
};
struct Linked {
  std::vector<Pair> pairs;    // in the order in which they came
  std::vector<bool> swapped;  // by pair
  Mixing before, after;
};
Linked link(LinkInput, std::size_t proposals, std::size_t reviewers, const LinkRules&);

}  // namespace cityloop::awards::panel
