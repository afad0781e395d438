#include <gmock/gmock.h>

#include "base/bytes.h"
#include "base/json_value.h"
#include "base/json_writer.h"
#include "base/rng.h"

namespace cityloop::base {
namespace {

TEST(Json, WhatIsWrittenReadsBack) {
  JsonWriter out;
  out.object().field("text", "a\"\\\n\x01 中文").field("n", 0.1).field("big", 1e300).field("i", 42).key("list").array();
  out.boolean(true).null().number(-0.0).number(std::nan("")).end().key("empty").object().end().end();
  const auto value = JsonValue::parse(out.str());
  ASSERT_TRUE(value) << value.error().message;
  EXPECT_EQ(value->text_or("text", ""), "a\"\\\n\x01 中文");
  EXPECT_EQ(value->number_or("n", 0), 0.1);
  EXPECT_EQ(value->dump(), JsonValue::parse(value->dump())->dump());
  EXPECT_THAT(out.str(), testing::HasSubstr("[true,null,0,null]"));
}

TEST(Json, RefusesWhatIsNotWellFormed) {
  for (const char* bad : {"", "{", "{\"a\":1,\"a\":2}", "nul", "[1,]", "\"\xff\"", "{\"a\":NaN}", "1 2"}) {
    EXPECT_FALSE(JsonValue::parse(bad)) << bad;
  }
  EXPECT_FALSE(JsonValue::parse(std::string(10'000, '[') + std::string(10'000, ']')));
}

TEST(Bytes, RoundTripAndNeverReadPastTheEnd) {
  Rng rng(5);
  ByteWriter out;
  std::vector<std::int64_t> numbers;
  for (int i = 0; i < 200; ++i) {
    numbers.push_back(std::int64_t(rng.next() >> rng.below(64)) * (rng.below(2) ? 1 : -1));
    out.svarint(numbers.back());
  }
  out.text("end");
  ByteReader in(out.view());
  for (const std::int64_t n : numbers) EXPECT_EQ(in.svarint(), n);
  EXPECT_EQ(in.text(), "end");
  EXPECT_TRUE(in.ok() && in.at_end());
  for (std::size_t cut = 0; cut + 1 < out.view().size(); cut += 7) {
    ByteReader cut_short(out.view().substr(0, cut));
    for (std::size_t i = 0; i < numbers.size(); ++i) cut_short.svarint();
    cut_short.text();
    EXPECT_FALSE(cut_short.ok());
  }
}

}  // namespace
}  // namespace cityloop::base
