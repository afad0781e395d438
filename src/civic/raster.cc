#include "civic/raster.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace cityloop::civic {
namespace {

// One side's share: pixel `at` of `small` stands for [first, last] of `large`, the outer ones in part.
struct Span {
  std::uint32_t first{}, last{};
  float first_part{1}, last_part{1};

  static Span of(std::uint32_t at, std::uint32_t small, std::uint32_t large) {
    const double scale = double(large) / small, begin = at * scale, end = (at + 1) * scale;
    Span out;
    out.first = std::uint32_t(begin);
    out.last = std::min(large - 1, std::uint32_t(std::ceil(end)) - 1);
    out.first_part = float(double(out.first) + 1 - begin);
    out.last_part = float(end - out.last);
    if (out.first == out.last) out.first_part = out.last_part = float(end - begin);
    return out;
  }
  float part(std::uint32_t at) const { return at == first ? first_part : at == last ? last_part : 1.0F; }
};

// The mean of the rows of one span, as one row of floats.
void mean_of_rows(const Raster& from, const Span& rows, std::vector<float>& out) {
  const std::size_t row_bytes = std::size_t(3) * from.width;
  std::fill(out.begin(), out.end(), 0.0F);
  float sum = 0;
  for (std::uint32_t y = rows.first; y <= rows.last; ++y) {
    const float part = rows.part(y);
    sum += part;
    const std::uint8_t* const row = from.rgb.data() + y * row_bytes;
    for (std::size_t i = 0; i < row_bytes; ++i) out[i] += part * row[i];
  }
  for (float& value : out) value /= sum;
}

}  // namespace

Raster fit_within(Raster from, std::uint32_t side_px) {
  const std::uint32_t longer = std::max(from.width, from.height);
  if (longer <= side_px) return from;
  const auto scaled = [&](std::uint32_t side) {
    return std::max<std::uint32_t>(1, std::uint32_t((std::uint64_t(side) * side_px + longer / 2) / longer));
  };
  Raster to{scaled(from.width), scaled(from.height), {}};
  to.rgb.resize(std::size_t(3) * to.width * to.height);
  std::vector<float> mean(std::size_t(3) * from.width);
  std::uint8_t* out = to.rgb.data();
  for (std::uint32_t y = 0; y < to.height; ++y) {
    mean_of_rows(from, Span::of(y, to.height, from.height), mean);
    for (std::uint32_t x = 0; x < to.width; ++x) {
      const Span columns = Span::of(x, to.width, from.width);
      float sum = 0, rgb[3] = {0, 0, 0};
      for (std::uint32_t i = columns.first; i <= columns.last; ++i) {
        const float part = columns.part(i);
        sum += part;
        for (int c = 0; c < 3; ++c) rgb[c] += part * mean[std::size_t(3) * i + std::size_t(c)];
      }
      for (const float value : rgb) *out++ = std::uint8_t(std::clamp(value / sum + 0.5F, 0.0F, 255.0F));
    }
  }
  return to;
}

Raster turn_upright(Raster from, int orientation) {
  if (orientation < 2 || orientation > 8) return from;
  const bool swaps = orientation >= 5;
  Raster to{swaps ? from.height : from.width, swaps ? from.width : from.height, {}};
  to.rgb.resize(from.rgb.size());
  const std::uint32_t right = from.width - 1, bottom = from.height - 1;
  // Where a pixel of the upright picture stands in the one that came.
  const auto source = [&](std::uint32_t x, std::uint32_t y) -> std::pair<std::uint32_t, std::uint32_t> {
    switch (orientation) {
      case 2: return {right - x, y};
      case 3: return {right - x, bottom - y};
      case 4: return {x, bottom - y};
      case 5: return {y, x};
      case 6: return {y, bottom - x};
      case 7: return {right - y, bottom - x};
      default: return {right - y, x};
    }
  };
  std::uint8_t* out = to.rgb.data();
  for (std::uint32_t y = 0; y < to.height; ++y) {
    for (std::uint32_t x = 0; x < to.width; ++x) {
      const auto [from_x, from_y] = source(x, y);
      const std::uint8_t* const in = from.rgb.data() + std::size_t(3) * (std::size_t(from_y) * from.width + from_x);
      out = std::copy(in, in + 3, out);
    }
  }
  return to;
}

}  // namespace cityloop::civic
