// Which members of entities are shown (clause 4.21).
#include <algorithm>

#include "twin/ngsi/ngsi.h"

namespace cityloop::twin {
namespace {

using base::Errc;
using flow::Name;

constexpr int kDepthMax = 8;
constexpr std::size_t kMembersMax = 1000;

// Members of the entity itself are keywords, not terms.
Name member(std::string_view word, const Context& context) {
  const bool keyword = word == "id" || word == "type" || word == "scope";
  return keyword ? Name(word) : context.expand(word);
}

class Reader {
 public:
  Reader(std::string_view parameter, std::string_view text, const Context& context)
      : parameter_(parameter), text_(text), context_(context) {}

  base::Status whole(Projection& out, bool omits) {
    TRY(list(out, omits, 0));
    if (at_ < text_.size()) return wrong();
    return {};
  }

 private:
  std::unexpected<base::Error> wrong() const {
    return base::fail(Errc::invalid, "{}: position {} does not continue the list of names", parameter_, at_ + 1);
  }
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  base::Status list(Projection& out, bool omits, int depth) {
    if (depth > kDepthMax) return base::fail(Errc::full, "{}: more than {} braces", parameter_, kDepthMax);
    do {
      const std::size_t from = at_;
      at_ = std::min(text_.find_first_of(",|{}", at_), text_.size());
      const std::string_view word = text_.substr(from, at_ - from);
      if (word.empty() || word.find_first_of(" <>\"'=;()") != word.npos) return wrong();
      const Name name = member(word, context_);
      if (++members_ > kMembersMax) return base::fail(Errc::full, "{}: more than {} names", parameter_, kMembersMax);
      const bool goes_on = take('{');
      if (!omits) out.pick.push_back(name);
      else if (!goes_on) out.omit.push_back(name);
      if (!goes_on) continue;
      auto known = std::ranges::find(out.linked, name, &decltype(out.linked)::value_type::first);
      if (known == out.linked.end()) known = out.linked.emplace(known, name, std::make_shared<Projection>());
      auto inner = std::make_shared<Projection>(*known->second);
      TRY(list(*inner, omits, depth + 1));
      if (!take('}')) return wrong();
      out.linked[std::size_t(known - out.linked.begin())].second = std::move(inner);
    } while (take(',') || take('|'));
    return {};
  }

  std::string_view parameter_, text_;
  const Context& context_;
  std::size_t at_{0}, members_{0};
};

}  // namespace

base::Result<Projection> Projection::parse(std::optional<std::string_view> pick, std::optional<std::string_view> omit,
                                           const Context* context) {
  Projection out;
  const Context& terms = context ? *context : *Context::core();
  if (pick) TRY(Reader("pick", *pick, terms).whole(out, false));
  if (omit) TRY(Reader("omit", *omit, terms).whole(out, true));
  return out;
}

bool Projection::shows(Name member) const {
  if (!pick.empty() && std::ranges::find(pick, member) == pick.end()) return false;
  return std::ranges::find(omit, member) == omit.end();
}

const Projection& Projection::behind(Name relationship) const {
  const auto found = std::ranges::find(linked, relationship, &decltype(linked)::value_type::first);
  return found == linked.end() ? *this : *found->second;
}

int Projection::depth() const {
  int out = 0;
  for (const auto& [name, inner] : linked) out = std::max(out, 1 + inner->depth());
  return out;
}

}  // namespace cityloop::twin
