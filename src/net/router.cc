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

// The node for a path, with what its placeholders matched in order; null when there is none that `wanted` accepts.
template <class Wanted>
const Node* find(const Node& node, std::span<const std::string_view> path, std::vector<std::string>& matched,
                 const Wanted& wanted) {
  if (path.empty()) {
    if (wanted(node)) return &node;
  } else {
    if (const auto fixed = node.fixed.find(path.front()); fixed != node.fixed.end()) {
      if (const Node* found = find(*fixed->second, path.subspan(1), matched, wanted)) return found;
    }
    if (node.any && !path.front().empty()) {
      matched.emplace_back(path.front());
      if (const Node* found = find(*node.any, path.subspan(1), matched, wanted)) return found;
      matched.pop_back();
    }
  }
  if (!node.rest || !wanted(*node.rest)) return nullptr;
  matched.push_back(fmt::format("{}", fmt::join(path, "/")));
  return node.rest.get();
}

template <class Function>
void name_params(const Entry<Function>& entry, std::vector<std::string>& matched, Request& request) {
  request.params.clear();
  for (std::size_t i = 0; i < matched.size(); ++i) request.params[entry.names[i]] = std::move(matched[i]);
}

std::string allowed_at(const Node& node) {
  std::string out;
  for (std::size_t i = 0; i < kMethods; ++i) {
    const bool here = node.handlers[i].handler || (Method(i) == Method::head && node.handlers[0].handler);
    if (here) out += (out.empty() ? "" : ", ") + std::string(to_string(Method(i)));
  }
  return out;
}

}  // namespace

namespace {

std::vector<std::string> decoded_segments(const Request& request) {
  std::vector<std::string> out;
  for (const std::string_view segment : segments_of(request.raw_path.empty() ? request.path : request.raw_path)) {
    out.push_back(percent_decode(segment, false).value_or(std::string(segment)));
  }
  return out;
}

}  // namespace

struct Router::Inside {
  Node root;
  std::vector<Route> routes;
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

std::vector<Router::Route> Router::routes() const {
  return inside_->routes;
}

void Router::dispatch(Request& request, Reply reply) const {
  const auto decoded = decoded_segments(request);
  const std::vector<std::string_view> path(decoded.begin(), decoded.end());
  // HEAD is GET without the body, which the server leaves out.
  const auto method = std::size_t(request.method == Method::head ? Method::get : request.method);
  std::vector<std::string> matched;
  const Node* node =
      find(inside_->root, path, matched, [method](const Node& n) { return bool(n.handlers[method].handler); });
  if (node) {
    const Entry<Handler>& entry = node->handlers[method];
    name_params(entry, matched, request);
    return entry.handler(request, std::move(reply));
  }
  matched.clear();
  node = find(inside_->root, path, matched, [](const Node& n) { return n.has_handler(); });
  if (!node) return reply(problem(404, "not found", fmt::format("there is nothing at {}", request.path)));
  const std::string allowed = allowed_at(*node);
  Response response =
      problem(405, "method not allowed", fmt::format("{} is answered here to: {}", request.path, allowed));
  response.headers.emplace_back("Allow", allowed);
  reply(std::move(response));
}

const WebSocketHandler* Router::find_web_socket(Request& request) const {
  const auto decoded = decoded_segments(request);
  const std::vector<std::string_view> path(decoded.begin(), decoded.end());
  std::vector<std::string> matched;
  const Node* node = find(inside_->root, path, matched, [](const Node& n) { return bool(n.web_socket.handler); });
  if (!node) return nullptr;
  name_params(node->web_socket, matched, request);
  return &node->web_socket.handler;
}

}  // namespace cityloop::net
