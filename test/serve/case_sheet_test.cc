// A whole case as a sheet and as evidence, from a small twin of Lakeside: everything that a case can have is in it.
//
//   CITYLOOP_KEEP=FOLDER build/dev/test_serve --gtest_filter='CaseSheet*'    keeps the sheets, to be looked at
#include "serve/dossier/case_sheet.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>

#include "base/file.h"
#include "flow/noun.h"
#include "serve/dossier/evidence.h"
#include "serve/rules_in_force.h"
#include "test/twin/twin_fixture.h"

namespace cityloop::serve {
namespace {

using flow::EntityId;
using flow::Name;
using testing::HasSubstr;

base::Instant at(const char* text) {
  return base::parse_time(text).value();
}

// A picture of 16 × 12 pixels, or the one that whoever looks at the sheet has put into the folder.
std::string picture(const std::string& name) {
  const char* const folder = std::getenv("CITYLOOP_KEEP");
  if (folder) {
    if (auto own = base::read_file(std::string(folder) + "/" + name)) return *own;
  }
  return std::string("\xff\xd8\xff\xc0\x00\x11\x08\x00\x0c\x00\x10\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01\xff\xd9",
                     23);
}

class CaseSheetTest : public twin::TwinFixture {
 protected:
  CaseSheetTest()
      : city_(City::load("demo/district/city.toml").value()),
        rules_(casework::CaseRules::load_folder("demo/district/casework", facts_of(city_)).value()),
        history_(*store_),
        shelf_(*twin_),
        on_{*twin_,
            city_,
            history_,
            shelf_,
            base::TimeZone::load("Asia/Shanghai").value(),
            [this] { return twin_->head(); },
            [](const std::string& id, bool) -> base::Result<std::string> { return picture(id + ".jpg"); },
            [](std::string_view text) { return std::string(text); },
            [](std::string_view id) {
              return id == "user:li.wei" ? flow::Bilingual{"李伟", "Li Wei"} : flow::Bilingual{};
            }} {
    put(rules_->to_write(at("2026-05-01T00:00:00Z")));
    put_roads();
    put_finding();
    clock_.advance_to(at("2026-05-01T10:40:00Z"));
  }

  void put_roads() {
    std::ifstream file("demo/district/tables/roads.csv");
    std::string line;
    std::getline(file, line);
    while (std::getline(file, line)) {
      const std::size_t first = line.find(','), second = line.find(',', first + 1), third = line.find(',', second + 1);
      const std::size_t open = line.find('('), close = line.find(')');
      std::string geojson = "{\"type\":\"LineString\",\"coordinates\":[[";
      for (const char c : line.substr(open + 1, close - open - 1)) {
        if (c == ',') geojson += "],[";
        else if (c == ' ') geojson += geojson.ends_with("[") || geojson.ends_with(",") ? "" : ",";
        else geojson += c;
      }
      put(flow::NounWriter(EntityId("urn:ngsi-ld:Road:" + line.substr(0, first)), "Road", flow::WriteMode::upsert)
              .language("name",
                        {line.substr(first + 1, second - first - 1), line.substr(second + 1, third - second - 1)})
              .geo("location", geojson + "]]}")
              .take());
    }
  }
  void put_finding() {
    flow::Finding one;
    one.id = EntityId("urn:ngsi-ld:Finding:underpass-flooding:underpass-1:1");
    one.rule = "underpass-flooding";
    one.about = EntityId("urn:ngsi-ld:WaterObserved:underpass-1");
    one.severity = flow::Severity::severe;
    one.title = {"集市街下穿积水 0.42 m", "Market Street underpass is flooded: 0.42 m"};
    one.opened_at = at("2026-05-01T08:02:10Z");
    one.cleared_at = at("2026-05-01T10:31:00Z");
    one.status = flow::FindingStatus::cleared;
    one.why =
        R"({"rule":"underpass-flooding","condition":"waterLevel>0.3","limit":0.3,"hold":"5s","values":[{"entity":"urn:ngsi-ld:WaterObserved:underpass-1","attribute":"waterLevel","value":0.42,"unitCode":"MTR","observedAt":"2026-05-01T08:02:10Z"}]})";
    one.cleared_why =
        R"({"values":[{"entity":"urn:ngsi-ld:WaterObserved:underpass-1","attribute":"waterLevel","value":0.08,"unitCode":"MTR","observedAt":"2026-05-01T10:31:00Z"}]})";
    put(to_write(one));
    put(flow::NounWriter(EntityId("urn:ngsi-ld:WaterObserved:underpass-1"), "WaterObserved", flow::WriteMode::upsert)
            .language("name", {"集市街下穿", "Market Street underpass"})
            .geo("location", R"({"type":"Point","coordinates":[120.1635,30.2549]})")
            .take());
    found_ = one;
  }
  flow::Case flooded() const;
  Dossier dossier() {
    DossierWish wish{flooded(),     {found_.id}, [](EntityId) { return std::nullopt; }, true, clock_.now(),
                     "user:li.wei", {}};
    auto out = gather(on_, std::move(wish));
    EXPECT_TRUE(out) << out.error().message;
    Dossier made = std::move(out.value());
    Trend trend{found_.about, "waterLevel", "MTR", 0.3, {}};
    for (int i = 0; i < 200; ++i) {
      const double hours = i / 60.0;
      const double level = 0.05 + 0.45 * std::exp(-(hours - 1.3) * (hours - 1.3) / 0.6) + 0.012 * std::sin(i * 1.7);
      trend.samples.push_back({at("2026-05-01T07:30:00Z") + std::chrono::minutes(i), level});
    }
    made.findings.front().trend = trend;
    made.notices.push_back(
        {at("2026-05-01T08:02:11Z"), "water", {"派遣：集市街下穿积水", "Dispatched: Market Street underpass"}});
    made.guessed_department = Guess{"water", 0.94};
    return made;
  }
  std::string text_of(const std::string& pdf, const char* name) const {
    const char* const keep = std::getenv("CITYLOOP_KEEP");
    const std::string file = fmt::format("{}/{}.pdf", keep ? keep : folder_.string(), name),
                      out = (folder_ / "out").string();
    std::ofstream(file, std::ios::binary) << pdf;
    EXPECT_EQ(std::system(fmt::format("pdftotext -layout {} {}", file, out).c_str()), 0);
    return base::read_file(out).value();
  }

  City city_;
  casework::CaseRulesPtr rules_;
  twin::History history_;
  CaseRulesShelf shelf_;
  DossierSources on_;
  flow::Finding found_;
};

flow::CaseClock a_clock(const char* id, const char* calendar, base::Duration limit, const char* from, const char* due) {
  flow::CaseClock out;
  out.id = id;
  out.calendar = calendar;
  out.started_at = out.running_since = at(from);
  out.limit = limit;
  out.due_at = at(due);
  return out;
}

void add_clocks_and_tasks(flow::Case& one) {
  flow::CaseClock close =
      a_clock("close", "crews", std::chrono::hours(4), "2026-05-01T08:02:10Z", "2026-05-01T14:00:00Z");
  close.extended = std::chrono::hours(1);
  close.stood = std::chrono::minutes(40);
  flow::CaseClock accept =
      a_clock("accept", "always", std::chrono::minutes(30), "2026-05-01T08:02:11Z", "2026-05-01T08:32:11Z");
  accept.ended_at = at("2026-05-01T08:11:00Z");
  flow::CaseClock task =
      a_clock("task-1", "always", std::chrono::hours(2), "2026-05-01T08:30:00Z", "2026-05-01T10:30:00Z");
  task.missed = task.red = true;
  one.clocks = {close, accept, task};
  one.requests = {
      {1, "extend", "user:li.wei", at("2026-05-01T10:20:00Z"), "水泵功率不足，需要再调一台", R"({"hours":2})"}};
  one.tasks = {{1,
                "traffic",
                {"疏导绕行", "Direct traffic around"},
                0,
                flow::TaskState::working,
                "user:chen.jie",
                "",
                at("2026-05-01T08:30:00Z"),
                flow::kNever},
               {2,
                "lighting",
                {"切断照明供电", "Cut the lights' power"},
                0,
                flow::TaskState::reported,
                "user:a",
                "配电箱已断电挂牌",
                at("2026-05-01T08:30:00Z"),
                at("2026-05-01T09:05:00Z")}};
}

void add_timeline(flow::Case& one) {
  const auto step = [&](const char* when, const char* by, const char* verb, const char* to, const char* note,
                        const char* code = "", const char* role = "", const char* given = "") {
    one.timeline.push_back({at(when), by, verb, to, note, code, role, given});
  };
  step("2026-05-01T08:02:10Z", "loop:casework", "file", "filed", "", "finding");
  step("2026-05-01T08:02:10Z", "loop:casework", "dispatch", "dispatched", "to water", "auto_dispatch");
  step("2026-05-01T08:11:00Z", "user:li.wei", "accept", "working", "", "", "worker@department");
  step("2026-05-01T08:30:00Z", "user:lin.yue", "join", "working", "", "", "operator",
       R"({"assisting":["traffic","lighting"],"what":"疏导绕行"})");
  step("2026-05-01T09:20:00Z", "user:li.wei", "note", "working",
       "第一台水泵已运行，水位开始下降；排水口被塑料布堵住，已清理。", "", "worker@department", R"({"photos":["b"]})");
  step("2026-05-01T10:20:00Z", "user:li.wei", "extend", "working", "水泵功率不足，需要再调一台", "",
       "worker@department", R"({"hours":2})");
  step("2026-05-01T10:31:00Z", "loop:casework", "note", "working", "the finding has cleared", "finding_cleared");
}

flow::Case CaseSheetTest::flooded() const {
  flow::Case one;
  one.id = EntityId("urn:ngsi-ld:Case:20260501-0001");
  one.finding = found_.id;
  one.about = found_.about;
  one.kind = "flooding";
  one.rule = found_.rule;
  one.title = {"集市街下穿积水", "Market Street underpass is flooded"};
  one.severity = flow::Severity::severe;
  one.rules = rules_->version();
  one.workflow = "city";
  one.state = "working";
  one.stage = flow::CaseStage::work;
  one.category = rules_->categories().all().at(2).code;
  one.department = "water";
  one.holder = "user:li.wei";
  one.opened_by = "citizen:9f3a";
  one.area = "market";
  one.location = R"({"type":"Point","coordinates":[120.1635,30.2549]})";
  one.opened_at = at("2026-05-01T08:02:10Z");
  one.due_at = at("2026-05-01T14:00:00Z");
  one.code = "0004-2173";
  one.channel = "citizen";
  one.description =
      "今早七点半路过集市街下穿通道，积水已经没过半个轮胎，有两辆电动车熄火停在中间。请尽快处理，孩子们放学也要走这里"
      "。";
  one.address = "集市街与灯笼街交叉口以西 60 米，下穿通道内";
  one.media = {"a", "c"};
  one.count = 3;
  one.plan = "underpass-flood";
  one.checklist = {{"close-road",
                    {"封闭通道并设置围挡", "Close the underpass and set up barriers"},
                    "user:li.wei",
                    at("2026-05-01T08:20:00Z")},
                   {"look-for-people",
                    {"确认无人员和车辆被困", "Make sure that no person or vehicle is trapped"},
                    "",
                    flow::kNever}};
  add_clocks_and_tasks(one);
  add_timeline(one);
  return one;
}

TEST_F(CaseSheetTest, SaysEverythingInChinese) {
  if (std::system("command -v pdftotext >/dev/null 2>&1") != 0) GTEST_SKIP() << "no poppler-utils";
  const auto pdf = make_case_sheet(on_, dossier(), Language::zh);
  ASSERT_TRUE(pdf) << pdf.error().message;
  const std::string text = text_of(*pdf, "sheet.zh");
  for (const char* words : {"湖滨区城市运行中心",
                            "城市事件案卷",
                            "0004-2173",
                            "集市街下穿积水",
                            "处置中",
                            "上报内容",
                            "两辆电动车熄火",
                            "位置示意",
                            "120.163500, 30.254900",
                            "照片：处置前",
                            "照片：处置中与处置后",
                            "结案时限",
                            "还有 3 小时 20 分钟",
                            "4 小时工作时间",
                            "其中批准延期 1 小时",
                            "暂停计时 40 分钟",
                            "按时完成于",
                            "超期",
                            "延期",
                            "水泵功率不足",
                            "疏导绕行",
                            "配电箱已断电挂牌",
                            "下穿通道积水预案",
                            "封闭通道并设置围挡",
                            "交警指挥中心 0000-0001",
                            "发现与读数",
                            "waterLevel",
                            "0.42 m",
                            "限值 0.3 m",
                            "办理经过",
                            "已派遣 → 处置中",
                            "李伟",
                            "处置人员",
                            "由规则的发现立案",
                            "派往 水务",
                            "通知",
                            "系统建议",
                            "94 %",
                            "市民",
                            "Asia/Shanghai",
                            "2026-05-01 18:40",
                            "并案数"})
    EXPECT_THAT(text, HasSubstr(words));
  EXPECT_THAT(text, testing::Not(HasSubstr("9f3a"))) << "of a citizen nothing is said but that it was one";
}

TEST_F(CaseSheetTest, SaysEverythingInEnglish) {
  if (std::system("command -v pdftotext >/dev/null 2>&1") != 0) GTEST_SKIP() << "no poppler-utils";
  const auto pdf = make_case_sheet(on_, dossier(), Language::en);
  ASSERT_TRUE(pdf) << pdf.error().message;
  const std::string text = text_of(*pdf, "sheet.en");
  for (const char* words :
       {"Lakeside City Operations", "Case record", "In work", "A citizen's report", "due in 3 h 20 min",
        "4 h of working time", "stood still for 40 min", "Dispatched → In work", "Li Wei", "field worker",
        "Market Street underpass", "Findings, and the readings that made them", "Page 1 of"})
    EXPECT_THAT(text, HasSubstr(words));
}

TEST_F(CaseSheetTest, TheSameCaseAtTheSameMomentIsTheSameBytes) {
  const Dossier one = dossier();
  EXPECT_EQ(make_case_sheet(on_, one, Language::zh).value(), make_case_sheet(on_, one, Language::zh).value());
  const auto none = [](EntityId) -> std::optional<flow::Case> { return std::nullopt; };
  const std::string first = make_evidence(on_, one, Language::en, none).value();
  EXPECT_EQ(first, make_evidence(on_, one, Language::en, none).value());
  EXPECT_TRUE(first.starts_with("PK"));
}

}  // namespace
}  // namespace cityloop::serve
