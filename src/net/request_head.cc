#include "net/request_head.h"

#include <array>
#include <charconv>

namespace cityloop::net {
namespace {

struct Verb {
  std::string_view text;  // with the blank behind it
  Method method;
};
constexpr Verb kVerbs[] = {
    {"GET ", Method::get}, {"POST ", Method::post}, {"PATCH ", Method::patch},     {"DELETE ", Method::del},
    {"PUT ", Method::put}, {"HEAD ", Method::head}, {"OPTIONS ", Method::options},
};
constexpr std::string_view kVersion = " HTTP/1.1";

enum class CharKind : std::uint8_t { other, name, text };

// name: may stand in a header's name (RFC 9110, 5.6.2); text: in a value.
constexpr std::array<CharKind, 256> kKinds = [] {
  std::array<CharKind, 256> out{};
  for (int c = 0; c < 256; ++c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    const bool mark = std::string_view("!#$%&'*+-.^_`|~").find(char(c)) != std::string_view::npos && c != 0;
    if (letter || mark) out[std::size_t(c)] = CharKind::name;
    else if ((c >= 0x20 && c != 0x7f) || c == '\t') out[std::size_t(c)] = CharKind::text;
  }
  return out;
}();

CharKind kind(char c) {
  return kKinds[std::uint8_t(c)];
}

char lower(char c) {
  return char(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

bool same_word(std::string_view text, std::string_view lower_word) {
  if (text.size() != lower_word.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (lower(text[i]) != lower_word[i]) return false;
  }
  return true;
}

const Verb* verb_at(std::string_view bytes) {
  for (const Verb& verb : kVerbs) {
    if (bytes.starts_with(verb.text)) return &verb;
  }
  return nullptr;
}

// What has come may still become one of the methods.
bool may_be_verb(std::string_view bytes) {
  for (const Verb& verb : kVerbs) {
    if (verb.text.starts_with(bytes)) return true;
  }
  return false;
}

bool is_plain_target(std::string_view target) {
  if (target.empty() || target.front() != '/') return false;
  for (const char c : target) {
    if (c <= 0x20 || c == 0x7f) return false;  // bytes beyond ASCII too: a char is signed here, or Beast decides
  }
  return true;
}

class HeaderReader {
 public:
  HeaderReader(Head& head, Request& request) : head_(head), request_(request) {}

  // One line without its end. False where Beast must decide.
  bool take(std::string_view line) {
    std::size_t colon = 0;
    while (colon < line.size() && kind(line[colon]) == CharKind::name) ++colon;
    if (colon == 0 || colon == line.size() || line[colon] != ':') return false;
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
    while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
    for (const char c : value) {
      if (kind(c) == CharKind::other) return false;
    }
    auto& [name, kept] = count_ < request_.headers.size() ? request_.headers[count_] : request_.headers.emplace_back();
    ++count_;
    name.resize(colon);
    for (std::size_t i = 0; i < colon; ++i) name[i] = lower(line[i]);
    kept.assign(value);
    return means_nothing_special(name, value);
  }

  bool finish() {
    request_.headers.resize(count_);
    return hosts_ == 1;
  }

 private:
  bool means_nothing_special(std::string_view name, std::string_view value) {
    switch (name.size()) {
      case 4: hosts_ += name == "host"; return true;
      case 6: return name != "expect";
      case 7: return name != "upgrade";
      case 10: return name != "connection" || take_connection(value);
      case 14: return name != "content-length" || take_length(value);
      case 16: return name != "proxy-connection";
      case 17: return name != "transfer-encoding";
      default: return true;
    }
  }

  bool take_connection(std::string_view value) {
    if (same_word(value, "close")) head_.keep_alive = false;
    else if (!same_word(value, "keep-alive")) return false;
    return true;
  }

  bool take_length(std::string_view value) {
    constexpr std::size_t kDigitsMax = 15;
    if (head_.has_length || value.empty() || value.size() > kDigitsMax) return false;
    head_.has_length = true;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), head_.body_bytes);
    return error == std::errc{} && end == value.data() + value.size();
  }

  Head& head_;
  Request& request_;
  std::size_t count_{0};
  int hosts_{0};
};

}  // namespace

HeadFound read_head(std::string_view bytes, std::size_t head_max, Head& head, Request& request) {
  head = {};
  const Verb* const verb = verb_at(bytes);
  if (!verb) return may_be_verb(bytes) ? HeadFound::partial : HeadFound::uncommon;
  const std::size_t end = bytes.substr(0, head_max).find("\r\n\r\n");
  if (end == std::string_view::npos) return bytes.size() < head_max ? HeadFound::partial : HeadFound::uncommon;
  head.bytes = end + 4;
  std::string_view rest = bytes.substr(0, end);
  const std::size_t first = std::min(rest.find("\r\n"), rest.size());
  std::string_view line = rest.substr(verb->text.size(), first - verb->text.size());
  if (!line.ends_with(kVersion)) return HeadFound::uncommon;
  line.remove_suffix(kVersion.size());
  if (!is_plain_target(line)) return HeadFound::uncommon;
  head.target = line;
  request.method = verb->method;
  HeaderReader reader(head, request);
  rest.remove_prefix(std::min(first + 2, rest.size()));
  while (!rest.empty()) {
    const std::size_t next = std::min(rest.find("\r\n"), rest.size());
    if (!reader.take(rest.substr(0, next))) return HeadFound::uncommon;
    rest.remove_prefix(std::min(next + 2, rest.size()));
  }
  return reader.finish() ? HeadFound::whole : HeadFound::uncommon;
}

}  // namespace cityloop::net
