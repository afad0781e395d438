#include "mail/letter.h"

#include <algorithm>
#include <ctime>

#include "trust/secret.h"

namespace cityloop::mail {
namespace {

std::string base64(std::string_view text) {
  static constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += 3) {
    std::uint32_t group = 0;
    const std::size_t bytes = std::min<std::size_t>(3, text.size() - at);
    for (std::size_t i = 0; i < 3; ++i) group = group << 8 | (i < bytes ? std::uint8_t(text[at + i]) : 0);
    for (std::size_t i = 0; i < 4; ++i) out += i <= bytes ? kLetters[group >> (18 - 6 * i) & 63] : '=';
  }
  return out;
}

// As RFC 2047 has it, in words short enough for a line; each ends at a whole letter.
std::string encoded_words(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t size = std::min<std::size_t>(42, text.size());
    while (size < text.size() && size > 1 && (std::uint8_t(text[size]) & 0xc0) == 0x80) --size;
    if (!out.empty()) out += "\r\n ";
    out += fmt::format("=?UTF-8?B?{}?=", base64(text.substr(0, size)));
    text.remove_prefix(size);
  }
  return out;
}

std::string in_lines(const std::string& encoded) {
  constexpr std::size_t kLine = 76;
  std::string out;
  for (std::size_t at = 0; at < encoded.size(); at += kLine) out += encoded.substr(at, kLine) + "\r\n";
  return out;
}

std::string mail_date(Instant now) {
  const std::time_t seconds = std::time_t(base::to_ms(now) / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S +0000", &parts);
  return text;
}

}  // namespace

bool is_address(std::string_view text) {
  constexpr std::size_t kSizeMax = 254;
  const std::size_t at = text.find('@');
  if (text.size() > kSizeMax || at == text.npos || at == 0 || text.find('@', at + 1) != text.npos) return false;
  const std::string_view host = text.substr(at + 1);
  const bool plain = std::ranges::none_of(text, [](char c) {
    return c <= ' ' || c > '~' || std::string_view("<>,;:\"\\()[]").find(c) != std::string_view::npos;
  });
  return plain && host.find('.') != host.npos && !host.starts_with('.') && !host.ends_with('.');
}

std::string_view bare_address(std::string_view from) {
  const std::size_t open = from.rfind('<'), close = from.rfind('>');
  if (open == from.npos || close == from.npos || close < open) return from;
  return from.substr(open + 1, close - open - 1);
}

std::string message_id(std::string_view key, std::string_view from) {
  const std::string_view address = bare_address(from);
  const std::size_t at = address.find('@');
  return fmt::format("<{}@{}>", trust::fingerprint(key).substr(0, 32),
                     at == address.npos ? "localhost" : address.substr(at + 1));
}

std::string letter_text(const Letter& letter, std::string_view from, Instant now) {
  std::string body;
  if (letter.language != "en") body += letter.text.zh + "\n\n";
  if (letter.language != "zh") body += letter.text.en + "\n\n";
  std::string out;
  out += fmt::format("Date: {}\r\n", mail_date(now));
  out += fmt::format("From: {}\r\n", from);
  out += fmt::format("To: <{}>\r\n", letter.to);
  out += fmt::format("Message-ID: {}\r\n", message_id(letter.key, from));
  out += fmt::format("Subject: {}\r\n", encoded_words(letter.language == "en" ? letter.subject.en : letter.subject.zh));
  out += "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n";
  out += "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n";
  return out + in_lines(base64(body));
}

}  // namespace cityloop::mail
