#include "twin/context/reader.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include <simdjson.h>

#include "twin/context/core_context.h"
#include "twin/context/term_definitions.h"

namespace cityloop::twin {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;
using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::size_t kJsonDepthMax = 256;
constexpr std::size_t kDocumentsMax = 64;  // that one @context may name, over all
constexpr std::size_t kRemoteDepthMax = 16;

Result<element> parse(simdjson::dom::parser& parser, std::string_view json) {
  if (json.size() > kContextBytesMax) return fail(Errc::invalid, "@context: larger than {} bytes", kContextBytesMax);
  if (parser.allocate(std::max<std::size_t>(json.size(), 64), kJsonDepthMax)) {
    return fail(Errc::full, "@context: no memory to read it");
  }
  element root;
  if (const auto error = parser.parse(simdjson::padded_string(json)).get(root)) {
    return fail(Errc::malformed, "@context: not well-formed JSON: {}", simdjson::error_message(error));
  }
  return root;
}

Result<element> context_of(const element& root, std::string_view url) {
  element context;
  const std::string_view where = url.empty() ? std::string_view("the document") : url;
  if (!root.is_object()) return fail(Errc::invalid, "@context: {} is no JSON object", where);
  if (root.at_key("@context").get(context)) return fail(Errc::invalid, "@context: {} has no @context", where);
  return context;
}

// Reads one @context with all that it names.
class Reader {
 public:
  explicit Reader(const ContextSource& source) : source_(source) {}

  Status read(const element& context, const std::string& url) {
    if (!context.is_array()) return read_one(context, url);
    for (const element item : simdjson::dom::array(context)) {
      if (item.is_array()) return fail(Errc::invalid, "@context: a list inside of a list");
      TRY(read_one(item, url));
    }
    return {};
  }
  ContextPtr build() { return definitions_.build(); }
  std::vector<std::string> take_imports() { return std::move(imports_); }

 private:
  Status read_one(const element& context, const std::string& url) {
    if (context.is_null()) {
      definitions_.clear();
      return {};
    }
    std::string_view text;
    if (!context.get(text)) return read_remote(text, url);
    object members;
    if (context.get(members)) return fail(Errc::invalid, "@context: must be an object, a URL or a list of them");
    element import;
    if (!members.at_key("@import").get(import)) TRY(read_import(import, members, url));
    return definitions_.add(members);
  }

  // The document at a URL, named once more; null when it is the core context or absent.
  Result<std::shared_ptr<const std::string>> document(const std::string& url) {
    if (core_context::is_url(url)) return std::shared_ptr<const std::string>();
    if (std::ranges::find(imports_, url) == imports_.end()) imports_.push_back(url);
    if (std::ranges::find(open_, url) != open_.end()) return fail(Errc::invalid, "@context: {} names itself", url);
    if (open_.size() >= kRemoteDepthMax || ++documents_ > kDocumentsMax) {
      return fail(Errc::invalid, "@context: names more than {} others, or {} one within the other", kDocumentsMax,
                  kRemoteDepthMax);
    }
    return source_(url);
  }

  Status read_remote(std::string_view reference, const std::string& base) {
    const std::string url = TRY(resolve_url(base, reference));
    const auto text = TRY(document(url));
    if (!text) return {};
    simdjson::dom::parser parser;
    const element root = TRY(parse(parser, *text));
    const element context = TRY(context_of(root, url));
    open_.push_back(url);
    const Status done = read(context, url);
    open_.pop_back();
    return done;
  }

  // What is imported counts as if it stood in the importing object, which has the last word.
  Status read_import(const element& import, const object& importing, const std::string& base) {
    std::string_view reference;
    if (import.get(reference)) return fail(Errc::invalid, "@context: '@import' must be a URL");
    const std::string url = TRY(resolve_url(base, reference));
    const auto text = TRY(document(url));
    if (!text) return {};
    simdjson::dom::parser parser;
    const element root = TRY(parse(parser, *text));
    object imported;
    if (TRY(context_of(root, url)).get(imported)) {
      return fail(Errc::invalid, "@context: what is imported from {} must be an object", url);
    }
    if (imported.at_key("@import").error() == simdjson::SUCCESS) {
      return fail(Errc::invalid, "@context: what is imported from {} may not import again", url);
    }
    return definitions_.add(imported, &importing);
  }

  const ContextSource& source_;
  TermDefinitions definitions_;
  std::vector<std::string> open_;     // URLs of the documents being read, outermost first
  std::vector<std::string> imports_;  // all that were named
  std::size_t documents_{0};
};

struct UrlParts {
  std::string_view scheme, authority, path, query;  // authority with its "//", query with its "?"
};

bool has_scheme(std::string_view url) {
  const auto end = url.find(':');
  if (end == url.npos || end == 0) return false;
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return is_letter(url.front()) && std::ranges::all_of(url.substr(0, end), [&](char c) {
           return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
         });
}

UrlParts parts_of(std::string_view url) {
  UrlParts out;
  url = url.substr(0, url.find('#'));
  if (has_scheme(url)) {
    const auto end = url.find(':') + 1;
    out.scheme = url.substr(0, end);
    url.remove_prefix(end);
  }
  if (url.starts_with("//")) {
    const auto end = std::min(url.find_first_of("/?", 2), url.size());
    out.authority = url.substr(0, end);
    url.remove_prefix(end);
  }
  const auto query = std::min(url.find('?'), url.size());
  out.path = url.substr(0, query);
  out.query = url.substr(query);
  return out;
}

std::string without_dots(std::string_view path) {
  std::vector<std::string_view> kept;
  bool ends_open = false;
  const bool rooted = path.starts_with('/');
  for (std::size_t at = rooted ? 1 : 0; at <= path.size();) {
    const auto end = std::min(path.find('/', at), path.size());
    const std::string_view step = path.substr(at, end - at);
    ends_open = step == "." || step == "..";
    if (step == ".." && !kept.empty()) kept.pop_back();
    if (!ends_open) kept.push_back(step);
    at = end + 1;
  }
  std::string out;
  for (const std::string_view step : kept) {
    if (rooted || !out.empty()) out += '/';
    out += step;
  }
  if (ends_open || (rooted && out.empty())) out += '/';
  return out;
}

}  // namespace

Result<ContextPtr> read_context(std::string_view json, const ContextSource& source) {
  simdjson::dom::parser parser;
  const element root = TRY(parse(parser, json));
  Reader reader(source);
  TRY(reader.read(root, {}));
  return reader.build();
}

Result<ContextDocument> read_context_document(std::string_view body, const std::string& url) {
  simdjson::dom::parser parser;
  const element root = TRY(parse(parser, body));
  const element context = TRY(context_of(root, url));
  const ContextSource absent = [](const std::string&) { return std::shared_ptr<const std::string>(); };
  Reader reader(absent);
  TRY(reader.read(context, url));
  return ContextDocument{simdjson::minify(context), reader.take_imports()};
}

Result<std::string> resolve_url(std::string_view base, std::string_view reference) {
  const bool wrong =
      std::ranges::any_of(reference, [](char c) { return std::uint8_t(c) <= ' ' || c == '<' || c == '>'; });
  if (wrong || reference.empty()) return fail(Errc::invalid, "@context: '{}' is no URL", reference.substr(0, 200));
  if (has_scheme(reference)) return std::string(reference.substr(0, reference.find('#')));
  const UrlParts from = parts_of(base);
  if (from.authority.empty()) {
    return fail(Errc::invalid, "@context: '{}' is no absolute URL", reference.substr(0, 200));
  }
  const UrlParts to = parts_of(reference);
  std::string out(from.scheme);
  if (!to.authority.empty()) return out.append(to.authority).append(without_dots(to.path)).append(to.query);
  out += from.authority;
  if (to.path.empty()) return out.append(from.path).append(to.query.empty() ? from.query : to.query);
  if (to.path.starts_with('/')) return out.append(without_dots(to.path)).append(to.query);
  const auto folder = from.path.rfind('/');
  const std::string merged = folder == from.path.npos ? std::string("/") : std::string(from.path.substr(0, folder + 1));
  return out.append(without_dots(merged + std::string(to.path))).append(to.query);
}

}  // namespace cityloop::twin
