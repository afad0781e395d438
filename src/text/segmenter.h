// Cuts running Chinese into words, by words that it has learned.
//
//   texts with blanks between the words ─ learn ─▶ [Segmenter] ─ cut ─▶ words of texts without them
//
// The most likely way of cutting, word by word (Viterbi over a unigram model). Learned from texts that somebody has cut
// already, so that new texts are cut as those are; function words, which such texts often leave out, it knows by
// itself. A character that begins no known word stands alone. Immutable, and to be shared between threads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace cityloop::text {

// Whether somebody has put blanks between the Chinese words of a text in normal form.
bool is_segmented(std::string_view normal);

class Segmenter {
 public:
  // Of texts in normal form; those that are not segmented teach nothing.
  static Segmenter learn(const std::vector<std::string>& normal);

  // The words of a run of Chinese characters, in order, as views into it.
  void cut(std::string_view han, std::vector<std::string_view>& words) const;
  // One that says nothing of a text's matter.
  bool is_function_word(std::string_view word) const;
  bool knows(std::string_view word) const { return cost_.contains(word); }
  std::size_t size() const { return cost_.size(); }

  void save(base::ByteWriter&) const;
  static base::Result<Segmenter> load(base::ByteReader&);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  struct Word {
    float cost{};  // minus the logarithm of how likely it is
    bool function{};
  };
  void add(std::string_view word, double count, double total, bool function);
  void add_function_words();

  std::unordered_map<std::string, Word, Hash, std::equal_to<>> cost_;
  float unknown_cost_{20};
  std::size_t letters_max_{1};  // of the longest word
};

}  // namespace cityloop::text
