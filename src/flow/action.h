// What a person asks of a loop: "accept this case", "approve this command". The loop that owns the target does it or
// refuses it with a reason; so every loop is the only writer of its own entities, and all that people did is in the
// log.
//
//   serve ─ Action(requested) ─▶ casework or act ─ Action(done | refused) ─▶ serve answers the person
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "flow/change.h"

namespace cityloop::flow {

enum class ActionStatus : std::uint8_t { requested, done, refused };

struct Action {
  EntityId id;       // urn:ngsi-ld:Action:…
  EntityId target;   // the Case or Command
  std::string verb;  // for a Case: one of its workflow's (accept, report …); for a Command: approve refuse
  std::string by;    // "user:li.wei"
  // What the server knows of who asks, at that moment: so the log says in which role somebody acted.
  std::vector<std::string> roles{};
  std::string department{};
  std::vector<std::string> crews{};  // for which they work at that moment
  std::string note;
  std::string fields;  // JSON object with what the verb needs: {"department": "water"}
  ActionStatus status{ActionStatus::requested};
  std::string reason;  // why refused
  Instant at{kNever};
};

std::string_view to_string(ActionStatus);
Write to_write(const Action&);
base::Result<Action> action_from(const Entity&);

}  // namespace cityloop::flow
