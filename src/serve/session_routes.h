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

// What a browser gets that has just been let in: who it is, and the cookie of its session.
net::Response signed_in(const Guard&, std::string_view session, bool secure);

struct SessionRoutes {
  const Guard& guard;
  BackRoom& back_room;
  std::vector<DemoLogin> demo;  // empty outside the demo: then nobody is told of them

  void add_to(net::Router&) const;
};

}  // namespace cityloop::serve
