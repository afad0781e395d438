#include "domain/awards/panel/assignment.h"

#include <algorithm>
#include <functional>
#include <limits>

#include <gmock/gmock.h>

#include "base/rng.h"

namespace cityloop::awards::panel {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::vector<std::string> kThemes{"交通", "能源", "水务", "教育", "安全", "应急", "社区", "医疗"};

// Proposals and reviewers on one or two of the themes each.
AssignmentInput made_up(std::uint64_t seed, std::size_t proposals, std::size_t reviewers, std::uint32_t each,
                        std::uint32_t load) {
  base::Rng rng(seed);
  AssignmentInput out;
  out.rules.reviews_each = each;
  out.rules.links.connectivity_min = 0;
  const auto words = [&] { return std::vector{kThemes[rng.below(8)], kThemes[rng.below(8)]}; };
  for (std::size_t p = 0; p < proposals; ++p)
    out.proposals.push_back({fmt::format("p{}", p), words(), "", {fmt::format("o{}", p)}, {}, {}, 0});
  for (std::size_t r = 0; r < reviewers; ++r) {
    const std::string home = rng.uniform() < 0.5 ? fmt::format("o{}", rng.below(proposals)) : "elsewhere";
    out.reviewers.push_back({fmt::format("r{}", r), "", words(), "", {home}, {}, {}, {}, load});
  }
  return out;
}

struct Aims {
  std::int64_t missing{}, given_up{};
  double worth{};
};

// What an assignment is worth, by the words of the header and not by its code.
Aims aims_of(const AssignmentInput& input, const std::vector<Pair>& pairs) {
  const Matches match = matches(input.proposals, input.reviewers, input.rules.match);
  std::vector<double> load(input.reviewers.size());
  Aims out;
  out.missing = std::int64_t(input.proposals.size() * input.rules.reviews_each - pairs.size());
  out.given_up = std::int64_t(input.before.size());
  for (const Pair& pair : pairs) {
    out.worth += match.at(pair);
    ++load[pair.reviewer];
    for (const IdPair& ids : input.before)
      out.given_up -=
          ids.proposal == input.proposals[pair.proposal].id && ids.reviewer == input.reviewers[pair.reviewer].id;
  }
  for (std::size_t r = 0; r < load.size(); ++r)
    out.worth -= input.rules.balance * load[r] * load[r] / (2 * input.reviewers[r].load_max);
  return out;
}

bool better(const Aims& a, const Aims& b) {
  return std::tuple(a.missing, a.given_up, -a.worth) < std::tuple(b.missing, b.given_up, -b.worth);
}

// Every assignment there is.
Aims best_of_all(const AssignmentInput& input) {
  std::vector<Bar> bars = bars_between(input.proposals, input.reviewers, {}, input.rules.bars);
  std::vector<Pair> pairs;
  Aims best{std::numeric_limits<std::int64_t>::max(), 0, 0};
  const std::function<void(std::uint32_t)> choose = [&](std::uint32_t proposal) {
    if (proposal == input.proposals.size()) {
      if (const Aims aims = aims_of(input, pairs); better(aims, best)) best = aims;
      return;
    }
    for (std::uint32_t set = 0; set < 1u << input.reviewers.size(); ++set) {
      if (std::uint32_t(std::popcount(set)) > input.rules.reviews_each) continue;
      const std::size_t before = pairs.size();
      bool fits = true;
      for (std::uint32_t r = 0; r < input.reviewers.size(); ++r) {
        if (!(set >> r & 1)) continue;
        const Pair pair{proposal, r};
        fits = fits && std::ranges::count(pairs, r, &Pair::reviewer) < input.reviewers[r].load_max &&
               std::ranges::find(bars, pair, &Bar::pair) == bars.end();
        pairs.push_back(pair);
      }
      if (fits) choose(proposal + 1);
      pairs.resize(before);
    }
  };
  choose(0);
  return best;
}

std::vector<Pair> pairs_of(const Assignment& assignment) {
  std::vector<Pair> out;
  for (const Given& given : assignment.given) out.push_back(given.pair);
  return out;
}

std::vector<IdPair> ids_of(const AssignmentInput& input, const Assignment& assignment) {
  std::vector<IdPair> out;
  for (const Given& given : assignment.given)
    out.push_back({input.proposals[given.pair.proposal].id, input.reviewers[given.pair.reviewer].id});
  return out;
}

TEST(Assignment, NoOtherIsBetterAmongAllThereAre) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const AssignmentInput input = made_up(seed, 4, 4, 2, seed % 3 == 0 ? 1 : 3);
    const auto found = assign_reviewers(input);
    ASSERT_TRUE(found) << found.error().message;
    const Aims best = best_of_all(input), got = aims_of(input, pairs_of(*found));
    EXPECT_EQ(got.missing, best.missing) << "seed " << seed;
    EXPECT_NEAR(got.worth, best.worth, 1e-3) << "seed " << seed;
  }
}

TEST(Assignment, WhenAJurorDropsOutNoOtherWayGivesUpLessOfWhatHeld) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    AssignmentInput input = made_up(seed, 4, 5, 2, 2);
    const auto first = assign_reviewers(input);
    ASSERT_TRUE(first);
    input.before = ids_of(input, *first);
    const std::string gone = input.reviewers.back().id;
    input.reviewers.pop_back();
    std::erase_if(input.before, [&](const IdPair& pair) { return pair.reviewer == gone; });
    const auto second = assign_reviewers(input);
    ASSERT_TRUE(second);
    const Aims best = best_of_all(input), got = aims_of(input, pairs_of(*second));
    EXPECT_EQ(got.missing, best.missing) << "seed " << seed;
    EXPECT_EQ(std::int64_t(second->given_up.size()), best.given_up) << "seed " << seed;
    EXPECT_NEAR(got.worth, best.worth, 1e-3) << "seed " << seed;
  }
}

TEST(Assignment, SaysWhyAPairIsBarredHoweverTheNameIsWritten) {
  AssignmentInput input;
  input.proposals = {{"p1", {}, "", {"深圳市交通運輸局", "ＡＣＭＥ Ltd."}, {"深圳"}, {"王伟", "Li Na"}, 0}};
  input.reviewers = {{"r1", "", {}, "", {"深圳市交通运输局"}, {}, {}, {}, 1},
                     {"r2", "", {}, "", {"acme ltd."}, {}, {}, {}, 1},
                     {"r3", "", {}, "", {}, {"深圳"}, {}, {}, 1},
                     {"r4", "王伟", {}, "", {}, {}, {}, {}, 1},
                     {"r5", "", {}, "", {}, {}, {"LI NA"}, {}, 1},
                     {"r6", "", {}, "", {}, {}, {}, {"p1"}, 1},
                     {"r7", "", {}, "", {}, {}, {}, {}, 1},
                     {"r8", "", {}, "", {}, {}, {}, {}, 1}};
  input.forbidden = {{"p1", "r7"}};
  input.rules.reviews_each = 3;
  const auto out = assign_reviewers(input);
  ASSERT_TRUE(out) << out.error().message;
  std::vector<std::string> told;
  for (const Bar& bar : out->bars)
    told.push_back(fmt::format("{} {} {}", input.reviewers[bar.pair.reviewer].id, to_string(bar.why), bar.what));
  EXPECT_THAT(
      told, ::testing::ElementsAre("r1 organisation 深圳市交通運輸局", "r2 organisation ＡＣＭＥ Ltd.", "r3 city 深圳",
                                   "r4 own 王伟", "r5 co_author Li Na", "r6 declared p1", "r7 forbidden "));
  ASSERT_THAT(out->lacking, SizeIs(1));
  const Lack& lack = out->lacking[0];
  EXPECT_EQ(lack.needed, 3u);
  EXPECT_EQ(lack.got, 1u);
  EXPECT_EQ(lack.loaded, 1u);
  ASSERT_THAT(lack.barred, SizeIs(6));
  EXPECT_EQ(lack.barred[1].why, Why::organisation);
  EXPECT_EQ(lack.barred[1].reviewers, 2u);
}

TEST(Assignment, TheSecretaryFixesPairsAndABarredOneOnlyWithAReason) {
  AssignmentInput input = made_up(3, 6, 6, 2, 2);
  input.reviewers[0].organisations = {"o2"};
  input.fixed = {{"p2", "r0", ""}};
  const auto refused = assign_reviewers(input);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::Errc::conflict);
  EXPECT_THAT(refused.error().message, HasSubstr("organisation: o2"));
  input.fixed = {{"p2", "r0", "the chair knows and agrees"}, {"p3", "r0", ""}};
  const auto out = assign_reviewers(input);
  ASSERT_TRUE(out) << out.error().message;
  EXPECT_THAT(out->lacking, IsEmpty());
  EXPECT_EQ(out->load[0], 2u);
  const auto given = std::ranges::find(out->given, Pair{2, 0}, &Given::pair);
  ASSERT_NE(given, out->given.end());
  EXPECT_TRUE(given->fixed);
  EXPECT_EQ(given->in_spite_of, "the chair knows and agrees");
  input.fixed.push_back({"p4", "r0", ""});
  EXPECT_THAT(assign_reviewers(input).error().message, HasSubstr("load of 2"));
  input.fixed = {{"p9", "r0", ""}};
  EXPECT_EQ(assign_reviewers(input).error().code, base::Errc::not_found);
  input.fixed = {};
  input.reviewers[1].id = "r0";
  EXPECT_THAT(assign_reviewers(input).error().message, HasSubstr("stands twice"));
}

// Two fields whose experts do not know each other's matter: the best match alone parts the panel.
AssignmentInput two_fields() {
  AssignmentInput out;
  for (std::size_t i = 0; i < 40; ++i)
    out.proposals.push_back({fmt::format("p{}", i), {i % 2 ? "桥梁监测" : "在线教育"}, "", {}, {}, {}, 0});
  for (std::size_t i = 0; i < 12; ++i)
    out.reviewers.push_back({fmt::format("r{}", i), "", {i % 2 ? "桥梁监测" : "在线教育"}, "", {}, {}, {}, {}, 12});
  out.rules.reviews_each = 3;
  return out;
}

TEST(Assignment, APanelThatFallsApartIsLinkedAtLeastCost) {
  const AssignmentInput input = two_fields();
  const auto out = assign_reviewers(input);
  ASSERT_TRUE(out);
  EXPECT_EQ(out->before_links.components, 2u);
  EXPECT_EQ(out->before_links.worst_error, std::nullopt);
  EXPECT_EQ(out->mixing.components, 1u);
  EXPECT_TRUE(out->linked);
  EXPECT_GE(out->mixing.connectivity, 0.1);
  EXPECT_LT(*out->mixing.worst_error, 3 * out->mixing.even_error);
  EXPECT_THAT(out->lacking, IsEmpty());
  for (const std::uint32_t load : out->load) EXPECT_EQ(load, 10u);
  const auto linking = std::ranges::count_if(out->given, &Given::linking);
  EXPECT_GT(linking, 0);
  EXPECT_LE(linking, 40);
  const auto foreign = std::ranges::count_if(out->given, [](const Given& given) { return given.match < 0.5; });
  EXPECT_NEAR(out->match_unlinked - out->match_sum, double(foreign), 1e-6);
  std::vector<Pair> pairs = pairs_of(*out);
  EXPECT_EQ(std::ranges::adjacent_find(pairs), pairs.end());
}

TEST(Assignment, WhoReadsEverythingIsLinkedWholly) {
  std::vector<Pair> pairs;
  for (std::uint32_t p = 0; p < 7; ++p)
    for (std::uint32_t r = 0; r < 4; ++r) pairs.push_back({p, r});
  const Mixing all = mixing_of(pairs, 9, 6);
  EXPECT_EQ(all.components, 1u);
  EXPECT_NEAR(all.connectivity, 1, 1e-9);
  EXPECT_NEAR(*all.worst_error, std::sqrt(2.0 / 7), 1e-9);  // two means of seven scores each
  EXPECT_NEAR(all.even_error, std::sqrt(2.0 / 7), 1e-9);
  // A chain is linked by a thread: its ends differ by the errors of all the steps between.
  const Mixing chain = mixing_of(std::vector<Pair>{{0, 0}, {0, 1}, {1, 1}, {1, 2}, {2, 2}, {2, 3}}, 3, 4);
  EXPECT_LT(chain.connectivity, 0.3);
  EXPECT_NEAR(*chain.worst_error, std::sqrt(3 * 2.0), 1e-9);
}

TEST(Assignment, KeyWordsAndTextsOfBothLanguagesCount) {
  AssignmentInput input;
  input.proposals = {{"p", {"智慧交通", "signal control"}, "路口信号灯自适应控制，减少拥堵", {}, {}, {}, 0}};
  input.reviewers = {{"same", "", {"智慧交通", "Signal Control"}, "研究路口信号灯控制与拥堵", {}, {}, {}, {}, 1},
                     {"near", "", {"城市交通", "signals"}, "交通拥堵研究", {}, {}, {}, {}, 1},
                     {"far", "", {"水质监测"}, "河道水质与排污", {}, {}, {}, {}, 1},
                     {"silent", "", {}, "", {}, {}, {}, {}, 1}};
  const Matches match = matches(input.proposals, input.reviewers);
  EXPECT_GT(match.of[0], 0.9);
  EXPECT_GT(match.of[0], match.of[1] + 0.2);
  EXPECT_GT(match.of[1], match.of[2] + 0.2);
  EXPECT_EQ(match.of[3], 0);
}

}  // namespace
}  // namespace cityloop::awards::panel
