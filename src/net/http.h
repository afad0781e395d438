// HTTP as the house sees it: a Request, a Response, and a Reply that may be given later from any thread.
//
// No library type appears here; Boost.Beast stays inside net/.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace cityloop::net {

enum class Method : std::uint8_t { get, head, post, put, patch, del, options };
std::string_view to_string(Method);

struct Request {
  Method method{Method::get};
  std::string path;      // decoded, without the query
  std::string raw_path;  // as it came: an escaped '/' inside an id does not part it; empty: as `path`
  std::vector<std::pair<std::string, std::string>> query;    // decoded, in order
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::map<std::string, std::string, std::less<>> params;    // what {name} in the route matched
  std::string body;
  std::string remote;  // peer's address
  bool secure{false};  // came over TLS

  std::string_view header(std::string_view lower_name) const;             // "" when absent
  std::optional<std::string_view> argument(std::string_view name) const;  // first query value of that name
  std::string_view cookie(std::string_view name) const;
};

struct Response {
  int status{200};
  std::string body;
  std::string content_type{"application/json"};
  std::vector<std::pair<std::string, std::string>> headers;
};

// Called exactly once. A Reply that is destroyed uncalled answers 500, so a forgotten request never hangs its client.
class Reply {
 public:
  explicit Reply(std::function<void(Response)> send);
  Reply(Reply&&) noexcept;
  Reply& operator=(Reply&&) noexcept;
  ~Reply();
  void operator()(Response);

 private:
  std::function<void(Response)> send_;
};

using Handler = std::function<void(const Request&, Reply)>;

// RFC 9457 problem details. `type` is a URI; "about:blank" when the status says it all.
Response problem(int status, std::string_view title, std::string_view detail, std::string_view type = "about:blank");
Response problem(const base::Error&);  // the status that fits the code
int status_of(base::Errc);

}  // namespace cityloop::net
