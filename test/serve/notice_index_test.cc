#include "serve/notice_index.h"

#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "base/rng.h"
#include "flow/noun.h"
#include "test/twin/twin_fixture.h"

namespace cityloop::serve {
namespace {

using base::Rng;
using flow::EntityId;

class NoticeIndexTest : public twin::TwinFixture {
 protected:
  struct Notice {
    std::string to, area;
    flow::Instant at;
  };
  // Some come, some go with their cases, and some are written again.
  void live(Rng& rng, int steps) {
    for (int i = 0; i < steps; ++i) {
      twin::Commit commit;
      for (std::uint64_t n = rng.below(6); n > 0; --n) {
        const EntityId id(fmt::format("urn:ngsi-ld:Notice:n{:04}", rng.below(400)));
        static const char* const kTo[] = {"user:a", "user:b", "supervisor", "water"};
        static const char* const kAreas[] = {"", "north", "south"};
        const Notice one{kTo[rng.below(4)], kAreas[rng.below(3)],
                         base::from_ms(1'700'000'000'000 + std::int64_t(rng.below(50)) * 1000)};
        notices_[id] = one;
        commit.writes.push_back(flow::NounWriter(id, "Notice", flow::WriteMode::replace)
                                    .text("to", one.to)
                                    .text("area", one.area)
                                    .time("at", one.at)
                                    .take());
      }
      if (!notices_.empty() && rng.below(2)) {
        auto gone = notices_.begin();
        std::advance(gone, rng.below(notices_.size()));
        flow::Write& write = commit.writes.emplace_back();
        write.entity = gone->first;
        write.mode = flow::WriteMode::erase;
        notices_.erase(gone);
      }
      ASSERT_TRUE(twin_->commit(std::move(commit)).status);
    }
  }
  // The same, by looking at every one of them.
  std::vector<EntityId> plain(const NoticeIndex::Wish& wish) const {
    std::vector<EntityId> out;
    for (const auto& [id, one] : notices_) {
      const bool theirs = wish.areas.empty() || one.area.empty() || wish.areas.contains(one.area);
      if (wish.to.contains(one.to) && theirs) out.push_back(id);
    }
    std::ranges::sort(out, [&](EntityId a, EntityId b) {
      const flow::Instant one = notices_.at(a).at, other = notices_.at(b).at;
      return one != other ? one > other : a.text() > b.text();
    });
    return out;
  }

  std::map<EntityId, Notice> notices_;
};

TEST_F(NoticeIndexTest, GivesEachPersonTheirsNewestFirstPageByPage) {
  Rng rng(4);
  live(rng, 60);
  const NoticeIndex index(*twin_);
  for (int round = 0; round < 20; ++round) {
    live(rng, 15);
    index.settle();
    NoticeIndex::Wish wish;
    wish.to = {rng.below(2) ? "user:a" : "user:b", "supervisor"};
    if (rng.below(2)) wish.to.insert("water");
    if (rng.below(2)) wish.areas = {"south"};
    wish.limit = 1 + rng.below(20);
    const auto wanted = plain(wish);
    std::vector<EntityId> got;
    do {
      wish.skip = got.size();
      const auto page = index.find(wish);
      ASSERT_EQ(page.total, wanted.size());
      ASSERT_LE(page.notices.size(), wish.limit);
      if (page.notices.empty()) break;
      got.insert(got.end(), page.notices.begin(), page.notices.end());
    } while (got.size() < wanted.size());
    ASSERT_EQ(got, wanted) << "round " << round;
  }
  const NoticeIndex again(*twin_);
  const NoticeIndex::Wish wish{{"supervisor"}, {}, 0, 1000};
  EXPECT_EQ(again.find(wish).notices, plain(wish)) << "what there was before is read at the start";
  EXPECT_EQ(again.find({{"nobody"}, {}, 0, 10}).total, 0u);
}

}  // namespace
}  // namespace cityloop::serve
