// A document of Open311 GeoReport v2, built once and written as XML or as JSON.
//
// The two differ in their lists: XML wraps each item in a name of its own (<services><service>…), JSON has a plain
// array.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cityloop::civic {

enum class Open311Format { xml, json };

struct Open311Node {
  struct List {
    std::string item;  // the name of each, in XML
    std::vector<Open311Node> nodes;
  };
  using Object = std::vector<std::pair<std::string, Open311Node>>;
  // Nothing is null in JSON and an empty element in XML.
  std::variant<std::monostate, std::string, double, bool, Object, List> is;

  static Open311Node text_or_null(std::string_view text) {
    return text.empty() ? Open311Node{} : Open311Node{std::string(text)};
  }
};

// `root` names the whole in XML; JSON has no such name.
std::string write_open311(const Open311Node&, std::string_view root, Open311Format);

}  // namespace cityloop::civic
