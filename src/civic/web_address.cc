#include "civic/web_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>

namespace cityloop::civic {
namespace {

using base::Errc;
using base::fail;
using base::Result;

constexpr std::size_t kUrlMax = 2048;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

struct Ipv4Block {
  std::uint32_t first;
  int bits;
};
constexpr std::uint32_t ip(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return a << 24 | b << 16 | c << 8 | d;
}
// What the registry of special addresses (RFC 6890) does not call global, and multicast.
constexpr std::array<Ipv4Block, 16> kNotPublic{{{ip(0, 0, 0, 0), 8},
                                                {ip(10, 0, 0, 0), 8},
                                                {ip(100, 64, 0, 0), 10},
                                                {ip(127, 0, 0, 0), 8},
                                                {ip(169, 254, 0, 0), 16},
                                                {ip(172, 16, 0, 0), 12},
                                                {ip(192, 0, 0, 0), 24},
                                                {ip(192, 0, 2, 0), 24},
                                                {ip(192, 31, 196, 0), 24},
                                                {ip(192, 52, 193, 0), 24},
                                                {ip(192, 88, 99, 0), 24},
                                                {ip(192, 168, 0, 0), 16},
                                                {ip(198, 18, 0, 0), 15},
                                                {ip(198, 51, 100, 0), 24},
                                                {ip(203, 0, 113, 0), 24},
                                                {ip(224, 0, 0, 0), 3}}};

bool is_public_v4(std::uint32_t address) {
  return std::none_of(kNotPublic.begin(), kNotPublic.end(),
                      [&](const Ipv4Block& block) { return (address ^ block.first) >> (32 - block.bits) == 0; });
}

std::uint32_t v4_at(const std::uint8_t* bytes) {
  return ip(bytes[0], bytes[1], bytes[2], bytes[3]);
}

bool begins(const std::uint8_t* bytes, std::initializer_list<std::uint8_t> with) {
  return std::equal(with.begin(), with.end(), bytes);
}

// Only 2000::/3 is given out to the world; within it some blocks are not, and some carry an IPv4 address.
bool is_public_v6(const std::uint8_t* b) {
  if (begins(b, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff})) return is_public_v4(v4_at(b + 12));     // mapped
  if (begins(b, {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0})) return is_public_v4(v4_at(b + 12));  // NAT64
  if ((b[0] & 0xe0) != 0x20) return false;
  if (begins(b, {0x20, 0x02})) return is_public_v4(v4_at(b + 2));  // 6to4
  if (begins(b, {0x20, 0x01}) && b[2] < 2) return false;           // Teredo and other protocols' own
  if (begins(b, {0x20, 0x01, 0x0d, 0xb8})) return false;           // for books
  return !(begins(b, {0x3f, 0xff}) && (b[2] & 0xf0) == 0);         // for books
}

// Names that stand for something within, whatever a resolver says.
bool is_inner_name(std::string_view host) {
  if (host.find('.') == std::string_view::npos) return true;
  for (const std::string_view end : {".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa", ".arpa"}) {
    if (host.ends_with(end)) return true;
  }
  return false;
}

// Nothing where it is no literal; else whether it may be called.
std::optional<bool> literal_may_be_called(const std::string& host, bool v6, bool local) {
  sockaddr_storage storage{};
  bool literal = false;
  if (v6) {
    auto& wide = reinterpret_cast<sockaddr_in6&>(storage);
    wide.sin6_family = AF_INET6;
    literal = inet_pton(AF_INET6, host.c_str(), &wide.sin6_addr) == 1;
  } else {
    auto& narrow = reinterpret_cast<sockaddr_in&>(storage);
    narrow.sin_family = AF_INET;
    literal = inet_pton(AF_INET, host.c_str(), &narrow.sin_addr) == 1;
  }
  if (!literal) return std::nullopt;
  const auto& address = reinterpret_cast<const sockaddr&>(storage);
  return is_public_ip(address) || (local && is_loopback_ip(address));
}

base::Status check_host(const std::string& host, bool v6, bool local) {
  if (const auto may = literal_may_be_called(host, v6, local)) {
    return *may ? base::Status{} : fail(Errc::invalid, "the address {} lies within", host);
  }
  // A last part of digits alone is an IPv4 address in one of its odd forms ("0x7f.1", "2130706433").
  const std::string_view last = std::string_view(host).substr(host.rfind('.') + 1);
  const bool number = !last.empty() && (last.front() >= '0' && last.front() <= '9');
  if (v6 || number || !is_host_name(host)) return fail(Errc::invalid, "'{}' is no host", host);
  if (is_inner_name(host)) return fail(Errc::invalid, "'{}' is a name from within", host);
  return {};
}

// "host", "host:port", "[v6]:port" into its parts.
struct Authority {
  std::string host, port;
  bool v6{false};
};
Result<Authority> authority_of(std::string_view text) {
  Authority out;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return fail(Errc::invalid, "the address has no end of its '['");
    out.v6 = true;
    out.host = text.substr(1, close - 1);
    text.remove_prefix(close + 1);
    if (!text.empty() && !text.starts_with(':')) return fail(Errc::invalid, "the address has no port after its ']'");
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    out.host = text.substr(0, colon);
    text.remove_prefix(colon);
  }
  if (text.empty()) return out;
  out.port = text.substr(1);
  const bool digits = std::all_of(out.port.begin(), out.port.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (out.port.empty() || out.port.size() > 5 || !digits) return fail(Errc::invalid, "the address names no port");
  return out;
}

std::string lowered(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? char(c + 32) : c;
  return text;
}

}  // namespace

bool is_host_name(std::string_view text) {
  const bool plain =
      std::all_of(text.begin(), text.end(), [](char c) { return is_letter_or_digit(c) || c == '-' || c == '.'; });
  return plain && !text.empty() && text.size() <= 253 && is_letter_or_digit(text.front()) &&
         is_letter_or_digit(text.back()) && text.find("..") == std::string_view::npos;
}

bool is_origin(std::string_view text) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!text.starts_with(scheme)) continue;
    const auto place = authority_of(text.substr(scheme.size()));
    return place && !place->v6 && is_host_name(place->host) && lowered(place->host) == place->host;
  }
  return false;
}

std::string WebAddress::origin() const {
  const std::string name = host.find(':') == std::string::npos ? host : fmt::format("[{}]", host);
  const bool usual = port == (scheme == "https" ? "443" : "80");
  return usual ? fmt::format("{}://{}", scheme, name) : fmt::format("{}://{}:{}", scheme, name, port);
}

Result<WebAddress> check_web_address(std::string_view url, bool local) {
  if (url.size() > kUrlMax) return fail(Errc::invalid, "the address is longer than {} bytes", kUrlMax);
  const bool plain = std::all_of(url.begin(), url.end(), [](char c) {
    return std::uint8_t(c) > ' ' && std::uint8_t(c) < 127 && c != '\\' && c != '#' && c != '"' && c != '<' && c != '>';
  });
  if (!plain) return fail(Errc::invalid, "the address holds a character that no address has");
  WebAddress out;
  out.scheme = url.starts_with("https://") ? "https" : url.starts_with("http://") ? "http" : "";
  if (out.scheme.empty()) return fail(Errc::invalid, "the address must begin with https://");
  url.remove_prefix(out.scheme.size() + 3);
  const std::string_view place = url.substr(0, url.find_first_of("/?"));
  if (place.find('@') != std::string_view::npos) return fail(Errc::invalid, "the address names a user");
  auto authority = TRY(authority_of(place));
  out.host = lowered(std::move(authority.host));
  out.port = authority.port.empty() ? (out.scheme == "https" ? "443" : "80") : std::move(authority.port);
  if (local && out.host == "127.0.0.1") return out;
  if (out.scheme != "https") return fail(Errc::invalid, "the address must begin with https://");
  if (out.port != "443") return fail(Errc::invalid, "only port 443 is called");
  TRY(check_host(out.host, authority.v6, local));
  return out;
}

bool is_public_ip(const sockaddr& address) {
  if (address.sa_family == AF_INET)
    return is_public_v4(ntohl(reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr));
  if (address.sa_family == AF_INET6)
    return is_public_v6(reinterpret_cast<const sockaddr_in6&>(address).sin6_addr.s6_addr);
  return false;
}

bool is_loopback_ip(const sockaddr& address) {
  if (address.sa_family != AF_INET) return false;
  return ntohl(reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr) >> 24 == 127;
}

bool fits_host(std::string_view host, const std::vector<std::string>& patterns) {
  if (patterns.empty()) return true;
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    return pattern.starts_with("*.") ? host.ends_with(std::string_view(pattern).substr(1)) : host == pattern;
  });
}

}  // namespace cityloop::civic
