// What a feed's rows mean: columns or JSON paths → entity type, id, attributes with units, time. Read once from TOML,
// then only looked at.
//
//   feeds/NAME.toml ─ read_mapping ─▶ Mapping ─▶ RowMapper, in a replay or an MQTT feed
//
// A mapping names its inputs (columns, JSON paths, parts of a topic) once per block; everything else refers to them by
// number, so that a row is mapped without looking anything up by text. doc: demo/*/feeds/*.toml are worked examples.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/config.h"
#include "base/time.h"
#include "flow/entity.h"
#include "flow/finding.h"
#include "sense/topic.h"
#include "sense/units.h"

namespace cityloop::sense {

// "urn:ngsi-ld:T:{key}": literals around the inputs, one more of them than inputs.
struct Template {
  std::vector<std::string> literals;
  std::vector<std::size_t> inputs;
};

enum class ValueFrom : std::uint8_t {
  input,     // inputs[0], read as `as` says
  computed,  // inputs[0] op inputs[1]
  text,      // the template filled in; absent when one of its inputs is blank
  constant,
  language,  // one input per language
  point,     // inputs: longitude, latitude
  line,      // inputs: longitude, latitude of both ends
  wkt,       // inputs[0]: POINT, LINESTRING or POLYGON
  geojson,   // inputs[0]
};

enum class ReadAs : std::uint8_t { number, text, boolean, json };

struct AttributeMap {
  flow::Name name;
  flow::AttributeKind kind{flow::AttributeKind::property};
  flow::Name unit;
  ValueFrom from{ValueFrom::input};
  ReadAs as{ReadAs::number};
  std::vector<std::size_t> inputs;
  Template text;
  flow::Value constant;
  char op{};                                                // + - * /
  double scale{1}, offset{0};                               // of the value as it came: v * scale + offset
  Conversion conversion;                                    // then to `unit`
  std::optional<double> minimum, maximum;                   // of the value as it is kept
  std::optional<double> least, most;                        // what is beyond becomes this; before the range is checked
  std::vector<std::string> nulls;                           // texts that say "not known", beside blank and null
  std::vector<std::pair<std::string, flow::Value>> values;  // what a text stands for
  std::optional<flow::Value> other_value;                   // what any other text stands for ("*")
  std::vector<std::string> languages;
  bool leave_out{false};  // a bad value leaves the attribute out instead of refusing the row
};

struct Condition {
  std::size_t input{};
  std::vector<std::string> texts;  // any of them
};

enum class TimeForm : std::uint8_t { iso, epoch_s, epoch_ms, pattern };

struct TimeMap {
  Template from;
  TimeForm form{TimeForm::iso};
  std::string pattern;  // %Y %m %d %H %M %S, and letters as they stand
  bool arrival{false};  // a reading without a time is as old as its arrival
};

struct EntityMap {
  std::vector<std::string> inputs;
  std::optional<TopicPattern> topic;  // of an MQTT feed; its names are inputs too
  flow::Name type;
  Template id;                  // without inputs: the feed is about one entity
  std::optional<TimeMap> time;  // none in a static table
  bool known_only{false};
  std::vector<Condition> where;
  std::vector<AttributeMap> attributes;
  int line{};  // where the block begins in its file
};

enum class RowFormat : std::uint8_t { csv, ndjson };

// How a file's rows are laid out.
struct RowLayout {
  std::string file;
  RowFormat format{RowFormat::csv};
  char delimiter{','};
  std::vector<std::string> header;  // when the file has none
  std::size_t line_max_bytes{64 << 10};
};

// [[static]]: entities, or attributes of them, that stand in a table and do not change with time.
struct TableMap {
  RowLayout rows;
  EntityMap entity;
};

enum class SourceKind : std::uint8_t { file, mqtt, table };

struct Mapping {
  std::string name;
  flow::Bilingual title;
  std::string path;  // of the mapping file, for messages
  SourceKind kind{SourceKind::file};
  RowLayout rows;     // kind file
  std::string group;  // kind mqtt: shared subscription; empty for a plain one
  base::TimeZone zone{base::TimeZone::utc()};
  base::Instant not_before{};
  base::Duration future_max{std::chrono::minutes(10)};
  base::Instant from{base::kNever}, to{base::Instant::max()};  // window, [from, to)
  std::size_t entities_max{200'000};
  std::vector<EntityMap> entities;
  std::vector<TableMap> tables;

  std::vector<std::string> subscriptions() const;  // of an MQTT feed, each once
};

using MappingPtr = std::shared_ptr<const Mapping>;

// Every mistake as "file:line: reason", one a line.
base::Result<MappingPtr> read_mapping(const std::filesystem::path&);
base::Result<MappingPtr> parse_mapping(std::string_view content, const std::string& name);

}  // namespace cityloop::sense
