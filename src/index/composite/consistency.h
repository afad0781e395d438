// Does a framework hold together? Correlations within its groups and across its levels, and Cronbach's alpha.
//
// Limits as the OECD/JRC handbook and COINr's analysis use them: siblings above 0.92 say the same twice; a negative
// correlation below -0.4, with a sibling or with what an indicator is part of, works against it.
#pragma once

#include <string>
#include <vector>

#include "index/composite/compute.h"
#include "index/composite/frame.h"

namespace cityloop::index {

struct Correlation {
  std::size_t a{}, b{};  // nodes
  double r{kMissing};
};

struct GroupConsistency {
  std::size_t group{};
  double alpha{kMissing};                // over its direct children
  double alpha_of_indicators{kMissing};  // over all indicators below it
  std::vector<Correlation> siblings;     // each pair of children once
};

struct Consistency {
  std::vector<GroupConsistency> groups;  // children before parents
  std::vector<Correlation> upwards;      // each node (a) with each group it is part of (b)
  std::vector<Correlation> redundant, contrary;
};

Consistency consistency_of(const Frame&, const IndexReport&);

}  // namespace cityloop::index
