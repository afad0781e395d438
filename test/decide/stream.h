// A city in a test: rules as TOML, readings at seconds from a start, findings as they come.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/json_value.h"
#include "decide/rule/engine.h"
#include "flow/noun.h"

namespace cityloop::decide::test {

inline const Instant kStart = base::parse_time("2026-03-02T00:00:00Z").value();  // a Monday

inline Instant at(double seconds) {
  return kStart + Duration(std::int64_t(seconds * 1e6));
}

inline std::string head(std::string_view id, std::string_view kind) {
  return fmt::format(
      "[[rule]]\nid = \"{}\"\nkind = \"{}\"\nname = {{ zh = \"规则\", en = \"rule\" }}\ntitle = {{ zh = \"{{name}} "
      "{{value}}{{unit}}\", en = \"{{name}}: {{value}} {{unit}} (limit {{limit}})\" }}\nseverity = \"moderate\"\n",
      id, kind);
}

inline RuleBookPtr book_of(const std::string& toml) {
  RuleBookLoad load = RuleBook::parse({{"test.toml", toml}});
  EXPECT_TRUE(load.book) << load.message();
  return load.book;
}

inline flow::Change change_of(std::string_view id, std::string_view type, std::vector<flow::Attribute> attributes) {
  flow::Change change;
  change.entity = flow::EntityId(id);
  change.types = {flow::Name(type)};
  for (flow::Attribute& attribute : attributes) change.attributes.push_back({std::move(attribute), false, false});
  return change;
}

// An engine and what it wrote.
class Stream {
 public:
  explicit Stream(const std::string& toml, base::TimeZone zone = base::TimeZone::utc())
      : engine(book_of(toml), std::move(zone)) {}

  void record(Instant when, std::vector<flow::Change> changes) {
    flow::LogRecord record;
    record.seq = ++seq_;
    record.at = when;
    record.changes = std::move(changes);
    twin::Outbox out;
    engine.on_record(record, out);
    take(out);
  }
  void tick(double seconds) { record(at(seconds), {}); }
  // A reading that is told `delay_s` after it was made.
  void read(std::string_view id, std::string_view attribute, flow::Value value, double seconds, double delay_s = 0,
            std::string_view unit = {}) {
    const std::string type = type_of(id);
    record(at(seconds + delay_s),
           {change_of(id, type, {flow::property(Name(attribute), std::move(value), at(seconds), Name(unit))})});
  }
  void write(std::string_view id, std::vector<flow::Attribute> attributes, double seconds) {
    record(at(seconds), {change_of(id, type_of(id), std::move(attributes))});
  }
  void erase(std::string_view id, double seconds) {
    flow::Change change = change_of(id, type_of(id), {});
    change.kind = flow::ChangeKind::erased;
    record(at(seconds), {change});
  }
  void take(const twin::Outbox& out) {
    for (const flow::Write& write : out.writes) {
      auto finding = flow::finding_from(flow::entity_of(write));
      ASSERT_TRUE(finding) << finding.error().message;
      written.push_back(std::move(*finding));
    }
  }

  // "o 60" and "c 90" for opened and cleared at those seconds, in order of writing.
  std::vector<std::string> story() const {
    std::vector<std::string> out;
    for (const flow::Finding& one : written) {
      const bool open = one.cleared_at == kNever;
      const double s = double(((open ? one.opened_at : one.cleared_at) - kStart).count()) / 1e6;
      out.push_back(fmt::format("{} {:g}", open ? "o" : "c", s));
    }
    return out;
  }
  static base::JsonValue json(const std::string& text) {
    auto value = base::JsonValue::parse(text);
    EXPECT_TRUE(value) << text;
    return value ? *value : base::JsonValue{};
  }
  static std::string type_of(std::string_view id) {
    const std::string_view tail = id.substr(std::string_view("urn:ngsi-ld:").size());
    return std::string(tail.substr(0, tail.find(':')));
  }

  RuleEngine engine;
  std::vector<flow::Finding> written;

 private:
  flow::Seq seq_{0};
};

using Story = std::vector<std::string>;

}  // namespace cityloop::decide::test
