// The photo formats that are taken, each unpacked by its own library. Inside of this room's photo.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "civic/photo.h"
#include "civic/raster.h"

namespace cityloop::civic {

// The size that the file's header says; nothing is unpacked.
base::Result<PhotoHead> jpeg_head(std::string_view);
base::Result<PhotoHead> png_head(std::string_view);
base::Result<PhotoHead> webp_head(std::string_view);

// A JPEG is unpacked at the smallest fraction that still has `wanted_px` on its longer side.
base::Result<Raster> unpack_jpeg(std::string_view, std::uint32_t wanted_px);
base::Result<Raster> unpack_png(std::string_view);
base::Result<Raster> unpack_webp(std::string_view);

base::Result<std::string> pack_jpeg(const Raster&);

// What is read of a file's EXIF before all of it is dropped.
struct PhotoFacts {
  int orientation{1};
  std::optional<Place> place;
};
// `exif`: a whole JPEG, or the bytes of an EXIF chunk. Nothing in it that makes no sense is an error.
PhotoFacts read_exif(std::string_view exif);
// The EXIF chunk of a file; empty when it has none.
std::string_view png_exif(std::string_view);
std::string webp_exif(std::string_view);

}  // namespace cityloop::civic
