// Surveys as staff see them: who was asked and who answered, what, how sure that is, and the texts that people wrote.
//
//   SurveyBook ─▶ SurveyStatistics ─▶ [SurveyRoutes] ─ /api/v1/surveys
//
// Everything is counted over the cases that the reader may see, and each number opens those; one that stands for a few
// opens nothing. Counting is done by a clerk of its own: it may take a while, and citizens do not wait for it.
#pragma once

#include "civic/office.h"
#include "civic/survey_book.h"

namespace cityloop::civic {

struct SurveyRoutes {
  const Office& on;
  SurveyBook& surveys;
  Clerk& counting;
  const base::TimeZone& zone;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::civic
