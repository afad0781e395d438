// The pages beside the one that was asked for (ETSI GS CIM 009, clauses 5.5.9, 6.3.10).
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/http.h"

namespace cityloop::broker {

// Link headers: to the next page where there is more, to the one before where this is not the first. The request's own
// limit and offset give way to these; limit 0 has no pages.
std::vector<std::pair<std::string, std::string>> page_links(const net::Request&, std::size_t limit, std::size_t offset,
                                                            bool more);

// The Content-Range of histories that were too much for one answer: "date-time FROM-TO/SIZE". FROM lies after TO where
// the newest come first.
struct TimeRange {
  std::string from, to, size;
};
std::optional<TimeRange> time_range_in(const std::vector<std::pair<std::string, std::string>>& headers);

}  // namespace cityloop::broker
