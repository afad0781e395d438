#include "base/cork.h"

#include <gtest/gtest.h>

namespace cityloop::base {
namespace {

TEST(Cork, WithoutOneThingsAreDoneAtOnce) {
  int done = 0;
  Cork::later([&] { ++done; });
  EXPECT_EQ(done, 1);
}

TEST(Cork, TheOutermostLetsGoInTheOrderOfAsking) {
  std::string done;
  {
    const Cork outer;
    Cork::later([&] { done += 'a'; });
    {
      const Cork inner;
      Cork::later([&] {
        done += 'b';
        Cork::later([&] { done += 'c'; });  // nothing holds it back any more
      });
    }
    EXPECT_EQ(done, "");
  }
  EXPECT_EQ(done, "abc");
}

TEST(Cork, HoldsItsOwnThreadAlone) {
  const Cork here;
  int done = 0;
  std::thread([&] { Cork::later([&] { ++done; }); }).join();
  EXPECT_EQ(done, 1);
}

}  // namespace
}  // namespace cityloop::base
