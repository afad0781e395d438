// All rules of a city, read from the [[rule]] blocks of a folder's TOML files. An immutable snapshot: whoever holds one
// keeps it as long as it likes, and a changed folder makes a new one.
//
//   rules/*.toml ─▶ [RuleBook] ─▶ RuleEngine, Backtest, console
//
// One wrong rule refuses the whole book, with every mistake of every file told at once: half a book would be a city
// that believes itself watched.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/config.h"
#include "decide/rule/rule.h"
#include "flow/rule_files.h"

namespace cityloop::decide {

class RuleBook;
using RuleBookPtr = std::shared_ptr<const RuleBook>;

// Either a book, or why there is none.
struct RuleBookLoad {
  RuleBookPtr book;
  std::vector<base::ConfigMistake> mistakes;  // by file and line
  // All mistakes as "file:line: reason", one a line.
  std::string message() const;
};

class RuleBook {
 public:
  // A folder (its *.toml, sorted by name) or one file. A folder that does not exist is an empty book.
  static RuleBookLoad load(const std::string& path);
  static RuleBookLoad parse(const flow::RuleFiles&);
  // The files that load would read; for watching them.
  static base::Result<flow::RuleFiles> read_files(const std::string& path);

  // In order of file and line; a rule's place here is its ordinal.
  const std::vector<Rule>& rules() const { return rules_; }
  const Rule* find(std::string_view id) const;
  // Ordinals so that each rule comes after those it refers to.
  const std::vector<std::uint32_t>& order() const { return order_; }

 private:
  friend class RuleBookBuilder;
  std::vector<Rule> rules_;
  std::vector<std::uint32_t> order_;
};

}  // namespace cityloop::decide
