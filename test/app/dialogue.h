// Requests and the answers they must get, as readable text: the tests of the standard API are files of these.
//
//   ## what is shown                      begins a step; kept for messages
//   POST /ngsi-ld/v1/entities             method and target
//   Content-Type: application/ld+json     headers, as many as wanted
//   {"id": …}                             body, to the line that begins with "=>"
//   => 201                                the status that must come
//   Location: *                           headers that must come; * stands for any value
//   {"id": …}                             the body that must come, as JSON
//
// In an expected body "*" stands for any value, and a member "...": "*" for any further members. Without an expected
// body nothing is asked of it; "(empty)" asks that there is none. Lines that begin with # are comments.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json_value.h"
#include "base/result.h"
#include "net/http.h"

namespace cityloop::app {

struct Step {
  int line{0};
  std::string title;
  net::Request request;
  int status{0};
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
};

base::Result<std::vector<Step>> read_dialogue(std::string_view text);

// What is wrong with an answer; empty when nothing is.
std::string complaint(const Step&, const net::Response&);

// Whether JSON is as expected; `path` tells where not.
bool as_expected(const base::JsonValue& expected, const base::JsonValue& got, std::string& path);

}  // namespace cityloop::app
