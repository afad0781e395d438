// Typed nouns (Case, Command, Action …) written as NGSI-LD entities, and read back.
//
// An absent optional field is an attribute that is not there. Times are ISO 8601 texts, durations seconds (SEC).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "flow/change.h"
#include "flow/finding.h"

namespace cityloop::flow {

// Adds a noun's fields to a Write one by one; empty texts, kNever and empty JSON are left out.
class NounWriter {
 public:
  NounWriter(EntityId id, std::string_view type, WriteMode mode);
  NounWriter& text(std::string_view name, std::string_view value);
  NounWriter& time(std::string_view name, Instant);
  NounWriter& duration(std::string_view name, Duration);
  NounWriter& number(std::string_view name, double);
  NounWriter& flag(std::string_view name, bool);
  NounWriter& link(std::string_view name, EntityId);
  NounWriter& language(std::string_view name, const Bilingual&);
  NounWriter& geo(std::string_view name, std::string_view geojson);
  // Any JSON value by its text: scalars as themselves, objects and lists as Json. Text that is no JSON is kept as text.
  NounWriter& json(std::string_view name, std::string_view json_text);
  Write take() { return std::move(write_); }

 private:
  NounWriter& add(std::string_view name, AttributeKind, Value);
  Write write_;
};

// Fields back out of an entity; empty, kNever or zero when absent.
std::string text_field(const Entity&, std::string_view name);
EntityId link_field(const Entity&, std::string_view name);
Instant time_field(const Entity&, std::string_view name);
Duration duration_field(const Entity&, std::string_view name);
Bilingual language_field(const Entity&, std::string_view name);
std::string json_field(const Entity&, std::string_view name);  // the JSON text of whatever value it has

// The entity that a write makes where there was none.
Entity entity_of(const Write&);
// The same after a change that came through the log: what a loop knows of a noun, brought up to date.
Entity entity_after(const Write& known, const Change&);

base::Status require_type(const Entity&, std::string_view type);

}  // namespace cityloop::flow
