// Tells subscribers what changed, by HTTP; keeps on telling after a restart; a slow one never holds up the others.
//
//   log ══▶ [NotifyLoop] ─ pending, one queue a subscription ─▶ Deliverer ─ POST ─▶ subscriber
//
// Subscriptions are entities of type Subscription in the twin, so they are as durable as everything else. A
// notification that is not answered with 2xx is tried again after 1, 2, 4 … 60 seconds, in order. What is still pending
// is part of the checkpoint: after a crash it may be told twice, never not at all, as long as it is among the newest
// kPendingMax of its subscription; older ones are dropped and counted.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "flow/own_types.h"
#include "net/client.h"
#include "notify/subscription.h"
#include "twin/loop.h"

namespace cityloop::notify {

inline constexpr std::size_t kPendingMax = 10'000;

inline const flow::Name kDefinition("definition");

// The write that keeps a subscription in the twin.
flow::Write to_write(const Subscription&, std::string_view definition_json);

struct DeliveryStatus {
  std::uint64_t times_sent{0}, times_failed{0}, dropped{0}, pending{0};
  flow::Instant last_notification{flow::kNever}, last_success{flow::kNever}, last_failure{flow::kNever};
  std::string last_error;
};

class NotifyLoop final : public twin::Loop {
 public:
  using Lookup = std::function<flow::EntityPtr(flow::EntityId)>;
  NotifyLoop(Lookup entity, const base::Clock& clock);
  ~NotifyLoop() override;

  std::string_view name() const override { return "notify"; }
  void on_record(const flow::LogRecord&, twin::Outbox&) override;
  void save(base::ByteWriter&) const override;
  base::Status load(base::ByteReader&) override;

  DeliveryStatus status(std::string_view subscription_id) const;  // any thread

 private:
  class Deliverer;
  void learn(const flow::Change&);
  void tell(const std::string& id, const Subscription&, const flow::Change&, flow::Instant at);

  Lookup entity_;
  std::map<std::string, Subscription, std::less<>> subscriptions_;  // the loop's thread only
  std::map<std::string, std::string, std::less<>> definitions_;     // for the checkpoint
  std::unique_ptr<Deliverer> deliverer_;
};

}  // namespace cityloop::notify
