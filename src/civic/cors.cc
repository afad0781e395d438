#include "civic/cors.h"

#include <algorithm>

namespace cityloop::civic {
namespace {

constexpr const char* kRequestHeaders =
    "Content-Type, Idempotency-Key, If-None-Match, Accept-Language, X-Cityloop-Person";
constexpr const char* kAnswerHeaders = "ETag, Retry-After";
constexpr const char* kMaxAge_s = "3600";

// What Access-Control-Allow-Origin says; empty: nothing.
std::string allowed_origin(const CivicSettings& settings, std::string_view origin) {
  const auto names = [&](std::string_view one) {
    return std::find(settings.origins.begin(), settings.origins.end(), one) != settings.origins.end();
  };
  if (names("*")) return "*";
  return !origin.empty() && names(origin) ? std::string(origin) : std::string();
}

// The methods of a place, as the router tells them to whoever asks with OPTIONS.
std::string methods_of(const net::Response& response) {
  for (const auto& [name, value] : response.headers) {
    if (name == "Allow") return value;
  }
  return {};
}

struct Asker {
  std::string allowed;
  bool preflight{false};
  bool varies{false};
};

void add_headers(net::Response& response, const Asker& asker) {
  // What lies between must not give one site's answer to another.
  if (asker.varies) response.headers.emplace_back("Vary", "Origin");
  if (asker.allowed.empty()) return;
  response.headers.emplace_back("Access-Control-Allow-Origin", asker.allowed);
  if (!asker.preflight) {
    response.headers.emplace_back("Access-Control-Expose-Headers", kAnswerHeaders);
    return;
  }
  const std::string methods = methods_of(response);
  if (response.status != 204 || methods.empty()) return;
  response.headers.emplace_back("Access-Control-Allow-Methods", methods);
  response.headers.emplace_back("Access-Control-Allow-Headers", kRequestHeaders);
  response.headers.emplace_back("Access-Control-Max-Age", kMaxAge_s);
}

}  // namespace

void add_cors(net::Router& router, const SettingsInForce& in_force) {
  const auto around = [&in_force](const net::Request& request, net::Reply reply) {
    const CivicSettings& settings = in_force.now();
    Asker asker;
    asker.allowed = allowed_origin(settings, request.header("origin"));
    asker.varies = !settings.origins.empty() && asker.allowed != "*";
    asker.preflight =
        request.method == net::Method::options && !request.header("access-control-request-method").empty();
    return net::Reply([asker = std::move(asker), reply = std::move(reply)](net::Response response) mutable {
      add_headers(response, asker);
      reply(std::move(response));
    });
  };
  for (const char* prefix : {"/public/v1/", "/open311/v2/"}) router.around(prefix, around);
}

}  // namespace cityloop::civic
