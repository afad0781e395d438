// JPEG by TurboJPEG, whose calls never jump out of our functions.
#include <turbojpeg.h>

#include <algorithm>
#include <memory>

#include "civic/photo_formats.h"

namespace cityloop::civic {
namespace {

using base::Errc;
using base::fail;
using base::Result;

constexpr int kQuality = 85;

struct Close {
  void operator()(void* handle) const { tjDestroy(handle); }
};
using Handle = std::unique_ptr<void, Close>;

const unsigned char* start_of(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

// The smallest of the library's fractions that leaves enough pixels.
tjscalingfactor fraction_for(int longer_px, std::uint32_t wanted_px) {
  int count = 0;
  const tjscalingfactor* const all = tjGetScalingFactors(&count);
  tjscalingfactor best{1, 1};
  for (int i = 0; i < count; ++i) {
    const tjscalingfactor one = all[i];
    const bool enough = std::uint32_t(TJSCALED(longer_px, one)) >= wanted_px;
    if (enough && one.num * best.denom < best.num * one.denom) best = one;
  }
  return best;
}

struct Header {
  int width{}, height{}, subsampling{}, colours{};
};

Result<Header> header_of(void* handle, std::string_view bytes) {
  Header out;
  if (tjDecompressHeader3(handle, start_of(bytes), bytes.size(), &out.width, &out.height, &out.subsampling,
                          &out.colours) != 0 ||
      out.width < 1 || out.height < 1) {
    return fail(Errc::malformed, "a broken JPEG: {}", tjGetErrorStr2(handle));
  }
  return out;
}

}  // namespace

Result<PhotoHead> jpeg_head(std::string_view bytes) {
  const Handle handle(tjInitDecompress());
  if (!handle) return fail(Errc::unavailable, "no memory for a JPEG");
  const Header head = TRY(header_of(handle.get(), bytes));
  if (head.colours == TJCS_CMYK || head.colours == TJCS_YCCK)
    return fail(Errc::unsupported, "a JPEG in printing colours (CMYK); send it in RGB");
  return PhotoHead{PhotoFormat::jpeg, std::uint32_t(head.width), std::uint32_t(head.height)};
}

Result<Raster> unpack_jpeg(std::string_view bytes, std::uint32_t wanted_px) {
  const Handle handle(tjInitDecompress());
  if (!handle) return fail(Errc::unavailable, "no memory for a JPEG");
  const Header head = TRY(header_of(handle.get(), bytes));
  const tjscalingfactor fraction = fraction_for(std::max(head.width, head.height), wanted_px);
  Raster out{std::uint32_t(TJSCALED(head.width, fraction)), std::uint32_t(TJSCALED(head.height, fraction)), {}};
  out.rgb.resize(std::size_t(3) * out.width * out.height);
  // LIMITSCANS: a small file can ask for thousands of passes over all of its pixels.
  const int done = tjDecompress2(handle.get(), start_of(bytes), bytes.size(), out.rgb.data(), int(out.width), 0,
                                 int(out.height), TJPF_RGB, TJFLAG_LIMITSCANS);
  if (done == 0) return out;
  // Phones write files that the library warns of and reads all the same. One that is cut short is not such a file: what
  // is missing would be grey.
  const std::string_view why = tjGetErrorStr2(handle.get());
  if (tjGetErrorCode(handle.get()) == TJERR_WARNING && why.find("remature end") == std::string_view::npos) return out;
  return fail(Errc::malformed, "a broken JPEG: {}", why);
}

Result<std::string> pack_jpeg(const Raster& raster) {
  const Handle handle(tjInitCompress());
  if (!handle) return fail(Errc::unavailable, "no memory for a JPEG");
  unsigned char* made = nullptr;
  unsigned long size = 0;
  const int done = tjCompress2(handle.get(), raster.rgb.data(), int(raster.width), 0, int(raster.height), TJPF_RGB,
                               &made, &size, TJSAMP_420, kQuality, TJFLAG_PROGRESSIVE);
  const std::unique_ptr<unsigned char, decltype(&tjFree)> owner(made, &tjFree);
  if (done != 0) return fail(Errc::unavailable, "a photo could not be written anew: {}", tjGetErrorStr2(handle.get()));
  return std::string(reinterpret_cast<const char*>(made), size);
}

}  // namespace cityloop::civic
