// The city's nouns as the console's API shows them (api/openapi.yaml).
#pragma once

#include <functional>
#include <string>

#include "base/json_writer.h"
#include "flow/case.h"
#include "flow/command.h"
#include "flow/finding.h"
#include "net/http.h"
#include "twin/twin.h"

namespace cityloop::serve {

enum class Language : std::uint8_t { zh, en };
// What the reader asked for: ?lang=zh|en, else the first of Accept-Language; English when neither says.
Language language_of(const net::Request&);

// Where names of entities come from, and in which language.
struct Names {
  const twin::Twin& twin;
  Language language;

  // The name that people know an entity by: its `name`, else the last part of its id.
  std::string of(flow::EntityId) const;
  std::string of(const flow::Entity&) const;
};

void write_time(base::JsonWriter&, std::string_view key, flow::Instant);  // null for kNever

void write(base::JsonWriter&, const flow::Finding&, const Names&);
void write_summary(base::JsonWriter&, const flow::Case&, const Names&);
// The fields of a summary inside an object that the caller has opened and will close.
void write_summary_fields(base::JsonWriter&, const flow::Case&, const Names&);
void write(base::JsonWriter&, const flow::Command&, const Names&);
// An attribute as {attribute, value, unitCode, observedAt}.
void write_reading(base::JsonWriter&, const flow::Attribute&);

// All entities of a type as typed nouns, newest first; what cannot be read is passed over.
template <class Noun>
std::vector<Noun> all_of(const twin::Twin& twin, flow::Name type, base::Result<Noun> (*from)(const flow::Entity&),
                         const std::function<bool(const flow::Entity&)>& wanted) {
  std::vector<flow::EntityPtr> entities;
  twin.each(type, [&](const flow::EntityPtr& entity) {
    if (wanted(*entity)) entities.push_back(entity);
    return true;
  });
  std::vector<Noun> out;
  for (auto it = entities.rbegin(); it != entities.rend(); ++it) {
    if (auto noun = from(**it)) out.push_back(std::move(*noun));
  }
  return out;
}

}  // namespace cityloop::serve
