// A case printed and exported with its evidence, over a whole house: who may, what is in it, that it verifies, and that
// the log says who was given it.
#include <gmock/gmock.h>
#include <zip.h>

#include <cstdlib>
#include <fstream>
#include <thread>

#include "flow/noun.h"
#include "flow/own_types.h"
#include "test/app/house_fixture.h"
#include "trust/secret.h"

namespace cityloop::app {
namespace {

using base::JsonValue;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kMore = R"(
[intake]
kind = "other"
[[case]]
id = "other"
name = { zh = "其他", en = "Other" }
verify_hold = "0s"
auto_dispatch = false
)";

class DossierTest : public HouseTest {
 protected:
  DossierTest() {
    write("city/casework/more.toml", kMore);
    write("city/casework/cases.toml",
          std::string(kCasesToml) + "close_within = \"4h\"\nescalate_to = \"supervisor\"\n");
    close();
    open();
    operator_ = token("operator");
  }
  static JsonValue json(const net::Response& response) {
    const auto parsed = JsonValue::parse(response.body);
    EXPECT_TRUE(parsed) << response.status << response.body;
    return parsed.value_or(JsonValue{});
  }
  std::string report(const std::string& words, const std::string& shown) {
    const auto answer = ask(
        Method::post, "/api/v1/cases", shown,
        fmt::format(
            R"({{"channel":"hotline","description":"{}","location":{{"type":"Point","coordinates":[120.15,30.25]}}}})",
            words));
    EXPECT_EQ(answer.status, 201) << answer.body;
    return json(answer).text_or("id", "");
  }
  void step(const std::string& id, const std::string& shown, const std::string& verb, const std::string& note,
            const std::string& fields = "{}") {
    const auto answer = ask(Method::post, "/api/v1/cases/" + id + "/actions", shown,
                            fmt::format(R"({{"verb":"{}","note":"{}","fields":{}}})", verb, note, fields));
    EXPECT_EQ(answer.status, 200) << answer.body;
  }
  net::Response sheet(const std::string& id, const std::string& shown, const char* lang = "zh") {
    return ask(Method::get, fmt::format("/api/v1/cases/{}/dossier.pdf?lang={}", id, lang), shown);
  }
  // The files of a ZIP by their names, without their folder.
  static std::map<std::string, std::string> unpack(const std::string& zip) {
    std::map<std::string, std::string> out;
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* const source = zip_source_buffer_create(zip.data(), zip.size(), 0, &error);
    zip_t* const archive = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
    EXPECT_TRUE(archive) << zip_error_strerror(&error);
    for (zip_int64_t i = 0; archive && i < zip_get_num_entries(archive, 0); ++i) {
      zip_stat_t stat;
      zip_stat_index(archive, zip_uint64_t(i), 0, &stat);
      std::string content(stat.size, '\0');
      zip_file_t* const file = zip_fopen_index(archive, zip_uint64_t(i), 0);
      EXPECT_EQ(zip_fread(file, content.data(), content.size()), zip_int64_t(content.size()));
      zip_fclose(file);
      const std::string name = stat.name;
      out[name.substr(name.find('/') + 1)] = std::move(content);
    }
    if (archive) zip_close(archive);
    return out;
  }
  std::map<std::string, std::string> evidence(const std::string& id, const std::string& shown) {
    const auto answer = ask(Method::get, fmt::format("/api/v1/cases/{}/dossier.zip", id), shown);
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.content_type, "application/zip");
    return unpack(answer.body);
  }
  // Every sum that the manifest and SHA256SUMS name, compared with what is there.
  static void verify(const std::map<std::string, std::string>& files) {
    const auto manifest = JsonValue::parse(files.at("manifest.json")).value();
    std::size_t named = 0;
    for (const JsonValue& one : *manifest.find("files")->array()) {
      const auto found = files.find(one.text_or("name", ""));
      ASSERT_NE(found, files.end()) << one.dump();
      EXPECT_EQ(one.text_or("sha256", ""), trust::fingerprint(found->second)) << one.dump();
      EXPECT_EQ(one.number_or("bytes", -1), double(found->second.size()));
      EXPECT_THAT(files.at("SHA256SUMS"),
                  HasSubstr(fmt::format("{}  {}\n", one.text_or("sha256", ""), one.text_or("name", ""))));
      ++named;
    }
    EXPECT_EQ(named + 2, files.size()) << "beside the manifest and the sums everything is named";
    EXPECT_THAT(files.at("SHA256SUMS"), HasSubstr(trust::fingerprint(files.at("manifest.json")) + "  manifest.json\n"));
    std::istringstream lines(files.at("log.jsonl"));
    const auto& records = *manifest.find("records")->array();
    std::size_t at = 0;
    for (std::string line; std::getline(lines, line); ++at) {
      const auto record = JsonValue::parse(line).value();
      ASSERT_LT(at, records.size());
      EXPECT_EQ(record.number_or("seq", 0), records[at].number_or("seq", -1));
      EXPECT_EQ(record.text_or("sha256", ""), records[at].text_or("sha256", "-"));
    }
    EXPECT_EQ(at, records.size());
  }
  std::string text_of(const std::string& pdf) const {
    const std::string in = (root_ / "sheet.pdf").string(), out = (root_ / "sheet.txt").string();
    std::ofstream(in, std::ios::binary) << pdf;
    EXPECT_EQ(std::system(fmt::format("pdftotext -layout {} {}", in, out).c_str()), 0);
    std::ifstream file(out);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string operator_;
};

bool has_poppler() {
  return std::system("command -v pdftotext >/dev/null 2>&1") == 0;
}

TEST_F(DossierTest, ASensorsCaseIsPrintedWithItsReadingsItsStepsAndWhoTookThem) {
  const std::string program = token("integrator"), worker = token("worker", "water");
  for (const double level : {0.05, 0.1, 0.2, 0.28, 0.5, 0.62}) {
    EXPECT_LT(ask(Method::post, "/ngsi-ld/v1/entityOperations/upsert", program, reading(level)).status, 300);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  const std::string id = wait_for_case(operator_).text_or("id", "");
  step(id, worker, "accept", "on my way");
  const auto answer = sheet(id, operator_);
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.content_type, "application/pdf");
  EXPECT_TRUE(answer.body.starts_with("%PDF-1."));
  if (!has_poppler()) GTEST_SKIP() << "no poppler-utils";
  const std::string zh = text_of(answer.body);
  for (const char* words : {"城市事件案卷", "试验区", "积水", "严重", "水务", "传感发现", "处置中", "结案时限",
                            "waterLevel", "触发", "办理经过", "接单", "已派遣 → 处置中", "on my way", "一号下穿"})
    EXPECT_THAT(zh, HasSubstr(words));
  const std::string en = text_of(sheet(id, operator_, "en").body);
  for (const char* words : {"Case record", "Testville", "is flooding", "Severe", "Water", "In work",
                            "Dispatched → In work", "To be closed", "day and night", "What happened, step by step"})
    EXPECT_THAT(en, HasSubstr(words));
}

TEST_F(DossierTest, TheEvidenceHoldsEveryRecordWithBeforeAndAfterAndVerifies) {
  const std::string worker = token("worker", "water");
  const std::string id = report("积水很深，请打 13812345678 找我", operator_);
  step(id, operator_, "take_up", "", R"({"kind":"flooding"})");
  step(id, worker, "accept", "");
  step(id, worker, "report", "pumped dry, mail me at li@example.com");
  const auto files = evidence(id, operator_);
  for (const char* name : {"sheet.zh.pdf", "sheet.en.pdf", "case.json", "log.jsonl", "README.zh.txt", "README.en.txt",
                           "manifest.json", "SHA256SUMS", "rules/cases.toml", "rules/workflow.toml", "rules/more.toml"})
    EXPECT_TRUE(files.contains(name)) << name;
  verify(files);
  const std::string& log = files.at("log.jsonl");
  for (const char* part : {R"("before":"dispatched","after":"working")", R"("before":"working","after":"reported")",
                           "\"Action\"", "\"Notice\"", "program:workerwater"})
    EXPECT_THAT(log, HasSubstr(part));
  for (const auto& [name, content] : files) {
    if (name.ends_with(".pdf")) continue;
    EXPECT_THAT(content, Not(HasSubstr("13812345678"))) << name;
    EXPECT_THAT(content, Not(HasSubstr("li@example.com"))) << name;
  }
  if (has_poppler()) {
    EXPECT_THAT(text_of(files.at("sheet.zh.pdf")), Not(HasSubstr("13812345678")));
    EXPECT_THAT(text_of(files.at("sheet.en.pdf")), HasSubstr("pumped dry"));
  }
  const JsonValue page = json(ask(Method::get, "/api/v1/cases/" + id, operator_));
  const JsonValue kept = JsonValue::parse(files.at("case.json")).value();
  for (const char* field : {"id", "code", "state", "department", "openedAt"})
    EXPECT_EQ(kept.text_or(field, "-"), page.text_or(field, ""));
  EXPECT_EQ(kept.find("timeline")->array()->size(), page.find("timeline")->array()->size());
}

TEST_F(DossierTest, OnlyWhoMayReadTheCaseIsGivenItAndTheLogSaysWho) {
  const std::string id = report("a lamp is out", operator_);
  const std::string stranger = token("worker", "traffic"), viewer = token("viewer");
  for (const char* form : {"pdf", "zip"}) {
    const std::string path = fmt::format("/api/v1/cases/{}/dossier.{}", id, form);
    EXPECT_EQ(ask(Method::get, path, "").status, 401);
    EXPECT_EQ(ask(Method::get, path, viewer).status, 403);
    EXPECT_EQ(ask(Method::get, path, stranger).status, 403);
    EXPECT_EQ(ask(Method::get, fmt::format("/api/v1/cases/urn:ngsi-ld:Case:none/dossier.{}", form), operator_).status,
              404);
  }
  const auto exports = [&] {
    std::vector<flow::EntityPtr> out;
    machine_->twin().each(flow::kCaseExportType, [&](const flow::EntityPtr& one) { return out.push_back(one), true; });
    return out;
  };
  EXPECT_TRUE(exports().empty()) << "what was refused was not given";
  const std::string number = json(ask(Method::get, "/api/v1/cases/" + id, operator_)).text_or("code", "");
  const auto answer = sheet(number, operator_);
  ASSERT_EQ(answer.status, 200) << answer.body;
  ASSERT_EQ(exports().size(), 1u);
  const flow::Entity& noted = *exports().front();
  EXPECT_EQ(noted.text(flow::Name("by")), "program:operator");
  EXPECT_EQ(noted.text(flow::Name("sha256")), trust::fingerprint(answer.body));
  EXPECT_EQ(flow::link_field(noted, "case").text(), id);
  EXPECT_NE(flow::time_field(noted, "at"), flow::kNever);
  EXPECT_EQ(ask(Method::get, "/ngsi-ld/v1/entities/" + std::string(noted.id.text()), token("admin")).status, 404);
  // The next one tells of it.
  EXPECT_THAT(evidence(id, operator_).at("log.jsonl"), HasSubstr(trust::fingerprint(answer.body)));
  EXPECT_EQ(exports().size(), 2u);
}

TEST_F(DossierTest, AnArchivedCaseHasItsEvidenceAfterARestartAsWell) {
  std::ifstream in(root_ / "city/casework/workflow.toml");
  std::string workflow{std::istreambuf_iterator<char>(in), {}};
  for (std::size_t at; (at = workflow.find("kept = \"7d\"")) != std::string::npos;)
    workflow.replace(at, 11, "kept = \"1s\"");
  write("city/casework/workflow.toml", workflow);
  close();
  open();
  const std::string id = report("not ours", operator_);
  step(id, operator_, "refuse", "the railway's");
  for (int i = 0; i < 500 && machine_->twin().get(flow::EntityId(id)); ++i) {
    machine_->twin().commit({.writes = {}, .origin = flow::Name("test"), .tick = true});
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ASSERT_FALSE(machine_->twin().get(flow::EntityId(id))) << "it is in the archive";
  const auto before = evidence(id, operator_);
  close();
  open();
  const auto after = evidence(id, operator_);
  for (const auto* files : {&before, &after}) {
    verify(*files);
    EXPECT_THAT(files->at("case.json"), HasSubstr("\"archived\":true"));
    EXPECT_THAT(files->at("log.jsonl"), HasSubstr("\"after\":\"refused\""));
    EXPECT_THAT(files->at("log.jsonl"), HasSubstr("\"kind\":\"erased\""));
  }
  if (has_poppler()) EXPECT_THAT(text_of(after.at("sheet.en.pdf")), HasSubstr("the railway's"));
}

TEST_F(DossierTest, OnesOwnSecondDossierWaitsForTheFirst) {
  const std::string id = report("busy", operator_);
  std::vector<std::thread> askers;
  std::atomic<int> given{0}, later{0}, other{0};
  for (int i = 0; i < 12; ++i) {
    askers.emplace_back([&] {
      const auto answer = ask(Method::get, "/api/v1/cases/" + id + "/dossier.zip", operator_);
      ++(answer.status == 200 ? given : answer.status == 429 ? later : other);
      if (answer.status == 429)
        EXPECT_TRUE(std::ranges::any_of(answer.headers, [](const auto& h) { return h.first == "Retry-After"; }));
    });
  }
  for (std::thread& one : askers) one.join();
  EXPECT_GE(given, 1);
  EXPECT_EQ(other, 0);
  EXPECT_EQ(given + later, 12);
  EXPECT_EQ(sheet(id, operator_).status, 200) << "whoever has been answered may ask again";
}

}  // namespace
}  // namespace cityloop::app
