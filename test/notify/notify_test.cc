#include "notify/notify_loop.h"

#include <gmock/gmock.h>

#include "net/server.h"
#include "test/twin/twin_fixture.h"

namespace cityloop::notify {
namespace {

using flow::EntityId;
using flow::Name;

constexpr const char* kDefinitionText =
    R"({"id":"urn:ngsi-ld:Subscription:s1","type":"Subscription","entities":[{"type":"TrafficFlowObserved"}],"q":"speed<30",
    "watchedAttributes":["speed"],"notification":{"endpoint":{"uri":"%"}}})";

// A subscriber on a port of its own that answers as the test wishes and keeps every body.
class Subscriber {
 public:
  Subscriber() {
    net::Router router;
    router.add(net::Method::post, "/n", [this](const net::Request& request, net::Reply reply) {
      const std::lock_guard lock(mutex_);
      if (answer == 200) bodies_.push_back(request.body);
      reply({answer, "", "text/plain", {}});
    });
    server_ = net::HttpServer::start({}, std::move(router)).value();
  }
  std::string url() const { return fmt::format("http://127.0.0.1:{}/n", server_->port()); }
  std::vector<std::string> wait_for(std::size_t entities) {
    std::vector<std::string> ids;
    for (int i = 0; i < 800; ++i) {
      ids.clear();
      {
        const std::lock_guard lock(mutex_);
        for (const std::string& body : bodies_) {
          for (std::size_t at = 0;
               (at = body.find("\"speed\":{\"type\":\"Property\",\"value\":", at)) != std::string::npos; ++at) {
            ids.push_back(body.substr(at + 35, body.find(',', at + 35) - at - 35));
          }
        }
      }
      if (ids.size() >= entities) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return ids;
  }
  std::atomic<int> answer{200};

 private:
  std::mutex mutex_;
  std::vector<std::string> bodies_;
  std::unique_ptr<net::HttpServer> server_;
};

class NotifyTest : public twin::TwinFixture {
 protected:
  void start() {
    loop_ = std::make_unique<NotifyLoop>([this](EntityId id) { return twin_->get(id); }, clock_);
    runner_ = std::make_unique<twin::LoopRunner>(*twin_, *loop_);
    ASSERT_TRUE(runner_->start());
  }
  void stop() {
    runner_.reset();
    loop_.reset();
  }
  ~NotifyTest() override { stop(); }
  void subscribe() {
    std::string text = kDefinitionText;
    text.replace(text.find('%'), 1, subscriber_.url());
    const auto subscription = Subscription::parse(text);
    ASSERT_TRUE(subscription) << subscription.error().message;
    put(to_write(*subscription, text));
  }
  void speed(double value) {
    at_ += std::chrono::seconds(1);
    put(reading("urn:ngsi-ld:T:1", value, at_));
    while (runner_->done() < twin_->head()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  Subscriber subscriber_;
  flow::Instant at_{clock_.now()};
  std::unique_ptr<NotifyLoop> loop_;
  std::unique_ptr<twin::LoopRunner> runner_;
};

TEST_F(NotifyTest, EveryChangeThatMatchesIsToldOnceAndInOrder) {
  start();
  subscribe();
  std::vector<std::string> expected;
  for (int i = 0; i < 60; ++i) {
    speed(i);
    if (i < 30) expected.push_back(fmt::format("{}", i));
  }
  EXPECT_EQ(subscriber_.wait_for(30), expected);
  EXPECT_EQ(loop_->status("urn:ngsi-ld:Subscription:s1").pending, 0u);
}

TEST_F(NotifyTest, WhatCouldNotBeDeliveredIsTriedAgainAlsoAfterARestart) {
  start();
  subscribe();
  subscriber_.answer = 503;
  for (int i = 0; i < 5; ++i) speed(i);
  for (int i = 0; i < 300 && loop_->status("urn:ngsi-ld:Subscription:s1").times_failed == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  const DeliveryStatus failed = loop_->status("urn:ngsi-ld:Subscription:s1");
  EXPECT_GT(failed.times_failed, 0u);
  EXPECT_THAT(failed.last_error, testing::HasSubstr("503"));
  EXPECT_EQ(failed.pending, 5u);
  stop();
  reopen();
  subscriber_.answer = 200;
  start();
  EXPECT_THAT(subscriber_.wait_for(5), testing::ElementsAre("0", "1", "2", "3", "4"));
}

TEST(Subscription, RefusesWhatItDoesNotUnderstand) {
  for (const char* bad :
       {"[]", "{}", R"({"type":"Subscription","entities":[]})",
        R"({"entities":[{"id":"urn:x:1"}],"notification":{"endpoint":{"uri":"http://x"}}})",
        R"({"entities":[{"type":"T"}],"notification":{"endpoint":{"uri":"ftp://x"}}})",
        R"({"entities":[{"type":"T"}],"q":"a=<","notification":{"endpoint":{"uri":"http://x"}}})",
        R"({"entities":[{"type":"T","idPattern":"("}],"notification":{"endpoint":{"uri":"http://x"}}})",
        R"({"entities":[{"type":"T"}],"notification":{"format":"xml","endpoint":{"uri":"http://x"}}})"}) {
    EXPECT_FALSE(Subscription::parse(bad)) << bad;
  }
}

}  // namespace
}  // namespace cityloop::notify
