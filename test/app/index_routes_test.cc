// Indices in a whole house: what the city's folder declares, computed away from whoever asks, saved by those who may
// and by nobody else, each saving kept.
#include <gmock/gmock.h>

#include "test/app/house_fixture.h"

namespace cityloop::app {
namespace {

using base::JsonValue;
using testing::HasSubstr;

constexpr const char* kFrame = R"(
kind = "composite"
id = "towns"
name = { zh = "城镇指数", en = "Towns" }
[weights]
method = "given"
[normalisation]
method = "min_max"
[uncertainty]
samples = 200
seed = 7
weights_percent = 20
[[group]]
code = "all"
name = { zh = "总", en = "All" }
[[indicator]]
code = "parks"
parent = "all"
name = { zh = "公园", en = "Parks" }
[[indicator]]
code = "noise"
parent = "all"
direction = "less"
name = { zh = "噪声", en = "Noise" }
)";
constexpr const char* kTable = "unit,parks,noise\na,10,70\nb,20,60\nc,30,65\nd,12,oops\n";

class IndexRoutesTest : public HouseTest {
 protected:
  IndexRoutesTest() {
    close();
    write("city/indices/towns.toml", kFrame);
    write("city/indices/towns.csv", kTable);
    write("city/indices/notes.toml", "[towns]\nzh = \"示例\"\nen = \"an example\"\n");
    write("city/indices/broken.toml", "kind = \"composite\"\nid = 7\n");
    for (const char* frame : {"maturity", "people_feelings"}) {
      std::filesystem::copy_file(fmt::format("src/index/frames/{}.toml", frame),
                                 root_ / fmt::format("city/indices/{}.toml", frame));
    }
    open();
    reader_ = token("operator"), filler_ = token("planner");
  }
  JsonValue json(const net::Response& response) { return JsonValue::parse(response.body).value_or(JsonValue{}); }
  // Until it is computed.
  net::Response report(const std::string& path) {
    for (int i = 0; i < 2000; ++i) {
      net::Response response = ask(Method::get, "/api/v1/indices/" + path, reader_);
      if (response.status != 202) return response;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    ADD_FAILURE() << path << " was never computed";
    return {};
  }
  net::Response save(const std::string& id, const std::string& data, const std::string& who,
                     const std::string& more = "") {
    base::JsonWriter body;
    body.object().field("data", data).end();
    std::string text = body.take();
    if (!more.empty()) text.insert(1, more + ",");
    return ask(Method::put, "/api/v1/indices/" + id, who, text);
  }

  std::string reader_, filler_;
};

TEST_F(IndexRoutesTest, WhatTheFolderDeclaresIsListedAndOneBadFrameHidesNoOther) {
  const JsonValue list = json(ask(Method::get, "/api/v1/indices", reader_));
  const auto& all = *list.find("indices")->array();
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[0].text_or("id", ""), "broken");
  EXPECT_THAT(all[0].text_or("mistake", ""), HasSubstr("broken.toml:"));
  EXPECT_EQ(all[1].text_or("kind", ""), "maturity");
  EXPECT_FALSE(all[1].boolean_or("filled", true));
  EXPECT_EQ(all[3].find("note")->text_or("en", ""), "an example");
  EXPECT_EQ(ask(Method::get, "/api/v1/indices/broken", reader_).status, 409);
  EXPECT_EQ(ask(Method::get, "/api/v1/indices/nowhere", reader_).status, 404);
  EXPECT_EQ(ask(Method::get, "/api/v1/indices/people_feelings", reader_).status, 409) << "it has no table";
}

TEST_F(IndexRoutesTest, AReportHasRanksIntervalsSharesAndWhatWasRefused) {
  const net::Response response = report("towns");
  ASSERT_EQ(response.status, 200) << response.body;
  const JsonValue page = json(response);
  const JsonValue* const told = page.find("report");
  ASSERT_TRUE(told);
  EXPECT_EQ(told->find("units")->array()->size(), 4u);
  EXPECT_EQ(told->find("units")->array()->at(1).number_or("rank", 0), 1) << "b has the least noise and many parks";
  EXPECT_EQ(told->find("uncertainty")->number_or("samples", 0), 200);
  EXPECT_EQ(told->find("sensitivity")->find("factors")->array()->size(), 1u);
  const JsonValue& flaw = told->find("data")->find("problems")->array()->at(0);
  EXPECT_EQ(flaw.text_or("unit", ""), "d");
  EXPECT_EQ(flaw.number_or("line", 0), 5);
  EXPECT_EQ(json(report("towns?samples=0")).find("report")->find("uncertainty"), nullptr);
  EXPECT_EQ(json(report("towns?weights=equal")).find("report")->find("frame")->text_or("weights", ""), "equal");
  EXPECT_EQ(report("towns?weights=heavy").status, 400);
  EXPECT_EQ(report("towns?samples=many").status, 400);
  const net::Response scores = ask(Method::get, "/api/v1/indices/towns/files/scores.csv", reader_);
  EXPECT_EQ(scores.status, 200);
  EXPECT_THAT(scores.body, HasSubstr("unit,name_zh,name_en,year,parks,noise,all"));
  EXPECT_EQ(ask(Method::get, "/api/v1/indices/towns/files/data.csv", reader_).body, kTable);
  EXPECT_EQ(ask(Method::get, "/api/v1/indices/towns/files/report.json", reader_).status, 404);
}

TEST_F(IndexRoutesTest, APlanSaysWhatLiftsAUnitByTheCostsThatAreGiven) {
  const auto plan = [&](const std::string& body) {
    return ask(Method::post, "/api/v1/indices/towns/what-if", reader_, body);
  };
  const net::Response cheap_parks = plan(R"({"unit":"a","ranks":1,"costs":{"parks":0.1,"noise":100}})");
  ASSERT_EQ(cheap_parks.status, 200) << cheap_parks.body;
  const JsonValue told = json(cheap_parks);
  const JsonValue* const what = told.find("what_if");
  ASSERT_TRUE(what);
  EXPECT_TRUE(what->boolean_or("confirmed", false));
  EXPECT_EQ(what->find("moves")->array()->at(0).number_or("indicator", -1), 0) << "parks are cheaper";
  const JsonValue other = json(plan(R"({"unit":"a","ranks":1,"costs":{"parks":100,"noise":0.1}})"));
  EXPECT_EQ(other.find("what_if")->find("moves")->array()->at(0).number_or("indicator", -1), 1);
  EXPECT_EQ(plan(R"({"unit":"b"})").status, 400) << "it is first";
  EXPECT_EQ(plan(R"({"unit":"nobody"})").status, 404);
  EXPECT_EQ(plan(R"({"unit":"a","ranks":0})").status, 400);
  EXPECT_EQ(plan(R"({"unit":"a","costs":{"parks":-1}})").status, 400);
  EXPECT_EQ(plan(R"({"unit":"a","costs":{"park":1}})").status, 404);
  EXPECT_EQ(ask(Method::post, "/api/v1/indices/maturity/what-if", reader_, R"({"unit":"a"})").status, 409);
}

TEST_F(IndexRoutesTest, EachSavingIsKeptWithWhoAndWhenAndTheNewestCounts) {
  const std::string first = "criterion,met,evidence\nstrategy_plan_1,yes,the approval\nstrategy_plan_2,maybe,\n";
  const net::Response saved = save("maturity", first, filler_, R"("note":"spring","after":0)");
  ASSERT_EQ(saved.status, 201) << saved.body;
  EXPECT_EQ(json(saved).number_or("number", 0), 1);
  EXPECT_EQ(json(saved).number_or("flawed", 0), 1) << "'maybe' is no answer, and hides nothing";
  EXPECT_EQ(save("maturity", first, filler_, R"("after":0)").status, 409) << "somebody else was quicker";
  EXPECT_EQ(save("maturity", "criterion,met\n", filler_, R"("after":1)").status, 201);
  const JsonValue list = json(ask(Method::get, "/api/v1/indices/maturity/savings", reader_));
  const auto& savings = *list.find("savings")->array();
  ASSERT_EQ(savings.size(), 2u);
  EXPECT_EQ(savings[0].number_or("number", 0), 2);
  EXPECT_EQ(savings[1].text_or("by", ""), "program:planner");
  EXPECT_EQ(savings[1].text_or("note", ""), "spring");
  EXPECT_EQ(json(ask(Method::get, "/api/v1/indices/maturity/savings/1", reader_)).text_or("data", ""), first);
  EXPECT_EQ(ask(Method::get, "/api/v1/indices/maturity/savings/3", reader_).status, 404);
  const JsonValue page = json(report("maturity"));
  EXPECT_EQ(page.number_or("saving", 0), 2);
  const JsonValue& strategy = page.find("report")->find("capabilities")->array()->at(0);
  EXPECT_EQ(strategy.find("criteria")->array()->at(0).text_or("met", "-"), "") << "the second saving says nothing";
}

TEST_F(IndexRoutesTest, ASavingStandsAfterARestart) {
  ASSERT_EQ(save("towns", "unit,parks,noise\na,1,2\nb,2,1\n", filler_).status, 201);
  close();
  open();
  EXPECT_EQ(json(report("towns?samples=0")).find("report")->find("units")->array()->size(), 2u);
}

TEST_F(IndexRoutesTest, WhatCannotBeReadIsNotSavedAndASurveyIsNotSavedAtAll) {
  EXPECT_EQ(save("towns", "", filler_).status, 422);
  EXPECT_EQ(save("towns", "town;parks\n", filler_).status, 422) << "there is no column of units";
  EXPECT_EQ(save("towns", kTable, filler_, R"("frame":"kind = \"nonsense\"")").status, 422);
  EXPECT_EQ(save("elsewhere", kTable, filler_).status, 404) << "a new index comes with its frame";
  EXPECT_EQ(save("Bad.Name", kTable, filler_).status, 422);
  EXPECT_EQ(save("people_feelings", "unit,inclusion_1\np1,4\n", filler_).status, 409)
      << "the log cannot forget what a person answered";
  EXPECT_THAT(ask(Method::get, "/api/v1/indices/people_feelings/files/data.csv", reader_).status, 409);
  const JsonValue list = json(ask(Method::get, "/api/v1/indices/towns/savings", reader_));
  EXPECT_TRUE(list.find("savings")->array()->empty());
}

TEST_F(IndexRoutesTest, WhoReadsMayNotSaveAndWhoSeesTheCityAloneReadsNoEvidence) {
  EXPECT_EQ(save("towns", kTable, reader_).status, 403);
  EXPECT_EQ(ask(Method::get, "/api/v1/indices", token("viewer")).status, 403);
  EXPECT_EQ(ask(Method::get, "/api/v1/indices/maturity", token("worker", "water")).status, 403);
  EXPECT_EQ(ask(Method::get, "/api/v1/indices/maturity", "").status, 401);
}

}  // namespace
}  // namespace cityloop::app
