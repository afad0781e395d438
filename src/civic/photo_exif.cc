#include <libexif/exif-data.h>

#include <cmath>
#include <memory>

#include "civic/photo_formats.h"

namespace cityloop::civic {
namespace {

constexpr std::string_view kExifMark("Exif\0\0", 6);

struct Unref {
  void operator()(ExifData* data) const { exif_data_unref(data); }
};

// Tags of the GPS directory; the library has no names for all of them.
constexpr auto kLatitudeRef = static_cast<ExifTag>(1), kLatitude = static_cast<ExifTag>(2),
               kLongitudeRef = static_cast<ExifTag>(3), kLongitude = static_cast<ExifTag>(4);

// Degrees, minutes and seconds; negative towards `negative`.
std::optional<double> degrees(ExifData* data, ExifTag tag, ExifTag ref_tag, char negative) {
  ExifContent* const gps = data->ifd[EXIF_IFD_GPS];
  const ExifEntry* const entry = exif_content_get_entry(gps, tag);
  const ExifEntry* const ref = exif_content_get_entry(gps, ref_tag);
  if (!entry || entry->format != EXIF_FORMAT_RATIONAL || entry->components < 3 || entry->size < 24) return std::nullopt;
  if (!ref || ref->size < 1 || !ref->data) return std::nullopt;
  double out = 0, unit = 1;
  for (int i = 0; i < 3; ++i, unit /= 60) {
    const ExifRational part = exif_get_rational(entry->data + std::ptrdiff_t(8) * i, exif_data_get_byte_order(data));
    if (part.denominator != 0) out += unit * double(part.numerator) / double(part.denominator);
    else if (part.numerator != 0) return std::nullopt;
  }
  return char(ref->data[0]) == negative ? -out : out;
}

std::optional<Place> place_of(ExifData* data) {
  const auto lat = degrees(data, kLatitude, kLatitudeRef, 'S');
  const auto lon = degrees(data, kLongitude, kLongitudeRef, 'W');
  if (!lat || !lon || !(std::abs(*lat) <= 90) || !(std::abs(*lon) <= 180)) return std::nullopt;
  if (*lat == 0 && *lon == 0) return std::nullopt;  // what cameras write that do not know
  return Place{*lon, *lat};
}

}  // namespace

PhotoFacts read_exif(std::string_view exif) {
  if (exif.empty()) return {};
  std::string marked;
  if (!exif.starts_with("\xff\xd8") && !exif.starts_with(kExifMark)) {
    marked.append(kExifMark).append(exif);
    exif = marked;
  }
  const std::unique_ptr<ExifData, Unref> data(
      exif_data_new_from_data(reinterpret_cast<const unsigned char*>(exif.data()), unsigned(exif.size())));
  if (!data) return {};
  PhotoFacts out;
  out.place = place_of(data.get());
  const ExifEntry* const turned = exif_content_get_entry(data->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION);
  if (turned && turned->format == EXIF_FORMAT_SHORT && turned->size >= 2 && turned->data)
    out.orientation = exif_get_short(turned->data, exif_data_get_byte_order(data.get()));
  return out;
}

}  // namespace cityloop::civic
