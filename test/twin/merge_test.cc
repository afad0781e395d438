// Fragments merged into what is there (RFC 7396, with the standard's own word for null).
#include "twin/ngsi/merge.h"

#include <gtest/gtest.h>

namespace cityloop::twin {
namespace {

TEST(MergeJson, MembersComeStayAndGo) {
  EXPECT_EQ(
      merge_json(R"({"a":1,"b":{"c":2,"d":3},"e":[1]})", R"({"b":{"c":null,"f":4},"e":"urn:ngsi-ld:null","g":5})"),
      R"({"a":1,"b":{"d":3,"f":4},"g":5})");
  EXPECT_EQ(merge_json("[1]", R"({"a":null,"b":{"c":null}})"), R"({"b":{}})");
  EXPECT_EQ(merge_json(R"({"a":1})", "[2]"), "[2]");
  EXPECT_EQ(merge_json(R"({"a":{"b":1}})", R"({"a":7})"), R"({"a":7})");
  EXPECT_EQ(merge_json(R"({"a":7})", R"({"a":{"b":null,"c":1}})"), R"({"a":{"c":1}})");
}

TEST(MergeJson, WholeNumbersAndTextsStayAsTheyWere) {
  EXPECT_EQ(merge_json(R"({"id":9007199254740993,"t":"湖\n\"","x":1.5})", R"({"n":18446744073709551615,"x":-0.25})"),
            R"({"id":9007199254740993,"t":"湖\n\"","x":-0.25,"n":18446744073709551615})");
}

TEST(LeaveOutNulls, AtEveryLevelSaveInOpaqueJson) {
  flow::Attribute attribute = flow::property(flow::Name("a"), flow::Json{R"({"x":1,"y":{"z":"urn:ngsi-ld:null"}})"});
  attribute.unit_code = flow::Name("urn:ngsi-ld:null");
  attribute.observed_at = kNullInstant;
  attribute.subs.push_back(flow::property(flow::Name("gone"), flow::Text("urn:ngsi-ld:null")));
  attribute.subs.push_back(flow::property(flow::Name("stays"), 1.0));
  leave_out_nulls(attribute);
  EXPECT_EQ(attribute.value, flow::Value(flow::Json{R"({"x":1,"y":{}})"}));
  EXPECT_TRUE(attribute.unit_code.empty());
  EXPECT_EQ(attribute.observed_at, flow::kNever);
  ASSERT_EQ(attribute.subs.size(), 1u);
  EXPECT_EQ(attribute.subs.list().front().name, flow::Name("stays"));
  flow::Attribute opaque = flow::property(flow::Name("j"), flow::Json{R"({"y":"urn:ngsi-ld:null"})"});
  opaque.kind = flow::AttributeKind::json_property;
  leave_out_nulls(opaque);
  EXPECT_EQ(opaque.value, flow::Value(flow::Json{R"({"y":"urn:ngsi-ld:null"})"}));
}

TEST(MergeInto, AnAttributeStaysOfItsKind) {
  flow::Attribute held = flow::property(flow::Name("a"), 1.0);
  const flow::Attribute link = flow::relationship(flow::Name("a"), flow::EntityId("urn:m:1"));
  EXPECT_EQ(merge_into(held, link, {}).error().code, base::Errc::invalid);
  EXPECT_EQ(held.value, flow::Value(1.0));
}

}  // namespace
}  // namespace cityloop::twin
