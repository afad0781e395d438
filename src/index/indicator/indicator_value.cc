#include "index/indicator/indicator_value.h"

#include <charconv>
#include <limits>

#include "flow/noun.h"

namespace cityloop::index {

using flow::operator""_name;

flow::EntityId value_entity(std::string_view area_key) {
  return flow::EntityId(fmt::format("urn:ngsi-ld:IndicatorValue:{}", area_key));
}

flow::EntityId board_entity() {
  static const flow::EntityId id("urn:ngsi-ld:IndicatorBoard:city");
  return id;
}

flow::Attribute value_attribute(const Declaration& one, const Reading& reading, flow::Instant at) {
  flow::Attribute out =
      flow::property(flow::Name(one.id), reading.missing() ? flow::Value{} : flow::Value{reading.value}, at,
                     one.unit.empty() ? flow::Name{} : flow::Name(one.unit));
  out.subs.push_back(flow::property(
      "inputs"_name, flow::Text(fmt::format("{} {} {}", reading.expected, reading.present, reading.stale))));
  return out;
}

std::optional<ShownValue> value_in(const flow::Entity& entity, std::string_view indicator) {
  const flow::Name name = flow::Name::lookup(indicator);
  const flow::Attribute* const held = name.empty() ? nullptr : entity.find(name);
  if (!held) return std::nullopt;
  ShownValue out{{std::numeric_limits<double>::quiet_NaN()}, held->observed_at};
  if (const double* const number = std::get_if<double>(&held->value)) out.reading.value = *number;
  for (const flow::Attribute& sub : held->subs) {
    const auto* const text = std::get_if<flow::Text>(&sub.value);
    if (sub.name != "inputs"_name || !text) continue;
    const std::string_view all = text->view();
    const char *at = all.data(), *const end = at + all.size();
    for (std::uint32_t* const into : {&out.reading.expected, &out.reading.present, &out.reading.stale}) {
      at = std::from_chars(at, end, *into).ptr;
      if (at != end) ++at;
    }
  }
  return out;
}

}  // namespace cityloop::index
