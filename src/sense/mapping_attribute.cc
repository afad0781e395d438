// One attribute of a mapping block.
#include <algorithm>
#include <array>

#include "base/json_value.h"
#include "sense/mapping_parts.h"

namespace cityloop::sense {

using base::ConfigTable;
using flow::AttributeKind;
using flow::Name;

std::size_t InputNames::number_of(std::string_view name) {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found != names_.end()) return std::size_t(found - names_.begin());
  names_.emplace_back(name);
  return names_.size() - 1;
}

Template read_template(ConfigTable& table, std::string_view key, std::string_view text, InputNames& inputs) {
  Template out;
  out.literals.emplace_back();
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '}') table.mistake(key, fmt::format("'{}' has a '}}' without a '{{' before it", text));
    if (text[at] != '{') {
      out.literals.back() += text[at];
      continue;
    }
    const std::size_t end = text.find('}', at);
    if (end == text.npos) {
      table.mistake(key, fmt::format("'{}' has a '{{' that is never closed", text));
      break;
    }
    if (end == at + 1) table.mistake(key, fmt::format("'{}' has an empty '{{}}'", text));
    out.inputs.push_back(inputs.number_of(text.substr(at + 1, end - at - 1)));
    out.literals.emplace_back();
    at = end;
  }
  return out;
}

namespace {

constexpr std::array<std::string_view, 10> kSources{"from",     "text",  "relationship", "compute", "value",
                                                    "language", "point", "line",         "wkt",     "geojson"};

flow::Value value_of(const std::string& json) {
  const auto parsed = base::JsonValue::parse(json);
  if (!parsed) return {};
  if (const auto* text = parsed->text()) return *text;
  if (const auto* number = parsed->number()) return *number;
  if (const auto* flag = parsed->boolean()) return *flag;
  return flow::Json{json};
}

void read_computed(ConfigTable& table, AttributeMap& out, InputNames& inputs) {
  const std::string text = table.text("compute");
  for (const char op : {'-', '+', '*', '/'}) {
    const std::string sign{' ', op, ' '};
    const std::size_t at = text.find(sign);
    if (at == 0 || at == text.npos || at + 3 >= text.size()) continue;
    const std::string_view left(text.data(), at);
    const std::string_view right = std::string_view(text).substr(at + 3);
    if (right.find(sign) != right.npos) break;
    out.op = op;
    out.inputs = {inputs.number_of(left), inputs.number_of(right)};
    return;
  }
  table.mistake("compute", fmt::format("'{}' must be two columns with + - * or / and blanks between them", text));
}

void read_position(ConfigTable& table, std::string_view key, std::size_t wanted, AttributeMap& out,
                   InputNames& inputs) {
  const auto columns = table.texts(key);
  if (columns.size() != wanted) {
    table.mistake(key, wanted == 2 ? "'point' must be [longitude column, latitude column]"
                                   : "'line' must be [longitude, latitude, longitude, latitude] of both ends");
  }
  for (const std::string& column : columns) out.inputs.push_back(inputs.number_of(column));
  out.inputs.resize(wanted);
  out.kind = AttributeKind::geo_property;
}

void read_languages(ConfigTable& table, AttributeMap& out, InputNames& inputs) {
  auto columns = table.table("language");
  if (!columns) return;
  out.kind = AttributeKind::language_property;
  for (const std::string& language : columns->keys()) {
    out.languages.push_back(language);
    out.inputs.push_back(inputs.number_of(columns->text(language)));
  }
  if (out.languages.empty()) table.mistake("language", "'language' must name at least one language and its column");
}

void read_source(ConfigTable& table, AttributeMap& out, InputNames& inputs) {
  std::string_view source = "from";
  int given = 0;
  for (const std::string_view key : kSources) {
    if (table.has(key)) source = key, ++given;
  }
  if (given > 1)
    table.mistake(source,
                  "an attribute takes its value from one of from, text, relationship, compute, "
                  "value, language, point, line, wkt, geojson");
  const auto one_input = [&](ValueFrom from) {
    out.from = from;
    const std::string column = table.text_or(source, out.name.text());
    if (column.empty()) table.mistake(source, fmt::format("'{}' is empty", source));
    out.inputs = {inputs.number_of(column)};
  };
  if (source == "from") return one_input(ValueFrom::input);
  if (source == "wkt" || source == "geojson") {
    one_input(source == "wkt" ? ValueFrom::wkt : ValueFrom::geojson);
    out.kind = AttributeKind::geo_property;
  } else if (source == "text" || source == "relationship") {
    out.from = ValueFrom::text;
    out.text = read_template(table, source, table.text(source), inputs);
    if (source == "relationship") out.kind = AttributeKind::relationship;
  } else if (source == "compute") {
    out.from = ValueFrom::computed;
    read_computed(table, out, inputs);
    out.inputs.resize(2);
  } else if (source == "value") {
    out.from = ValueFrom::constant;
    out.constant = value_of(table.json("value"));
  } else if (source == "language") {
    out.from = ValueFrom::language;
    read_languages(table, out, inputs);
  } else {
    out.from = source == "point" ? ValueFrom::point : ValueFrom::line;
    read_position(table, source, source == "point" ? 2 : 4, out, inputs);
  }
}

void read_units(ConfigTable& table, AttributeMap& out) {
  const std::string unit = table.text_or("unit", "");
  const std::string from = table.text_or("unit_from", "");
  if (!from.empty() && unit.empty()) table.mistake("unit_from", "'unit_from' needs 'unit': what to convert to");
  if (unit.empty()) return;
  const auto code = unit_code(unit);
  if (!code) return table.mistake("unit", fmt::format("the unit '{}' is not known", unit));
  out.unit = Name(*code);
  if (from.empty()) return;
  const auto conversion = convert(from, unit);
  if (!conversion) return table.mistake("unit_from", conversion.error().message);
  out.conversion = *conversion;
}

void read_numbers(ConfigTable& table, AttributeMap& out) {
  out.scale = table.number_or("scale", 1);
  out.offset = table.number_or("offset", 0);
  out.least = table.number_if("least");
  out.most = table.number_if("most");
  if (out.least && out.most && *out.least >= *out.most) table.mistake("most", "'most' must be more than 'least'");
  if (table.has("scale") && out.scale == 0) table.mistake("scale", "a scale of 0 makes every value the same");
  const auto range = table.numbers("range");
  if (!table.has("range")) return;
  if (range.size() != 2 || !(range[0] < range[1])) {
    return table.mistake("range", "'range' must be [lowest, highest], in the unit that is kept");
  }
  out.minimum = range[0];
  out.maximum = range[1];
}

void read_values(ConfigTable& table, AttributeMap& out) {
  auto values = table.table("map");
  if (!values) return;
  for (const std::string& text : values->keys()) {
    flow::Value value = value_of(values->json(text));
    if (text == "*") out.other_value = std::move(value);
    else out.values.emplace_back(text, std::move(value));
  }
  if (out.values.empty()) table.mistake("map", "'map' must give at least one text and what it stands for");
}

}  // namespace

AttributeMap read_attribute(ConfigTable& table, InputNames& inputs) {
  AttributeMap out;
  out.name = Name(table.text("name"));
  read_source(table, out, inputs);
  const std::string as = table.text_or("as", "number");
  if (as == "text") out.as = ReadAs::text;
  else if (as == "boolean") out.as = ReadAs::boolean;
  else if (as == "json") out.as = ReadAs::json;
  else if (as != "number") table.mistake("as", fmt::format("'{}' is not number, text, boolean or json", as));
  read_units(table, out);
  read_numbers(table, out);
  read_values(table, out);
  out.nulls = table.texts("null");
  const std::string on_bad = table.text_or("on_bad", "refuse");
  if (on_bad != "refuse" && on_bad != "leave_out") {
    table.mistake("on_bad", fmt::format("'{}' is not refuse (the row) or leave_out (the attribute)", on_bad));
  }
  out.leave_out = on_bad == "leave_out";
  const bool numeric = (out.from == ValueFrom::input && out.as == ReadAs::number && out.values.empty()) ||
                       out.from == ValueFrom::computed || out.from == ValueFrom::constant;
  for (const std::string_view key : {"unit", "unit_from", "scale", "offset", "range", "least", "most"}) {
    if (table.has(key) && !numeric) table.mistake(key, fmt::format("'{}' is for numbers only", key));
  }
  return out;
}

}  // namespace cityloop::sense
