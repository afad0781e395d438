#include "act/device_table.h"

#include <algorithm>
#include <utility>

#include "base/json_value.h"
#include "store/record.h"

namespace cityloop::act {
namespace {

const Name kDevice("Device");
const Name kDeviceType("deviceType");
const Name kDeviceCategory("deviceCategory");
const Name kGroup("exclusionGroup");

// A text, or the first of a list of texts (deviceCategory is a list in Smart Data Models).
std::string first_text(const flow::Value& value) {
  if (const auto* text = std::get_if<flow::Text>(&value)) return *text;
  const auto* json = std::get_if<flow::Json>(&value);
  const auto parsed = json ? base::JsonValue::parse(json->text) : base::JsonValue{};
  const auto* list = parsed ? parsed->array() : nullptr;
  return list && !list->empty() && list->front().text() ? *list->front().text() : std::string{};
}

}  // namespace

const flow::Value* DeviceState::find(Name attribute) const {
  for (const auto& [name, value] : values) {
    if (name == attribute) return &value;
  }
  return nullptr;
}

void DeviceTable::set_types(const DeviceTypes& types) {
  by_entity_type_.clear();
  interest_.clear();
  for (const DeviceType& type : types.all()) {
    by_entity_type_[Name(type.id)] = type.id;
    if (Name(type.entity_type) != kDevice) by_entity_type_[Name(type.entity_type)] = type.id;
    for (const CommandSpec& spec : type.commands) {
      interest_.insert(Name(spec.name));
      for (const Effect& effect : spec.effects) interest_.insert(effect.attribute);
      for (const Exclusion& exclusion : spec.excludes) {
        if (exclusion.where == Exclusion::Where::relationship) interest_.insert(exclusion.relationship);
      }
    }
  }
}

std::string_view DeviceTable::type_by_entity(const flow::Change& change) const {
  for (const Name type : change.types) {
    if (const auto found = by_entity_type_.find(type); found != by_entity_type_.end()) return found->second;
  }
  return {};
}

DeviceState* DeviceTable::on_change(const flow::Change& change) {
  const std::string_view type = type_by_entity(change);
  if (type.empty() && !change.is_a(kDevice)) return nullptr;
  if (change.kind == flow::ChangeKind::erased) {
    if (DeviceState* gone = find(change.entity)) {
      set_group(*gone, {});
      touch(*gone);
      devices_.erase(change.entity);
    }
    return nullptr;
  }
  const auto [known, is_new] = devices_.try_emplace(change.entity);
  DeviceState& device = known->second;
  device.id = change.entity;
  if (is_new) touch(device);
  for (const flow::AttributeChange& told : change.attributes) {
    if (!told.late && told.now.dataset_id.empty()) take(device, told);
  }
  if (!type.empty() && device.type != type) {
    device.type = type;
    touch(device);
  }
  return &device;
}

void DeviceTable::take(DeviceState& device, const flow::AttributeChange& told) {
  const Name name = told.now.name;
  if (name == kGroup || name == kDeviceType || name == kDeviceCategory || interest_.contains(name)) touch(device);
  if (name == kGroup) set_group(device, told.removed ? std::string{} : first_text(told.now.value));
  if (name == kDeviceType || (name == kDeviceCategory && device.type.empty())) {
    if (!told.removed) device.type = first_text(told.now.value);
  }
  if (!interest_.contains(name)) return;
  std::erase_if(device.values, [&](const auto& held) { return held.first == name; });
  if (!told.removed) device.values.emplace_back(name, told.now.value);
}

DeviceState* DeviceTable::find(EntityId id) {
  const auto found = devices_.find(id);
  return found == devices_.end() ? nullptr : &found->second;
}

void DeviceTable::set_group(DeviceState& device, std::string group) {
  if (device.group == group) return;
  if (!device.group.empty()) groups_[device.group].erase(device.id.text());
  device.group = std::move(group);
  if (!device.group.empty()) groups_[device.group].insert(device.id.text());
}

std::vector<EntityId> DeviceTable::group(const std::string& name) const {
  std::vector<EntityId> out;
  if (const auto found = groups_.find(name); found != groups_.end()) {
    for (const std::string_view id : found->second) out.emplace_back(id);
  }
  return out;
}

void DeviceTable::put(base::ByteWriter& out, const DeviceState& device) {
  out.text(device.type);
  out.text(device.group);
  out.svarint(base::to_us(device.sent_at));
  auto values = device.values;
  std::sort(values.begin(), values.end(), [](auto& a, auto& b) { return a.first.text() < b.first.text(); });
  out.varint(values.size());
  for (const auto& [name, value] : values) {
    out.text(name.text());
    store::encode(out, value);
  }
}

void DeviceTable::get(base::ByteReader& in, DeviceState& device) {
  device.type = in.text();
  set_group(device, std::string(in.text()));
  device.sent_at = base::from_us(in.svarint());
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    const Name name(in.text());
    device.values.emplace_back(name, store::decode_value(in));
  }
}

void DeviceTable::save(base::ByteWriter& out) const {
  std::map<std::string_view, const DeviceState*> ordered;
  for (const auto& [id, device] : devices_) ordered[id.text()] = &device;
  out.varint(ordered.size());
  for (const auto& [id, device] : ordered) {
    out.text(id);
    put(out, *device);
  }
}

// Of a whole checkpoint, from before there were rows: all of it becomes rows.
void DeviceTable::load(base::ByteReader& in) {
  devices_.clear();
  groups_.clear();
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    const EntityId id(in.text());
    DeviceState& device = devices_[id];
    device.id = id;
    get(in, device);
    touch(device);
  }
}

void DeviceTable::save_changed(twin::StateRows& rows) {
  for (const std::string_view id : std::exchange(changed_, {})) {
    const auto device = devices_.find(EntityId(id));
    if (device == devices_.end()) {
      rows.erase(kRow + std::string(id));
      continue;
    }
    base::ByteWriter out;
    put(out, device->second);
    rows.put(kRow + std::string(id), out.take());
  }
}

void DeviceTable::load_row(std::string_view key, base::ByteReader& in) {
  const EntityId id(key.substr(1));
  DeviceState& device = devices_[id];
  device.id = id;
  get(in, device);
}

}  // namespace cityloop::act
