// OpenStreetMap's PBF: blobs of blocks, each block with its own table of
// strings. Read twice: ways first, then the positions of their nodes alone, so
// that memory goes by the streets and not by all that is mapped.

#include <zlib.h>

#include <algorithm>
#include <functional>
#include <protozero/pbf_reader.hpp>

#include "geo/street_network.h"

namespace cityloop::geo {
namespace {

using base::Errc;
using base::fail;
using protozero::data_view;
using protozero::pbf_reader;

// Whether the field at which the reader stands is this one and of the form that it must have.
bool is_number(const pbf_reader& reader, std::uint32_t tag) {
  return reader.tag() == tag && reader.wire_type() == protozero::pbf_wire_type::varint;
}
bool is_bytes(const pbf_reader& reader, std::uint32_t tag) {
  return reader.tag() == tag && reader.wire_type() == protozero::pbf_wire_type::length_delimited;
}

constexpr std::size_t kHeaderMax = 64UL * 1024, kBlobMax = 32UL * 1024 * 1024;

struct Blob {
  std::string type;
  data_view bytes;
};

// The blob that begins at `at`, which moves behind it; an error where the file
// is cut off or is none.
base::Result<Blob> next_blob(std::string_view file, std::size_t& at) {
  const auto cut = [] { return fail(Errc::corrupt, "the file ends within a block"); };
  if (file.size() - at < 4) return cut();
  std::size_t size = 0;
  for (int i = 0; i < 4; ++i) size = size << 8 | std::uint8_t(file[at++]);
  if (size > kHeaderMax) return fail(Errc::malformed, "a block's head of {} bytes: this is no .osm.pbf file", size);
  if (file.size() - at < size) return cut();
  pbf_reader head(data_view(file.data() + at, size));
  at += size;
  Blob out;
  std::int64_t bytes = -1;
  while (head.next()) {
    if (is_bytes(head, 1)) out.type = head.get_string();
    else if (is_number(head, 3)) bytes = head.get_int32();
    else head.skip();
  }
  if (bytes < 0 || std::size_t(bytes) > kBlobMax) return fail(Errc::malformed, "a block of {} bytes", bytes);
  if (file.size() - at < std::size_t(bytes)) return cut();
  out.bytes = data_view(file.data() + at, std::size_t(bytes));
  at += std::size_t(bytes);
  return out;
}

base::Result<std::string> unpack(data_view blob) {
  data_view raw, packed;
  std::int64_t size = -1;
  for (pbf_reader reader(blob); reader.next();) {
    if (is_bytes(reader, 1)) raw = reader.get_view();
    else if (is_number(reader, 2)) size = reader.get_int32();
    else if (is_bytes(reader, 3)) packed = reader.get_view();
    else if (reader.tag() >= 4 && reader.tag() <= 7) return fail(Errc::unsupported, "a block not packed by zlib");
    else reader.skip();
  }
  if (packed.empty()) return std::string(raw.data(), raw.size());
  if (size < 0 || std::size_t(size) > kBlobMax)
    return fail(Errc::malformed, "a block that says it unpacks to {} bytes", size);
  std::string out(std::size_t(size), '\0');
  uLongf written = uLongf(size);
  const auto* from = reinterpret_cast<const Bytef*>(packed.data());
  const int done = uncompress(reinterpret_cast<Bytef*>(out.data()), &written, from, uLong(packed.size()));
  if (done != Z_OK || written != uLongf(size)) return fail(Errc::corrupt, "a block that does not unpack");
  return out;
}

// One block of the map, looked at group by group.
struct Block {
  std::vector<data_view> strings;
  std::vector<data_view> groups;
  std::int64_t granularity{100}, lat_offset{0}, lon_offset{0};  // nanodegrees

  explicit Block(const std::string& bytes) {
    for (pbf_reader reader(bytes); reader.next();) {
      if (is_bytes(reader, 1)) take_strings(reader.get_message());
      else if (is_bytes(reader, 2)) groups.push_back(reader.get_view());
      else if (is_number(reader, 17)) granularity = reader.get_int32();
      else if (is_number(reader, 19)) lat_offset = reader.get_int64();
      else if (is_number(reader, 20)) lon_offset = reader.get_int64();
      else reader.skip();
    }
  }
  void take_strings(pbf_reader table) {
    while (table.next()) {
      if (is_bytes(table, 1)) strings.push_back(table.get_view());
      else table.skip();
    }
  }
  Position position(std::int64_t lat, std::int64_t lon) const {
    return {1e-9 * (double(lon_offset) + double(granularity) * double(lon)),
            1e-9 * (double(lat_offset) + double(granularity) * double(lat))};
  }
};

class OsmReader {
 public:
  OsmReader(std::string_view file, std::string_view name) : file_(file) { out_.report.file = name; }

  base::Result<StreetNetwork> read() {
    TRY(each_block([this](const Block& block) { take_ways(block); }));
    for (const Street& street : out_.streets) needed_.insert(needed_.end(), street.joints.begin(), street.joints.end());
    std::ranges::sort(needed_);
    needed_.erase(std::ranges::unique(needed_).begin(), needed_.end());
    found_.assign(needed_.size(), Position{kNowhere, 0});
    counting_ = false;
    TRY(each_block([this](const Block& block) { take_nodes(block); }));
    place_lines();
    out_.report.streets = out_.streets.size();
    return std::move(out_);
  }

 private:
  static constexpr double kNowhere = 1000;

  // A block that is damaged inside is left out; where the next begins is still
  // known.
  base::Status each_block(const std::function<void(const Block&)>& take) {
    for (std::size_t at = 0, number = 1; at < file_.size(); ++number) {
      auto blob = next_blob(file_, at);
      if (!blob && number == 1) return std::unexpected(blob.error());
      if (!blob) return mistake(blob.error().message, number), base::Status{};
      if (blob->type == "OSMHeader") TRY(check_header(blob->bytes));
      if (blob->type != "OSMData") continue;
      const auto bytes = unpack(blob->bytes);
      if (!bytes) {
        mistake(bytes.error().message, number);
        continue;
      }
      try {
        take(Block(*bytes));
      } catch (const protozero::exception& e) {
        mistake(fmt::format("a block that cannot be read ({})", e.what()), number);
      }
    }
    return {};
  }

  void mistake(const std::string& reason, std::size_t block) {
    if (counting_) out_.report.count(reason, fmt::format("block {}", block));
  }

  static base::Status check_header(data_view blob) {
    const std::string bytes = TRY(unpack(blob));
    for (pbf_reader reader(bytes); reader.next();) {
      if (!is_bytes(reader, 4)) {
        reader.skip();
        continue;
      }
      const std::string feature = reader.get_string();
      if (feature != "OsmSchema-V0.6" && feature != "DenseNodes")
        return fail(Errc::unsupported, "the file needs '{}', which is not known here", feature);
    }
    return {};
  }

  void take_ways(const Block& block) {
    for (const data_view group : block.groups) {
      for (pbf_reader reader(group); reader.next();) {
        if (is_bytes(reader, 3)) take_way(block, reader.get_message());
        else reader.skip();
      }
    }
  }

  void take_way(const Block& block, pbf_reader way) {
    std::int64_t id = 0;
    std::vector<std::uint32_t> keys, values;
    std::vector<std::uint64_t> nodes;
    while (way.next()) {
      if (is_number(way, 1)) id = way.get_int64();
      else if (is_bytes(way, 2)) std::ranges::copy(way.get_packed_uint32(), std::back_inserter(keys));
      else if (is_bytes(way, 3)) std::ranges::copy(way.get_packed_uint32(), std::back_inserter(values));
      else if (is_bytes(way, 8)) take_references(way.get_packed_sint64(), nodes);
      else way.skip();
    }
    const std::string where = fmt::format("way {}", id);
    std::map<std::string, std::string, std::less<>> tags;
    for (std::size_t i = 0; i < std::min(keys.size(), values.size()); ++i) {
      if (keys[i] >= block.strings.size() || values[i] >= block.strings.size())
        return out_.report.count("a way whose tags are not in its block", where);
      tags.emplace(text(block.strings[keys[i]]), text(block.strings[values[i]]));
    }
    auto street = street_from_tags(tags, out_.report, where);
    if (!street) return void(++out_.report.passed_over);
    if (nodes.size() < 2) return out_.report.count("a street of fewer than two nodes", where);
    street->joints = std::move(nodes);
    ids_.push_back(id);
    out_.streets.push_back(std::move(*street));
  }

  template <class Range>
  static void take_references(const Range& deltas, std::vector<std::uint64_t>& out) {
    std::uint64_t id = 0;
    for (const std::int64_t delta : deltas) out.push_back(id += std::uint64_t(delta));
  }

  static std::string text(data_view view) { return {view.data(), view.size()}; }

  void take_nodes(const Block& block) {
    for (const data_view group : block.groups) {
      for (pbf_reader reader(group); reader.next();) {
        if (is_bytes(reader, 1)) take_node(block, reader.get_message());
        else if (is_bytes(reader, 2)) take_dense(block, reader.get_message());
        else reader.skip();
      }
    }
  }

  void take_node(const Block& block, pbf_reader node) {
    std::int64_t id = 0, lat = 0, lon = 0;
    while (node.next()) {
      if (is_number(node, 1)) id = node.get_sint64();
      else if (is_number(node, 8)) lat = node.get_sint64();
      else if (is_number(node, 9)) lon = node.get_sint64();
      else node.skip();
    }
    put(std::uint64_t(id), block.position(lat, lon));
  }

  void take_dense(const Block& block, pbf_reader dense) {
    std::vector<std::int64_t> ids, lats, lons;
    const auto sums = [](const auto& deltas, std::vector<std::int64_t>& out) {
      std::uint64_t sum = 0;
      for (const std::int64_t delta : deltas) out.push_back(std::int64_t(sum += std::uint64_t(delta)));
    };
    while (dense.next()) {
      if (is_bytes(dense, 1)) sums(dense.get_packed_sint64(), ids);
      else if (is_bytes(dense, 8)) sums(dense.get_packed_sint64(), lats);
      else if (is_bytes(dense, 9)) sums(dense.get_packed_sint64(), lons);
      else dense.skip();
    }
    const std::size_t count = std::min({ids.size(), lats.size(), lons.size()});
    for (std::size_t i = 0; i < count; ++i) put(std::uint64_t(ids[i]), block.position(lats[i], lons[i]));
  }

  void put(std::uint64_t id, Position at) {
    const auto found = std::ranges::lower_bound(needed_, id);
    if (found != needed_.end() && *found == id && check(at)) found_[std::size_t(found - needed_.begin())] = at;
  }

  // An extract is cut somewhere: nodes outside of it are not there, and the
  // street goes as far as the last that is.
  void place_lines() {
    std::vector<Street> whole;
    for (std::size_t i = 0; i < out_.streets.size(); ++i) {
      Street& street = out_.streets[i];
      std::vector<std::uint64_t> joints;
      std::size_t missing = 0;
      const auto finish = [&] {
        if (street.line.size() >= 2) {
          Street piece = street;
          piece.joints = joints;
          whole.push_back(std::move(piece));
        }
        street.line.clear();
        joints.clear();
      };
      for (const std::uint64_t id : street.joints) {
        const auto at = std::size_t(std::ranges::lower_bound(needed_, id) - needed_.begin());
        if (found_[at].lon_deg == kNowhere) {
          ++missing;
          finish();
          continue;
        }
        street.line.push_back(found_[at]);
        joints.push_back(id);
      }
      finish();
      if (missing)
        out_.report.count("a street some of whose nodes are not in the file", fmt::format("way {}", ids_[i]));
    }
    out_.streets = std::move(whole);
  }

  std::string_view file_;
  StreetNetwork out_;
  std::vector<std::int64_t> ids_;  // of the ways, beside out_.streets
  std::vector<std::uint64_t> needed_;
  std::vector<Position> found_;  // by needed_
  bool counting_{true};          // mistakes of the file are told once
};

}  // namespace

base::Result<StreetNetwork> streets_from_osm(std::string_view bytes, std::string_view name) {
  try {
    auto read = OsmReader(bytes, name).read();
    if (!read) return fail(read.error().code, "{}: {}", name, read.error().message);
    return read;
  } catch (const protozero::exception& e) {
    return fail(Errc::malformed, "{}: {}: this is no .osm.pbf file", name, e.what());
  }
}

}  // namespace cityloop::geo
