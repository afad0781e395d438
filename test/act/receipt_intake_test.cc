#include "act/receipt_intake.h"

#include <gtest/gtest.h>

#include "flow/noun.h"

namespace cityloop::act {
namespace {

TEST(ReceiptIntake, MakesAnEntityWhoseIdFollowsFromWhatItSays) {
  ReceiptIntake intake;
  const char* payload = R"({"command":"urn:ngsi-ld:Command:c:1","status":"failed","reason":"no power"})";
  const auto write = intake.read("cityloop/pump-1/receipt", payload);
  ASSERT_TRUE(write) << write.error().message;
  const flow::Entity receipt = flow::entity_of(*write);
  EXPECT_EQ(receipt.id.text(), "urn:ngsi-ld:Receipt:c:1:failed");
  EXPECT_EQ(flow::link_field(receipt, "command").text(), "urn:ngsi-ld:Command:c:1");
  EXPECT_EQ(flow::text_field(receipt, "reason"), "no power");
  EXPECT_EQ(flow::text_field(receipt, "topic"), "cityloop/pump-1/receipt");
  EXPECT_EQ(intake.read("cityloop/pump-1/receipt", payload)->entity, write->entity);
  EXPECT_EQ(intake.stats().accepted, 2u);
}

TEST(ReceiptIntake, RefusesAndCountsWhatIsNone) {
  ReceiptIntake intake;
  const std::string bad[] = {"",
                             "{",
                             "[]",
                             "{}",
                             R"({"command":"urn:ngsi-ld:Command:","status":"failed"})",
                             R"({"command":"urn:ngsi-ld:Case:1","status":"failed"})",
                             R"({"command":"urn:ngsi-ld:Command:1","status":"exploded"})",
                             R"({"command":"urn:ngsi-ld:Command:1","status":7})",
                             std::string("\xff\xfe{}"),
                             std::string(1 << 20, 'x')};
  for (const std::string& payload : bad) EXPECT_FALSE(intake.read("t", payload)) << payload.substr(0, 50);
  std::uint64_t counted = 0;
  for (const auto& [reason, count] : intake.stats().rejected) counted += count;
  EXPECT_EQ(counted, std::size(bad));
  EXPECT_EQ(intake.stats().accepted, 0u);
}

TEST(ReceiptIntake, LongReasonIsCutBetweenCharacters) {
  ReceiptIntake intake;
  std::string reason = "x";
  for (int i = 0; i < 400; ++i) reason += "水";
  const auto write =
      intake.read("t", R"({"command":"urn:ngsi-ld:Command:1","status":"failed","reason":")" + reason + "\"}");
  ASSERT_TRUE(write);
  const std::string kept = flow::text_field(flow::entity_of(*write), "reason");
  EXPECT_LE(kept.size(), 500u);
  EXPECT_EQ((kept.size() - 1) % 3, 0u);
}

}  // namespace
}  // namespace cityloop::act
