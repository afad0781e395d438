#include "twin/query/aged_index.h"

#include <algorithm>
#include <cassert>

namespace cityloop::twin {
namespace {

// Room left in blocks that are built at once, for what comes later.
constexpr std::uint32_t kBuilt = 224;
constexpr std::uint32_t kPoor = 64;  // a block of fewer joins its neighbour when both fit with room to spare

}  // namespace

std::size_t AgedIndex::bytes() const {
  return blocks_.size() * sizeof(Block) + marks_.capacity() * sizeof(Mark) + sizes_.capacity() * sizeof(sizes_[0]) +
         oldest_.capacity() * sizeof(Age) + blocks_.capacity() * sizeof(blocks_[0]);
}

std::size_t AgedIndex::block_of(const Mark& mark) const {
  const auto after = std::ranges::upper_bound(marks_, mark);
  return after == marks_.begin() ? 0 : std::size_t(after - marks_.begin()) - 1;
}

std::uint32_t AgedIndex::place_in(std::size_t block, const Mark& mark) const {
  const Block& b = *blocks_[block];
  std::uint32_t low = 0, high = sizes_[block];
  while (low < high) {
    const std::uint32_t middle = (low + high) / 2;
    if (Mark{b.keys[middle], b.ages[middle]} < mark) low = middle + 1;
    else high = middle;
  }
  return low;
}

AgedIndex::Place AgedIndex::lower(const Mark& mark) const {
  if (blocks_.empty()) return {0, 0};
  const std::size_t block = block_of(mark);
  const std::uint32_t at = place_in(block, mark);
  return at < sizes_[block] ? Place{block, at} : Place{block + 1, 0};
}

void AgedIndex::add_block(std::size_t at) {
  const auto place = std::ptrdiff_t(at);
  marks_.insert(marks_.begin() + place, Mark{});
  sizes_.insert(sizes_.begin() + place, 0);
  oldest_.insert(oldest_.begin() + place, ~Age{0});
  blocks_.insert(blocks_.begin() + place, std::unique_ptr<Block>(new Block));
}

void AgedIndex::drop_block(std::size_t at) {
  const auto place = std::ptrdiff_t(at);
  marks_.erase(marks_.begin() + place);
  sizes_.erase(sizes_.begin() + place);
  oldest_.erase(oldest_.begin() + place);
  blocks_.erase(blocks_.begin() + place);
}

void AgedIndex::find_oldest(std::size_t block) {
  const Age* const ages = blocks_[block]->ages;
  oldest_[block] = *std::min_element(ages, ages + sizes_[block]);
}

namespace {

template <class Block>
void copy_part(const Block& from, std::uint32_t at, std::uint32_t count, Block& to, std::uint32_t place) {
  std::copy_n(from.keys + at, count, to.keys + place);
  std::copy_n(from.ages + at, count, to.ages + place);
  std::copy_n(from.ids + at, count, to.ids + place);
}

template <class Block>
void shift(Block& block, std::uint32_t from, std::uint32_t end, int by) {
  const auto move = [&](auto* items) {
    if (by > 0) std::copy_backward(items + from, items + end, items + end + by);
    else std::copy(items + from, items + end, items + from + by);
  };
  move(block.keys);
  move(block.ages);
  move(block.ids);
}

}  // namespace

void AgedIndex::split(std::size_t block) {
  add_block(block + 1);
  const std::uint32_t keep = sizes_[block] / 2, moved = sizes_[block] - keep;
  copy_part(*blocks_[block], keep, moved, *blocks_[block + 1], 0);
  sizes_[block] = keep;
  sizes_[block + 1] = moved;
  marks_[block + 1] = {blocks_[block + 1]->keys[0], blocks_[block + 1]->ages[0]};
  find_oldest(block);
  find_oldest(block + 1);
}

void AgedIndex::join_with_next(std::size_t block) {
  copy_part(*blocks_[block + 1], 0, sizes_[block + 1], *blocks_[block], sizes_[block]);
  sizes_[block] += sizes_[block + 1];
  oldest_[block] = std::min(oldest_[block], oldest_[block + 1]);
  drop_block(block + 1);
}

void AgedIndex::insert(const Entry& entry) {
  const Mark mark{entry.key, entry.age};
  if (blocks_.empty()) add_block(0);
  std::size_t block = block_of(mark);
  if (sizes_[block] == kBlock) {
    const Block& full = *blocks_[block];
    // What comes in rising order fills its blocks.
    if (block + 1 == blocks_.size() && Mark{full.keys[kBlock - 1], full.ages[kBlock - 1]} < mark) add_block(++block);
    else {
      split(block);
      if (!(mark < marks_[block + 1])) ++block;
    }
  }
  const std::uint32_t at = place_in(block, mark);
  Block& b = *blocks_[block];
  shift(b, at, sizes_[block], 1);
  b.keys[at] = entry.key;
  b.ages[at] = entry.age;
  b.ids[at] = entry.id;
  ++sizes_[block];
  ++size_;
  oldest_[block] = std::min(oldest_[block], entry.age);
  if (at == 0) marks_[block] = mark;
}

void AgedIndex::erase(Key key, Age age) {
  const Mark mark{key, age};
  if (blocks_.empty()) return;
  const std::size_t block = block_of(mark);
  const std::uint32_t at = place_in(block, mark);
  Block& b = *blocks_[block];
  if (at == sizes_[block] || b.keys[at] != key || b.ages[at] != age) return;
  shift(b, at + 1, sizes_[block], -1);
  --size_;
  if (--sizes_[block] == 0) {
    drop_block(block);
    return;
  }
  if (at == 0) marks_[block] = {b.keys[0], b.ages[0]};
  if (oldest_[block] == age) find_oldest(block);
  if (sizes_[block] >= kPoor) return;
  if (block + 1 < blocks_.size() && sizes_[block] + sizes_[block + 1] <= kBlock / 2) join_with_next(block);
  else if (block > 0 && sizes_[block - 1] + sizes_[block] <= kBlock / 2) join_with_next(block - 1);
}

void AgedIndex::build(std::vector<Entry> entries) {
  std::ranges::sort(entries, {}, [](const Entry& e) { return Mark{e.key, e.age}; });
  *this = AgedIndex();
  const std::size_t count = (entries.size() + kBuilt - 1) / kBuilt;
  marks_.reserve(count + count / 8);
  sizes_.reserve(count + count / 8);
  oldest_.reserve(count + count / 8);
  blocks_.reserve(count + count / 8);
  for (const Entry& entry : entries) {
    if (blocks_.empty() || sizes_.back() == kBuilt) {
      add_block(blocks_.size());
      marks_.back() = {entry.key, entry.age};
    }
    Block& b = *blocks_.back();
    const std::uint32_t at = sizes_.back()++;
    b.keys[at] = entry.key;
    b.ages[at] = entry.age;
    b.ids[at] = entry.id;
    oldest_.back() = std::min(oldest_.back(), entry.age);
  }
  size_ = entries.size();
}

std::size_t AgedIndex::count(Key from, Key to) const {
  if (from > to) return 0;
  const Place begin = range_begin(from), end = range_end(to);
  if (begin.block == end.block) return end.at - begin.at;
  std::size_t out = sizes_[begin.block] - begin.at + end.at;
  for (std::size_t block = begin.block + 1; block < end.block; ++block) out += sizes_[block];
  return out;
}

AgedIndex::Extent AgedIndex::extent(Key from, Key to) const {
  if (from > to) return {};
  const Place begin = range_begin(from), end = range_end(to);
  const std::size_t past = end.block + (end.at > 0 ? 1 : 0);
  Extent out{past - begin.block, ~Age{0}};
  for (std::size_t block = begin.block; block < past; ++block) out.oldest = std::min(out.oldest, oldest_[block]);
  return out;
}

template <class Callback>
void AgedIndex::each_part(Key from, Key to, const Callback& callback) const {
  if (from > to) return;
  const Place begin = range_begin(from), end = range_end(to);
  for (std::size_t block = begin.block; block < blocks_.size() && block <= end.block; ++block) {
    const std::uint32_t first = block == begin.block ? begin.at : 0;
    const std::uint32_t last = block == end.block ? end.at : sizes_[block];
    if (first < last) callback(block, first, last);
  }
}

void AgedIndex::gather(Key from, Key to, Age after, bool sure, std::vector<Item>& out) const {
  each_part(from, to, [&](std::size_t block, std::uint32_t first, std::uint32_t last) {
    const Block& b = *blocks_[block];
    for (std::uint32_t i = first; i < last; ++i) {
      if (b.ages[i] > after) out.push_back({b.keys[i], b.ages[i], b.ids[i], sure});
    }
  });
}

void AgedIndex::each(bool falling, const std::function<bool(const Entry&)>& callback) const {
  const auto call = [&](Place p) {
    const Block& b = *blocks_[p.block];
    return callback({b.keys[p.at], b.ages[p.at], b.ids[p.at]});
  };
  const auto forward = [&](Place p, Place end) {
    for (; p.block < end.block || (p.block == end.block && p.at < end.at);) {
      if (!call(p)) return false;
      p = p.at + 1 < sizes_[p.block] ? Place{p.block, p.at + 1} : Place{p.block + 1, 0};
    }
    return true;
  };
  if (!falling) {
    forward({0, 0}, {blocks_.size(), 0});
    return;
  }
  Place end{blocks_.size(), 0};
  while (end.block > 0 || end.at > 0) {
    const Place last = end.at > 0 ? Place{end.block, end.at - 1} : Place{end.block - 1, sizes_[end.block - 1] - 1};
    const Place begin = range_begin(blocks_[last.block]->keys[last.at]);
    if (!forward(begin, end)) return;
    end = begin;
  }
}

void OldestFirst::add(const AgedIndex& index, AgedIndex::Key from, AgedIndex::Key to, bool sure) {
  assert(!started_ && "ranges are added before the first is asked for");
  index.each_part(from, to, [&](std::size_t block, std::uint32_t first, std::uint32_t last) {
    runs_.push_back({index.oldest_[block], index.blocks_[block].get(), first, last, false, sure, -1});
  });
}

// Keys that stand together are neighbours, so the sieve is asked of some at once, and of each only where it cannot say.
std::vector<OldestFirst::Item> OldestFirst::sift(const Run& run) const {
  constexpr std::uint32_t kTogether = 16;
  const AgedIndex::Block& b = *run.block;
  const Sieve* const sieve = run.sure ? nullptr : sieve_;
  std::vector<Item> out;
  out.reserve(run.end - run.at);
  for (std::uint32_t from = run.at; from < run.end; from += kTogether) {
    const std::uint32_t to = std::min(run.end, from + kTogether);
    const auto all = sieve ? sieve->of(b.keys[from], b.keys[to - 1]) : Sieve::Says::in;
    if (all == Sieve::Says::out) continue;
    for (std::uint32_t i = from; i < to; ++i) {
      if (b.ages[i] <= last_) continue;
      const auto one = all == Sieve::Says::unsure ? sieve->of(b.keys[i], b.keys[i]) : all;
      if (one != Sieve::Says::out) {
        out.push_back({b.keys[i], b.ages[i], b.ids[i], run.sure || (sieve && one == Sieve::Says::in)});
      }
    }
  }
  return out;
}

// Puts what is younger than the last one given in order of age: equal keys stand so already.
void OldestFirst::open_top() {
  std::ranges::pop_heap(runs_, later);
  Run& run = runs_.back();
  run.opened = true;
  const AgedIndex::Block& b = *run.block;
  const bool sieved = sieve_ && !run.sure;
  const auto all = sieved ? sieve_->of(b.keys[run.at], b.keys[run.end - 1]) : Sieve::Says::unsure;
  if (all == Sieve::Says::out) {
    runs_.pop_back();
    return;
  }
  if (all == Sieve::Says::in) run.sure = true;
  if ((!sieved || run.sure) && b.keys[run.at] == b.keys[run.end - 1]) {
    run.at = std::uint32_t(std::upper_bound(b.ages + run.at, b.ages + run.end, last_) - b.ages);
    if (run.at < run.end) run.due = b.ages[run.at];
  } else {
    std::vector<Item> items = sift(run);
    std::ranges::make_heap(items, std::ranges::greater{}, &Item::age);
    run.at = 0;
    run.end = std::uint32_t(items.size());
    if (!items.empty()) run.due = items.front().age;
    run.heap = std::int32_t(heaps_.size());
    heaps_.push_back(std::move(items));
  }
  if (run.at == run.end) {
    runs_.pop_back();
    return;
  }
  std::ranges::push_heap(runs_, later);
}

OldestFirst::Item OldestFirst::take(Run& run) {
  const AgedIndex::Block& b = *run.block;
  if (run.heap < 0) {
    const Item item{b.keys[run.at], b.ages[run.at], b.ids[run.at], run.sure};
    if (++run.at < run.end) run.due = b.ages[run.at];
    return item;
  }
  std::vector<Item>& items = heaps_[std::size_t(run.heap)];
  std::ranges::pop_heap(items, std::ranges::greater{}, &Item::age);
  const Item item = items.back();
  items.pop_back();
  --run.end;
  if (!items.empty()) run.due = items.front().age;
  return item;
}

bool OldestFirst::next(Item& out) {
  if (!started_) std::ranges::make_heap(runs_, later);
  started_ = true;
  while (!runs_.empty()) {
    if (!runs_.front().opened) {
      open_top();
      continue;
    }
    std::ranges::pop_heap(runs_, later);
    Run& run = runs_.back();
    out = take(run);
    if (run.at == run.end) runs_.pop_back();
    else std::ranges::push_heap(runs_, later);
    if (out.age <= last_) continue;  // found under another key before
    last_ = out.age;
    return true;
  }
  return false;
}

}  // namespace cityloop::twin
