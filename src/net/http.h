// HTTP as the house sees it: a Request, a Response, and a Reply that may be given later from any thread.
//
// No library type appears here; Boost.Beast stays inside net/.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace cityloop::net {

enum class Method : std::uint8_t { get, head, post, put, patch, del, options };
std::string_view to_string(Method);

// What {name} in a route matched: a handful at most, so they are looked at one by one.
class Params {
 public:
  using Item = std::pair<std::string, std::string>;
  const Item* begin() const { return items_.data(); }
  const Item* end() const { return items_.data() + items_.size(); }
  std::size_t size() const { return items_.size(); }
  const Item* find(std::string_view name) const;          // end() when there is none
  const std::string& at(std::string_view name) const;     // there must be one
  std::string& operator[](std::string_view name);         // made where there is none
  void set(std::size_t count, auto&& name_and_value_of);  // all of them anew, into the memory of those before

 private:
  std::vector<Item> items_;
};

struct Request {
  Method method{Method::get};
  std::string path;      // decoded, without the query
  std::string raw_path;  // as it came: an escaped '/' inside an id does not part it; empty: as `path`
  std::vector<std::pair<std::string, std::string>> query;    // decoded, in order
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  Params params;
  std::string body;
  std::string remote;   // peer's address
  bool secure{false};   // came over TLS
  bool measured{true};  // false: neither a length nor chunks, so that its body, if one was meant, is not known

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
  explicit Reply(std::move_only_function<void(Response)> send);
  Reply(Reply&&) noexcept;
  Reply& operator=(Reply&&) noexcept;
  ~Reply();
  void operator()(Response);

 private:
  std::move_only_function<void(Response)> send_;
};

using Handler = std::function<void(const Request&, Reply)>;

// RFC 9457 problem details. `type` is a URI; "about:blank" when the status says it all.
Response problem(int status, std::string_view title, std::string_view detail, std::string_view type = "about:blank");
Response problem(const base::Error&);  // the status that fits the code
int status_of(base::Errc);

void Params::set(std::size_t count, auto&& name_and_value_of) {
  items_.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& [name, value] = name_and_value_of(i);
    items_[i].first.assign(name);
    items_[i].second.assign(value);
  }
}

}  // namespace cityloop::net
