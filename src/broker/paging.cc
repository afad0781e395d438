#include "broker/paging.h"

#include <algorithm>

#include "net/url.h"

namespace cityloop::broker {

std::vector<std::pair<std::string, std::string>> page_links(const net::Request& request, std::size_t limit,
                                                            std::size_t offset, bool more) {
  std::vector<std::pair<std::string, std::string>> out;
  const auto add = [&](std::size_t at, std::string_view relation) {
    std::string link = fmt::format("<{}?", request.path);
    for (const auto& [name, value] : request.query) {
      if (name != "offset" && name != "limit") link += fmt::format("{}={}&", name, net::percent_encode(value));
    }
    link += fmt::format("limit={}&offset={}>;rel=\"{}\"", limit, at, relation);
    out.emplace_back("Link", std::move(link));
  };
  if (limit == 0) return out;
  if (more) add(offset + limit, "next");
  if (offset > 0) add(offset - std::min(offset, limit), "prev");
  return out;
}

std::optional<TimeRange> time_range_in(const std::vector<std::pair<std::string, std::string>>& headers) {
  for (const auto& [name, value] : headers) {
    if (name != "content-range" && name != "Content-Range") continue;
    const auto start = value.find_first_of("0123456789"), middle = value.find("Z-"), slash = value.find('/');
    if (start == value.npos || middle == value.npos || slash == value.npos || middle > slash) continue;
    return TimeRange{value.substr(start, middle + 1 - start), value.substr(middle + 2, slash - middle - 2),
                     value.substr(slash + 1)};
  }
  return std::nullopt;
}

}  // namespace cityloop::broker
