// Which handler answers which path: "/ngsi-ld/v1/entities/{id}"; "{rest...}" at the end matches what is left.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"
#include "net/web_socket.h"

namespace cityloop::net {

class Router {
 public:
  Router();
  ~Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;

  void add(Method, std::string_view pattern, Handler);
  void web_socket(std::string_view pattern, WebSocketHandler);
  // Stands around every answer to a path that begins so, also one that no route gives: what it returns is answered in
  // place of the Reply it was handed.
  using Around = std::function<Reply(const Request&, Reply)>;
  void around(std::string_view prefix, Around);
  // Every route, for the test that walks them all.
  struct Route {
    Method method;
    std::string pattern;
    bool web_socket;
  };
  std::vector<Route> routes() const;

  // 404 where no pattern matches, 405 with Allow where another method would.
  void dispatch(Request&, Reply) const;
  // The handler for an upgrade request, with request.params filled; null when there is none.
  const WebSocketHandler* find_web_socket(Request&) const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace cityloop::net
