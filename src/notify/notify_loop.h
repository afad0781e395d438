// Tells subscribers what changed, by HTTP and MQTT; leaves no change out, also over restarts; a slow one never holds up
// the others.
//
//   log ══▶ [NotifyLoop: which subscriptions want it?] ─ offer ─▶ Deliverer ─ HTTP, MQTT ─▶ subscribers
//
// Subscriptions are entities of type Subscription in the twin, so they are as durable as everything else. The
// checkpoint holds, of each, how far its receiver has come in the log, and its counters: after a crash delivery goes
// on from there. What had been taken since the checkpoint is told again: at least once, each time under the same
// notification id. One instance a tenant.
#pragma once

#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "flow/own_types.h"
#include "notify/deliverer.h"
#include "notify/kept.h"
#include "notify/subscription_index.h"
#include "notify/versions.h"
#include "twin/context/store.h"
#include "twin/loop.h"

namespace cityloop::notify {

class NotifyLoop final : public twin::Loop {
 public:
  // The twin outlives the loop.
  NotifyLoop(const twin::Twin&, const base::Clock&, DelivererOptions = {}, twin::ContextStore* = nullptr);
  ~NotifyLoop() override;
  // Any thread. Subscriptions in other words than those of the core context wait for it, and for those it fetches.
  // Null before the store goes: it is no longer used once this has returned.
  void set_contexts(twin::ContextStore*);

  std::string_view name() const override { return "notify"; }
  void on_record(const flow::LogRecord&, twin::Outbox&) override;
  void save(base::ByteWriter&) const override;
  base::Status load(base::ByteReader&) override;
  flow::Seq needs_log_from() const override;

  DeliveryStatus status(std::string_view subscription_id) const;  // any thread

 private:
  struct Entry {
    Kept kept;
    SubscriptionPtr subscription;  // null while its @context is not at hand
    Deliverer::BoxPtr box;
    SubscriptionIndex::Handle handle{0};
  };
  struct Offer {
    std::vector<flow::EntityId> about;
    std::vector<std::string> data;
  };
  void adopt(flow::Seq);
  void learn(const flow::Change&, flow::Seq);
  void take(Kept, flow::Seq, Deliverer::BoxPtr);
  bool make_ready(Entry&, flow::Seq);
  void try_unready(const flow::LogRecord&);
  void drop(const std::string& id);
  void pass_on(const flow::Change&, const flow::LogRecord&);
  void tell(const flow::LogRecord&, std::size_t index, std::map<SubscriptionIndex::Handle, Offer>&);

  const twin::Twin& twin_;
  std::mutex contexts_mutex_;  // guards the two below
  twin::ContextStore* contexts_;
  std::future<void> fetching_;
  std::unique_ptr<Deliverer> deliverer_;
  // The loop's thread only.
  Versions versions_;
  SubscriptionIndex index_;
  std::map<std::string, Entry, std::less<>> entries_;
  std::unordered_map<SubscriptionIndex::Handle, Entry*> by_handle_;
  SubscriptionIndex::Handle last_handle_{0};
  std::vector<SubscriptionIndex::Handle> candidates_;
  std::vector<std::string> unready_;
  flow::Instant next_try_{flow::kNever};
  bool loaded_{false}, adopted_{false};
};

}  // namespace cityloop::notify
