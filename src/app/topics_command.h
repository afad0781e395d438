// cityloop topics: what many people write about, with their texts.
#pragma once

#include <string>

#include "base/result.h"

namespace cityloop::app {

struct TopicsOptions {
  std::string file;  // a table with subject, text, time, user, up_votes, down_votes; only text must be there
  std::string time_zone{"Asia/Shanghai"};  // of its times
  std::size_t most{10};                    // topics
  std::size_t texts{5};                    // of each topic, in order of time
  bool csv{false};                         // one line a message: rank, heat, places, groups, first, last, id, subject
};
base::Status topics(const TopicsOptions&);

}  // namespace cityloop::app
