// Tells those who asked for it which sources a tenant knows of, and when that changes (ETSI GS CIM 009, clause 5.11.7).
//
//   twin ═ log ═▶ [SourceNotifier: who wants it?] ─ Posted ─▶ twin ═ log ═▶ NotifyLoop ─ HTTP, MQTT ─▶ subscriber
//
// One thread of its own matches, in the order of the log; what is to be told goes back into the log, and so is
// delivered as all notifications are: at least once, counted, over restarts. After a start every subscriber is told
// once of all that matches. The thread also keeps the counters of sources on disk.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <variant>

#include "broker/source/registration_book.h"
#include "broker/source/subscription.h"

namespace cityloop::broker {

class SourceNotifier {
 public:
  // Follows both log and book; both outlive it.
  SourceNotifier(RegistrationBook&, twin::ContextStore&, const base::Clock&);
  ~SourceNotifier();

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  struct Gone {
    std::string subscription;
  };
  using Event = std::variant<RegistrationChange, SourceSubscription, Gone>;
  struct Watcher {
    SourceSubscription subscription;
    SteadyTime next_round{SteadyTime::max()};  // of timeInterval
  };
  struct Link {
    std::mutex mutex;
    SourceNotifier* notifier;
  };

  void learn(const flow::LogRecord&);
  void put(Event);
  void run();
  SteadyTime next_round() const;
  void handle(const RegistrationChange&);
  void handle(const SourceSubscription&);
  void handle(const Gone&);
  void tell_due();
  void tell_all(const SourceSubscription&, TriggerReason);
  void tell(const SourceSubscription&, TriggerReason, std::vector<std::string> registrations);
  std::string shown(const Registration&, const SourceSubscription&) const;

  RegistrationBook& book_;
  twin::ContextStore& contexts_;
  const base::Clock& clock_;
  std::shared_ptr<Link> link_;
  std::mutex mutex_;  // guards the three below
  std::condition_variable due_;
  std::deque<Event> events_;
  bool stopping_{false};
  std::map<std::string, Watcher, std::less<>> watchers_;  // the thread's
  std::thread thread_;
};

}  // namespace cityloop::broker
