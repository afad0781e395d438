// Merkle trees exactly as RFC 9162 (section 2.1) has them: hashes, proofs of inclusion, proofs of consistency.
//
//   leaves ─▶ [MerkleTree] ─ root, proofs ─▶ receipts, heads        anybody: root_of_inclusion, is_consistent
//
// The tree keeps the hash of every complete subtree (64 bytes an entry), so that a proof costs O(log n). SHA-256. Pure;
// who shares a tree between threads guards it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "trust/crypto.h"

namespace cityloop::awards {

using trust::Digest;

Digest leaf_hash(std::string_view leaf);  // SHA-256 of 0x00 and the leaf
Digest node_hash(const Digest& left, const Digest& right);

class MerkleTree {
 public:
  std::uint64_t size() const { return levels_.empty() ? 0 : levels_[0].size(); }
  void add(const Digest& leaf_hash);
  void shrink(std::uint64_t size);  // as if only the first so many had been added

  // All sizes are at most size().
  Digest root(std::uint64_t size) const;
  std::vector<Digest> inclusion(std::uint64_t index, std::uint64_t size) const;   // index < size
  std::vector<Digest> consistency(std::uint64_t from, std::uint64_t size) const;  // from <= size
  const Digest& leaf(std::uint64_t index) const { return levels_[0][index]; }

 private:
  Digest range(std::uint64_t begin, std::uint64_t end) const;

  std::vector<std::vector<Digest>> levels_;  // by height: complete subtrees from the left
};

// The root that a tree of this size has if the leaf is in it at this place; nothing where the proof has not the length
// that it must (RFC 9162, 2.1.3.2).
std::optional<Digest> root_of_inclusion(const Digest& leaf, std::uint64_t index, std::uint64_t size,
                                        const std::vector<Digest>& proof);
// Whether the tree of `size` begins with all of the tree of `from` (RFC 9162, 2.1.4.2). Nothing is needed to show that
// a tree begins with the empty one, or with itself.
bool is_consistent(std::uint64_t from, const Digest& from_root, std::uint64_t size, const Digest& root,
                   const std::vector<Digest>& proof);

}  // namespace cityloop::awards
