#include "twin/history/series.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/bytes.h"

namespace cityloop::twin {
namespace {

using base::ByteReader;
using base::ByteWriter;
using flow::Instant;

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kRaw = 255;
constexpr double kScales[] = {1, 10, 100, 1e3, 1e4, 1e5, 1e6};
constexpr std::int64_t kUnits_us[] = {1, 1000, 1'000'000};
constexpr std::size_t kCountMax = 1 << 20;

using Column = std::vector<std::int64_t>;

// Overflow wraps, both ways alike: what was taken apart is put together again.
std::int64_t minus(std::int64_t a, std::int64_t b) {
  return std::int64_t(std::uint64_t(a) - std::uint64_t(b));
}
std::int64_t plus(std::int64_t a, std::int64_t b) {
  return std::int64_t(std::uint64_t(a) + std::uint64_t(b));
}

enum class Packing : std::uint8_t { bits, varints };

void write_bits(ByteWriter& out, const Column& column, std::int64_t low, unsigned width) {
  std::uint64_t held = 0;
  unsigned filled = 0;
  for (const std::int64_t v : column) {
    std::uint64_t rest = std::uint64_t(minus(v, low));
    for (unsigned left = width; left > 0;) {
      const unsigned take = std::min(left, 8 - filled);
      held |= (rest & ((1u << take) - 1)) << filled;
      rest >>= take;
      filled += take;
      left -= take;
      if (filled == 8) out.u8(std::uint8_t(held)), held = 0, filled = 0;
    }
  }
  if (filled) out.u8(std::uint8_t(held));
}

std::size_t varint_size(std::int64_t v) {
  const std::uint64_t zigzag = std::uint64_t(v) << 1 ^ std::uint64_t(v >> 63);
  return std::size_t(std::bit_width(zigzag | 1) + 6) / 7;
}

// The smaller of two packings: all in the same number of bits above the least, or each in as many bytes as it needs.
void write_column(ByteWriter& out, const Column& column) {
  if (column.empty()) return;
  const auto [low, high] = std::minmax_element(column.begin(), column.end());
  const auto width = unsigned(std::bit_width(std::uint64_t(minus(*high, *low))));
  std::size_t loose = 0;
  for (const std::int64_t v : column) loose += varint_size(v);
  const std::size_t packed = varint_size(*low) + (column.size() * width + 7) / 8;
  if (loose < packed) {
    out.u8(128 | std::uint8_t(Packing::varints));
    for (const std::int64_t v : column) out.svarint(v);
    return;
  }
  out.u8(std::uint8_t(width));
  out.svarint(*low);
  write_bits(out, column, *low, width);
}

Column read_column(ByteReader& in, std::size_t count) {
  Column column;
  if (count == 0) return column;
  column.reserve(std::min(count, in.left() * 8 + 1));
  const std::uint8_t how = in.u8();
  if (how & 128) {
    for (std::size_t i = 0; i < count && in.ok(); ++i) column.push_back(in.svarint());
    return column;
  }
  const std::int64_t low = in.svarint();
  std::uint64_t held = 0;
  unsigned available = 0;
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    std::uint64_t v = 0;
    for (unsigned got = 0; got < how;) {
      if (available == 0) held = in.u8(), available = 8;
      const unsigned take = std::min(unsigned(how) - got, available);
      if (got < 64) v |= (held & ((1u << take) - 1)) << got;
      held >>= take;
      available -= take;
      got += take;
    }
    column.push_back(plus(low, std::int64_t(v)));
  }
  return column;
}

std::uint8_t unit_of(const Column& us) {
  for (std::uint8_t unit = 2; unit > 0; --unit) {
    if (std::all_of(us.begin(), us.end(), [&](std::int64_t v) { return v % kUnits_us[unit] == 0; })) return unit;
  }
  return 0;
}

void to_unit(Column& column, std::uint8_t unit) {
  for (std::int64_t& v : column) v /= kUnits_us[unit];
}

void to_differences(Column& column) {
  for (std::size_t i = column.size(); i-- > 1;) column[i] = minus(column[i], column[i - 1]);
}
void from_differences(Column& column) {
  for (std::size_t i = 1; i < column.size(); ++i) column[i] = plus(column[i], column[i - 1]);
}

// Times in rising order: the first, the first step, and how each step differs from the one before.
void write_times(ByteWriter& out, Column times) {
  const std::uint8_t unit = unit_of(times);
  out.u8(unit);
  to_unit(times, unit);
  to_differences(times);
  out.svarint(times[0]);
  times.erase(times.begin());
  if (times.empty()) return;
  to_differences(times);
  out.svarint(times[0]);
  times.erase(times.begin());
  write_column(out, times);
}

Column read_times(ByteReader& in, std::size_t count) {
  const std::uint8_t unit = std::min<std::uint8_t>(in.u8(), 2);
  Column times{in.svarint()};
  if (count > 1) {
    Column steps{in.svarint()};
    const Column rest = read_column(in, count - 2);
    steps.insert(steps.end(), rest.begin(), rest.end());
    from_differences(steps);
    times.insert(times.end(), steps.begin(), steps.end());
  }
  from_differences(times);
  for (std::int64_t& t : times) t = std::int64_t(std::uint64_t(t) * std::uint64_t(kUnits_us[unit]));
  return times;
}

// How long after it was observed each value arrived.
void write_lags(ByteWriter& out, Column lags) {
  const std::uint8_t unit = unit_of(lags);
  out.u8(unit);
  to_unit(lags, unit);
  write_column(out, lags);
}

Column read_lags(ByteReader& in, std::size_t count) {
  const std::uint8_t unit = std::min<std::uint8_t>(in.u8(), 2);
  Column lags = read_column(in, count);
  for (std::int64_t& lag : lags) lag = std::int64_t(std::uint64_t(lag) * std::uint64_t(kUnits_us[unit]));
  return lags;
}

// The number of decimals with which every value is exactly a whole number of units, or kRaw.
std::uint8_t decimals_of(std::span<const Point> points) {
  for (std::size_t d = 0; d < std::size(kScales); ++d) {
    const bool exact = std::all_of(points.begin(), points.end(), [&](const Point& p) {
      const double scaled = std::round(p.value * kScales[d]);
      return std::abs(scaled) < 1e15 && scaled / kScales[d] == p.value && !(p.value == 0 && std::signbit(p.value));
    });
    if (exact) return std::uint8_t(d);
  }
  return kRaw;
}

void write_values(ByteWriter& out, std::span<const Point> points) {
  const std::uint8_t decimals = decimals_of(points);
  out.u8(decimals);
  if (decimals == kRaw) {
    for (const Point& p : points) out.f64(p.value);
    return;
  }
  Column whole;
  whole.reserve(points.size());
  for (const Point& p : points) whole.push_back(std::int64_t(std::round(p.value * kScales[decimals])));
  Column steps = whole;
  to_differences(steps);
  ByteWriter direct, stepped;
  write_column(direct, whole);
  stepped.svarint(steps[0]);
  steps.erase(steps.begin());
  write_column(stepped, steps);
  const bool by_steps = stepped.view().size() < direct.view().size();
  out.u8(by_steps);
  for (const char c : by_steps ? stepped.view() : direct.view()) out.u8(std::uint8_t(c));
}

std::vector<double> read_values(ByteReader& in, std::size_t count) {
  std::vector<double> values;
  const std::uint8_t decimals = in.u8();
  if (decimals == kRaw) {
    for (std::size_t i = 0; i < count && in.ok(); ++i) values.push_back(in.f64());
    return values;
  }
  Column whole;
  if (in.u8()) {
    whole.push_back(in.svarint());
    const Column rest = read_column(in, count - 1);
    whole.insert(whole.end(), rest.begin(), rest.end());
    from_differences(whole);
  } else {
    whole = read_column(in, count);
  }
  const double scale = decimals < std::size(kScales) ? kScales[decimals] : 1;
  values.reserve(whole.size());
  for (const std::int64_t v : whole) values.push_back(double(v) / scale);
  return values;
}

// What most points of a run have in common.
struct Kind {
  flow::Name unit;
  Instant created;
  bool observed;
  friend bool operator==(const Kind&, const Kind&) = default;
};

void write_kinds(ByteWriter& out, std::span<const Point> points) {
  std::vector<Kind> kinds;
  Column which;
  which.reserve(points.size());
  for (const Point& p : points) {
    const Kind mine{p.unit, p.created, p.observed};
    auto found = std::find(kinds.begin(), kinds.end(), mine);
    if (found == kinds.end()) found = kinds.insert(kinds.end(), mine);
    which.push_back(found - kinds.begin());
  }
  out.varint(kinds.size());
  for (const Kind& kind : kinds) {
    out.text(kind.unit.text());
    out.svarint(base::to_us(kind.created));
    out.u8(kind.observed);
  }
  if (kinds.size() > 1) write_column(out, which);
}

base::Result<std::pair<std::vector<Kind>, Column>> read_kinds(ByteReader& in, std::size_t count) {
  std::vector<Kind> kinds;
  const std::uint64_t size = in.varint();
  for (std::uint64_t i = 0; i < size && in.ok(); ++i) {
    const flow::Name unit(in.text());
    const Instant created = base::from_us(in.svarint());
    kinds.push_back({unit, created, in.u8() != 0});
  }
  Column which = kinds.size() > 1 ? read_column(in, count) : Column(count, 0);
  const bool known =
      std::all_of(which.begin(), which.end(), [&](std::int64_t k) { return k >= 0 && std::size_t(k) < kinds.size(); });
  if (!in.ok() || !known || which.size() != count)
    return base::fail(base::Errc::corrupt, "a run of numbers is damaged");
  return std::pair(std::move(kinds), std::move(which));
}

base::Result<RunSpan> read_span(ByteReader& in) {
  const std::uint8_t version = in.u8();
  RunSpan span;
  span.count = in.varint();
  const std::int64_t first = in.svarint();
  span.first = base::from_us(first);
  span.last = base::from_us(plus(first, in.svarint()));
  const std::int64_t arrived = plus(first, in.svarint());
  span.modified_min = base::from_us(arrived);
  span.modified_max = base::from_us(plus(arrived, in.svarint()));
  if (!in.ok() || version != kVersion || span.count == 0 || span.count > kCountMax) {
    return base::fail(base::Errc::corrupt, "a run of numbers is damaged");
  }
  return span;
}

}  // namespace

std::string encode_points(std::span<const Point> points) {
  ByteWriter out;
  out.u8(kVersion);
  out.varint(points.size());
  Column times, lags;
  times.reserve(points.size());
  lags.reserve(points.size());
  Instant low = Instant::max(), high = Instant::min();
  for (const Point& p : points) {
    const Instant modified = base::from_us(base::to_us(p.modified) / 1000 * 1000);
    times.push_back(base::to_us(p.at));
    lags.push_back(minus(base::to_us(p.observed ? modified : p.at), base::to_us(p.at)));
    low = std::min(low, modified);
    high = std::max(high, modified);
  }
  out.svarint(times.front());
  out.svarint(minus(times.back(), times.front()));
  out.svarint(minus(base::to_us(low), times.front()));
  out.svarint(minus(base::to_us(high), base::to_us(low)));
  write_kinds(out, points);
  write_times(out, std::move(times));
  write_lags(out, std::move(lags));
  write_values(out, points);
  return out.take();
}

base::Result<RunSpan> points_span(std::string_view bytes) {
  ByteReader in(bytes);
  return read_span(in);
}

base::Result<std::vector<Point>> decode_points(std::string_view bytes) {
  ByteReader in(bytes);
  const RunSpan span = TRY(read_span(in));
  const auto [kinds, which] = TRY(read_kinds(in, span.count));
  const Column times = read_times(in, span.count);
  const Column lags = read_lags(in, span.count);
  const std::vector<double> values = read_values(in, span.count);
  const bool whole = times.size() == span.count && lags.size() == span.count && values.size() == span.count;
  if (!in.ok() || !in.at_end() || !whole) return base::fail(base::Errc::corrupt, "a run of numbers is damaged");
  std::vector<Point> points;
  points.reserve(span.count);
  for (std::size_t i = 0; i < span.count; ++i) {
    const Kind& kind = kinds[std::size_t(which[i])];
    points.push_back({base::from_us(times[i]), base::from_us(plus(times[i], lags[i])), values[i], kind.created,
                      kind.unit, kind.observed});
  }
  return points;
}

}  // namespace cityloop::twin
