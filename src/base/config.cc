#include "base/config.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include <toml++/toml.h>

#include "base/file.h"
#include "base/json_writer.h"

namespace cityloop::base {

// What all tables of one file share, and one node of its tree per table that was asked for.
struct SharedFile {
  std::string name;
  toml::table content;
  std::vector<ConfigMistake> mistakes;
  std::set<const void*> read;  // nodes that somebody asked for
};

struct ConfigTable::State {
  std::shared_ptr<SharedFile> file;
  const toml::table* node{};
};

namespace {

int line_of_node(const toml::node& node) {
  return int(node.source().begin.line);
}

void note(SharedFile& file, int line, std::string reason) {
  file.mistakes.push_back({file.name, std::max(line, 1), std::move(reason)});
}

const toml::node* find(const ConfigTable::State& state, std::string_view key) {
  const toml::node* node = state.node->get(key);
  if (node) state.file->read.insert(node);
  return node;
}

const toml::node* require(const ConfigTable::State& state, std::string_view key) {
  const toml::node* node = find(state, key);
  if (!node) note(*state.file, line_of_node(*state.node), fmt::format("'{}' is missing", key));
  return node;
}

void wrong_type(const ConfigTable::State& state, const toml::node& node, std::string_view key,
                std::string_view wanted) {
  note(*state.file, line_of_node(node), fmt::format("'{}' must be {}", key, wanted));
}

void unread_in(SharedFile& file, const toml::node& node) {
  if (const toml::table* table = node.as_table()) {
    for (const auto& [key, child] : *table) {
      if (!file.read.contains(&child))
        note(file, int(key.source().begin.line), fmt::format("'{}' is not known here", key.str()));
      else unread_in(file, child);
    }
  } else if (const toml::array* array = node.as_array()) {
    for (const toml::node& child : *array) unread_in(file, child);
  }
}

// Marks a value and all below it as read: it is passed on whole.
void read_whole(SharedFile& file, const toml::node& node) {
  file.read.insert(&node);
  if (const toml::table* table = node.as_table()) {
    for (const auto& [key, child] : *table) read_whole(file, child);
  } else if (const toml::array* array = node.as_array()) {
    for (const toml::node& child : *array) read_whole(file, child);
  }
}

void write_json(JsonWriter& out, const toml::node& node) {
  if (const toml::table* table = node.as_table()) {
    out.object();
    for (const auto& [key, child] : *table) write_json(out.key(key.str()), child);
    out.end();
  } else if (const toml::array* array = node.as_array()) {
    out.array();
    for (const toml::node& child : *array) write_json(out, child);
    out.end();
  } else if (const auto* text = node.as_string()) {
    out.text(text->get());
  } else if (const auto* flag = node.as_boolean()) {
    out.boolean(flag->get());
  } else if (const auto number = node.value<double>()) {
    out.number(*number);
  } else {
    out.null();
  }
}

}  // namespace

ConfigTable::ConfigTable(std::shared_ptr<State> state) : state_(std::move(state)) {}

bool ConfigTable::has(std::string_view key) const {
  return state_->node->contains(key);
}

std::vector<std::string> ConfigTable::keys() const {
  std::vector<std::pair<int, std::string>> ordered;
  for (const auto& [key, child] : *state_->node)
    ordered.emplace_back(int(key.source().begin.line), std::string(key.str()));
  std::stable_sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> out;
  for (auto& [line, key] : ordered) out.push_back(std::move(key));
  return out;
}

int ConfigTable::line() const {
  return std::max(1, line_of_node(*state_->node));
}

int ConfigTable::line_of(std::string_view key) const {
  const toml::node* node = state_->node->get(key);
  return node ? line_of_node(*node) : line();
}

std::string ConfigTable::text(std::string_view key) {
  const toml::node* node = require(*state_, key);
  if (!node) return {};
  if (const auto* value = node->as_string()) {
    if (value->get().empty()) mistake(key, fmt::format("'{}' is empty", key));
    return value->get();
  }
  wrong_type(*state_, *node, key, "a text in quotes");
  return {};
}

double ConfigTable::number(std::string_view key) {
  const toml::node* node = require(*state_, key);
  if (!node) return 0;
  if (node->is_number()) return *node->value<double>();
  wrong_type(*state_, *node, key, "a number");
  return 0;
}

Duration ConfigTable::duration(std::string_view key) {
  const toml::node* node = require(*state_, key);
  if (!node) return {};
  const auto* value = node->as_string();
  if (!value) return wrong_type(*state_, *node, key, "a duration in quotes like \"15m\""), Duration{};
  const auto parsed = parse_duration(value->get());
  if (!parsed) note(*state_->file, line_of_node(*node), fmt::format("'{}': {}", key, parsed.error().message));
  return parsed.value_or(Duration{});
}

std::string ConfigTable::text_or(std::string_view key, std::string_view otherwise) {
  return has(key) ? text(key) : std::string(otherwise);
}

double ConfigTable::number_or(std::string_view key, double otherwise) {
  return has(key) ? number(key) : otherwise;
}

bool ConfigTable::boolean_or(std::string_view key, bool otherwise) {
  const toml::node* node = find(*state_, key);
  if (!node) return otherwise;
  if (const auto* value = node->as_boolean()) return value->get();
  wrong_type(*state_, *node, key, "true or false");
  return otherwise;
}

Duration ConfigTable::duration_or(std::string_view key, Duration otherwise) {
  return has(key) ? duration(key) : otherwise;
}

std::optional<double> ConfigTable::number_if(std::string_view key) {
  return has(key) ? std::optional(number(key)) : std::nullopt;
}

std::vector<std::string> ConfigTable::texts(std::string_view key) {
  const toml::node* node = find(*state_, key);
  if (!node) return {};
  if (const auto* value = node->as_string()) return {value->get()};
  const toml::array* array = node->as_array();
  std::vector<std::string> out;
  if (!array) return wrong_type(*state_, *node, key, "a list of texts"), out;
  for (const toml::node& item : *array) {
    if (const auto* value = item.as_string()) out.push_back(value->get());
    else wrong_type(*state_, item, key, "a list of texts");
  }
  return out;
}

std::vector<double> ConfigTable::numbers(std::string_view key) {
  const toml::node* node = find(*state_, key);
  if (!node) return {};
  if (node->is_number()) return {*node->value<double>()};
  const toml::array* array = node->as_array();
  std::vector<double> out;
  if (!array) return wrong_type(*state_, *node, key, "a list of numbers"), out;
  for (const toml::node& item : *array) {
    if (item.is_number()) out.push_back(*item.value<double>());
    else wrong_type(*state_, item, key, "a list of numbers");
  }
  return out;
}

std::optional<ConfigTable> ConfigTable::table(std::string_view key) {
  const toml::node* node = find(*state_, key);
  if (!node) return std::nullopt;
  if (const toml::table* table = node->as_table())
    return ConfigTable(std::make_shared<State>(State{state_->file, table}));
  wrong_type(*state_, *node, key, "a table");
  return std::nullopt;
}

std::vector<ConfigTable> ConfigTable::tables(std::string_view key) {
  const toml::node* node = find(*state_, key);
  if (!node) return {};
  std::vector<ConfigTable> out;
  const toml::array* array = node->as_array();
  if (!array) return wrong_type(*state_, *node, key, fmt::format("[[{}]] blocks", key)), out;
  for (const toml::node& item : *array) {
    state_->file->read.insert(&item);
    if (const toml::table* table = item.as_table())
      out.emplace_back(std::make_shared<State>(State{state_->file, table}));
    else wrong_type(*state_, item, key, "a list of tables");
  }
  return out;
}

std::string ConfigTable::json(std::string_view key) {
  const toml::node* node = find(*state_, key);
  if (!node) return {};
  read_whole(*state_->file, *node);
  JsonWriter out;
  write_json(out, *node);
  return out.take();
}

void ConfigTable::mistake(std::string_view key, std::string reason) {
  note(*state_->file, line_of(key), std::move(reason));
}

std::vector<std::string> toml_files(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    if (entry.path().extension() == ".toml") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

Result<Config> Config::load(const std::string& path) {
  return parse(TRY(read_file(path)), path);
}

Result<Config> Config::parse(std::string_view content, std::string name) {
  Config config;
  auto file = std::make_shared<SharedFile>();
  file->name = std::move(name);
  try {
    file->content = toml::parse(content, file->name);
  } catch (const toml::parse_error& error) {
    return fail(Errc::invalid, "{}:{}: {}", file->name, error.source().begin.line, error.description());
  }
  config.state_ = std::make_shared<ConfigTable::State>(ConfigTable::State{file, &file->content});
  return config;
}

ConfigTable Config::root() {
  return ConfigTable(state_);
}

std::vector<ConfigMistake> Config::mistakes() {
  std::vector<ConfigMistake> all;
  SharedFile& file = *state_->file;
  const std::size_t noted = file.mistakes.size();
  unread_in(file, file.content);
  all = file.mistakes;
  file.mistakes.resize(noted);
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.line < b.line; });
  return all;
}

Status Config::check() {
  std::string message;
  for (const ConfigMistake& mistake : mistakes()) {
    if (!message.empty()) message += '\n';
    message += fmt::format("{}:{}: {}", mistake.file, mistake.line, mistake.reason);
  }
  if (message.empty()) return {};
  return std::unexpected(Error{Errc::invalid, std::move(message)});
}

}  // namespace cityloop::base
