// What is kept beside the log, and that what was erased is gone.
#include "civic/book.h"

#include <unistd.h>

#include <filesystem>

#include <gmock/gmock.h>

#include "base/file.h"

namespace cityloop::civic {
namespace {

using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

class BookTest : public testing::Test {
 protected:
  BookTest() {
    folder_ =
        std::filesystem::temp_directory_path() /
        fmt::format("cityloop-book-{}-{}", testing::UnitTest::GetInstance()->current_test_info()->name(), ::getpid());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    open();
  }
  ~BookTest() override {
    book_.reset();
    std::filesystem::remove_all(folder_);
  }
  void open() {
    book_.reset();
    book_ = Book::open(file()).value();
  }
  std::string file() const { return (folder_ / "civic.db").string(); }
  std::string bytes_on_disk() const {
    std::string all;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) all += base::read_file(entry.path()).value();
    return all;
  }
  void post(const std::string& number, const Contact& contact = {}, Instant at = kNow) {
    Report report;
    report.number = number;
    report.service = "other";
    report.at = at;
    ASSERT_TRUE(book_->put_report(report, contact));
  }

  static constexpr Instant kNow = base::from_us(1'800'000'000'000'000);
  std::filesystem::path folder_;
  std::unique_ptr<Book> book_;
};

TEST_F(BookTest, AReportPostedTwiceKeepsItsFirstContact) {
  post("aaaa", {"Li Wei", "li@example.com", "", "zh"});
  post("aaaa", {"Somebody", "else@example.com", "", ""});
  open();
  EXPECT_EQ(book_->contact("aaaa").value()->email, "li@example.com");
  EXPECT_FALSE(book_->contact("bbbb").value());
}

TEST_F(BookTest, AnErasedContactIsNoLongerInAnyByteOnDisk) {
  post("aaaa", {"Liesel Unmistakable", "unmistakable@example.com", "0551-1234", "en"});
  ASSERT_THAT(bytes_on_disk(), HasSubstr("unmistakable@example.com"));
  ASSERT_TRUE(book_->erase_contact("aaaa"));
  for (const char* trace : {"unmistakable@example.com", "Liesel Unmistakable", "0551-1234"})
    EXPECT_THAT(bytes_on_disk(), Not(HasSubstr(trace)));
  EXPECT_TRUE(book_->report("aaaa").value());  // the report stays
}

TEST_F(BookTest, ARefusedReportLeavesNothingAndAFiledOneStays) {
  post("aaaa", {"", "a@example.com", "", ""});
  post("bbbb", {"", "b@example.com", "", ""});
  ASSERT_TRUE(book_->bind("bbbb", "urn:case:b"));
  ASSERT_TRUE(book_->drop_report("aaaa"));
  ASSERT_TRUE(book_->drop_report("bbbb"));
  EXPECT_FALSE(book_->report("aaaa").value());
  EXPECT_FALSE(book_->contact("aaaa").value());
  EXPECT_TRUE(book_->contact("bbbb").value());
  EXPECT_THAT(bytes_on_disk(), Not(HasSubstr("a@example.com")));
}

TEST_F(BookTest, ContactsGoWhenTheirTimeIsOver) {
  const Contact contact{"", "x@example.com", "", ""};
  post("open", contact), post("ended", contact), post("recent", contact), post("never", contact, kNow - 24h);
  for (const char* number : {"open", "ended", "recent"}) ASSERT_TRUE(book_->bind(number, number));
  Report ended = *book_->report("ended").value(), recent = *book_->report("recent").value();
  ended.ended_at = kNow - 2h;
  recent.ended_at = kNow;
  ASSERT_TRUE(book_->set_progress(ended));
  ASSERT_TRUE(book_->set_progress(recent));
  EXPECT_EQ(book_->erase_contacts_before(kNow - 1h).value(), 2);
  EXPECT_TRUE(book_->contact("open").value());
  EXPECT_TRUE(book_->contact("recent").value());
  EXPECT_FALSE(book_->contact("ended").value());
  EXPECT_FALSE(book_->contact("never").value());
}

TEST_F(BookTest, ANoticeIsMadeOnceAndWaitsForTheOneBefore) {
  post("aaaa", {"", "x@example.com", "", ""});
  ASSERT_TRUE(book_->bind("aaaa", "c"));
  Report report = *book_->report("aaaa").value();
  const Notice first{"aaaa:c:0", "aaaa", "received", kNow, {"一", "one"}};
  const Notice second{"aaaa:c:1", "aaaa", "sent", kNow + 1s, {"二", "two"}};
  report.told = 1;
  ASSERT_TRUE(book_->advance(report, {first}));
  report.told = 2;
  ASSERT_TRUE(book_->advance(report, {{"aaaa:c:0", "aaaa", "received", kNow, {"改", "changed"}}, second}));
  auto due = book_->due_mails(kNow, 10).value();
  ASSERT_EQ(due.size(), 1U);  // the second waits
  EXPECT_EQ(due[0].is.text.en, "one");
  EXPECT_EQ(due[0].to.email, "x@example.com");
  ASSERT_TRUE(book_->failed({"aaaa:c:0"}, kNow + 1min, "no route"));
  EXPECT_TRUE(book_->due_mails(kNow, 10).value().empty());
  EXPECT_EQ(book_->due_mails(kNow + 1min, 10).value().at(0).attempts, 1U);
  ASSERT_TRUE(book_->delivered({"aaaa:c:0"}, kNow));
  EXPECT_EQ(book_->due_mails(kNow, 10).value().at(0).is.key, "aaaa:c:1");
  ASSERT_TRUE(book_->give_up({"aaaa:c:1"}, kNow, "no such mailbox"));
  EXPECT_TRUE(book_->due_mails(kNow, 10).value().empty());
  const auto counts = book_->outbox_counts(Channel::mail).value();
  EXPECT_EQ(counts.delivered, 1);
  EXPECT_EQ(counts.given_up, 1);
}

TEST_F(BookTest, WhoGivesAnAddressLaterIsNotWrittenToAboutThePast) {
  post("aaaa");
  ASSERT_TRUE(book_->bind("aaaa", "c"));
  Report report = *book_->report("aaaa").value();
  ASSERT_TRUE(book_->advance(report, {{"aaaa:c:0", "aaaa", "received", kNow, {"一", "one"}}}));
  ASSERT_TRUE(book_->put_contact("aaaa", {"", "x@example.com", "", ""}));
  EXPECT_TRUE(book_->due_mails(kNow, 10).value().empty());
  ASSERT_TRUE(book_->advance(report, {{"aaaa:c:1", "aaaa", "sent", kNow, {"二", "two"}}}));
  EXPECT_EQ(book_->due_mails(kNow, 10).value().size(), 1U);
  ASSERT_TRUE(book_->put_contact("aaaa", {"", "y@example.com", "", ""}));  // another address: still to be told
  EXPECT_EQ(book_->due_mails(kNow, 10).value().at(0).to.email, "y@example.com");
}

TEST_F(BookTest, EachChannelKeepsItsOwnStateOfANotice) {
  post("aaaa", {"", "x@example.com", "", "en"});
  ASSERT_TRUE(book_->bind("aaaa", "c"));
  for (const char* id : {"phone", "desk"})
    ASSERT_TRUE(book_->put_browser({"aaaa", id, fmt::format("https://push.example/{}", id), "k", "a", "", kNow}));
  Report report = *book_->report("aaaa").value();
  ASSERT_TRUE(book_->advance(
      report, {{"n1", "aaaa", "sent", kNow, {"一", "one"}}, {"n2", "aaaa", "fixed", kNow + 1s, {"二", "two"}}}));
  EXPECT_EQ(book_->outbox_counts(Channel::mail).value().waiting, 2);
  EXPECT_EQ(book_->outbox_counts(Channel::push).value().waiting, 4);
  auto due = book_->due_pushes(kNow, 10).value();
  ASSERT_EQ(due.size(), 2U);  // the first notice to each; the second waits
  EXPECT_EQ(due[0].language, "en");
  ASSERT_TRUE(book_->delivered({"n1", Channel::push, "phone"}, kNow));
  ASSERT_TRUE(book_->failed({"n1", Channel::push, "desk"}, kNow + 1min, "503"));
  due = book_->due_pushes(kNow, 10).value();
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].is.key, "n2");
  EXPECT_EQ(due[0].to.id, "phone");
  EXPECT_EQ(book_->due_mails(kNow, 10).value().at(0).is.key, "n1");  // knows nothing of it
  ASSERT_TRUE(book_->put_off({"n2", Channel::push, "phone"}, kNow + 1h));
  EXPECT_TRUE(book_->due_pushes(kNow, 10).value().empty());
  EXPECT_EQ(book_->due_pushes(kNow + 1h, 10).value().size(), 2U);
  EXPECT_EQ(book_->due_pushes(kNow + 1min, 10).value().at(0).attempts, 1U);
}

TEST_F(BookTest, BrowsersAreFewAndGoWithTheContactOrWhenTheyAreNoMore) {
  post("aaaa", {"", "x@example.com", "", ""}), post("bbbb");
  const auto put = [&](const std::string& report, const std::string& id, Instant at = kNow) {
    const std::string endpoint = fmt::format("https://push.example/unmistakable-{}", id);
    ASSERT_TRUE(book_->put_browser({report, id, endpoint, "k", "a", "", at}));
  };
  for (int i = 0; i < 7; ++i) put("aaaa", fmt::format("{}", i), kNow + i * 1s);
  EXPECT_EQ(book_->browsers("aaaa").value(), kBrowsersMax);
  EXPECT_THAT(bytes_on_disk(), Not(HasSubstr("unmistakable-1")));
  put("aaaa", "6");
  EXPECT_EQ(book_->browsers("aaaa").value(), kBrowsersMax);
  put("bbbb", "6");
  Report report = *book_->report("aaaa").value();
  ASSERT_TRUE(book_->advance(report, {{"n1", "aaaa", "sent", kNow, {"一", "one"}}}));
  EXPECT_EQ(book_->outbox_counts(Channel::push).value().waiting, std::int64_t(kBrowsersMax));
  ASSERT_TRUE(book_->forget_browser("6"));  // of every report
  EXPECT_EQ(book_->browsers("aaaa").value(), kBrowsersMax - 1);
  EXPECT_EQ(book_->browsers("bbbb").value(), 0U);
  ASSERT_TRUE(book_->erase_browser("aaaa", "5"));
  EXPECT_EQ(book_->outbox_counts(Channel::push).value().waiting, std::int64_t(kBrowsersMax) - 2);
  ASSERT_TRUE(book_->put_contact("aaaa", {}));  // an emptied form says nothing of browsers
  EXPECT_EQ(book_->browsers("aaaa").value(), kBrowsersMax - 2);
  EXPECT_EQ(book_->outbox_counts(Channel::mail).value().waiting, 0);
  ASSERT_TRUE(book_->erase_contact("aaaa"));
  EXPECT_EQ(book_->browsers("aaaa").value(), 0U);
  EXPECT_EQ(book_->outbox_counts(Channel::push).value().waiting, 0);
  EXPECT_THAT(bytes_on_disk(), Not(HasSubstr("unmistakable")));
}

TEST_F(BookTest, BrowsersGoWithTheirTimeToo) {
  post("aaaa"), post("bbbb");
  for (const char* number : {"aaaa", "bbbb"}) {
    ASSERT_TRUE(book_->bind(number, number));
    ASSERT_TRUE(book_->put_browser({number, "x", "https://push.example/x", "k", "a", "", kNow}));
  }
  Report ended = *book_->report("aaaa").value();
  ASSERT_TRUE(book_->advance(ended, {{"n1", "aaaa", "sent", kNow, {"一", "one"}}}));
  ended.ended_at = kNow - 2h;
  ASSERT_TRUE(book_->set_progress(ended));
  ASSERT_TRUE(book_->erase_contacts_before(kNow - 1h));
  EXPECT_EQ(book_->browsers("aaaa").value(), 0U);
  EXPECT_EQ(book_->browsers("bbbb").value(), 1U);
  EXPECT_EQ(book_->outbox_counts(Channel::push).value().waiting, 0);
}

// As a program before surveys left it.
TEST_F(BookTest, AFileOfTheFirstFormIsBroughtForwardWhole) {
  book_.reset();
  std::filesystem::remove(file());
  {
    Sqlite old = Sqlite::open(file()).value();
    ASSERT_TRUE(old.exec(R"(
CREATE TABLE report(number TEXT PRIMARY KEY, service TEXT NOT NULL, key_of TEXT NOT NULL, opened TEXT NOT NULL DEFAULT '',
  follows TEXT NOT NULL DEFAULT '', at INTEGER NOT NULL, told INTEGER NOT NULL DEFAULT 0, ended_at INTEGER) WITHOUT ROWID;
CREATE TABLE contact(report TEXT PRIMARY KEY REFERENCES report ON DELETE CASCADE, name TEXT NOT NULL,
  email TEXT NOT NULL, phone TEXT NOT NULL, language TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE contact_seen(report TEXT NOT NULL, at INTEGER NOT NULL, by TEXT NOT NULL, department TEXT NOT NULL);
CREATE TABLE photo(id TEXT PRIMARY KEY, by TEXT NOT NULL, at INTEGER NOT NULL, width INTEGER NOT NULL,
  height INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE photo_use(photo TEXT NOT NULL, in_case TEXT NOT NULL, PRIMARY KEY(photo, in_case)) WITHOUT ROWID;
CREATE TABLE outbox(key TEXT PRIMARY KEY, report TEXT NOT NULL, status TEXT NOT NULL, at INTEGER NOT NULL,
  zh TEXT NOT NULL, en TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, next_at INTEGER NOT NULL DEFAULT 0,
  done_at INTEGER, given_up INTEGER NOT NULL DEFAULT 0, why TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
CREATE INDEX outbox_report ON outbox(report);
CREATE INDEX outbox_due ON outbox(next_at) WHERE done_at IS NULL;
CREATE TABLE place(name TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO report VALUES('aaaa', 'light', '', 'c', 'c', 7, 3, NULL), ('bbbb', 'light', '', 'd', 'd', 7, 1, NULL);
INSERT INTO contact VALUES('aaaa', 'Li', 'li@example.com', '', 'zh');
INSERT INTO outbox VALUES('a0', 'aaaa', 'received', 1, '一', 'one', 1, 0, 5, 0, ''),
  ('a1', 'aaaa', 'sent', 2, '二', 'two', 3, 0, NULL, 0, 'no route'), ('a2', 'aaaa', 'fixed', 3, '三', 'three', 20, 0, 6, 1, '550'),
  ('b0', 'bbbb', 'received', 1, '一', 'one', 0, 0, NULL, 0, ''), ('b1', 'bbbb', 'sent', 2, '二', 'two', 0, 0, 2, 0, 'no address then');
INSERT INTO place VALUES('log', 42);
PRAGMA user_version = 1)"));
  }
  open();
  EXPECT_EQ(book_->contact("aaaa").value()->email, "li@example.com");
  EXPECT_EQ(book_->report("aaaa").value()->told, 3);
  EXPECT_EQ(book_->cursor().value(), 42U);
  EXPECT_EQ(book_->notices("aaaa").value().size(), 3U);
  const auto counts = book_->outbox_counts(Channel::mail).value();
  EXPECT_EQ(counts.waiting, 1);
  EXPECT_EQ(counts.delivered, 1);
  EXPECT_EQ(counts.given_up, 1);
  const auto due = book_->due_mails(kNow, 10).value();
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].is.text.en, "two");
  EXPECT_EQ(due[0].attempts, 3U);
  // It can do what the new form can; and is opened again as it is.
  ASSERT_TRUE(book_->put_browser({"aaaa", "x", "https://push.example/x", "k", "a", "", kNow}));
  open();
  EXPECT_EQ(book_->browsers("aaaa").value(), 1U);
}

TEST_F(BookTest, PhotosThatNoCaseNamesGoAfterTheirTime) {
  for (const char* id : {"old", "used", "young"})
    ASSERT_TRUE(book_->put_photo({id, "citizen", id == std::string("young") ? kNow : kNow - 25h, 10, 10}));
  ASSERT_TRUE(book_->use_photo("used", "c"));
  ASSERT_TRUE(book_->use_photo("used", "c"));
  std::vector<std::string> erased;
  const auto erase = [&](const std::string& id) { return erased.push_back(id), true; };
  ASSERT_TRUE(book_->erase_unused_photos(kNow - 24h, erase));
  EXPECT_THAT(erased, testing::ElementsAre("old"));
  EXPECT_FALSE(book_->knows_photo("old").value());
  EXPECT_TRUE(book_->knows_photo("used").value());
  EXPECT_THAT(book_->cases_of_photo("used").value(), testing::ElementsAre("c"));
  // What could not be erased is tried again.
  ASSERT_TRUE(book_->erase_unused_photos(kNow + 1h, [](const std::string&) { return false; }));
  EXPECT_TRUE(book_->knows_photo("young").value());
}

TEST_F(BookTest, AFileOfANewerProgramIsRefused) {
  book_.reset();
  ASSERT_TRUE(Sqlite::open(file()).value().exec("PRAGMA user_version = 99"));
  const auto opened = Book::open(file());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, base::Errc::unsupported);
}

TEST_F(BookTest, ACopyIsWholeWhileOthersWrite) {
  post("aaaa", {"", "x@example.com", "", ""});
  const std::string copy = (folder_ / "copy.db").string();
  ASSERT_TRUE(Sqlite::copy(file(), copy));
  EXPECT_EQ(Book::open(copy).value()->contact("aaaa").value()->email, "x@example.com");
  EXPECT_EQ(std::filesystem::status(copy).permissions() & std::filesystem::perms::others_read,
            std::filesystem::perms::none);
}

}  // namespace
}  // namespace cityloop::civic
