// Taking part: asking for a letter, what is behind its link, leaving again; and the secretariat's invitations.
//
//   /public/v1/awards/{cycles/{cycle}/registrations,passwords,links…} ─ limits ─▶ [RegistrarRoutes] ─▶ Registrar
//   /api/v1/awards/{cycles/{cycle}/invitations…,profile/erasure}                ─▶
//
// Whoever asks has the same answer, word for word, whatever address it is (registrar.h).
#pragma once

#include "civic/rate_limit.h"
#include "domain/awards/entry/office.h"
#include "domain/awards/joining/registrar.h"

namespace cityloop::awards {

// What one asker may do, before anything waits behind it.
struct RegistrarLimits {
  civic::RateLimit letters{{.per_minute = 0.5, .burst = 6}};
  civic::RateLimit links{{.per_minute = 10, .burst = 20}};
};

struct RegistrarRoutes {
  const Office& office;
  Registrar& registrar;
  RegistrarLimits& limits;
  std::function<std::string(const net::Request&)> asker;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::awards
