// What travels through the loop: Writes go into the twin; the Changes that they made come out of it as LogRecords.
//
//   stage ─ Commit(Write…) ─▶ twin ══ LogRecord(Change…) ══▶ every other stage
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "flow/entity.h"

namespace cityloop::flow {

using Seq = std::uint64_t;  // position in the log; the first record is 1

enum class WriteMode : std::uint8_t {
  upsert,            // create, or merge: given attributes replace those of the same name
  observe,           // the same, but an attribute observed before the one held does not take its place ("late")
  create,            // refused with Errc::exists when there is one
  update,            // given attributes replace or join; not_found when there is no entity, as in all modes below
  append,            // only attributes that the entity does not have yet; the others are skipped
  patch,             // only attributes that the entity has; the others are skipped
  merge,             // RFC 7396 through all levels: an attribute, sub-attribute or member given as null goes
  patch_attribute,   // into the attribute of that name and datasetId, which must be there: what is not given stays
  put_attribute,     // in place of the attribute of that name and datasetId, which must be there
  replace,           // the entity becomes exactly this; created when there is none
  put,               // the same; not_found when there is none
  become,            // the same as replace, but what it has already stays as it was and is not told
  erase,             // not_found when there is none
  erase_attributes,  // those named; not_found when entity or attribute is missing
};

// The value of an attribute that is to go, in update, patch, merge and patch_attribute (clause 4.5.0).
inline constexpr std::string_view kNullUri = "urn:ngsi-ld:null";

struct Write {
  EntityId entity;
  WriteMode mode{WriteMode::upsert};
  NameList types;  // needed where the entity may be new
  NameList scopes;
  std::vector<Attribute> attributes;
  Instant expires_at{kNever};  // of the entity; kNever leaves it as it is
  bool every_dataset{false};   // erase_attributes: all instances of the name, not only the one of its datasetId
  // Of merge (clause 5.6.17): the observedAt of attributes that had one and are given none; the language of texts given
  // for a LanguageProperty; and whether values were given without their kind, which then stays what it is.
  Instant observed_at{kNever};
  Name lang;
  bool simplified{false};
};

enum class ChangeKind : std::uint8_t { created, updated, erased };

struct AttributeChange {
  Attribute now;  // after the change; for a removed one its last value
  bool removed{false};
  bool late{false};               // kept for history and rules; the entity shows a newer value
  std::optional<Value> before{};  // the value it had, where it had another one
};

struct Change {
  EntityId entity;
  ChangeKind kind{ChangeKind::updated};
  NameList types;                           // all that the entity has now
  NameList scopes;                          // likewise
  std::vector<AttributeChange> attributes;  // of an erased one, save of our own types: all it had, removed
  Instant expires_at{kNever};               // the entity's, as it is now

  bool is_a(Name type) const { return types.contains(type); }
};

// One atomic step of the city. `at` is the city's time when it was made: the wall clock, or the clock of the feed that
// is replayed. A record without changes is a tick: it only says how late it is.
struct LogRecord {
  Seq seq{};
  Instant at{kNever};
  Name origin;  // who wrote: "feed:traffic", "user:li.wei", "loop:rules"
  std::vector<Change> changes;
};

using LogRecordPtr = std::shared_ptr<const LogRecord>;

}  // namespace cityloop::flow
