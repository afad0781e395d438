#include "text/features.h"

#include <algorithm>

namespace cityloop::text {
namespace {

// Seeds keep a word, a pair and a row of the same letters apart.
constexpr std::uint64_t kWordSeed = 0x10;
constexpr std::uint64_t kLetterSeed = 0x20;

class Maker {
 public:
  Maker(const std::vector<Word>& words, const FeatureOptions& options) : words_(words), options_(options) {}

  std::vector<Piece> make() {
    add_words();
    if (options_.letters_max > 0) add_letters();
    return std::move(pieces_);
  }

 private:
  float count_at(std::size_t word) const { return float(1 / (1 + double(word) / options_.half_at)); }

  void add_words() {
    for (std::size_t first = 0; first < words_.size(); ++first) {
      std::uint64_t hash = kWordSeed;
      const std::size_t end = std::min<std::size_t>(words_.size(), first + options_.words_max);
      for (std::size_t last = first; last < end; ++last) {
        hash = hash64(words_[last].text, hash);
        pieces_.push_back({hash, count_at(first), std::uint32_t(first), std::uint32_t(last), Block::words});
      }
    }
  }

  // Chinese words are joined again; a word of another script stands between two rows.
  void add_letters() {
    for (std::size_t word = 0; word < words_.size(); ++word) {
      if (!words_[word].han) {
        flush();
        continue;
      }
      const std::string_view text = words_[word].text;
      for (std::size_t at = 0; at < text.size();) {
        const Letter letter = next_letter(text, at);
        edges_.push_back(joined_.size());
        owner_.push_back(std::uint32_t(word));
        joined_.append(text.substr(letter.begin, letter.end - letter.begin));
      }
    }
    flush();
  }

  void flush() {
    const std::size_t letters = edges_.size();
    edges_.push_back(joined_.size());
    for (std::size_t first = 0; first < letters; ++first) {
      for (std::size_t n = options_.letters_min; n <= options_.letters_max && first + n <= letters; ++n) {
        const auto row = std::string_view(joined_).substr(edges_[first], edges_[first + n] - edges_[first]);
        pieces_.push_back(
            {hash64(row, kLetterSeed), count_at(owner_[first]), owner_[first], owner_[first + n - 1], Block::letters});
      }
    }
    joined_.clear();
    edges_.clear();
    owner_.clear();
  }

  const std::vector<Word>& words_;
  const FeatureOptions& options_;
  std::vector<Piece> pieces_;
  std::string joined_;                // one run of Chinese
  std::vector<std::size_t> edges_;    // where its letters begin
  std::vector<std::uint32_t> owner_;  // and the words they are of
};

}  // namespace

std::vector<Piece> pieces_of(const std::vector<Word>& words, const FeatureOptions& options) {
  return Maker(words, options).make();
}

void save(const FeatureOptions& options, base::ByteWriter& out) {
  for (const std::uint32_t number :
       {options.words_max, options.letters_min, options.letters_max, options.documents_min}) {
    out.varint(number);
  }
  out.f64(options.half_at);
  out.f64(options.rarity_power);
  out.f64(options.letters_share);
}

FeatureOptions load_feature_options(base::ByteReader& in) {
  FeatureOptions out;
  for (std::uint32_t* const number : {&out.words_max, &out.letters_min, &out.letters_max, &out.documents_min}) {
    *number = std::uint32_t(in.varint());
  }
  out.half_at = in.f64();
  out.rarity_power = in.f64();
  out.letters_share = in.f64();
  return out;
}

}  // namespace cityloop::text
