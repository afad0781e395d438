// What a citizen's map is drawn on, and how one report names another.
#include "civic_city.h"

namespace cityloop::civic {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class GroundTest : public CivicCity {
 protected:
  void SetUp() override {
    city_.areas.push_back({"lake", {"平湖", "Still Lake"}, "water", {{120.1, 30.2}, {120.2, 30.2}, {120.2, 30.3}}, {}});
    CivicCity::SetUp();
  }
  void put(const char* type, const char* id, std::string geometry) {
    flow::Write write;
    write.entity = flow::EntityId(id);
    write.types = {flow::Name(type)};
    flow::Attribute name, place;
    name.name = flow::Name("name");
    name.kind = flow::AttributeKind::language_property;
    name.value = flow::Json{R"({"zh":"北岸路","en":"North Shore Road"})"};
    place.name = flow::Name("location");
    place.kind = flow::AttributeKind::geo_property;
    place.value = flow::Json{std::move(geometry)};
    write.attributes = {name, place};
    twin::Commit commit;
    commit.writes.push_back(std::move(write));
    commit.origin = flow::Name("test");
    ASSERT_TRUE(twin_->commit(std::move(commit)).status);
  }
  std::vector<std::string> kinds() {
    const JsonValue ground = json(Method::get, "/public/v1/ground");
    std::vector<std::string> out;
    for (const JsonValue& one : *ground.find("features")->array())
      out.push_back(one.find("properties")->text_or("kind", "") + " " +
                    one.find("properties")->find("name")->text_or("en", ""));
    return out;
  }
};

constexpr const char* kLine = R"({"type":"LineString","coordinates":[[120.1,30.1],[120.2,30.1]]})";

TEST_F(GroundTest, ItHasTheAreasAndTheStreetsAndNothingElse) {
  put("RoadSegment", "urn:ngsi-ld:RoadSegment:north", kLine);
  put("RoadSegment", "urn:ngsi-ld:RoadSegment:point", R"({"type":"Point","coordinates":[120.1,30.1]})");
  put("WaterPipe", "urn:ngsi-ld:WaterPipe:secret", kLine);
  EXPECT_THAT(kinds(), ElementsAre("water Still Lake", "street North Shore Road"));
  const Response response = ask(Method::get, "/public/v1/ground");
  EXPECT_EQ(response.content_type, "application/geo+json");
  EXPECT_THAT(response.body, Not(HasSubstr("urn:ngsi-ld")));
}

TEST_F(GroundTest, ItIsNotSentAgainToWhoHasIt) {
  const std::string tag = header(ask(Method::get, "/public/v1/ground"), "ETag");
  ASSERT_FALSE(tag.empty());
  Ask with;
  with.headers = {{"if-none-match", tag}};
  EXPECT_EQ(ask(Method::get, "/public/v1/ground", "", with).status, 304);
}

TEST_F(GroundTest, ANewStreetIsThereAMinuteLater) {
  EXPECT_EQ(kinds().size(), 1U);
  put("RoadSegment", "urn:ngsi-ld:RoadSegment:new", kLine);
  EXPECT_EQ(kinds().size(), 1U);
  wall_.advance_to(wall_.now() + std::chrono::seconds(61));
  EXPECT_EQ(kinds().size(), 2U);
}

TEST_F(GroundTest, StaffReadWhichReportIsTakenForTheSame) {
  const std::string code = post("light", "灯不亮").text_or("code", "");
  const JsonValue second = post("light", "一样", fmt::format(R"("sameAs":"{}")", code));
  bool told = false;
  for (const flow::Case& one : cases()) {
    for (const flow::CaseStep& step : one.timeline) told = told || step.note.find(code) != std::string::npos;
  }
  EXPECT_TRUE(told);
  // The two stay two, and others do not read of it.
  civic_->settle();
  EXPECT_EQ(cases().size(), 2U);
  EXPECT_THAT(json(Method::get, "/public/v1/reports/" + second.text_or("code", "")).dump(), Not(HasSubstr(code)));
  const auto bad = ask(Method::post, "/public/v1/reports", report_body("light", "x", R"("sameAs":"<b>\n")"));
  EXPECT_EQ(bad.status, 400);
}

}  // namespace
}  // namespace cityloop::civic
