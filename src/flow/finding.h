// What decide saw and holds to be worth a person's or a machine's attention.
//
//   decide ─ Finding ─▶ casework (opens a case), serve (shows it), learn (was it right?)
//
// A Finding is opened once and cleared once. While it is open, a flapping value changes nothing. It explains itself:
// the rule, the values and limits that made it fire, and since when. All times are the city's, so a replay writes the
// same.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "flow/change.h"

namespace cityloop::flow {

// CAP 1.2 severity, in rising order.
enum class Severity : std::uint8_t { minor, moderate, severe, extreme };

enum class FindingStatus : std::uint8_t { active, cleared };

// A text for people, in both languages of the house.
struct Bilingual {
  std::string zh, en;
  friend bool operator==(const Bilingual&, const Bilingual&) = default;
};

struct Finding {
  EntityId id;                    // urn:ngsi-ld:Finding:RULE:ABOUT:MILLISECONDS, the same in every replay
  std::string rule;               // id of the rule
  EntityId about;                 // the entity it is about
  std::vector<EntityId> related;  // neighbours, earlier events
  FindingStatus status{FindingStatus::active};
  Severity severity{Severity::moderate};
  Bilingual title;
  Instant opened_at{kNever};   // when the condition had held for its hold time
  Instant cleared_at{kNever};  // when the clear-condition had held for its own
  std::string why;          // JSON: condition, limit, hold, values: [{entity, attribute, value, unitCode, observedAt}]
  std::string cleared_why;  // JSON of the same shape; empty while active
  std::string location;     // GeoJSON of `about` at the time; empty when it has none
  std::string response;     // JSON of the rule's [rule.response]: what casework is to do; empty for "show only"
};

std::string_view to_string(Severity);
std::string_view to_string(FindingStatus);
base::Result<Severity> severity_from(std::string_view);

// A Finding as an NGSI-LD entity of type Finding, and back.
Write to_write(const Finding&);
base::Result<Finding> finding_from(const Entity&);

}  // namespace cityloop::flow
