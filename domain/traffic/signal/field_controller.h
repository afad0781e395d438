// What must stand between Cityloop and a controller in the street that does not speak MQTT: one adapter a kind of
// device.
//
//   SignalLoop ─ Command ─▶ act ─ MQTT ─▶ controller in the street             the path that is implemented
//   SignalLoop ─ Command ─▶ act ─ MQTT ─▶ [FieldAdapter] ─ NTCIP 1202, … ─▶ controller in the street
//
// An adapter is a program of its own beside the device, so that a slow line or a foreign library never holds up the
// house: it takes the messages that act publishes (signal/interlock.h: the command `stage`), answers with receipts, and
// tells what the lights show as readings (signal/device_lights.h: stage, signalState, localControl). Whatever it talks
// to, it must keep to the contract below; the house relies on it and the interlock counts by it.
//
// NTCIP 1202 (actuated signal controllers), the objects that an adapter of that kind would map:
//   ask          phaseControlGroupForceOff, phaseControlGroupHold, phaseControlGroupVehCall (1202-v02 2.2.5), one bit a
//                phase: force off what is not in the stage, call and hold what is; or, where patterns are allowed
//                alone, systemPatternControl (2.5)
//   look         phaseStatusGroupReds, …Yellows, …Greens, phaseStatusGroupPhaseOns (2.2.4): lights by phase
//   local        unitControlStatus, unitFlashStatus (2.4): manual, flash, interconnect lost
//   readings     volumeData, occupancyData of the volumeOccupancyReport (2.3.5): vehicles, and share of the time in
//                half per cent, by detector and period
//   absent       unitBackupTime (2.4): after so long without a message the controller goes back to its own plan
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/traffic/signal/junction.h"

namespace cityloop::traffic {

class FieldAdapter {
 public:
  virtual ~FieldAdapter() = default;

  // Goes to a stage through yellow and all red, as soon as the device's own conflict monitor lets it; the present stage
  // is held. Refused with the reason where the device will not: that becomes the receipt `failed`. Returns within the
  // latency of the junction's settings (SignalJunction::latency_s) or says timeout; the same command twice is done
  // once.
  virtual base::Status ask(int stage) = 0;

  struct Shown {
    std::string letters;  // a letter a link (Junction::state); what cannot be told is red only where it is
    int stage{-1};        // whose green is lit; -1 while clearing, and where the device shows none of the stages
    bool local{false};    // manual, flash, police panel: nothing from here has any effect
    double age_s{0};      // since the device said so
  };
  // What is lit now, by the device's own word and never by what was asked of it.
  virtual base::Result<Shown> look() = 0;

  struct Counted {
    std::string detector;
    double vehicles{}, occupancy{}, period_s{};
  };
  // Since the last call; what the device did not count is not in it.
  virtual base::Result<std::vector<Counted>> readings() = 0;

  // A device that hears nothing for this long goes back to its own plan. Never forever: who loses the line must not
  // leave a street at red.
  virtual double backup_s() const = 0;
};

// What holds of any adapter, asked by whoever runs one before it is let at a street: that it refuses stages that do not
// exist, shows as many letters as the junction has links, never tells a stage whose lights are not shown, and has a
// time after which the device takes over. The first thing that does not hold.
base::Status check(FieldAdapter&, const Junction&);

}  // namespace cityloop::traffic
