#include "flow/rule_files.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "base/json_value.h"
#include "base/json_writer.h"

namespace cityloop::flow {

using base::JsonValue;
using base::JsonWriter;

base::Result<RuleFiles> read_rule_files(const std::string& folder, std::initializer_list<std::string_view> endings,
                                        const std::string& prefix) {
  RuleFiles out;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
    const std::string name = entry.path().filename().string();
    const auto ends = [&](std::string_view ending) { return name.ends_with(ending); };
    if (name.starts_with('.') || !std::any_of(endings.begin(), endings.end(), ends)) continue;
    out.push_back({prefix + name, TRY(base::read_file(entry.path().string()))});
  }
  if (failed && failed != std::errc::no_such_file_or_directory)
    return base::fail(base::Errc::unavailable, "{}: {}", folder, failed.message());
  std::ranges::sort(out, {}, &RuleFile::name);
  return out;
}

std::string json_of(const RuleFiles& files) {
  JsonWriter out;
  out.array();
  for (const RuleFile& file : files) out.object().field("name", file.name).field("text", file.text).end();
  return out.end().take();
}

base::Result<RuleFiles> rule_files_from(std::string_view json) {
  const JsonValue list = TRY(JsonValue::parse(json));
  if (!list.array()) return base::fail(base::Errc::invalid, "the files of rules are a list");
  RuleFiles out;
  for (const JsonValue& file : *list.array()) out.push_back({file.text_or("name", ""), file.text_or("text", "")});
  return out;
}

void save_rule_files(const RuleFiles& files, base::ByteWriter& out) {
  out.varint(files.size());
  for (const RuleFile& file : files) out.text(file.name), out.text(file.text);
}

RuleFiles load_rule_files(base::ByteReader& in) {
  RuleFiles out;
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) {
    std::string name(in.text());
    out.push_back({std::move(name), std::string(in.text())});
  }
  return out;
}

void add_to(base::Fingerprint& version, const RuleFiles& files) {
  for (const RuleFile& file : files) version.add(file.name), version.add(file.text);
}

void add_lines(std::string& all, const std::string& lines) {
  if (lines.empty()) return;
  if (!all.empty()) all += '\n';
  all += lines;
}

OpenRuleFiles::OpenRuleFiles(const RuleFiles& files, const std::function<std::string(const std::string& name)>& shown,
                             std::string& mistakes) {
  for (const RuleFile& file : files) {
    if (!file.name.ends_with(".toml")) continue;
    const std::string name = shown(file.name);
    auto config = base::Config::parse(file.text, name);
    if (config) open_.push_back({name, std::move(*config)});
    else add_lines(mistakes, config.error().message);
  }
}

void OpenRuleFiles::each(const std::function<void(base::ConfigTable& root, const std::string& shown)>& read) {
  for (Open& one : open_) {
    base::ConfigTable root = one.config.root();
    read(root, one.shown);
  }
}

void OpenRuleFiles::check(std::string& mistakes) {
  for (Open& one : open_) {
    if (const base::Status checked = one.config.check(); !checked) add_lines(mistakes, checked.error().message);
  }
}

}  // namespace cityloop::flow
