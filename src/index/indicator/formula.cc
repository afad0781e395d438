#include "index/indicator/formula.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace cityloop::index {

using base::Errc;
using base::fail;
using base::Status;

// Recursive descent, straight into steps of a stack machine.
class FormulaReader {
 public:
  FormulaReader(std::string_view text, Formula& out) : text_(text), out_(out) {}

  Status read() {
    TRY(sum());
    skip();
    if (at_ < text_.size()) return expected("an operator or the end");
    return {};
  }

 private:
  using Op = Formula::Op;
  static constexpr int kDepthMax = 64;

  base::Status expected(std::string_view what) const {
    return fail(Errc::invalid, "at character {} of the formula {} was expected", at_ + 1, what);
  }
  void skip() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) ++at_;
  }
  bool take(char c) {
    skip();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void put(Op op, std::uint32_t count = 2, double number = 0) { out_.code_.push_back({op, count, number}); }

  Status sum() {
    TRY(product());
    for (;;) {
      const bool add = take('+');
      if (!add && !take('-')) return {};
      TRY(product());
      put(add ? Op::add : Op::subtract);
    }
  }

  Status product() {
    TRY(factor());
    for (;;) {
      const bool times = take('*');
      if (!times && !take('/')) return {};
      TRY(factor());
      put(times ? Op::multiply : Op::divide);
    }
  }

  Status factor() {
    if (++depth_ > kDepthMax) return fail(Errc::invalid, "the formula has more than {} brackets in one another", 64);
    const Status done = inner();
    --depth_;
    return done;
  }

  Status inner() {
    if (take('-')) {
      TRY(factor());
      put(Op::negate, 1);
      return {};
    }
    if (take('(')) {
      TRY(sum());
      return take(')') ? Status{} : expected("')'");
    }
    skip();
    if (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '.')) return number();
    const std::string_view word = name();
    if (word.empty()) return expected("a number, an indicator or '('");
    return take('(') ? function(word) : input(word);
  }

  Status number() {
    double value = 0;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (error != std::errc{} || !std::isfinite(value)) return expected("a number");
    at_ = std::size_t(end - text_.data());
    put(Op::number, 0, value);
    return {};
  }

  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  std::string_view name() {
    const std::size_t from = at_;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (!(c >= 'a' && c <= 'z') && c != '_' && !(at_ > from && is_digit(c))) break;
      ++at_;
    }
    return text_.substr(from, at_ - from);
  }

  Status input(std::string_view word) {
    bool of_city = false;
    if (take('@')) {
      if (name() != "city") return expected("'city'");
      of_city = true;
    }
    push_input({std::string(word), of_city});
    return {};
  }

  void push_input(Formula::Input input) {
    auto known = std::ranges::find(out_.inputs_, input);
    if (known == out_.inputs_.end()) {
      out_.inputs_.push_back(std::move(input));
      known = out_.inputs_.end() - 1;
    }
    put(Op::input, std::uint32_t(known - out_.inputs_.begin()));
  }

  Status function(std::string_view word) {
    std::uint32_t count = 0;
    do {
      TRY(sum());
      ++count;
    } while (take(','));
    if (!take(')')) return expected("',' or ')'");
    if (word == "per_1000" || word == "per_km2") {
      if (count != 1) return fail(Errc::invalid, "{} takes one value", word);
      if (word == "per_1000") put(Op::number, 0, 1000), put(Op::multiply);
      push_input({std::string(word == "per_1000" ? kInhabitants : kAreaKm2), false});
      put(Op::divide);
      return {};
    }
    if (word == "weighted") {
      if (count % 2 != 0) return fail(Errc::invalid, "weighted takes values and weights in turn");
      put(Op::weighted, count);
      return {};
    }
    if (word != "min" && word != "max")
      return fail(Errc::invalid, "there is no function '{}': min, max, per_1000, per_km2, weighted", word);
    put(word == "min" ? Op::least : Op::most, count);
    return {};
  }

  std::string_view text_;
  Formula& out_;
  std::size_t at_{0};
  int depth_{0};
};

base::Result<Formula> Formula::parse(std::string_view text) {
  constexpr std::size_t kLengthMax = 2000;
  if (text.size() > kLengthMax) return fail(Errc::invalid, "a formula has at most {} characters", kLengthMax);
  Formula out;
  out.text_ = text;
  FormulaReader reader(text, out);
  TRY(reader.read());
  return out;
}

double Formula::run(double (*give)(const void*, std::size_t), const void* context) const {
  constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
  double stack[2 * 2000];  // no formula is longer than that
  std::size_t n = 0;
  for (const Step& step : code_) {
    switch (step.op) {
      case Op::number: stack[n++] = step.number; continue;
      case Op::input: stack[n++] = give(context, step.count); continue;
      case Op::negate: stack[n - 1] = -stack[n - 1]; continue;
      default: break;
    }
    double* const from = stack + n - step.count;
    double out = from[0];
    for (std::uint32_t i = 0; i < step.count; ++i) {
      if (std::isnan(from[i])) out = kMissing;
    }
    if (!std::isnan(out)) {
      switch (step.op) {
        case Op::add: out = from[0] + from[1]; break;
        case Op::subtract: out = from[0] - from[1]; break;
        case Op::multiply: out = from[0] * from[1]; break;
        case Op::divide: out = from[1] == 0 ? kMissing : from[0] / from[1]; break;
        case Op::least: out = *std::min_element(from, from + step.count); break;
        case Op::most: out = *std::max_element(from, from + step.count); break;
        case Op::weighted: {
          double sum = 0, weights = 0;
          for (std::uint32_t i = 0; i + 1 < step.count; i += 2) sum += from[i] * from[i + 1], weights += from[i + 1];
          out = weights == 0 ? kMissing : sum / weights;
          break;
        }
        default: break;
      }
    }
    n -= step.count;
    stack[n++] = out;
  }
  return n == 1 && std::isfinite(stack[0]) ? stack[0] : kMissing;
}

}  // namespace cityloop::index
