#include "broker/federation/narrow.h"

#include <algorithm>

#include "base/json_writer.h"

namespace cityloop::broker {

using flow::Name;

std::vector<Name> attributes_for(const std::vector<Name>& wanted, const RegistrationInfo& info) {
  if (wanted.empty()) return info.attributes;
  std::vector<Name> out;
  for (const Name name : wanted) {
    if (!name.empty() && info.has_attribute(name)) out.push_back(name);
  }
  return out;
}

bool is_wanted(const std::vector<Name>& wanted, const RegistrationInfo& info) {
  return wanted.empty() || std::ranges::any_of(wanted, [&](Name name) { return info.has_attribute(name); });
}

std::vector<Name> types_for(const Interest& interest, const EntityInfo* info) {
  std::vector<Name> asked;
  for (const Selector& selector : interest.entities) {
    if (selector.types.empty()) return info ? info->types : std::vector<Name>{};
    for (const Name type : selector.types) {
      if (std::ranges::find(asked, type) == asked.end()) asked.push_back(type);
    }
  }
  if (!info || info->types.empty()) return asked;
  if (asked.empty()) return info->types;
  std::erase_if(asked, [&](Name type) { return std::ranges::find(info->types, type) == info->types.end(); });
  return asked;
}

void add_ids(const Interest& interest, const EntityInfo* info, Outgoing& out) {
  std::string ids, pattern;
  for (const Selector& asked : interest.entities) {
    if (!asked.id_pattern.empty()) pattern = asked.id_pattern;
    if (asked.id.empty()) continue;
    const bool meant =
        !info || (info->id.empty() ? !info->id_pattern || info->id_pattern->found_in(asked.id) : info->id == asked.id);
    if (!meant) continue;
    if (!ids.empty()) ids += ',';
    ids += asked.id;
  }
  if (ids.empty() && info) ids = info->id;
  if (ids.empty() && pattern.empty() && info && info->id_pattern) pattern = info->id_pattern->text();
  if (!ids.empty()) out.query.emplace_back("id", ids);
  else if (!pattern.empty()) out.query.emplace_back("idPattern", pattern);
}

namespace {

// One selector; nothing where the registration does not go at all.
void write_selector(const Selector& asked, const EntityInfo* info, const twin::Context& context,
                    base::JsonWriter& out) {
  const Interest one{{asked}, {}, {}};
  const auto types = types_for(one, info);
  if (types.empty() && info && !info->types.empty()) return;
  Outgoing ids;
  add_ids(one, info, ids);
  out.object();
  if (!types.empty()) out.field("type", names_for(types, context));
  for (const auto& [key, value] : ids.query) out.field(key, value);
  out.end();
}

}  // namespace

void write_query_entities(const Interest& interest, const Registration::Match& match, const twin::Context& context,
                          base::JsonWriter& out) {
  out.key("entities").array();
  const std::vector<Selector> everything(1);
  for (const Selector& asked : interest.entities.empty() ? everything : interest.entities) {
    write_selector(asked, match.entity, context, out);
  }
  out.end();
}

void write_query_attributes(const std::vector<Name>& wanted, const Registration::Match& match,
                            const twin::Context& context, base::JsonWriter& out) {
  const auto names = attributes_for(wanted, *match.info);
  if (names.empty()) return;
  std::string scratch;
  out.key("attrs").array();
  for (const Name name : names) out.text(context.compact(name, scratch));
  out.end();
}

void narrow(Outgoing& out, std::string_view parameter, const std::vector<Name>& to, const twin::Context& asked_in,
            const twin::Context& told_in) {
  const auto given = std::ranges::find(out.query, parameter, [](const auto& pair) { return pair.first; });
  if (given == out.query.end()) {
    if (!to.empty()) out.query.emplace_back(std::string(parameter), names_for(to, told_in));
    return;
  }
  std::vector<Name> names;
  for (std::string_view rest = given->second; !rest.empty();) {
    if (rest.find_first_of(";(") != std::string_view::npos) return;  // a selection says more than a list of names
    const auto end = std::min(rest.find_first_of(",|"), rest.size());
    const Name one = asked_in.expand(rest.substr(0, end));
    if (to.empty() || std::ranges::find(to, one) != to.end()) names.push_back(one);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (!names.empty()) given->second = names_for(names, told_in);
}

}  // namespace cityloop::broker
