// Who is responsible and who is on duty, as routes: what each person may see and ask, and what a case shows of its
// crew.
#include <gmock/gmock.h>

#include "base/file.h"
#include "serve/duty_routes.h"
#include "test/app/house_fixture.h"

namespace cityloop::app {
namespace {

using base::JsonValue;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kCity = R"(
name = { zh = "试验区", en = "Testville" }
center = [120.15, 30.25]
bounds = [120.1, 30.2, 120.3, 30.3]
[[department]]
id = "water"
name = { zh = "水务", en = "Water" }
[[department]]
id = "parks"
name = { zh = "园林", en = "Parks" }
[[area]]
id = "north"
name = { zh = "北", en = "North" }
polygon = [[120.14, 30.24], [120.17, 30.24], [120.17, 30.26], [120.14, 30.26]]
[types.WaterObserved]
name = { zh = "水位", en = "Water level" }
main = "waterLevel"
)";
// The second overlaps the first, and a third of the area lies in neither.
constexpr const char* kCells = R"({"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"code":"330199001001001","name_zh":"一","name_en":"One","holders":["user:mei"]},
 "geometry":{"type":"Polygon","coordinates":[[[120.14,30.24],[120.15,30.24],[120.15,30.26],[120.14,30.26],[120.14,30.24]]]}},
{"type":"Feature","properties":{"code":"330199001001002","name_zh":"二","name_en":"Two","holders":["crew:pipes"]},
 "geometry":{"type":"Polygon","coordinates":[[[120.149,30.24],[120.16,30.24],[120.16,30.26],[120.149,30.26],[120.149,30.24]]]}}]})";
constexpr const char* kCategories =
    "code,type,class_zh,class_en,name_zh,name_en,condition,department,kind,standard_zh,standard_en,limit,calendar\n"
    "0109,event,市容,Street,积水,Water,,,other,深,Deep,2h,always\n"
    "0102,event,市容,Street,垃圾,Litter,,,other,满,Full,2h,always\n";
constexpr const char* kOther = R"(
[intake]
kind = "other"
[[case]]
id = "other"
name = { zh = "其他", en = "Other" }
verify_hold = "0s"
)";
constexpr const char* kCrews = R"(
[[skill]]
id = "pump"
name = { zh = "水泵", en = "Pumps" }
[[shift]]
id = "all"
name = { zh = "全天", en = "All day" }
from = "00:00"
until = "24:00"
[[pattern]]
id = "always"
name = { zh = "每天", en = "Every day" }
week = { mon = "all", tue = "all", wed = "all", thu = "all", fri = "all", sat = "all", sun = "all" }
[limits]
week_hours = 168
[[crew]]
id = "pipes"
name = { zh = "管网班", en = "Pipes" }
department = "water"
base = [120.15, 30.25]
[[crew]]
id = "trees"
name = { zh = "树木班", en = "Trees" }
department = "parks"
base = [120.16, 30.25]
[[roster]]
id = "pipes"
crew = "pipes"
people = ["user:mei", "program:worker"]
pattern = "always"
from = "2020-01-01"
to = "2099-12-31"
[[roster]]
id = "trees"
crew = "trees"
people = ["user:shu"]
pattern = "always"
from = "2020-01-01"
to = "2099-12-31"
[[need]]
department = "water"
skill = "pump"
least = 2
)";

class DutyRoutesTest : public HouseTest {
 protected:
  DutyRoutesTest() {
    write("city/city.toml", kCity);
    std::string flow = base::read_file("demo/district/casework/workflow.toml").value();
    const std::string told = "\"notice crew\"";
    flow.replace(flow.find(told), told.size(), told + ", \"notice on-duty:water\"");
    write("city/casework/workflow.toml", flow);
    write("city/casework/other.toml", kOther);
    write("city/casework/categories.csv", kCategories);
    write("city/casework/cells.geojson", kCells);
    write("city/casework/responsibility.csv", "cell,category,department,crew\n330199,event-0109,water,pipes\n");
    std::string crews = kCrews;
    crews.replace(crews.find(", \"program:worker\""), 18, "");
    write("city/duty/crews.toml", crews);
    write("city/duty/people.csv",
          "id,name_zh,name_en,crew,skills\nuser:mei,梅,Mei,pipes,pump\nuser:an,安,An,pipes,\nuser:shu,树,Shu,trees,"
          "\nuser:zi,子,Zi,trees,\n");
    close();
    open();
  }
  // A person who is signed in; what is given stands in the place of a token.
  std::string person(const std::string& id, const std::string& role, const std::string& department) {
    trust::Principal principal;
    principal.kind = trust::PrincipalKind::user;
    principal.id = id;
    principal.name = {id, id};
    principal.roles = {role};
    principal.department = department;
    EXPECT_TRUE(accounts_->put_user(principal, "correct horse battery"));
    return kSession + accounts_->sign_in(id, "correct horse battery").value();
  }
  static constexpr const char* kSession = "session ";
  net::Response ask(Method method, const std::string& path, const std::string& who, const std::string& body = "") {
    if (!who.starts_with(kSession)) return HouseTest::ask(method, path, who, body);
    return HouseTest::ask(
        method, path, "", body,
        {{"cookie", fmt::format("{}={}", serve::kSessionCookie, who.substr(8))}, {"x-cityloop-client", "console"}});
  }
  JsonValue get(const std::string& path, const std::string& token, int status = 200) {
    const auto answer = ask(Method::get, "/api/v1/duty/" + path, token);
    EXPECT_EQ(answer.status, status) << path << ": " << answer.body;
    return JsonValue::parse(answer.body).value_or(JsonValue{});
  }
  JsonValue post(const std::string& path, const std::string& token, const std::string& body, int status) {
    const auto answer = ask(Method::post, path, token, body);
    EXPECT_EQ(answer.status, status) << path << ": " << answer.body;
    return JsonValue::parse(answer.body).value_or(JsonValue{});
  }
  static std::vector<std::string> listed(const JsonValue& in, const char* list, const char* key) {
    std::vector<std::string> out;
    const JsonValue* all = in.find(list);
    if (!all || !all->array()) return {"no list"};
    for (const JsonValue& one : *all->array()) {
      const JsonValue* properties = one.find("properties");
      out.push_back((properties ? *properties : one).text_or(key, ""));
    }
    return out;
  }
};

TEST_F(DutyRoutesTest, CoverageShowsCellsAndTheirFlawsAsGeoJson) {
  const JsonValue all = get("coverage", token("operator"));
  EXPECT_THAT(listed(*all.find("cells"), "features", "code"), ElementsAre("330199001001001", "330199001001002"));
  EXPECT_THAT(listed(*all.find("flaws"), "features", "kind"), ElementsAre("cells_overlap", "cells_hole", "no_rule"));
  const JsonValue& hole = (*all.find("flaws")->find("features")->array())[1];
  EXPECT_EQ(hole.find("geometry")->text_or("type", ""), "Polygon");
  EXPECT_GT(hole.find("properties")->number_or("areaM2", 0), 1e6);
  EXPECT_EQ((*all.find("flaws")->find("features")->array())[2].find("properties")->text_or("category", ""),
            "event-0102");
}

TEST_F(DutyRoutesTest, WhoIsResponsibleForAPlaceAndWhy) {
  const std::string op = token("operator");
  const JsonValue water = get("responsible?lon=120.155&lat=30.25&category=event-0109", op);
  EXPECT_EQ(water.text_or("cell", "") + water.text_or("area", ""), "330199001001002north");
  EXPECT_EQ(water.text_or("department", "") + " " + water.text_or("crew", ""), "water pipes");
  EXPECT_EQ(water.find("why")->array()->front().text_or("code", ""), "rule");
  EXPECT_EQ(water.find("why")->array()->front().number_or("rule", 0), 1);
  EXPECT_EQ(get("responsible?lon=120.155&lat=30.25&category=event-0102", op).text_or("flaw", ""), "no_rule");
  EXPECT_EQ(get("responsible?lon=120.165&lat=30.25&category=event-0109", op).text_or("cell", "none"), "none");
  EXPECT_EQ(get("responsible?kind=flooding", op).text_or("department", ""), "water") << "by its kind";
  for (const char* bad :
       {"lon=1", "lon=x&lat=1", "lon=500&lat=0", "category=event-99", "kind=none", "department=fire", "at=soon"})
    get(fmt::format("responsible?{}", bad), op, 400);
}

TEST_F(DutyRoutesTest, RostersAreForWhoReadsTheDepartmentsCases) {
  const std::string op = token("operator"), worker = token("worker", "water");
  EXPECT_THAT(listed(get("crews", op), "crews", "id"), ElementsAre("pipes", "trees"));
  EXPECT_THAT(listed(get("crews", worker), "crews", "id"), ElementsAre("pipes"));
  get("crews?department=parks", worker, 403);
  const JsonValue now = get("on-duty?department=water", worker);
  EXPECT_THAT(listed(*&now.find("crews")->array()->front(), "members", "id"), ElementsAre("user:mei"));
  EXPECT_TRUE(now.find("crews")->array()->front().boolean_or("ready", false));
  const JsonValue week = get("roster?from=2026-03-02&days=2", worker);
  EXPECT_THAT(listed(week, "shifts", "day"), ElementsAre("2026-03-02", "2026-03-03"));
  EXPECT_THAT(listed(week, "days", "day"), ElementsAre("2026-03-02", "2026-03-03"));
  EXPECT_THAT(listed(get("roster?from=2026-03-02&days=1", op), "shifts", "crew"), ElementsAre("pipes", "trees"));
  for (const char* bad : {"roster?days=0", "roster?days=x", "roster?from=monday"}) get(bad, op, 400);
  EXPECT_THAT(listed(get("rules", op), "skills", "id"), ElementsAre("pump"));
}

TEST_F(DutyRoutesTest, GapsAreForWhoPlans) {
  const std::string dispatcher = token("dispatcher", "water");
  EXPECT_THAT(listed(get("gaps?days=2", dispatcher), "gaps", "kind"), ElementsAre("skill"));
  EXPECT_THAT(listed(get("gaps?days=2", token("dispatcher", "parks")), "gaps", "kind"), IsEmpty());
  get("gaps?department=parks", dispatcher, 403);
  get("gaps", token("worker", "water"), 403);
  for (const char* route : {"coverage", "responsible", "rules", "crews", "roster", "on-duty", "gaps", "changes"}) {
    get(route, "", 401);
    get(route, token("viewer"), 403);
  }
}

TEST_F(DutyRoutesTest, LeaveIsAskedForGrantedAndSeenByWhomItConcerns) {
  const std::string mei = person("user:mei", "worker", "water"), an = person("user:an", "worker", "water");
  const std::string dispatcher = token("dispatcher", "water"), other = token("dispatcher", "parks");
  const std::string body =
      R"({"kind":"leave","person":"me","from":"2098-03-02T00:00:00Z","until":"2098-03-04T00:00:00Z","note":"wedding"})";
  const JsonValue asked = post("/api/v1/duty/changes", mei, body, 201);
  const std::string id = asked.text_or("id", "");
  EXPECT_EQ(asked.text_or("status", "") + asked.text_or("note", ""), "requestedwedding");
  post("/api/v1/duty/changes", mei, body, 409);
  post("/api/v1/duty/changes", an,
       R"({"kind":"leave","person":"user:mei","from":"2098-04-02T00:00:00Z","until":"2098-04-04T00:00:00Z"})", 403);
  post("/api/v1/duty/changes", mei, R"({"kind":"leave","person":"me","from":"soon","until":"later"})", 400);
  post("/api/v1/duty/changes", token("viewer"), body, 403);
  const std::string act = "/api/v1/duty/changes/" + id + "/actions";
  post(act, mei, R"({"verb":"grant"})", 403);
  post(act, an, R"({"verb":"withdraw"})", 403);
  post(act, other, R"({"verb":"grant"})", 403);  // who reads all cases sees it, and decides for the own department only
  post(act, dispatcher, R"({"verb":"dance"})", 400);
  EXPECT_EQ(post(act, dispatcher, R"({"verb":"grant"})", 200).text_or("status", ""), "granted");
  post(act, dispatcher, R"({"verb":"grant"})", 409);
  post(act, person("user:shu", "worker", "parks"), R"({"verb":"withdraw"})", 404);
  // Colleagues see that she is away, and not why.
  const auto seen = ask(Method::get, "/api/v1/duty/roster?from=2098-03-02&days=1", an);
  EXPECT_THAT(seen.body, HasSubstr("\"away\""));
  EXPECT_THAT(seen.body, Not(HasSubstr("wedding")));
  EXPECT_THAT(listed(get("roster?from=2098-03-02&days=1", dispatcher), "absences", "note"), ElementsAre("wedding"));
  EXPECT_THAT(listed(get("on-duty?at=2098-03-02T10:00:00Z&department=water", dispatcher), "crews", "crew"),
              ElementsAre("pipes"));
  EXPECT_THAT(listed(get("roster?from=2098-03-02&days=1&department=water", dispatcher), "shifts", "person"), IsEmpty());
  EXPECT_THAT(listed(get("changes?person=me", mei), "changes", "kind"), ElementsAre("leave"));
  EXPECT_THAT(listed(get("changes", other), "changes", "kind"), ElementsAre("away"));
  EXPECT_THAT(listed(get("changes", person("user:shu", "worker", "parks")), "changes", "kind"), IsEmpty());
  post("/api/v1/duty/changes/urn:ngsi-ld:DutyChange:none/actions", dispatcher, R"({"verb":"grant"})", 404);
  // A restart knows it too, and she may be back.
  close();
  open();
  EXPECT_THAT(listed(get("roster?from=2098-03-02&days=1", dispatcher), "absences", "note"), ElementsAre("wedding"));
  EXPECT_EQ(post(act, dispatcher, R"({"verb":"withdraw"})", 200).text_or("status", ""), "withdrawn");
  EXPECT_THAT(listed(get("roster?from=2098-03-02&days=1&department=water", dispatcher), "shifts", "person"),
              ElementsAre("user:mei"));
}

TEST_F(DutyRoutesTest, ACaseShowsItsCellAndCrewAndIsAppointedToCrewsOfItsDepartment) {
  const std::string op = token("operator");
  const JsonValue filed = post(
      "/api/v1/cases", op,
      R"({"title":"积水","category":"event-0109","location":{"type":"Point","coordinates":[120.155,30.25]}})", 201);
  EXPECT_EQ(filed.text_or("cell", "") + " " + filed.text_or("crew", ""), "330199001001002 pipes");
  EXPECT_EQ(filed.text_or("state", ""), "dispatched");
  const auto total = [&](const char* filter) {
    const auto page = JsonValue::parse(ask(Method::get, fmt::format("/api/v1/cases?{}", filter), op).body);
    return page->number_or("total", -1);
  };
  EXPECT_EQ(total("crew=pipes&cell=330199001001002"), 1);
  EXPECT_EQ(total("crew=trees,-"), 0);
  EXPECT_EQ(total("cell=330199001001001"), 0);
  EXPECT_THAT(ask(Method::get, "/api/v1/cases/" + filed.text_or("id", ""), op).body,
              HasSubstr(R"({"value":"pipes","label":{"zh":"管网班","en":"Pipes"}})"));
  const std::string act = "/api/v1/cases/" + filed.text_or("id", "") + "/actions";
  post(act, op, R"({"verb":"appoint","fields":{"crew":"trees"}})", 409);
  post(act, op, R"({"verb":"appoint","fields":{"crew":"nobody"}})", 400);
  post(act, op, R"({"verb":"appoint","fields":{"holder":"user:shu"}})", 409);
  const JsonValue planned = post(
      act, op, R"({"verb":"appoint","fields":{"crew":"pipes","planned_at":"2098-03-02T10:00:00Z","turn":2}})", 200);
  EXPECT_EQ(planned.text_or("plannedAt", ""), "2098-03-02T10:00:00Z");
  EXPECT_EQ(planned.number_or("turn", 0), 2);
  // The crew hears of it, and one of them takes it.
  const std::string mei = person("user:mei", "worker", "water");
  const std::string heard = ask(Method::get, "/api/v1/notices", mei).body;
  EXPECT_THAT(heard, HasSubstr("crew:pipes"));
  EXPECT_THAT(heard, HasSubstr("on-duty:water"));
  for (const char* other : {"user:shu", "user:an"})
    EXPECT_THAT(ask(Method::get, "/api/v1/notices", person(other, "worker", "parks")).body, Not(HasSubstr("on-duty")))
        << other << " is of another department, or not on duty";
  EXPECT_EQ(post(act, mei, R"({"verb":"accept"})", 200).text_or("holder", ""), "user:mei");
}

TEST_F(DutyRoutesTest, WhoHelpsAnotherDepartmentsCrewMayTakeItsCasesSoLong) {
  const std::string op = token("operator"), zi = person("user:zi", "worker", "parks");
  const JsonValue filed = post("/api/v1/cases", op, R"({"title":"x","category":"event-0109"})", 201);
  EXPECT_EQ(filed.text_or("state", ""), "filed") << "it has no place, and no rule says whose it is";
  const std::string act = "/api/v1/cases/" + filed.text_or("id", "") + "/actions";
  post(act, op, R"({"verb":"dispatch","fields":{"department":"water"}})", 200);
  post(act, op, R"({"verb":"appoint","fields":{"crew":"pipes"}})", 200);
  post(act, zi, R"({"verb":"accept"})", 403);
  const auto now = clock_.now();
  const std::string help =
      fmt::format(R"({{"kind":"overtime","person":"me","crew":"pipes","from":"{}","until":"{}"}})",
                  base::format_time(now + std::chrono::seconds(1)), base::format_time(now + std::chrono::minutes(30)));
  const JsonValue asked = post("/api/v1/duty/changes", zi, help, 201);
  const std::string decide = "/api/v1/duty/changes/" + asked.text_or("id", "") + "/actions";
  post(decide, token("dispatcher", "parks"), R"({"verb":"grant"})", 403);
  post(decide, token("dispatcher", "water"), R"({"verb":"grant"})", 200);
  net::Response taken{.status = 0};
  for (int i = 0; i < 500 && taken.status != 200; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(i ? 20 : 0));
    taken = ask(Method::post, act, zi, R"({"verb":"accept"})");
    if (taken.status != 200) EXPECT_EQ(taken.status, 403) << taken.body;
  }
  EXPECT_EQ(taken.status, 200) << taken.body;
  EXPECT_THAT(taken.body, HasSubstr(R"("role":"crew")"));
}

TEST_F(DutyRoutesTest, AChangedFolderIsInForceAndAWrongOneIsTold) {
  house_->watch_rules();
  const std::string op = token("operator");
  const std::string before = get("rules", op).text_or("version", "");
  write("city/duty/people.csv", "id,name_zh,name_en,crew\nuser:mei,梅,Mei,pipes\nuser:zi,子,Zi,nowhere\n");
  for (int i = 0; i < 500 && get("rules", op).text_or("mistakes", "").empty(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_THAT(get("rules", op).text_or("mistakes", ""), HasSubstr("people.csv:3: there is no crew 'nowhere'"));
  EXPECT_EQ(get("rules", op).text_or("version", ""), before);
  write("city/duty/people.csv", "id,name_zh,name_en,crew,skills\nuser:mei,梅,Mei,pipes,pump\nuser:shu,树,Shu,trees,\n");
  for (int i = 0; i < 500 && get("rules", op).text_or("version", "") == before; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_NE(get("rules", op).text_or("version", ""), before);
  house_->stop_watching();
}

}  // namespace
}  // namespace cityloop::app
