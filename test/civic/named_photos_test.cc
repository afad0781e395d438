// Photos that staff and other systems name must be there: in a new case and in each step.
#include "civic_city.h"
#include "photos.h"
#include "serve/case_routes.h"

namespace cityloop::civic {
namespace {

using testing::HasSubstr;
using testing::Not;

class NamedPhotosTest : public CivicCity {
 protected:
  void SetUp() override {
    CivicCity::SetUp();
    index_ = std::make_unique<serve::CaseIndex>(*twin_);
    serve::CaseRoutes routes{
        *guard_,
        *twin_,
        city_,
        *desk_,
        *shelf_,
        *index_,
        [] { return std::string(); },
        [this](std::vector<std::string> ids, const auto& tell) { civic_->find_missing_photos(std::move(ids), tell); }};
    routes.add_to(*router_);
  }
  void TearDown() override {
    router_.reset();
    civic_->stop();
    index_.reset();
    CivicCity::TearDown();
  }
  static std::string new_case(const std::vector<std::string>& photos) {
    base::JsonWriter out;
    out.object().field("kind", "lighting").field("title", "灯不亮").field("externalId", "");
    out.key("media").array();
    for (const std::string& id : photos) out.text(id);
    return out.end().end().take();
  }
  static std::string step(std::string_view verb, const std::vector<std::string>& photos) {
    base::JsonWriter out;
    out.object().field("verb", verb).field("note", "看照片").key("fields").object().key("photos").array();
    for (const std::string& id : photos) out.text(id);
    return out.end().end().end().take();
  }
  std::string staff_photo() {
    return json(Method::post, "/api/v1/media", jpeg_of(64, 48), {.token = token("operator")}, 201).text_or("id", "");
  }

  const std::string none_ = std::string(64, 'a'), other_ = std::string(64, 'b');
  std::unique_ptr<serve::CaseIndex> index_;
};

TEST_F(NamedPhotosTest, ANewCaseNamesOnlyPhotosThatAreThere) {
  const std::string there = staff_photo();
  const Ask staff{.token = token("operator")};
  const Response refused = ask(Method::post, "/api/v1/cases", new_case({there, none_, other_}), staff);
  EXPECT_EQ(refused.status, 422) << refused.body;
  EXPECT_EQ(refused.content_type, "application/problem+json");
  EXPECT_THAT(refused.body, HasSubstr(none_));
  EXPECT_THAT(refused.body, HasSubstr(other_));
  EXPECT_THAT(refused.body, Not(HasSubstr(there)));
  EXPECT_TRUE(cases().empty());
  EXPECT_EQ(ask(Method::post, "/api/v1/cases", new_case({"no id"}), staff).status, 400);
  json(Method::post, "/api/v1/cases", new_case({there}), staff, 201);
  EXPECT_EQ(cases().front().media, std::vector<std::string>{there});
  // Another system is told the same.
  base::JsonWriter body;
  body.object().field("title", "x").field("description", "x").field("externalId", "their-1");
  body.key("media").array().text(none_).end().end();
  const Ask system{.token = token("integrator")};
  EXPECT_EQ(ask(Method::post, "/api/v1/cases", body.str(), system).status, 422);
  EXPECT_EQ(cases().size(), 1U);
}

TEST_F(NamedPhotosTest, AStepToo) {
  const std::string there = staff_photo();
  const Ask staff{.token = token("operator")};
  json(Method::post, "/api/v1/cases", new_case({}), staff, 201);
  const std::string path = "/api/v1/cases/" + only_case() + "/actions";
  const std::size_t steps = cases().front().timeline.size();
  for (const std::string& wrong : {none_, "/api/v1/media/" + none_}) {
    const Response refused = ask(Method::post, path, step("note", {there, wrong}), staff);
    EXPECT_EQ(refused.status, 422) << refused.body;
    EXPECT_THAT(refused.body, HasSubstr(none_));
  }
  EXPECT_EQ(cases().front().timeline.size(), steps);
  json(Method::post, path, step("note", {"/api/v1/media/" + there}), staff);
  EXPECT_EQ(cases().front().timeline.size(), steps + 1);
}

TEST_F(NamedPhotosTest, APhotoThatIsNamedStaysUntilTheCaseIsSeen) {
  const std::string there = staff_photo();
  wall_.advance_to(wall_.now() + std::chrono::hours(23));
  json(Method::post, "/api/v1/cases", new_case({there}), {.token = token("operator")}, 201);
  civic_->settle();
  wall_.advance_to(wall_.now() + std::chrono::hours(23));
  sweep();
  EXPECT_EQ(ask(Method::get, "/api/v1/media/" + there, "", {.token = token("operator")}).status, 200);
}

}  // namespace
}  // namespace cityloop::civic
