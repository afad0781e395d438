// A warning of another authority, as a CAP 1.2 message gives it (OASIS Common Alerting Protocol): weather, flood, fire,
// public health.
//
//   CAP message ─ sense ─▶ Alert ─▶ casework (takes up what the city has asked for), map
//
// One entity a message, and it never changes: an update or a cancellation is a message of its own that names those it
// is about. What holds now follows from all of them in order; casework keeps that in its case.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "flow/change.h"
#include "flow/finding.h"

namespace cityloop::flow {

enum class AlertKind : std::uint8_t { alert, update, cancel };

struct Alert {
  EntityId id;         // urn:ngsi-ld:Alert:SENDER:IDENTIFIER, both with %XX for what a URN may not hold
  std::string sender;  // of the message, as "nmc@cma.gov.cn"
  std::string identifier;
  AlertKind kind{AlertKind::alert};
  std::string status;                // Actual Exercise System Test Draft
  std::vector<EntityId> references;  // earlier messages that it updates or cancels
  std::string category;              // of CAP's list: Geo Met Safety Fire Health …
  std::string event;                 // "Flash Flood Warning", "暴雨橙色预警"
  std::vector<std::string> codes;    // eventCode, each as "NAME=VALUE"
  std::string urgency;               // Immediate Expected Future Past Unknown
  std::string severity;              // Extreme Severe Moderate Minor Unknown
  std::string certainty;             // Observed Likely Possible Unlikely Unknown
  Bilingual headline;
  Bilingual description;
  Bilingual instruction;
  std::string sender_name;
  std::string web;
  std::string area;      // its areas in words
  std::string location;  // GeoJSON of its polygons, circles and geocodes; empty when it names none that is known
  Instant sent_at{kNever};
  Instant onset_at{kNever};
  Instant expires_at{kNever};
};

std::string_view to_string(AlertKind);
// The id of the message that somebody calls (sender, identifier).
EntityId alert_id(std::string_view sender, std::string_view identifier);
Write to_write(const Alert&);
base::Result<Alert> alert_from(const Entity&);

}  // namespace cityloop::flow
