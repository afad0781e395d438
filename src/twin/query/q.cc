#include "twin/query/q.h"

#include <algorithm>
#include <charconv>

#include "twin/query/q_value.h"
#include "twin/utf8.h"

namespace cityloop::twin {
namespace {

constexpr std::size_t kTextMax = std::size_t{16} * 1024;
constexpr std::size_t kNameMax = 512;
constexpr int kDepthMax = 64;
constexpr std::size_t kTermsMax = 1000;
constexpr std::size_t kListMax = 1000;

using base::Errc;

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// Letters of any script, digits, and what prefixed and expanded names use.
bool is_name_char(char c) {
  const auto u = std::uint8_t(c);
  return u >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         c == ':' || c == '-' || c == '/' || c == '#' || c == '@' || c == '*' || c == '$' || c == '%';
}

class Parser {
 public:
  Parser(std::string_view text, const QReading& how)
      : text_(text), how_(how), context_(how.context ? *how.context : *Context::core()) {}

  base::Result<QTerm> whole() {
    QTerm root = TRY(any());
    skip_blanks();
    if (at_ < text_.size()) return wrong("';', '|' or the end");
    return root;
  }

 private:
  std::unexpected<base::Error> wrong(std::string_view expected, std::size_t at) const {
    const std::size_t characters = utf8_length(text_.substr(0, at));
    std::size_t end = at + 1;
    while (end < text_.size() && (std::uint8_t(text_[end]) & 0xc0) == 0x80) ++end;
    const std::string found = at < text_.size() ? fmt::format("'{}'", text_.substr(at, end - at)) : "the end";
    return base::fail(Errc::invalid, "q, character {}: expected {}, found {}", characters + 1, expected, found);
  }
  std::unexpected<base::Error> wrong(std::string_view expected) const { return wrong(expected, at_); }

  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }
  bool take(std::string_view token) {
    if (text_.substr(at_, token.size()) != token) return false;
    at_ += token.size();
    return true;
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  base::Result<QTerm> any() { return joined(QKind::any, '|'); }

  // Terms joined by `;` or, one level up, by `|`.
  base::Result<QTerm> joined(QKind kind, char joiner) {
    QTerm out;
    out.kind = kind;
    while (true) {
      out.parts.push_back(TRY(kind == QKind::any ? joined(QKind::all, ';') : unit()));
      skip_blanks();
      if (peek() != joiner || at_ >= text_.size()) break;
      ++at_;
    }
    if (out.parts.size() > 1) return out;
    QTerm only = std::move(out.parts.front());
    return only;
  }

  base::Result<QTerm> unit() {
    skip_blanks();
    if (!take("(")) return term();
    if (++depth_ > kDepthMax) {
      return base::fail(Errc::full, "q: more than {} brackets within one another", kDepthMax);
    }
    QTerm inner = TRY(any());
    skip_blanks();
    if (!take(")")) return wrong("')'");
    --depth_;
    return inner;
  }

  base::Result<QTerm> term() {
    if (++terms_ > kTermsMax) return base::fail(Errc::full, "q: more than {} terms", kTermsMax);
    QTerm out;
    out.absent = take("!");
    skip_blanks();
    if (out.absent && peek() == '(') return wrong("an attribute's name after '!'");
    out.path = TRY(path());
    skip_blanks();
    const std::size_t operator_at = at_;
    out.op = take_operator();
    if (out.op == QOperator::exists) return out;
    if (out.absent) return wrong("no comparison after '!attribute'", operator_at);
    skip_blanks();
    if (out.op == QOperator::pattern || out.op == QOperator::no_pattern) {
      out.pattern = TRY(pattern());
    } else {
      bare_words_ = std::ranges::find(how_.expand_values, out.path.attribute) != how_.expand_values.end();
      out.operands = TRY(operands(out.op == QOperator::equal || out.op == QOperator::unequal));
      if (bare_words_) expand(out.operands);
    }
    return out;
  }

  void expand(std::vector<QOperand>& operands) const {
    for (QOperand& operand : operands) {
      if (operand.low.kind == QValueKind::text) operand.low.text = context_.expand_text(operand.low.text);
    }
  }

  QOperator take_operator() {
    if (take("==")) return QOperator::equal;
    if (take("!=")) return QOperator::unequal;
    if (take("!~=")) return QOperator::no_pattern;
    if (take("~=")) return QOperator::pattern;
    if (take(">=")) return QOperator::greater_equal;
    if (take(">")) return QOperator::greater;
    if (take("<=")) return QOperator::less_equal;
    if (take("<")) return QOperator::less;
    return QOperator::exists;
  }

  std::size_t run_end(std::size_t from) const {
    while (from < text_.size() && is_name_char(text_[from])) ++from;
    return from;
  }

  // Where the name ends that begins here; see the header of q.h.
  std::size_t name_end(std::size_t from) const {
    const auto names_scheme = [&](std::size_t begin, std::size_t end) {
      return text_.substr(begin, end - begin).find("://") != text_.npos;
    };
    std::size_t end = run_end(from);
    if (!names_scheme(from, end)) return end;
    while (end + 1 < text_.size() && text_[end] == '.') {
      const std::size_t next = run_end(end + 1);
      if (next == end + 1 || names_scheme(end + 1, next)) break;
      end = next;
    }
    const std::size_t last = from + text_.substr(from, end - from).find_last_of("/#");
    return std::min(text_.find('.', last), end);
  }

  base::Result<QStep> step(std::string_view what) {
    skip_blanks();
    const std::size_t from = at_;
    at_ = name_end(from);
    if (at_ == from) return wrong(what);
    const std::string_view name = text_.substr(from, at_ - from);
    if (name.size() > kNameMax) return wrong(fmt::format("a name of at most {} bytes", kNameMax), from);
    return QStep{std::string(name), context_.expand(name), meta_of(name)};
  }

  base::Result<QPath> path() {
    QPath out;
    skip_blanks();
    if ((peek() >= '0' && peek() <= '9') || peek() == '-') return wrong("an attribute's name");
    QStep first = TRY(step("an attribute's name"));
    out.attribute = first.name;
    out.meta = is_system_attribute(first.text) ? first.meta : QMeta::none;
    while (take(".")) {
      out.below.push_back(TRY(step("a name after '.'")));
      if (out.below.size() > std::size_t(kDepthMax)) return wrong("a shorter path");
    }
    if (take("{")) {
      out.link = TRY(link());
      return out;
    }
    if (take("[")) {
      do {
        out.trailing.push_back(TRY(step("a name inside '[…]'")));
        if (out.trailing.size() > std::size_t(kDepthMax)) return wrong("a shorter path");
      } while (take("."));
      skip_blanks();
      if (!take("]")) return wrong("']'");
    }
    return out;
  }

  // The types before the ':' of {Building,House:name}; none, and nothing read, where there is no such ':'. That of a
  // scheme ("https://") ends no type.
  std::vector<flow::Name> linked_types() {
    std::vector<flow::Name> out;
    const std::size_t from = at_;
    while (true) {
      skip_blanks();
      std::size_t end = at_;
      while (end < text_.size() && (is_name_char(text_[end]) || text_[end] == '.')) {
        if (text_[end] == ':' && text_.substr(end, 3) != "://") break;
        ++end;
      }
      if (end > at_) out.push_back(context_.expand(text_.substr(at_, end - at_)));
      at_ = end;
      if (take(":")) return out;
      if (take(",") || take("|")) continue;
      at_ = from;
      return {};
    }
  }

  base::Result<QLink> link() {
    QLink out;
    out.types = linked_types();
    if (++depth_ > kDepthMax) return wrong("a shorter path");
    out.path = std::make_shared<const QPath>(TRY(path()));
    --depth_;
    skip_blanks();
    if (!take("}")) return wrong("'}'");
    return out;
  }

  base::Result<std::vector<QOperand>> operands(bool list_allowed) {
    std::vector<QOperand> out;
    while (true) {
      skip_blanks();
      QOperand operand;
      const std::size_t from = at_;
      operand.low = TRY(value());
      skip_blanks();
      if (take("..")) {
        if (!list_allowed) return wrong("no range after an ordering operator", from);
        skip_blanks();
        const std::size_t high_at = at_;
        operand.high = TRY(value());
        if (operand.low.kind == QValueKind::boolean || operand.high->kind != operand.low.kind) {
          return wrong("a range's end of the same kind as its beginning", high_at);
        }
      }
      if (!list_allowed && operand.low.kind == QValueKind::boolean) {
        return wrong("a number, a text or a time after an ordering operator", from);
      }
      out.push_back(std::move(operand));
      skip_blanks();
      if (!take(",")) return out;
      if (!list_allowed) return wrong("no list after an ordering operator", at_ - 1);
      if (out.size() >= kListMax) return base::fail(Errc::full, "q: more than {} values in a list", kListMax);
    }
  }

  base::Result<QValue> value() {
    constexpr std::string_view kExpected =
        "a value: a number, a \"text\", true, false, a date, a time or a URI (a text stands in quotes)";
    if (peek() == '"') return text_value(TRY(quoted(false)));
    const std::size_t from = at_;
    std::size_t end = from;
    while (end < text_.size() && !is_blank(text_[end]) &&
           std::string_view(";|),(\"").find(text_[end]) == std::string_view::npos) {
      if (text_.substr(end, 2) == "..") break;
      ++end;
    }
    auto read = bare_value(text_.substr(from, end - from));
    if (!read && bare_words_ && end > from && run_end(from) == end) {
      read = text_value(std::string(text_.substr(from, end - from)));
    }
    if (!read) return wrong(kExpected, from);
    at_ = end;
    return *read;
  }

  // The text between quotes. In a pattern a backslash belongs to the pattern, unless it stands before a quote.
  base::Result<std::string> quoted(bool is_pattern) {
    const std::size_t from = at_++;
    std::string out;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] != '\\') {
        out += text_[at_++];
        continue;
      }
      if (++at_ >= text_.size()) break;
      if (is_pattern) {
        if (text_[at_] != '"') out += '\\';
        out += text_[at_++];
      } else if (!escape(out)) {
        return wrong("one of \" \\ / b f n r t u after a backslash");
      }
    }
    if (!take("\"")) return wrong(fmt::format("'\"' to end the text"), at_ >= text_.size() ? at_ : from);
    return out;
  }

  bool escape(std::string& out) {
    const char c = text_[at_++];
    constexpr std::string_view kFrom = "\"\\/bfnrt", kTo = "\"\\/\b\f\n\r\t";
    if (const auto known = kFrom.find(c); known != kFrom.npos) {
      out += kTo[known];
      return true;
    }
    std::uint32_t code = 0;
    if (c == 'u' && hex4(code)) {
      std::uint32_t low = 0;
      if (code >= 0xd800 && code < 0xdc00 && take("\\u") && hex4(low) && low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      }
      if (code < 0xd800 || code > 0xdfff) return append_utf8(out, code), true;
    }
    --at_;
    return false;
  }

  bool hex4(std::uint32_t& out) {
    if (at_ + 4 > text_.size()) return false;
    const auto end = text_.data() + at_ + 4;
    if (std::from_chars(text_.data() + at_, end, out, 16).ptr != end) return false;
    at_ += 4;
    return true;
  }

  base::Result<Pattern> pattern() {
    const std::size_t from = at_;
    std::string text;
    if (peek() == '"') {
      text = TRY(quoted(true));
    } else {  // bare, it ends where the term ends
      while (at_ < text_.size() && std::string_view(";|)").find(text_[at_]) == std::string_view::npos)
        text += text_[at_++];
      while (!text.empty() && is_blank(text.back())) text.pop_back();
      if (text.empty()) return wrong("a regular expression");
    }
    auto compiled = Pattern::compile(text);
    if (!compiled) {
      const auto characters = utf8_length(text_.substr(0, from));
      return base::fail(compiled.error().code, "q, character {}: {}", characters + 1, compiled.error().message);
    }
    return compiled;
  }

  std::string_view text_;
  const QReading& how_;
  const Context& context_;
  std::size_t at_{0};
  int depth_{0};
  std::size_t terms_{0};
  bool bare_words_{false};  // of the term at hand
};

template <class Visit>
void each_term(const QTerm& term, const Visit& visit) {
  for (const QTerm& part : term.parts) each_term(part, visit);
  if (term.kind == QKind::term) visit(term);
}

int depth_of(const QPath& path) {
  return path.link ? 1 + depth_of(*path.link->path) : 0;
}

std::optional<SimpleComparison> simple_of(const QTerm& term) {
  if (term.kind != QKind::term || !term.path.plain() || term.operands.size() != 1) return std::nullopt;
  const QOperand& operand = term.operands.front();
  const bool plain = operand.low.kind == QValueKind::number && operand.low.exact().is_double();
  if (operand.high || !plain) return std::nullopt;
  return SimpleComparison{term.path.attribute, term.op, operand.low.number};
}

}  // namespace

base::Result<Q> Q::parse(std::string_view text, const QReading& how) {
  if (text.size() > kTextMax) {
    return base::fail(Errc::full, "q: {} bytes are more than the {} allowed", text.size(), kTextMax);
  }
  if (const auto bad = first_bad_utf8(text)) return base::fail(Errc::invalid, "q: byte {} is not UTF-8", *bad + 1);
  Q out;
  out.text_ = text;
  out.root_ = std::make_shared<const QTerm>(TRY(Parser(text, how).whole()));
  return out;
}

std::vector<flow::Name> Q::attributes() const {
  std::vector<flow::Name> out;
  each_term(*root_, [&](const QTerm& term) { out.push_back(term.path.attribute); });
  std::ranges::sort(out, {}, [](flow::Name n) { return n.text(); });
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

int Q::link_depth() const {
  int out = 0;
  each_term(*root_, [&](const QTerm& term) { out = std::max(out, depth_of(term.path)); });
  return out;
}

bool Q::names_attribute() const {
  bool out = false;
  each_term(*root_, [&](const QTerm& term) { out |= !is_system_attribute(term.path.attribute.text()); });
  return out;
}

std::optional<SimpleComparison> Q::simple() const {
  return simple_of(*root_);
}

std::optional<std::vector<SimpleComparison>> Q::conjunction() const {
  std::vector<SimpleComparison> out;
  std::vector<const QTerm*> waiting{root_.get()};
  while (!waiting.empty()) {
    const QTerm* const term = waiting.back();
    waiting.pop_back();
    if (term->kind == QKind::any) return std::nullopt;
    if (term->kind == QKind::all) {
      for (auto part = term->parts.rbegin(); part != term->parts.rend(); ++part) waiting.push_back(&*part);
      continue;
    }
    const auto simple = simple_of(*term);
    if (!simple) return std::nullopt;
    out.push_back(*simple);
  }
  return out;
}

bool is_system_attribute(std::string_view name) {
  return name == "createdAt" || name == "modifiedAt" || name == "deletedAt" || name == "expiresAt";
}

std::string_view to_string(QOperator op) {
  switch (op) {
    case QOperator::exists: return "";
    case QOperator::equal: return "==";
    case QOperator::unequal: return "!=";
    case QOperator::greater: return ">";
    case QOperator::greater_equal: return ">=";
    case QOperator::less: return "<";
    case QOperator::less_equal: return "<=";
    case QOperator::pattern: return "~=";
    case QOperator::no_pattern: return "!~=";
  }
  return "";
}

}  // namespace cityloop::twin
