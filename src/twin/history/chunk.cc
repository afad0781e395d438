#include "twin/history/chunk.h"

#include <algorithm>

#include "base/bytes.h"

namespace cityloop::twin::history {
namespace {

using base::ByteReader;
using base::ByteWriter;
using flow::Name;

constexpr std::uint8_t kVersion = 1;

void write_names(ByteWriter& out, const std::vector<Name>& names) {
  out.varint(names.size());
  for (const Name name : names) out.text(name.text());
}

std::vector<Name> read_names(ByteReader& in) {
  std::vector<Name> names;
  const std::uint64_t count = in.varint();
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) names.emplace_back(in.text());
  return names;
}

// 0 stands for "never".
void write_time(ByteWriter& out, flow::Instant t) {
  out.u8(t != flow::kNever);
  if (t != flow::kNever) out.svarint(base::to_us(t));
}
flow::Instant read_time(ByteReader& in) {
  return in.u8() ? base::from_us(in.svarint()) : flow::kNever;
}

void write_frame(ByteWriter& out, const Frame& frame) {
  write_names(out, frame.types);
  write_names(out, frame.scopes);
  write_time(out, frame.created_at);
  write_time(out, frame.modified_at);
  write_time(out, frame.deleted_at);
}

Frame read_frame(ByteReader& in) {
  Frame frame;
  frame.types = read_names(in);
  frame.scopes = read_names(in);
  frame.created_at = read_time(in);
  frame.modified_at = read_time(in);
  frame.deleted_at = read_time(in);
  return frame;
}

template <class List>
auto& find_or_add(List& list, Name attribute, Name dataset) {
  for (auto& mine : list) {
    if (mine.attribute == attribute && mine.dataset == dataset) return mine;
  }
  auto& added = list.emplace_back();
  added.attribute = attribute;
  added.dataset = dataset;
  return added;
}

// As a run's bytes, in order; nothing for none.
template <class T>
std::string encoded(const std::vector<T>& items, std::string (*encode)(std::span<const T>)) {
  if (items.empty()) return {};
  const auto in_order = [](const T& a, const T& b) { return before(a, b); };
  if (std::ranges::is_sorted(items, in_order)) return encode(items);
  std::vector<T> sorted = items;
  std::ranges::stable_sort(sorted, in_order);
  return encode(sorted);
}

std::unexpected<base::Error> damaged() {
  return base::fail(base::Errc::corrupt, "a chunk of history is damaged");
}

}  // namespace

void Frame::update(const Frame& later) {
  if (!later.types.empty()) {
    types = later.types;
    scopes = later.scopes;
  }
  if (created_at == flow::kNever) created_at = later.created_at;
  modified_at = std::max(modified_at, later.modified_at);
  deleted_at = later.deleted_at;
}

OpenSeries& OpenEntity::find(Name attribute, Name dataset) {
  return find_or_add(series, attribute, dataset);
}

std::size_t OpenEntity::count() const {
  std::size_t sum = 0;
  for (const OpenSeries& mine : series) sum += mine.points.size() + mine.instances.size();
  return sum;
}

bool has_unobserved(const OpenSeries& series) {
  return std::ranges::any_of(series.points, [](const Point& p) { return !p.observed; }) ||
         std::ranges::any_of(series.instances,
                             [](const Instance& i) { return i.attribute.observed_at == flow::kNever; });
}

SeriesInfo& Head::find(Name attribute, Name dataset) {
  return find_or_add(series, attribute, dataset);
}

std::string encode_chunk(const OpenEntity& entity) {
  ByteWriter out;
  out.u8(kVersion);
  write_frame(out, entity.frame);
  out.varint(entity.series.size());
  for (const OpenSeries& series : entity.series) {
    out.text(series.attribute.text());
    out.text(series.dataset.text());
    out.u8(series.deleted);
    out.text(encoded(series.points, encode_points));
    out.text(encoded(series.instances, encode_instances));
  }
  return out.take();
}

base::Result<OpenEntity> decode_chunk(std::string_view bytes, const Wanted& wanted) {
  ByteReader in(bytes);
  if (in.u8() != kVersion) return damaged();
  OpenEntity out;
  out.frame = read_frame(in);
  const std::uint64_t count = in.varint();
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    OpenSeries series;
    series.attribute = Name(in.text());
    series.dataset = Name(in.text());
    series.deleted = in.u8() != 0;
    const std::string_view points = in.text(), instances = in.text();
    if (!wanted || wanted(series.attribute)) {
      if (!points.empty()) series.points = TRY(decode_points(points));
      if (!instances.empty()) series.instances = TRY(decode_instances(instances));
    }
    out.series.push_back(std::move(series));
  }
  if (!in.ok() || !in.at_end()) return damaged();
  return out;
}

std::string encode_head(const Head& head) {
  ByteWriter out;
  out.u8(kVersion);
  write_frame(out, head.frame);
  out.varint(head.series.size());
  for (const SeriesInfo& series : head.series) {
    out.text(series.attribute.text());
    out.text(series.dataset.text());
    out.u8(std::uint8_t(series.deleted | series.points << 1 | series.instances << 2 | series.unobserved << 3));
  }
  return out.take();
}

base::Result<Head> decode_head(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.u8() != kVersion) return damaged();
  Head out;
  out.frame = read_frame(in);
  const std::uint64_t count = in.varint();
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    SeriesInfo series;
    series.attribute = Name(in.text());
    series.dataset = Name(in.text());
    const std::uint8_t flags = in.u8();
    series.deleted = flags & 1;
    series.points = flags & 2;
    series.instances = flags & 4;
    series.unobserved = flags & 8;
    out.series.push_back(series);
  }
  if (!in.ok() || !in.at_end()) return damaged();
  return out;
}

}  // namespace cityloop::twin::history
