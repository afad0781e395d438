#include "sense/json_rows.h"

#include <charconv>
#include <deque>

#include <simdjson.h>

namespace cityloop::sense {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

constexpr std::size_t kDepthMax = 64;

// One step of a path: a member of an object, or a place in a list.
bool step(element& at, std::string_view part) {
  element next;
  if (at.is_array()) {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), index);
    if (error != std::errc{} || end != part.data() + part.size()) return false;
    if (simdjson::dom::array(at).at(index).get(next)) return false;
  } else if (!at.is_object() || simdjson::dom::object(at).at_key(part).get(next)) {
    return false;
  }
  at = next;
  return true;
}

bool follow(element& at, std::string_view path) {
  // A member whose own name holds dots goes before a path through members.
  element whole;
  if (at.is_object() && !simdjson::dom::object(at).at_key(path).get(whole)) return at = whole, true;
  while (!path.empty()) {
    const std::size_t dot = path.find('.');
    if (!step(at, path.substr(0, dot))) return false;
    path.remove_prefix(dot == path.npos ? path.size() : dot + 1);
  }
  return true;
}

}  // namespace

struct JsonRows::Inside {
  simdjson::dom::parser parser;
  std::vector<char> padded;
  std::vector<element> rows;
  std::deque<std::string> kept;  // texts of compound values; a deque so that views stay good

  Field field_of(const element& value) {
    switch (value.type()) {
      case element_type::NULL_VALUE: return {};
      case element_type::BOOL: return {.kind = Field::Kind::boolean, .flag = bool(value)};
      case element_type::STRING: return Field::of_text(std::string_view(value));
      case element_type::INT64:
      case element_type::UINT64:
      case element_type::DOUBLE: return {.kind = Field::Kind::number, .number = value.get_double().value_unsafe()};
      case element_type::ARRAY:
      case element_type::OBJECT: break;
    }
    kept.push_back(simdjson::minify(value));
    return {.kind = Field::Kind::json, .text = kept.back()};
  }
};

JsonRows::JsonRows() : inside_(std::make_unique<Inside>()) {}
JsonRows::~JsonRows() = default;
JsonRows::JsonRows(JsonRows&&) noexcept = default;

int JsonRows::parse(std::string_view text, Refusal& why) {
  Inside& in = *inside_;
  in.rows.clear();
  const auto refuse = [&](std::string_view what) {
    why = {Reason::bad_json, std::string(what)};
    return -1;
  };
  if (in.padded.size() < text.size() + simdjson::SIMDJSON_PADDING) {
    in.padded.resize(2 * text.size() + simdjson::SIMDJSON_PADDING);
  }
  if (in.parser.max_depth() != kDepthMax || in.parser.capacity() < text.size()) {
    if (in.parser.allocate(std::max<std::size_t>(2 * text.size(), 4096), kDepthMax)) return refuse("too long");
  }
  std::memcpy(in.padded.data(), text.data(), text.size());
  element root;
  if (const auto error = in.parser.parse(in.padded.data(), text.size(), false).get(root)) {
    if (error == simdjson::UTF8_ERROR) return why = {Reason::not_utf8, "the bytes are no UTF-8"}, -1;
    return refuse(simdjson::error_message(error));
  }
  if (root.is_object()) in.rows.push_back(root);
  else if (root.is_array()) {
    for (const element row : simdjson::dom::array(root)) {
      if (!row.is_object()) return refuse("the list holds something that is no object");
      in.rows.push_back(row);
    }
    if (in.rows.empty()) return refuse("an empty list");
  } else {
    return refuse("neither an object nor a list of objects");
  }
  return int(in.rows.size());
}

void JsonRows::fields(int index, std::span<const std::string> paths, std::vector<Field>& out) {
  Inside& in = *inside_;
  in.kept.clear();
  out.clear();
  for (const std::string& path : paths) {
    element at = in.rows[std::size_t(index)];
    out.push_back(follow(at, path) ? in.field_of(at) : Field{});
  }
}

}  // namespace cityloop::sense
