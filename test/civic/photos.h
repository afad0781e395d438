// Photos for tests, made by the libraries themselves, and files that only look like photos.
#pragma once

#include <png.h>
#include <webp/encode.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "civic/photo_formats.h"

namespace cityloop::civic {

// The left half red, the right half blue, and the top row white.
inline Raster picture(std::uint32_t width, std::uint32_t height) {
  Raster out{width, height, std::vector<std::uint8_t>(std::size_t(3) * width * height)};
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      std::uint8_t* const p = out.rgb.data() + std::size_t(3) * (std::size_t(y) * width + x);
      const bool left = x < width / 2, top = y < height / 8;
      p[0] = left || top ? 255 : 0;
      p[1] = top ? 255 : 0;
      p[2] = !left || top ? 255 : 0;
    }
  }
  return out;
}

inline std::string jpeg_of(std::uint32_t width, std::uint32_t height) {
  return pack_jpeg(picture(width, height)).value();
}

inline std::string png_of(std::uint32_t width, std::uint32_t height) {
  const Raster from = picture(width, height);
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = width;
  image.height = height;
  image.format = PNG_FORMAT_RGB;
  png_alloc_size_t size = 0;
  EXPECT_TRUE(png_image_write_to_memory(&image, nullptr, &size, 0, from.rgb.data(), 0, nullptr));
  std::string out(size, '\0');
  EXPECT_TRUE(png_image_write_to_memory(&image, out.data(), &size, 0, from.rgb.data(), 0, nullptr));
  out.resize(size);
  return out;
}

inline std::string webp_of(std::uint32_t width, std::uint32_t height) {
  const Raster from = picture(width, height);
  std::uint8_t* made = nullptr;
  const std::size_t size = WebPEncodeRGB(from.rgb.data(), int(width), int(height), int(width) * 3, 80, &made);
  std::string out(reinterpret_cast<const char*>(made), size);
  WebPFree(made);
  return out;
}

inline void put_be(std::string& bytes, std::size_t at, std::uint32_t value, int size) {
  for (int i = size - 1; i >= 0; --i, value >>= 8) bytes[at + std::size_t(i)] = char(value);
}

// A TIFF block as EXIF has it: which way up, and where it was taken (30° 15' 0" N, 120° 9' 36" E).
inline std::string exif_block(int orientation, bool placed) {
  std::string out;
  const auto u16 = [&](std::uint32_t v) { out += char(v >> 8), out += char(v); };
  const auto u32 = [&](std::uint32_t v) { u16(v >> 16), u16(v & 0xffff); };
  const auto entry = [&](std::uint32_t tag, std::uint32_t type, std::uint32_t count, std::uint32_t value) {
    u16(tag), u16(type), u32(count), u32(value);
  };
  out += std::string("MM\0*", 4);
  u32(8);
  u16(placed ? 3 : 2);
  entry(0x010f, 2, 4, 0x41434d45);                        // Make: "ACME"
  entry(0x0112, 3, 1, std::uint32_t(orientation) << 16);  // Orientation
  if (placed) entry(0x8825, 4, 1, 50);                    // GPS directory
  u32(0);
  if (!placed) return out;
  EXPECT_EQ(out.size(), 50U);
  u16(4);
  entry(1, 2, 2, 0x4e000000);  // "N"
  entry(2, 5, 3, 104);
  entry(3, 2, 2, 0x45000000);  // "E"
  entry(4, 5, 3, 128);
  u32(0);
  EXPECT_EQ(out.size(), 104U);
  for (const std::uint32_t v : {30, 1, 15, 1, 0, 1, 120, 1, 9, 1, 36, 1}) u32(v);
  return out;
}

// The photo with EXIF and a comment in it.
inline std::string jpeg_with_exif(const std::string& jpeg, int orientation, bool placed) {
  const auto segment = [](char marker, const std::string& content) {
    std::string out = {char(0xff), marker, 0, 0};
    put_be(out, 2, std::uint32_t(content.size() + 2), 2);
    return out + content;
  };
  return jpeg.substr(0, 2) + segment(char(0xe1), std::string("Exif\0\0", 6) + exif_block(orientation, placed)) +
         segment(char(0xfe), "<script>alert('secret comment')</script>") + jpeg.substr(2);
}

// A whole PNG chunk, with its checksum, behind the header.
inline std::string png_with_exif(const std::string& png, int orientation) {
  const std::string exif = exif_block(orientation, true);
  std::string chunk(4, '\0');
  put_be(chunk, 0, std::uint32_t(exif.size()), 4);
  chunk += "eXIf" + exif;
  std::uint32_t crc = 0xffffffff;
  for (std::size_t i = 4; i < chunk.size(); ++i) {
    crc ^= std::uint8_t(chunk[i]);
    for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
  }
  chunk += std::string(4, '\0');
  put_be(chunk, chunk.size() - 4, ~crc, 4);
  constexpr std::size_t kAfterHeader = 33;
  return png.substr(0, kAfterHeader) + chunk + png.substr(kAfterHeader);
}

// A header that promises more pixels than anybody has memory for.
inline std::string png_bomb(std::uint32_t width, std::uint32_t height) {
  std::string out = png_of(8, 8);
  put_be(out, 16, width, 4);
  put_be(out, 20, height, 4);
  return out;
}

inline std::string jpeg_bomb(std::uint32_t width, std::uint32_t height) {
  std::string out = jpeg_of(16, 16);
  for (std::size_t at = 2; at + 9 < out.size(); ++at) {
    const auto marker = std::uint8_t(out[at + 1]);
    if (std::uint8_t(out[at]) != 0xff || (marker != 0xc0 && marker != 0xc2)) continue;
    put_be(out, at + 5, height, 2);
    put_be(out, at + 7, width, 2);
    return out;
  }
  ADD_FAILURE() << "no frame in this JPEG";
  return out;
}

}  // namespace cityloop::civic
