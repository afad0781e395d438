#include "test/app/matrix.h"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace cityloop::app {
namespace {

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> out;
  for (std::string word; in >> word;) out.push_back(word);
  return out;
}

base::Status read_right(Matrix& to, const std::vector<std::string>& words, int line) {
  if (words.size() != to.people.size() + 1)
    return base::fail(base::Errc::invalid, "line {}: {} has {} marks for {} people", line, words.front(),
                      words.size() - 1, to.people.size());
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i] != "+" && words[i] != "." && words[i] != "x")
      return base::fail(base::Errc::invalid, "line {}: '{}' is none of + . x", line, words[i]);
    to.rights[words.front()] += words[i];
  }
  return {};
}

base::Status read_route(Matrix& to, const std::string& text, const std::vector<std::string>& words, int line) {
  if (words.size() < 3) return base::fail(base::Errc::invalid, "line {}: a route is METHOD PATTERN RIGHT", line);
  if (!to.rights.contains(words[2]))
    return base::fail(base::Errc::invalid, "line {}: there is no right '{}'", line, words[2]);
  std::string body;
  if (words.size() > 3) body = text.substr(text.find(words[3], text.find(words[2]) + words[2].size()));
  to.routes.push_back({words[0], words[1], words[2], body, line});
  return {};
}

base::Status read_step(Matrix& to, const std::string& text, int line) {
  const std::size_t first = text.find(':'), second = text.find(':', first + 1);
  if (first == std::string::npos || second == std::string::npos)
    return base::fail(base::Errc::invalid, "line {}: a step is VERB : states : by whom", line);
  Matrix::Step step{words_of(text.substr(0, first)).at(0), {}, {}, {}, line};
  for (const std::string& state : words_of(text.substr(first + 1, second - first - 1))) {
    if (state.front() == '~') step.elsewhere.insert(state.substr(1));
    else step.from.insert(state);
  }
  for (const std::string& who : words_of(text.substr(second + 1))) step.by.insert(who);
  to.steps.push_back(std::move(step));
  return {};
}

}  // namespace

base::Result<Matrix> Matrix::load(const std::string& file) {
  Matrix out;
  TRY(out.add(file));
  return out;
}

base::Status Matrix::add(const std::string& file) {
  std::ifstream in(file);
  if (!in) return base::fail(base::Errc::not_found, "there is no {}", file);
  Matrix& out = *this;
  std::string section;
  int line = 0;
  for (std::string text; std::getline(in, text);) {
    ++line;
    const auto words = words_of(text);
    if (words.empty() || words.front().front() == '#') continue;
    if (words.front().front() == '[' && words.size() == 1) section = words.front();
    else if (section == "[people]") out.people.insert(out.people.end(), words.begin(), words.end());
    else if (section == "[rights]") TRY(read_right(out, words, line));
    else if (section == "[routes]") TRY(read_route(out, text, words, line));
    else if (section == "[steps]") TRY(read_step(out, text, line));
    else return base::fail(base::Errc::invalid, "line {}: no section '{}'", line, section);
  }
  return {};
}

const Matrix::Route* Matrix::find(const std::string& method, const std::string& pattern) const {
  const auto found =
      std::ranges::find_if(routes, [&](const Route& one) { return one.method == method && one.pattern == pattern; });
  return found == routes.end() ? nullptr : &*found;
}

}  // namespace cityloop::app
