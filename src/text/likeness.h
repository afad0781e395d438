// How alike two texts are, and which of a hundred thousand are most like a new one: for duplicates and for topics.
//
//   reports, messages ─ add ─▶ [LikenessIndex] ─ nearest ─▶ suggested duplicates, topics
//
// Cosine between weighted rows of two letters (Chinese) and stems of words (alphabets), 0 to 1; what few texts have
// weighs more, and what stands in the name of a place weighs most. How rare something is follows from the texts in the
// index, counted anew whenever their number has doubled: so likenesses follow from what was added and removed, in that
// order, and from nothing else. Not thread-safe; nearest() of several threads at once is fine while nobody writes.
//
// A loop that keeps the texts itself saves only the rarities in its checkpoint: load_rarities(), then put_back() of
// every text, in any order, and each likeness is what it was.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace cityloop::text {

struct Alike {
  std::uint64_t id{};
  double likeness{};
};

class LikenessIndex {
 public:
  // A text again under the same id takes the place of the one before. `normal` is in normal form.
  void add(std::uint64_t id, std::string_view normal);
  void remove(std::uint64_t id);  // an unknown id is no error
  bool contains(std::uint64_t id) const { return slot_of_.contains(id); }
  std::size_t size() const { return slot_of_.size(); }

  // The `most` texts of at least that likeness, the most alike first; among equals the smaller id. `least` from 0.05.
  std::vector<Alike> nearest(std::string_view normal, double least, std::size_t most) const;
  // The same for a text of the index, without itself.
  std::vector<Alike> nearest_to(std::uint64_t id, double least, std::size_t most) const;
  // Between two texts of the index; 0 when one of them is not there.
  double likeness(std::uint64_t a, std::uint64_t b) const;
  // One text of the index made ready to be compared with many others: the same likenesses, several times as fast. While
  // nobody writes.
  class Probe {
   public:
    double likeness(std::uint64_t other) const;

   private:
    friend class LikenessIndex;
    struct Cell {
      std::uint64_t hash{};
      float weight{};  // 0: nothing here
    };
    const LikenessIndex* index_{};
    std::vector<Cell> cells_;  // a power of two; empty where the text is not there
  };
  Probe probe(std::uint64_t id) const;

  void save_rarities(base::ByteWriter&) const;
  // How often rarities were counted anew: what save_rarities() writes is another only then, but for the count of the
  // texts removed since.
  std::uint64_t recounts() const { return recounts_; }
  base::Status load_rarities(base::ByteReader&);  // into an empty index
  void put_back(std::uint64_t id, std::string_view normal);

 private:
  struct Term {
    std::uint64_t hash{};
    float weight{};
  };
  struct Posting {
    std::uint32_t slot{};
    float weight{};
  };
  struct List {
    std::uint32_t texts{};  // that have the term, by now
    std::vector<Posting> postings;
  };
  struct Slot {
    std::uint64_t id{};
    bool used{false};
    std::vector<Term> counts;  // by hash; what is counted of the text, before rarity
    std::vector<Term> terms;   // by hash; of unit length
  };
  static std::vector<Term> counts_of(std::string_view normal);
  std::vector<Term> weigh(const std::vector<Term>& counts) const;
  void post(std::uint32_t slot);
  void count_anew();
  std::vector<Alike> search(const std::vector<Term>& terms, double least, std::size_t most,
                            std::uint32_t leave_out) const;

  std::vector<Slot> slots_;
  std::unordered_map<std::uint64_t, std::uint32_t> slot_of_;
  std::unordered_map<std::uint64_t, List> lists_;
  std::size_t weighed_texts_{0};  // how many there were when rarities were counted last
  std::uint64_t recounts_{0};
  std::size_t dead_{0};  // slots of removed texts that the lists still name
};

}  // namespace cityloop::text
