#include "twin/twin.h"

#include <poll.h>
#include <sys/wait.h>

#include <gmock/gmock.h>

#include "base/rng.h"
#include "store/record.h"
#include "test/twin/twin_fixture.h"
#include "twin/query/query.h"

namespace cityloop::twin {
namespace {

using base::Errc;
using flow::EntityId;
using flow::Name;
using flow::WriteMode;

class TwinTest : public TwinFixture {};

const Name kSpeed("speed");

TEST_F(TwinTest, AnObservationIsThereAfterTheAnswerAndAfterARestart) {
  ASSERT_TRUE(put(reading("urn:ngsi-ld:T:1", 42, clock_.now())).status);
  EXPECT_EQ(twin_->get(EntityId("urn:ngsi-ld:T:1"))->number(kSpeed), 42);
  reopen();
  const auto entity = twin_->get(EntityId("urn:ngsi-ld:T:1"));
  ASSERT_TRUE(entity);
  EXPECT_EQ(entity->number(kSpeed), 42);
  EXPECT_EQ(entity->find(kSpeed)->unit_code, Name("KMH"));
  EXPECT_EQ(entity->created_at, clock_.now());
}

TEST_F(TwinTest, ALateReadingIsToldButDoesNotTakeThePlaceOfANewerOne) {
  const auto now = clock_.now();
  put(reading("urn:ngsi-ld:T:1", 50, now));
  put(reading("urn:ngsi-ld:T:1", 30, now - std::chrono::minutes(5)));
  EXPECT_EQ(twin_->get(EntityId("urn:ngsi-ld:T:1"))->number(kSpeed), 50);
  const auto log = twin_->read_log(1, 10, {}).value();
  ASSERT_EQ(log.size(), 1u);
  ASSERT_EQ(log[0]->changes[0].attributes.size(), 1u);
  EXPECT_TRUE(log[0]->changes[0].attributes[0].late);
  reopen();
  EXPECT_EQ(twin_->get(EntityId("urn:ngsi-ld:T:1"))->number(kSpeed), 50);
}

TEST_F(TwinTest, TheSameReadingDeliveredTwiceIsRecordedOnce) {
  put(reading("urn:ngsi-ld:T:1", 50, clock_.now()));
  const auto head = twin_->head();
  put(reading("urn:ngsi-ld:T:1", 50, clock_.now()));
  EXPECT_EQ(twin_->head(), head);
}

TEST_F(TwinTest, OneRefusedWriteLeavesTheOthersStandingUnlessAllMustStand) {
  const auto both = [&](Atomicity atomicity, std::string_view urn) {
    Commit commit;
    commit.atomicity = atomicity;
    commit.writes.push_back(reading(urn, 1, clock_.now()));
    commit.writes.push_back(reading("urn:ngsi-ld:T:none", 1, clock_.now(), WriteMode::update));
    return twin_->commit(std::move(commit));
  };
  const auto each = both(Atomicity::each, "urn:ngsi-ld:T:a");
  EXPECT_TRUE(each.status);
  EXPECT_TRUE(each.writes[0]);
  EXPECT_EQ(each.writes[1].error().code, Errc::not_found);
  EXPECT_TRUE(twin_->get(EntityId("urn:ngsi-ld:T:a")));
  const auto all = both(Atomicity::all, "urn:ngsi-ld:T:b");
  EXPECT_EQ(all.status.error().code, Errc::not_found);
  EXPECT_FALSE(twin_->get(EntityId("urn:ngsi-ld:T:b")));
}

TEST_F(TwinTest, EveryModeOfWritingKeepsItsWord) {
  const std::string_view urn = "urn:ngsi-ld:T:1";
  EXPECT_EQ(put(reading(urn, 1, clock_.now(), WriteMode::update)).writes[0].error().code, Errc::not_found);
  EXPECT_TRUE(put(reading(urn, 1, clock_.now(), WriteMode::create)).writes[0]);
  EXPECT_EQ(put(reading(urn, 1, clock_.now(), WriteMode::create)).writes[0].error().code, Errc::exists);
  put(reading(urn, 2, clock_.now(), WriteMode::append));
  EXPECT_EQ(twin_->get(EntityId(urn))->number(kSpeed), 1) << "append leaves what is there";
  auto other = reading(urn, 0, clock_.now(), WriteMode::replace);
  other.attributes = {flow::property(Name("status"), std::string("OK"))};
  put(other);
  EXPECT_FALSE(twin_->get(EntityId(urn))->find(kSpeed));
  reopen();
  EXPECT_FALSE(twin_->get(EntityId(urn))->find(kSpeed)) << "a removed attribute stays removed";
  auto attribute = reading(urn, 0, flow::kNever, WriteMode::erase_attributes);
  EXPECT_EQ(put(attribute).writes[0].error().code, Errc::not_found);
  EXPECT_TRUE(put(reading(urn, 0, flow::kNever, WriteMode::erase)).writes[0]);
  EXPECT_FALSE(twin_->get(EntityId(urn)));
  reopen();
  EXPECT_FALSE(twin_->get(EntityId(urn)));
}

TEST_F(TwinTest, QueriesAreInOrderOfAgeWithOffsetLimitAndCount) {
  for (int i = 0; i < 50; ++i) put(reading(fmt::format("urn:ngsi-ld:T:{:02}", i), i, clock_.now()));
  put(reading("urn:ngsi-ld:T:07", 0, flow::kNever, WriteMode::erase));
  EntityFilter filter;
  filter.types = {Name("TrafficFlowObserved")};
  filter.offset = 6;
  filter.limit = 3;
  filter.count = true;
  const auto check = [&] {
    const auto page = twin_->query(filter).value();
    EXPECT_EQ(page.total, 49u);
    ASSERT_EQ(page.entities.size(), 3u);
    EXPECT_EQ(page.entities[0]->id.text(), "urn:ngsi-ld:T:06");
    EXPECT_EQ(page.entities[1]->id.text(), "urn:ngsi-ld:T:08");
  };
  check();
  reopen();
  check();
}

TEST_F(TwinTest, AFlippedByteInTheLogIsNamedAndNeverServed) {
  flow::LogRecord record;
  record.at = clock_.now();
  record.changes.push_back({EntityId("urn:ngsi-ld:T:1"), flow::ChangeKind::created, {Name("T")}, {}, {}});
  const std::string good = store::encode(record);
  ASSERT_TRUE(store::decode_record(9, good));
  const auto cut = store::decode_record(9, std::string_view(good).substr(0, good.size() - 3));
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, Errc::corrupt);
  EXPECT_THAT(cut.error().message, testing::HasSubstr("record 9"));
}

// A child process commits numbered readings and tells each acknowledgement through a pipe; it is killed at a random
// moment. Whatever was acknowledged must be there, and every record of the log must be whole.
TEST(TwinCrashTest, NothingAcknowledgedIsLostByKill9) {
  const auto folder = std::filesystem::temp_directory_path() / fmt::format("cityloop-crash-{}", ::getpid());
  std::filesystem::remove_all(folder);
  base::Rng rng(7);
  int next = 0, acknowledged = -1;
  for (int round = 0; round < 12; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      base::WallClock clock;
      auto store = store::Store::open(folder.string());
      auto twin = Twin::open(**store, clock, {});
      for (int i = next;; ++i) {
        Commit commit;
        for (int k = 0; k < 3; ++k) {
          flow::Write write;
          write.entity = EntityId(fmt::format("urn:ngsi-ld:T:{}", k));
          write.types = {Name("T")};
          write.attributes = {flow::property(Name("n"), double(i))};
          commit.writes.push_back(std::move(write));
        }
        (*twin)->submit(std::move(commit), [i, out = ends[1]](CommitResult result) {
          if (result.status) std::ignore = ::write(out, &i, sizeof i);
        });
      }
    }
    ::close(ends[1]);
    // In most rounds while it writes, however slow the machine; in some while it may still be opening.
    pollfd first_word{ends[0], POLLIN, 0};
    if (round % 4 != 3) ASSERT_EQ(::poll(&first_word, 1, 60'000), 1);
    std::this_thread::sleep_for(std::chrono::milliseconds(20 + rng.below(150)));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    for (int i = 0; ::read(ends[0], &i, sizeof i) == sizeof i;) acknowledged = i;
    ::close(ends[0]);

    base::WallClock clock;
    auto store = store::Store::open(folder.string());
    ASSERT_TRUE(store) << store.error().message;
    auto twin = Twin::open(**store, clock, {});
    ASSERT_TRUE(twin) << twin.error().message;
    const auto first = (*twin)->get(EntityId("urn:ngsi-ld:T:0"));
    if (!first) continue;
    EXPECT_GE(first->number(Name("n")), acknowledged) << "acknowledged in round " << round;
    for (int k = 1; k < 3; ++k) {
      EXPECT_EQ((*twin)->get(EntityId(fmt::format("urn:ngsi-ld:T:{}", k)))->number(Name("n")), first->number(Name("n")))
          << "a commit is whole or absent";
    }
    next = int(*first->number(Name("n"))) + 1;
  }
  EXPECT_GT(acknowledged, 100);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace cityloop::twin
