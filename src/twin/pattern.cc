#include "twin/pattern.h"

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

const std::string& Pattern::text() const {
  return compiled_->pattern();
}

}  // namespace cityloop::twin
