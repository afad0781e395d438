// A city with award cycles in it: twin, casework, the package's tables and files, everything but the network. The clock
// stands until a test moves it.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "casework/case_loop.h"
#include "domain/awards/entry/entry_desk.h"
#include "trust/accounts.h"
#include "trust/secret.h"
#include "twin/loop.h"

namespace cityloop::awards {

using base::JsonValue;

inline Instant at(const char* text) {
  return base::parse_time(text).value();
}

// Keeps what it is given; a test may let it fail.
class NotedLog final : public SubmissionLog {
 public:
  base::Result<std::string> append(const Received& one) override {
    if (failing) return base::fail(base::Errc::unavailable, "the log is away");
    subjects.push_back(fmt::format("{} {}", one.what, one.subject));
    base::JsonWriter out;
    out.object().field("subject", one.subject).field("digest", trust::fingerprint(one.text)).end();
    return out.take();
  }
  bool failing{false};
  std::vector<std::string> subjects;
};

// A PDF of these objects; the first is its root.
inline std::string pdf_from(const std::vector<std::string>& objects) {
  std::string out = "%PDF-1.7\n", table;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    table += fmt::format("{:010} 00000 n \n", out.size());
    out += fmt::format("{} 0 obj\n{}\nendobj\n", i + 1, objects[i]);
  }
  const std::size_t start = out.size();
  out += fmt::format("xref\n0 {}\n0000000000 65535 f \n{}trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{}\n%%EOF\n",
                     objects.size() + 1, table, objects.size() + 1, start);
  return out;
}

// A PDF of so many empty pages; `more` stands among its objects, `catalog` in its root.
inline std::string pdf_of(unsigned pages, const std::string& catalog = "", const std::string& more = "") {
  std::vector<std::string> objects{fmt::format("<< /Type /Catalog /Pages 2 0 R {} >>", catalog), ""};
  std::string kids;
  for (unsigned i = 0; i < pages; ++i) {
    objects.emplace_back("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>");
    kids += fmt::format("{} 0 R ", objects.size());
  }
  objects[1] = fmt::format("<< /Type /Pages /Count {} /Kids [ {}] >>", pages, kids);
  if (!more.empty()) objects.push_back(more);
  return pdf_from(objects);
}

// A page with one line of text.
inline std::string pdf_saying(std::string_view text) {
  const std::string pen = fmt::format("BT /F1 12 Tf 20 150 Td ({}) Tj ET", text);
  const std::string page =
      "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 200] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>";
  return pdf_from({"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Count 1 /Kids [3 0 R] >>", page,
                   fmt::format("<< /Length {} >>\nstream\n{}\nendstream", pen.size(), pen),
                   "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"});
}

// A cycle small enough to be filled in by a test, with all that the worked examples have.
inline constexpr const char* kTestCycle = R"(
id = "test-2026"
prefix = "T26"
year = 2026
name = { zh = "试验奖", en = "Test award" }
organiser = { zh = "试验会", en = "Test club" }
time_zone = "Asia/Shanghai"
opens = "2026-03-10"
closes = "2026-06-15"
languages = ["zh", "en"]
reviewers = 2
per_unit_max = 2
shortlist = 2
confirm_within = "10d"
bonus_max = 2
certificate = { zh = "特发此证。", en = "is hereby certified." }
[[category]]
id = "city"
name = { zh = "城市", en = "City" }
description = { zh = "城市", en = "City" }
key_words = ["data", "数据"]
status = ["in_progress", "done"]
[[category]]
id = "innovation"
name = { zh = "创新", en = "Innovation" }
description = { zh = "创新", en = "Innovation" }
cases_min = 1
[[field]]
id = "title"
name = { zh = "名称", en = "Title" }
type = "line"
title = true
both = true
max_chars = 40
[[field]]
id = "unit"
name = { zh = "单位", en = "Unit" }
type = "line"
blind = "hide"
[[field]]
id = "status"
name = { zh = "状态", en = "Status" }
type = "choice"
status = true
choices = [{ id = "planned", zh = "规划", en = "planned" }, { id = "done", zh = "完成", en = "done" }]
[[field]]
id = "summary"
name = { zh = "摘要", en = "Summary" }
max_chars = 20
[[field]]
id = "people"
name = { zh = "人口", en = "People" }
type = "number"
least = 1
required = false
[[field]]
id = "mail"
name = { zh = "邮箱", en = "E-mail" }
type = "email"
blind = "hide"
[[field]]
id = "position"
name = { zh = "位置", en = "Position" }
type = "place"
required = false
[[field]]
id = "true"
name = { zh = "属实", en = "True" }
type = "yes"
[[file]]
id = "case"
name = { zh = "案例", en = "Case" }
supporting_cases = true
most = 3
pages_max = 10
mib_max = 1
[[dimension]]
id = "effect"
name = { zh = "成效", en = "Effect" }
[[dimension]]
id = "novelty"
name = { zh = "创新", en = "Novelty" }
[[bonus]]
id = "certified"
name = { zh = "认证", en = "Certified" }
points = 2
[[stage]]
id = "questions"
name = { zh = "答疑", en = "Questions" }
opens = "2026-06-16"
closes = "2026-06-30"
[[stage]]
id = "review"
name = { zh = "评审", en = "Review" }
opens = "2026-06-20"
closes = "2026-07-03"
[video]
seconds_max = 60
subtitles = ["zh", "en"]
[[channel]]
id = "library"
name = { zh = "案例库", en = "Library" }
[[channel]]
id = "book"
name = { zh = "汇编", en = "Book" }
[[prize]]
id = "leader"
name = { zh = "领军人物", en = "Leader" }
of = "person"
)";

class AwardCity : public testing::Test {
 protected:
  AwardCity() {
    static std::atomic<int> count{0};
    // In memory where there is such a place: what people do is tested here, not the disk.
    const std::filesystem::path memory = "/dev/shm";
    folder_ = (std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path()) /
              fmt::format("cityloop-awards-{}-{}", ::getpid(), count++);
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    clock_.advance_to(at("2026-04-01T08:00:00Z"));
    cycles_.push_back(read_cycle(kTestCycle, "test.toml").value());
    flow::RuleFiles files{
        {"workflow_award.toml", base::read_file("domain/awards/casework/workflow_award.toml").value()}};
    auto rules = casework::CaseRules::parse(std::move(files), {});
    if (!rules) throw std::runtime_error(rules.error().message);
    rules_ = *rules;
    open_city();
    open_desk();
  }
  ~AwardCity() override {
    close_desk();
    close_city();
    std::filesystem::remove_all(folder_);
  }

  void open_city() {
    store_ = store::Store::open((folder_ / "store").string()).value();
    twin_ = twin::Twin::open(*store_, clock_, {}).value();
    loop_ = std::make_unique<casework::CaseLoop>(casework::CaseLoopOptions{[](std::string_view) { return ""; }});
    runner_ = std::make_unique<twin::LoopRunner>(*twin_, *loop_);
    actions_ = std::make_unique<serve::ActionDesk>(*twin_);
    twin::Commit commit;
    commit.writes.push_back(rules_->to_write(clock_.now()));
    commit.origin = flow::Name("app");
    if (!twin_->commit(std::move(commit)).status || !runner_->start())
      throw std::runtime_error("the city does not start");
  }
  void close_city() {
    runner_.reset();
    actions_.reset();
    loop_.reset();
    twin_.reset();
    store_.reset();
  }
  void open_desk() {
    book_ = Book::open((folder_ / "awards.db").string()).value();
    vault_ = std::make_unique<Vault>(Vault::open(folder_.string(), 0).value());
    stages_ = std::make_unique<Stages>(*twin_, *actions_);
    desk_ = std::make_unique<EntryDesk>(cycles_, *book_, *vault_, *stages_, log_);
  }
  void close_desk() {
    desk_.reset();
    stages_.reset();
    vault_.reset();
    book_.reset();
  }

  void time_is(const char* text) { clock_.advance_to(at(text)); }
  Instant now() const { return clock_.now(); }

  Applicant applicant(const std::string& name, const std::string& unit = "") {
    return desk_
        ->put_profile("user:" + name,
                      JsonValue::parse(fmt::format(R"({{"unit":{{"en":"{}"}},"person":"{}","email":"{}@example.org"}})",
                                                   unit.empty() ? name + " & Co" : unit, name, name))
                          .value())
        .value();
  }
  static std::string answers(std::string_view title, std::string_view status = "done") {
    return fmt::format(
        R"({{"title":{{"zh":"{}","en":"A {}"}},"unit":"City hall","status":"{}","summary":"short","mail":"a@b.org","position":"31.2304,121.4737","true":true}})",
        title, title, status);
  }
  Proposal saved(const Applicant& who, const Proposal& one, const std::string& json) {
    const JsonValue given = JsonValue::parse(json).value();
    auto out = desk_->save(who, one.id, one.revision, "", &given, now());
    if (!out) throw std::runtime_error(out.error().message);
    return *out;
  }
  Proposal draft(const Applicant& who, std::string_view title, const std::string& category = "city") {
    return saved(who, desk_->make(who, "test-2026", category, now()).value(), answers(title));
  }
  Proposal submitted(const Applicant& who, std::string_view title, const std::string& category = "city") {
    const Proposal one = draft(who, title, category);
    const auto done = desk_->submit(who, one.id, now());
    if (!done) throw std::runtime_error(done.error().message);
    return seen(one.id);
  }
  Proposal seen(const std::string& id) { return book_->proposal(id).value().value(); }
  // A step of the staff.
  Proposal step(const std::string& id, std::string_view verb, std::string_view role) {
    auto out = desk_->take(seen(id), verb, fmt::format("user:{}", role), role, now());
    if (!out) throw std::runtime_error(fmt::format("{}: {}", verb, out.error().message));
    return *out;
  }
  Proposal shortlisted(const Applicant& who, std::string_view title) {
    Proposal one = submitted(who, title);
    step(one.id, "accept_entry", "secretary");
    step(one.id, "begin_review", "secretary");
    step(one.id, "end_review", "chair");
    one = step(one.id, "shortlist", "chair");
    one.shortlisted_at = now();
    EXPECT_TRUE(book_->put_proposal(one));
    return one;
  }
  base::Result<TakenFile> send(const Applicant& who, const std::string& proposal, const std::string& slot,
                               const std::string& bytes, const std::string& name = "a.pdf") {
    const Upload upload = TRY(desk_->begin_upload(who, proposal, {slot, name, "", bytes.size()}, now()));
    TRY(desk_->take_part(who, upload.id, 0, bytes));
    return desk_->finish_upload(who, upload.id, now());
  }

  std::filesystem::path folder_;
  base::ManualClock clock_;
  std::vector<Cycle> cycles_;
  casework::CaseRulesPtr rules_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<twin::Twin> twin_;
  std::unique_ptr<casework::CaseLoop> loop_;
  std::unique_ptr<twin::LoopRunner> runner_;
  std::unique_ptr<serve::ActionDesk> actions_;
  NotedLog log_;
  std::unique_ptr<Book> book_;
  std::unique_ptr<Vault> vault_;
  std::unique_ptr<Stages> stages_;
  std::unique_ptr<EntryDesk> desk_;
};

}  // namespace cityloop::awards
