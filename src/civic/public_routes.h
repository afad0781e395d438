// What citizens ask without an account: what can be reported, what is reported already, and to report: /public/v1.
#pragma once

#include "civic/office.h"

namespace cityloop::civic {

struct PublicRoutes {
  const Office& on;

  void add_to(net::Router&) const;
};

// The part of a question about the board that every listing shares: state, service, bbox, since.
base::Result<BoardQuestion> question_of(const net::Request&);

}  // namespace cityloop::civic
