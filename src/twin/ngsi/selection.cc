#include "twin/ngsi/selection.h"

#include <algorithm>

namespace cityloop::twin {

using base::Errc;
using base::Result;
using flow::Name;

class Selection::Parser {
 public:
  Parser(std::string_view parameter, std::string_view text, const Word& word)
      : parameter_(parameter), text_(text), word_(word) {}

  Result<Node> whole() {
    Node root = TRY(joined(Node::Kind::any));
    if (at_ < text_.size()) return wrong();
    return root;
  }

 private:
  static constexpr int kDepthMax = 64;
  static constexpr std::size_t kWordsMax = 1000;

  std::unexpected<base::Error> wrong() const {
    return base::fail(Errc::invalid,
                      "{}: position {} does not continue the expression (words, ';', ',', '|', brackets)", parameter_,
                      at_ + 1);
  }

  bool takes_joiner(Node::Kind kind) {
    if (at_ >= text_.size()) return false;
    const char c = text_[at_];
    if (kind == Node::Kind::all ? c != ';' : c != ',' && c != '|') return false;
    ++at_;
    return true;
  }

  Result<Node> joined(Node::Kind kind) {
    Node out;
    out.kind = kind;
    do {
      out.parts.push_back(TRY(kind == Node::Kind::any ? joined(Node::Kind::all) : unit()));
    } while (takes_joiner(kind));
    if (out.parts.size() > 1) return out;
    Node only = std::move(out.parts.front());
    return only;
  }

  Result<Node> unit() {
    if (at_ < text_.size() && text_[at_] == '(') {
      if (++depth_ > kDepthMax) return base::fail(Errc::full, "{}: more than {} brackets", parameter_, kDepthMax);
      ++at_;
      Node inner = TRY(joined(Node::Kind::any));
      if (at_ >= text_.size() || text_[at_] != ')') return wrong();
      ++at_;
      --depth_;
      return inner;
    }
    if (++words_ > kWordsMax) return base::fail(Errc::full, "{}: more than {} words", parameter_, kWordsMax);
    const std::size_t from = at_;
    at_ = std::min(text_.find_first_of(";,|()", at_), text_.size());
    if (at_ == from) return wrong();
    Node out;
    out.word = Name(TRY(word_(text_.substr(from, at_ - from))));
    return out;
  }

  std::string_view parameter_, text_;
  const Word& word_;
  std::size_t at_{0}, words_{0};
  int depth_{0};
};

Result<Selection> Selection::parse(std::string_view parameter, std::string_view text, const Word& word) {
  Selection out;
  out.root_ = std::make_shared<const Node>(TRY(Parser(parameter, text, word).whole()));
  return out;
}

template <class Holds>
bool Selection::holds(const Node& node, const Holds& word_holds) {
  const auto part_holds = [&](const Node& part) { return holds(part, word_holds); };
  switch (node.kind) {
    case Node::Kind::all: return std::ranges::all_of(node.parts, part_holds);
    case Node::Kind::any: return std::ranges::any_of(node.parts, part_holds);
    case Node::Kind::word: break;
  }
  return word_holds(node.word);
}

bool Selection::has_type(const std::vector<Name>& types) const {
  return holds(*root_, [&](Name word) { return std::ranges::find(types, word) != types.end(); });
}

bool Selection::has_scope(const std::vector<Name>& scopes) const {
  return holds(*root_, [&](Name word) {
    return std::ranges::any_of(scopes, [&](Name scope) { return scope_fits(word.text(), scope.text()); });
  });
}

bool Selection::is_list() const {
  return root_->kind == Node::Kind::word ||
         (root_->kind == Node::Kind::any &&
          std::ranges::all_of(root_->parts, [](const Node& part) { return part.kind == Node::Kind::word; }));
}

void Selection::gather(const Node& node, std::vector<Name>& out) {
  if (node.kind == Node::Kind::word && std::ranges::find(out, node.word) == out.end()) out.push_back(node.word);
  if (node.kind == Node::Kind::all) gather(node.parts.front(), out);
  if (node.kind == Node::Kind::any) {
    for (const Node& part : node.parts) gather(part, out);
  }
}

std::vector<Name> Selection::candidates() const {
  std::vector<Name> out;
  gather(*root_, out);
  return out;
}

namespace {

// The first level of a scope, which is left with the others; empty at its end.
std::string_view take_level(std::string_view& scope) {
  while (scope.starts_with('/')) scope.remove_prefix(1);
  const auto end = std::min(scope.find('/'), scope.size());
  const std::string_view level = scope.substr(0, end);
  scope.remove_prefix(end);
  return level;
}

}  // namespace

std::string scope_levels(std::string_view scope) {
  std::string out;
  for (auto level = take_level(scope); !level.empty(); level = take_level(scope)) {
    if (!out.empty()) out += '/';
    out += level;
  }
  return out;
}

bool scope_fits(std::string_view pattern, std::string_view scope) {
  while (true) {
    const std::string_view wanted = take_level(pattern);
    if (wanted == "#") return true;
    const std::string_view level = take_level(scope);
    if (wanted.empty() || level.empty()) return wanted.empty() && level.empty();
    if (wanted != "+" && wanted != level) return false;
  }
}

}  // namespace cityloop::twin
