#include "serve/respond.h"

namespace cityloop::serve {

net::Response json_response(std::string body, int status) {
  net::Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

net::Response json_response(base::JsonWriter& out, int status) {
  return json_response(out.take(), status);
}

std::string_view path_part(const Call& call, std::string_view name) {
  const auto found = call.request.params.find(name);
  return found == call.request.params.end() ? std::string_view{} : std::string_view(found->second);
}

base::Result<PageWish> PageWish::of(const net::Request& request) {
  PageWish wish;
  const auto number = [&](std::string_view name, std::size_t& out) -> base::Status {
    const auto text = request.argument(name);
    if (!text || text->empty()) return {};
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), out);
    if (error == std::errc{} && end == text->data() + text->size()) return {};
    return base::fail(base::Errc::invalid, "'{}' is not a whole number: '{}'", name, *text);
  };
  TRY(number("limit", wish.limit));
  TRY(number("cursor", wish.skip));
  if (wish.limit < 1 || wish.limit > 1000) return base::fail(base::Errc::invalid, "'limit' must be 1 to 1000");
  return wish;
}

}  // namespace cityloop::serve
