#include "sense/value_reader.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/json_writer.h"
#include "geo/shape.h"
#include "sense/wkt.h"

namespace cityloop::sense {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t from = text.find_first_not_of(" \t");
  if (from == text.npos) return {};
  return text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

Got refuse(Refusal& why, Reason reason, std::string detail) {
  why = {reason, std::move(detail)};
  return Got::bad;
}

Got finite(double v, Refusal& why) {
  return std::isfinite(v) ? Got::value : refuse(why, Reason::not_a_number, fmt::format("{}", v));
}

bool is_null(const AttributeMap& map, const Field& field) {
  if (field.kind == Field::Kind::text) {
    const std::string_view text = trimmed(field.text);
    return text.empty() || std::find(map.nulls.begin(), map.nulls.end(), text) != map.nulls.end();
  }
  if (field.kind != Field::Kind::number || map.nulls.empty()) return field.kind == Field::Kind::absent;
  std::string text;
  append_text(field, text);
  return std::find(map.nulls.begin(), map.nulls.end(), text) != map.nulls.end();
}

Got finish_number(const AttributeMap& map, double v, flow::Value& out, Refusal& why) {
  v = v * map.scale + map.offset;
  if (!map.conversion.nothing()) v = map.conversion(v);
  if (!std::isfinite(v)) return refuse(why, Reason::not_a_number, fmt::format("{} becomes {}", map.name.text(), v));
  if (map.least && v < *map.least) v = *map.least;
  if (map.most && v > *map.most) v = *map.most;
  if ((map.minimum && v < *map.minimum) || (map.maximum && v > *map.maximum)) {
    return refuse(why, Reason::out_of_range,
                  fmt::format("{} = {} is outside {} to {}", map.name.text(), v, *map.minimum, *map.maximum));
  }
  out = v;
  return Got::value;
}

Got read_mapped(const AttributeMap& map, const Field& field, flow::Value& out, Refusal& why) {
  std::string text;
  append_text(field, text);
  const std::string_view wanted = trimmed(text);
  for (const auto& [from, to] : map.values) {
    if (from == wanted) return out = to, Got::value;
  }
  if (map.other_value) return out = *map.other_value, Got::value;
  return refuse(why, Reason::bad_value, fmt::format("{}: '{}' is not in the map", map.name.text(), wanted));
}

Got read_boolean(const AttributeMap& map, const Field& field, flow::Value& out, Refusal& why) {
  if (field.kind == Field::Kind::boolean) return out = field.flag, Got::value;
  std::string text;
  append_text(field, text);
  for (const std::string_view yes : {"true", "True", "TRUE", "1", "yes", "on"}) {
    if (text == yes) return out = true, Got::value;
  }
  for (const std::string_view no : {"false", "False", "FALSE", "0", "no", "off"}) {
    if (text == no) return out = false, Got::value;
  }
  return refuse(why, Reason::bad_value, fmt::format("{}: '{}' is neither true nor false", map.name.text(), text));
}

Got read_json(const AttributeMap& map, const Field& field, flow::Value& out, Refusal& why) {
  switch (field.kind) {
    case Field::Kind::number: return finish_number(map, field.number, out, why);
    case Field::Kind::boolean: return out = field.flag, Got::value;
    case Field::Kind::json: return out = flow::Json{std::string(field.text)}, Got::value;
    default: return out = std::string(field.text), Got::value;
  }
}

Got read_input(const AttributeMap& map, const Field& field, flow::Value& out, Refusal& why) {
  if (is_null(map, field)) return Got::absent;
  if (!map.values.empty()) return read_mapped(map, field, out, why);
  if (map.as == ReadAs::boolean) return read_boolean(map, field, out, why);
  if (map.as == ReadAs::json) return read_json(map, field, out, why);
  if (map.as == ReadAs::text) {
    std::string text;
    append_text(field, text);
    out = std::move(text);
    return Got::value;
  }
  double v = 0;
  if (const Got got = read_number(field, v, why); got != Got::value) {
    if (got == Got::bad) why.detail = fmt::format("{}: {}", map.name.text(), why.detail);
    return got;
  }
  return finish_number(map, v, out, why);
}

Got read_computed(const AttributeMap& map, std::span<const Field> fields, flow::Value& out, Refusal& why) {
  double v[2] = {0, 0};
  for (std::size_t i = 0; i < 2; ++i) {
    const Field& field = fields[map.inputs[i]];
    if (is_null(map, field)) return Got::absent;
    if (const Got got = read_number(field, v[i], why); got != Got::value) return got;
  }
  switch (map.op) {
    case '+': return finish_number(map, v[0] + v[1], out, why);
    case '-': return finish_number(map, v[0] - v[1], out, why);
    case '*': return finish_number(map, v[0] * v[1], out, why);
    default: return v[1] == 0 ? Got::absent : finish_number(map, v[0] / v[1], out, why);
  }
}

Got read_languages(const AttributeMap& map, std::span<const Field> fields, flow::Value& out) {
  base::JsonWriter json;
  json.object();
  bool any = false;
  std::string text;
  for (std::size_t i = 0; i < map.inputs.size(); ++i) {
    const Field& field = fields[map.inputs[i]];
    if (field.blank()) continue;
    text.clear();
    append_text(field, text);
    json.field(map.languages[i], text);
    any = true;
  }
  json.end();
  if (!any) return Got::absent;
  out = flow::Json{json.take()};
  return Got::value;
}

Got read_positions(const AttributeMap& map, std::span<const Field> fields, flow::Value& out, Refusal& why) {
  double numbers[4] = {};
  for (std::size_t i = 0; i < map.inputs.size(); ++i) {
    const Field& field = fields[map.inputs[i]];
    if (is_null(map, field)) return Got::absent;
    if (const Got got = read_number(field, numbers[i], why); got != Got::value) return got;
  }
  for (std::size_t i = 0; i < map.inputs.size(); i += 2) {
    if (const auto ok = geo::check({numbers[i], numbers[i + 1]}); !ok) {
      return refuse(why, Reason::bad_geometry, fmt::format("{}: {}", map.name.text(), ok.error().message));
    }
  }
  base::JsonWriter json;
  json.object().field("type", map.from == ValueFrom::point ? "Point" : "LineString").key("coordinates").array();
  if (map.from == ValueFrom::point) json.number(numbers[0]).number(numbers[1]);
  else {
    json.array().number(numbers[0]).number(numbers[1]).end();
    json.array().number(numbers[2]).number(numbers[3]).end();
  }
  json.end().end();
  out = flow::Json{json.take()};
  return Got::value;
}

Got read_shape(const AttributeMap& map, const Field& field, flow::Value& out, Refusal& why) {
  if (is_null(map, field)) return Got::absent;
  std::string geojson(field.text);
  if (map.from == ValueFrom::wkt) {
    auto converted = geojson_of_wkt(field.text);
    if (!converted) return refuse(why, Reason::bad_geometry, converted.error().message);
    geojson = std::move(*converted);
  }
  if (const auto shape = geo::Shape::from_geojson(geojson); !shape) {
    return refuse(why, Reason::bad_geometry, fmt::format("{}: {}", map.name.text(), shape.error().message));
  }
  out = flow::Json{geojson};
  return Got::value;
}

// Plain digits, as counts and whole speeds come: no need for the general reader.
bool take_digits(std::string_view text, double& out) {
  if (text.empty() || text.size() > 15) return false;
  std::uint64_t v = 0;
  for (const char c : text) {
    const unsigned digit = unsigned(c) - '0';
    if (digit > 9) return false;
    v = v * 10 + digit;
  }
  out = double(v);
  return true;
}

}  // namespace

std::string_view cut_text(std::string_view text) {
  std::size_t end = std::min<std::size_t>(text.size(), 60);
  while (end > 0 && end < text.size() && (std::uint8_t(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

void append_text(const Field& field, std::string& to) {
  switch (field.kind) {
    case Field::Kind::absent: break;
    case Field::Kind::text:
    case Field::Kind::json: to += field.text; break;
    case Field::Kind::boolean: to += field.flag ? "true" : "false"; break;
    case Field::Kind::number: fmt::format_to(std::back_inserter(to), "{}", field.number); break;
  }
}

Got read_number(const Field& field, double& out, Refusal& why) {
  if (field.kind == Field::Kind::number) return out = field.number, finite(out, why);
  if (field.kind == Field::Kind::text) {
    if (take_digits(field.text, out)) return Got::value;
    std::string_view text = trimmed(field.text);
    if (text.empty()) return Got::absent;
    if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (end == text.data() + text.size()) {
      if (error == std::errc{}) return finite(out, why);
      if (error == std::errc::result_out_of_range) {
        return refuse(why, Reason::not_a_number, fmt::format("'{}' is past what a number can hold", cut_text(text)));
      }
    }
    return refuse(why, Reason::bad_number, fmt::format("'{}' is not a number", cut_text(text)));
  }
  if (field.kind == Field::Kind::absent) return Got::absent;
  std::string text;
  append_text(field, text);
  return refuse(why, Reason::bad_number, fmt::format("'{}' is not a number", cut_text(text)));
}

bool fill(const Template& from, std::span<const Field> fields, std::string& out) {
  out = from.literals[0];
  for (std::size_t i = 0; i < from.inputs.size(); ++i) {
    const Field& field = fields[from.inputs[i]];
    if (field.blank()) return false;
    append_text(field, out);
    out += from.literals[i + 1];
  }
  return true;
}

Got read_value(const AttributeMap& map, std::span<const Field> fields, flow::Value& out, Refusal& why) {
  switch (map.from) {
    case ValueFrom::input: return read_input(map, fields[map.inputs[0]], out, why);
    case ValueFrom::computed: return read_computed(map, fields, out, why);
    case ValueFrom::constant: return out = map.constant, Got::value;
    case ValueFrom::language: return read_languages(map, fields, out);
    case ValueFrom::point:
    case ValueFrom::line: return read_positions(map, fields, out, why);
    case ValueFrom::wkt:
    case ValueFrom::geojson: return read_shape(map, fields[map.inputs[0]], out, why);
    case ValueFrom::text: break;
  }
  std::string text;
  if (!fill(map.text, fields, text)) return Got::absent;
  out = std::move(text);
  return Got::value;
}

}  // namespace cityloop::sense
