#include "flow/finding.h"

#include <gtest/gtest.h>

#include "flow/noun.h"

namespace cityloop::flow {
namespace {

Finding sample() {
  Finding one;
  one.id = EntityId("urn:ngsi-ld:Finding:underpass-water:WaterObserved:u1:1400000000000");
  one.rule = "underpass-water";
  one.about = EntityId("urn:ngsi-ld:WaterObserved:u1");
  one.status = FindingStatus::active;
  one.severity = Severity::severe;
  one.title = {"积水", "Water"};
  one.opened_at = base::from_ms(1'400'000'000'000);
  one.why = R"({"condition":"waterLevel>0.3","limit":0.3})";
  one.location = R"({"type":"Point","coordinates":[10.2,56.1]})";
  one.response = R"({"case":"flooding"})";
  return one;
}

void expect_same(const Finding& a, const Finding& b) {
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.rule, b.rule);
  EXPECT_EQ(a.about, b.about);
  EXPECT_EQ(a.related, b.related);
  EXPECT_EQ(a.status, b.status);
  EXPECT_EQ(a.severity, b.severity);
  EXPECT_EQ(a.title, b.title);
  EXPECT_EQ(a.opened_at, b.opened_at);
  EXPECT_EQ(a.cleared_at, b.cleared_at);
  EXPECT_EQ(a.why, b.why);
  EXPECT_EQ(a.cleared_why, b.cleared_why);
  EXPECT_EQ(a.location, b.location);
  EXPECT_EQ(a.response, b.response);
}

TEST(Finding, ReadsBackWhatItWrote) {
  Finding one = sample();
  for (const std::size_t related : {0, 1, 3}) {
    one.related.clear();
    for (std::size_t i = 0; i < related; ++i) one.related.emplace_back(fmt::format("urn:ngsi-ld:Lamp:{}", i));
    const auto back = finding_from(entity_of(to_write(one)));
    ASSERT_TRUE(back) << back.error().message;
    expect_same(one, *back);
  }
  one.status = FindingStatus::cleared;
  one.cleared_at = one.opened_at + std::chrono::minutes(3);
  one.cleared_why = R"({"reason":"erased"})";
  expect_same(one, finding_from(entity_of(to_write(one))).value());
}

TEST(Finding, AboutIsARelationshipAndLocationAGeoProperty) {
  const Entity entity = entity_of(to_write(sample()));
  EXPECT_EQ(entity.find(Name("about"))->kind, AttributeKind::relationship);
  EXPECT_EQ(entity.find(Name("location"))->kind, AttributeKind::geo_property);
  EXPECT_EQ(entity.text(Name("openedAt")), "2014-05-13T16:53:20Z");
  EXPECT_TRUE(std::holds_alternative<Json>(entity.find(Name("why"))->value));
  EXPECT_EQ(entity.find(Name("clearedAt")), nullptr);
}

TEST(Finding, RefusesWhatItCannotBe) {
  Entity entity = entity_of(to_write(sample()));
  for (Attribute& attribute : entity.attributes) {
    if (attribute.name == Name("severity")) attribute.value = std::string("deadly");
  }
  EXPECT_FALSE(finding_from(entity));
  entity.types = {Name("Case")};
  EXPECT_FALSE(finding_from(entity));
  EXPECT_FALSE(severity_from(""));
}

}  // namespace
}  // namespace cityloop::flow
