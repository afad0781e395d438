// Where a notice leads: to the report that it is about, or to what it asks.
#pragma once

#include <string>

#include "civic/book.h"
#include "civic/follow_links.h"

namespace cityloop::civic {

// "/r/TOKEN" or "/c/survey/TOKEN"; before it comes the city's address, where it has said one.
inline std::string notice_path(const FollowLinks& links, const Notice& notice) {
  return notice.ask.empty() ? fmt::format("/r/{}", links.token_of(notice.report))
                            : fmt::format("/c/survey/{}", links.survey_token_of(notice.ask));
}

}  // namespace cityloop::civic
