#include "sense/units.h"

#include <gtest/gtest.h>

namespace cityloop::sense {
namespace {

double converted(double v, std::string_view from, std::string_view to) {
  return convert(from, to).value()(v);
}

TEST(UnitsTest, ConvertsWhatCitiesMeasure) {
  EXPECT_DOUBLE_EQ(converted(7.4, "km/h", "MTS"), 7.4 / 3.6);
  EXPECT_DOUBLE_EQ(converted(10, "m/s", "KMH"), 36);
  EXPECT_DOUBLE_EQ(converted(60, "mph", "KMH"), 96.56064);
  EXPECT_DOUBLE_EQ(converted(212, "°F", "CEL"), 100);
  EXPECT_DOUBLE_EQ(converted(-40, "F", "C"), -40);
  EXPECT_DOUBLE_EQ(converted(300, "K", "CEL"), 26.85);
  EXPECT_EQ(converted(57, "%", "C62"), 0.57);
  EXPECT_EQ(converted(0.57, "C62", "P1"), 56.99999999999999289) << "one multiplication, no more error than its own";
  EXPECT_DOUBLE_EQ(converted(1013.25, "hPa", "PAL"), 101325);
  EXPECT_DOUBLE_EQ(converted(0.031, "mg/m3", "GQ"), 31);
  EXPECT_DOUBLE_EQ(converted(1, "m3/s", "MQH"), 3600);
  EXPECT_DOUBLE_EQ(converted(90, "min", "SEC"), 5400);
  EXPECT_DOUBLE_EQ(converted(5, "ft", "MTR"), 1.524);
}

TEST(UnitsTest, ThereAndBackIsTheSame) {
  const std::pair<std::string_view, std::string_view> pairs[] = {{"KMH", "MTS"}, {"FAH", "KEL"}, {"KNT", "HM"},
                                                                 {"DD", "C81"},  {"LTR", "MTQ"}, {"INH", "MMT"}};
  for (const auto& [a, b] : pairs) {
    for (const double v : {-12.5, 0.0, 1.0, 99.75}) EXPECT_NEAR(converted(converted(v, a, b), b, a), v, 1e-8) << a << b;
  }
}

TEST(UnitsTest, RefusesWhatItDoesNotKnowAndWhatDoesNotFit) {
  EXPECT_EQ(convert("furlong", "MTR").error().message, "the unit 'furlong' is not known");
  EXPECT_EQ(convert("m", "furlong").error().message, "the unit 'furlong' is not known");
  EXPECT_EQ(convert("", "MTR").error().code, base::Errc::invalid);
  EXPECT_NE(convert("km/h", "CEL").error().message.find("measure different things"), std::string::npos);
  EXPECT_EQ(unit_code("km/h"), "KMH");
  EXPECT_EQ(unit_code("KMH"), "KMH");
  EXPECT_FALSE(unit_code("").has_value());
}

}  // namespace
}  // namespace cityloop::sense
