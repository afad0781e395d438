#include "base/csv.h"

#include <gmock/gmock.h>

namespace cityloop::base {
namespace {

using testing::ElementsAre;

TEST(CsvTable, CellsByTheNamesOfTheirColumnsInAnyOrder) {
  CsvTable table("\xef\xbb\xbf# a comment\nname,code\n\n\"a, \"\"b\"\"\nc\",1\r\n# another\nd,2", "t.csv",
                 {"code", "name"}, {"note"});
  ASSERT_TRUE(table.next());
  EXPECT_EQ(table.cell("name"), "a, \"b\"\nc");
  EXPECT_EQ(table.cell("code"), "1");
  EXPECT_EQ(table.cell("note"), "");
  EXPECT_EQ(table.line(), 4);
  ASSERT_TRUE(table.next());
  EXPECT_EQ(table.cell("name"), "d");
  EXPECT_EQ(table.line(), 7);
  EXPECT_FALSE(table.next());
  EXPECT_EQ(table.mistakes(), "");
}

TEST(CsvTable, WordsArePartedByBlanksAndSemicolons) {
  CsvTable table("w\n a;b  c \n", "t.csv", {"w"});
  ASSERT_TRUE(table.next());
  EXPECT_THAT(table.words("w"), ElementsAre("a", "b", "c"));
  EXPECT_TRUE(table.words("none").empty());
}

TEST(CsvTable, EveryMistakeIsToldWithItsLine) {
  CsvTable table("code,name\n1\n2,b\n", "t.csv", {"code", "name"});
  ASSERT_TRUE(table.next());
  EXPECT_EQ(table.cell("code"), "2") << "a row that is cut short hides no other";
  table.mistake("2 is wrong");
  EXPECT_FALSE(table.next());
  EXPECT_EQ(table.mistakes(), "t.csv:2: 1 cells where the titles have 2\nt.csv:3: 2 is wrong");
  CsvTable titles("code,colour,code\n1,2,3\n", "t.csv", {"code", "name"});
  EXPECT_FALSE(titles.next());
  EXPECT_EQ(titles.mistakes(),
            "t.csv:1: the column 'colour' is not known here\nt.csv:1: there are two columns 'code'\n"
            "t.csv:1: the column 'name' is missing");
  CsvTable nothing("\n# only this\n", "t.csv", {"code"});
  EXPECT_FALSE(nothing.next());
  EXPECT_EQ(nothing.mistakes(), "t.csv:1: a table has a line of titles");
}

}  // namespace
}  // namespace cityloop::base
