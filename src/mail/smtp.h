// A letter's way to the city's mail server, and what the server says of it.
//
//   civic.toml [mail] ─▶ MailSettings ─▶ [Smtp] ─▶ mail server
//
// One thread at a time, but for interrupt(). A connection is kept from letter to letter, until hang_up().
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "base/config.h"
#include "base/time.h"

namespace cityloop::mail {

struct MailSettings {
  std::string server;  // "smtps://mail.example:465" or "smtp://mail.example:587"; empty: no mail is sent
  bool tls{true};      // smtp:// must turn to TLS (STARTTLS); false only for a server on this machine
  std::string user, password_file;
  std::string from;  // "Lakeside <noreply@lakeside.example>"
  std::string ca_file;

  static MailSettings read(base::ConfigTable& mail);  // mistakes stay with the file
  base::Result<std::string> password() const;         // read anew each time; empty where none is needed
};

struct Sent {
  enum class Outcome : std::uint8_t {
    taken,
    refused,  // for good: there is no such mailbox
    busy,     // this mailbox, or this letter, later
    away,     // the server itself is in trouble: so are all others
  } outcome{Outcome::away};
  std::string why{};  // in the server's words; empty when taken
};

class Smtp {
 public:
  Smtp();
  ~Smtp();

  // Waits for the server for up to a minute. `text` is a whole mail as letter_text makes it.
  Sent send(const MailSettings&, const std::string& password, const std::string& to, const std::string& text);
  void hang_up();
  void interrupt() { interrupted_ = true; }  // from any thread: send() ends soon, then and ever after

 private:
  struct Line;
  std::unique_ptr<Line> line_;  // null: none
  std::atomic<bool> interrupted_{false};
};

// How long after this many failures a letter is tried again: half a minute, doubling, at most six hours.
base::Duration mail_backoff(unsigned attempts);
inline constexpr unsigned kAttemptsMax = 20;  // three days

}  // namespace cityloop::mail
