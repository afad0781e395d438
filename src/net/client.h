// Calls out by HTTP or HTTPS, for notifications and for tests. Connections are kept per host and reused.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "net/http.h"

namespace cityloop::net {

struct OutgoingRequest {
  Method method{Method::get};
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  base::Duration timeout{std::chrono::seconds(5)};
  bool repeatable{false};  // may be sent once more on a fresh connection when a kept one turns out to be closed
};

class HttpClient {
 public:
  HttpClient();
  ~HttpClient();  // what is under way ends with Errc::unavailable

  void send(OutgoingRequest, std::function<void(base::Result<Response>)> done);  // done runs on the client's thread
  base::Result<Response> send(OutgoingRequest);                                  // the same, waiting

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace cityloop::net
