// Staff decide what of a citizen's report the public sees, and those who handle a case may see how its reporter is
// reached.
//
//   /api/v1/moderation ─ Publication ─▶ twin        /api/v1/cases/{id}/contact ◀─ Book
#pragma once

#include "civic/log_reader.h"
#include "civic/office.h"

namespace cityloop::civic {

struct ModerationRoutes {
  const Office& on;
  const LogReader& reader;

  void add_to(net::Router&) const;
};

// `found`: what looks personal in a text, for whoever decides about it.
void write_found(base::JsonWriter&, const std::string& text);

}  // namespace cityloop::civic
