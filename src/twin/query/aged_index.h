// Entries in order of a key (a number, a hash, an instant, a cell of the earth), each with the age of its entity: so
// that of all entries in a range of keys the oldest come first, without a look at the rest.
//
// Blocks of a few hundred entries, each with the age of its oldest: a range is some blocks, and only those are opened
// whose oldest is due. To insert or erase costs a search and a short move; to count a range, a sum over its blocks.
// About 27 bytes an entry. No lock inside.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace cityloop::twin {

using Age = std::uint64_t;  // the order in which entities came: 1 is the oldest

class AgedIndex {
 public:
  using Key = std::uint64_t;
  struct Entry {
    Key key;
    Age age;
    std::uint32_t id;  // EntityId::number()
  };
  struct Member {
    Age age;
    std::uint32_t id;
    friend auto operator<=>(const Member&, const Member&) = default;
  };
  // A member as found in a range; `sure` as the range was said to be.
  struct Item {
    Key key;
    Age age;
    std::uint32_t id;
    bool sure;
  };

  void insert(const Entry&);       // one that is not there yet
  void erase(Key, Age);            // unknown: nothing happens
  void build(std::vector<Entry>);  // in any order; takes the place of all that was there

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::size_t bytes() const;
  std::size_t count(Key from, Key to) const;  // both included, exactly
  struct Extent {
    std::size_t blocks{0};
    Age oldest{~Age{0}};  // no entry of the range is older
  };
  Extent extent(Key from, Key to) const;
  // Members of the range that are younger than `after`, as they stand.
  void gather(Key from, Key to, Age after, bool sure, std::vector<Item>& out) const;
  // In rising order of keys, or falling, and of equal keys the oldest first; false from the callback stops.
  void each(bool falling, const std::function<bool(const Entry&)>&) const;

 private:
  friend class OldestFirst;
  static constexpr std::uint32_t kBlock = 256;
  struct Block {
    Key keys[kBlock];
    Age ages[kBlock];
    std::uint32_t ids[kBlock];
  };
  struct Mark {
    Key key;
    Age age;
    friend auto operator<=>(const Mark&, const Mark&) = default;
  };
  struct Place {
    std::size_t block;
    std::uint32_t at;
  };

  std::size_t block_of(const Mark&) const;  // the last that begins at or before the mark, or the first
  std::uint32_t place_in(std::size_t block, const Mark&) const;
  Place lower(const Mark&) const;  // the first entry at or past the mark
  Place range_begin(Key from) const { return lower({from, 0}); }
  Place range_end(Key to) const { return lower({to, ~Age{0}}); }
  void add_block(std::size_t at);
  void drop_block(std::size_t at);
  void split(std::size_t block);
  void join_with_next(std::size_t block);
  void find_oldest(std::size_t block);
  // Calls back for each block of the range with the part of it that lies in the range.
  template <class Callback>
  void each_part(Key from, Key to, const Callback&) const;

  std::vector<Mark> marks_;           // of each block its first entry
  std::vector<std::uint32_t> sizes_;  // of each block
  std::vector<Age> oldest_;           // of each block
  std::vector<std::unique_ptr<Block>> blocks_;
  std::size_t size_{0};
};

// The members of several ranges of several indexes, each once, oldest first. Valid until one of the indexes changes.
class OldestFirst {
 public:
  using Item = AgedIndex::Item;
  // What is known of keys before they are put in order, of those that are not sure: of all from one to another at once,
  // which may be the same. Those that are out are left out, those that are in become sure.
  struct Sieve {
    enum class Says : std::uint8_t { out, in, unsure };
    virtual ~Sieve() = default;
    virtual Says of(AgedIndex::Key from, AgedIndex::Key to) const = 0;
  };
  explicit OldestFirst(Age after = 0, const Sieve* sieve = nullptr) : last_(after), sieve_(sieve) {}
  void add(const AgedIndex&, AgedIndex::Key from, AgedIndex::Key to, bool sure = false);
  bool next(Item&);

 private:
  struct Run {  // a part of a block, not opened yet; or opened, with what is left of it
    Age due;    // nothing in it is older
    const AgedIndex::Block* block;
    std::uint32_t at, end;
    bool opened;
    bool sure;
    std::int32_t heap;  // which of heaps_ holds what is left; -1: the block itself, it is in order of age
  };
  static bool later(const Run& a, const Run& b) { return a.due > b.due; }
  void open_top();
  std::vector<Item> sift(const Run&) const;
  Item take(Run&);

  Age last_;
  const Sieve* sieve_;
  bool started_{false};
  std::vector<Run> runs_;  // a heap by due
  std::vector<std::vector<Item>> heaps_;
};

}  // namespace cityloop::twin
