// Sends persons their links, over the city's mail server.
//
//   People (letters) ─▶ [Letters] ─ SMTP ─▶ mail server
//
// At least once, as mail/smtp.h does it: what fails is tried again, ever later; a mailbox that is none, or five
// attempts, end it, for whoever waits for a link asks anew. A thread of its own.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.h"
#include "civic/services.h"
#include "mail/letter.h"
#include "mail/smtp.h"
#include "participation/people.h"
#include "participation/person_keys.h"
#include "participation/settings.h"

namespace cityloop::participation {

// What a person reads; `link` is whole.
mail::Letter letter_to(const DueLetter&, const flow::Bilingual& city, const std::string& link, base::Duration kept);

class Letters {
 public:
  // The settings as they are in force by now.
  using CivicNow = std::function<const civic::CivicSettings&()>;
  Letters(const ParticipationSettings&, CivicNow, flow::Bilingual city, People&, const PersonKeys&,
          const base::Clock& wall);
  ~Letters() { stop(); }

  base::Status start();
  void stop();

  struct Stats {
    std::uint64_t sent, failed;
  };
  Stats stats() const { return {sent_, failed_}; }

 private:
  void run();
  bool deliver(const DueLetter&);  // false: the server itself is in trouble

  const ParticipationSettings& settings_;
  const CivicNow civic_;
  const flow::Bilingual city_;
  People& people_;
  const PersonKeys& keys_;
  const base::Clock& wall_;

  mail::Smtp smtp_;  // the thread's own
  std::atomic<std::uint64_t> sent_{0}, failed_{0};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace cityloop::participation
