// Reading what stands in a request line: percent-escapes, query strings, and the parts of an http URL.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace cityloop::net {

base::Result<std::string> percent_decode(std::string_view, bool plus_is_blank);
std::string percent_encode(std::string_view);

struct Target {
  std::string path;
  std::vector<std::pair<std::string, std::string>> query;
};
base::Result<Target> parse_target(std::string_view);
// The same into a request, whose memory is used again: path, raw_path and query.
struct Request;
base::Status read_target(std::string_view, Request&);

struct Url {
  bool tls{false};
  std::string host;
  std::string port;
  std::string target;  // path and query, as they go into the request line
};
base::Result<Url> parse_url(std::string_view);

}  // namespace cityloop::net
