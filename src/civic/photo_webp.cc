#include <webp/decode.h>
#include <webp/demux.h>

#include <memory>

#include "civic/photo_formats.h"

namespace cityloop::civic {
namespace {

using base::Errc;
using base::fail;
using base::Result;

const std::uint8_t* start_of(std::string_view bytes) {
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

// What is transparent lies on white.
Raster on_white(const WebPDecBuffer& from) {
  Raster out{std::uint32_t(from.width), std::uint32_t(from.height), {}};
  out.rgb.reserve(std::size_t(3) * out.width * out.height);
  for (std::uint32_t y = 0; y < out.height; ++y) {
    const std::uint8_t* in = from.u.RGBA.rgba + std::size_t(y) * std::size_t(from.u.RGBA.stride);
    for (std::uint32_t x = 0; x < out.width; ++x, in += 4) {
      const unsigned alpha = in[3];
      for (int c = 0; c < 3; ++c) out.rgb.push_back(std::uint8_t((in[c] * alpha + 255 * (255 - alpha) + 127) / 255));
    }
  }
  return out;
}

}  // namespace

Result<PhotoHead> webp_head(std::string_view bytes) {
  WebPBitstreamFeatures features{};
  if (WebPGetFeatures(start_of(bytes), bytes.size(), &features) != VP8_STATUS_OK)
    return fail(Errc::malformed, "a broken WebP: its header cannot be read");
  if (features.has_animation) return fail(Errc::unsupported, "a moving WebP; send a photo that stands still");
  return PhotoHead{PhotoFormat::webp, std::uint32_t(features.width), std::uint32_t(features.height)};
}

Result<Raster> unpack_webp(std::string_view bytes) {
  WebPDecoderConfig config;
  if (!WebPInitDecoderConfig(&config)) return fail(Errc::unavailable, "the WebP library is of another version");
  config.output.colorspace = MODE_RGBA;
  const VP8StatusCode status = WebPDecode(start_of(bytes), bytes.size(), &config);
  const std::unique_ptr<WebPDecBuffer, decltype(&WebPFreeDecBuffer)> owner(&config.output, &WebPFreeDecBuffer);
  if (status != VP8_STATUS_OK) return fail(Errc::malformed, "a broken WebP: cut short or damaged");
  return on_white(config.output);
}

std::string webp_exif(std::string_view bytes) {
  const WebPData data{start_of(bytes), bytes.size()};
  const std::unique_ptr<WebPDemuxer, decltype(&WebPDemuxDelete)> demux(WebPDemux(&data), &WebPDemuxDelete);
  WebPChunkIterator chunk;
  if (!demux || !WebPDemuxGetChunk(demux.get(), "EXIF", 1, &chunk)) return {};
  std::string out(reinterpret_cast<const char*>(chunk.chunk.bytes), chunk.chunk.size);
  WebPDemuxReleaseChunkIterator(&chunk);
  return out;
}

}  // namespace cityloop::civic
