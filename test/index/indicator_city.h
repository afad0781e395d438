// A city for the tests of indicators: three areas side by side, two departments, and a log that is told by hand.
//
//   lon 0.00 ─ west ─ 0.01 ─ middle ─ 0.02 ─ east ─ 0.03, all of them lat 0.00 … 0.01
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "flow/noun.h"
#include "flow/own_types.h"
#include "index/indicator/indicator_loop.h"
#include "index/indicator/indicator_value.h"
#include "twin/apply.h"

namespace cityloop::index {

inline IndicatorFacts three_areas() {
  IndicatorFacts facts;
  facts.time_zone = "Asia/Shanghai";
  const char* const names[] = {"west", "middle", "east"};
  for (int i = 0; i < 3; ++i) {
    const double from = 0.01 * i, to = from + 0.01;
    facts.areas.push_back(
        {names[i],
         {names[i], names[i]},
         fmt::format(R"({{"type":"Polygon","coordinates":[[[{0},0],[{1},0],[{1},0.01],[{0},0.01],[{0},0]]]}})", from,
                     to)});
  }
  facts.departments = {{"water", {"水务", "Water"}}, {"traffic", {"交通", "Traffic"}}};
  return facts;
}

inline IndicatorRulesPtr rules_of(const std::string& toml, IndicatorFacts facts = three_areas()) {
  auto rules = IndicatorRules::parse({{"test.toml", toml}}, std::move(facts));
  if (!rules) ADD_FAILURE() << rules.error().message;
  return rules.value_or(nullptr);
}

// One declaration with what every declaration needs.
inline std::string declare(const std::string& id, const std::string& rest) {
  return fmt::format("[[indicator]]\nid = \"{}\"\nname = {{ zh = \"名\", en = \"name\" }}\ndomain = \"d\"\n{}\n", id,
                     rest);
}

class MemoryRows final : public twin::StateRows {
 public:
  void put(std::string_view key, std::string value) override { rows[std::string(key)] = std::move(value); }
  void erase(std::string_view key) override { rows.erase(std::string(key)); }
  std::map<std::string, std::string> rows;
};

// Applies what is told, tells the loop, applies what the loop writes, tells it that too: as a twin would.
class IndicatorCity {
 public:
  explicit IndicatorCity(const std::string& toml = {}) {
    make_loop();
    if (!toml.empty()) declare_rules(toml);
  }

  void declare_rules(const std::string& toml) { write({rules_of(toml)->to_write(at)}); }

  void write(std::vector<flow::Write> writes, std::string_view origin = "test") {
    flow::LogRecord record;
    record.seq = ++seq;
    record.at = at;
    record.origin = flow::Name(origin);
    for (flow::Write& one : writes) {
      const flow::EntityId id = one.entity;
      auto applied = twin::apply(entities[id], std::move(one), at);
      if (!applied || applied->nothing()) continue;
      entities[id] = applied->next;
      record.changes.push_back(std::move(applied->change));
    }
    feed(record);
  }
  void feed(const flow::LogRecord& record) {
    twin::Outbox out;
    loop->on_record(record, out);
    if (out.writes.empty()) return;
    loop->save_changed(rows);
    cut = seq;
    for (const flow::Write& one : out.writes) told += describe(one);
    write(std::move(out.writes), kIndicatorLoop);
  }
  void tick(base::Duration by) {
    at += by;
    write({});
  }
  // Until what has happened is shown.
  void settle() { tick(kPublishEvery); }

  void sensor(const std::string& id, std::vector<flow::Attribute> attributes, std::optional<double> lon = {}) {
    flow::Write one;
    one.entity = flow::EntityId("urn:ngsi-ld:Sensor:" + id);
    one.types = {flow::Name("Sensor")};
    one.attributes = std::move(attributes);
    if (lon) one.attributes.push_back(flow::geo_point(flow::Name("location"), *lon, 0.005));
    write({one});
  }
  void reading(const std::string& id, double value, std::optional<double> lon = {}) {
    sensor(id, {flow::property(flow::Name("level"), value)}, lon);
  }
  void erase(const std::string& urn) {
    flow::Write one;
    one.entity = flow::EntityId(urn);
    one.mode = flow::WriteMode::erase;
    write({one});
  }

  double value(std::string_view indicator, std::string_view area = "city") const {
    return shown(indicator, area).value;
  }
  // As the twin has it; NaN where it is missing or was never there.
  Reading shown(std::string_view indicator, std::string_view area = "city") const {
    const auto found = entities.find(value_entity(area));
    if (found == entities.end() || !found->second) return {NAN};
    const auto held = value_in(*found->second, indicator);
    return held ? held->reading : Reading{NAN};
  }

  // Ends the loop as a crash would, and begins again from its rows.
  void restart() {
    make_loop();
    for (const auto& [key, row] : rows.rows) {
      base::ByteReader in(row);
      const base::Status loaded = loop->load_row(key, in);
      ASSERT_TRUE(loaded) << loaded.error().message;
      ASSERT_TRUE(in.ok() && in.at_end()) << key;
    }
  }

  base::Instant at{*base::parse_time("2026-03-02T00:00:00Z")};
  flow::Seq seq{0}, cut{0};
  std::map<flow::EntityId, flow::EntityPtr> entities;
  std::unique_ptr<IndicatorLoop> loop;
  MemoryRows rows;
  std::string told;  // everything that the loop has written

 private:
  void make_loop() {
    IndicatorLoopOptions options;
    options.get = [this](flow::EntityId id) {
      const auto found = entities.find(id);
      return found == entities.end() ? nullptr : found->second;
    };
    options.each = [this](flow::Name type, const std::function<void(const flow::Entity&)>& give) {
      for (const auto& [id, entity] : entities) {
        if (entity && entity->is_a(type)) give(*entity);
      }
    };
    loop = std::make_unique<IndicatorLoop>(std::move(options));
  }
  static std::string describe(const flow::Write& one) {
    std::string out = fmt::format("{} {}", one.entity.text(), int(one.mode));
    for (const flow::Attribute& each : one.attributes) {
      const double* const number = std::get_if<double>(&each.value);
      const auto* const text = std::get_if<flow::Text>(&each.value);
      out += fmt::format(" {}={}{}@{}", each.name.text(), number ? fmt::format("{}", *number) : "-",
                         text ? text->str() : "", base::format_time(each.observed_at));
    }
    return out + "\n";
  }
};

}  // namespace cityloop::index
