// What a version of rules is made of: the files people wrote and what these rules need to know of their city. As such
// it travels, into the log when it comes into force and into the checkpoint of the loop that runs by it.
//
//   files, city ─▶ [RuleSources] ─ rules_entity ─▶ log ─▶ sources_from
//                        └─ save ─▶ checkpoint ─▶ load_sources
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/fingerprint.h"
#include "base/result.h"
#include "flow/change.h"
#include "flow/rule_files.h"

namespace cityloop::flow {

// Empty lists are not checked against.
struct CityFacts {
  std::string time_zone{"UTC"};
  std::vector<std::string> departments{};
  std::vector<std::string> areas{};  // policy areas; only files are checked against them, so they are not kept
};

struct RuleSources {
  RuleFiles files{};
  CityFacts facts{};
};

std::string version_of(const RuleSources&);

Write rules_entity(EntityId, Name type, const RuleSources&, base::Instant in_force_since);
base::Result<RuleSources> sources_from(const Entity&, Name type);

void save(const RuleSources&, base::ByteWriter&);
// `what` are they: "the case rules".
base::Result<RuleSources> load_sources(base::ByteReader&, std::string_view what);

}  // namespace cityloop::flow
