// What somebody who was asked may do, by the link alone: read the questions, answer, change it until it closes, take it
// back. /public/v1/survey/{token}; a link that is not ours is 404 like any other.
#pragma once

#include "civic/office.h"
#include "civic/survey_book.h"

namespace cityloop::civic {

struct SurveyAnswerRoutes {
  const Office& on;
  SurveyBook& surveys;

  void add_to(net::Router&) const;
};

}  // namespace cityloop::civic
