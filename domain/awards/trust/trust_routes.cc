#include "domain/awards/trust/trust_routes.h"

#include <charconv>
#include <optional>

#include "trust/key_pair.h"

namespace cityloop::awards {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using net::Request;
using net::Response;

constexpr std::uint64_t kPageMost = 1000;  // entries

Result<std::uint64_t> number_from(std::string_view name, std::string_view text) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size())
    return fail(Errc::invalid, "'{}' is a whole number, not '{}'", name, text);
  return out;
}

Result<std::uint64_t> argument(const Request& request, std::string_view name, std::optional<std::uint64_t> otherwise) {
  const auto given = request.argument(name);
  if (given) return number_from(name, *given);
  if (otherwise) return *otherwise;
  return fail(Errc::invalid, "'{}' is missing", name);
}

// Anybody's page may read it.
Response open_response(std::string body, std::string type, std::string_view kept = "no-cache") {
  return {.status = 200,
          .body = std::move(body),
          .content_type = std::move(type),
          .headers = {{"Access-Control-Allow-Origin", "*"}, {"Cache-Control", std::string(kept)}}};
}

Result<Response> key(const Record& record, const Request&) {
  return open_response(trust::signing_key_pem(record.log().public_key()), "application/x-pem-file");
}

Result<Response> head(const Record& record, const Request&) {
  return open_response(record.head().json(), "application/json");
}

Result<Response> growth(const Record& record, const Request& request) {
  return open_response(TRY(record.growth(TRY(argument(request, "from", std::nullopt)))).json(), "application/json");
}

Result<Response> receipt(const Record& record, const Request& request) {
  const std::uint64_t n = TRY(number_from("n", request.params.at("n")));
  return open_response(TRY(record.receipt(n)).json(), "application/json");
}

Result<Response> entries(const Record& record, const Request& request) {
  const std::uint64_t from = TRY(argument(request, "from", 0)), count = TRY(argument(request, "count", kPageMost));
  if (count < 1 || count > kPageMost) return fail(Errc::invalid, "'count' is from 1 to {}", kPageMost);
  Response out = open_response(TRY(record.log().lines(from, count)), "application/jsonl");
  // Where the next page begins, if there is one by now.
  if (record.head().head.size > from + count) out.headers.emplace_back("X-Next", fmt::format("{}", from + count));
  return out;
}

}  // namespace

void TrustRoutes::add_to(net::Router& router) const {
  const auto add = [&](std::string_view pattern, Result<Response> (*answer)(const Record&, const Request&)) {
    router.add(net::Method::get, fmt::format("/public/v1/awards/log{}", pattern),
               [&record = record, answer](const Request& request, net::Reply reply) {
                 auto made = answer(record, request);
                 reply(made ? *std::move(made) : net::problem(made.error()));
               });
  };
  add("/key", key);
  add("/head", head);
  add("/growth", growth);
  add("/receipts/{n}", receipt);
  add("/entries", entries);
}

}  // namespace cityloop::awards
