// A noun written again as it is by now: the log tells what has changed, and nothing else.
#include <gtest/gtest.h>

#include "base/rng.h"
#include "flow/noun.h"
#include "twin/apply.h"

namespace cityloop::twin {
namespace {

using flow::Name;
using flow::operator""_name;
using flow::WriteMode;

const flow::Instant kAt = base::from_ms(1'700'000'000'000);

flow::Write light(std::string_view state, std::string_view holder, WriteMode mode = WriteMode::become) {
  flow::NounWriter out(flow::EntityId("urn:ngsi-ld:Light:1"), "Light"_name, mode);
  return out.text("kind"_name, "lamp").text("holder"_name, holder).text("state"_name, state).number("count", 2).take();
}

TEST(Become, TellsOnlyWhatHasChanged) {
  const auto made = apply(nullptr, light("on", ""), kAt);
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->created);
  EXPECT_EQ(made->change.attributes.size(), 3u);
  const auto next = apply(made->next, light("off", "user:a"), kAt + std::chrono::seconds(1));
  ASSERT_TRUE(next);
  ASSERT_EQ(next->change.attributes.size(), 2u);
  EXPECT_EQ(next->change.attributes[0].now.name, "holder"_name);
  EXPECT_EQ(next->change.attributes[1].now.name, "state"_name);
  EXPECT_EQ(next->change.attributes[1].before, flow::Value(flow::Text("on")));
  EXPECT_EQ(next->next->find("kind"_name)->modified_at, kAt) << "what is the same keeps its time";
  EXPECT_EQ(next->next->find("state"_name)->created_at, kAt);
  EXPECT_EQ(next->next->find("state"_name)->modified_at, kAt + std::chrono::seconds(1));
  const auto gone = apply(next->next, light("off", ""), kAt + std::chrono::seconds(2));
  ASSERT_TRUE(gone);
  ASSERT_EQ(gone->change.attributes.size(), 1u);
  EXPECT_TRUE(gone->change.attributes[0].removed);
  EXPECT_EQ(gone->next->find("holder"_name), nullptr);
}

TEST(Become, NothingNewIsNoRecord) {
  const auto made = apply(nullptr, light("on", "user:a"), kAt);
  const auto same = apply(made->next, light("on", "user:a"), kAt + std::chrono::seconds(1));
  ASSERT_TRUE(same);
  EXPECT_TRUE(same->nothing());
  flow::Write other = light("on", "user:a");
  other.types = {"Lamp"_name};
  EXPECT_FALSE(apply(made->next, other, kAt)->nothing()) << "another type is news";
}

// What the entity is at the end must not hang on the mode, and what was told must give it back.
TEST(Become, EndsAsAReplacementAndIsReplayedFromWhatWasTold) {
  base::Rng rng(3);
  flow::EntityPtr become, replaced, replayed;
  for (int i = 0; i < 400; ++i) {
    flow::NounWriter out(flow::EntityId("urn:ngsi-ld:Light:2"), "Light"_name, WriteMode::become);
    for (const char* name : {"a", "b", "c", "d", "e", "f"}) {
      if (rng.below(3)) out.text(name, std::string(1 + rng.below(12), char('a' + rng.below(2))));
    }
    if (rng.below(2)) out.json("list", rng.below(2) ? "[1,2]" : R"([{"x":"y"}])");
    flow::Write write = out.take();
    flow::Write replace = write;
    replace.mode = WriteMode::replace;
    const flow::Instant at = kAt + std::chrono::seconds(i);
    const auto applied = apply(become, write, at);
    ASSERT_TRUE(applied);
    if (!applied->nothing()) {
      replayed = replay(replayed, applied->change, at);
      become = applied->next;
    }
    replaced = apply(replaced, replace, at)->next;
    ASSERT_EQ(become->attributes.size(), replaced->attributes.size());
    ASSERT_EQ(become->attributes.size(), replayed->attributes.size());
    for (const flow::Attribute& one : become->attributes) {
      ASSERT_EQ(one.value, replaced->find(one.name)->value);
      ASSERT_EQ(one, *replayed->find(one.name)) << "times and all";
    }
  }
}

}  // namespace
}  // namespace cityloop::twin
