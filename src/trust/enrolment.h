// The door by which people come to an account by themselves: what a domain package is given of the accounts.
//
//   package: an address that answered ─▶ [Enrolment] ─▶ Accounts
//
// It makes users of a role that the table names for this (grants.h: kEnrolled), with that role and nothing else, and
// sets another password for one who has just that role. Whoever holds it can make no operator, no administrator, no
// program, and changes no account that was made by hand with other roles. Any thread; a call that returns has its
// change on disk.
#pragma once

#include <string>
#include <string_view>

#include "trust/accounts.h"

namespace cityloop::trust {

class Enrolment {
 public:
  explicit Enrolment(Accounts& accounts) : accounts_(accounts) {}

  enum class Standing : std::uint8_t {
    free,      // no account is called so
    enrolled,  // one with just this role
    other,     // one with other roles, or disabled: neither to be made nor changed here
  };
  Standing standing(std::string_view id, std::string_view role) const;
  // Makes it, or sets its password. Errc::refused where people do not come to the role by themselves,
  // Errc::conflict where the standing is other, Errc::invalid for the password as Accounts::put_user.
  base::Status put(std::string_view id, std::string_view role, const flow::Bilingual& name, std::string_view password);
  // As if it had never been. Errc::refused where the standing is other.
  base::Status erase(std::string_view id, std::string_view role);

 private:
  Accounts& accounts_;
};

// The account of whoever answers at an address: "user:li@example.org", in small letters.
std::string user_of_address(std::string_view email);

}  // namespace cityloop::trust
