// What one device of traffic lights shows, as far as can be known from what it was sent and what it tells of itself.
//
//   Command(sent), Change of the device ─▶ [DeviceLights] ─▶ SignalInterlock (may it be told so?), SignalLoop (what is
//   lit?)
//
// Both keep one of their own, so that neither rests on what the other believes. Attributes of the device that are read:
//
//   stage         the stage whose green is lit, by name or number; observedAt says since when it is known to be
//   signalState   a letter a light, as it is lit; greens that must not be together are a fault until better is told
//   localControl  true while somebody at the cabinet has the junction
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "domain/traffic/signal/safety_monitor.h"
#include "flow/change.h"

namespace cityloop::traffic {

struct SignalDevice {
  flow::EntityId device;
  std::shared_ptr<const Junction> junction;  // passes check()
  double latency_s{2};                       // the longest from `sent` until the lights begin to change
};

double seconds_of(flow::Instant);  // since 1970

// Which stage a value of the command `stage` means: a name, a number, or the text of its lights; not_found where it
// means none.
base::Result<int> stage_from(const Junction&, const flow::Value&);

class DeviceLights {
 public:
  explicit DeviceLights(SignalDevice);

  void see(const flow::Change&, flow::Instant at);
  void sent(int stage, flow::Instant at);
  // Why nothing at all may be sent, for a person; empty when something may.
  std::string barred() const;

  const SignalDevice& device() const { return is_; }
  const Junction& junction() const { return *is_.junction; }
  SafetyMonitor* lights() { return lights_.get(); }  // null until the device has told its stage
  const SafetyMonitor* lights() const { return lights_.get(); }
  bool local() const { return local_; }
  const std::string& fault() const { return fault_; }  // what the device shows that must not be; empty when sound

  // A junction whose settings have changed since begins anew.
  void save(base::ByteWriter&) const;
  void load(base::ByteReader&);

 private:
  void report(int stage, double lit_s);
  void show(std::string_view letters);

  SignalDevice is_;
  std::unique_ptr<SafetyMonitor> lights_;
  bool local_{false};
  std::string fault_;
};

}  // namespace cityloop::traffic
