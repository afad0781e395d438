// Every stage and every rank of a published index, from its raw numbers alone.
#include <gtest/gtest.h>

#include "composite_asem.h"
#include "index/composite/compute.h"

namespace cityloop::index {
namespace {

constexpr double kExact = 1e-9;

class CompositeAsem : public testing::Test {
 protected:
  void SetUp() override {
    if (!asem::there()) GTEST_SKIP() << "no ASEM data";
    frame_ = asem::frame();
    report_ = compute(frame_, asem::table(frame_)).value();
  }

  // Relative for small numbers too: a stage is exact in its digits, not only near zero.
  void expect_as_published(const Matrix& ours, const std::string& file, bool nodes = false) {
    std::size_t compared = 0;
    const auto published = asem::rows(file);
    ASSERT_EQ(published.size(), ours.rows());
    for (std::size_t u = 0; u < ours.rows(); ++u) {
      ASSERT_EQ(published[u].at("UnitCode"), report_.units[u].code);
      for (std::size_t c = 0; c < ours.columns(); ++c) {
        const std::string& cell = published[u].at(frame_.nodes[c].code);
        const std::string where = fmt::format("{} {} {}", file, report_.units[u].code, frame_.nodes[c].code);
        if (cell == "NA") {
          EXPECT_TRUE(missing(ours.at(u, c))) << where;
          continue;
        }
        const double wanted = std::strtod(cell.c_str(), nullptr);
        EXPECT_NEAR(ours.at(u, c), wanted, kExact * std::min(1.0, std::max(std::abs(wanted), 1e-6))) << where;
        ++compared;
      }
    }
    EXPECT_GT(compared, ours.rows() * (nodes ? 58U : 47U));
  }

  Frame frame_;
  IndexReport report_;
};

TEST_F(CompositeAsem, EveryStageIsAsPublished) {
  EXPECT_EQ(report_.units.size(), 51U);
  EXPECT_EQ(report_.imputed_cells, 65U);
  expect_as_published(report_.raw, "asem_Raw.csv");
  expect_as_published(report_.denominated, "asem_Denominated.csv");
  expect_as_published(report_.imputed, "asem_Imputed.csv");
  expect_as_published(report_.treated, "asem_Treated.csv");
  expect_as_published(report_.normalised, "asem_Normalised.csv");
  expect_as_published(report_.scores, "asem_Aggregated.csv", true);
}

TEST_F(CompositeAsem, EveryRankOfEveryLevelIsAsPublished) {
  std::map<std::string, std::size_t> unit;
  for (std::size_t u = 0; u < report_.units.size(); ++u) unit[report_.units[u].code] = u;
  std::size_t compared = 0;
  for (const auto& row : asem::rows("asem_result_AggregatesRank.csv")) {
    for (const auto& [code, cell] : row) {
      if (code == "UnitCode" || code == "UnitName") continue;
      EXPECT_EQ(report_.ranks[frame_.node(code)][unit.at(row.at("UnitCode"))], std::stod(cell))
          << row.at("UnitCode") << ' ' << code;
      ++compared;
    }
  }
  EXPECT_EQ(compared, 51U * 11U);
  for (const auto& row : asem::rows("asem_result_AggregatesScore.csv"))
    EXPECT_EQ(fmt::format("{:.2f}", report_.scores.at(unit.at(row.at("UnitCode")), frame_.root)),
              fmt::format("{:.2f}", std::stod(row.at("Index"))));
}

TEST_F(CompositeAsem, ADamagedRowHidesNoneOfTheOthers) {
  std::string text = asem::table_text();
  const auto at = text.find("AUT,Austria,2018");
  ASSERT_NE(at, std::string::npos);
  text.replace(at, 16, "AUT,Austria,2018,too,many");
  const auto reading = read_table(text, "asem.csv", frame_.titles());
  ASSERT_TRUE(reading);
  EXPECT_EQ(reading->rows_refused, 1U);
  EXPECT_EQ(reading->flaws.front().unit, "AUT");
  EXPECT_EQ(reading->flaws.front().line, 2);
  EXPECT_EQ(compute(frame_, reading->table)->units.size(), 50U);
}

}  // namespace
}  // namespace cityloop::index
