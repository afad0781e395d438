// What a classifier counts of a text: its words, its pairs of words, and its rows of letters, each by a hash.
//
//   content words ─ [each_piece] ─▶ Piece… ─▶ count, weigh ─▶ linear classifier
//
// Rows of letters run over the edges of words and over function words left out, so that a text that was cut otherwise
// still looks much the same. Every piece tells over which words it lies: so a verdict can name its reasons.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "text/letters.h"
#include "text/words.h"

namespace cityloop::text {

enum class Block : std::uint8_t { words, letters };
inline constexpr std::size_t kBlocks = 2;

struct FeatureOptions {
  std::uint32_t words_max{2};                    // pieces of so many words in a row at most
  std::uint32_t letters_min{1}, letters_max{3};  // rows of so many letters; none when max is 0
  // People say at the beginning what it is about: the word behind so many others counts half of the first, and
  // further ones in proportion (1 / (1 + place / half_at)). A piece weighs by the root of its count.
  double half_at{4};
  std::uint32_t documents_min{2};  // a piece that fewer texts have is not learned
  double rarity_power{0.7};        // of 1 + ln(texts / texts that have it)
  double letters_share{0.6};       // of the length of the whole vector, squared, is the letters'
};

struct Piece {
  std::uint64_t hash{};
  float count{};                  // how much this occurrence counts
  std::uint32_t first{}, last{};  // words over which it lies
  Block block{Block::words};
};

void save(const FeatureOptions&, base::ByteWriter&);
FeatureOptions load_feature_options(base::ByteReader&);

// In order of the text, repetitions and all.
std::vector<Piece> pieces_of(const std::vector<Word>&, const FeatureOptions&);

}  // namespace cityloop::text
