// What one subscription's receiver has not taken yet, in order. Inside of the deliverer, whose mutex guards it.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <limits>
#include <utility>
#include <vector>

#include "notify/deliverer.h"

namespace cityloop::notify {

using SteadyTime = std::chrono::steady_clock::time_point;

struct Item {
  flow::Seq seq{};
  std::uint64_t token{};              // tells it from all others of its box
  std::vector<flow::EntityId> about;  // told in order, of each of these
  std::vector<std::string> data;      // rendered entities
  std::size_t bytes{0};
  int refusals{0};
  bool periodic{false};
  bool under_way{false};
  bool done{false};
};

struct Deliverer::Box {
  explicit Box(std::string given) : id(std::move(given)) {}

  const std::string id;
  SubscriptionPtr subscription;
  std::uint64_t version{0};       // of the subscription, for whoever read the log by an older one
  std::atomic<bool> live{false};  // takes what the loop offers
  flow::Seq position{0};          // all up to here is in the box or done; of a live one it may be older
  bool waits_to_read{false};      // stands in the clerk's queue
  bool closed{false};

  std::deque<Item> items;
  std::size_t bytes{0};
  std::size_t under_way{0};
  std::uint64_t last_token{0};

  bool failing{false};
  bool refuses_all{false};  // the last one was given up because its receiver does not want it
  std::optional<base::Duration> backoff;
  SteadyTime not_before{};  // after a failure, or by throttling
  std::optional<SteadyTime> due, next_interval;
  std::vector<std::pair<flow::Seq, flow::Seq>> pauses;  // [from, to)
  DeliveryStatus status;

  static constexpr flow::Seq kStill = std::numeric_limits<flow::Seq>::max();

  bool is_paused_at(flow::Seq seq) const { return is_paused_at(pauses, seq); }
  static bool is_paused_at(const std::vector<std::pair<flow::Seq, flow::Seq>>& pauses, flow::Seq seq) {
    for (const auto& [from, to] : pauses) {
      if (seq >= from && seq < to) return true;
    }
    return false;
  }
  void pause(flow::Seq from) {
    if (pauses.empty() || pauses.back().second != kStill) pauses.emplace_back(from, kStill);
  }
  void resume(flow::Seq at) {
    if (!pauses.empty() && pauses.back().second == kStill) pauses.back().second = at;
  }

  Item& push(flow::Seq seq, std::vector<flow::EntityId> about, std::vector<std::string> data);
  // Those that may be sent now, none before another of the same entity; at most `max`.
  std::vector<Item*> sendable(std::size_t max);
  // All that waits, when nothing is on its way: of each entity only the newest state is left.
  std::vector<Item*> together(std::size_t max);
  // A receiver's answer to one; its bytes are given back when it is over.
  std::size_t settle(std::uint64_t token, bool over);
  // It was refused: whether that is to be believed now.
  bool refuse(std::uint64_t token, int refusals_max);
  // All up to here has been taken. `claimed` is what a live box has been offered.
  flow::Seq cursor(flow::Seq claimed) const;
};

}  // namespace cityloop::notify
