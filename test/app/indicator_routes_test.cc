// Indicators in a whole house: what is counted, who may see it, what lies behind it, and that shipped declarations
// hold.
#include <gmock/gmock.h>

#include "flow/own_types.h"
#include "serve/index/checkup.h"
#include "test/app/house_fixture.h"

namespace cityloop::app {
namespace {

using base::JsonValue;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kCity = R"(
name = { zh = "试验区", en = "Testville" }
center = [120.15, 30.25]
[[department]]
id = "water"
name = { zh = "水务", en = "Water" }
[[area]]
id = "west"
name = { zh = "西片", en = "West" }
polygon = [[120.1, 30.2], [120.2, 30.2], [120.2, 30.3], [120.1, 30.3]]
[[area]]
id = "east"
name = { zh = "东片", en = "East" }
polygon = [[120.2, 30.2], [120.3, 30.2], [120.3, 30.3], [120.2, 30.3]]
[types.WaterObserved]
name = { zh = "水位", en = "Water level" }
main = "waterLevel"
)";
constexpr const char* kIndicators = R"(
[[domains]]
id = "water"
name = { zh = "水", en = "Water" }
[[indicator]]
id = "level"
domain = "water"
name = { zh = "平均水位", en = "Mean level" }
unit = "MTR"
target = 0.1
threshold = [{ level = "alarm", above = 0.3, meaning = { zh = "淹没", en = "flooded" } }]
twin = { measure = "mean", type = "WaterObserved", attribute = "waterLevel" }
[[indicator]]
id = "open"
domain = "water"
name = { zh = "在办", en = "Open" }
areas = ["city", "area", "department"]
twin = { measure = "count", type = "Case", where = 'outcome=="open"' }
[[indicator]]
id = "opened"
domain = "water"
name = { zh = "新立", en = "Opened" }
period = "day"
cases = { measure = "opened" }
[[indicator]]
id = "per_case"
domain = "water"
name = { zh = "每案水位", en = "Level a case" }
formula = "level / open"
)";

class IndicatorRoutesTest : public HouseTest {
 protected:
  IndicatorRoutesTest() {
    close();
    write("city/city.toml", kCity);
    write("city/indicators/water.toml", kIndicators);
    open();
    watcher_ = token("operator");
  }
  void tell(const std::string& id, double level, double lon) {
    const std::string body = fmt::format(
        R"([{{"id":"urn:ngsi-ld:WaterObserved:{}","type":"WaterObserved","location":{{"type":"GeoProperty","value":{{"type":"Point",
        "coordinates":[{},30.25]}}}},"waterLevel":{{"type":"Property","value":{},"unitCode":"MTR","observedAt":"{}"}}}}])",
        id, lon, level, base::format_time(clock_.now()));
    ASSERT_LT(ask(Method::post, "/ngsi-ld/v1/entityOperations/upsert", token("integrator"), body).status, 300);
  }
  JsonValue get(const std::string& path, const std::string& who) {
    const net::Response response = ask(Method::get, "/api/v1" + path, who);
    EXPECT_EQ(response.status, 200) << path << " " << response.body;
    return JsonValue::parse(response.body).value_or(JsonValue{});
  }
  int status(const std::string& path, const std::string& who) { return ask(Method::get, "/api/v1" + path, who).status; }
  static double value(const JsonValue& page) { return page.find("now")->number_or("value", -1); }
  // Until the loop has shown it: it writes every four seconds of the city's time.
  void wait_for(const std::string& path, double wanted) {
    for (int i = 0; i < 1000; ++i) {
      const net::Response response = ask(Method::get, "/api/v1" + path, watcher_);
      if (response.status == 200 && value(*JsonValue::parse(response.body)) == wanted) return;
      nudge();
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    ADD_FAILURE() << path << " never became " << wanted << ": " << ask(Method::get, "/api/v1" + path, watcher_).body;
  }
  // In a city that is running ticks come by themselves; here each brings the next publication.
  void nudge() {
    twin::Commit tick;
    tick.origin = flow::Name("clock");
    tick.tick = true;
    tick.at = later_ += std::chrono::seconds(5);
    (void)machine_->twin().commit(std::move(tick));
  }
  std::string for_area(const std::string& role, const std::string& area) {
    trust::Principal principal;
    principal.kind = trust::PrincipalKind::program;
    principal.id = "program:" + role + "-" + area;
    principal.roles = {role};
    principal.areas = {area};
    return accounts_->put_token(principal).value();
  }

  std::string watcher_;
  base::Instant later_{clock_.now()};
};

TEST_F(IndicatorRoutesTest, EachNumberOpensToWhatItRestsOn) {
  tell("u1", 0.6, 120.15);
  tell("u2", 0.0, 120.25);
  const JsonValue opened = wait_for_case(watcher_);
  wait_for("/indicators/open", 1);
  wait_for("/indicators/level", 0.3);
  const JsonValue one = get("/indicators/level?area=area:west", watcher_);
  EXPECT_EQ(value(one), 0.6);
  EXPECT_EQ(one.find("now")->text_or("level", ""), "alarm");
  EXPECT_EQ(one.find("now")->find("meaning")->text_or("zh", ""), "淹没");
  EXPECT_EQ(one.find("now")->find("inputs")->number_or("present", 0), 1);
  EXPECT_EQ(one.find("values")->array()->size(), 3u) << "the city and two areas";
  EXPECT_LT(one.number_or("ageSeconds", 99), 5);
  const JsonValue list = get("/indicators?area=area:east", watcher_);
  EXPECT_EQ(list.find("indicators")->array()->size(), 4u);
  EXPECT_EQ(list.find("areas")->array()->size(), 4u);
  const JsonValue ranks = get("/indicators/level/areas", watcher_);
  EXPECT_EQ(ranks.find("areas")->array()->front().text_or("area", ""), "area:east") << "lower is better";
  const JsonValue behind = get("/indicators/level/behind", watcher_);
  EXPECT_EQ(behind.number_or("total", 0), 2);
  EXPECT_EQ(behind.find("rows")->array()->front().text_or("id", ""), "urn:ngsi-ld:WaterObserved:u1")
      << "the worst first";
  EXPECT_EQ(behind.find("rows")->array()->front().number_or("contributes", 0), 0.6);
  EXPECT_EQ(get("/indicators/level/behind?limit=1", watcher_).text_or("next", ""), "1");
  const JsonValue cases = get("/indicators/opened/behind?area=area:west", watcher_);
  ASSERT_EQ(cases.number_or("total", 0), 1);
  EXPECT_EQ(cases.find("rows")->array()->front().text_or("id", ""), opened.text_or("id", "-"));
  const JsonValue formula = get("/indicators/per_case", watcher_);
  EXPECT_EQ(formula.text_or("formula", ""), "level / open");
  EXPECT_EQ(formula.find("inputs")->array()->size(), 2u);
  EXPECT_EQ(value(formula), 0.3);
  EXPECT_EQ(status("/indicators/per_case/behind", watcher_), 409);
}

TEST_F(IndicatorRoutesTest, WhoMayNotSeeIsRefused) {
  tell("u1", 0.6, 120.15);
  (void)wait_for_case(watcher_);
  wait_for("/indicators/open", 1);
  const std::string viewer = token("viewer"), west = for_area("viewer", "west"), east = for_area("operator", "east");
  EXPECT_EQ(status("/indicators/open", viewer), 200);
  EXPECT_EQ(status("/indicators/open/behind", viewer), 403) << "the cases themselves are not for everybody";
  EXPECT_EQ(status("/indicators/level/behind", viewer), 200);
  for (const char* const path : {"/indicators/level", "/indicators/level/history", "/indicators/level/behind",
                                 "/checkup", "/checkup.pdf", "/indicators"})
    EXPECT_EQ(status(std::string(path) + "?area=area:east", west), 403) << path;
  EXPECT_EQ(status("/indicators/level?area=area:west", west), 200);
  EXPECT_EQ(get("/indicators/level", west).find("values")->array()->size(), 2u) << "the city and their own area";
  EXPECT_EQ(get("/indicators/level/areas", west).find("areas")->array()->size(), 1u);
  const JsonValue hidden = get("/indicators/open/behind", east);
  EXPECT_EQ(hidden.number_or("total", 9), 0);
  EXPECT_EQ(hidden.number_or("hidden", 0), 1);
  EXPECT_EQ(status("/indicators/level?area=area:north", watcher_), 404);
  EXPECT_EQ(status("/indicators/nothing", watcher_), 404);
  EXPECT_EQ(status("/checkup?period=fortnight", watcher_), 400);
  EXPECT_EQ(status("/indicators/level/history?from=yesterday", watcher_), 400);
  // Values are the loop's own: the standard API neither takes nor shows them, nor their history.
  const std::string urn = "urn:ngsi-ld:IndicatorValue:city", integrator = token("integrator");
  EXPECT_EQ(ask(Method::get, "/ngsi-ld/v1/entities/" + urn, integrator).status, 404);
  EXPECT_EQ(ask(Method::get, "/ngsi-ld/v1/temporal/entities/" + urn, integrator).status, 404);
  EXPECT_GE(ask(Method::del, "/ngsi-ld/v1/temporal/entities/" + urn, integrator).status, 400);
  EXPECT_GE(ask(Method::del, "/ngsi-ld/v1/entities/" + urn, integrator).status, 400);
}

TEST_F(IndicatorRoutesTest, TheCheckUpSaysWhatStandsOutAndIsPrinted) {
  tell("u1", 0.6, 120.15);
  tell("u2", 0.2, 120.25);
  wait_for("/indicators/level", 0.4);
  const JsonValue checkup = get("/checkup?period=day", watcher_);
  const auto& findings = *checkup.find("findings")->array();
  ASSERT_FALSE(findings.empty());
  EXPECT_EQ(findings[0].text_or("of", ""), "threshold");
  EXPECT_EQ(findings[0].find("text")->text_or("zh", ""), "平均水位为 0.4 m：淹没");
  EXPECT_EQ(findings[1].find("text")->text_or("en", ""), "Mean level is 0.4 m, off its target of ≤ 0.1 m by 300 %");
  const JsonValue& domain = checkup.find("domains")->array()->front();
  EXPECT_EQ(domain.number_or("missed", 0), 1);
  EXPECT_EQ(domain.find("name")->text_or("zh", ""), "水");
  for (const char* const language : {"zh", "en"}) {
    const net::Response pdf =
        ask(Method::get, fmt::format("/api/v1/checkup.pdf?period=week&lang={}", language), watcher_);
    if (pdf.status == 503) GTEST_SKIP() << "no font with Chinese letters here";
    EXPECT_EQ(pdf.status, 200);
    EXPECT_EQ(pdf.content_type, "application/pdf");
    EXPECT_THAT(pdf.body, StartsWith("%PDF"));
  }
}

TEST_F(IndicatorRoutesTest, HistoryIsKeptAndARestartGoesOn) {
  tell("u1", 0.6, 120.15);
  wait_for("/indicators/level", 0.6);
  tell("u1", 0.2, 120.15);
  wait_for("/indicators/level", 0.2);
  machine_->settle();
  const std::string now = base::format_time(later_ + std::chrono::hours(1));
  const auto samples = [&] { return *get("/indicators/level/history?to=" + now, watcher_).find("samples")->array(); };
  ASSERT_EQ(samples().size(), 2u);
  EXPECT_EQ(*samples()[0].array()->at(1).number(), 0.6);
  close();
  open();
  EXPECT_EQ(value(get("/indicators/level", watcher_)), 0.2);
  for (int i = 0; i < 10; ++i) nudge();
  machine_->settle();
  EXPECT_EQ(samples().size(), 2u) << "the same again is not written again";
  tell("u2", 0.4, 120.25);
  wait_for("/indicators/level", 0.3);
}

TEST_F(IndicatorRoutesTest, AChangedFileIsTakenUpAndAWrongOneIsNot) {
  tell("u1", 0.6, 120.15);
  wait_for("/indicators/level", 0.6);
  house_->watch_rules();
  write("city/indicators/more.toml",
        "[[indicator]]\nid = \"high\"\ndomain = \"water\"\nname = { zh = \"高\", en = \"High\" }\n"
        "twin = { measure = \"max\", type = \"WaterObserved\", attribute = \"waterLevel\" }\n");
  wait_for("/indicators/high", 0.6);
  write("city/indicators/more.toml", "[[indicator]]\nid = \"high\"\nformula = \"nobody\"\n");
  std::string mistakes;
  for (int i = 0; i < 500 && mistakes.empty(); ++i) {
    mistakes = get("/indicators", watcher_).text_or("mistakes", "");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_THAT(mistakes, HasSubstr("indicators/more.toml"));
  EXPECT_EQ(status("/indicators/high", watcher_), 200) << "as it was";
  house_->stop_watching();
}

TEST(ShippedIndicators, AreDeclaredWithoutAMistake) {
  for (const auto& [folder, least] : std::vector<std::pair<std::string, std::size_t>>{
           {"demo/district", 30}, {"demo/aarhus", 5}, {"domain/traffic/demo/city", 6}}) {
    if (!std::filesystem::exists(folder)) continue;  // a package may be taken away
    const auto city = serve::City::load(folder + "/city.toml");
    ASSERT_TRUE(city) << city.error().message;
    const auto rules = index::IndicatorRules::load_folder(folder, serve::indicator_facts_of(*city));
    ASSERT_TRUE(rules) << rules.error().message;
    EXPECT_GE((*rules)->indicators().size(), least) << folder;
    for (const index::Declaration& one : (*rules)->indicators()) {
      EXPECT_FALSE(one.name.zh.empty() || one.name.en.empty()) << one.id;
      EXPECT_NE((*rules)->domain_name(one.domain).zh, one.domain) << one.id << " has a domain with a name";
      EXPECT_TRUE(one.owner.empty() || std::ranges::find(city->departments, one.owner, &serve::City::Department::id) !=
                                           city->departments.end())
          << one.id << " " << one.owner;
    }
  }
}

}  // namespace
}  // namespace cityloop::app
