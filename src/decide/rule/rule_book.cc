#include "decide/rule/rule_book.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <unordered_map>

#include "base/file.h"
#include "decide/rule/rule_reader.h"

namespace cityloop::decide {
namespace {

using base::ConfigMistake;

// FNV-1a: short, and the same on every machine.
std::string fingerprint(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ std::uint8_t(c)) * 0x100000001b3;
  return fmt::format("{:016x}", hash);
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// From its [[rule]] line to just before the next one.
std::string block_source(std::string_view content, int line) {
  std::size_t from = 0;
  for (int i = 1; i < line && from != content.npos; ++i) from = content.find('\n', from) + 1;
  const std::string_view rest = content.substr(std::min(from, content.size()));
  std::size_t end = rest.find("\n[[");
  while (end != rest.npos && !trimmed(rest.substr(end, 40)).starts_with("[[rule]]")) end = rest.find("\n[[", end + 1);
  return std::string(trimmed(rest.substr(0, end)));
}

// "file:line: reason", as Config::parse tells broken TOML.
ConfigMistake mistake_from(const std::string& file, std::string_view message) {
  ConfigMistake out{file, 1, std::string(message)};
  if (!message.starts_with(file + ":")) return out;
  message.remove_prefix(file.size() + 1);
  const auto [end, error] = std::from_chars(message.data(), message.data() + message.size(), out.line);
  if (error == std::errc{} && std::string_view(end, 2) == ": ") out.reason = std::string(end + 2);
  return out;
}

}  // namespace

class RuleBookBuilder {
 public:
  void read(const flow::RuleFile& file) {
    auto config = base::Config::parse(file.text, file.name);
    if (!config) {
      mistakes_.push_back(mistake_from(file.name, config.error().message));
      return;
    }
    for (base::ConfigTable& block : config->root().tables("rule")) {
      Rule rule = read_rule(block);
      rule.file = file.name;
      rule.source = block_source(file.text, rule.line);
      rule.identity = fingerprint(rule.source);
      refuse_twin(block, rule);
      book_->rules_.push_back(std::move(rule));
    }
    for (ConfigMistake& mistake : config->mistakes()) mistakes_.push_back(std::move(mistake));
  }

  RuleBookLoad finish() {
    if (mistakes_.empty()) resolve();
    RuleBookLoad out;
    std::stable_sort(mistakes_.begin(), mistakes_.end(),
                     [](const auto& a, const auto& b) { return std::tie(a.file, a.line) < std::tie(b.file, b.line); });
    if (mistakes_.empty()) out.book = std::move(book_);
    out.mistakes = std::move(mistakes_);
    return out;
  }

 private:
  void refuse_twin(base::ConfigTable& block, const Rule& rule) {
    const auto [found, is_new] = lines_.emplace(rule.id, fmt::format("{}:{}", rule.file, rule.line));
    if (!is_new && !rule.id.empty()) {
      block.mistake("id", fmt::format("a rule '{}' stands already at {}", rule.id, found->second));
    }
  }

  // Depth first, so that a rule comes after those it refers to; a way back to a rule being visited is a circle.
  void resolve() {
    marks_.assign(book_->rules_.size(), Mark::fresh);
    for (std::size_t i = 0; i < book_->rules_.size(); ++i) visit(i);
  }

  void visit(std::size_t i) {
    if (marks_[i] != Mark::fresh) return;
    marks_[i] = Mark::open;
    Rule& rule = book_->rules_[i];
    for (const std::string& id : references(rule)) {
      const auto found =
          std::find_if(book_->rules_.begin(), book_->rules_.end(), [&](const Rule& other) { return other.id == id; });
      const std::size_t at = std::size_t(found - book_->rules_.begin());
      if (found == book_->rules_.end()) {
        note(rule, fmt::format("rule '{}' refers to a rule '{}' that does not exist", rule.id, id));
      } else if (marks_[at] == Mark::open) {
        note(rule, fmt::format("rule '{}' refers to itself by way of '{}'", rule.id, id));
      } else {
        visit(at);
        rule.identity = fingerprint(rule.identity + found->identity);
      }
    }
    inherit_types(rule);
    marks_[i] = Mark::done;
    book_->order_.push_back(std::uint32_t(i));
  }

  // What counts by another rule's finding is of that rule's types.
  void inherit_types(Rule& rule) {
    const auto types_of = [&](const std::string& id) {
      const Rule* other = book_->find(id);
      return other ? other->types : std::vector<Name>{};
    };
    if (auto* neighbours = std::get_if<Neighbours>(&rule.kind); neighbours && !neighbours->rule.empty()) {
      rule.types = types_of(neighbours->rule);
    }
    if (auto* sequence = std::get_if<Sequence>(&rule.kind)) {
      for (Role* role : {&sequence->first, &sequence->then}) {
        if (!role->rule.empty()) role->types = types_of(role->rule);
      }
      rule.types = sequence->then.types;
    }
  }

  void note(const Rule& rule, std::string reason) {
    int line = rule.line;
    int at = rule.line;
    for (std::size_t from = 0; from < rule.source.size(); ++at) {
      const std::size_t end = std::min(rule.source.find('\n', from), rule.source.size());
      const std::string_view text = trimmed(std::string_view(rule.source).substr(from, end - from));
      if (text.starts_with("rule") && text.find('=') != text.npos) {
        line = at;
        break;
      }
      from = end + 1;
    }
    mistakes_.push_back({rule.file, line, std::move(reason)});
  }

  enum class Mark : std::uint8_t { fresh, open, done };
  std::shared_ptr<RuleBook> book_{std::make_shared<RuleBook>()};
  std::vector<ConfigMistake> mistakes_;
  std::unordered_map<std::string, std::string> lines_;
  std::vector<Mark> marks_;
};

std::string RuleBookLoad::message() const {
  std::string out;
  for (const ConfigMistake& one : mistakes) {
    out += fmt::format("{}{}:{}: {}", out.empty() ? "" : "\n", one.file, one.line, one.reason);
  }
  return out;
}

base::Result<flow::RuleFiles> RuleBook::read_files(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code none;
  if (!fs::exists(path, none)) return flow::RuleFiles{};
  if (!fs::is_directory(path, none)) return flow::RuleFiles{{path, TRY(base::read_file(path))}};
  return flow::read_rule_files(path, {".toml"}, (fs::path(path) / "").string());
}

RuleBookLoad RuleBook::load(const std::string& path) {
  const auto files = read_files(path);
  if (files) return parse(*files);
  return {nullptr, {{path, 1, files.error().message}}};
}

RuleBookLoad RuleBook::parse(const flow::RuleFiles& files) {
  RuleBookBuilder builder;
  for (const flow::RuleFile& file : files) builder.read(file);
  return builder.finish();
}

const Rule* RuleBook::find(std::string_view id) const {
  for (const Rule& rule : rules_) {
    if (rule.id == id) return &rule;
  }
  return nullptr;
}

}  // namespace cityloop::decide
