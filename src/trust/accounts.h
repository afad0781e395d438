// Local accounts and what proves them: passwords by Argon2id, sessions for people, tokens for devices and programs.
//
// Kept in one file of the data folder (mode 0600), rewritten atomically. Only hashes of passwords, sessions and tokens
// are ever stored. Wrong passwords slow down: after five in a row an account waits, doubling from one second to a
// minute; a name that no account has waits just the same, so that waiting tells nobody who exists.
//
// Any thread. Another process may change the same file (`cityloop` on the command line beside a running server):
// changes are made one at a time under a lock beside the file, and one process sees the other's within a tenth of a
// second.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "trust/principal.h"

namespace cityloop::trust {

struct AccountSummary {
  Principal principal;
  bool has_password{};
  bool has_token{};
  bool disabled{};
};

class Accounts {
 public:
  static base::Result<std::unique_ptr<Accounts>> open(const std::string& file, const base::Clock&);
  ~Accounts();

  // Makes, or changes and enables; at least 10 characters. Another password than before ends the user's sessions.
  base::Status put_user(const Principal&, std::string_view password);
  base::Result<std::string> put_token(const Principal&);  // a program or device; gives the token, once; ends an older
  // For whoever comes by themselves (trust/enrolment.h): makes it, or sets the password of one that has just these
  // roles and leaves the rest of it as it is. Errc::conflict where there is one with other roles, or one that was
  // disabled.
  base::Status enrol_user(const Principal&, std::string_view password);
  base::Status disable(std::string_view id);  // ends its sessions too
  base::Status erase(std::string_view id);    // as if it had never been; its sessions end
  std::vector<AccountSummary> list() const;
  std::optional<AccountSummary> find(std::string_view id) const;
  bool empty() const;

  // The secret for the session cookie. Takes the time an Argon2id hash takes, whether or not the user exists.
  // Errc::unauthenticated, the same for every cause; Errc::full when it must wait, or too many sign in at once.
  base::Result<std::string> sign_in(std::string_view id, std::string_view password);
  void sign_out(std::string_view session);
  std::optional<Principal> by_session(std::string_view session);  // sessions end 12 hours after their last use
  std::optional<Principal> by_token(std::string_view token) const;

 private:
  struct Inside;
  explicit Accounts(std::unique_ptr<Inside>);
  base::Status put(const Principal&, std::string_view password, bool only_enrolled);
  std::unique_ptr<Inside> inside_;
};

}  // namespace cityloop::trust
