// What a block's summary says against the block itself, row by row.
#include "serve/cases/case_summary.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/rng.h"
#include "serve/cases/case_block.h"
#include "serve/cases/case_map.h"

namespace cityloop::serve {
namespace {

using base::Rng;

constexpr const char* kDepartments[] = {"water", "roads", "parks"};

// Some blocks hold cases of one department only, all ended, all of one summer, all in one quarter: then a summary
// settles much; in others anything stands.
struct Blocks {
  Blocks(Rng& rng, CaseWords& words) {
    const bool one_kind = rng.below(2) != 0, all_ended = rng.below(2) != 0, placed = rng.below(3) != 0;
    const std::size_t size = 1 + rng.below(3000);
    for (std::size_t i = 0; i < size; ++i) {
      CaseRow row;
      row.id = fmt::format("urn:ngsi-ld:Case:x:{}", rng.below(1'000'000'000));
      row.field(CaseField::department) = kDepartments[one_kind ? 0 : rng.below(3)];
      row.field(CaseField::area) = rng.below(2) ? "north" : "";
      row.field(CaseField::state) = all_ended ? "closed" : rng.below(2) ? "closed" : "working";
      row.field(CaseField::holder) = fmt::format("user:w{}", rng.below(5000));
      row.flags = std::uint16_t((all_ended ? 0 : rng.below(2) * kCaseOpen) | rng.below(2) * kCaseOverdue);
      row.severity = std::uint8_t(rng.below(4));
      row.rating = std::uint8_t(one_kind ? 4 : rng.below(6));
      row.opened_us = 1'000'000 * std::int64_t(1000 + rng.below(500));
      if (all_ended || rng.below(2)) row.closed_s = std::uint32_t(2000 + rng.below(500));
      if (rng.below(9)) row.due_s = std::uint32_t(1500 + rng.below(500));
      if (placed || rng.below(4)) row.place = MapPlace::of(120.1 + .05 * rng.uniform(), 30.2 + .05 * rng.uniform());
      plain.put(i, row, words);
      summed.put(i, row, words);
    }
    summed.summarize();
  }
  CaseBlock plain, summed;
};

CaseQuery random_query(Rng& rng) {
  CaseQuery out;
  CaseFilter& filter = out.filter;
  if (rng.below(2)) filter.flags_asked = kCaseOpen, filter.flags_wanted = rng.below(3) ? 0 : kCaseOpen;
  if (rng.below(4) == 0) filter.flags_asked |= kCaseOverdue;
  if (rng.below(3) == 0) filter.of(CaseField::department) = {kDepartments[rng.below(3)], "water", "water"};
  if (rng.below(5) == 0) filter.of(CaseField::holder) = {"user:w7"};
  if (rng.below(6) == 0) filter.of(CaseField::state) = {"never"};
  if (rng.below(6) == 0) filter.rating_min = 4;
  const auto at = [](std::int64_t s) { return base::from_us(s * 1'000'000); };
  if (rng.below(4) == 0) filter.opened.from = at(900 + std::int64_t(rng.below(700)));
  if (rng.below(4) == 0) filter.closed.to = at(1900 + std::int64_t(rng.below(700)));
  if (rng.below(4) == 0) filter.due.from = at(1400 + std::int64_t(rng.below(700)));
  if (rng.below(3) == 0) filter.box = MapBox{120 + .1 * rng.uniform(), 30.1, 120.3, 30.3};
  out.sort.by = CaseOrder(rng.below(4));
  out.sort.descending = out.sort.by != CaseOrder::urgency && rng.below(2);
  return out;
}

bool same(const MapCluster& a, const MapCluster& b) {
  return a.cases == b.cases && a.open == b.open && a.overdue == b.overdue && a.severity == b.severity &&
         a.lon_deg == b.lon_deg && a.lat_deg == b.lat_deg && a.box.west_deg == b.box.west_deg &&
         a.box.south_deg == b.box.south_deg;
}

void compare(const Blocks& blocks, const ReadyQuery& ready, const CaseSort& sort) {
  const CaseSummary& summary = *blocks.summed.summary();
  const RowMask plain = blocks.plain.select(ready);
  ASSERT_EQ(blocks.summed.select(ready), plain);
  for (const CaseField except : {CaseField::department, CaseField::holder})
    ASSERT_EQ(blocks.summed.select(ready, except), blocks.plain.select(ready, except));
  const BlockFit fit = summary.fit(ready, {});
  if (fit == BlockFit::none) ASSERT_EQ(count(plain), 0u);
  if (fit == BlockFit::all) ASSERT_EQ(count(plain), summary.cases);
  const auto [first, last] = summary.keys(sort);
  for (std::size_t row = 0; row < blocks.plain.size(); ++row) {
    ASSERT_LE(first, blocks.plain.key(row, sort).first);
    ASSERT_GE(last, blocks.plain.key(row, sort).first);
  }
}

TEST(CaseSummaries, NeverSayOtherThanTheRows) {
  Rng rng(11);
  int all = 0, none = 0, some = 0;
  for (int round = 0; round < 30; ++round) {
    CaseWords words;
    const Blocks blocks(rng, words);
    ASSERT_TRUE(blocks.summed.summary());
    for (int i = 0; i < 40; ++i) {
      const CaseQuery query = random_query(rng);
      const bool everything = rng.below(2) != 0;
      const CaseSight sight{
          [&](std::string_view department, std::string_view) { return everything || department == "water"; },
          [](std::string_view, std::string_view) { return false; }};
      const ReadyQuery ready(query, sight, words);
      compare(blocks, ready, query.sort);
      ASSERT_FALSE(::testing::Test::HasFatalFailure()) << "round " << round << ", query " << i;
      const BlockFit fit = blocks.summed.fit(ready);
      ++(fit == BlockFit::all ? all : fit == BlockFit::none ? none : some);
    }
  }
  EXPECT_GT(all, 50);
  EXPECT_GT(none, 50);
  EXPECT_GT(some, 50);
}

TEST(CaseSummaries, CountTextsAndSquaresAsTheRowsDo) {
  Rng rng(12);
  int drawn = 0;
  for (int round = 0; round < 20; ++round) {
    CaseWords words;
    const Blocks blocks(rng, words);
    const CaseSummary& summary = *blocks.summed.summary();
    std::map<std::uint32_t, std::uint32_t> departments;
    for (std::size_t row = 0; row < blocks.plain.size(); ++row)
      ++departments[blocks.plain.word(CaseField::department, row)];
    const auto& counts = summary.counts[std::size_t(CaseField::department)];
    ASSERT_TRUE(counts);
    EXPECT_EQ((std::map<std::uint32_t, std::uint32_t>(counts->begin(), counts->end())), departments);
    RowMask everyone(CaseBlock::kRows / 64);
    for (std::size_t row = 0; row < blocks.plain.size(); ++row) set_row(everyone, row);
    const MapWish wish{{120.0, 30.1, 120.3, 30.3}, double(rng.below(18)), 0};
    MapCounter by_rows(wish), by_squares(wish);
    by_rows.add(blocks.plain, everyone);
    if (!by_squares.add_all(summary)) continue;  // the map's squares are finer
    ++drawn;
    const auto a = by_rows.clusters(), b = by_squares.clusters();
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(same(a[i], b[i])) << i;
  }
  EXPECT_GT(drawn, 5);
}

}  // namespace
}  // namespace cityloop::serve
