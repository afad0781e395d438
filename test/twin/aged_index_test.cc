#include "twin/query/aged_index.h"

#include <algorithm>
#include <set>
#include <tuple>

#include <gtest/gtest.h>

#include "base/rng.h"
#include "twin/query/age_list.h"

namespace cityloop::twin {
namespace {

using Entry = AgedIndex::Entry;
using Model = std::set<std::tuple<AgedIndex::Key, Age, std::uint32_t>>;

std::vector<Age> ages_between(const Model& model, AgedIndex::Key from, AgedIndex::Key to, Age after) {
  std::set<Age> out;
  for (const auto& [key, age, id] : model) {
    if (key >= from && key <= to && age > after) out.insert(age);
  }
  return {out.begin(), out.end()};
}

void expect_same(const AgedIndex& index, const Model& model, base::Rng& rng, AgedIndex::Key keys) {
  ASSERT_EQ(index.size(), model.size());
  const AgedIndex::Key a = rng.below(keys), b = rng.below(keys), c = rng.below(keys);
  const auto [from, to] = std::minmax(a, b);
  const auto counted =
      std::ranges::count_if(model, [&](const auto& e) { return std::get<0>(e) >= from && std::get<0>(e) <= to; });
  ASSERT_EQ(index.count(from, to), std::size_t(counted));
  const Age after = rng.below(3) ? 0 : rng.below(2000);
  OldestFirst oldest(after);
  oldest.add(index, from, to);
  if (c > to) oldest.add(index, c, c);
  std::vector<Age> expected = ages_between(model, from, to, after);
  if (c > to) {
    const auto more = ages_between(model, c, c, after);
    expected.insert(expected.end(), more.begin(), more.end());
    std::ranges::sort(expected);
    expected.erase(std::unique(expected.begin(), expected.end()), expected.end());
  }
  std::vector<Age> got;
  for (OldestFirst::Item item{}; oldest.next(item);) {
    got.push_back(item.age);
    ASSERT_EQ(item.id, std::uint32_t(item.age * 7));
  }
  ASSERT_EQ(got, expected);
}

// Keys of few values and of many; entries come and go until blocks have been split, joined and dropped.
void against_model(std::uint64_t seed, AgedIndex::Key keys, std::size_t most) {
  base::Rng rng(seed);
  AgedIndex index;
  Model model;
  for (int round = 0; round < 20'000; ++round) {
    const bool grows = (round / 4000) % 2 == 0 && model.size() < most;
    if (grows || rng.below(4) == 0) {
      const Entry entry{rng.below(keys), 1 + rng.below(4000), 0};
      const auto row = std::tuple(entry.key, entry.age, std::uint32_t(entry.age * 7));
      if (model.insert(row).second) index.insert({entry.key, entry.age, std::uint32_t(entry.age * 7)});
    } else if (!model.empty()) {
      auto at = model.lower_bound({rng.below(keys), 0, 0});
      if (at == model.end()) at = model.begin();
      index.erase(std::get<0>(*at), std::get<1>(*at));
      model.erase(at);
    }
    if (round % 97 == 0) expect_same(index, model, rng, keys);
    if (testing::Test::HasFatalFailure()) FAIL() << "seed " << seed << " round " << round;
  }
}

TEST(AgedIndex, FewKeysAgainstModel) {
  against_model(1, 5, 6000);
}
TEST(AgedIndex, ManyKeysAgainstModel) {
  against_model(2, 100'000, 6000);
}

TEST(AgedIndex, BuiltAtOnceIsAsGrown) {
  base::Rng rng(3);
  std::vector<Entry> entries;
  Model model;
  for (Age age = 1; age <= 3000; ++age) {
    const AgedIndex::Key key = rng.below(50);
    entries.push_back({key, age, std::uint32_t(age * 7)});
    model.insert({key, age, std::uint32_t(age * 7)});
  }
  AgedIndex index;
  index.build(entries);
  for (int i = 0; i < 50; ++i) expect_same(index, model, rng, 50);
  EXPECT_LT(index.bytes(), 30 * entries.size());
}

TEST(AgedIndex, GivesKeysInOrderBothWays) {
  base::Rng rng(4);
  AgedIndex index;
  std::vector<std::pair<AgedIndex::Key, Age>> rows;
  for (Age age = 1; age <= 2000; ++age) {
    rows.emplace_back(rng.below(12), age);
    index.insert({rows.back().first, age, 0});
  }
  for (const bool falling : {false, true}) {
    std::ranges::stable_sort(rows, [&](const auto& a, const auto& b) {
      return a.first == b.first ? a.second < b.second : (a.first < b.first) != falling;
    });
    std::vector<std::pair<AgedIndex::Key, Age>> got;
    index.each(falling, [&](const Entry& entry) {
      got.emplace_back(entry.key, entry.age);
      return got.size() < 1500;
    });
    EXPECT_TRUE(std::equal(got.begin(), got.end(), rows.begin())) << falling;
    EXPECT_EQ(got.size(), 1500u);
  }
}

TEST(AgeList, AgainstModel) {
  base::Rng rng(5);
  AgeList list;
  std::set<Age> model;
  Age newest = 0;
  for (int round = 0; round < 30'000; ++round) {
    const bool grows = (round / 6000) % 2 == 0;
    if (grows ? rng.below(4) > 0 : rng.below(4) == 0) {
      const Age age = rng.below(5) ? ++newest : 1 + rng.below(newest + 1);
      newest = std::max(newest, age);
      list.insert({age, std::uint32_t(age)});
      model.insert(age);
    } else {
      const Age age = 1 + rng.below(newest + 1);
      list.erase(age);
      model.erase(age);
    }
    ASSERT_EQ(list.size(), model.size());
    if (round % 101 != 0) continue;
    const std::size_t n = rng.below(model.size() + 2);
    const auto nth = list.nth(n);
    ASSERT_EQ(nth.valid(), n < model.size());
    if (nth.valid()) ASSERT_EQ(nth.age(), *std::next(model.begin(), std::ptrdiff_t(n)));
    const Age after = rng.below(newest + 2);
    auto at = list.after(after);
    for (auto expected = model.upper_bound(after); expected != model.end(); ++expected, at.next()) {
      ASSERT_TRUE(at.valid());
      ASSERT_EQ(at.age(), *expected);
      ASSERT_EQ(at.id(), std::uint32_t(*expected));
    }
    ASSERT_FALSE(at.valid());
  }
}

TEST(AgeList, AWalkOverSeveralGivesEachOnce) {
  AgeList a, b, none;
  for (Age age = 1; age < 3000; ++age) {
    if (age % 2 == 0) a.insert({age, std::uint32_t(age)});
    if (age % 3 == 0) b.insert({age, std::uint32_t(age)});
  }
  Walk walk({&a, &none, &b}, 10);
  AgeList::Member member;
  for (Age age = 11; age < 3000; ++age) {
    if (age % 2 != 0 && age % 3 != 0) continue;
    ASSERT_TRUE(walk.next(member));
    ASSERT_EQ(member.age, age);
  }
  EXPECT_FALSE(walk.next(member));
}

}  // namespace
}  // namespace cityloop::twin
