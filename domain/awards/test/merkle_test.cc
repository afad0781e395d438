// RFC 9162's trees: known answers, and every size up to 70 beside the definitions of the RFC written down as they
// stand.
#include "domain/awards/trust/merkle.h"

#include <gmock/gmock.h>

#include "base/text_of_bytes.h"
#include "domain/awards/trust/log_line.h"

namespace cityloop::awards {
namespace {

using Leaves = std::vector<std::string>;

Leaves some_leaves(std::size_t count) {
  Leaves out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(fmt::format("leaf {}", i));
  return out;
}

MerkleTree tree_of(const Leaves& leaves) {
  MerkleTree out;
  for (const std::string& leaf : leaves) out.add(leaf_hash(leaf));
  return out;
}

std::size_t below(std::size_t n) {
  std::size_t k = 1;
  while (2 * k < n) k *= 2;
  return k;
}

Leaves part(const Leaves& d, std::size_t begin, std::size_t end) {
  return {d.begin() + std::ptrdiff_t(begin), d.begin() + std::ptrdiff_t(end)};
}

// RFC 9162, 2.1.1.
Digest mth(const Leaves& d) {
  if (d.empty()) return trust::sha256({""});
  if (d.size() == 1) return trust::sha256({std::string(1, '\0') + d[0]});
  const std::size_t k = below(d.size());
  return trust::sha256({"\x01", trust::as_bytes(mth(part(d, 0, k))), trust::as_bytes(mth(part(d, k, d.size())))});
}

// RFC 9162, 2.1.3.1.
std::vector<Digest> path(std::size_t m, const Leaves& d) {
  if (d.size() == 1) return {};
  const std::size_t k = below(d.size());
  const Leaves left = part(d, 0, k), right = part(d, k, d.size());
  auto out = m < k ? path(m, left) : path(m - k, right);
  out.push_back(mth(m < k ? right : left));
  return out;
}

// RFC 9162, 2.1.4.1.
std::vector<Digest> subproof(std::size_t m, const Leaves& d, bool whole) {
  if (m == d.size()) return whole ? std::vector<Digest>{} : std::vector<Digest>{mth(d)};
  const std::size_t k = below(d.size());
  const Leaves left = part(d, 0, k), right = part(d, k, d.size());
  auto out = m <= k ? subproof(m, left, whole) : subproof(m - k, right, false);
  out.push_back(mth(m <= k ? right : left));
  return out;
}

// The leaves and roots that Certificate Transparency's implementations share.
TEST(MerkleTree, HasTheRootsThatEverybodyHas) {
  const char* const leaves[] = {
      "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
  const char* const roots[] = {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                               "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                               "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                               "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                               "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                               "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                               "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                               "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  MerkleTree tree;
  EXPECT_EQ(hex_of(tree.root(0)), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (std::size_t i = 0; i < 8; ++i) {
    tree.add(leaf_hash(base::from_hex(leaves[i]).value()));
    EXPECT_EQ(hex_of(tree.root(i + 1)), roots[i]);
  }
  const auto hexes = [](const std::vector<Digest>& digests) {
    std::vector<std::string> out;
    for (const Digest& one : digests) out.push_back(hex_of(one));
    return out;
  };
  EXPECT_THAT(hexes(tree.inclusion(5, 8)),
              testing::ElementsAre("bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                                   "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                                   "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"));
  EXPECT_THAT(hexes(tree.consistency(6, 8)),
              testing::ElementsAre("0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                                   "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                                   "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"));
}

TEST(MerkleTree, IsWhatTheRfcDefinesForEverySizeAndPlace) {
  constexpr std::size_t kMost = 70;
  const Leaves all = some_leaves(kMost);
  const MerkleTree tree = tree_of(all);
  for (std::size_t n = 1; n <= kMost; ++n) {
    const Leaves d = part(all, 0, n);
    const Digest root = mth(d);
    ASSERT_EQ(tree.root(n), root) << n;
    for (std::size_t m = 0; m < n; ++m) {
      const auto proof = tree.inclusion(m, n);
      ASSERT_EQ(proof, path(m, d)) << m << " of " << n;
      ASSERT_EQ(root_of_inclusion(leaf_hash(d[m]), m, n, proof), root) << m << " of " << n;
    }
    for (std::size_t m = 1; m <= n; ++m) {
      const auto proof = tree.consistency(m, n);
      ASSERT_EQ(proof, subproof(m, d, true)) << m << " to " << n;
      ASSERT_TRUE(is_consistent(m, tree.root(m), n, root, proof)) << m << " to " << n;
    }
  }
}

TEST(MerkleTree, AProofHoldsForNothingElse) {
  constexpr std::size_t kMost = 20;
  const Leaves all = some_leaves(kMost);
  const MerkleTree tree = tree_of(all);
  for (std::size_t n = 2; n <= kMost; ++n) {
    const Digest root = tree.root(n);
    for (std::size_t m = 0; m < n; ++m) {
      auto proof = tree.inclusion(m, n);
      const Digest leaf = leaf_hash(all[m]);
      for (std::size_t other = 0; other < n + 2; ++other) {
        if (other != m)
          EXPECT_NE(root_of_inclusion(leaf, other, n, proof), root) << m << " as " << other << " of " << n;
      }
      for (Digest& one : proof) {
        one[7] ^= 1;
        EXPECT_NE(root_of_inclusion(leaf, m, n, proof), root);
        one[7] ^= 1;
      }
      proof.push_back(root);
      EXPECT_FALSE(root_of_inclusion(leaf, m, n, proof));
      proof.resize(proof.size() - 2);
      EXPECT_NE(root_of_inclusion(leaf, m, n, proof), root);
    }
    for (std::size_t m = 1; m < n; ++m) {
      auto proof = tree.consistency(m, n);
      EXPECT_FALSE(is_consistent(m, tree.root(n), n, root, proof));
      EXPECT_FALSE(is_consistent(m, tree.root(m), n, tree.root(n - 1), proof));
      EXPECT_FALSE(is_consistent(n, tree.root(n), m, tree.root(m), proof)) << "a log does not shrink";
      for (Digest& one : proof) {
        one[0] ^= 0x80;
        EXPECT_FALSE(is_consistent(m, tree.root(m), n, root, proof)) << m << " to " << n;
        one[0] ^= 0x80;
      }
      proof.push_back(root);
      EXPECT_FALSE(is_consistent(m, tree.root(m), n, root, proof));
      proof.resize(proof.size() - 2);
      EXPECT_FALSE(is_consistent(m, tree.root(m), n, root, proof));
    }
  }
}

TEST(MerkleTree, ShrinksToWhatItWas) {
  const Leaves all = some_leaves(70);
  for (std::size_t n = 0; n <= 70; ++n) {
    MerkleTree tree = tree_of(all);
    tree.shrink(n);
    EXPECT_EQ(tree.size(), n);
    EXPECT_EQ(tree.root(n), mth(part(all, 0, n)));
    for (std::size_t i = n; i < 70; ++i) tree.add(leaf_hash(all[i]));
    EXPECT_EQ(tree.root(70), mth(all)) << n;
  }
}

}  // namespace
}  // namespace cityloop::awards
