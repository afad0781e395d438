// How the feeds do, what they refused, and the replay's pause and speed: /api/v1/feeds.
#pragma once

#include "sense/feed_stats.h"
#include "serve/guard.h"
#include "twin/twin.h"

namespace cityloop::serve {

// What can be asked of the replay; empty functions in a city that replays nothing.
struct ReplayControl {
  std::function<void()> pause, resume;
  std::function<base::Status(double speed)> set_speed;
};

struct FeedRoutes {
  const Guard& guard;
  const twin::Twin& twin;
  const sense::FeedBoard& feeds;
  ReplayControl replay;
  std::function<void()> refresh;  // brings the feeds' connections up to date before they are told

  void add_to(net::Router&) const;
};

}  // namespace cityloop::serve
