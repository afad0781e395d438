// A twin whose changes are told: subscriptions go in, readings are written, receivers are asked what they were told.
#pragma once

#include "notify/notify_loop.h"
#include "test/notify/receiver.h"
#include "test/twin/twin_fixture.h"

namespace cityloop::notify {

using flow::EntityId;
using flow::Name;

inline constexpr const char* kSub = "urn:ngsi-ld:Subscription:s1";

class NotifyFixture : public twin::TwinFixture {
 protected:
  NotifyFixture() { delivery_.backoff_first = std::chrono::milliseconds(20); }
  ~NotifyFixture() override { stop(); }

  void start() {
    loop_ = std::make_unique<NotifyLoop>(*twin_, clock_, delivery_);
    runner_ = std::make_unique<twin::LoopRunner>(*twin_, *loop_);
    ASSERT_TRUE(runner_->start());
  }
  void stop() {
    runner_.reset();
    loop_.reset();
  }
  // `more` are members of the subscription, `endpoint` of its endpoint, `params` of its notification.
  static std::string definition(const std::string& id, const std::string& url, const std::string& more,
                                const std::string& endpoint = {}, const std::string& params = {}) {
    return fmt::format(
        R"({{"id":"{}","type":"Subscription"{}{},"notification":{{{}{}"endpoint":{{"uri":"{}"{}{}}}}}}})", id,
        more.empty() ? "" : ",", more, params, params.empty() ? "" : ",", url, endpoint.empty() ? "" : ",", endpoint);
  }
  void subscribe(const std::string& text) {
    Kept kept;
    kept.definition = canonical(base::JsonValue::parse(text).value(), *twin::Context::core());
    kept.id = kept.definition.text_or("id", "");
    const auto read = Subscription::read(kept.definition, Contexts::core());
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_TRUE(put(to_write(kept)).status);
    settle();
  }
  void unsubscribe(const std::string& id = kSub) {
    flow::Write write;
    write.entity = kept_as(id);
    write.mode = flow::WriteMode::erase;
    put(std::move(write));
    settle();
  }
  void settle() {
    while (runner_ && runner_->done() < twin_->head()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  void later() {
    at_ += std::chrono::seconds(1);
    clock_.advance_to(at_);
  }
  // One reading of an attribute.
  void write(std::string_view urn, std::string_view attribute, flow::Value value,
             flow::WriteMode mode = flow::WriteMode::upsert) {
    later();
    flow::Write write;
    write.entity = EntityId(urn);
    write.mode = mode;
    write.types = {Name("TrafficFlowObserved")};
    write.attributes = {flow::property(Name(attribute), std::move(value))};
    const auto result = put(std::move(write));
    ASSERT_TRUE(result.status);
    ASSERT_TRUE(result.writes.front()) << result.writes.front().error().message;
  }
  void speed(double value, std::string_view urn = "urn:ngsi-ld:T:1") { write(urn, "speed", value); }
  void erase(std::string_view urn, std::string_view attribute = {}) {
    later();
    flow::Write write;
    write.entity = EntityId(urn);
    write.mode = attribute.empty() ? flow::WriteMode::erase : flow::WriteMode::erase_attributes;
    if (!attribute.empty()) write.attributes = {flow::property(Name(attribute), 0.0)};
    put(std::move(write));
  }
  DeliveryStatus status(const std::string& id = kSub) const { return loop_->status(id); }
  bool all_told(const std::string& id = kSub) const {
    const DeliveryStatus now = status(id);
    return now.pending == 0 && !now.behind;
  }

  Receiver receiver_;
  DelivererOptions delivery_;
  flow::Instant at_{clock_.now()};
  std::unique_ptr<NotifyLoop> loop_;
  std::unique_ptr<twin::LoopRunner> runner_;
};

}  // namespace cityloop::notify
