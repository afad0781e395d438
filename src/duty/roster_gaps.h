// What the rosters of the coming days lack, told before it bites.
//
//   Roster, holders of grid cells ─▶ [gaps_of] ─▶ serve, `cityloop duty check`
//
// - skill            fewer people with a skill on duty than a need asks for
// - crew_short       a crew that was to go out has too few people left
// - holder_away      all who look after a grid cell are away; one who is named by a crew is never all away
// - double_booked    somebody has two shifts at once
// - too_long         somebody works more hours in a week than they may
// - too_little_rest  somebody has too little time between two shifts
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "duty/roster.h"

namespace cityloop::duty {

enum class GapOf : std::uint8_t { skill, crew_short, holder_away, double_booked, too_long, too_little_rest };
std::string_view to_string(GapOf);

// Who looks after a part of the city: of the rules of responsibility, which belong to another room.
struct Holding {
  std::string cell;
  flow::Bilingual name;
  std::vector<std::string> holders;  // "user:…", "crew:…"
};

struct RosterGap {
  GapOf of{};
  Instant from, until;
  std::string department{}, crew{}, person{}, skill{}, cell{};
  double have{}, need{};
  flow::Bilingual text{};
};

// Those that touch [from, until), by time and then in the order above.
std::vector<RosterGap> gaps_of(const Roster&, const std::vector<Holding>&, Instant from, Instant until);

// Whether a person may work `added` beside what else they work, without the shifts that begin at `without`: not twice
// at once, with their rest, and within their week. The reason otherwise.
base::Status may_work(const Roster&, std::string_view person, const Shift& added, const std::vector<Instant>& without);

// The Monday of the local week, and that of the next.
std::pair<Instant, Instant> week_of(const Roster&, Instant);

}  // namespace cityloop::duty
