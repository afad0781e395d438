// Who asks, and whether they may: every route goes through here, so none can forget.
//
//   Request ─▶ [Guard: session cookie or bearer token → Principal → Policy] ─▶ handler(Call, Reply)
//
// A browser's writes must carry X-Cityloop-Client, which a foreign page cannot send; programs with a token need not.
#pragma once

#include <functional>
#include <string>

#include "net/http.h"
#include "net/router.h"
#include "trust/accounts.h"
#include "trust/policy.h"

namespace cityloop::serve {

struct Call {
  const net::Request& request;
  trust::Principal principal;
};

using CallHandler = std::function<void(const Call&, net::Reply)>;
using CallSocket =
    std::function<std::expected<net::WebSocketEvents, net::Response>(const Call&, std::shared_ptr<net::WebSocket>)>;

inline constexpr std::string_view kSessionCookie = "cityloop_session";

// closed: who shows nothing may do nothing. open: who shows nothing may read, write and subscribe to entities, as a
// broker on one's own machine allows; whoever does show who it is has that one's rights and no more.
enum class Access : std::uint8_t { closed, open };

class Guard {
 public:
  Guard(trust::Accounts& accounts, const trust::Policy& policy, Access access = Access::closed)
      : accounts_(accounts), policy_(policy), access_(access) {}

  // The principal behind a request; anonymous when nothing, or nothing valid, is shown.
  trust::Principal identify(const net::Request&) const;

  // Wraps a handler: refused unless the principal has the permission somewhere. What is bound to a department or an
  // area, the handler asks again with may().
  net::Handler require(trust::Permission, CallHandler) const;
  net::WebSocketHandler require_socket(trust::Permission, CallSocket) const;

  base::Status may(const trust::Principal& principal, trust::Permission permission,
                   const trust::Scope& scope = {}) const {
    if (is_open_to(principal, permission)) return {};
    return policy_.check(principal, permission, scope);
  }
  const trust::Policy& policy() const { return policy_; }
  // To be read: no handler makes or changes an account by it.
  const trust::Accounts& accounts() const { return accounts_; }
  // The secret for the session cookie; as Accounts::sign_in.
  base::Result<std::string> sign_in(std::string_view user, std::string_view password) const {
    return accounts_.sign_in(user, password);
  }
  void sign_out(std::string_view session) const { accounts_.sign_out(session); }
  // Anonymous where the session is none, or none any more.
  trust::Principal of_session(std::string_view session) const {
    return accounts_.by_session(session).value_or(trust::Principal{});
  }

 private:
  base::Status admit(const net::Request&, const trust::Principal&, trust::Permission) const;

  bool is_open_to(const trust::Principal&, trust::Permission) const;

  trust::Accounts& accounts_;
  const trust::Policy& policy_;
  const Access access_;
};

// Makes handlers of a family's functions: bind(permission, function) asks the guard, then calls function(family, call,
// reply). The family is copied: it holds references.
template <class Family>
auto binder(const Family& family) {
  return [family](trust::Permission permission, auto function) {
    return family.guard.require(permission, [family, function](const Call& call, net::Reply reply) {
      function(family, call, std::move(reply));
    });
  };
}

// A browser's session must show that the request comes from our own pages.
base::Status check_same_site(const net::Request&);

}  // namespace cityloop::serve
