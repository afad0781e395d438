#include "twin/ngsi/attribute_reader.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>

#include "twin/ngsi/merge.h"
#include "twin/ngsi/names.h"
#include "twin/utf8.h"

namespace cityloop::twin::ngsi {

using base::Errc;
using base::Result;
using base::Status;
using flow::Attribute;
using flow::Name;
using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

Name name_of(std::string_view text) {
  struct Slot {
    std::string_view text;  // the table's own, so it stays
    Name name;
  };
  thread_local std::array<Slot, 1024> slots;
  if (text.empty()) return {};
  // Its ends and its length part the few names of a city well enough.
  std::uint64_t head = 0, tail = 0;
  const std::size_t ends = std::min<std::size_t>(text.size(), 8);
  std::memcpy(&head, text.data(), ends);
  std::memcpy(&tail, text.data() + text.size() - ends, ends);
  const std::uint64_t mixed = (head * 0x9e3779b97f4a7c15u ^ tail) * 0xd1342543de82ef95u + text.size();
  Slot& slot = slots[(mixed >> 40) % slots.size()];
  if (slot.text != text) {
    slot.name = Name(text);
    slot.text = slot.name.text();
  }
  return slot.name;
}

Name canonical(std::string_view term, const Reading& how) {
  if ((!how.context || how.context->is_core()) && term.find(':') == term.npos) return name_of(term);
  return (how.context ? *how.context : *Context::core()).expand(term);
}

namespace {

constexpr int kSubDepthMax = 32;
constexpr std::size_t kAttributesMax = 4096;

enum class Member : std::uint8_t {
  value,
  object,
  language_map,
  vocab,
  json,
  value_list,
  object_list,  // the value, in one of its forms
  type,
  observed_at,
  unit_code,
  dataset_id,
  object_type,
  passed_over,  // what we set ourselves, or what JSON-LD adds
  sub,
};
constexpr std::size_t kMembers = std::size_t(Member::passed_over);
constexpr unsigned kValueMembers = 0x7f;

constexpr std::array<std::pair<std::string_view, Member>, 18> kMemberWords{{
    {"type", Member::type},
    {"value", Member::value},
    {"observedAt", Member::observed_at},
    {"unitCode", Member::unit_code},
    {"object", Member::object},
    {"datasetId", Member::dataset_id},
    {"languageMap", Member::language_map},
    {"vocab", Member::vocab},
    {"json", Member::json},
    {"valueList", Member::value_list},
    {"objectList", Member::object_list},
    {"objectType", Member::object_type},
    {"@type", Member::type},
    {"createdAt", Member::passed_over},
    {"modifiedAt", Member::passed_over},
    {"deletedAt", Member::passed_over},
    {"instanceId", Member::passed_over},
    {"@context", Member::passed_over},
}};

Member member_of(std::string_view key) {
  for (const auto& [word, member] : kMemberWords) {
    if (word == key) return member;
  }
  return Member::sub;
}

std::string_view word_of(unsigned member) {
  for (const auto& [word, which] : kMemberWords) {
    if (unsigned(which) == member) return word;
  }
  return "";
}

// The members of one attribute's object, found in one pass.
struct Members {
  std::array<element, kMembers> at;
  unsigned present{0};
  std::size_t subs{0};

  bool has(Member member) const { return present & 1u << unsigned(member); }
  const element& operator[](Member member) const { return at[std::size_t(member)]; }
};

Result<Members> members_of(const object& from, const Where& where) {
  Members out;
  for (const auto field : from) {
    const Member member = member_of(field.key);
    if (member == Member::passed_over) continue;
    if (member == Member::sub) {
      ++out.subs;
      continue;
    }
    if (out.has(member)) return base::fail(Errc::invalid, "{}: '{}' stands twice", where.text(), field.key);
    out.present |= 1u << unsigned(member);
    out.at[std::size_t(member)] = field.value;
  }
  return out;
}

std::optional<AttributeKind> kind_named(std::string_view type) {
  for (std::size_t i = 0; i < kKindWords.size(); ++i) {
    if (kKindWords[i].type == type) return AttributeKind(i);
  }
  return std::nullopt;
}

bool is_geometry_type(std::string_view type) {
  return type == "Point" || type == "Polygon" || type == "LineString" || type == "MultiPoint" ||
         type == "MultiLineString" || type == "MultiPolygon";
}

bool is_geometry(const element& value) {
  object members;
  std::string_view type;
  element coordinates;
  return !value.get(members) && !members["type"].get(type) && is_geometry_type(type) &&
         !members["coordinates"].get(coordinates);
}

// The kind as `type` names it, or, in the concise form, as the member tells that holds the value.
Result<AttributeKind> kind_of(const Members& members, const Where& where) {
  if (members.has(Member::type)) {
    std::string_view type;
    if (members[Member::type].get(type)) return base::fail(Errc::invalid, "{}: 'type' must be a text", where.text());
    const auto kind = kind_named(type);
    if (!kind) return base::fail(Errc::invalid, "{}: '{}' is no type of attribute", where.text(), clipped(type));
    return *kind;
  }
  if (members.has(Member::value)) {
    return is_geometry(members[Member::value]) ? AttributeKind::geo_property : AttributeKind::property;
  }
  constexpr std::array kByMember{AttributeKind::property,          AttributeKind::relationship,
                                 AttributeKind::language_property, AttributeKind::vocab_property,
                                 AttributeKind::json_property,     AttributeKind::list_property,
                                 AttributeKind::list_relationship};
  for (std::size_t i = 0; i < kByMember.size(); ++i) {
    if (members.has(Member(i))) return kByMember[i];
  }
  if (where.how.partial) return AttributeKind::property;
  return base::fail(Errc::invalid, "{}: has no value, object, languageMap, vocab, json, valueList or objectList",
                    where.text());
}

Member value_member(AttributeKind kind) {
  constexpr std::array kByKind{Member::value, Member::value, Member::object,     Member::language_map,
                               Member::vocab, Member::json,  Member::value_list, Member::object_list};
  return kByKind[std::size_t(kind)];
}

Result<std::string_view> text_of(const Members& members, Member member, const Where& where) {
  std::string_view text;
  if (members[member].get(text)) {
    return base::fail(Errc::invalid, "{}: '{}' must be a text", where.text(), word_of(unsigned(member)));
  }
  if (text.empty()) return base::fail(Errc::invalid, "{}: '{}' is empty", where.text(), word_of(unsigned(member)));
  return text;
}

}  // namespace

Result<flow::Instant> instant_of(std::string_view text, std::string_view member, const Where& where) {
  if (text == kNull && where.how.nulls) return kNullInstant;
  const auto at = text.size() > 10 ? base::parse_time(text) : base::fail(Errc::invalid, "no time");
  if (!at) {
    return base::fail(Errc::invalid, "{}: {} '{}' is not a time like 2014-08-18T00:00:00Z", where.text(), member,
                      clipped(text));
  }
  const std::string_view clock = text.substr(11);
  if (clock.find_first_of("Zz+-") == clock.npos) {
    return base::fail(Errc::invalid, "{}: {} '{}' names no zone; end it in Z", where.text(), member, clipped(text));
  }
  return *at;
}

namespace {

Status read_metadata(const Members& members, const Where& where, Attribute& out) {
  if (members.has(Member::observed_at)) {
    out.observed_at = TRY(instant_of(TRY(text_of(members, Member::observed_at, where)), "observedAt", where));
  }
  if (members.has(Member::unit_code)) out.unit_code = name_of(TRY(text_of(members, Member::unit_code, where)));
  if (members.has(Member::dataset_id)) {
    const std::string_view id = TRY(text_of(members, Member::dataset_id, where));
    if (!is_uri(id) || id.size() > kIdMax) {
      return base::fail(Errc::invalid, "{}: datasetId '{}' is no URI", where.text(), clipped(id));
    }
    out.dataset_id = name_of(id);
  }
  return {};
}

// A name that can be one, and is not there yet.
Status check_name(const Where& where, const std::vector<Attribute>& there) {
  // A context may make anything of a good term. Only what passed is kept in the table of names.
  const Name name = is_attribute_name(where.name) ? canonical(where.name, where.how) : Name{};
  if (name.text().empty() || (name.text() != where.name && !is_attribute_name(name.text()))) {
    return base::fail(
        Errc::invalid,
        "{}: no name for an attribute (a term of letters, digits, '_', '-' and '.', or an IRI, of at most "
        "{} bytes)",
        where.text(), kNameMax);
  }
  if (there.size() >= kAttributesMax) return base::fail(Errc::full, "more than {} attributes", kAttributesMax);
  if (std::ranges::find(there, name, &Attribute::name) != there.end()) {
    return base::fail(Errc::invalid, "{}: stands twice", where.text());
  }
  return {};
}

Status read_attribute(const element&, Where, int depth, std::vector<Attribute>& out);

Status read_subs(const object& from, const Where& where, int depth, Attribute& out) {
  if (depth >= kSubDepthMax) {
    return base::fail(Errc::full, "{}: attributes of attributes deeper than {}", where.text(), kSubDepthMax);
  }
  for (const auto field : from) {
    if (member_of(field.key) != Member::sub) continue;
    const Where here{where.how, &where, field.key};
    if (auto ok = check_name(here, out.subs); !ok) return ok;
    if (auto ok = read_attribute(field.value, here, depth + 1, out.subs.list()); !ok) return ok;
  }
  return {};
}

// One instance, from its object in normalized or concise form.
Result<Attribute> read_instance(const object& from, const Where& where, int depth) {
  const Members members = TRY(members_of(from, where));
  Attribute out;
  out.name = canonical(where.name, where.how);
  out.kind = TRY(kind_of(members, where));
  const Member holder = value_member(out.kind);
  if (!members.has(holder) && !where.how.partial) {
    return base::fail(Errc::invalid, "{}: a {} has no '{}'", where.text(), words_of(out.kind).type,
                      words_of(out.kind).value);
  }
  if (const unsigned others = members.present & kValueMembers & ~(1u << unsigned(holder))) {
    return base::fail(Errc::invalid, "{}: '{}' does not belong in a {}", where.text(),
                      word_of(unsigned(std::countr_zero(others))), words_of(out.kind).type);
  }
  if (members.has(holder)) out.value = TRY(read_value(members[holder], out.kind, where));
  if (auto ok = read_metadata(members, where, out); !ok) return std::unexpected(ok.error());
  if (members.has(Member::object_type)) {
    Attribute type = flow::property(
        name_of(kObjectType), TRY(read_value(members[Member::object_type], AttributeKind::vocab_property, where)));
    type.kind = AttributeKind::vocab_property;
    out.subs.push_back(std::move(type));
  }
  if (members.subs > 0) {
    if (auto ok = read_subs(from, where, depth, out); !ok) return std::unexpected(ok.error());
  }
  return out;
}

Result<Attribute> bare(const element& value, AttributeKind kind, const Where& where) {
  Attribute out;
  out.name = canonical(where.name, where.how);
  out.kind = kind;
  out.value = TRY(read_value(value, kind, where));
  return out;
}

// Whether an object is an attribute's: it says its type, or has the member that holds a value.
bool is_instance(const element& value) {
  object members;
  if (value.get(members)) return false;
  for (const auto field : members) {
    const Member member = member_of(field.key);
    if (member < Member::type) return true;
    std::string_view type;
    if (member == Member::type && !field.value.get(type) && kind_named(type)) return true;
  }
  return false;
}

bool says_metadata(const object& members) {
  for (const auto field : members) {
    const Member member = member_of(field.key);
    if (member >= Member::observed_at && member <= Member::dataset_id) return true;
  }
  return false;
}

// Fragments of instances may say of them only what is to change.
bool is_list_of_instances(const element& value, const Reading& how) {
  array items;
  if (value.get(items) || items.size() == 0) return false;
  return std::ranges::all_of(items, [&](const element& item) {
    object members;
    return is_instance(item) || (how.partial && !item.get(members) && says_metadata(members));
  });
}

// Clause 4.5.4: the bare value, or {"languageMap": …} and the like where a bare value would not tell what it is.
Status read_simplified(const element& value, const Where& where, std::vector<Attribute>& out) {
  object members;
  AttributeKind kind = is_geometry(value) ? AttributeKind::geo_property : AttributeKind::property;
  element held = value;
  if (!value.get(members) && members.size() == 1) {
    constexpr std::array kKinds{AttributeKind::language_property, AttributeKind::vocab_property,
                                AttributeKind::json_property,     AttributeKind::list_property,
                                AttributeKind::list_relationship, AttributeKind::relationship};
    for (const AttributeKind wrapped : kKinds) {
      if (!members[words_of(wrapped).value].get(held)) kind = wrapped;
    }
    if (kind == AttributeKind::property) held = value;
  }
  out.push_back(TRY(bare(held, kind, where)));
  return {};
}

// All instances of what stands behind one name.
Status read_attribute(const element& value, Where where, int depth, std::vector<Attribute>& out) {
  object members;
  if (where.how.simplified) return read_simplified(value, where, out);
  if (!value.get(members)) {
    if (is_geometry(value)) {
      out.push_back(TRY(bare(value, AttributeKind::geo_property, where)));
      return {};
    }
    // Without any word of NGSI-LD it is a compound value, in the concise form.
    element type;
    if (!is_instance(value) && members["type"].get(type) && !says_metadata(members) && !where.how.partial &&
        members.size() > 0) {
      out.push_back(TRY(bare(value, AttributeKind::property, where)));
      return {};
    }
    out.push_back(TRY(read_instance(members, where, depth)));
    return {};
  }
  if (!is_list_of_instances(value, where.how)) {
    out.push_back(TRY(bare(value, AttributeKind::property, where)));
    return {};
  }
  const std::size_t first = out.size();
  for (const element item : array(value)) {
    where.index = int(out.size() - first);
    out.push_back(TRY(read_instance(object(item), where, depth)));
    for (std::size_t i = first; i + 1 < out.size(); ++i) {
      if (where.how.temporal || out[i].dataset_id != out.back().dataset_id) continue;
      return base::fail(Errc::invalid, "{}: two instances with {}", where.text(),
                        out[i].dataset_id.empty() ? std::string("no datasetId")
                                                  : fmt::format("datasetId '{}'", clipped(out[i].dataset_id.text())));
    }
    if (out.size() - first > kAttributesMax) {
      return base::fail(Errc::full, "{}: more than {} instances", where.text(), kAttributesMax);
    }
  }
  return {};
}

}  // namespace

Status read_attribute(std::string_view key, const element& value, const Reading& how, std::vector<Attribute>& out) {
  const Where where{how, nullptr, key};
  if (auto ok = check_name(where, out); !ok) return ok;
  return read_attribute(value, where, 0, out);
}

}  // namespace cityloop::twin::ngsi
