#include "net/http.h"

#include <algorithm>
#include <cassert>

namespace cityloop::net {

std::string_view to_string(Method method) {
  constexpr std::string_view kNames[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
  return kNames[std::size_t(method)];
}

const Params::Item* Params::find(std::string_view name) const {
  return std::find_if(begin(), end(), [name](const Item& item) { return item.first == name; });
}

const std::string& Params::at(std::string_view name) const {
  const Item* const found = find(name);
  assert(found != end());
  return found->second;
}

std::string& Params::operator[](std::string_view name) {
  if (const Item* const found = find(name); found != end()) return items_[std::size_t(found - begin())].second;
  return items_.emplace_back(name, std::string{}).second;
}

std::string_view Request::header(std::string_view lower_name) const {
  for (const auto& [name, value] : headers) {
    if (name == lower_name) return value;
  }
  return {};
}

std::optional<std::string_view> Request::argument(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::string_view Request::cookie(std::string_view name) const {
  std::string_view rest = header("cookie");
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(';'), rest.size());
    std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
  }
  return {};
}

Reply::Reply(std::move_only_function<void(Response)> send) : send_(std::move(send)) {}
Reply::Reply(Reply&& other) noexcept : send_(std::exchange(other.send_, nullptr)) {}
Reply& Reply::operator=(Reply&& other) noexcept {
  std::swap(send_, other.send_);
  return *this;
}
Reply::~Reply() {
  if (send_) send_(problem(500, "no answer", "the server forgot this request; please tell us"));
}
void Reply::operator()(Response response) {
  if (auto send = std::exchange(send_, nullptr)) send(std::move(response));
}

}  // namespace cityloop::net
