#include "serve/cases/case_query.h"

#include <charconv>

namespace cityloop::serve {
namespace {

constexpr std::string_view kOrders = "uodc";

char letter_of(const CaseSort& sort) {
  const char letter = kOrders[std::size_t(sort.by)];
  return sort.descending ? char(letter - 'a' + 'A') : letter;
}

}  // namespace

std::string cursor_text(const CaseSort& sort, const OrderKey& key) {
  return fmt::format("{}{:x}.{:x}", letter_of(sort), std::uint64_t(key.first), key.second);
}

base::Result<OrderKey> order_key_from(const CaseSort& sort, std::string_view cursor) {
  const auto wrong = [&] {
    return base::fail(base::Errc::invalid, "the cursor '{}' is not of this list: begin anew without it", cursor);
  };
  if (cursor.empty() || cursor.front() != letter_of(sort)) return wrong();
  const std::size_t dot = cursor.find('.');
  if (dot == cursor.npos) return wrong();
  const auto number = [](std::string_view text, std::uint64_t& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, 16);
    return error == std::errc{} && end == text.data() + text.size();
  };
  std::uint64_t first = 0, second = 0;
  if (!number(cursor.substr(1, dot - 1), first) || !number(cursor.substr(dot + 1), second)) return wrong();
  return OrderKey{std::int64_t(first), second};
}

}  // namespace cityloop::serve
