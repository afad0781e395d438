// What receipts, files and a log prove together, said in plain sentences.
//
//   files, key, log ─▶ judge() ─ Verdict ─▶ `cityloop verify`
//
// Pure: what is to be read was read before. A log is either whole, as lines, or one proof of growth for each size that
// was asked for (sizes_to_ask).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/awards/trust/receipt.h"
#include "flow/finding.h"

namespace cityloop::awards {

struct Evidence {
  struct File {
    std::string name, bytes;
  };
  std::vector<File> files;         // receipts, heads, and what was handed in, in any order
  std::optional<std::string> key;  // raw: what the city is known by; else the receipts' own is taken, and told so
  std::optional<std::string> log;  // all of its lines
  std::map<std::uint64_t, Growth> growths;  // by size, where the log answers proofs
};

enum class Holds : std::uint8_t { proved, contradicted, not_checked };

struct Statement {
  Holds holds;
  flow::Bilingual text;
};

struct Verdict {
  std::vector<Statement> statements;
  bool contradicted() const;
  // Whether anything was proved at all.
  bool proved() const;
};

// The sizes of all heads among the files, ascending.
std::vector<std::uint64_t> sizes_to_ask(const Evidence&);
Verdict judge(const Evidence&);

}  // namespace cityloop::awards
