// What a plan says for itself, in both languages.
#pragma once

#include <string>

#include "flow/proposal.h"
#include "solve/vrptw.h"

namespace cityloop::duty::reasons {

using flow::Because;
using flow::Bilingual;

// why this crew
Because begun();
Because pinned(const std::string& by);
Because ordered(const std::string& by);
Because kept();
Because only_skilled(std::size_t on_duty);
Because own_area();
Because nearest(std::size_t rank, std::size_t of, double travel_s);
Because on_the_way(double detour_m);
Because next_best(const Bilingual& crew, double extra_m);
Because nobody_else();
Because saves_deadline(double slack_s);

// why not at all
Because undone(solve::Reason);
Because no_place();
Because no_crew();
Because excluded(const std::string& by);
Because pinned_off_duty(const Bilingual& crew);
Because skill_unknown(const std::string& skill);

// why somebody is not obeyed
Because crew_off_duty();
Because nothing_left();
Because not_planned();

// of the plan as a whole
Because straight_lines();
Because places_off_streets(std::size_t count);
Because common_norm(std::size_t count);
Because nobody_on_duty();
Because cancelled();
Because speeds_differ();
Because areas_uncovered(std::size_t count);

}  // namespace cityloop::duty::reasons
