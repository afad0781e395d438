// What each type of device can be asked to do, how it is reached, and what must never happen.
//
//   devices/*.toml ─▶ [DeviceTypes] ─▶ CommandLoop, ReceiptIntake, console
//
//   [[device_type]]
//   id = "pump"                     # a Device whose deviceType (or deviceCategory) says so, or an entity of this type
//   entity_type = "Streetlight"     # instead: every entity of this type; left out: Device
//   name = { zh = "水泵", en = "Pump" }
//   topic = "cityloop/{id_tail}/cmd"               # {id}: the URN; {id_tail}: what follows urn:ngsi-ld:TYPE:
//   receipt_topic = "cityloop/{id_tail}/receipt"
//
//   [[device_type.command]]
//   name = "pump"
//   kind = "boolean"                # boolean | number | text
//   min = 0                         # number: range; text: length in characters
//   max = 100
//   unit = "P1"                     # UN/CEFACT
//   min_interval = "20s"            # since the last command that this device was sent
//   when_too_soon = "wait"          # wait | refuse; left out: refuse
//   needs_approval = "outside 07:00-22:00"   # never | always | outside HH:MM-HH:MM in the city's local time
//   approve_within = "10m"          # refused when nobody has approved by then; left out: waits
//   excludes = ["valve", "$ref:twinPump.pump", "$group.pump"]   # must not be on together with: another command of this
//                                   # device; a command of the device a relationship points to; a command of any other
//                                   # device of the same exclusionGroup
//   ack_timeout = "3s"              # first wait for an answer; doubles with each retry
//   retries = 3
//   done_timeout = "1m"             # from acknowledged to done
//   effect = [{ attribute = "pump", within = "10s", tolerance = 0 }]   # the twin must show the value by then
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "flow/finding.h"

namespace cityloop::act {

using base::Duration;
using flow::EntityId;
using flow::Name;

enum class ValueKind : std::uint8_t { boolean, number, text };

struct ApprovalRule {
  enum class When : std::uint8_t { never, always, outside };
  When when{When::never};
  int from_min{0}, to_min{0};  // minutes since local midnight; the window may pass midnight
};

struct Exclusion {
  enum class Where : std::uint8_t { same_device, relationship, group };
  Where where{Where::same_device};
  Name relationship;
  std::string command;
  friend bool operator==(const Exclusion&, const Exclusion&) = default;
};

struct Effect {
  Name attribute;
  Duration within{};
  double tolerance{0};  // numbers only
};

struct CommandSpec {
  std::string name;
  ValueKind kind{ValueKind::boolean};
  std::optional<double> min, max;
  std::string unit;
  Duration min_interval{};
  bool wait_when_too_soon{false};
  ApprovalRule approval;
  Duration approve_within{};  // zero: no limit
  std::vector<Exclusion> excludes;
  Duration ack_timeout{};
  std::uint32_t retries{3};
  Duration done_timeout{};
  std::vector<Effect> effects;
};

struct DeviceType {
  std::string id;
  std::string entity_type;  // "Device": told apart by deviceType
  flow::Bilingual name;
  std::string topic, receipt_topic;
  std::vector<CommandSpec> commands;

  const CommandSpec* find(std::string_view command) const;
};

class DeviceTypes {
 public:
  // Every mistake of every file at once, one a line as "file:line: reason".
  static base::Result<DeviceTypes> load(const std::vector<std::string>& files);
  static base::Result<DeviceTypes> load_folder(const std::string& folder);
  static base::Result<DeviceTypes> parse(std::string_view content, std::string file_name);

  const DeviceType* find(std::string_view id) const;
  const std::vector<DeviceType>& all() const { return types_; }
  // MQTT topic filters under which all receipts come.
  std::vector<std::string> receipt_filters() const;

 private:
  std::vector<DeviceType> types_;
};

// A topic with its placeholders filled in. Refuses a device whose id MQTT would read as wildcards or levels.
base::Result<std::string> topic_for(std::string_view pattern, EntityId device);
std::string_view id_tail(EntityId);

}  // namespace cityloop::act
