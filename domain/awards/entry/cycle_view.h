// A cycle and an applicant's own proposal as the API shows them (api/openapi.yaml: AwardCycle, AwardEntry).
#pragma once

#include "domain/awards/entry/entry_desk.h"

namespace cityloop::awards {

// Names, windows and where the clock stands in them; `whole` also forms, files, dimensions and prizes.
void write_cycle(base::JsonWriter&, const Cycle&, Instant now, bool whole);
// The head that every list of proposals shows, inside an object of the caller's.
void write_head(base::JsonWriter&, const Proposal&);
void write_files(base::JsonWriter&, const std::vector<StoredFile>&);
void write_questions(base::JsonWriter&, const std::vector<Question>&, bool with_author);
void write_events(base::JsonWriter&, const std::vector<Event>&);

}  // namespace cityloop::awards
