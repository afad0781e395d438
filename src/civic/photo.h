// A photo that somebody sent: told by its content, checked before it is unpacked, brought upright, and written anew.
//
//   bytes ─▶ [read_photo_head] ─▶ [make_photo] ─ Photo ─▶ PhotoShelf
//
// What comes out is a JPEG of our own making: nothing of the file that came in is in it but its pixels. So place,
// camera, comments, hidden thumbnails, and whatever else was a second file in the first, are gone. Only the place is
// told to the caller, to be given back to whoever sent the photo.
//
// Memory is bounded by the limits: a JPEG is unpacked at a fraction of its size, the others whole. Pure functions; the
// same bytes give the same photo.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cityloop::civic {

struct PhotoLimits {
  std::size_t bytes_max{15u << 20};
  std::uint32_t side_max_px{20'000};
  std::uint64_t jpeg_pixels_max{64'000'000};
  std::uint64_t pixels_max{32'000'000};  // of PNG and WebP
  std::uint32_t full_px{2560};           // the longer side of what is kept; never enlarged
  std::uint32_t thumb_px{480};
};

enum class PhotoFormat : std::uint8_t { jpeg, png, webp };

struct PhotoHead {
  PhotoFormat format{PhotoFormat::jpeg};
  std::uint32_t width{}, height{};
};

struct Place {
  double lon_deg{}, lat_deg{};
};

struct Photo {
  std::string id;                   // SHA-256 of `full` in hex
  std::string full, thumb;          // JPEG
  std::uint32_t width{}, height{};  // of `full`
  std::optional<Place> place;
};

// Unpacks nothing. Errc::unsupported: no photo of a kind that is taken, whatever its name or type says;
// Errc::malformed: its beginning is broken; Errc::full: more bytes or pixels than are taken.
base::Result<PhotoHead> read_photo_head(std::string_view bytes, const PhotoLimits&);

// The same errors; Errc::malformed also for what is cut short or damaged within.
base::Result<Photo> make_photo(std::string_view bytes, const PhotoLimits&);

}  // namespace cityloop::civic
