// The value indexes there are: which, how far each has come, and which goes when there are too many.
//
//   Indexer ─ begin, step ─▶ [IndexBook] ◀─ update ─ Population        query plan ─ find ─▶ ValueIndex
//
// An index under way holds the entities up to an age; younger ones are for the steps to come. Only a complete one is
// found. Where the entities lie (`location`) is indexed from the first; every other index is made because it was
// missed.
//
// No lock inside: changed under the twin's lock, asked under a shared one.
#pragma once

#include <atomic>
#include <list>

#include "twin/query/value_index.h"

namespace cityloop::twin {

inline constexpr std::size_t kIndexesMax = 32;

class IndexBook {
 public:
  IndexBook();

  void update(const flow::Entity* before, const flow::Entity* after, Age);
  // All entities at once, after a load.
  void build_places(const std::vector<std::pair<flow::EntityPtr, Age>>&);

  // The complete index of that key, marked as used; null when there is none.
  const ValueIndex* find(const IndexKey&) const;

  // Starts an index, unless there is one; the least used go when there are more than kIndexesMax, or when all take more
  // than bytes_max.
  void begin(const IndexKey&, std::size_t bytes_max);
  bool waits(const IndexKey&) const;  // begun, not complete
  Age covered(const IndexKey&) const;
  // The next entity in order of age, for an index under way.
  void step(const IndexKey&, const flow::Entity&, Age);
  void complete(const IndexKey&);
  void trim(std::size_t bytes_max);

  std::size_t size() const { return pages_.size(); }
  std::size_t bytes() const;
  std::vector<IndexKey> keys() const;

 private:
  struct Page {
    explicit Page(IndexKey key) : index(key) {}
    ValueIndex index;
    Age covered{0};
    bool kept{false};  // never dropped
    mutable std::atomic<std::uint64_t> used{0};
  };
  static constexpr Age kAll = ~Age{0};
  const Page* page(const IndexKey&) const;
  Page* page(const IndexKey& key) { return const_cast<Page*>(std::as_const(*this).page(key)); }

  std::list<Page> pages_;
  mutable std::atomic<std::uint64_t> uses_{0};
};

}  // namespace cityloop::twin
