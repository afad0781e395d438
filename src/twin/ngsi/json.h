// JSON values into flow's values, with the checks that each kind of attribute asks for. Inside of ngsi: includes
// simdjson.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "base/result.h"
#include "flow/entity.h"
#include "twin/ngsi/names.h"
#include "twin/ngsi/ngsi.h"

namespace cityloop::twin::ngsi {

// Where in the body we are, and how it is read; spelt out only when something is wrong there.
struct Where {
  const Reading& how;
  const Where* parent{nullptr};
  std::string_view name;
  int index{-1};             // of an instance
  std::string text() const;  // "attribute 'speed[1].accuracy'"
};

base::Result<flow::Value> read_value(const simdjson::dom::element&, AttributeKind, const Where&);

// Parses in this thread's parser and calls back with the root. The callback must not come here again.
base::Result<simdjson::dom::element> parse_document(std::string_view json);
template <class Read>
auto with_document(std::string_view json, const Read& read) -> decltype(read(simdjson::dom::element{})) {
  auto root = parse_document(json);
  if (!root) return std::unexpected(std::move(root.error()));
  return read(*root);
}

}  // namespace cityloop::twin::ngsi
