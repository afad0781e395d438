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
  auto due = book_->due_notices(kNow, 10).value();
  ASSERT_EQ(due.size(), 1U);  // the second waits
  EXPECT_EQ(due[0].is.text.en, "one");
  EXPECT_EQ(due[0].to.email, "x@example.com");
  ASSERT_TRUE(book_->failed("aaaa:c:0", kNow + 1min, "no route"));
  EXPECT_TRUE(book_->due_notices(kNow, 10).value().empty());
  EXPECT_EQ(book_->due_notices(kNow + 1min, 10).value().at(0).attempts, 1U);
  ASSERT_TRUE(book_->delivered("aaaa:c:0", kNow));
  EXPECT_EQ(book_->due_notices(kNow, 10).value().at(0).is.key, "aaaa:c:1");
  ASSERT_TRUE(book_->give_up("aaaa:c:1", kNow, "no such mailbox"));
  EXPECT_TRUE(book_->due_notices(kNow, 10).value().empty());
  const auto counts = book_->outbox_counts().value();
  EXPECT_EQ(counts.delivered, 1);
  EXPECT_EQ(counts.given_up, 1);
}

TEST_F(BookTest, WhoGivesAnAddressLaterIsNotWrittenToAboutThePast) {
  post("aaaa");
  ASSERT_TRUE(book_->bind("aaaa", "c"));
  Report report = *book_->report("aaaa").value();
  ASSERT_TRUE(book_->advance(report, {{"aaaa:c:0", "aaaa", "received", kNow, {"一", "one"}}}));
  ASSERT_TRUE(book_->put_contact("aaaa", {"", "x@example.com", "", ""}));
  EXPECT_TRUE(book_->due_notices(kNow, 10).value().empty());
  ASSERT_TRUE(book_->advance(report, {{"aaaa:c:1", "aaaa", "sent", kNow, {"二", "two"}}}));
  EXPECT_EQ(book_->due_notices(kNow, 10).value().size(), 1U);
  ASSERT_TRUE(book_->put_contact("aaaa", {"", "y@example.com", "", ""}));  // another address: still to be told
  EXPECT_EQ(book_->due_notices(kNow, 10).value().at(0).to.email, "y@example.com");
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
