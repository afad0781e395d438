#include "net/url.h"

#include <algorithm>

#include "net/http.h"

namespace cityloop::net {
namespace {

using base::Errc;
using base::fail;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

namespace {

base::Status decode_into(std::string& out, std::string_view text, bool plus_is_blank) {
  const bool plain = text.find('%') == text.npos && (!plus_is_blank || text.find('+') == text.npos);
  if (plain) return out.assign(text), base::Status{};
  out.clear();
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_blank) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 1 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return fail(Errc::invalid, "a '%' in the address is not followed by two hex digits");
      out += char(high * 16 + low);
      i += 2;
    }
  }
  return {};
}

}  // namespace

base::Result<std::string> percent_decode(std::string_view text, bool plus_is_blank) {
  std::string out;
  TRY(decode_into(out, text, plus_is_blank));
  return out;
}

std::string percent_encode(std::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    if (plain) out += c;
    else out += {'%', kHex[std::uint8_t(c) >> 4], kHex[std::uint8_t(c) & 15]};
  }
  return out;
}

namespace {

// Gives each pair to `next(i)`, which says where its key and value go.
template <class Next>
base::Result<std::size_t> read_query(std::string_view rest, const Next& next) {
  std::size_t count = 0;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto& [key, value] = next(count++);
    TRY(decode_into(key, pair.substr(0, equals), true));
    value.clear();
    if (equals < pair.size()) TRY(decode_into(value, pair.substr(equals + 1), true));
  }
  return count;
}

base::Status read_parts(std::string_view target, std::string& path,
                        std::vector<std::pair<std::string, std::string>>& query) {
  const std::size_t mark = std::min(target.find('?'), target.size());
  TRY(decode_into(path, target.substr(0, mark), false));
  if (path.empty() || path.front() != '/') return fail(Errc::invalid, "the address must begin with '/'");
  if (path.find('\0') != std::string::npos) return fail(Errc::invalid, "the address holds a zero byte");
  const std::string_view rest = mark < target.size() ? target.substr(mark + 1) : std::string_view{};
  const std::size_t count = TRY(read_query(
      rest, [&query](std::size_t i) -> auto& { return i < query.size() ? query[i] : query.emplace_back(); }));
  query.resize(count);
  return {};
}

}  // namespace

base::Result<Target> parse_target(std::string_view target) {
  Target out;
  TRY(read_parts(target, out.path, out.query));
  return out;
}

base::Status read_target(std::string_view target, Request& request) {
  request.raw_path.assign(target.substr(0, std::min(target.find('?'), target.size())));
  return read_parts(target, request.path, request.query);
}

base::Result<Url> parse_url(std::string_view text) {
  Url url;
  const std::string_view whole = text;
  if (text.starts_with("https://")) url.tls = true, text.remove_prefix(8);
  else if (text.starts_with("http://")) text.remove_prefix(7);
  else return fail(Errc::invalid, "'{}' is no http address", whole);
  const std::size_t slash = std::min(text.find_first_of("/?"), text.size());
  std::string_view authority = text.substr(0, slash);
  url.target = text.substr(slash);
  if (url.target.empty() || url.target.front() != '/') url.target.insert(0, "/");
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  url.port = colon == std::string_view::npos ? (url.tls ? "443" : "80") : std::string(authority.substr(colon + 1));
  url.host = authority.substr(0, colon);
  if (url.host.starts_with('[') && url.host.ends_with(']')) url.host = url.host.substr(1, url.host.size() - 2);
  if (url.host.empty() || url.port.empty()) return fail(Errc::invalid, "'{}' names no host", whole);
  return url;
}

}  // namespace cityloop::net
