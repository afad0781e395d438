#include "dialogue.h"

#include <algorithm>
#include <charconv>

#include "net/url.h"

namespace cityloop::app {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return out;
}

std::optional<net::Method> method_named(std::string_view word) {
  using net::Method;
  for (const Method method :
       {Method::get, Method::head, Method::post, Method::put, Method::patch, Method::del, Method::options}) {
    if (net::to_string(method) == word) return method;
  }
  return std::nullopt;
}

// "Name: value" → both; nothing when the line is none.
std::optional<std::pair<std::string, std::string>> header_of(std::string_view line) {
  const auto colon = line.find(": ");
  if (colon == line.npos || line.find_first_of("{[\"") < colon || line.find(' ') < colon) return std::nullopt;
  return std::pair(lower(line.substr(0, colon)), std::string(line.substr(colon + 2)));
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  base::Result<std::vector<Step>> whole() {
    while (next()) {
      if (line_.starts_with("## ")) title_ = line_.substr(3);
      else if (!line_.empty() && !line_.starts_with('#')) steps_.push_back(TRY(step()));
    }
    return std::move(steps_);
  }

 private:
  bool next() {
    if (at_ >= text_.size()) return false;
    const auto end = std::min(text_.find('\n', at_), text_.size());
    line_ = text_.substr(at_, end - at_);
    at_ = end + 1;
    ++number_;
    return true;
  }

  std::unexpected<base::Error> wrong(std::string_view what) const {
    return base::fail(base::Errc::invalid, "line {}: {}", number_, what);
  }

  base::Result<Step> step() {
    Step out;
    out.line = number_;
    out.title = title_;
    const auto blank = line_.find(' ');
    const auto method = method_named(line_.substr(0, blank));
    if (!method || blank == line_.npos) return wrong("expected a method and a target");
    out.request.method = *method;
    out.request.raw_path = std::string(line_.substr(blank + 1, line_.find('?') - blank - 1));
    const auto target = TRY(net::parse_target(line_.substr(blank + 1)));
    out.request.path = target.path;
    out.request.query = target.query;
    bool in_headers = true;
    while (next() && !line_.starts_with("=>")) {
      const auto header = in_headers ? header_of(line_) : std::nullopt;
      if (header) {
        out.request.headers.push_back(*header);
        continue;
      }
      in_headers = false;
      out.request.body.append(line_).append("\n");
    }
    while (out.request.body.ends_with('\n')) out.request.body.pop_back();
    TRY(answer(out));
    return out;
  }

  base::Status answer(Step& out) {
    if (!line_.starts_with("=> ")) return wrong("expected '=> STATUS'");
    const std::string_view status = line_.substr(3);
    if (std::from_chars(status.data(), status.data() + status.size(), out.status).ec != std::errc{}) {
      return wrong("expected a status");
    }
    bool in_headers = true;
    while (at_ < text_.size() && text_[at_] != '\n' && text_.substr(at_, 2) != "##") {
      next();
      const auto header = in_headers ? header_of(line_) : std::nullopt;
      if (header) {
        out.headers.push_back(*header);
        continue;
      }
      in_headers = false;
      out.body.append(line_).append("\n");
    }
    while (out.body.ends_with('\n')) out.body.pop_back();
    return {};
  }

  std::string_view text_, line_;
  std::size_t at_{0};
  int number_{0};
  std::string title_;
  std::vector<Step> steps_;
};

bool is_any(const base::JsonValue& value) {
  return value.text() && *value.text() == "*";
}

}  // namespace

base::Result<std::vector<Step>> read_dialogue(std::string_view text) {
  return Reader(text).whole();
}

bool as_expected(const base::JsonValue& expected, const base::JsonValue& got, std::string& path) {
  if (is_any(expected)) return true;
  if (expected.is.index() != got.is.index()) return false;
  const std::string here = path;
  if (expected.array()) {
    for (std::size_t i = 0; i < std::max(expected.array()->size(), got.array()->size()); ++i) {
      path = fmt::format("{}[{}]", here, i);
      if (i >= expected.array()->size() || i >= got.array()->size()) return false;
      if (!as_expected((*expected.array())[i], (*got.array())[i], path)) return false;
    }
    path = here;
    return true;
  }
  if (expected.object()) {
    for (const auto& [key, value] : *expected.object()) {
      if (key == "...") continue;
      path = fmt::format("{}.{}", here, key);
      const base::JsonValue* const mine = got.find(key);
      if (!mine || !as_expected(value, *mine, path)) return false;
    }
    for (const auto& [key, value] : *got.object()) {
      path = fmt::format("{}.{} (not expected)", here, key);
      if (!expected.find(key) && !expected.find("...")) return false;
    }
    path = here;
    return true;
  }
  return expected.dump() == got.dump();
}

std::string complaint(const Step& step, const net::Response& got) {
  if (got.status != step.status) return fmt::format("status {}, expected {}", got.status, step.status);
  for (const auto& [name, value] : step.headers) {
    bool found = name == "content-type" && (value == "*" || got.content_type == value);
    for (const auto& [key, given] : got.headers) found |= lower(key) == name && (value == "*" || given == value);
    if (!found) return fmt::format("no header {}: {}", name, value);
  }
  if (step.body.empty()) return "";
  if (step.body == "(empty)") return got.body.empty() ? "" : "a body, expected none";
  const auto expected = base::JsonValue::parse(step.body);
  if (!expected) return fmt::format("the expected body is no JSON: {}", expected.error().message);
  const auto body = base::JsonValue::parse(got.body);
  if (!body) return fmt::format("the body is no JSON: {}", body.error().message);
  std::string path = "$";
  return as_expected(*expected, *body, path) ? "" : fmt::format("the body differs at {}", path);
}

}  // namespace cityloop::app
