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

// One place in the tree of paths: static segments first, then {name}, then {rest...}.
struct Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> fixed;
  std::unique_ptr<Node> any;
  std::string any_name;
  std::unique_ptr<Node> rest;
  std::string rest_name;
  std::array<Handler, kMethods> handlers;
  WebSocketHandler web_socket;

  bool has_handler() const {
    return std::any_of(handlers.begin(), handlers.end(), [](const Handler& handler) { return bool(handler); });
  }
};

Node& grow(Node& root, std::string_view pattern) {
  Node* node = &root;
  for (std::string_view segment : segments_of(pattern)) {
    if (segment.starts_with('{') && segment.ends_with("...}")) {
      node->rest_name = segment.substr(1, segment.size() - 5);
      if (!node->rest) node->rest = std::make_unique<Node>();
      return *node->rest;
    }
    if (segment.starts_with('{')) {
      node->any_name = segment.substr(1, segment.size() - 2);
      if (!node->any) node->any = std::make_unique<Node>();
      node = node->any.get();
    } else {
      auto& next = node->fixed[std::string(segment)];
      if (!next) next = std::make_unique<Node>();
      node = next.get();
    }
  }
  return *node;
}

using Params = std::map<std::string, std::string, std::less<>>;

// The node for a path, with what its placeholders matched; null when there is none that `wanted` accepts.
const Node* find(const Node& node, std::span<const std::string_view> path, Params& params,
                 const std::function<bool(const Node&)>& wanted) {
  if (path.empty()) {
    if (wanted(node)) return &node;
  } else {
    if (const auto fixed = node.fixed.find(path.front()); fixed != node.fixed.end()) {
      if (const Node* found = find(*fixed->second, path.subspan(1), params, wanted)) return found;
    }
    if (node.any && !path.front().empty()) {
      if (const Node* found = find(*node.any, path.subspan(1), params, wanted)) {
        params[node.any_name] = path.front();
        return found;
      }
    }
  }
  if (!node.rest || !wanted(*node.rest)) return nullptr;
  std::string rest;
  for (const std::string_view segment : path) rest += (rest.empty() ? "" : "/") + std::string(segment);
  params[node.rest_name] = std::move(rest);
  return node.rest.get();
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
  grow(inside_->root, pattern).handlers[std::size_t(method)] = std::move(handler);
  inside_->routes.push_back({method, std::string(pattern), false});
}

void Router::web_socket(std::string_view pattern, WebSocketHandler handler) {
  grow(inside_->root, pattern).web_socket = std::move(handler);
  inside_->routes.push_back({Method::get, std::string(pattern), true});
}

std::vector<Router::Route> Router::routes() const {
  return inside_->routes;
}

void Router::dispatch(Request& request, Reply reply) const {
  const auto decoded = decoded_segments(request);
  const std::vector<std::string_view> path(decoded.begin(), decoded.end());
  // HEAD is GET without the body, which the server leaves out.
  const Method method = request.method == Method::head ? Method::get : request.method;
  const Node* node =
      find(inside_->root, path, request.params, [&](const Node& n) { return bool(n.handlers[std::size_t(method)]); });
  if (node) return node->handlers[std::size_t(method)](request, std::move(reply));
  request.params.clear();
  node = find(inside_->root, path, request.params, [](const Node& n) { return n.has_handler(); });
  if (!node) return reply(problem(404, "not found", fmt::format("there is nothing at {}", request.path)));
  std::string allowed;
  for (std::size_t i = 0; i < kMethods; ++i) {
    if (node->handlers[i]) allowed += (allowed.empty() ? "" : ", ") + std::string(to_string(Method(i)));
  }
  Response response =
      problem(405, "method not allowed", fmt::format("{} is answered here to: {}", request.path, allowed));
  response.headers.emplace_back("Allow", allowed);
  reply(std::move(response));
}

const WebSocketHandler* Router::find_web_socket(Request& request) const {
  const Node* node =
      find(inside_->root, segments_of(request.path), request.params, [](const Node& n) { return bool(n.web_socket); });
  return node ? &node->web_socket : nullptr;
}

}  // namespace cityloop::net
