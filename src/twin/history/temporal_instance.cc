#include "twin/history/temporal_instance.h"

#include <charconv>
#include <cmath>

#include "base/bytes.h"
#include "flow/change.h"
#include "store/record.h"

namespace cityloop::twin {
namespace {

using base::ByteReader;
using base::ByteWriter;
using flow::Instant;

constexpr std::uint8_t kVersion = 1;
constexpr std::string_view kIdPrefix = "urn:ngsi-ld:Instance:";

Instant to_ms(Instant t) {
  return base::from_us(base::to_us(t) / 1000 * 1000);
}

std::uint64_t hash_of(std::string_view text, std::uint64_t hash) {
  for (const char c : text) hash = (hash ^ std::uint8_t(c)) * 0x100000001b3u;
  return (hash ^ 0xff) * 0x100000001b3u;
}

base::Result<RunSpan> read_span(ByteReader& in) {
  const std::uint8_t version = in.u8();
  RunSpan span;
  span.count = in.varint();
  span.first = base::from_us(in.svarint());
  span.last = base::from_us(in.svarint());
  span.modified_min = base::from_us(in.svarint());
  span.modified_max = base::from_us(in.svarint());
  if (!in.ok() || version != kVersion || span.count == 0) {
    return base::fail(base::Errc::corrupt, "a run of instances is damaged");
  }
  return span;
}

}  // namespace

Instant time_of(const Instance& instance) {
  if (instance.deleted_at != flow::kNever) return instance.deleted_at;
  const flow::Attribute& attribute = instance.attribute;
  return attribute.observed_at != flow::kNever ? attribute.observed_at : attribute.modified_at;
}

bool before(const Instance& a, const Instance& b) {
  const Instant mine = time_of(a), other = time_of(b);
  return mine != other ? mine < other : a.attribute.modified_at < b.attribute.modified_at;
}

Instance deletion(const flow::Attribute& last, Instant at) {
  Instance out;
  out.attribute.name = last.name;
  out.attribute.dataset_id = last.dataset_id;
  out.attribute.kind = last.kind;
  out.attribute.value = std::string(flow::kNullUri);
  if (last.kind == flow::AttributeKind::language_property) {
    out.attribute.value = flow::Json{fmt::format(R"({{"@none":"{}"}})", flow::kNullUri)};
  }
  out.attribute.created_at = last.created_at;
  out.attribute.modified_at = at;
  out.deleted_at = at;
  return out;
}

std::optional<Point> as_point(const Instance& instance) {
  const flow::Attribute& a = instance.attribute;
  const double* number = std::get_if<double>(&a.value);
  const bool plain = number && std::isfinite(*number) && a.kind == flow::AttributeKind::property && a.subs.empty() &&
                     instance.deleted_at == flow::kNever && instance.id.empty();
  if (!plain) return std::nullopt;
  const bool observed = a.observed_at != flow::kNever;
  const Instant modified = to_ms(a.modified_at);
  return Point{observed ? a.observed_at : modified, modified, *number, a.created_at, a.unit_code, observed};
}

Instance as_instance(const Point& point, flow::Name attribute, flow::Name dataset) {
  Instance out;
  out.attribute = flow::property(attribute, point.value, point.observed ? point.at : flow::kNever, point.unit);
  out.attribute.dataset_id = dataset;
  out.attribute.created_at = point.created;
  out.attribute.modified_at = point.modified;
  return out;
}

std::string encode_instances(std::span<const Instance> instances) {
  ByteWriter out;
  out.u8(kVersion);
  out.varint(instances.size());
  out.svarint(base::to_us(time_of(instances.front())));
  out.svarint(base::to_us(time_of(instances.back())));
  flow::Entity carrier;  // the encoding of an entity's attributes serves for a list of instances as well
  carrier.modified_at = time_of(instances.front());
  carrier.created_at = carrier.modified_at;
  Instant low = Instant::max(), high = Instant::min();
  for (const Instance& instance : instances) {
    low = std::min(low, instance.attribute.modified_at);
    high = std::max(high, instance.attribute.modified_at);
    carrier.attributes.push_back(instance.attribute);
  }
  out.svarint(base::to_us(low));
  out.svarint(base::to_us(high));
  for (const Instance& instance : instances) {
    const bool deleted = instance.deleted_at != flow::kNever;
    out.u8(std::uint8_t(deleted | !instance.id.empty() << 1));
    if (deleted) out.svarint(base::to_us(instance.deleted_at));
    if (!instance.id.empty()) out.text(instance.id);
  }
  out.text(store::encode(carrier));
  return out.take();
}

base::Result<RunSpan> instances_span(std::string_view bytes) {
  ByteReader in(bytes);
  return read_span(in);
}

base::Result<std::vector<Instance>> decode_instances(std::string_view bytes) {
  ByteReader in(bytes);
  const RunSpan span = TRY(read_span(in));
  std::vector<Instance> out;
  for (std::size_t i = 0; i < span.count && in.ok(); ++i) {
    Instance instance;
    const std::uint8_t flags = in.u8();
    if (flags & 1) instance.deleted_at = base::from_us(in.svarint());
    if (flags & 2) instance.id = in.text();
    out.push_back(std::move(instance));
  }
  auto carrier = TRY(store::decode_entity(in.text()));
  if (!in.ok() || !in.at_end() || carrier.attributes.size() != out.size()) {
    return base::fail(base::Errc::corrupt, "a run of instances is damaged");
  }
  for (std::size_t i = 0; i < out.size(); ++i) out[i].attribute = std::move(carrier.attributes[i]);
  return out;
}

std::string instance_id(std::string_view entity, flow::Name attribute, flow::Name dataset, const InstancePlace& place) {
  const std::uint64_t series = hash_of(dataset.text(), hash_of(attribute.text(), hash_of(entity, 0xcbf29ce484222325u)));
  std::string id = fmt::format("{}{:016x}-{:x}-{:x}{}", kIdPrefix, series, std::uint64_t(base::to_us(place.at)),
                               std::uint64_t(base::to_us(place.modified)), place.point ? 'n' : 'v');
  if (place.ordinal) id += fmt::format("{}", place.ordinal);
  return id;
}

std::optional<Instant> instant_of_id(std::string_view id) {
  if (!id.starts_with(kIdPrefix) || id.size() < kIdPrefix.size() + 18) return std::nullopt;
  id.remove_prefix(kIdPrefix.size() + 17);
  std::uint64_t us = 0;
  const auto read = std::from_chars(id.data(), id.data() + id.size(), us, 16);
  if (read.ec != std::errc{} || read.ptr == id.data() + id.size() || *read.ptr != '-') return std::nullopt;
  return base::from_us(std::int64_t(us));
}

}  // namespace cityloop::twin
