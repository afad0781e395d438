// Stands between every command and the controllers of traffic lights, whoever wishes it: controller, plan or person.
//
//   act ── check, sent ──▶ [SignalInterlock] ◀── see ── what the device tells of itself
//
// It keeps a model of its own of what each junction shows (device_lights.h, safety_monitor.h), from what was sent and
// from what the device reports, and lets a command through only where it holds for every moment at which the message
// may arrive. A device is of the type `trafficSignal` and takes one command, `stage`: the name of a stage, its number,
// or the text of its lights (Junction::state). The device itself goes there through yellow and all red; what is checked
// is that it is asked at a moment at which it may begin. Nothing is let through while the device shows a fault, is
// under control at its cabinet, or has not told its stage yet: it runs its own plan then. One thread (CommandLoop's).
#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "act/interlock.h"
#include "domain/traffic/signal/device_lights.h"

namespace cityloop::traffic {

inline constexpr std::string_view kSignalDeviceType = "trafficSignal";
inline constexpr std::string_view kStageCommand = "stage";

class SignalInterlock final : public act::Interlock {
 public:
  explicit SignalInterlock(std::vector<SignalDevice>);

  std::string_view device_type() const override { return kSignalDeviceType; }
  void see(const flow::Change&, flow::Instant at) override;
  base::Status check(flow::EntityId device, std::string_view command, const flow::Value&,
                     flow::Instant at) const override;
  void sent(flow::EntityId device, std::string_view command, const flow::Value&, flow::Instant at) override;
  // A junction whose settings have changed since begins anew: nothing is let through until its device tells its stage.
  void save(base::ByteWriter&) const override;
  base::Status load(base::ByteReader&) override;

 private:
  std::map<std::string_view, DeviceLights> watched_;  // by device
};

}  // namespace cityloop::traffic
