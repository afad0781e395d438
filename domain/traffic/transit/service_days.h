// Service days: on which instants the seconds of a timetable fall.
//
// GTFS counts a trip's times from "noon minus 12 h" of its service day in the agency's zone. That is midnight, save on
// the two days of the year on which the clock changes: there it is 23:00 of the day before or 01:00, so that 08:00 in
// the timetable is 08:00 on the clock.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace cityloop::traffic {

base::Instant service_day_start(const base::TimeZone&, std::chrono::sys_days day);
// The calendar day of an instant in the zone. A trip that runs then may belong to this service day or to one before.
std::chrono::sys_days local_day(const base::TimeZone&, base::Instant);

std::optional<std::chrono::sys_days> parse_day(std::string_view yyyymmdd);
std::string format_day(std::chrono::sys_days);  // YYYYMMDD
// "H:MM:SS" to "HHH:MM:SS", past 24:00 too, in seconds; nothing for anything else.
std::optional<std::int32_t> parse_clock(std::string_view);
std::string format_clock(std::int32_t seconds);

}  // namespace cityloop::traffic
