// A TOML file read with care: every mistake is told with file, line and reason, and a key nobody asked for is a
// mistake.
//
//   Config file = TRY(Config::load("rules/water.toml"));
//   for (ConfigTable& rule : file.root().tables("rule")) { limit = rule.number("limit"); … }
//   TRY(file.check());
//
// Readers take what they need and give a default or a placeholder on error, so that one pass over a file finds all its
// mistakes; check() then returns them together. Unread keys count as mistakes (a typo never passes in silence).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace cityloop::base {

class ConfigTable {
 public:
  struct State;
  explicit ConfigTable(std::shared_ptr<State>);

  bool has(std::string_view key) const;
  std::vector<std::string> keys() const;  // in the file's order of lines
  int line() const;                       // where this table begins
  // Where `key`'s value stands; the table's own line when there is none.
  int line_of(std::string_view key) const;

  // Required; a mistake when absent, of another type, or an empty text.
  std::string text(std::string_view key);
  double number(std::string_view key);
  Duration duration(std::string_view key);  // "15m"
  // Optional, with what holds when absent.
  std::string text_or(std::string_view key, std::string_view otherwise);
  double number_or(std::string_view key, double otherwise);
  bool boolean_or(std::string_view key, bool otherwise);
  Duration duration_or(std::string_view key, Duration otherwise);
  std::optional<double> number_if(std::string_view key);
  // A list of strings; one string stands for a list of one; absent is empty.
  std::vector<std::string> texts(std::string_view key);
  std::vector<double> numbers(std::string_view key);
  std::optional<ConfigTable> table(std::string_view key);
  // [[key]] blocks, or a list of inline tables; absent is empty.
  std::vector<ConfigTable> tables(std::string_view key);
  // The value of `key` whatever its type, as JSON text; "" when absent. For values that are passed on.
  std::string json(std::string_view key);

  // Notes a mistake of meaning at the line of `key` (or of the table when the key is absent).
  void mistake(std::string_view key, std::string reason);

 private:
  std::shared_ptr<State> state_;
};

struct ConfigMistake {
  std::string file;
  int line{};
  std::string reason;
};

// The *.toml files of a folder in order of name; none when there is no such folder.
std::vector<std::string> toml_files(const std::string& folder);

class Config {
 public:
  static Result<Config> load(const std::string& path);
  static Result<Config> parse(std::string_view content, std::string name);

  ConfigTable root();
  // After reading: an error that lists every mistake as "file:line: reason", one a line; nothing when all is well.
  Status check();
  std::vector<ConfigMistake> mistakes();

 private:
  std::shared_ptr<ConfigTable::State> state_;
};

}  // namespace cityloop::base
