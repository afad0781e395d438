#include <map>

#include "base/json_value.h"
#include "broker/federation_inside.h"
#include "twin/q.h"

namespace cityloop::broker {
namespace {

flow::Value value_of(const base::JsonValue& json) {
  if (const bool* flag = json.boolean()) return *flag;
  if (const double* number = json.number()) return *number;
  if (const std::string* text = json.text()) return *text;
  return flow::Json{json.dump()};
}

}  // namespace

base::Result<std::function<bool(const Registration&)>> source_filter(const Exchange& exchange) {
  const auto text = exchange.argument("csf");
  if (!text) return std::function<bool(const Registration&)>{};
  twin::QReading reading;
  reading.context = exchange.context.get();
  auto q = twin::Q::parse(*text, reading);
  if (!q) return base::fail(q.error().code, "csf: {}", q.error().message);
  return std::function([q = std::move(*q)](const Registration& registration) {
    const auto definition = base::JsonValue::parse(registration.definition).value_or(base::JsonValue{});
    std::map<flow::Name, flow::Value> values;
    if (definition.object()) {
      for (const auto& [key, value] : *definition.object()) values[flow::Name(key)] = value_of(value);
    }
    return q.matches([&](flow::Name name) -> const flow::Value* {
      const auto found = values.find(name);
      return found == values.end() ? nullptr : &found->second;
    });
  });
}

}  // namespace cityloop::broker
