#include "store/record.h"

#include <vector>

namespace cityloop::store {
namespace {

using base::ByteReader;
using base::ByteWriter;
using flow::Attribute;
using flow::Name;
using flow::Value;

constexpr std::uint8_t kVersion = 2;
constexpr int kSubsDepthMax = 40;

// Gives each name of one record a small number, in order of first use.
class NamesOut {
 public:
  std::uint32_t number(Name name) {
    if (name.number() >= slots_.size()) slots_.resize(name.number() + 64, Slot{});
    Slot& slot = slots_[name.number()];
    if (slot.epoch != epoch_) {
      slot = {epoch_, std::uint32_t(names_.size())};
      names_.push_back(name);
    }
    return slot.number;
  }
  void begin() {
    ++epoch_;
    names_.clear();
  }
  void write(ByteWriter& out) const {
    out.varint(names_.size());
    for (const Name name : names_) out.text(name.text());
  }

 private:
  struct Slot {
    std::uint64_t epoch{0};
    std::uint32_t number{0};
  };
  std::vector<Slot> slots_;  // by Name::number()
  std::vector<Name> names_;
  std::uint64_t epoch_{0};
};

class NamesIn {
 public:
  explicit NamesIn(ByteReader& in) {
    const std::uint64_t count = in.varint();
    for (std::uint64_t i = 0; i < count && in.ok(); ++i) names_.emplace_back(in.text());
  }
  Name name(ByteReader& in) const {
    const std::uint64_t number = in.varint();
    return number < names_.size() ? names_[number] : Name{};
  }

 private:
  std::vector<Name> names_;
};

// A time relative to the record's: small numbers for what was observed just now. 0 stands for "never".
void write_time(ByteWriter& out, flow::Instant t, flow::Instant base) {
  if (t == flow::kNever) return out.varint(0);
  const auto delta = std::int64_t(std::uint64_t(base::to_us(t)) - std::uint64_t(base::to_us(base)));
  out.varint((std::uint64_t(delta) << 1 ^ std::uint64_t(delta >> 63)) + 1);
}

flow::Instant read_time(ByteReader& in, flow::Instant base) {
  std::uint64_t v = in.varint();
  if (v == 0) return flow::kNever;
  --v;
  const std::uint64_t delta = v >> 1 ^ (0 - (v & 1));  // unsigned: damaged bytes may say any two times
  return base::from_us(std::int64_t(std::uint64_t(base::to_us(base)) + delta));
}

void write_attribute(ByteWriter& out, NamesOut& names, const Attribute& a, flow::Instant base) {
  out.varint(names.number(a.name));
  out.u8(std::uint8_t(a.kind));
  out.varint(names.number(a.unit_code));
  out.varint(names.number(a.dataset_id));
  encode(out, a.value);
  write_time(out, a.observed_at, base);
  write_time(out, a.created_at, base);
  write_time(out, a.modified_at, base);
  out.varint(a.subs.size());
  for (const Attribute& sub : a.subs) write_attribute(out, names, sub, base);
}

Attribute read_attribute(ByteReader& in, const NamesIn& names, flow::Instant base, int depth = 0) {
  Attribute a;
  a.name = names.name(in);
  a.kind = flow::AttributeKind(in.u8());
  a.unit_code = names.name(in);
  a.dataset_id = names.name(in);
  a.value = decode_value(in);
  a.observed_at = read_time(in, base);
  a.created_at = read_time(in, base);
  a.modified_at = read_time(in, base);
  const std::uint64_t subs = in.varint();
  for (std::uint64_t i = 0; i < subs && in.ok() && depth < kSubsDepthMax; ++i) {
    a.subs.push_back(read_attribute(in, names, base, depth + 1));
  }
  return a;
}

void write_names(ByteWriter& out, NamesOut& names, const std::vector<Name>& list) {
  out.varint(list.size());
  for (const Name name : list) out.varint(names.number(name));
}

std::vector<Name> read_names(ByteReader& in, const NamesIn& names) {
  std::vector<Name> list;
  const std::uint64_t count = in.varint();
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) list.push_back(names.name(in));
  return list;
}

// One set of tables a thread: a record of a thousand changes must not pay for a map.
struct Scratch {
  NamesOut names;
  ByteWriter body, head;
};
Scratch& scratch() {
  thread_local Scratch tables;
  tables.names.begin();
  tables.body.clear();
  return tables;
}

std::string with_names(Scratch& tables) {
  tables.head.clear();
  tables.head.u8(kVersion);
  tables.names.write(tables.head);
  const std::string_view head = tables.head.view(), body = tables.body.view();
  std::string bytes;
  bytes.reserve(head.size() + body.size());
  bytes.append(head).append(body);
  return bytes;
}

base::Status check_end(const ByteReader& in, std::uint8_t version, std::string_view what) {
  if (version != kVersion)
    return base::fail(base::Errc::unsupported, "{} has encoding {}, unknown here", what, version);
  if (!in.ok() || !in.at_end()) return base::fail(base::Errc::corrupt, "{} is damaged", what);
  return {};
}

}  // namespace

void encode(ByteWriter& out, const Value& value) {
  out.u8(std::uint8_t(value.index()));
  if (const bool* flag = std::get_if<bool>(&value)) out.u8(*flag);
  else if (const double* number = std::get_if<double>(&value)) out.f64(*number);
  else if (const auto* text = std::get_if<flow::Text>(&value)) out.text(*text);
  else if (const auto* json = std::get_if<flow::Json>(&value)) out.text(json->text);
}

Value decode_value(ByteReader& in) {
  switch (in.u8()) {
    case 1: return in.u8() != 0;
    case 2: return in.f64();
    case 3: return std::string(in.text());
    case 4: return flow::Json{std::string(in.text())};
    default: return std::monostate{};
  }
}

std::string encode(const flow::LogRecord& record) {
  Scratch& tables = scratch();
  auto& [names, out, head] = tables;
  out.svarint(base::to_us(record.at));
  out.varint(names.number(record.origin));
  out.varint(record.changes.size());
  for (const flow::Change& change : record.changes) {
    out.text(change.entity.text());
    out.u8(std::uint8_t(change.kind));
    write_names(out, names, change.types);
    write_names(out, names, change.scopes);
    out.varint(change.attributes.size());
    for (const flow::AttributeChange& attribute : change.attributes) {
      out.u8(std::uint8_t(attribute.removed | attribute.late << 1 | attribute.before.has_value() << 2));
      write_attribute(out, names, attribute.now, record.at);
      if (attribute.before) encode(out, *attribute.before);
    }
    write_time(out, change.expires_at, record.at);
  }
  return with_names(tables);
}

base::Result<flow::LogRecord> decode_record(flow::Seq seq, std::string_view bytes) {
  ByteReader in(bytes);
  const std::uint8_t version = in.u8();
  const NamesIn names(in);
  flow::LogRecord record;
  record.seq = seq;
  record.at = base::from_us(in.svarint());
  record.origin = names.name(in);
  const std::uint64_t changes = in.varint();
  for (std::uint64_t i = 0; i < changes && in.ok(); ++i) {
    flow::Change change;
    change.entity = flow::EntityId(in.text());
    change.kind = flow::ChangeKind(in.u8());
    change.types = read_names(in, names);
    change.scopes = read_names(in, names);
    const std::uint64_t attributes = in.varint();
    for (std::uint64_t k = 0; k < attributes && in.ok(); ++k) {
      const std::uint8_t flags = in.u8();
      change.attributes.push_back({read_attribute(in, names, record.at), (flags & 1) != 0, (flags & 2) != 0, {}});
      if (flags & 4) change.attributes.back().before = decode_value(in);
    }
    change.expires_at = read_time(in, record.at);
    record.changes.push_back(std::move(change));
  }
  TRY(check_end(in, version, fmt::format("record {} of the log", seq)));
  return record;
}

std::string encode(const flow::Entity& entity) {
  Scratch& tables = scratch();
  auto& [names, out, head] = tables;
  out.text(entity.id.text());
  out.svarint(base::to_us(entity.created_at));
  out.svarint(base::to_us(entity.modified_at));
  write_time(out, entity.expires_at, entity.modified_at);
  write_names(out, names, entity.types);
  write_names(out, names, entity.scopes);
  out.varint(entity.attributes.size());
  for (const Attribute& attribute : entity.attributes) write_attribute(out, names, attribute, entity.modified_at);
  return with_names(tables);
}

base::Result<flow::Entity> decode_entity(std::string_view bytes) {
  ByteReader in(bytes);
  const std::uint8_t version = in.u8();
  const NamesIn names(in);
  flow::Entity entity;
  const std::string_view id = in.text();
  entity.id = flow::EntityId(id);
  entity.created_at = base::from_us(in.svarint());
  entity.modified_at = base::from_us(in.svarint());
  entity.expires_at = read_time(in, entity.modified_at);
  entity.types = read_names(in, names);
  entity.scopes = read_names(in, names);
  const std::uint64_t count = in.varint();
  entity.attributes.reserve(std::min<std::uint64_t>(count, in.left() / 4));  // exactly, unless the count is damaged
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    entity.attributes.push_back(read_attribute(in, names, entity.modified_at));
  }
  TRY(check_end(in, version, fmt::format("entity '{}'", id)));
  return entity;
}

}  // namespace cityloop::store
