#include "domain/awards/trust/merkle.h"

#include <bit>
#include <cassert>

namespace cityloop::awards {
namespace {

using namespace std::string_view_literals;

// The largest power of two below n; n > 1.
std::uint64_t split_of(std::uint64_t n) {
  return std::bit_floor(n - 1);
}

}  // namespace

Digest leaf_hash(std::string_view leaf) {
  return trust::sha256({"\0"sv, leaf});
}

Digest node_hash(const Digest& left, const Digest& right) {
  return trust::sha256({"\1"sv, trust::as_bytes(left), trust::as_bytes(right)});
}

void MerkleTree::add(const Digest& leaf) {
  if (levels_.empty()) levels_.emplace_back();
  levels_[0].push_back(leaf);
  for (std::size_t height = 0; levels_[height].size() % 2 == 0; ++height) {
    if (height + 1 == levels_.size()) levels_.emplace_back();
    const auto& row = levels_[height];
    levels_[height + 1].push_back(node_hash(row[row.size() - 2], row.back()));
  }
}

void MerkleTree::shrink(std::uint64_t size) {
  for (auto& row : levels_) {
    row.resize(size);
    size /= 2;
  }
}

Digest MerkleTree::root(std::uint64_t size) const {
  assert(size <= this->size());
  return size == 0 ? trust::sha256({}) : range(0, size);
}

// MTH(D[begin:end]); begin is a multiple of the smallest power of two that is not below the length.
Digest MerkleTree::range(std::uint64_t begin, std::uint64_t end) const {
  const std::uint64_t n = end - begin;
  if (std::has_single_bit(n)) {
    const int height = std::countr_zero(n);
    return levels_[std::size_t(height)][begin >> height];
  }
  const std::uint64_t middle = begin + split_of(n);
  return node_hash(range(begin, middle), range(middle, end));
}

std::vector<Digest> MerkleTree::inclusion(std::uint64_t index, std::uint64_t size) const {
  assert(index < size && size <= this->size());
  std::vector<Digest> from_top;
  std::uint64_t begin = 0, end = size;
  while (end - begin > 1) {
    const std::uint64_t middle = begin + split_of(end - begin);
    const bool left = index < middle;
    from_top.push_back(left ? range(middle, end) : range(begin, middle));
    (left ? end : begin) = middle;
  }
  return {from_top.rbegin(), from_top.rend()};
}

std::vector<Digest> MerkleTree::consistency(std::uint64_t from, std::uint64_t size) const {
  assert(from <= size && size <= this->size());
  if (from == 0 || from == size) return {};
  std::vector<Digest> from_top;
  std::uint64_t begin = 0, end = size;
  bool whole = true;  // what is left of `from` is all of it: its root is known to whoever asks
  while (end != from) {
    const std::uint64_t middle = begin + split_of(end - begin);
    if (from <= middle) {
      from_top.push_back(range(middle, end));
      end = middle;
    } else {
      from_top.push_back(range(begin, middle));
      begin = middle;
      whole = false;
    }
  }
  if (!whole) from_top.push_back(range(begin, end));
  return {from_top.rbegin(), from_top.rend()};
}

std::optional<Digest> root_of_inclusion(const Digest& leaf, std::uint64_t index, std::uint64_t size,
                                        const std::vector<Digest>& proof) {
  if (index >= size) return std::nullopt;
  std::uint64_t fn = index, sn = size - 1;
  Digest r = leaf;
  for (const Digest& p : proof) {
    if (sn == 0) return std::nullopt;
    if (fn % 2 == 1 || fn == sn) {
      r = node_hash(p, r);
      while (fn % 2 == 0 && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      r = node_hash(r, p);
    }
    fn >>= 1;
    sn >>= 1;
  }
  if (sn != 0) return std::nullopt;
  return r;
}

bool is_consistent(std::uint64_t from, const Digest& from_root, std::uint64_t size, const Digest& root,
                   const std::vector<Digest>& proof) {
  if (from > size) return false;
  if (from == 0) return proof.empty() && from_root == trust::sha256({});
  if (from == size) return proof.empty() && from_root == root;
  auto next = proof.begin();
  if (!std::has_single_bit(from) && next == proof.end()) return false;
  Digest fr = std::has_single_bit(from) ? from_root : *next++;
  Digest sr = fr;
  std::uint64_t fn = from - 1, sn = size - 1;
  while (fn % 2 == 1) {
    fn >>= 1;
    sn >>= 1;
  }
  for (; next != proof.end(); ++next) {
    if (sn == 0) return false;
    if (fn % 2 == 1 || fn == sn) {
      fr = node_hash(*next, fr);
      sr = node_hash(*next, sr);
      while (fn % 2 == 0 && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      sr = node_hash(sr, *next);
    }
    fn >>= 1;
    sn >>= 1;
  }
  return sn == 0 && fr == from_root && sr == root;
}

}  // namespace cityloop::awards
