// Pixels: what every photo is between being unpacked and being written anew. RGB, eight bits each, no padding.
#pragma once

#include <cstdint>
#include <vector>

namespace cityloop::civic {

struct Raster {
  std::uint32_t width{}, height{};
  std::vector<std::uint8_t> rgb;  // 3 * width * height
};

// Each new pixel is the mean of the area that it stands for. Never enlarges: a raster that fits is returned as it is.
Raster fit_within(Raster, std::uint32_t side_px);

// Brought upright from EXIF's orientation, 1 to 8; any other number is taken as 1.
Raster turn_upright(Raster, int orientation);

}  // namespace cityloop::civic
