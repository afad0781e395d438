#include "base/text_of_bytes.h"

#include <gmock/gmock.h>

#include "base/rng.h"

namespace cityloop::base {
namespace {

std::string random_bytes(Rng& rng, std::size_t size) {
  std::string out(size, '\0');
  for (char& byte : out) byte = char(rng.next());
  return out;
}

TEST(TextOfBytes, GoesThereAndBack) {
  Rng rng(64);
  for (std::size_t size = 0; size < 70; ++size) {
    const std::string bytes = random_bytes(rng, size);
    EXPECT_EQ(from_base64url(to_base64url(bytes)), bytes);
    EXPECT_EQ(from_hex(to_hex(bytes)), bytes);
  }
}

TEST(TextOfBytes, HasOneTextForBytesAlone) {
  EXPECT_FALSE(from_base64url("a"));
  EXPECT_FALSE(from_base64url("ab+/"));
  EXPECT_FALSE(from_base64url("ab==")) << "without padding";
  EXPECT_FALSE(from_base64url("aB")) << "bits behind the end would give one token two texts";
  EXPECT_EQ(to_base64url("\xff\xfe"), "__4");
  EXPECT_EQ(to_base64url("\xff\xfe\xfb"), "__77");
  EXPECT_EQ(to_hex("\x01\xaf"), "01af");
  for (const char* none : {"0", "0g", "0A", "AF", " 0", "0x"}) EXPECT_FALSE(from_hex(none)) << none;
}

}  // namespace
}  // namespace cityloop::base
