// A browser that wants to be told: the city's key, and the subscriptions of a report by its link.
//
//   /public/v1/push-key, /public/v1/follow/{token}/push ─▶ Book
#pragma once

#include "civic/office.h"
#include "civic/push_crypto.h"

namespace cityloop::civic {

struct PushRoutes {
  const Office& on;
  const PushKey& key;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::civic
