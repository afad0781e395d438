#include "act/device_types.h"

#include <algorithm>
#include <filesystem>

#include "base/config.h"

namespace cityloop::act {
namespace {

using base::Config;
using base::ConfigTable;
using base::Errc;
using std::chrono::seconds;

constexpr std::string_view kPlaceholders[] = {"{id_tail}", "{id}"};

// "HH:MM" in minutes; -1 when it is none.
int clock_minutes(std::string_view text) {
  const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  if (text.size() != 5 || text[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4)) return -1;
  const int hour = (text[0] - '0') * 10 + text[1] - '0', minute = (text[3] - '0') * 10 + text[4] - '0';
  return hour <= 24 && minute <= 59 && hour * 60 + minute <= 24 * 60 ? hour * 60 + minute : -1;
}

ApprovalRule read_approval(ConfigTable& table) {
  const std::string word = table.text_or("needs_approval", "never");
  constexpr std::string_view kOutside = "outside ";
  if (word == "never" || word.empty()) return {};
  if (word == "always") return {ApprovalRule::When::always};
  const std::string_view window = std::string_view(word).starts_with(kOutside)
                                      ? std::string_view(word).substr(kOutside.size())
                                      : std::string_view{};
  if (window.size() == 11 && window[5] == '-') {
    const int from = clock_minutes(window.substr(0, 5)), to = clock_minutes(window.substr(6));
    if (from >= 0 && to >= 0 && from != to) return {ApprovalRule::When::outside, from, to};
  }
  table.mistake("needs_approval",
                fmt::format("'needs_approval' is '{}', and must be never, always or outside HH:MM-HH:MM", word));
  return {ApprovalRule::When::always};
}

std::optional<Exclusion> exclusion_from(std::string_view text) {
  constexpr std::string_view kRef = "$ref:", kGroup = "$group.";
  Exclusion out;
  if (text.starts_with(kGroup)) {
    out.where = Exclusion::Where::group;
    out.command = text.substr(kGroup.size());
  } else if (text.starts_with(kRef)) {
    const std::size_t dot = text.rfind('.');
    if (dot == text.npos || dot <= kRef.size()) return std::nullopt;
    out.where = Exclusion::Where::relationship;
    out.relationship = Name(text.substr(kRef.size(), dot - kRef.size()));
    out.command = text.substr(dot + 1);
  } else {
    out.command = text;
  }
  if (out.command.empty() || out.command.find('$') != out.command.npos) return std::nullopt;
  return out;
}

void read_excludes(ConfigTable& table, CommandSpec& spec) {
  for (const std::string& text : table.texts("excludes")) {
    const auto exclusion = exclusion_from(text);
    if (!exclusion) {
      table.mistake("excludes",
                    fmt::format("'{}' is not a command, $ref:RELATIONSHIP.COMMAND or $group.COMMAND", text));
      continue;
    }
    spec.excludes.push_back(*exclusion);
  }
}

void read_effects(ConfigTable& table, CommandSpec& spec) {
  for (ConfigTable& one : table.tables("effect")) {
    Effect effect{Name(one.text("attribute")), one.duration("within"), one.number_or("tolerance", 0)};
    if (effect.tolerance < 0) one.mistake("tolerance", "'tolerance' cannot be negative");
    if (effect.tolerance > 0 && spec.kind != ValueKind::number)
      one.mistake("tolerance", "'tolerance' is for numbers only");
    if (effect.within <= Duration::zero()) one.mistake("within", "'within' must be longer than nothing");
    spec.effects.push_back(effect);
  }
}

void read_range(ConfigTable& table, CommandSpec& spec) {
  const std::string kind = table.text("kind");
  if (kind == "number") spec.kind = ValueKind::number;
  else if (kind == "text") spec.kind = ValueKind::text;
  else if (kind != "boolean" && !kind.empty())
    table.mistake("kind", fmt::format("'kind' is '{}', and must be boolean, number or text", kind));
  spec.min = table.number_if("min");
  spec.max = table.number_if("max");
  spec.unit = table.text_or("unit", "");
  if (spec.kind == ValueKind::boolean && (spec.min || spec.max))
    table.mistake(spec.min ? "min" : "max", "a boolean has no range");
  if (spec.min && spec.max && *spec.min > *spec.max) table.mistake("min", "'min' is above 'max'");
}

CommandSpec read_command(ConfigTable& table) {
  CommandSpec spec;
  spec.name = table.text("name");
  read_range(table, spec);
  spec.min_interval = table.duration_or("min_interval", {});
  const std::string soon = table.text_or("when_too_soon", "refuse");
  spec.wait_when_too_soon = soon == "wait";
  if (soon != "wait" && soon != "refuse") table.mistake("when_too_soon", "'when_too_soon' must be wait or refuse");
  spec.approval = read_approval(table);
  spec.approve_within = table.duration_or("approve_within", {});
  read_excludes(table, spec);
  spec.ack_timeout = table.duration_or("ack_timeout", seconds(5));
  if (spec.ack_timeout < std::chrono::milliseconds(100))
    table.mistake("ack_timeout", "'ack_timeout' must be at least 100ms");
  spec.done_timeout = table.duration_or("done_timeout", seconds(60));
  const double retries = table.number_or("retries", 3);
  if (retries < 0 || retries > 20 || retries != std::floor(retries))
    table.mistake("retries", "'retries' must be a whole number from 0 to 20");
  else spec.retries = std::uint32_t(retries);
  read_effects(table, spec);
  return spec;
}

std::string read_topic(ConfigTable& table, std::string_view key) {
  std::string topic = table.text(key);
  bool names_device = false;
  std::size_t start = 0;
  while (start <= topic.size() && !topic.empty()) {
    const std::size_t end = std::min(topic.find('/', start), topic.size());
    const std::string_view level = std::string_view(topic).substr(start, end - start);
    const bool placeholder =
        std::find(std::begin(kPlaceholders), std::end(kPlaceholders), level) != std::end(kPlaceholders);
    names_device |= placeholder;
    if (!placeholder && level.find_first_of("{}+#") != level.npos) {
      table.mistake(key,
                    fmt::format("'{}' in '{}': a level of a topic is plain text, {{id}} or {{id_tail}}", level, key));
      return topic;
    }
    start = end + 1;
  }
  if (!topic.empty() && !names_device)
    table.mistake(key, fmt::format("'{}' must say which device: {{id}} or {{id_tail}}", key));
  return topic;
}

// What excludes another must be excluded by it.
void mirror_exclusions(DeviceType& type) {
  for (const CommandSpec& spec : type.commands) {
    for (const Exclusion& exclusion : spec.excludes) {
      if (exclusion.where != Exclusion::Where::same_device) continue;
      for (CommandSpec& other : type.commands) {
        const Exclusion back{Exclusion::Where::same_device, {}, spec.name};
        if (other.name != exclusion.command || other.name == spec.name) continue;
        if (std::find(other.excludes.begin(), other.excludes.end(), back) == other.excludes.end())
          other.excludes.push_back(back);
      }
    }
  }
}

DeviceType read_type(ConfigTable& table) {
  DeviceType type;
  type.id = table.text("id");
  type.entity_type = table.text_or("entity_type", "Device");
  if (auto name = table.table("name")) type.name = {name->text("zh"), name->text("en")};
  type.topic = read_topic(table, "topic");
  type.receipt_topic = read_topic(table, "receipt_topic");
  std::vector<ConfigTable> commands = table.tables("command");
  if (commands.empty()) table.mistake("command", "a device type has at least one [[device_type.command]]");
  for (ConfigTable& one : commands) {
    CommandSpec spec = read_command(one);
    if (!spec.name.empty() && type.find(spec.name))
      one.mistake("name", fmt::format("'{}' has a command '{}' already", type.id, spec.name));
    type.commands.push_back(std::move(spec));
  }
  for (std::size_t i = 0; i < commands.size(); ++i) {
    for (const Exclusion& exclusion : type.commands[i].excludes) {
      if (exclusion.where == Exclusion::Where::same_device && !type.find(exclusion.command))
        commands[i].mistake("excludes", fmt::format("'{}' has no command '{}'", type.id, exclusion.command));
    }
  }
  mirror_exclusions(type);
  return type;
}

// Adds a file's types; gives its mistakes, empty when there are none.
std::string read_file_into(base::Result<Config> file, std::vector<DeviceType>& types) {
  if (!file) return file.error().message;
  for (ConfigTable& table : file->root().tables("device_type")) {
    DeviceType type = read_type(table);
    const bool twice = std::any_of(types.begin(), types.end(), [&](const DeviceType& t) { return t.id == type.id; });
    if (twice && !type.id.empty()) table.mistake("id", fmt::format("there is a device type '{}' already", type.id));
    types.push_back(std::move(type));
  }
  const base::Status checked = file->check();
  return checked ? std::string{} : checked.error().message;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

}  // namespace

const CommandSpec* DeviceType::find(std::string_view command) const {
  const auto found = std::find_if(commands.begin(), commands.end(), [&](const auto& c) { return c.name == command; });
  return found == commands.end() ? nullptr : &*found;
}

base::Result<DeviceTypes> DeviceTypes::load(const std::vector<std::string>& files) {
  DeviceTypes out;
  std::string mistakes;
  for (const std::string& path : files) {
    const std::string told = read_file_into(Config::load(path), out.types_);
    if (!told.empty()) mistakes += (mistakes.empty() ? "" : "\n") + told;
  }
  if (!mistakes.empty()) return std::unexpected(base::Error{Errc::invalid, std::move(mistakes)});
  return out;
}

base::Result<DeviceTypes> DeviceTypes::load_folder(const std::string& folder) {
  return load(base::toml_files(folder));
}

base::Result<DeviceTypes> DeviceTypes::parse(std::string_view content, std::string file_name) {
  DeviceTypes out;
  std::string mistakes = read_file_into(Config::parse(content, std::move(file_name)), out.types_);
  if (!mistakes.empty()) return std::unexpected(base::Error{Errc::invalid, std::move(mistakes)});
  return out;
}

const DeviceType* DeviceTypes::find(std::string_view id) const {
  const auto found = std::find_if(types_.begin(), types_.end(), [&](const DeviceType& type) { return type.id == id; });
  return found == types_.end() ? nullptr : &*found;
}

std::vector<std::string> DeviceTypes::receipt_filters() const {
  std::vector<std::string> out;
  for (const DeviceType& type : types_) {
    std::string filter = type.receipt_topic;
    for (const std::string_view placeholder : kPlaceholders) replace_all(filter, placeholder, "+");
    out.push_back(std::move(filter));
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::string_view id_tail(EntityId id) {
  std::string_view text = id.text();
  constexpr std::string_view kPrefix = "urn:ngsi-ld:";
  if (!text.starts_with(kPrefix)) return text;
  const std::size_t colon = text.find(':', kPrefix.size());
  return colon == text.npos ? text : text.substr(colon + 1);
}

base::Result<std::string> topic_for(std::string_view pattern, EntityId device) {
  const std::string_view id = device.text();
  const bool harmful = std::any_of(id.begin(), id.end(),
                                   [](char c) { return c == '/' || c == '+' || c == '#' || std::uint8_t(c) < 0x20; });
  if (harmful || id_tail(device).empty())
    return base::fail(Errc::invalid, "the id '{}' cannot stand in an MQTT topic", id);
  std::string topic(pattern);
  replace_all(topic, kPlaceholders[0], id_tail(device));
  replace_all(topic, kPlaceholders[1], id);
  return topic;
}

}  // namespace cityloop::act
