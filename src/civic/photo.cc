#include "civic/photo.h"

#include <algorithm>

#include "civic/photo_formats.h"
#include "trust/secret.h"

namespace cityloop::civic {
namespace {

using base::Errc;
using base::fail;
using base::Result;

std::optional<PhotoFormat> format_of(std::string_view bytes) {
  if (bytes.starts_with("\xff\xd8\xff")) return PhotoFormat::jpeg;
  if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return PhotoFormat::png;
  if (bytes.size() >= 12 && bytes.starts_with("RIFF") && bytes.substr(8, 4) == "WEBP") return PhotoFormat::webp;
  return std::nullopt;
}

Result<PhotoHead> head_of(PhotoFormat format, std::string_view bytes) {
  switch (format) {
    case PhotoFormat::jpeg: return jpeg_head(bytes);
    case PhotoFormat::png: return png_head(bytes);
    case PhotoFormat::webp: return webp_head(bytes);
  }
  return fail(Errc::unsupported, "not a photo");
}

Result<Raster> unpack(PhotoFormat format, std::string_view bytes, const PhotoLimits& limits) {
  switch (format) {
    case PhotoFormat::jpeg: return unpack_jpeg(bytes, limits.full_px);
    case PhotoFormat::png: return unpack_png(bytes);
    case PhotoFormat::webp: return unpack_webp(bytes);
  }
  return fail(Errc::unsupported, "not a photo");
}

PhotoFacts facts_of(PhotoFormat format, std::string_view bytes) {
  switch (format) {
    case PhotoFormat::jpeg: return read_exif(bytes);
    case PhotoFormat::png: return read_exif(png_exif(bytes));
    case PhotoFormat::webp: return read_exif(webp_exif(bytes));
  }
  return {};
}

}  // namespace

Result<PhotoHead> read_photo_head(std::string_view bytes, const PhotoLimits& limits) {
  if (bytes.size() > limits.bytes_max)
    return fail(Errc::full, "the photo has {} bytes; at most {} are taken", bytes.size(), limits.bytes_max);
  const auto format = format_of(bytes);
  if (!format) return fail(Errc::unsupported, "this is neither a JPEG nor a PNG nor a WebP photo");
  const PhotoHead head = TRY(head_of(*format, bytes));
  if (head.width == 0 || head.height == 0) return fail(Errc::malformed, "a photo without pixels");
  const std::uint64_t most = *format == PhotoFormat::jpeg ? limits.jpeg_pixels_max : limits.pixels_max;
  if (std::max(head.width, head.height) > limits.side_max_px || std::uint64_t(head.width) * head.height > most) {
    return fail(Errc::full, "the photo says that it is {} x {} pixels; at most {} a side and {} in all are taken",
                head.width, head.height, limits.side_max_px, most);
  }
  return head;
}

Result<Photo> make_photo(std::string_view bytes, const PhotoLimits& limits) {
  const PhotoHead head = TRY(read_photo_head(bytes, limits));
  const PhotoFacts facts = facts_of(head.format, bytes);
  Raster raster = fit_within(TRY(unpack(head.format, bytes, limits)), limits.full_px);
  raster = turn_upright(std::move(raster), facts.orientation);
  Photo photo;
  photo.width = raster.width;
  photo.height = raster.height;
  photo.full = TRY(pack_jpeg(raster));
  photo.thumb = TRY(pack_jpeg(fit_within(std::move(raster), limits.thumb_px)));
  photo.id = trust::fingerprint(photo.full);
  photo.place = facts.place;
  return photo;
}

}  // namespace cityloop::civic
