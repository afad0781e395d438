// Pushes notices to the browsers that follow a report (RFC 8030), each encrypted for its browser alone.
//
//   Book (outbox) ─▶ [PushSender] ─ HTTPS ─▶ push service ─▶ browser
//
// At least once: a notice counts as delivered when the push service has taken it. Its Topic follows from its key, so a
// push that is sent twice takes its own place while it waits there, and the tag within it does the same on the screen.
// What fails is tried again, ever later; Retry-After is obeyed, and a service in trouble is left alone for a while, so
// that one that hangs holds up no other. A browser that is gone (404, 410) is erased.
//
// The address is a citizen's word: it is called only where it lies outside of the house, which is asked of the very
// address that is connected to; redirects are not followed and answers not read. A thread of its own.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "base/clock.h"
#include "civic/book.h"
#include "civic/follow_links.h"
#include "civic/push_crypto.h"
#include "civic/settings_in_force.h"

namespace cityloop::civic {

// What a service worker finds in a push: PushMessage of api/openapi.yaml.
std::string push_message(const DuePush&, const flow::Bilingual& city, const std::string& url);

// By a notice's status: how long a push service keeps it, and how it wakes the phone (RFC 8030, 5.2 and 5.3).
struct PushHaste {
  int ttl_s{};
  const char* urgency{};
};
PushHaste haste_of(std::string_view status);

// The id by which a subscription is known here; says nothing of the endpoint to who does not know it.
std::string browser_id(std::string_view endpoint);

class PushSender {
 public:
  PushSender(const SettingsInForce&, flow::Bilingual city, Book&, const FollowLinks&, const PushKey&,
             const base::Clock& wall);
  ~PushSender();

  base::Status start();
  void stop();
  void wake();  // there is something to send

  struct Stats {
    std::uint64_t sent, failed, given_up, gone, led_within;
  };
  Stats stats() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace cityloop::civic
