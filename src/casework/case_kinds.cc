#include "casework/case_kinds.h"

#include <algorithm>
#include <filesystem>

#include "base/config.h"

namespace cityloop::casework {
namespace {

using base::Config;
using base::ConfigTable;
using base::Errc;

flow::Bilingual read_bilingual(ConfigTable& table, std::string_view key) {
  auto both = table.table(key);
  if (!both) return {};
  return {both->text("zh"), both->text("en")};
}

template <class Enum>
Enum read_choice(ConfigTable& table, std::string_view key, std::initializer_list<std::pair<const char*, Enum>> choices,
                 Enum otherwise) {
  if (!table.has(key)) return otherwise;
  const std::string word = table.text(key);
  std::string known;
  for (const auto& [name, value] : choices) {
    if (word == name) return value;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", name);
  }
  if (!word.empty()) table.mistake(key, fmt::format("'{}' is '{}', and must be one of {}", key, word, known));
  return otherwise;
}

bool sound_id(std::string_view id) {
  return !id.empty() && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

void read_deadlines(ConfigTable& table, CaseKind& kind) {
  kind.accept_within = table.duration_or("accept_within", {});
  kind.close_within = table.duration_or("close_within", {});
  kind.verify_hold = table.duration("verify_hold");
  kind.verify_within = table.duration_or("verify_within", {});
  if (kind.close_within != base::Duration::zero() && kind.accept_within > kind.close_within)
    table.mistake("accept_within", "'accept_within' is longer than 'close_within'");
  if (kind.close_within != base::Duration::zero() && kind.verify_hold >= kind.close_within)
    table.mistake("verify_hold", "'verify_hold' leaves no time within 'close_within'");
  if (kind.verify_within != base::Duration::zero() && kind.verify_within <= kind.verify_hold)
    table.mistake("verify_within", "'verify_within' must be longer than 'verify_hold'");
}

CaseKind read_kind(ConfigTable& table) {
  CaseKind kind;
  kind.id = table.text("id");
  if (!kind.id.empty() && !sound_id(kind.id))
    table.mistake("id", fmt::format("the id '{}' may hold a-z, 0-9, '_' and '-' only", kind.id));
  if (!table.has("name")) table.mistake("name", "'name' is missing: { zh = \"…\", en = \"…\" }");
  kind.name = read_bilingual(table, "name");
  kind.department = table.text_or("department", "");
  read_deadlines(table, kind);
  kind.escalate_to = table.text_or("escalate_to", "");
  for (const char* key : {"accept_within", "close_within"}) {
    if (kind.escalate_to.empty() && table.has(key))
      table.mistake(key, fmt::format("with '{}', 'escalate_to' must say who is told when it is missed", key));
  }
  kind.auto_dispatch = table.boolean_or("auto_dispatch", true);
  kind.auto_close = table.boolean_or("auto_close", true);
  kind.cleared_early = read_choice<EarlyClear>(
      table, "cleared_early",
      {{"confirmed", EarlyClear::confirmed}, {"false_alarm", EarlyClear::false_alarm}, {"ask", EarlyClear::ask}},
      kind.auto_close ? EarlyClear::confirmed : EarlyClear::ask);
  kind.command = read_choice<CommandPolicy>(table, "command",
                                            {{"automatic", CommandPolicy::automatic},
                                             {"on_accept", CommandPolicy::on_accept},
                                             {"never", CommandPolicy::never}},
                                            CommandPolicy::automatic);
  const double most = table.number_or("commands_max", 3);
  if (most < 1 || most > 100 || most != std::floor(most))
    table.mistake("commands_max", "'commands_max' must be a whole number from 1 to 100");
  else kind.commands_max = std::uint32_t(most);
  kind.command_on_close = table.json("command_on_close");
  kind.on_open = read_bilingual(table, "on_open");
  return kind;
}

std::string join_mistakes(Config& config) {
  const base::Status checked = config.check();
  return checked ? std::string{} : checked.error().message;
}

// Adds a file's kinds; gives its mistakes, empty when there are none.
std::string read_file_into(base::Result<Config> file, std::vector<CaseKind>& kinds) {
  if (!file) return file.error().message;
  for (ConfigTable& table : file->root().tables("case")) {
    CaseKind kind = read_kind(table);
    const bool twice = std::any_of(kinds.begin(), kinds.end(), [&](const CaseKind& k) { return k.id == kind.id; });
    if (twice && !kind.id.empty()) table.mistake("id", fmt::format("there is a case kind '{}' already", kind.id));
    kinds.push_back(std::move(kind));
  }
  return join_mistakes(*file);
}

}  // namespace

base::Result<CaseKinds> CaseKinds::load(const std::vector<std::string>& files) {
  CaseKinds out;
  std::string mistakes;
  for (const std::string& path : files) {
    const std::string told = read_file_into(Config::load(path), out.kinds_);
    if (!told.empty()) mistakes += (mistakes.empty() ? "" : "\n") + told;
  }
  if (!mistakes.empty()) return std::unexpected(base::Error{Errc::invalid, std::move(mistakes)});
  return out;
}

base::Result<CaseKinds> CaseKinds::load_folder(const std::string& folder) {
  return load(base::toml_files(folder));
}

base::Result<CaseKinds> CaseKinds::parse(std::string_view content, std::string file_name) {
  CaseKinds out;
  std::string mistakes = read_file_into(Config::parse(content, std::move(file_name)), out.kinds_);
  if (!mistakes.empty()) return std::unexpected(base::Error{Errc::invalid, std::move(mistakes)});
  return out;
}

const CaseKind* CaseKinds::find(std::string_view id) const {
  const auto found = std::find_if(kinds_.begin(), kinds_.end(), [&](const CaseKind& kind) { return kind.id == id; });
  return found == kinds_.end() ? nullptr : &*found;
}

}  // namespace cityloop::casework
