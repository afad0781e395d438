#include "net/router.h"

#include <algorithm>

#include "net/url.h"

namespace cityloop::net {
namespace {

constexpr std::size_t kMethods = 7;

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> out;
  while (!path.empty()) {
    path.remove_prefix(path.front() == '/' ? 1 : 0);
    const std::size_t end = std::min(path.find('/'), path.size());
    out.push_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return out;
}

// A handler with the names that its own pattern gives to what the placeholders match: two patterns through the same
// place in the tree may name it differently.
template <class Function>
struct Entry {
  Function handler;
  std::vector<std::string> names;
};

// One place in the tree of paths: static segments first, then {name}, then {rest...}.
struct Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> fixed;
  std::unique_ptr<Node> any, rest;
  std::array<Entry<Handler>, kMethods> handlers;
  Entry<WebSocketHandler> web_socket;

  bool has_handler() const {
    return std::any_of(handlers.begin(), handlers.end(), [](const auto& entry) { return bool(entry.handler); });
  }
};

Node& child(std::unique_ptr<Node>& place) {
  if (!place) place = std::make_unique<Node>();
  return *place;
}

Node& grow(Node& root, std::string_view pattern, std::vector<std::string>& names) {
  Node* node = &root;
  for (std::string_view segment : segments_of(pattern)) {
    if (segment.starts_with('{') && segment.ends_with("...}")) {
      names.emplace_back(segment.substr(1, segment.size() - 5));
      return child(node->rest);
    }
    if (segment.starts_with('{')) {
      names.emplace_back(segment.substr(1, segment.size() - 2));
      node = &child(node->any);
    } else {
      node = &child(node->fixed[std::string(segment)]);
    }
  }
  return *node;
}

// A path in its segments and what the placeholders matched, in memory that is used again: one a thread.
struct Walk {
  std::string decoded;  // of a path with escapes
  std::vector<std::string_view> path, matched;
  std::string rest;  // what {rest...} matched

  void take(const Request& request) {
    path.clear();
    matched.clear();
    std::string_view raw = request.raw_path.empty() ? request.path : request.raw_path;
    decoded.clear();
    decoded.reserve(raw.size());  // decoded texts never take more, so no view is left behind by growth
    while (!raw.empty()) {
      raw.remove_prefix(raw.front() == '/' ? 1 : 0);
      const std::size_t end = std::min(raw.find('/'), raw.size());
      path.push_back(decode(raw.substr(0, end)));
      raw.remove_prefix(end);
    }
  }

 private:
  std::string_view decode(std::string_view segment) {
    if (segment.find('%') == std::string_view::npos) return segment;
    const auto text = percent_decode(segment, false);
    if (!text) return segment;
    const std::size_t from = decoded.size();
    decoded += *text;
    return std::string_view(decoded).substr(from);
  }
};

// The node for a path; null when there is none that `wanted` accepts. A '/' at its end changes nothing, save where a
// {rest...} takes it.
template <class Wanted>
const Node* find(const Node& node, Walk& walk, std::size_t depth, const Wanted& wanted) {
  const bool at_last_slash = depth > 0 && depth + 1 == walk.path.size() && walk.path[depth].empty();
  if (depth == walk.path.size() || at_last_slash) {
    if (wanted(node)) return &node;
  }
  if (depth < walk.path.size()) {
    const std::string_view here = walk.path[depth];
    if (const auto fixed = node.fixed.find(here); fixed != node.fixed.end()) {
      if (const Node* found = find(*fixed->second, walk, depth + 1, wanted)) return found;
    }
    if (node.any && !here.empty()) {
      walk.matched.push_back(here);
      if (const Node* found = find(*node.any, walk, depth + 1, wanted)) return found;
      walk.matched.pop_back();
    }
  }
  if (!node.rest || !wanted(*node.rest)) return nullptr;
  walk.rest = fmt::format("{}", fmt::join(std::span(walk.path).subspan(depth), "/"));
  walk.matched.push_back(walk.rest);
  return node.rest.get();
}

template <class Function>
void name_params(const Entry<Function>& entry, const Walk& walk, Request& request) {
  request.params.set(walk.matched.size(), [&](std::size_t i) {
    return std::pair<std::string_view, std::string_view>(entry.names[i], walk.matched[i]);
  });
}

thread_local Walk walk;

std::string allowed_at(const Node& node) {
  std::string out;
  for (std::size_t i = 0; i < kMethods; ++i) {
    const bool here = node.handlers[i].handler || (Method(i) == Method::head && node.handlers[0].handler);
    if (here) out += (out.empty() ? "" : ", ") + std::string(to_string(Method(i)));
  }
  return out;
}

}  // namespace

struct Router::Inside {
  Node root;
  std::vector<Route> routes;
  std::vector<std::pair<std::string, Around>> around;
};

Router::Router() : inside_(std::make_unique<Inside>()) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

void Router::add(Method method, std::string_view pattern, Handler handler) {
  std::vector<std::string> names;
  Node& node = grow(inside_->root, pattern, names);
  node.handlers[std::size_t(method)] = {std::move(handler), std::move(names)};
  inside_->routes.push_back({method, std::string(pattern), false});
}

void Router::web_socket(std::string_view pattern, WebSocketHandler handler) {
  std::vector<std::string> names;
  Node& node = grow(inside_->root, pattern, names);
  node.web_socket = {std::move(handler), std::move(names)};
  inside_->routes.push_back({Method::get, std::string(pattern), true});
}

void Router::around(std::string_view prefix, Around around) {
  inside_->around.emplace_back(prefix, std::move(around));
}

std::vector<Router::Route> Router::routes() const {
  return inside_->routes;
}

namespace {

bool wants_body(Method method) {
  return method == Method::post || method == Method::put || method == Method::patch;
}

// What is allowed at a place, as RFC 9110 (9.3.7) wants it answered.
Response options_of(const Node& node) {
  Response response;
  response.status = 204;
  response.content_type.clear();
  response.headers.emplace_back("Allow", allowed_at(node) + ", OPTIONS");
  return response;
}

}  // namespace

void Router::dispatch(Request& request, Reply reply) const {
  for (const auto& [prefix, around] : inside_->around) {
    if (request.path.starts_with(prefix)) reply = around(request, std::move(reply));
  }
  walk.take(request);
  // HEAD is GET without the body, which the server leaves out.
  const auto method = std::size_t(request.method == Method::head ? Method::get : request.method);
  const Node* node = find(inside_->root, walk, 0, [method](const Node& n) { return bool(n.handlers[method].handler); });
  if (node) {
    const Entry<Handler>& entry = node->handlers[method];
    if (!request.measured && wants_body(request.method)) {
      return reply(problem(411, "length required", "say Content-Length, or send the body in chunks"));
    }
    name_params(entry, walk, request);
    return entry.handler(request, std::move(reply));
  }
  walk.matched.clear();
  node = find(inside_->root, walk, 0, [](const Node& n) { return n.has_handler(); });
  if (!node) return reply(problem(404, "not found", fmt::format("there is nothing at {}", request.path)));
  if (request.method == Method::options) return reply(options_of(*node));
  const std::string allowed = allowed_at(*node);
  Response response =
      problem(405, "method not allowed", fmt::format("{} is answered here to: {}", request.path, allowed));
  response.headers.emplace_back("Allow", allowed);
  reply(std::move(response));
}

const WebSocketHandler* Router::find_web_socket(Request& request) const {
  walk.take(request);
  const Node* node = find(inside_->root, walk, 0, [](const Node& n) { return bool(n.web_socket.handler); });
  if (!node) return nullptr;
  name_params(node->web_socket, walk, request);
  return &node->web_socket.handler;
}

}  // namespace cityloop::net
