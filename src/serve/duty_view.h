// Duty as the console's API shows it (api/openapi.yaml).
#pragma once

#include <string>
#include <vector>

#include "base/json_writer.h"
#include "casework/assignment.h"
#include "casework/responsibility_flaws.h"
#include "duty/duty_loop.h"
#include "duty/roster_gaps.h"
#include "trust/principal.h"

namespace cityloop::serve {

// A polygon or several as GeoJSON.
void write_shape(base::JsonWriter&, const geo::Shape&);
// {id, name} of a person or a crew, as far as the roster knows it.
void write_person(base::JsonWriter&, const duty::Roster&, std::string_view id);

void write_cells(base::JsonWriter&, const casework::CaseRules&, const duty::Roster&, const geo::Areas& policy_areas);
void write_flaws(base::JsonWriter&, const std::vector<casework::Flaw>&);
void write_responsible(base::JsonWriter&, const casework::Assignment&, const casework::CaseRules&, const duty::Roster&);

// Who of which crew is there from a moment on, for a day.
std::vector<duty::DutySpan> presence_from(const duty::Roster&, base::Instant);
void write_crew(base::JsonWriter&, const duty::Crew&, const duty::Roster&, const std::vector<duty::DutySpan>& presence,
                base::Instant now);
void write_on_duty(base::JsonWriter&, const duty::Crew&, const duty::Roster&,
                   const std::vector<duty::DutySpan>& presence, base::Instant at);
void write_shift(base::JsonWriter&, const duty::Shift&, const duty::Roster&);
void write_gap(base::JsonWriter&, const duty::RosterGap&);
// As this reader may see it: why somebody is away is not for everybody.
void write_change(base::JsonWriter&, const duty::DutyChange&, const duty::Roster&, const trust::Principal& reader,
                  base::Instant now);
void write_duty_rules(base::JsonWriter&, const duty::DutyRules&, const std::string& mistakes);
// The local days of [from, until) with their holidays.
void write_days(base::JsonWriter&, const duty::DutyRules&, duty::Day from, int days);

duty::DutyActor actor_for_duty(const trust::Principal&);

}  // namespace cityloop::serve
