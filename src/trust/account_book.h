// What the accounts' file says, as data: read from its JSON and written to it. No clock, no lock, no file here.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "trust/principal.h"

namespace cityloop::trust {

struct Account {
  Principal principal;
  std::string password;  // Argon2id in its encoded form; empty: none
  std::string token;     // fingerprint; empty: none
  bool disabled{false};
};

struct Session {
  std::string account;
  base::Instant used_at{base::kNever};
};

struct AccountBook {
  std::map<std::string, Account, std::less<>> accounts;   // by id
  std::map<std::string, Session, std::less<>> sessions;   // by fingerprint
  std::map<std::string, std::string, std::less<>> token;  // fingerprint → account, derived

  static base::Result<AccountBook> parse(std::string_view json);
  std::string dump() const;

  void set_token(Account&, std::string fingerprint);
  void end_sessions_of(std::string_view account);
};

}  // namespace cityloop::trust
