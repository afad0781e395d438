// Signing in and out, and who is signed in: /api/v1/session.
#pragma once

#include "serve/back_room.h"
#include "serve/city.h"
#include "serve/guard.h"

namespace cityloop::serve {

// A user of the demo, whose password anyone may know.
struct DemoLogin {
  City::DemoUser user;
  std::string password;
};

struct SessionRoutes {
  const Guard& guard;
  BackRoom& back_room;
  std::vector<DemoLogin> demo;  // empty outside the demo: then nobody is told of them

  void add_to(net::Router&) const;
};

}  // namespace cityloop::serve
