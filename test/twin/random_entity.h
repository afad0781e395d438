// Random entities with everything NGSI-LD allows, the same for the same seed.
#pragma once

#include <array>
#include <string>

#include "base/json_writer.h"
#include "base/rng.h"
#include "flow/entity.h"

namespace cityloop::twin::test {

using flow::Attribute;
using flow::AttributeKind;
using flow::Name;
using flow::Value;

inline std::string random_text(base::Rng& rng) {
  constexpr std::array kPieces{"a", "湖",  "\"", "\\", "\n", "é", "😀", " ", "\x01", "/", "2020-01-01T00:00:00Z",
                               "{", "true"};
  std::string out;
  for (std::uint64_t n = rng.below(6); n > 0; --n) out += kPieces[rng.below(kPieces.size())];
  return out;
}

inline std::string random_urn(base::Rng& rng) {
  return "urn:ngsi-ld:T:" + std::to_string(rng.below(1000)) + (rng.below(8) == 0 ? "\\é" : "");
}

inline double random_number(base::Rng& rng) {
  switch (rng.below(4)) {
    case 0: return double(rng.below(2000)) - 1000;
    case 1: return rng.uniform(-1e-9, 1e-9);
    case 2: return rng.uniform(-1, 1) * 1e300;
    default: return rng.uniform(-1000, 1000);
  }
}

inline void random_json(base::JsonWriter& out, base::Rng& rng, int depth) {
  switch (rng.below(depth > 3 ? 5 : 7)) {
    case 0: out.null(); break;
    case 1: out.boolean(rng.below(2)); break;
    case 2: out.integer(std::int64_t(rng.next() >> 1)); break;
    case 3: out.number(random_number(rng)); break;
    case 4: out.text(random_text(rng)); break;
    case 5:
      out.array();
      for (std::uint64_t n = rng.below(4); n > 0; --n) random_json(out, rng, depth + 1);
      out.end();
      break;
    default: {
      constexpr std::array kKeys{"type", "value", "object", "coordinates", "x", "@value", "键\"", ""};
      out.object();
      const std::uint64_t first = rng.below(kKeys.size());
      for (std::uint64_t n = rng.below(4), i = 0; i < n; ++i) {
        random_json(out.key(kKeys[(first + i) % kKeys.size()]), rng, depth + 1);
      }
      out.end();
    }
  }
}

// A compound: an object or a list around random things.
inline flow::Json random_compound(base::Rng& rng, bool list) {
  base::JsonWriter out;
  if (list) out.array();
  else out.object();
  for (std::uint64_t n = rng.below(4), i = 0; i < n; ++i) {
    if (!list) out.key("k" + std::to_string(i));
    random_json(out, rng, 1);
  }
  return {out.end().take()};
}

inline flow::Json random_list_of(base::Rng& rng, bool urns) {
  base::JsonWriter out;
  out.array();
  for (std::uint64_t n = 1 + rng.below(3); n > 0; --n) out.text(urns ? random_urn(rng) : random_text(rng));
  return {out.end().take()};
}

inline flow::Json random_geometry(base::Rng& rng) {
  const double lon = rng.uniform(-170, 170), lat = rng.uniform(-80, 80);
  if (rng.below(3) > 0) return std::get<flow::Json>(flow::geo_point(Name("g"), lon, lat).value);
  base::JsonWriter out;
  out.object().field("type", "LineString").key("coordinates").array();
  out.array().number(lon).number(lat).end().array().number(lon + 1).number(lat).end().end();
  if (rng.below(2)) out.key("bbox").array().number(lon).number(lat).end();
  return {out.end().take()};
}

inline Value random_value(base::Rng& rng, AttributeKind kind) {
  switch (kind) {
    case AttributeKind::geo_property: return random_geometry(rng);
    case AttributeKind::relationship: return rng.below(3) ? Value(random_urn(rng)) : Value(random_list_of(rng, true));
    case AttributeKind::language_property: {
      base::JsonWriter out;
      out.object().field("en", random_text(rng)).key("zh").array().text(random_text(rng)).end();
      return flow::Json{out.end().take()};
    }
    case AttributeKind::vocab_property:
      return rng.below(2) ? Value(random_text(rng)) : Value(random_list_of(rng, false));
    case AttributeKind::list_property: return random_compound(rng, true);
    case AttributeKind::list_relationship: return random_list_of(rng, true);
    case AttributeKind::json_property:
      if (rng.below(4) == 0) return {};
      [[fallthrough]];
    case AttributeKind::property: break;
  }
  switch (rng.below(5)) {
    case 0: return rng.below(2) == 1;
    case 1: return random_text(rng);
    case 2: return random_compound(rng, false);
    case 3: return random_compound(rng, true);
    default: return random_number(rng);
  }
}

inline Attribute random_attribute(base::Rng& rng, Name name, int depth) {
  Attribute out;
  out.name = name;
  out.kind = AttributeKind(rng.below(8));
  out.value = random_value(rng, out.kind);
  if (rng.below(2)) out.observed_at = base::from_us(std::int64_t(rng.below(2'000'000'000'000'000)));
  if (rng.below(4) == 0) out.unit_code = Name("KMH");
  for (std::uint64_t n = rng.below(8), i = 0; depth < 3 && n >= 6 && i < n - 5; ++i) {
    out.subs.push_back(random_attribute(rng, Name("s" + std::to_string(i)), depth + 1));
  }
  return out;
}

inline flow::Entity random_entity(base::Rng& rng) {
  flow::Entity out;
  out.id = flow::EntityId(random_urn(rng));
  out.types = {Name("T")};
  if (rng.below(3) == 0) out.types.push_back(Name("U"));
  if (rng.below(3) == 0) out.scopes = {Name("/a/b"), Name("/c")};
  for (std::uint64_t n = rng.below(9), i = 0; i < n; ++i) {
    const Name name("a" + std::to_string(i));
    const std::uint64_t instances = rng.below(5) == 0 ? 1 + rng.below(3) : 1;
    const bool default_too = instances == 1 && rng.below(8) != 0;
    for (std::uint64_t k = 0; k < instances; ++k) {
      Attribute attribute = random_attribute(rng, name, 0);
      if (k > 0 || !default_too) attribute.dataset_id = Name("urn:ngsi-ld:Dataset:" + std::to_string(k));
      out.attributes.push_back(std::move(attribute));
    }
  }
  return out;
}

}  // namespace cityloop::twin::test
