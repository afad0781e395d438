// What past cases suggest, and how right it was: told to those who may read the case, and to nobody else.
#include <gmock/gmock.h>

#include "flow/case.h"
#include "learn/suggestion.h"
#include "test/app/house_fixture.h"

namespace cityloop::app {
namespace {

using testing::HasSubstr;

class SuggestionRoutesTest : public HouseTest {
 protected:
  void put(flow::Write write) {
    twin::Commit commit;
    commit.origin = flow::Name("test");
    commit.writes.push_back(std::move(write));
    ASSERT_TRUE(machine_->twin().commit(std::move(commit)).status);
  }
  void put_case(const char* id, const char* department) {
    flow::Case one;
    one.id = flow::EntityId(id);
    one.kind = "flooding";
    one.department = department;
    one.state = "filed";
    one.opened_by = "program:integrator";
    one.opened_at = base::WallClock().now();
    put(flow::to_write(one));
  }
  static flow::Write suggestion_for(const char* id) {
    learn::Suggestion suggestion;
    suggestion.about = flow::EntityId(id);
    suggestion.of[0] = {"water", 0.93, "traffic", 0.04, {{"积水", 0.7}}};
    suggestion.model = "abc";
    suggestion.at = base::WallClock().now();
    return learn::to_write(suggestion);
  }
};

TEST_F(SuggestionRoutesTest, IsToldToThoseWhoMayReadTheCase) {
  put_case("urn:ngsi-ld:Case:s1", "water");
  put_case("urn:ngsi-ld:Case:s2", "water");
  put(suggestion_for("urn:ngsi-ld:Case:s1"));
  const std::string path = "/api/v1/cases/urn:ngsi-ld:Case:s1/suggestion";
  const auto shown = ask(Method::get, path, token("operator"));
  ASSERT_EQ(shown.status, 200) << shown.body;
  const auto body = base::JsonValue::parse(shown.body);
  ASSERT_TRUE(body) << shown.body;
  EXPECT_EQ(body->find("department")->text_or("label", ""), "water");
  EXPECT_EQ(body->find("department")->number_or("confidence", 0), 0.93);
  EXPECT_THAT(shown.body, HasSubstr("\"word\":\"积水\""));
  EXPECT_THAT(shown.body, HasSubstr("\"category\":null"));
  EXPECT_EQ(ask(Method::get, path, token("worker", "water")).status, 200);
  EXPECT_EQ(ask(Method::get, path, token("worker", "traffic")).status, 403) << "another department's case";
  for (const char* role : {"viewer", "integrator", "planner", "data_officer"}) {
    EXPECT_EQ(ask(Method::get, path, token(role)).status, 403) << role;
  }
  EXPECT_EQ(ask(Method::get, path, "").status, 401);
  const std::string operator_token = token("operator");
  EXPECT_EQ(ask(Method::get, "/api/v1/cases/urn:ngsi-ld:Case:s2/suggestion", operator_token).status, 404);
  EXPECT_EQ(ask(Method::get, "/api/v1/cases/urn:ngsi-ld:Case:none/suggestion", operator_token).status, 404);
  EXPECT_EQ(ask(Method::get, "/ngsi-ld/v1/entities/urn:ngsi-ld:Suggestion:s1", operator_token).status, 404)
      << "the standard API does not give it away";
}

TEST_F(SuggestionRoutesTest, AccuracyByWeekTheNewestFirst) {
  for (const char* week : {"2026-W46", "2026-W47"}) {
    put(learn::to_write(learn::WeekScore{learn::Guess::department, week, 9, 1, 2, 3, base::WallClock().now()}));
  }
  const auto shown = ask(Method::get, "/api/v1/suggestion-scores", token("supervisor"));
  ASSERT_EQ(shown.status, 200) << shown.body;
  const auto body = base::JsonValue::parse(shown.body);
  ASSERT_TRUE(body) << shown.body;
  const auto* const weeks = body->find("weeks")->array();
  ASSERT_EQ(weeks->size(), 2u);
  EXPECT_EQ(weeks->front().text_or("week", ""), "2026-W47");
  EXPECT_EQ(weeks->front().number_or("accuracy", 0), 0.9);
  EXPECT_EQ(weeks->front().number_or("withheldWrong", 0), 3);
  EXPECT_EQ(ask(Method::get, "/api/v1/suggestion-scores", token("viewer")).status, 403);
  EXPECT_EQ(ask(Method::get, "/api/v1/suggestion-scores", "").status, 401);
}

}  // namespace
}  // namespace cityloop::app
