#include <gmock/gmock.h>

#include "test/notify/notify_fixture.h"

namespace cityloop::notify {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kTraffic = R"("entities":[{"type":"TrafficFlowObserved"}])";

class NotifyTest : public NotifyFixture {};

std::vector<double> count_to(int n) {
  std::vector<double> out;
  for (int i = 0; i < n; ++i) out.push_back(i);
  return out;
}

TEST_F(NotifyTest, EveryChangeThatMatchesIsToldOnceAndInOrder) {
  start();
  subscribe(
      definition(kSub, receiver_.url(), fmt::format(R"({},"q":"speed<30","watchedAttributes":["speed"])", kTraffic)));
  for (int i = 0; i < 60; ++i) speed(i);
  write("urn:ngsi-ld:T:1", "count", 4.0);
  settle();
  ASSERT_TRUE(soon([&] { return all_told(); }));
  EXPECT_EQ(receiver_.values("speed"), count_to(30));
  const DeliveryStatus now = status();
  EXPECT_EQ(now.times_sent, 30u);
  EXPECT_EQ(now.times_failed, 0u);
  EXPECT_NE(now.last_success, flow::kNever);
}

TEST_F(NotifyTest, ANotificationSaysWhatTheStandardAsks) {
  delivery_.tenant = "harbour";
  start();
  subscribe(definition(kSub, receiver_.url(), kTraffic, R"("receiverInfo":[{"key":"X-Key","value":"open"}])"));
  speed(7);
  ASSERT_TRUE(soon([&] { return receiver_.taken().size() == 1; }));
  const auto told = receiver_.taken().front();
  EXPECT_EQ(told.body.text_or("type", ""), "Notification");
  EXPECT_EQ(told.body.text_or("subscriptionId", ""), kSub);
  EXPECT_TRUE(base::parse_time(told.body.text_or("notifiedAt", "")));
  EXPECT_TRUE(told.body.text_or("id", "").starts_with("urn:ngsi-ld:Notification:"));
  net::Request request;
  request.headers = told.headers;
  EXPECT_EQ(request.header("content-type"), "application/json");
  EXPECT_THAT(std::string(request.header("link")), HasSubstr("ngsi-ld-core-context"));
  EXPECT_EQ(request.header("ngsild-tenant"), "harbour");
  EXPECT_EQ(request.header("x-key"), "open");
}

TEST_F(NotifyTest, WhatCouldNotBeDeliveredIsTriedAgainAlsoAfterARestart) {
  start();
  subscribe(definition(kSub, receiver_.url(), kTraffic));
  receiver_.feel(Receiver::Mood::refuses);
  for (int i = 0; i < 5; ++i) speed(i);
  settle();
  ASSERT_TRUE(soon([&] { return status().times_failed > 0; }));
  EXPECT_THAT(status().last_error, HasSubstr("503"));
  EXPECT_TRUE(status().failing);
  EXPECT_EQ(status().pending, 5u);
  const auto failed = status().times_failed;
  stop();
  reopen();
  receiver_.feel(Receiver::Mood::takes);
  start();
  ASSERT_TRUE(soon([&] { return receiver_.values("speed").size() >= 5 && all_told(); }));
  EXPECT_EQ(receiver_.values("speed"), count_to(5));
  EXPECT_GE(status().times_failed, failed) << "counters outlive a restart";
}

TEST_F(NotifyTest, ABoxThatIsFullReadsTheRestFromTheLog) {
  delivery_.box_max = 8;
  start();
  subscribe(definition(kSub, receiver_.url(), kTraffic));
  receiver_.feel(Receiver::Mood::refuses);
  for (int i = 0; i < 500; ++i) speed(i, fmt::format("urn:ngsi-ld:T:{}", i % 7));
  settle();
  EXPECT_TRUE(status().behind);
  EXPECT_LE(status().pending, 300u);
  receiver_.feel(Receiver::Mood::takes);
  ASSERT_TRUE(soon([&] { return all_told(); }));
  EXPECT_EQ(receiver_.values("speed").size(), 500u);
  for (int k = 0; k < 7; ++k) {
    std::vector<double> mine;
    for (int i = k; i < 500; i += 7) mine.push_back(i);
    EXPECT_EQ(receiver_.values("speed", fmt::format("urn:ngsi-ld:T:{}", k)), mine);
  }
}

// Each change is told with the entity as it was then, though the twin has gone on.
TEST_F(NotifyTest, WhatIsToldLateIsWhatWasThen) {
  delivery_.box_max = 4;
  start();
  subscribe(
      definition(kSub, receiver_.url(), fmt::format(R"({},"watchedAttributes":["speed"],"q":"count<20")", kTraffic)));
  receiver_.feel(Receiver::Mood::refuses);
  for (int i = 0; i < 40; ++i) {
    write("urn:ngsi-ld:T:1", "count", double(i));
    speed(i);
  }
  settle();
  receiver_.feel(Receiver::Mood::takes);
  ASSERT_TRUE(soon([&] { return all_told(); }));
  EXPECT_EQ(receiver_.values("speed"), count_to(20));
  EXPECT_EQ(receiver_.values("count"), count_to(20));
}

// Sixteen that were on their way together fail together; the pause after them is one step, not sixteen.
TEST_F(NotifyTest, AReceiverThatComesBackSoonIsToldSoon) {
  delivery_.backoff_first = std::chrono::milliseconds(100);
  start();
  receiver_.feel(Receiver::Mood::refuses);
  subscribe(definition(kSub, receiver_.url(), kTraffic));
  std::vector<flow::Write> writes;
  for (int i = 0; i < 40; ++i) writes.push_back(reading(fmt::format("urn:ngsi-ld:T:{}", i), i, at_));
  for (flow::Write& write : writes) {
    twin::Commit commit;
    commit.writes.push_back(std::move(write));
    twin_->submit(std::move(commit), {});
  }
  ASSERT_TRUE(soon([&] { return status().times_failed > 0; }));
  receiver_.feel(Receiver::Mood::takes);
  EXPECT_TRUE(soon([&] { return receiver_.entities().size() >= 40; }, std::chrono::seconds(5)));
}

TEST_F(NotifyTest, ASlowReceiverHoldsUpNobodyElse) {
  Receiver slow;
  slow.feel(Receiver::Mood::keeps_silent);
  start();
  subscribe(definition("urn:s:slow", slow.url(), kTraffic, R"("timeout":60000)"));
  subscribe(definition(kSub, receiver_.url(), kTraffic));
  for (int i = 0; i < 200; ++i) speed(i);
  ASSERT_TRUE(soon([&] { return receiver_.values("speed").size() == 200; }));
  EXPECT_EQ(status("urn:s:slow").pending, 200u);
}

TEST_F(NotifyTest, AnEndpointSaysHowLongToWaitAndWhenToTryAgain) {
  start();
  receiver_.feel(Receiver::Mood::keeps_silent);
  subscribe(definition(kSub, receiver_.url(), kTraffic, R"("timeout":50,"cooldown":30)"));
  speed(1);
  ASSERT_TRUE(soon([&] { return status().times_failed >= 3; }));
  EXPECT_THAT(status().last_error, HasSubstr("time"));
  receiver_.feel(Receiver::Mood::takes);
  ASSERT_TRUE(soon([&] { return all_told(); }));
  EXPECT_THAT(receiver_.values("speed"), ElementsAre(1));
}

TEST_F(NotifyTest, WhilePausedNothingIsToldAndNothingOfThatTimeLater) {
  delivery_.box_max = 4;
  start();
  subscribe(definition(kSub, receiver_.url(), kTraffic));
  receiver_.feel(Receiver::Mood::refuses);
  for (int i = 0; i < 20; ++i) speed(i);
  subscribe(definition(kSub, receiver_.url(), fmt::format(R"({},"isActive":false)", kTraffic)));
  for (int i = 100; i < 120; ++i) speed(i);
  subscribe(definition(kSub, receiver_.url(), kTraffic));
  receiver_.feel(Receiver::Mood::takes);
  for (int i = 20; i < 30; ++i) speed(i);
  ASSERT_TRUE(soon([&] { return receiver_.values("speed").size() >= 30 && all_told(); }));
  EXPECT_EQ(receiver_.values("speed"), count_to(30));
}

TEST_F(NotifyTest, AfterItsEndASubscriptionIsSilent) {
  start();
  const std::string end = base::format_time(at_ + std::chrono::seconds(3));
  subscribe(definition(kSub, receiver_.url(), fmt::format(R"({},"expiresAt":"{}")", kTraffic, end)));
  for (int i = 0; i < 6; ++i) speed(i);
  settle();
  ASSERT_TRUE(soon([&] { return all_told(); }));
  EXPECT_EQ(receiver_.values("speed"), count_to(2));
}

TEST_F(NotifyTest, AnErasedSubscriptionIsSilent) {
  start();
  subscribe(definition(kSub, receiver_.url(), kTraffic));
  speed(0);
  ASSERT_TRUE(soon([&] { return receiver_.taken().size() == 1; }));
  unsubscribe();
  speed(1);
  settle();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(receiver_.taken().size(), 1u);
}

TEST_F(NotifyTest, ThrottlingTellsTheNewestOfEachEntityTogether) {
  start();
  subscribe(definition(kSub, receiver_.url(), fmt::format(R"({},"throttling":3)", kTraffic)));
  speed(0);
  ASSERT_TRUE(soon([&] { return receiver_.taken().size() == 1; }));
  for (int i = 1; i < 20; ++i) speed(i), speed(i, "urn:ngsi-ld:T:2");
  settle();
  ASSERT_TRUE(soon([&] { return all_told(); }));
  EXPECT_EQ(receiver_.taken().size(), 2u);
  EXPECT_THAT(receiver_.values("speed"), ElementsAre(0, 19, 19));
}

TEST_F(NotifyTest, AnIntervalTellsAllThatMatchesAgainAndAgain) {
  start();
  speed(3);
  speed(50, "urn:ngsi-ld:T:2");
  subscribe(definition(kSub, receiver_.url(), fmt::format(R"({},"q":"speed>10","timeInterval":0.1)", kTraffic)));
  speed(60, "urn:ngsi-ld:T:3");
  ASSERT_TRUE(soon([&] { return receiver_.taken().size() >= 3; }));
  const auto told = receiver_.taken();
  EXPECT_EQ(told.back().body.find("data")->array()->size(), 2u);
  EXPECT_NE(told[0].body.text_or("id", ""), told[1].body.text_or("id", ""));
}

TEST_F(NotifyTest, AQuestionAboutLinkedEntitiesIsAskedOfThem) {
  start();
  write("urn:ngsi-ld:Street:1", "length", 900.0);
  write("urn:ngsi-ld:Street:2", "length", 90.0);
  const auto stands_on = [&](std::string_view who, const char* street) {
    later();
    flow::Write write;
    write.entity = EntityId(who);
    write.types = {Name("TrafficFlowObserved")};
    write.attributes = {flow::relationship(Name("onStreet"), EntityId(street)), flow::property(Name("speed"), 5.0)};
    ASSERT_TRUE(put(std::move(write)).status);
  };
  subscribe(definition(kSub, receiver_.url(),
                       fmt::format(R"({},"q":"onStreet{{TrafficFlowObserved:length}}>500")", kTraffic)));
  stands_on("urn:ngsi-ld:T:1", "urn:ngsi-ld:Street:1");
  stands_on("urn:ngsi-ld:T:2", "urn:ngsi-ld:Street:2");
  stands_on("urn:ngsi-ld:T:3", "urn:ngsi-ld:Street:1");
  settle();
  ASSERT_TRUE(soon([&] { return all_told(); }));
  std::vector<std::string> told;
  for (const auto& entity : receiver_.entities()) told.push_back(entity.text_or("id", ""));
  EXPECT_THAT(told, ElementsAre("urn:ngsi-ld:T:1", "urn:ngsi-ld:T:3"));
}

TEST_F(NotifyTest, DeletionsAreToldToThoseWhoAsk) {
  start();
  speed(1);
  write("urn:ngsi-ld:T:1", "count", 2.0);
  subscribe(definition(kSub, receiver_.url(),
                       fmt::format(R"({},"notificationTrigger":["entityDeleted","attributeDeleted"])", kTraffic), {},
                       R"("showChanges":true,"sysAttrs":true)"));
  subscribe(definition("urn:s:usual", receiver_.url(), kTraffic));
  erase("urn:ngsi-ld:T:1", "count");
  erase("urn:ngsi-ld:T:1");
  ASSERT_TRUE(soon([&] { return receiver_.entities().size() >= 2; }));
  const auto told = receiver_.entities();
  ASSERT_EQ(told.size(), 2u);
  const base::JsonValue* count = told[0].find("count");
  ASSERT_TRUE(count) << told[0].dump();
  EXPECT_EQ(count->text_or("value", ""), "urn:ngsi-ld:null");
  EXPECT_EQ(count->number_or("previousValue", 0), 2);
  EXPECT_TRUE(count->find("deletedAt"));
  EXPECT_EQ(told[1].text_or("id", ""), "urn:ngsi-ld:T:1");
  EXPECT_TRUE(told[1].find("deletedAt"));
  EXPECT_FALSE(told[1].find("speed"));
}

TEST_F(NotifyTest, ThousandsOfOtherSubscriptionsAreNotAsked) {
  start();
  for (int i = 0; i < 300; ++i) {
    subscribe(definition(fmt::format("urn:s:other-{}", i), "http://127.0.0.1:9/n",
                         fmt::format(R"("entities":[{{"type":"Type{}"}}])", i)));
  }
  subscribe(definition(kSub, receiver_.url(), kTraffic));
  for (int i = 0; i < 50; ++i) speed(i);
  ASSERT_TRUE(soon([&] { return receiver_.values("speed").size() == 50; }));
  EXPECT_EQ(status("urn:s:other-7").times_sent, 0u);
}

}  // namespace
}  // namespace cityloop::notify
