#include "civic/office.h"

#include <algorithm>

#include "casework/case_archive.h"

namespace cityloop::civic {
namespace {

using base::Errc;
using base::fail;

constexpr std::string_view kCitizen = "citizen:";

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

// The last address in X-Forwarded-For that is no proxy of ours: what stands before it anyone may have written.
std::string Office::asker(const net::Request& request) const {
  const auto ours = [&](std::string_view address) {
    return std::find(settings().proxies.begin(), settings().proxies.end(), address) != settings().proxies.end();
  };
  std::string_view address = request.remote;
  std::string_view rest = request.header("x-forwarded-for");
  while (ours(address) && !rest.empty()) {
    const std::size_t comma = rest.rfind(',');
    address = trim(comma == std::string_view::npos ? rest : rest.substr(comma + 1));
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(0, comma);
  }
  return asker_of(address);
}

std::optional<net::Response> Office::too_often(RateLimit& limit, std::string_view key) const {
  const auto wait = limit.take(key, wall.now());
  if (!wait) return std::nullopt;
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(*wait).count();
  net::Response response =
      net::problem(429, "too many", fmt::format("too many in a short time; try again in {} s", seconds));
  response.headers.emplace_back("Retry-After", fmt::format("{}", seconds));
  return response;
}

base::Result<flow::Case> Office::find_case(std::string_view id) const {
  return casework::find_case(twin, id);
}

std::string Office::service_code(const flow::Case& one) const {
  const std::string_view number = report_of_author(one.opened_by);
  if (number.empty()) return {};
  const auto report = book.report(number);
  return report && *report ? (*report)->service : std::string();
}

net::Handler by_clerk(const Office& on, std::function<void(const net::Request&, net::Reply)> handler) {
  return [&on, handler = std::move(handler)](const net::Request& request, net::Reply reply) {
    auto waits = std::make_shared<net::Reply>(std::move(reply));
    const bool taken = on.clerk.post([request, waits, handler]() { handler(request, std::move(*waits)); });
    if (!taken) (*waits)(busy());
  };
}

serve::CallHandler call_by_clerk(const Office& on, std::function<void(const serve::Call&, net::Reply)> handler) {
  return [&on, handler = std::move(handler)](const serve::Call& call, net::Reply reply) {
    auto waits = std::make_shared<net::Reply>(std::move(reply));
    const bool taken = on.clerk.post([request = call.request, principal = call.principal, waits, handler]() {
      handler(serve::Call{request, principal}, std::move(*waits));
    });
    if (!taken) (*waits)(busy());
  };
}

net::Response busy() {
  net::Response response = net::problem(503, "busy", "too much waits to be done already; try again in a few seconds");
  response.headers.emplace_back("Retry-After", "5");
  return response;
}

std::string author_of(std::string_view report) {
  return fmt::format("{}{}", kCitizen, report);
}

std::string_view report_of_author(std::string_view author) {
  return author.starts_with(kCitizen) ? author.substr(kCitizen.size()) : std::string_view{};
}

void keep_secret(net::Response& response) {
  response.headers.emplace_back("Cache-Control", "no-store");
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
}

net::Response public_json(std::string body, int max_age_s) {
  net::Response response;
  response.body = std::move(body);
  response.headers.emplace_back("Cache-Control", fmt::format("public, max-age={}", max_age_s));
  return response;
}

net::Response with_etag(const net::Request& request, const std::string& tag,
                        const std::function<net::Response()>& make) {
  net::Response response;
  if (request.header("if-none-match").find(tag) != std::string_view::npos) {
    response = public_json("");
    response.status = 304;
  } else {
    response = make();
  }
  if (response.status == 200 || response.status == 304) response.headers.emplace_back("ETag", tag);
  return response;
}

net::Response photo_response(base::Result<std::string> jpeg, const char* cache_control) {
  if (!jpeg) return net::problem(jpeg.error());
  net::Response response;
  response.body = std::move(*jpeg);
  response.content_type = "image/jpeg";
  response.headers = {{"Cache-Control", cache_control},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Content-Security-Policy", "default-src 'none'; sandbox"},
                      {"Cross-Origin-Resource-Policy", "same-site"}};
  return response;
}

base::Result<PhotoSize> wished_size(const net::Request& request) {
  const std::string_view size = request.argument("size").value_or("full");
  if (size == "full") return PhotoSize::full;
  if (size == "thumb") return PhotoSize::thumb;
  return fail(Errc::invalid, "'size' is full or thumb");
}

}  // namespace cityloop::civic
