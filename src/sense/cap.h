// Common Alerting Protocol 1.2 (OASIS; ITU-T X.1303): another authority's warning, read from XML into an Alert.
//
//   POST /api/v1/cap ─ XML ─▶ [read_cap] ─ Alert ─▶ twin ══▶ casework
//
// Of a message with several info blocks the gravest one says severity, urgency and certainty; texts are taken by
// language, Chinese and English, the one standing in for the other; areas are put together. Polygons and circles become
// GeoJSON, and so do geocodes where the caller knows the place. CAP 1.1 is read the same way.
//
// The XML of a stranger: no DOCTYPE and no entities of its own, so nothing can be drawn in or blown up; UTF-8 or
// UTF-16; at most kCapBytesMax, and bounds on blocks, areas and corners. What is wrong is told with the element's name.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "flow/alert.h"

namespace cityloop::sense {

inline constexpr std::size_t kCapBytesMax = std::size_t{512} * 1024;

struct CapOptions {
  // The GeoJSON of a geocode, as ("GB/T 2260", "330106"); empty for a place that is not known here.
  std::function<std::string(std::string_view name, std::string_view value)> place_of;
};

// What a message asks of whoever hears it.
struct CapMessage {
  flow::Alert alert;
  bool receipt{false};  // an Ack or an Error: it says something of a message of ours, and warns of nothing
};

// Errc::malformed: no XML, or not this XML; Errc::invalid: no CAP message; Errc::refused: one that is not public.
base::Result<CapMessage> read_cap(std::string_view xml, const CapOptions&);

}  // namespace cityloop::sense
