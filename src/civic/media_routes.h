// Photos in and out: for staff /api/v1/media, for citizens /public/v1/media, and by a follow link.
//
// A photo is answered for when it is on disk. It is unpacked by one thread of its own with a short line before it: when
// that is full the answer is 503 at once.
#pragma once

#include "civic/office.h"

namespace cityloop::civic {

struct MediaRoutes {
  const Office& on;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::civic
