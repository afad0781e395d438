#include "sense/mapping.h"

#include <algorithm>
#include <set>

#include "sense/mapping_parts.h"

namespace cityloop::sense {
namespace {

using base::Config;
using base::ConfigTable;
using base::Instant;
using flow::Name;

constexpr std::size_t kLineMost = 16 << 20;

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 80 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

// A whole number of at least `least`; what is otherwise when the key is absent or wrong.
std::size_t read_count(ConfigTable& table, std::string_view key, std::size_t least, std::size_t most,
                       std::size_t otherwise) {
  const auto given = table.number_if(key);
  if (!given) return otherwise;
  if (*given >= double(least) && *given <= double(most)) return std::size_t(*given);
  table.mistake(key, fmt::format("'{}' must be from {} to {}", key, least, most));
  return otherwise;
}

RowLayout read_layout(ConfigTable& table, std::string_view file_key) {
  RowLayout out;
  out.file = table.text(file_key);
  std::string_view plain = out.file;
  if (plain.ends_with(".gz")) plain.remove_suffix(3);
  const bool json_name = plain.ends_with(".ndjson") || plain.ends_with(".jsonl") || plain.ends_with(".json");
  const std::string format = table.text_or("format", json_name ? "ndjson" : "csv");
  if (format == "ndjson") out.format = RowFormat::ndjson;
  else if (format != "csv") table.mistake("format", fmt::format("'{}' is neither csv nor ndjson", format));
  const std::string delimiter = table.text_or("delimiter", ",");
  if (delimiter.size() != 1 || delimiter == "\"" || delimiter == "\n" || delimiter == "\r") {
    table.mistake("delimiter", "'delimiter' must be one letter, and neither a quote nor the end of a line");
  } else {
    out.delimiter = delimiter[0];
  }
  out.header = table.texts("header");
  out.line_max_bytes = read_count(table, "line_max_bytes", 256, kLineMost, out.line_max_bytes);
  return out;
}

TimeMap read_time(ConfigTable& entity, InputNames& inputs) {
  TimeMap out;
  auto table = entity.table("observed_at");
  if (!table) return out;
  const std::string from = table->text("from");
  const bool is_template = from.find('{') != from.npos;
  out.from = read_template(*table, "from", is_template ? from : fmt::format("{{{}}}", from), inputs);
  const std::string format = table->text_or("format", "iso");
  if (format == "epoch_s") out.form = TimeForm::epoch_s;
  else if (format == "epoch_ms") out.form = TimeForm::epoch_ms;
  else if (format.find('%') != format.npos) out.form = TimeForm::pattern, out.pattern = format;
  else if (format != "iso") {
    table->mistake("format",
                   fmt::format("'{}' is not iso, epoch_s, epoch_ms or a pattern like %d.%m.%Y %H:%M", format));
  }
  for (std::size_t at = out.pattern.find('%'); at != std::string::npos; at = out.pattern.find('%', at + 2)) {
    if (at + 1 == out.pattern.size() ||
        std::string_view("YmdHMS").find(out.pattern[at + 1]) == std::string_view::npos) {
      table->mistake("format", fmt::format("'{}': only %Y %m %d %H %M %S are known", format));
      break;
    }
  }
  const std::string otherwise = table->text_or("otherwise", "refuse");
  if (otherwise != "refuse" && otherwise != "arrival") {
    table->mistake("otherwise", fmt::format("'{}' is neither refuse nor arrival", otherwise));
  }
  out.arrival = otherwise == "arrival";
  return out;
}

void read_where(ConfigTable& table, EntityMap& out, InputNames& inputs) {
  auto where = table.table("where");
  if (!where) return;
  for (const std::string& column : where->keys()) {
    Condition condition{inputs.number_of(column), where->texts(column)};
    if (condition.texts.empty()) where->mistake(column, "name at least one text that passes");
    out.where.push_back(std::move(condition));
  }
}

void read_attributes(ConfigTable& table, EntityMap& out, InputNames& inputs) {
  for (ConfigTable& attribute : table.tables("attribute")) {
    AttributeMap read = read_attribute(attribute, inputs);
    const bool twice = std::any_of(out.attributes.begin(), out.attributes.end(),
                                   [&](const AttributeMap& mine) { return mine.name == read.name; });
    if (twice && !read.name.empty()) {
      attribute.mistake("name", fmt::format("the attribute '{}' stands twice", read.name.text()));
    }
    out.attributes.push_back(std::move(read));
  }
  if (out.attributes.empty()) table.mistake("attribute", "the block has no attribute");
}

EntityMap read_entity(ConfigTable& table, SourceKind kind) {
  EntityMap out;
  out.line = table.line();
  if (kind == SourceKind::mqtt) {
    const auto topic = TopicPattern::parse(table.text("topic"));
    if (topic) {
      out.topic = *topic;
      out.inputs = topic->names();
    } else if (table.has("topic")) {
      table.mistake("topic", topic.error().message);
    }
  }
  InputNames inputs(out.inputs);
  out.type = Name(table.text("type"));
  const std::string id = table.text("id");
  if (table.has("id") && !id.starts_with("urn:")) {
    table.mistake("id", fmt::format("'{}' must be a URN like urn:ngsi-ld:TYPE:{{column}}", id));
  }
  out.id = read_template(table, "id", id, inputs);
  if (kind != SourceKind::table) {
    if (!table.has("observed_at")) table.mistake("observed_at", "'observed_at' is missing: { from = \"column\" }");
    out.time = read_time(table, inputs);
    out.known_only = table.boolean_or("known_only", false);
  }
  read_where(table, out, inputs);
  read_attributes(table, out, inputs);
  return out;
}

// A day or an instant, in the feed's zone unless it names one.
Instant read_instant(ConfigTable& table, std::string_view key, const base::TimeZone& zone, Instant otherwise) {
  if (!table.has(key)) return otherwise;
  const std::string text = table.text(key);
  const auto local = base::parse_time(text);
  if (!local) return table.mistake(key, local.error().message), otherwise;
  const bool zoned = text.size() > 10 && text.find_first_of("Zz+-", 10) != text.npos;
  return zoned ? *local : zone.to_utc(*local);
}

void read_times(ConfigTable& root, Mapping& out) {
  const std::string name = root.text_or("time_zone", "UTC");
  auto zone = base::TimeZone::load(name);
  if (zone) out.zone = std::move(*zone);
  else root.mistake("time_zone", zone.error().message);
  out.not_before = read_instant(root, "not_before", out.zone, base::parse_time("2000-01-01").value());
  out.future_max = root.duration_or("future_max", out.future_max);
  out.from = read_instant(root, "from", out.zone, out.from);
  out.to = read_instant(root, "to", out.zone, out.to);
  if (out.to <= out.from) root.mistake("to", "'to' must be later than 'from'");
}

void read_kind(ConfigTable& root, Mapping& out) {
  const std::string kind = root.text("kind");
  if (kind == "mqtt") out.kind = SourceKind::mqtt;
  else if (kind == "table") out.kind = SourceKind::table;
  else if (kind != "file" && root.has("kind")) {
    root.mistake("kind", fmt::format("'{}' is not file, mqtt or table", kind));
  }
  if (out.kind == SourceKind::file) out.rows = read_layout(root, "file");
  if (out.kind == SourceKind::mqtt) out.group = root.text_or("group", "");
  if (out.group.find_first_of("/+#") != std::string::npos) {
    root.mistake("group", "a group's name holds none of / + #");
  }
}

void read_blocks(ConfigTable& root, Mapping& out) {
  for (ConfigTable& table : root.tables("static")) {
    TableMap read{read_layout(table, "table"), read_entity(table, SourceKind::table)};
    out.tables.push_back(std::move(read));
  }
  for (ConfigTable& table : root.tables("entity")) {
    EntityMap read = read_entity(table, out.kind);
    const bool listed = std::any_of(out.tables.begin(), out.tables.end(),
                                    [&](const TableMap& t) { return t.entity.type == read.type; });
    if (read.known_only && !listed) {
      table.mistake("known_only",
                    fmt::format("no [[static]] block of this file lists entities of type '{}'", read.type.text()));
    }
    out.entities.push_back(std::move(read));
  }
  if (out.kind == SourceKind::table) {
    if (!out.entities.empty()) root.mistake("entity", "a feed of kind table has [[static]] blocks only");
    if (out.tables.empty()) root.mistake("static", "a feed of kind table needs a [[static]] block");
  } else if (out.entities.empty()) {
    root.mistake("entity", "the feed has no [[entity]] block");
  }
}

base::Result<MappingPtr> read(Config file, std::string path) {
  ConfigTable root = file.root();
  auto out = std::make_shared<Mapping>();
  out->path = std::move(path);
  out->name = root.text("name");
  if (root.has("name") && !is_name(out->name)) {
    root.mistake("name", fmt::format("'{}' must be letters, digits, '-' and '_'", out->name));
  }
  out->title = {out->name, out->name};
  if (auto title = root.table("title")) out->title = {title->text("zh"), title->text("en")};
  read_kind(root, *out);
  read_times(root, *out);
  out->entities_max = read_count(root, "entities_max", 1, 50'000'000, out->entities_max);
  read_blocks(root, *out);
  TRY(file.check());
  return MappingPtr(std::move(out));
}

}  // namespace

std::vector<std::string> Mapping::subscriptions() const {
  std::set<std::string> filters;
  for (const EntityMap& entity : entities) {
    if (!entity.topic) continue;
    filters.insert(group.empty() ? entity.topic->filter() : fmt::format("$share/{}/{}", group, entity.topic->filter()));
  }
  return {filters.begin(), filters.end()};
}

base::Result<MappingPtr> read_mapping(const std::filesystem::path& path) {
  return read(TRY(Config::load(path.string())), path.string());
}

base::Result<MappingPtr> parse_mapping(std::string_view content, const std::string& name) {
  return read(TRY(Config::parse(content, name)), name);
}

}  // namespace cityloop::sense
