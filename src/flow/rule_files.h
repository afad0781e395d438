// Files in which people write rules, as they travel: from their folder to the rules they make, with these into the log,
// and into the checkpoint of the loop that runs by them.
//
//   folder ─ read_rule_files ─▶ [RuleFile…] ─ OpenRuleFiles ─▶ rules, or all mistakes with file and line
//                                    ├─ json_of ─▶ entity ─▶ rule_files_from
//                                    └─ save_rule_files ─▶ checkpoint ─▶ load_rule_files
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/config.h"
#include "base/fingerprint.h"
#include "base/result.h"

namespace cityloop::flow {

struct RuleFile {
  std::string name, text;
  friend bool operator==(const RuleFile&, const RuleFile&) = default;
};
using RuleFiles = std::vector<RuleFile>;

// Those of a folder that end so (".toml"), by name, which `prefix` begins; none where there is no such folder. What
// begins with a point is an editor's.
base::Result<RuleFiles> read_rule_files(const std::string& folder, std::initializer_list<std::string_view> endings,
                                        const std::string& prefix = "");

std::string json_of(const RuleFiles&);
base::Result<RuleFiles> rule_files_from(std::string_view json);
void save_rule_files(const RuleFiles&, base::ByteWriter&);
RuleFiles load_rule_files(base::ByteReader&);  // the reader knows whether it was cut short
void add_to(base::Fingerprint&, const RuleFiles&);

// One mistake a line.
void add_lines(std::string& all, const std::string& lines);

// The TOML files among some, open to be read by several readers one after another.
class OpenRuleFiles {
 public:
  // A file that is no TOML is a mistake. `shown`: by which name mistakes tell of a file.
  OpenRuleFiles(const RuleFiles&, const std::function<std::string(const std::string& name)>& shown,
                std::string& mistakes);
  void each(const std::function<void(base::ConfigTable& root, const std::string& shown)>& read);
  // When all have read: what they found wrong, and what nobody asked for.
  void check(std::string& mistakes);

 private:
  struct Open {
    std::string shown;
    base::Config config;
  };
  std::vector<Open> open_;
};

}  // namespace cityloop::flow
