// Subscriptions of our callers, kept at the sources that know something of what they ask for, and what those sources
// tell (ETSI GS CIM 009, clauses 4.3.6, 5.8.1, 5.8.2, 5.8.5, 5.8.6, 5.12).
//
//   twin ═ log ═▶ [SubscriptionForwarder] ─ POST, PATCH, DELETE …/subscriptions ─▶ sources
//   caller ◀─ NotifyLoop ◀═ log ═ twin ◀─ Posted ─ [take] ◀─ notifications ─┘
//
// What should be at the sources follows from subscriptions and registrations; what is there is kept on disk; the
// difference is what is sent, again and again until it is done, over restarts. The id at the source follows from ours,
// so that one made just before a crash is found again. Sources tell us at an address nobody else knows.
#pragma once

#include <condition_variable>
#include <set>
#include <thread>

#include "broker/federation/inside.h"
#include "notify/kept.h"

namespace cityloop::broker {

// What the forwarder needs to know of the request that makes or changes a subscription: our address, the way it came
// here, whether it is for here alone. Kept with it.
void note_request(const Exchange&, flow::Write&);
void keep_noted(const flow::Entity& before, flow::Write&);

class SubscriptionForwarder {
 public:
  SubscriptionForwarder(Tenant&, RegistrationBook&, const Federation::Inside&);
  ~SubscriptionForwarder();
  void start();  // once the federation knows the book: what should be at sources follows from it

  bool knows(std::string_view token) const;
  // A source's notification.
  void take(std::string_view token, const net::Request&, net::Reply);

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  // One subscription at one source, as it should be or as it is.
  struct Placed {
    std::string subscription;  // ours
    RegistrationPtr registration;
    std::size_t part{0};  // of the registration's information
    std::string remote;   // its id there
    std::string token;    // of the address that it tells
    std::string body;     // JSON
    bool made{false};     // the source has answered that it has it
    // The source tells all it has: it is put together with what is here and filtered before it is passed on.
    bool whole{false};
  };
  struct Trouble {
    SteadyTime not_before{};
    std::chrono::seconds backoff{1};
  };
  struct Step {
    enum class Kind : std::uint8_t { make, change, remove } kind;
    std::string key;
    Placed after;
  };
  struct Link {
    std::mutex mutex;
    SubscriptionForwarder* forwarder;
  };

  void load();
  void learn(const flow::LogRecord&);
  void mark(std::string subscription);  // empty: all
  void run();
  SteadyTime next_try() const;
  void look_at(const std::string& subscription);
  void look_at_all();
  std::map<std::string, Placed> wanted(const flow::Entity& kept);
  void add_wanted(const Exchange&, const notify::Kept&, const notify::Subscription&, const std::string& address,
                  std::map<std::string, Placed>&) const;
  Exchange spoken(const flow::Entity& entity, const notify::Kept&) const;
  std::vector<Step> steps() const;
  void carry_out(std::vector<Step>);
  void settle(const Step&, const Answer&);
  void save(const std::string& key, const Placed*);
  std::vector<std::string> rendered(const Placed&, const notify::Kept&, const net::Request&,
                                    std::vector<flow::EntityId>&, const base::JsonValue& body) const;

  Tenant& tenant_;
  RegistrationBook& book_;
  const Federation::Inside& in_;
  std::shared_ptr<Link> link_;
  // The thread's.
  std::map<std::string, Placed> wanted_;  // by key: ours, registration, part
  std::map<std::string, Trouble> troubles_;
  mutable std::mutex mutex_;  // guards all below
  std::map<std::string, Placed> placed_;
  std::condition_variable due_;
  std::set<std::string> marked_;
  bool all_marked_{true};
  bool stopping_{false};
  std::thread thread_;
};

}  // namespace cityloop::broker
