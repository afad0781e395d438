#include "broker/resource.h"

#include <algorithm>
#include <charconv>
#include <random>

#include "broker/paging.h"
#include "twin/ngsi/ngsi.h"
#include "twin/query/query.h"

namespace cityloop::broker {

using base::Errc;
using base::fail;
using base::JsonValue;
using net::Response;

base::Result<std::string_view> uri_in_path(const Exchange& exchange) {
  const std::string_view id = exchange.part("id");
  if (!twin::is_uri(id)) return fail(Errc::invalid, "'{}' is no URI", id);
  return id;
}

base::Result<JsonValue> object_in_body(const Exchange& exchange) {
  auto body = JsonValue::parse(exchange.request->body);
  if (!body) return fail(Errc::malformed, "{}", body.error().message);
  if (!body->object()) return fail(Errc::invalid, "the body must be a JSON object");
  return std::move(*body);
}

base::Error absent(std::string_view what, std::string_view id) {
  return {Errc::not_found, fmt::format("there is no {} '{}'", what, id)};
}

Response created(const Exchange& exchange, std::string_view root, std::string_view id) {
  Response out = empty(201);
  out.headers.emplace_back("Location", fmt::format("{}/{}", root, id));
  if (!exchange.tenant.name.empty()) out.headers.emplace_back("NGSILD-Tenant", exchange.tenant.name);
  return out;
}

void keep(const Exchange& exchange, flow::Write write, Response success, net::Reply reply) {
  twin::Commit commit;
  commit.origin = flow::Name(exchange.principal.id);
  commit.writes.push_back(std::move(write));
  auto shared = std::make_shared<net::Reply>(std::move(reply));
  exchange.tenant.twin.submit(std::move(commit), [shared, success = std::move(success)](twin::CommitResult result) {
    if (!result.status) return (*shared)(disk_problem(result.status.error()));
    if (!result.writes.front()) return (*shared)(problem(result.writes.front().error()));
    (*shared)(success);
  });
}

flow::Write gone(flow::EntityId kept) {
  flow::Write out;
  out.entity = kept;
  out.mode = flow::WriteMode::erase;
  return out;
}

namespace {

base::Result<std::size_t> count_of(const Exchange& exchange, std::string_view name, std::size_t otherwise,
                                   std::size_t max) {
  const auto text = exchange.argument(name);
  if (!text) return otherwise;
  std::size_t out = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), out);
  if (error != std::errc{} || end != text->data() + text->size() || out > max) {
    return fail(Errc::invalid, "{}: expected a whole number from 0 to {}", name, max);
  }
  return out;
}

}  // namespace

Response list_answer(const Exchange& exchange, const std::vector<std::string>& all) {
  const auto limit = count_of(exchange, "limit", 20, twin::kLimitMax);
  if (!limit) return problem(limit.error());
  const auto offset = count_of(exchange, "offset", 0, 1'000'000'000);
  if (!offset) return problem(offset.error());
  if (*limit == 0 && !exchange.is_true("count")) {
    return problem(400, "BadRequestData", "limit: 0 makes sense only with count=true");
  }
  std::string json = "[";
  for (std::size_t i = *offset; i < std::min(all.size(), *offset + *limit); ++i) {
    if (json.size() > 1) json += ',';
    json += all[i];
  }
  Response out = exchange.answer(200, json + "]");
  if (exchange.is_true("count")) out.headers.emplace_back("NGSILD-Results-Count", fmt::format("{}", all.size()));
  for (auto& link : page_links(*exchange.request, *limit, *offset, *offset + *limit < all.size())) {
    out.headers.push_back(std::move(link));
  }
  return out;
}

bool is_null(const JsonValue& value) {
  return value.is.index() == 0 || (value.text() && *value.text() == flow::kNullUri);
}

std::string fresh_id(std::string_view word) {
  std::random_device device;
  const auto part = [&] { return (std::uint64_t(device()) << 32) | device(); };
  return fmt::format("urn:ngsi-ld:{}:{:016x}{:016x}", word, part(), part());
}

}  // namespace cityloop::broker
