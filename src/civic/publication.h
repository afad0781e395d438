// What a moderator has decided about a case that citizens reported: whether others see it, in what words, and with
// which photos. An entity, so that the log says who decided what and when.
//
//   moderator ─ Publication ─▶ twin ══▶ PublicBoard
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "flow/change.h"

namespace cityloop::civic {

struct Publication {
  flow::EntityId about;  // the case
  bool shown{true};
  std::string text;                 // what the public reads
  std::vector<std::string> photos;  // ids of those that it may see
  std::string by;
  flow::Instant at{flow::kNever};
  std::string reason;  // for the colleagues
};

// One a case. `find` leaves no trace where nobody has decided anything yet; empty then.
flow::EntityId publication_of(flow::EntityId about);
flow::EntityId find_publication_of(flow::EntityId about);
flow::Write to_write(const Publication&);
base::Result<Publication> publication_from(const flow::Entity&);

}  // namespace cityloop::civic
