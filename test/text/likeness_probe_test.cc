#include <gtest/gtest.h>

#include "base/rng.h"
#include "text/likeness.h"
#include "text/normal.h"

namespace cityloop::text {
namespace {

TEST(LikenessProbe, GivesTheVerySameLikenesses) {
  const char* const words[] = {"路灯不亮",     "井盖丢失", "人民路",  "下水道堵塞",
                               "street light", "broken",   "pothole", "3号"};
  base::Rng rng(6);
  LikenessIndex index;
  for (std::uint64_t id = 0; id < 150; ++id) {
    std::string text;
    for (std::uint64_t n = rng.below(9); n > 0; --n) text += std::string(words[rng.below(std::size(words))]) + " ";
    index.add(id, normal_form(text));
    if (rng.below(5) == 0) index.remove(rng.below(id + 1));
  }
  int alike = 0;
  for (std::uint64_t id = 0; id < 151; ++id) {
    const LikenessIndex::Probe probe = index.probe(id);
    for (std::uint64_t other = 0; other < 151; ++other) {
      ASSERT_EQ(probe.likeness(other), index.likeness(id, other)) << id << " and " << other;
      alike += probe.likeness(other) > 0.5;
    }
  }
  EXPECT_GT(alike, 100);
}

}  // namespace
}  // namespace cityloop::text
