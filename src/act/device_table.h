// What act has seen of devices in the log: their type, the values that commands change, and where relationships that
// interlocks speak of point to. Bounded by the number of devices; attributes nobody asks about are passed over.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "act/device_types.h"
#include "base/bytes.h"
#include "flow/change.h"
#include "twin/loop.h"

namespace cityloop::act {

using flow::Instant;
using flow::kNever;

struct DeviceState {
  EntityId id;
  std::string type;         // id of its device type; empty when it does not say
  std::string group;        // exclusionGroup
  Instant sent_at{kNever};  // when it was last sent a command for the first time
  std::vector<std::pair<Name, flow::Value>> values;
  std::set<std::string_view> open;  // ids of its commands that have not come to rest; rebuilt, not saved

  const flow::Value* find(Name attribute) const;
};

class DeviceTable {
 public:
  // New types hold for what comes from now on; what devices are called is kept of all.
  void set_types(const DeviceTypes&);

  // The device that a change concerns, brought up to date; null when it is none.
  DeviceState* on_change(const flow::Change&);
  DeviceState* find(EntityId);
  // Members of an exclusion group, in order of their texts.
  std::vector<EntityId> group(const std::string& name) const;
  std::size_t size() const { return devices_.size(); }

  void save(base::ByteWriter&) const;
  void load(base::ByteReader&);

  // A row a device (twin/loop.h). Whoever changes one by itself says so.
  static constexpr char kRow = 'd';
  void touch(const DeviceState& device) { changed_.insert(device.id.text()); }
  void save_changed(twin::StateRows&);
  void load_row(std::string_view key, base::ByteReader&);

 private:
  std::string_view type_by_entity(const flow::Change&) const;
  void set_group(DeviceState&, std::string group);
  void take(DeviceState&, const flow::AttributeChange&);
  static void put(base::ByteWriter&, const DeviceState&);
  void get(base::ByteReader&, DeviceState&);

  std::unordered_map<EntityId, DeviceState> devices_;
  std::map<std::string, std::set<std::string_view>> groups_;
  std::unordered_map<Name, std::string> by_entity_type_;
  std::unordered_set<Name> interest_;
  std::set<std::string_view> changed_;  // since save_changed()
};

}  // namespace cityloop::act
