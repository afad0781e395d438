#include "flow/city_rules.h"

#include "flow/case_parts.h"
#include "flow/noun.h"

namespace cityloop::flow {

std::string version_of(const RuleSources& from) {
  base::Fingerprint version;
  version.add(from.facts.time_zone);
  add_to(version, from.files);
  return version.text();
}

Write rules_entity(EntityId id, Name type, const RuleSources& from, base::Instant in_force_since) {
  return NounWriter(id, type, WriteMode::replace)
      .json("files", json_of(from.files))
      .text("timeZone", from.facts.time_zone)
      .json("departments", texts_json(from.facts.departments))
      .time("inForceSince", in_force_since)
      .take();
}

base::Result<RuleSources> sources_from(const Entity& entity, Name type) {
  TRY(require_type(entity, type.text()));
  RuleSources out;
  out.files = TRY(rule_files_from(json_field(entity, "files")));
  out.facts.time_zone = text_field(entity, "timeZone");
  out.facts.departments = TRY(texts_from(json_field(entity, "departments")));
  return out;
}

void save(const RuleSources& from, base::ByteWriter& out) {
  save_rule_files(from.files, out);
  out.text(from.facts.time_zone);
  out.varint(from.facts.departments.size());
  for (const std::string& department : from.facts.departments) out.text(department);
}

base::Result<RuleSources> load_sources(base::ByteReader& in, std::string_view what) {
  RuleSources out;
  out.files = load_rule_files(in);
  out.facts.time_zone = in.text();
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) out.facts.departments.emplace_back(in.text());
  if (!in.ok()) return base::fail(base::Errc::corrupt, "{} in the checkpoint are cut short", what);
  return out;
}

}  // namespace cityloop::flow
