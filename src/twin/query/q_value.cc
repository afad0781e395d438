#include "twin/query/q_value.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/time.h"

namespace cityloop::twin {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::optional<base::Number> number_of(std::string_view text) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  if (text.empty() || !(is_digit(text.front()) || text.front() == '-')) return std::nullopt;  // no inf, no nan
  if (text.front() == '-' && (text.size() < 2 || !is_digit(text[1]))) return std::nullopt;
  if (const auto whole = base::Number::of_digits(text)) return whole;
  double out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(out)) return std::nullopt;
  return base::Number(out);
}

// A scheme, a colon and something behind it (RFC 3986).
bool is_uri(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == text.npos || colon + 1 >= text.size() || !is_letter(text.front())) return false;
  return std::all_of(text.begin(), text.begin() + std::ptrdiff_t(colon),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; });
}

}  // namespace

std::optional<std::int64_t> instant_us(std::string_view text) {
  // Asked of every text that is compared with a time: the shape first, because a failed parse costs an allocation.
  if (text.size() < 10 || text.size() > 40 || !is_digit(text[0]) || text[4] != '-' || text[7] != '-') {
    return std::nullopt;
  }
  if (text.size() > 10 && text[10] != 'T' && text[10] != 't') return std::nullopt;
  const auto at = base::parse_time(text);
  return at ? std::optional(base::to_us(*at)) : std::nullopt;
}

std::optional<std::int64_t> time_of_day_us(std::string_view text) {
  if (text.size() < 5 || text.size() > 20 || !is_digit(text[0]) || text[2] != ':') return std::nullopt;
  const auto at = base::parse_time(fmt::format("1970-01-01T{}", text));
  return at ? std::optional(base::to_us(*at)) : std::nullopt;
}

QValue text_value(std::string text) {
  QValue out;
  out.kind = QValueKind::text;
  if (const auto us = text.size() > 10 ? instant_us(text) : std::nullopt) out.us = *us, out.is_time = true;
  out.text = std::move(text);
  return out;
}

std::optional<QValue> bare_value(std::string_view text) {
  QValue out;
  if (text == "true" || text == "false") {
    out.kind = QValueKind::boolean;
    out.boolean = text == "true";
  } else if (const auto number = number_of(text)) {
    out.number = number->near;
    out.rest = number->rest;
  } else if (const auto instant = instant_us(text)) {
    out.kind = QValueKind::instant;
    out.us = *instant;
  } else if (const auto time = time_of_day_us(text)) {
    out.kind = QValueKind::time_of_day;
    out.us = *time;
  } else if (!text.empty() && is_uri(text)) {
    out.kind = QValueKind::text;
    out.text = text;
  } else {
    return std::nullopt;
  }
  return out;
}

QMeta meta_of(std::string_view step) {
  if (step == "observedAt") return QMeta::observed_at;
  if (step == "unitCode") return QMeta::unit_code;
  if (step == "datasetId") return QMeta::dataset_id;
  if (step == "createdAt") return QMeta::created_at;
  if (step == "modifiedAt") return QMeta::modified_at;
  if (step == "expiresAt") return QMeta::expires_at;
  return QMeta::none;
}

}  // namespace cityloop::twin
