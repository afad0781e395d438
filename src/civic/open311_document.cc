#include "civic/open311_document.h"

#include <cstdint>

#include <fmt/format.h>

#include "base/json_writer.h"

namespace cityloop::civic {
namespace {

// What XML 1.0 has no place for is left out.
void escape(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default:
        if (std::uint8_t(c) >= ' ' || c == '\n' || c == '\t') out += c;
    }
  }
}

void write_xml(std::string& out, std::string_view name, const Open311Node& node);

struct XmlBody {
  std::string& out;
  void operator()(std::monostate) const {}
  void operator()(const std::string& text) const { escape(out, text); }
  void operator()(double number) const { out += fmt::format("{}", number); }
  void operator()(bool yes) const { out += yes ? "true" : "false"; }
  void operator()(const Open311Node::Object& members) const {
    for (const auto& [name, node] : members) write_xml(out, name, node);
  }
  void operator()(const Open311Node::List& list) const {
    for (const Open311Node& node : list.nodes) write_xml(out, list.item, node);
  }
};

void write_xml(std::string& out, std::string_view name, const Open311Node& node) {
  out += fmt::format("<{}>", name);
  std::visit(XmlBody{out}, node.is);
  out += fmt::format("</{}>", name);
}

void write_json(base::JsonWriter& out, const Open311Node& node);

struct JsonBody {
  base::JsonWriter& out;
  void operator()(std::monostate) const { out.null(); }
  void operator()(const std::string& text) const { out.text(text); }
  void operator()(double number) const { out.number(number); }
  void operator()(bool yes) const { out.boolean(yes); }
  void operator()(const Open311Node::Object& members) const {
    out.object();
    for (const auto& [name, node] : members) write_json(out.key(name), node);
    out.end();
  }
  void operator()(const Open311Node::List& list) const {
    out.array();
    for (const Open311Node& node : list.nodes) write_json(out, node);
    out.end();
  }
};

void write_json(base::JsonWriter& out, const Open311Node& node) {
  std::visit(JsonBody{out}, node.is);
}

}  // namespace

std::string write_open311(const Open311Node& node, std::string_view root, Open311Format format) {
  if (format == Open311Format::json) {
    base::JsonWriter out;
    write_json(out, node);
    return out.take();
  }
  std::string out = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";
  write_xml(out, root, node);
  return out += '\n';
}

}  // namespace cityloop::civic
