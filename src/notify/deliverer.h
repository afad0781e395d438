// Brings notifications to their receivers, keeps on trying, and never lets one receiver hold up another.
//
//   NotifyLoop ─ offer ─▶ [Deliverer: one box a subscription] ─ HTTP, MQTT ─▶ receivers
//                              ▲ behind: reads the log itself ═══ log
//
// A box holds what its receiver has not taken yet, in order. Several of a box are on their way at once, but of one
// entity only one: each entity is told in its order. Where there is trouble (no answer, 5xx, a 4xx that says "later")
// it is tried again after 1, 2, 4 … 60 s (from `cooldown` where the endpoint has one), for as long as it takes. A box
// that is full stops taking what the loop offers and is *behind*: it reads the log from its cursor, in slices, until it
// has caught up. So nothing that matches is left out, and a receiver that stays away costs no memory but its cursor.
//
// Any other 4xx is an answer: the receiver is there, has read it and does not want it. It is believed when it has been
// given refusals_max times, with the same pauses between, for an address is sometimes mended; then the notification is
// counted as refused and the next one goes. While a receiver refuses everything, each is believed at once. Asking for
// ever would hold up the notifications behind the one that is refused, and keep the log from ever being trimmed.
//
// A log that had to be trimmed before a subscription read it (keep_log) is the one way to lose anything, and is told:
// the subscription is failed and says which records it missed, until it is changed.
//
// Sending starts on the thread that offers; answers come on those of the clients; one thread of ours, the clerk, does
// what waits: retries, throttling, intervals, reading the log.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "notify/subscription.h"
#include "twin/twin.h"

namespace cityloop::notify {

struct DeliveryStatus {
  std::uint64_t times_sent{0}, times_failed{0};  // attempts; those among them that failed
  std::uint64_t pending{0};                      // in the box
  bool behind{false};                            // more of the log is to be read for it
  bool failing{false};                           // the last attempt failed, or something was lost
  std::uint64_t refused{0};                      // notifications that their receiver does not want
  flow::Instant last_notification{flow::kNever}, last_success{flow::kNever}, last_failure{flow::kNever};
  std::string last_error;  // empty once an attempt succeeds
  std::string loss;        // which records were trimmed before they were read; until the subscription is changed
};

struct DelivererOptions {
  std::string tenant;  // empty: the city itself
  base::Duration backoff_first{std::chrono::seconds(1)};
  base::Duration backoff_max{std::chrono::seconds(60)};
  base::Duration timeout{std::chrono::seconds(5)};  // where an endpoint has none
  std::size_t box_max{1000};                        // notifications in a box, and
  std::size_t box_bytes_max{4u << 20};              // their bytes
  std::size_t bytes_max{64u << 20};                 // of all boxes; beyond, those with more than a few fall behind
  std::size_t under_way_max{16};                    // of one box
  std::size_t suspects_max{64};                     // attempts at receivers that failed the last time
  int refusals_max{3};                              // of one notification, before a 4xx is believed
};

using SubscriptionPtr = std::shared_ptr<const Subscription>;

class Deliverer {
 public:
  struct Box;
  using BoxPtr = std::shared_ptr<Box>;

  Deliverer(const twin::Twin&, const base::Clock&, DelivererOptions);
  ~Deliverer();

  // A new box that has done all up to `cursor`, which the loop has claimed.
  BoxPtr open(const std::string& id, flow::Seq cursor);
  // The subscription that a box serves from record `seq` on; null while it cannot be read: then the box waits, behind.
  void set(const BoxPtr&, SubscriptionPtr, flow::Seq seq);
  void close(const BoxPtr&);
  void forgive(const BoxPtr&);  // what was lost is known, and no longer told

  // The loop now works on this record: boxes that catch up from here on must have read it themselves.
  void claim(flow::Seq);
  flow::Seq claimed() const;
  static bool is_live(const BoxPtr&);
  // One record's notification for a live box. One that has come up to it by itself passes it over.
  void offer(const BoxPtr&, flow::Seq, std::vector<flow::EntityId> about, std::vector<std::string> data);

  DeliveryStatus status(std::string_view id) const;  // any thread
  // For the checkpoint: cursor, counters and pauses of a box.
  void save(const BoxPtr&, base::ByteWriter&) const;
  BoxPtr load(const std::string& id, base::ByteReader&, int format);
  // The first record that some box would have to read after a restart from a checkpoint of now.
  flow::Seq needs_from() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace cityloop::notify
