// What a camera's program tells by MQTT, as JSON; a city's feeds (doc/video.md) make entities of it.
//
//   SceneReport, SceneEvent ─▶ [payload] ─▶ traffic/video/CAMERA/…
//
//   …/line/LINE     {"at", "from", "forward": {"car": 3, …}, "backward": {…}, "forwardPerHour", "backwardPerHour"}
//   …/zone/ZONE     {"at", "from", "inside", "mostInside", "entered", "left", "meanDwell", "longestDwell", "wrongWay",
//                    "tooLong"}
//   …/event/ZONE    {"at", "event", "object", "track", "dwell"}
//   …/state         {"at", "state": "seeing" | "blind", "why", "pictures", "picturesPerSecond"}
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "domain/traffic/video/scene_counter.h"

namespace cityloop::traffic {

struct VideoMessage {
  std::string topic, payload;
};

// `begin` is the moment of second 0 of the report's times.
std::vector<VideoMessage> messages_of(const Scene&, const SceneReport&, base::Instant begin);
VideoMessage message_of(const Scene&, const SceneEvent&, base::Instant begin);
VideoMessage state_message(const Scene&, base::Instant at, std::string_view why_blind, std::uint64_t pictures,
                           double pictures_per_second);

}  // namespace cityloop::traffic
