// Tells those who asked for it which sources a tenant knows of, and when that changes (ETSI GS CIM 009, clause 5.11.7).
//
//   twin ═ log ═▶ [SourceNotifier] ─ one queue a subscription ─▶ POST ─▶ subscriber
//
// One thread of its own matches and sends, in the order of the log. What is not taken with 2xx is tried again after 1,
// 2, 4 … 60 seconds; beyond kSourceNoticesMax waiting for one subscriber the oldest are dropped. A restart begins anew:
// every subscriber is told once of all that matches.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <variant>

#include "broker/registration_book.h"
#include "broker/source_subscription.h"
#include "net/client.h"

namespace cityloop::broker {

inline constexpr std::size_t kSourceNoticesMax = 1000;

struct NoticeStatus {
  std::uint64_t times_sent{0}, times_failed{0}, dropped{0};
  flow::Instant last_notification{flow::kNever}, last_success{flow::kNever}, last_failure{flow::kNever};
  bool failed{false};
};

class SourceNotifier {
 public:
  // Follows both log and book; both outlive it.
  SourceNotifier(std::string tenant, RegistrationBook&, twin::ContextStore&, const base::Clock&);
  ~SourceNotifier();

  NoticeStatus status(const std::string& subscription_id) const;

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  struct Gone {
    std::string subscription;
  };
  using Event = std::variant<RegistrationChange, SourceSubscription, Gone>;
  struct Queue {
    std::shared_ptr<const SourceSubscription> subscription;
    std::deque<std::pair<TriggerReason, std::string>> waiting;  // reason, list of registrations as JSON
    bool under_way{false};
    SteadyTime not_before{};
    std::chrono::seconds backoff{1};
    SteadyTime next_round{SteadyTime::max()};  // of timeInterval
    NoticeStatus status;
  };
  struct Link {
    std::mutex mutex;
    SourceNotifier* notifier;
  };

  void learn(const flow::LogRecord&);
  void post(Event);
  void run();
  void handle(const RegistrationChange&);
  void handle(const SourceSubscription&);
  void handle(const Gone&);
  void tell_all(Queue&, TriggerReason);
  void put(Queue&, TriggerReason, std::string data);
  SteadyTime send_due();
  void send(const std::string& id, Queue&);
  void answered(const std::string& id, bool received);
  std::string shown(const Registration&, const SourceSubscription&) const;

  const std::string tenant_;
  RegistrationBook& book_;
  twin::ContextStore& contexts_;
  const base::Clock& clock_;
  std::shared_ptr<Link> link_;
  mutable std::mutex mutex_;  // guards all below
  std::condition_variable due_;
  std::deque<Event> events_;
  std::map<std::string, Queue, std::less<>> queues_;
  std::uint64_t notices_{0};
  bool stopping_{false};
  bool woken_{false};       // an answer has come
  net::HttpClient client_;  // its callbacks end with it, before the queues go
  std::thread thread_;
};

}  // namespace cityloop::broker
