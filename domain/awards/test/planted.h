// Texts of made-up applicants with identities planted in them, and where: to measure and to test what is masked.
//
//   seed ─▶ [plant] ─▶ texts, what is known of the applicant, places of all that must be masked
//
// Two sets of sentences: `tuning`, by which the finders were made, and `held_out`, which was written apart and only
// measured.
#pragma once

#include <string>
#include <vector>

#include "base/rng.h"
#include "domain/awards/blind/masker.h"

namespace cityloop::awards::blind {

enum class Sentences { tuning, held_out };

struct Plant {
  std::size_t text{};
  std::size_t begin{}, end{};
  Kind kind{};
  bool known{};  // of the applicant, or somebody nobody told us of
  bool english{};
};

struct Planted {
  std::vector<Identity> known;
  std::vector<std::string> texts;  // Chinese, then English
  std::vector<Plant> plants;
};

Planted plant(std::uint64_t seed, Sentences);

}  // namespace cityloop::awards::blind
