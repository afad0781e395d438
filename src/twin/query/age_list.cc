#include "twin/query/age_list.h"

#include <algorithm>

namespace cityloop::twin {

std::size_t AgeList::bytes() const {
  return blocks_.size() * sizeof(Block) + firsts_.capacity() * sizeof(Age) + sizes_.capacity() * sizeof(sizes_[0]) +
         blocks_.capacity() * sizeof(blocks_[0]);
}

// The last block that begins at or before the age, or the first.
std::size_t AgeList::block_of(Age age) const {
  const auto after = std::ranges::upper_bound(firsts_, age);
  return after == firsts_.begin() ? 0 : std::size_t(after - firsts_.begin()) - 1;
}

void AgeList::add_block(std::size_t at) {
  const auto place = std::ptrdiff_t(at);
  firsts_.insert(firsts_.begin() + place, 0);
  sizes_.insert(sizes_.begin() + place, 0);
  blocks_.insert(blocks_.begin() + place, std::unique_ptr<Block>(new Block));
}

void AgeList::drop_block(std::size_t at) {
  const auto place = std::ptrdiff_t(at);
  firsts_.erase(firsts_.begin() + place);
  sizes_.erase(sizes_.begin() + place);
  blocks_.erase(blocks_.begin() + place);
}

void AgeList::split(std::size_t block) {
  add_block(block + 1);
  const std::uint32_t keep = sizes_[block] / 2, moved = sizes_[block] - keep;
  std::copy_n(blocks_[block]->ages + keep, moved, blocks_[block + 1]->ages);
  std::copy_n(blocks_[block]->ids + keep, moved, blocks_[block + 1]->ids);
  sizes_[block] = keep;
  sizes_[block + 1] = moved;
  firsts_[block + 1] = blocks_[block + 1]->ages[0];
}

void AgeList::insert(const Member& member) {
  if (blocks_.empty()) add_block(0);
  std::size_t block = block_of(member.age);
  if (sizes_[block] == kBlock) {
    if (block + 1 == blocks_.size() && blocks_[block]->ages[kBlock - 1] < member.age) {
      add_block(++block);
    } else {
      split(block);
      if (member.age >= firsts_[block + 1]) ++block;
    }
  }
  Block& b = *blocks_[block];
  const std::uint32_t end = sizes_[block];
  const auto at = std::uint32_t(std::lower_bound(b.ages, b.ages + end, member.age) - b.ages);
  if (at < end && b.ages[at] == member.age) return;
  std::copy_backward(b.ages + at, b.ages + end, b.ages + end + 1);
  std::copy_backward(b.ids + at, b.ids + end, b.ids + end + 1);
  b.ages[at] = member.age;
  b.ids[at] = member.id;
  ++sizes_[block];
  ++size_;
  firsts_[block] = b.ages[0];
}

void AgeList::erase(Age age) {
  if (blocks_.empty()) return;
  const std::size_t block = block_of(age);
  Block& b = *blocks_[block];
  const std::uint32_t end = sizes_[block];
  const auto at = std::uint32_t(std::lower_bound(b.ages, b.ages + end, age) - b.ages);
  if (at == end || b.ages[at] != age) return;
  std::copy(b.ages + at + 1, b.ages + end, b.ages + at);
  std::copy(b.ids + at + 1, b.ids + end, b.ids + at);
  --size_;
  if (--sizes_[block] == 0) {
    drop_block(block);
    return;
  }
  firsts_[block] = b.ages[0];
  if (block + 1 == blocks_.size() || sizes_[block] + sizes_[block + 1] > kBlock / 2) return;
  const Block& next = *blocks_[block + 1];
  std::copy_n(next.ages, sizes_[block + 1], b.ages + sizes_[block]);
  std::copy_n(next.ids, sizes_[block + 1], b.ids + sizes_[block]);
  sizes_[block] += sizes_[block + 1];
  drop_block(block + 1);
}

void AgeList::build(std::vector<Member> members) {
  std::ranges::sort(members);
  *this = AgeList();
  for (const Member& member : members) {
    if (blocks_.empty() || sizes_.back() == kBlock) {
      add_block(blocks_.size());
      firsts_.back() = member.age;
    }
    Block& b = *blocks_.back();
    b.ages[sizes_.back()] = member.age;
    b.ids[sizes_.back()++] = member.id;
  }
  size_ = members.size();
}

AgeList::Cursor AgeList::nth(std::size_t n) const {
  Cursor out;
  out.list_ = this;
  out.block_ = blocks_.size();
  if (n >= size_) return out;
  for (out.block_ = 0; n >= sizes_[out.block_]; ++out.block_) n -= sizes_[out.block_];
  out.at_ = std::uint32_t(n);
  return out;
}

AgeList::Cursor AgeList::after(Age age) const {
  Cursor out;
  out.list_ = this;
  out.block_ = blocks_.size();
  if (blocks_.empty()) return out;
  out.block_ = block_of(age);
  const Block& b = *blocks_[out.block_];
  out.at_ = std::uint32_t(std::upper_bound(b.ages, b.ages + sizes_[out.block_], age) - b.ages);
  if (out.at_ == sizes_[out.block_]) ++out.block_, out.at_ = 0;
  return out;
}

}  // namespace cityloop::twin
