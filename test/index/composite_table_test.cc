#include <gtest/gtest.h>

#include "index/composite/table.h"

namespace cityloop::index {
namespace {

TableTitles titles() {
  TableTitles out;
  out.groups = {"region"};
  out.numbers = {"trees", "trams", "parks"};
  return out;
}

TEST(CompositeTable, ABadCellIsToldWithUnitColumnAndLineAndHidesNothing) {
  const auto read = read_table(
      "unit,name_en,year,region,trees,trams,note\n"
      "a,\"Alder, east\",2024,N,1.5,NA,x\n"
      "b,Birch,2024,S,many,7,\n"
      "\n"
      "c,Cedar,2024,S,12%,-,\n",
      "cities.csv", titles());
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->table.units.size(), 3U);
  EXPECT_EQ(read->table.units[0].name.en, "Alder, east");
  EXPECT_EQ(read->table.units[0].name.zh, "Alder, east");
  EXPECT_EQ(read->table.cells.at(0, 0), 1.5);
  EXPECT_TRUE(missing(read->table.cells.at(0, 1)));
  EXPECT_EQ(read->table.cells.at(1, 1), 7);
  EXPECT_EQ(read->absent, std::vector<std::string>{"parks"});
  ASSERT_EQ(read->flaws.size(), 2U);
  EXPECT_EQ(read->flaws[0].unit, "b");
  EXPECT_EQ(read->flaws[0].column, "trees");
  EXPECT_EQ(read->flaws[0].line, 3);
  EXPECT_EQ(read->flaws[1].line, 5);
  EXPECT_EQ(read->cells_refused, 2U);
  EXPECT_EQ(read->cells_missing, 2U);
}

TEST(CompositeTable, ARowThatCannotBeReadIsRefusedWholeAndCounted) {
  const auto read = read_table("unit,year,trees\na,2024,1\na,2024,2\n,2024,3\nb,2024\na,2025,4\n", "t.csv", titles());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->table.units.size(), 2U);
  EXPECT_EQ(read->rows_refused, 3U);
  EXPECT_EQ(read->flaws[0].line, 3);
  EXPECT_EQ(read->table.cells.at(1, 0), 4);
}

TEST(CompositeTable, ARowInAnotherEncodingIsRefusedAndCounted) {
  const auto read = read_table("unit,name_zh,trees\na,\xb1\xb1\xbe\xa9,1\nb,北京,2\n", "t.csv", titles());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->table.units.size(), 1U);
  EXPECT_EQ(read->table.units[0].name.zh, "北京");
  EXPECT_EQ(read->rows_refused, 1U);
  EXPECT_EQ(read->flaws[0].line, 2);
  EXPECT_FALSE(read_table("unit,\xca\xf7\na,1\n", "t.csv", titles()));
}

TEST(CompositeTable, AQuoteThatIsNeverClosedHidesNoOtherRow) {
  const auto read = read_table("unit,name_en,trees\na,\"two\nlines\",1\nb,\"open,2\nc,5\" pipe,3\n", "t.csv", titles());
  ASSERT_TRUE(read);
  ASSERT_EQ(read->table.units.size(), 2U);
  EXPECT_EQ(read->table.units[0].name.en, "two\nlines");
  EXPECT_EQ(read->table.units[1].name.en, "5\" pipe");
  ASSERT_EQ(read->flaws.size(), 1U);
  EXPECT_EQ(read->flaws[0].line, 4);
}

TEST(CompositeTable, WhatIsWrittenReadsBackAsTheSameNumbers) {
  Table table;
  table.units = {{"a\"b", {"甲", "A, b"}, "2024", {"N"}, 0}, {"c", {"丙", "C"}, "2024", {""}, 0}};
  table.group_columns = {"region"};
  table.columns = {"trees", "trams", "parks"};
  table.cells = Matrix(2, 3);
  table.cells.at(0, 0) = 0.1 + 0.2;
  table.cells.at(1, 2) = -1e-300;
  const auto back = read_table(write_table(table), "t.csv", titles());
  ASSERT_TRUE(back);
  EXPECT_EQ(back->table.units[0].code, "a\"b");
  EXPECT_EQ(back->table.units[0].name.en, "A, b");
  EXPECT_EQ(back->table.cells.at(0, 0), 0.1 + 0.2);
  EXPECT_EQ(back->table.cells.at(1, 2), -1e-300);
  EXPECT_TRUE(missing(back->table.cells.at(1, 1)));
}

TEST(CompositeTable, WithoutTitlesOrUnitsNothingCanBeRead) {
  EXPECT_FALSE(read_table("", "t.csv", titles()));
  EXPECT_FALSE(read_table("city,trees\na,1\n", "t.csv", titles()));
  EXPECT_FALSE(read_table("unit,trees,trees\na,1,2\n", "t.csv", titles()));
}

}  // namespace
}  // namespace cityloop::index
