#include "domain/awards/entry/office.h"

#include <algorithm>
#include <charconv>

#include "base/refusal.h"
#include "net/url.h"
#include "serve/views.h"

namespace cityloop::awards {
namespace {

using base::Errc;
using base::JsonValue;
using base::JsonWriter;
using base::refuse;
using base::Result;
using base::Status;
using net::Response;
using trust::Permission;

constexpr Permission kApart[] = {Permission::enter_awards, Permission::run_awards, Permission::judge_awards,
                                 Permission::decide_awards, Permission::audit_awards};
constexpr std::uint64_t kAtOnceMax = std::uint64_t{16} << 20;

Status roles_apart(const serve::Guard& guard, const trust::Principal& who) {
  const auto held = std::ranges::count_if(kApart, [&](Permission one) { return guard.policy().allows(who, one); });
  if (held <= 1) return {};
  return refuse(Errc::refused, "{} 兼有评选中须分开的两种角色：请为每种角色各申请一个账号",
                "{} has two roles of an award cycle, which are kept apart: ask for one account each", who.id);
}

Response answer_of(const Office::Answer& answer, const Asked& asked) {
  auto made = answer(asked);
  return made ? *std::move(made) : net::problem(made.error());
}

void answer_in(serve::BackRoom& room, const Office::Answer& answer, const net::Request& request,
               const trust::Principal& who, Instant arrived, net::Reply reply) {
  const auto shared = std::make_shared<net::Reply>(std::move(reply));
  const bool taken =
      room.post([shared, answer, request, who, arrived] { (*shared)(answer_of(answer, {request, who, arrived})); });
  if (!taken) (*shared)(net::problem(503, "busy", "too much waits already; try again in a moment"));
}

// "bytes=0-499", "bytes=500-", "bytes=-500"; nothing where it is not asked for, or in a way that may be passed over.
std::optional<std::pair<std::uint64_t, std::uint64_t>> range_of(std::string_view header, std::uint64_t size) {
  if (!header.starts_with("bytes=") || header.find(',') != header.npos) return std::nullopt;
  header.remove_prefix(6);
  const std::size_t dash = header.find('-');
  if (dash == header.npos) return std::nullopt;
  const auto number = [](std::string_view text) -> std::optional<std::uint64_t> {
    std::uint64_t out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(out) : std::nullopt;
  };
  const auto first = number(header.substr(0, dash)), last = number(header.substr(dash + 1));
  if (!first && !last) return std::nullopt;
  if (!first) return std::pair(size - std::min(size, *last), size);
  return std::pair(*first, last ? std::min(size, *last + 1) : size);
}

}  // namespace

std::string_view Asked::part(std::string_view name) const {
  const auto found = request.params.find(name);
  return found == request.params.end() ? std::string_view{} : std::string_view(found->second);
}

net::Handler Office::reads(Permission permission, Answer answer) const {
  return guard.require(permission, [&guard = guard, &clock = clock, answer = std::move(answer)](const serve::Call& call,
                                                                                                net::Reply reply) {
    if (const Status apart = roles_apart(guard, call.principal); !apart) return reply(net::problem(apart.error()));
    reply(answer_of(answer, {call.request, call.principal, clock.now()}));
  });
}

net::Handler Office::changes(Permission permission, Answer answer) const {
  return in(back, permission, std::move(answer));
}

net::Handler Office::studies(Permission permission, Answer answer) const {
  return in(study, permission, std::move(answer));
}

net::Handler Office::in(serve::BackRoom& room, Permission permission, Answer answer) const {
  return guard.require(permission, [&guard = guard, &clock = clock, &room, answer = std::move(answer)](
                                       const serve::Call& call, net::Reply reply) {
    if (const Status apart = roles_apart(guard, call.principal); !apart) return reply(net::problem(apart.error()));
    answer_in(room, answer, call.request, call.principal, clock.now(), std::move(reply));
  });
}

net::Handler Office::anybody(Answer answer) const {
  return [&clock = clock, answer = std::move(answer)](const net::Request& request, net::Reply reply) {
    static const trust::Principal nobody;
    reply(answer_of(answer, {request, nobody, clock.now()}));
  };
}

net::Handler Office::anybody_changes(Answer answer) const {
  return [&clock = clock, &back = back, answer = std::move(answer)](const net::Request& request, net::Reply reply) {
    answer_in(back, answer, request, {}, clock.now(), std::move(reply));
  };
}

Result<Applicant> Office::applicant(const Asked& asked) const {
  auto found = TRY(desk.applicant_of(asked.who.id));
  if (!found) return refuse(Errc::not_found, "没有这项申报", "there is no such proposal");
  return *std::move(found);
}

Result<JsonValue> body_of(const Asked& asked) {
  JsonValue out = TRY(JsonValue::parse(asked.request.body.empty() ? "{}" : asked.request.body));
  if (!out.object()) return refuse(Errc::invalid, "请求内容应为 JSON 对象", "the body is a JSON object");
  return out;
}

void write(JsonWriter& out, std::string_view key, const Bilingual& text) {
  out.key(key).object().field("zh", text.zh).field("en", text.en).end();
}

void write_lacks(JsonWriter& out, const std::vector<Lack>& lacks) {
  out.key("lacks").array();
  for (const Lack& one : lacks) {
    out.object().field("code", one.code).field("where", one.where);
    if (!one.language.empty()) out.field("language", one.language);
    write(out, "text", one.text);
    out.end();
  }
  out.end();
}

Response json(JsonWriter& out, int status) {
  Response response = serve::json_response(out, status);
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

Response refusal(const Refusal& why) {
  JsonWriter out;
  out.object().field("type", "about:blank").field("title", "refused file").field("status", 422);
  out.field("detail", why.text.en).field("code", why.code);
  write(out, "text", why.text);
  Response response = json(out.end(), 422);
  response.content_type = "application/problem+json";
  return response;
}

Result<Response> file_response(const net::Request& request, const Vault& vault, const StoredFile& file,
                               const std::string& name) {
  const auto asked = range_of(request.header("range"), file.bytes);
  const auto [from, to] = asked.value_or(std::pair<std::uint64_t, std::uint64_t>(0, file.bytes));
  Response out;
  if (from >= to) {
    out = net::problem(416, "no such range", fmt::format("the file has {} bytes", file.bytes));
    out.headers.emplace_back("Content-Range", fmt::format("bytes */{}", file.bytes));
    return out;
  }
  // A large range is answered with its beginning, as whoever asks for ranges understands.
  const std::uint64_t bytes = asked ? std::min(to - from, kAtOnceMax) : to - from;
  out.body = TRY(vault.read(file.id, from, bytes));
  out.status = asked ? 206 : 200;
  out.content_type = file.media_type;
  if (asked)
    out.headers.emplace_back("Content-Range", fmt::format("bytes {}-{}/{}", from, from + bytes - 1, file.bytes));
  out.headers.emplace_back("Accept-Ranges", "bytes");
  out.headers.emplace_back("Content-Disposition",
                           fmt::format("attachment; filename*=UTF-8''{}", net::percent_encode(name)));
  out.headers.emplace_back("Content-Security-Policy", "sandbox; default-src 'none'");
  out.headers.emplace_back("X-Content-Type-Options", "nosniff");
  out.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
  out.headers.emplace_back("Cache-Control", "private, no-store");
  return out;
}

Result<Response> blind_file_response(const Vault& vault, const StoredFile& file, const std::string& name) {
  Response out;
  out.body = TRY(vault.read_blind(file.id));
  out.content_type = file.media_type;
  out.headers = {{"Content-Disposition", "attachment; filename=\"" + name + ".pdf\""},
                 {"Content-Security-Policy", "sandbox; default-src 'none'"},
                 {"X-Content-Type-Options", "nosniff"},
                 {"Cache-Control", "private, no-store"}};
  return out;
}

}  // namespace cityloop::awards
