#include "twin/query/pattern.h"

#include <re2/re2.h>

namespace cityloop::twin {
namespace {

constexpr std::size_t kTextMax = 1000;
constexpr std::int64_t kMemoryMax = 1 << 20;  // bytes, for the compiled form and its automaton

}  // namespace

base::Result<Pattern> Pattern::compile(std::string_view text) {
  if (text.size() > kTextMax) {
    return base::fail(base::Errc::full, "a pattern of {} bytes is longer than the {} allowed", text.size(), kTextMax);
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMemoryMax);
  Pattern out;
  auto compiled = std::make_shared<const re2::RE2>(re2::StringPiece(text.data(), text.size()), options);
  if (!compiled->ok()) return base::fail(base::Errc::invalid, "the pattern '{}' is wrong: {}", text, compiled->error());
  out.compiled_ = std::move(compiled);
  return out;
}

bool Pattern::found_in(std::string_view text) const {
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *compiled_);
}

std::string Pattern::literal_prefix() const {
  const std::string& pattern = text();
  // Another branch, or a flag that changes what letters mean, may begin otherwise.
  if (!pattern.starts_with('^') || pattern.find('|') != pattern.npos || pattern.find("(?") != pattern.npos) return {};
  std::string out;
  for (std::size_t i = 1; i < pattern.size(); ++i) {
    constexpr std::string_view kMeanings = ".[](){}*+?^$";
    const bool escaped = pattern[i] == '\\' && i + 1 < pattern.size() && kMeanings.contains(pattern[i + 1]);
    if (escaped) ++i;
    else if (pattern[i] == '\\' || kMeanings.contains(pattern[i])) {
      // What may be left out is no part of it, nor are the bytes before it that make one letter with it.
      if (pattern[i] == '*' || pattern[i] == '?' || pattern[i] == '{') {
        while (!out.empty() && (std::uint8_t(out.back()) & 0xc0) == 0x80) out.pop_back();
        if (!out.empty()) out.pop_back();
      }
      break;
    }
    out += pattern[i];
  }
  return out;
}

const std::string& Pattern::text() const {
  return compiled_->pattern();
}

}  // namespace cityloop::twin
