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

namespace cityloop::civic {

// As the mail server is given it: head, empty line, body; lines end in CR LF, all of it ASCII. `link` may be empty.
std::string mail_text(const DueNotice&, const MailSettings&, const std::string& city, const std::string& link,
                      base::Instant now);
std::string message_id(std::string_view key, std::string_view from);

// How long after this many failures it is tried again.
base::Duration mail_backoff(unsigned attempts);

// Any other letter of the city's to one person. Whoever sends it keeps it until it is taken, and tries again.
struct Letter {
  std::string key;       // the Message-ID follows from it
  std::string to;        // address
  std::string language;  // zh or en; empty: both
  flow::Bilingual subject, text;
};
std::string letter_text(const Letter&, const MailSettings&, base::Instant now);

struct MailSent {
  enum class Outcome : std::uint8_t { taken, later, never } outcome{Outcome::later};
  std::string why;
};
// On the caller's thread, which may wait for the mail server for a minute. `text` is a whole mail as the server is
// given it.
MailSent send_mail(const MailSettings&, const std::string& password, const std::string& to, const std::string& text);
base::Result<std::string> mail_password(const MailSettings&);  // empty where none is needed

class Mailer {
 public:
  Mailer(const SettingsInForce&, std::string city, Book&, const FollowLinks&, const base::Clock& wall);
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
  bool deliver(const DueNotice&);     // false: the server itself is in trouble
  MailSent send(const DueNotice&) const;

  const SettingsInForce& in_force_;
  const std::string city_;
  Book& book_;
  const FollowLinks& links_;
  const base::Clock& wall_;
  std::string password_;
  std::uint64_t settings_seen_{0};

  std::atomic<std::uint64_t> sent_{0}, failed_{0}, given_up_{0};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<bool> stopping_{false}, woken_{false};
  std::thread thread_;
};

}  // namespace cityloop::civic
