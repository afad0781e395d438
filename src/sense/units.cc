#include "sense/units.h"

#include <array>
#include <cmath>
#include <numbers>

namespace cityloop::sense {
namespace {

using base::Errc;

enum class Quantity {
  speed,
  temperature,
  length,
  area,
  volume,
  time,
  share,
  pressure,
  concentration,
  parts,
  flow,
  rain,
  sound,
  current,
  voltage,
  power,
  energy,
  light,
  angle,
  mass,
  frequency,
};

// In the quantity's base unit a value is (v + before) * times / divided_by.
struct Unit {
  std::string_view code;
  Quantity quantity;
  double times, divided_by;
  std::array<std::string_view, 3> symbols;
  double before{0};
};

constexpr std::array kUnits{
    Unit{"MTS", Quantity::speed, 1, 1, {"m/s", "mps"}},
    Unit{"KMH", Quantity::speed, 1000, 3600, {"km/h", "kmh", "kph"}},
    Unit{"HM", Quantity::speed, 1609.344, 3600, {"mph", "mi/h"}},
    Unit{"KNT", Quantity::speed, 1852, 3600, {"kn", "kt", "knot"}},
    Unit{"KEL", Quantity::temperature, 1, 1, {"K"}},
    Unit{"CEL", Quantity::temperature, 1, 1, {"°C", "degC", "C"}, 273.15},
    Unit{"FAH", Quantity::temperature, 5, 9, {"°F", "degF", "F"}, 459.67},
    Unit{"MTR", Quantity::length, 1, 1, {"m"}},
    Unit{"CMT", Quantity::length, 1, 100, {"cm"}},
    Unit{"MMT", Quantity::length, 1, 1000, {"mm"}},
    Unit{"KMT", Quantity::length, 1000, 1, {"km"}},
    Unit{"FOT", Quantity::length, 3048, 10000, {"ft"}},
    Unit{"INH", Quantity::length, 254, 10000, {"in"}},
    Unit{"SMI", Quantity::length, 1609.344, 1, {"mi"}},
    Unit{"MTK", Quantity::area, 1, 1, {"m2", "m²"}},
    Unit{"HAR", Quantity::area, 10000, 1, {"ha"}},
    Unit{"KMK", Quantity::area, 1000000, 1, {"km2", "km²"}},
    Unit{"MTQ", Quantity::volume, 1, 1, {"m3", "m³"}},
    Unit{"LTR", Quantity::volume, 1, 1000, {"l", "L"}},
    Unit{"SEC", Quantity::time, 1, 1, {"s"}},
    Unit{"C26", Quantity::time, 1, 1000, {"ms"}},
    Unit{"MIN", Quantity::time, 60, 1, {"min"}},
    Unit{"HUR", Quantity::time, 3600, 1, {"h"}},
    Unit{"DAY", Quantity::time, 86400, 1, {"d"}},
    Unit{"C62", Quantity::share, 1, 1, {"1"}},
    Unit{"P1", Quantity::share, 1, 100, {"%"}},
    Unit{"PAL", Quantity::pressure, 1, 1, {"Pa"}},
    Unit{"A97", Quantity::pressure, 100, 1, {"hPa"}},
    Unit{"MBR", Quantity::pressure, 100, 1, {"mbar"}},
    Unit{"KPA", Quantity::pressure, 1000, 1, {"kPa"}},
    Unit{"BAR", Quantity::pressure, 100000, 1, {"bar"}},
    Unit{"GQ", Quantity::concentration, 1, 1000000, {"µg/m³", "µg/m3", "ug/m3"}},
    Unit{"GP", Quantity::concentration, 1, 1000, {"mg/m³", "mg/m3"}},
    Unit{"A93", Quantity::concentration, 1, 1, {"g/m³", "g/m3"}},
    Unit{"59", Quantity::parts, 1, 1, {"ppm"}},
    Unit{"61", Quantity::parts, 1, 1000, {"ppb"}},
    Unit{"MQS", Quantity::flow, 3600, 1, {"m³/s", "m3/s"}},
    Unit{"MQH", Quantity::flow, 1, 1, {"m³/h", "m3/h"}},
    Unit{"G51", Quantity::flow, 3600, 1000, {"l/s", "L/s"}},
    Unit{"L2", Quantity::flow, 60, 1000, {"l/min", "L/min"}},
    Unit{"H67", Quantity::rain, 1, 1, {"mm/h"}},
    Unit{"2N", Quantity::sound, 1, 1, {"dB", "dB(A)", "dBA"}},
    Unit{"AMP", Quantity::current, 1, 1, {"A"}},
    Unit{"4K", Quantity::current, 1, 1000, {"mA"}},
    Unit{"VLT", Quantity::voltage, 1, 1, {"V"}},
    Unit{"2Z", Quantity::voltage, 1, 1000, {"mV"}},
    Unit{"WTT", Quantity::power, 1, 1, {"W"}},
    Unit{"KWT", Quantity::power, 1000, 1, {"kW"}},
    Unit{"WHR", Quantity::energy, 1, 1, {"Wh"}},
    Unit{"KWH", Quantity::energy, 1000, 1, {"kWh"}},
    Unit{"LUX", Quantity::light, 1, 1, {"lx", "lux"}},
    Unit{"DD", Quantity::angle, 1, 1, {"°", "deg"}},
    Unit{"C81", Quantity::angle, 180, std::numbers::pi, {"rad"}},
    Unit{"KGM", Quantity::mass, 1, 1, {"kg"}},
    Unit{"GRM", Quantity::mass, 1, 1000, {"g"}},
    Unit{"TNE", Quantity::mass, 1000, 1, {"t"}},
    Unit{"HTZ", Quantity::frequency, 1, 1, {"Hz"}},
};

const Unit* find(std::string_view name) {
  if (name.empty()) return nullptr;
  for (const Unit& unit : kUnits) {
    if (unit.code == name) return &unit;
  }
  for (const Unit& unit : kUnits) {
    for (const std::string_view symbol : unit.symbols) {
      if (symbol == name) return &unit;
    }
  }
  return nullptr;
}

}  // namespace

double Conversion::operator()(double v) const {
  const double scaled = (v + before) * times / divided_by;
  if (before == 0 && after == 0) return scaled;
  return std::round((scaled - after) * 1e9) / 1e9;  // 212 °F is 100 °C, not 100.00000000000006
}

std::optional<std::string_view> unit_code(std::string_view name) {
  const Unit* unit = find(name);
  return unit ? std::optional(unit->code) : std::nullopt;
}

base::Result<Conversion> convert(std::string_view from, std::string_view to) {
  const Unit* a = find(from);
  const Unit* b = find(to);
  if (!a || !b) return base::fail(Errc::invalid, "the unit '{}' is not known", a ? to : from);
  if (a->quantity != b->quantity) {
    return base::fail(Errc::invalid, "'{}' cannot be converted to '{}': they measure different things", from, to);
  }
  if (a == b) return Conversion{};
  return Conversion{a->before, a->times * b->divided_by, a->divided_by * b->times, b->before};
}

}  // namespace cityloop::sense
