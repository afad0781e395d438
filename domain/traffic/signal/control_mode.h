// Who decides a junction's stages, and why it is not the controller.
//
//   SignalLoop: what is known of detectors, device and controller ─▶ [ControlMode, ModeReason] ─▶ TrafficSignal, people
#pragma once

#include <string>
#include <string_view>

#include "flow/finding.h"

namespace cityloop::traffic {

enum class ControlMode : std::uint8_t { adaptive, fixed, local };
enum class Trouble : std::uint8_t {
  none,
  no_detectors,  // there never were any
  blind,         // of an approach nobody honest tells
  late,          // the controller took too long
  unheard,       // the device has not told its stage
  cabinet,       // somebody at the cabinet has the junction
  fault,         // the device shows what must not be
  unanswered,    // the device does not answer
};
std::string_view to_string(ControlMode);
std::string_view to_string(Trouble);

struct ModeReason {
  Trouble trouble{Trouble::none};
  std::string what;     // blind: the lane; fault: what is shown
  flow::Bilingual why;  // blind: what is wrong with its detector
  double figure{0};     // late: seconds; unanswered: commands
  friend bool operator==(const ModeReason&, const ModeReason&) = default;
};

ControlMode mode_of(Trouble);
flow::Bilingual explain(const ModeReason&);

}  // namespace cityloop::traffic
