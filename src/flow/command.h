// A command: one value that a device is asked to take, and what became of it.
//
//   casework, people ─ Command(requested) ─▶ act ─ MQTT ─▶ device ─ receipt ─▶ act ─ Command(succeeded) ─▶ casework
//
// Only act's loop writes a Command after it was requested; people approve or refuse by writing an Action.
#pragma once

#include <string>

#include "flow/finding.h"

namespace cityloop::flow {

enum class CommandStatus : std::uint8_t {
  requested,         // written by whoever wants it; act has not looked yet
  pending_approval,  // an interlock demands a person's word
  approved,
  sent,          // published, no answer yet
  acknowledged,  // the device has it
  succeeded,     // the device says it is done
  failed,        // the device says it could not
  timed_out,     // no answer after every retry
  refused,       // by an interlock or a person
};

struct Command {
  EntityId id;  // urn:ngsi-ld:Command:…; also the key by which a device does it once
  EntityId device;
  std::string name;   // what to set: "pump", "message", "brightness"
  std::string value;  // JSON
  EntityId for_case;  // empty when none
  std::string requested_by;
  std::string approved_by;
  CommandStatus status{CommandStatus::requested};
  std::string reason;  // why it was refused or failed, for a person
  std::uint32_t attempts{0};
  Instant requested_at{kNever};
  Instant sent_at{kNever};
  Instant answered_at{kNever};
};

std::string_view to_string(CommandStatus);
bool is_final(CommandStatus);
Write to_write(const Command&);
base::Result<Command> command_from(const Entity&);

}  // namespace cityloop::flow
