// What casework has to tell the signed-in person: GET /api/v1/notices.
#pragma once

#include "serve/duty_shelf.h"
#include "serve/guard.h"
#include "serve/notice_index.h"
#include "twin/twin.h"

namespace cityloop::serve {

struct NoticeRoutes {
  const Guard& guard;
  const twin::Twin& twin;
  const NoticeIndex& index;
  const DutyShelf* duty{nullptr};  // null: nobody works for a crew

  void add_to(net::Router&) const;
};

}  // namespace cityloop::serve
