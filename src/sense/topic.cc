#include "sense/topic.h"

#include <algorithm>

namespace cityloop::sense {

using base::Errc;
using base::fail;

namespace {

std::string_view take_part(std::string_view& rest, bool& more) {
  const std::size_t slash = rest.find('/');
  const std::string_view part = rest.substr(0, slash);
  more = slash != rest.npos;
  rest.remove_prefix(more ? slash + 1 : rest.size());
  return part;
}

}  // namespace

base::Result<TopicPattern> TopicPattern::parse(std::string_view text) {
  if (text.empty() || text.size() > 1024) return fail(Errc::invalid, "a topic has 1 to 1024 letters");
  TopicPattern out;
  std::string_view rest = text;
  for (bool more = true; more;) {
    const std::string_view part = take_part(rest, more);
    if (!out.filter_.empty() || !out.parts_.empty()) out.filter_ += '/';
    if (part == "+") {
      out.parts_.push_back({Part::Kind::any, {}});
      out.filter_ += '+';
    } else if (part == "#") {
      if (more) return fail(Errc::invalid, "'#' may stand only at the end of the topic '{}'", text);
      out.parts_.push_back({Part::Kind::rest, {}});
      out.filter_ += '#';
    } else if (part.size() > 2 && part.front() == '{' && part.back() == '}') {
      std::string name(part.substr(1, part.size() - 2));
      if (std::find(out.names_.begin(), out.names_.end(), name) != out.names_.end()) {
        return fail(Errc::invalid, "'{{{}}}' stands twice in the topic '{}'", name, text);
      }
      out.parts_.push_back({Part::Kind::named, name});
      out.names_.push_back(std::move(name));
      out.filter_ += '+';
    } else if (part.find_first_of("+#{}") != part.npos) {
      return fail(Errc::invalid, "'{}' in the topic '{}' must be a whole part between slashes", part, text);
    } else {
      out.parts_.push_back({Part::Kind::literal, std::string(part)});
      out.filter_ += part;
    }
  }
  return out;
}

bool TopicPattern::match(std::string_view topic, std::vector<std::string_view>& out) const {
  out.clear();
  bool more = true;
  for (const Part& wanted : parts_) {
    if (wanted.kind == Part::Kind::rest) return true;
    if (!more) return false;
    const std::string_view part = take_part(topic, more);
    if (wanted.kind == Part::Kind::literal && part != wanted.text) return false;
    if (wanted.kind == Part::Kind::named) out.push_back(part);
  }
  return !more;
}

}  // namespace cityloop::sense
