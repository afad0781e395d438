// Lists of cases over HTTP: filters, order, pages, counts, the map, and what becomes of a case that has gone to the
// archive; and that nobody sees or counts what is not theirs.
#include <set>

#include <gmock/gmock.h>

#include "base/file.h"
#include "serve/rules_in_force.h"
#include "test/app/house_fixture.h"

namespace cityloop::app {
namespace {

using testing::HasSubstr;

class CaseListTest : public HouseTest {
 protected:
  CaseListTest() {
    // Ended cases go to the archive after a moment.
    std::string workflow = base::read_file((root_ / "city/casework/workflow.toml").string()).value();
    for (std::size_t at = 0; (at = workflow.find("kept = \"7d\"", at)) != workflow.npos;)
      workflow.replace(at, 11, "kept = \"1s\"");
    write("city/casework/workflow.toml", workflow);
    const auto rules =
        casework::CaseRules::load_folder((root_ / "city/casework").string(), serve::facts_of(settings_.city));
    EXPECT_TRUE(rules && machine_->put_case_rules(**rules));
  }
  base::JsonValue get(const std::string& path, const std::string& token) {
    const net::Response answer = ask(Method::get, path, token);
    EXPECT_EQ(answer.status, 200) << path << ": " << answer.body;
    return base::JsonValue::parse(answer.body).value();
  }
  std::string open(const std::string& token, const std::string& body) {
    const net::Response answer = ask(Method::post, "/api/v1/cases", token, body);
    EXPECT_EQ(answer.status, 201) << answer.body;
    return base::JsonValue::parse(answer.body).value().text_or("id", "");
  }
  static std::size_t listed(const base::JsonValue& page) { return page.find("cases")->array()->size(); }
};

TEST_F(CaseListTest, FiltersOrdersCountsAndPages) {
  const std::string op = token("operator");
  for (int i = 0; i < 5; ++i) {
    open(op, fmt::format(R"({{"kind":"flooding","title":"人民路{}号积水","severity":"{}",)"
                         R"("location":{{"type":"Point","coordinates":[120.15{},30.25]}}}})",
                         i, i % 2 ? "severe" : "minor", i));
  }
  const auto all = get("/api/v1/cases?counts=severity,department", op);
  EXPECT_EQ(all.number_or("total", 0), 5);
  EXPECT_EQ(all.find("cases")->array()->front().text_or("severity", ""), "severe") << "the urgent first";
  const auto& counts = *all.find("counts");
  EXPECT_EQ(counts.find("severity")->array()->front().text_or("value", ""), "minor");
  EXPECT_EQ(counts.find("severity")->array()->front().number_or("cases", 0), 3);
  EXPECT_EQ(get("/api/v1/cases?severity=severe&counts=severity", op).find("counts")->find("severity")->array()->size(),
            2u)
      << "each field is counted without its own condition";
  EXPECT_EQ(get("/api/v1/cases?q=人民路3", op).number_or("total", 0), 1);
  EXPECT_EQ(get("/api/v1/cases?holder=-", op).number_or("total", 0), 5);
  EXPECT_EQ(get("/api/v1/cases?holder=me", op).number_or("total", 0), 0);
  EXPECT_EQ(get("/api/v1/cases?bbox=120.1505,30.2,120.1525,30.3", op).number_or("total", 0), 2);
  std::set<std::string> seen;
  std::string cursor;
  for (int pages = 0; pages < 4; ++pages) {
    const auto page = get("/api/v1/cases?order=-opened&limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor), op);
    for (const auto& one : *page.find("cases")->array()) EXPECT_TRUE(seen.insert(one.text_or("id", "")).second);
    cursor = page.text_or("next", "");
    if (cursor.empty()) break;
  }
  EXPECT_EQ(seen.size(), 5u);
  const auto map = get("/api/v1/cases/map?bbox=120,30,121,31&zoom=12&limit=0", op);
  EXPECT_EQ(map.number_or("total", 0), 5);
  EXPECT_FALSE(map.find("clusters")->array()->empty());
  for (const char* wrong : {"?order=never", "?order=-urgency", "?limit=0", "?limit=x", "?cursor=7", "?overdue=perhaps",
                            "?bbox=1,2,3", "?bbox=nan,2,3,4", "?dueFrom=soon", "?counts=title", "?q=!!!"})
    EXPECT_EQ(ask(Method::get, std::string("/api/v1/cases") + wrong, op).status, 400) << wrong;
  EXPECT_EQ(ask(Method::get, "/api/v1/cases/map", op).status, 400) << "a map needs a box";
}

TEST_F(CaseListTest, WhoMayNotReadNeitherSeesNorCounts) {
  const std::string op = token("operator");
  open(op, R"({"kind":"flooding","title":"积水","location":{"type":"Point","coordinates":[120.15,30.25]}})");
  const auto total = [&](const std::string& token) {
    const auto page = get("/api/v1/cases?counts=department,state,holder", token);
    std::size_t counted = 0;
    for (const auto& member : *page.find("counts")->object()) counted += member.value.array()->size();
    return std::tuple(listed(page), page.number_or("total", -1), counted > 0,
                      get("/api/v1/cases/map?bbox=120,30,121,31&limit=0", token).number_or("total", -1));
  };
  EXPECT_EQ(total(token("worker", "water")), std::tuple(1u, 1.0, true, 1.0));
  EXPECT_EQ(total(token("worker", "roads")), std::tuple(0u, 0.0, false, 0.0));
  EXPECT_EQ(ask(Method::get, "/api/v1/cases", token("viewer")).status, 403);
  EXPECT_EQ(ask(Method::get, "/api/v1/cases/map?bbox=120,30,121,31", token("viewer")).status, 403);
}

TEST_F(CaseListTest, AnEndedCaseIsFoundInTheArchiveForEver) {
  const std::string op = token("operator");
  const std::string id = open(op, R"({"kind":"flooding","title":"错报积水","report":true})");
  const std::string path = "/api/v1/cases/" + id;
  ASSERT_EQ(ask(Method::post, path + "/actions", op, R"({"verb":"refuse","note":"not ours"})").status, 200);
  for (int i = 0; i < 1000 && machine_->twin().get(flow::EntityId(id)); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  ASSERT_FALSE(machine_->twin().get(flow::EntityId(id))) << "its entity goes when its time is over";
  const auto whole = get(path, op);
  EXPECT_EQ(whole.text_or("state", ""), "refused");
  EXPECT_TRUE(whole.boolean_or("archived", false));
  EXPECT_TRUE(whole.find("actions")->array()->empty());
  EXPECT_GE(whole.find("timeline")->array()->size(), 2u);
  EXPECT_EQ(get("/api/v1/cases?state=closed&q=错报", op).number_or("total", 0), 1);
  EXPECT_EQ(get("/api/v1/cases", op).number_or("total", -1), 0);
  const net::Response late = ask(Method::post, path + "/actions", op, R"({"verb":"reopen","note":"but it is"})");
  EXPECT_EQ(late.status, 409);
  EXPECT_THAT(late.body, HasSubstr("archive"));
  const std::string roads = token("worker", "roads");
  EXPECT_EQ(ask(Method::get, path, roads).status, 403);
  EXPECT_EQ(get("/api/v1/cases?state=all", roads).number_or("total", -1), 0);
}

}  // namespace
}  // namespace cityloop::app
