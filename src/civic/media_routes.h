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

// Answers with the photo as the API has it (201), or why it was not taken; `by` is who sent it.
void take_photo(const Office&, const net::Request&, const std::string& by, net::Reply);

}  // namespace cityloop::civic
