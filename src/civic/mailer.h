// Sends reporters their notices by e-mail, over a mail server of the city's.
//
//   Book (outbox) ─▶ [Mailer] ─ SMTP ─▶ mail server
//
// At least once: a notice counts as delivered when the server has taken it. Its Message-ID follows from its key, so
// that a mailbox that gets one twice can tell. What fails is tried again, ever later, up to six hours apart; a mailbox
// that the server says is none, or twenty attempts, end it. A report's notices go out in their order. An address that
// was erased is written to no more.
//
// A thread of its own; the password is read when it starts and when other settings come into force.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.h"
#include "civic/book.h"
#include "civic/follow_links.h"
#include "civic/settings_in_force.h"
#include "mail/letter.h"
#include "mail/smtp.h"

namespace cityloop::civic {

// What a reporter reads; `link` may be empty.
mail::Letter notice_letter(const DueNotice&, const flow::Bilingual& city, const std::string& link);

class Mailer {
 public:
  Mailer(const SettingsInForce&, flow::Bilingual city, Book&, const FollowLinks&, const base::Clock& wall);
  ~Mailer() { stop(); }

  base::Status start();  // sends nothing while no server is set
  void stop();
  void wake();  // there is something to send

  struct Stats {
    std::uint64_t sent, failed, given_up;
  };
  Stats stats() const { return {sent_, failed_, given_up_}; }

 private:
  void run();
  base::Status keep_up();
  bool send_some(std::size_t& sent);  // false: the server itself is in trouble
  bool deliver(const DueNotice&);     // likewise

  const SettingsInForce& in_force_;
  const flow::Bilingual city_;
  Book& book_;
  const FollowLinks& links_;
  const base::Clock& wall_;
  mail::Smtp smtp_;  // the thread's own
  std::string password_;
  std::uint64_t settings_seen_{0};

  std::atomic<std::uint64_t> sent_{0}, failed_{0}, given_up_{0};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<bool> stopping_{false}, woken_{false};
  std::thread thread_;
};

}  // namespace cityloop::civic
