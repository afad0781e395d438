// What is taken for a photo, and what is left of it.
#include "civic/photo.h"

#include <gmock/gmock.h>

#include "photos.h"

namespace cityloop::civic {
namespace {

using base::Errc;
using testing::HasSubstr;
using testing::Not;

Errc refusal(std::string_view bytes, const PhotoLimits& limits = {}) {
  const auto photo = make_photo(bytes, limits);
  EXPECT_FALSE(photo);
  return photo ? Errc::exists : photo.error().code;
}

struct Colour {
  int r, g, b;
};
Colour at(const Raster& raster, double x, double y) {
  const auto column = std::size_t(x * raster.width), row = std::size_t(y * raster.height);
  const std::uint8_t* const p = raster.rgb.data() + 3 * (row * raster.width + column);
  return {p[0], p[1], p[2]};
}

TEST(Photo, EachFormatIsTakenByItsContentAndComesOutAsAJpegOfOurs) {
  for (const std::string& bytes : {jpeg_of(320, 200), png_of(320, 200), webp_of(320, 200)}) {
    const auto photo = make_photo(bytes, {});
    ASSERT_TRUE(photo) << photo.error().message;
    EXPECT_EQ(photo->width, 320U);
    EXPECT_EQ(photo->height, 200U);
    EXPECT_EQ(photo->id.size(), 64U);
    EXPECT_TRUE(photo->full.starts_with("\xff\xd8\xff"));
    const auto back = unpack_jpeg(photo->full, 320);
    ASSERT_TRUE(back);
    const Colour red = at(*back, 0.2, 0.6), blue = at(*back, 0.8, 0.6), white = at(*back, 0.5, 0.03);
    EXPECT_GT(red.r, 200);
    EXPECT_LT(red.b, 60);
    EXPECT_GT(blue.b, 200);
    EXPECT_LT(blue.r, 60);
    EXPECT_GT(white.r + white.g + white.b, 600);
  }
}

TEST(Photo, TheSameBytesGiveTheSamePhoto) {
  const std::string bytes = jpeg_of(500, 400);
  EXPECT_EQ(make_photo(bytes, {})->id, make_photo(bytes, {})->id);
}

TEST(Photo, ThePlaceIsToldAndNothingOfItIsKept) {
  const auto photo = make_photo(jpeg_with_exif(jpeg_of(64, 48), 1, true), {});
  ASSERT_TRUE(photo);
  ASSERT_TRUE(photo->place);
  EXPECT_NEAR(photo->place->lat_deg, 30.25, 1e-9);
  EXPECT_NEAR(photo->place->lon_deg, 120.16, 1e-9);
  for (const std::string& kept : {photo->full, photo->thumb}) {
    for (const char* trace : {"Exif", "ACME", "secret comment", "script"}) EXPECT_THAT(kept, Not(HasSubstr(trace)));
    EXPECT_FALSE(read_exif(kept).place);
  }
}

TEST(Photo, APngTellsItsPlaceToo) {
  const auto photo = make_photo(png_with_exif(png_of(64, 48), 6), {});
  ASSERT_TRUE(photo) << photo.error().message;
  ASSERT_TRUE(photo->place);
  EXPECT_NEAR(photo->place->lat_deg, 30.25, 1e-9);
  EXPECT_EQ(photo->width, 48U);
  EXPECT_THAT(photo->full, Not(HasSubstr("ACME")));
}

// Where the top and the left of the picture must be found again, by EXIF's eight ways to hold a camera.
TEST(Photo, ItIsTurnedUprightWhicheverWayTheCameraWasHeld) {
  const Raster upright = picture(64, 48);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    // The inverse of each turn is itself, but for the two quarters.
    const int inverse = orientation == 6 ? 8 : orientation == 8 ? 6 : orientation;
    const Raster held = turn_upright(upright, inverse);
    const Raster back = turn_upright(held, orientation);
    ASSERT_EQ(back.width, upright.width) << orientation;
    EXPECT_EQ(back.rgb, upright.rgb) << orientation;
  }
  // Held to the right: the camera's top row lies at the right side of what it saw.
  const auto photo = make_photo(jpeg_with_exif(jpeg_of(64, 48), 6, false), {});
  ASSERT_TRUE(photo);
  EXPECT_EQ(photo->width, 48U);
  EXPECT_EQ(photo->height, 64U);
  const auto pixels = unpack_jpeg(photo->full, 64).value();
  EXPECT_GT(at(pixels, 0.97, 0.5).g, 180);  // the white row, now at the right
  EXPECT_GT(at(pixels, 0.4, 0.2).r, 180);   // the left half, now on top
}

TEST(Photo, ALargeOneIsMadeSmallerAndASmallOneIsNotEnlarged) {
  PhotoLimits limits;
  limits.full_px = 256;
  limits.thumb_px = 64;
  for (const std::string& bytes : {jpeg_of(2000, 1000), png_of(2000, 1000), webp_of(2000, 1000)}) {
    const auto photo = make_photo(bytes, limits);
    ASSERT_TRUE(photo);
    EXPECT_EQ(photo->width, 256U);
    EXPECT_EQ(photo->height, 128U);
    const auto thumb = jpeg_head(photo->thumb);
    ASSERT_TRUE(thumb);
    EXPECT_EQ(thumb->width, 64U);
    const auto pixels = unpack_jpeg(photo->full, 256).value();
    EXPECT_GT(at(pixels, 0.2, 0.6).r, 200);
    EXPECT_GT(at(pixels, 0.8, 0.6).b, 200);
  }
  EXPECT_EQ(make_photo(jpeg_of(20, 30), limits)->width, 20U);
}

TEST(Photo, WhatOnlyCallsItselfAPhotoIsNone) {
  using namespace std::string_view_literals;
  for (const std::string_view bytes :
       {"<script>alert(1)</script>"sv, "<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"sv, "GIF89a\1\0\1\0"sv,
        "%PDF-1.7\n"sv, "MZ\x90"sv, ""sv, "\xff\xd8"sv, "BM"sv, "RIFF\x10\0\0\0WAVE"sv, "\0\0\0\x18\x66typheic"sv}) {
    EXPECT_EQ(refusal(bytes), Errc::unsupported) << bytes;
  }
}

// The promise of more pixels than are taken is refused by the header alone: nothing is unpacked, and it costs nothing.
TEST(Photo, ABombIsRefusedByItsHeader) {
  for (const std::string& bytes : {png_bomb(60'000, 60'000), png_bomb(19'000, 19'000), png_bomb(0x7fffffff, 1),
                                   jpeg_bomb(65'000, 65'000), jpeg_bomb(65'000, 8)}) {
    const auto head = read_photo_head(bytes, {});
    ASSERT_FALSE(head);
    EXPECT_EQ(head.error().code, Errc::full);
    EXPECT_THAT(head.error().message, HasSubstr("pixels"));
  }
  EXPECT_EQ(refusal(png_bomb(0, 10)), Errc::malformed);
  // A real one: a thousand times smaller packed than unpacked.
  const std::string real = png_of(8000, 5000);
  EXPECT_LT(real.size(), 1'000'000U);
  EXPECT_EQ(refusal(real), Errc::full);
}

TEST(Photo, MoreBytesThanAreTakenAreNotLookedAt) {
  PhotoLimits limits;
  limits.bytes_max = 1000;
  EXPECT_EQ(refusal(jpeg_of(400, 400), limits), Errc::full);
}

TEST(Photo, OneThatIsCutShortIsRefusedWhereverItIsCut) {
  for (const std::string& whole : {jpeg_of(640, 480), png_of(640, 480), webp_of(640, 480)}) {
    for (const double share : {0.02, 0.1, 0.5, 0.9}) {
      const auto photo = make_photo(std::string_view(whole).substr(0, std::size_t(double(whole.size()) * share)), {});
      ASSERT_FALSE(photo) << share;
      EXPECT_TRUE(photo.error().code == Errc::malformed || photo.error().code == Errc::unsupported) << share;
    }
  }
}

TEST(Photo, DamageWithinBreaksNothingOfOurs) {
  std::uint64_t seed = 7;
  const auto next = [&] { return (seed = seed * 6364136223846793005ULL + 1442695040888963407ULL) >> 33; };
  for (const std::string& whole :
       {jpeg_with_exif(jpeg_of(160, 120), 3, true), png_with_exif(png_of(160, 120), 5), webp_of(160, 120)}) {
    for (int round = 0; round < 300; ++round) {
      std::string bytes = whole;
      for (int i = 0; i < 4; ++i) bytes[next() % bytes.size()] = char(next());
      const auto photo = make_photo(bytes, {});  // taken or refused; a sanitizer watches
      if (photo) EXPECT_TRUE(jpeg_head(photo->full));
    }
  }
}

// A file that is a photo to one program and a page or an archive to another.
TEST(Photo, OfAPolyglotOnlyThePictureIsLeft) {
  const std::string tail = "<html><script>steal()</script></html>PK\x03\x04hidden";
  for (const std::string& whole : {jpeg_with_exif(jpeg_of(64, 64), 1, false) + tail, png_of(64, 64) + tail}) {
    const auto photo = make_photo(whole, {});
    ASSERT_TRUE(photo) << photo.error().message;
    for (const char* trace : {"script", "steal", "hidden", "PK\x03\x04"})
      EXPECT_THAT(photo->full + photo->thumb, Not(HasSubstr(trace)));
  }
}

}  // namespace
}  // namespace cityloop::civic
