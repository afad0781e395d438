// PNG by libpng's simple reading, which returns errors instead of jumping.
#include <png.h>

#include "civic/photo_formats.h"

namespace cityloop::civic {
namespace {

using base::Errc;
using base::fail;
using base::Result;

constexpr std::size_t kSignatureBytes = 8, kChunkFrameBytes = 12;

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < 4; ++i) out = out << 8 | std::uint8_t(bytes[at + i]);
  return out;
}

}  // namespace

Result<PhotoHead> png_head(std::string_view bytes) {
  if (bytes.size() < kSignatureBytes + kChunkFrameBytes + 13 || bytes.substr(12, 4) != "IHDR")
    return fail(Errc::malformed, "a broken PNG: it does not begin with its header");
  return PhotoHead{PhotoFormat::png, number_at(bytes, 16), number_at(bytes, 20)};
}

Result<Raster> unpack_png(std::string_view bytes) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  const auto failed = [&] {
    const auto error = fail(Errc::malformed, "a broken PNG: {}", image.message);
    png_image_free(&image);
    return error;
  };
  if (!png_image_begin_read_from_memory(&image, bytes.data(), bytes.size())) return failed();
  image.format = PNG_FORMAT_RGB;
  Raster out{image.width, image.height, {}};
  out.rgb.resize(PNG_IMAGE_SIZE(image));
  const png_color white{255, 255, 255};  // behind what is transparent
  if (!png_image_finish_read(&image, &white, out.rgb.data(), 0, nullptr)) return failed();
  return out;
}

std::string_view png_exif(std::string_view bytes) {
  for (std::size_t at = kSignatureBytes; at + kChunkFrameBytes <= bytes.size();) {
    const std::size_t size = number_at(bytes, at);
    if (size > bytes.size() - at - kChunkFrameBytes) return {};
    if (bytes.substr(at + 4, 4) == "eXIf") return bytes.substr(at + 8, size);
    at += size + kChunkFrameBytes;
  }
  return {};
}

}  // namespace cityloop::civic
