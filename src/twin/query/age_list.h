// The members of a type (or of the whole city) in order of age: the nth is found as fast as the first, however many
// came and went before it.
//
// Blocks of some hundred members with their sizes beside them. Members mostly join at the end; about 13 bytes each. No
// lock inside.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "twin/query/aged_index.h"

namespace cityloop::twin {

class AgeList {
 public:
  using Member = AgedIndex::Member;

  void insert(const Member&);       // there already: nothing happens
  void erase(Age);                  // unknown: nothing happens
  void build(std::vector<Member>);  // in any order; takes the place of all that was there

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::size_t bytes() const;

  // A place in the list, valid until it changes.
  class Cursor {
   public:
    bool valid() const { return block_ < list_->blocks_.size(); }
    Age age() const { return list_->blocks_[block_]->ages[at_]; }
    std::uint32_t id() const { return list_->blocks_[block_]->ids[at_]; }
    void next() {
      if (++at_ < list_->sizes_[block_]) return;
      ++block_;
      at_ = 0;
    }

   private:
    friend class AgeList;
    const AgeList* list_{nullptr};
    std::size_t block_{0};
    std::uint32_t at_{0};
  };
  Cursor nth(std::size_t) const;  // 0: the oldest
  Cursor after(Age) const;        // the oldest that is younger

 private:
  static constexpr std::uint32_t kBlock = 512;
  struct Block {
    Age ages[kBlock];
    std::uint32_t ids[kBlock];
  };
  std::size_t block_of(Age) const;
  void add_block(std::size_t at);
  void drop_block(std::size_t at);
  void split(std::size_t block);

  std::vector<Age> firsts_;           // of each block its first age
  std::vector<std::uint32_t> sizes_;  // of each block
  std::vector<std::unique_ptr<Block>> blocks_;
  std::size_t size_{0};
};

// The members of several lists, each once, oldest first. Valid until one of them changes.
class Walk {
 public:
  Walk(const std::vector<const AgeList*>& lists, Age after) : last_(after) {
    for (const AgeList* list : lists) cursors_.push_back(list->after(after));
  }
  bool next(AgeList::Member& out) {
    AgeList::Cursor* oldest = nullptr;
    for (AgeList::Cursor& cursor : cursors_) {
      while (cursor.valid() && cursor.age() <= last_) cursor.next();  // given from another list
      if (cursor.valid() && (!oldest || cursor.age() < oldest->age())) oldest = &cursor;
    }
    if (!oldest) return false;
    out = {oldest->age(), oldest->id()};
    last_ = out.age;
    return true;
  }

 private:
  std::vector<AgeList::Cursor> cursors_;
  Age last_;
};

}  // namespace cityloop::twin
