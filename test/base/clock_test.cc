#include "base/clock.h"

#include <gtest/gtest.h>

#include "base/paced_clock.h"

namespace cityloop::base {
namespace {

TEST(PacedClock, IsTheWallsUntilItsMomentAndFasterFromThenOn) {
  const Instant since = parse_time("2026-05-01T08:00:00Z").value();
  ManualClock wall(since - std::chrono::minutes(1));
  const PacedClock city({10, since}, wall);
  EXPECT_EQ(city.now(), wall.now());
  wall.advance_to(since);
  EXPECT_EQ(city.now(), since);
  wall.advance_to(since + std::chrono::minutes(6));
  EXPECT_EQ(format_time(city.now()), "2026-05-01T09:00:00Z") << "an hour of the city in six minutes";
  const PacedClock another({10, since}, wall);
  EXPECT_EQ(another.now(), city.now()) << "whoever knows both agrees, whenever it began";
}

TEST(PacedClock, BeginsWhereItIsToldToAndGoesOnAtItsPace) {
  const Instant since = parse_time("2026-05-01T08:00:00Z").value(), begins = parse_time("2031-06-15T16:00:00Z").value();
  ManualClock wall(since);
  const PacedClock rehearsal({1, since, begins}, wall), hurried({10, since, begins}, wall);
  EXPECT_EQ(rehearsal.now(), begins);
  wall.advance_to(since + std::chrono::seconds(6));
  EXPECT_EQ(rehearsal.now(), begins + std::chrono::seconds(6));
  EXPECT_EQ(hurried.now(), begins + std::chrono::minutes(1));
}

TEST(PacedClock, OfOneOrWithoutAMomentIsTheWalls) {
  const ManualClock wall(parse_time("2026-05-01T08:00:00Z").value());
  EXPECT_EQ(PacedClock({1, wall.now() - std::chrono::hours(1)}, wall).now(), wall.now());
  EXPECT_EQ(PacedClock({10, kNever}, wall).now(), wall.now());
}

}  // namespace
}  // namespace cityloop::base
