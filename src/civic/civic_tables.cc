#include "civic/civic_tables.h"

#include <array>

namespace cityloop::civic {
namespace {

using base::Errc;
using base::fail;
using base::Result;

constexpr const char* kReports = R"(
CREATE TABLE report(number TEXT PRIMARY KEY, service TEXT NOT NULL, key_of TEXT NOT NULL,
  opened TEXT NOT NULL DEFAULT '', follows TEXT NOT NULL DEFAULT '', at INTEGER NOT NULL, told INTEGER NOT NULL DEFAULT 0,
  ended_at INTEGER) WITHOUT ROWID;
CREATE INDEX report_follows ON report(follows);
CREATE INDEX report_opened ON report(opened);
CREATE TABLE contact(report TEXT PRIMARY KEY REFERENCES report ON DELETE CASCADE, name TEXT NOT NULL,
  email TEXT NOT NULL, phone TEXT NOT NULL, language TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE contact_seen(report TEXT NOT NULL, at INTEGER NOT NULL, by TEXT NOT NULL, department TEXT NOT NULL);
CREATE INDEX contact_seen_report ON contact_seen(report);
CREATE TABLE photo(id TEXT PRIMARY KEY, by TEXT NOT NULL, at INTEGER NOT NULL, width INTEGER NOT NULL,
  height INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE photo_use(photo TEXT NOT NULL, in_case TEXT NOT NULL, PRIMARY KEY(photo, in_case)) WITHOUT ROWID;
CREATE TABLE outbox(key TEXT PRIMARY KEY, report TEXT NOT NULL, status TEXT NOT NULL, at INTEGER NOT NULL,
  zh TEXT NOT NULL, en TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, next_at INTEGER NOT NULL DEFAULT 0,
  done_at INTEGER, given_up INTEGER NOT NULL DEFAULT 0, why TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
CREATE INDEX outbox_report ON outbox(report);
CREATE INDEX outbox_due ON outbox(next_at) WHERE done_at IS NULL;
CREATE TABLE place(name TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
)";

// Each channel keeps its own state of delivery; browsers that are pushed to; surveys. What had been closed because
// nobody could be written to was no delivery.
constexpr const char* kChannels = R"(
ALTER TABLE outbox ADD COLUMN ask TEXT NOT NULL DEFAULT '';
CREATE TABLE delivery(notice TEXT NOT NULL REFERENCES outbox ON DELETE CASCADE, channel TEXT NOT NULL,
  target TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, next_at INTEGER NOT NULL DEFAULT 0, done_at INTEGER,
  given_up INTEGER NOT NULL DEFAULT 0, why TEXT NOT NULL DEFAULT '', PRIMARY KEY(notice, channel, target)) WITHOUT ROWID;
INSERT INTO delivery SELECT key, 'mail', '', attempts, next_at, done_at, given_up, why FROM outbox
  WHERE (done_at IS NOT NULL AND why <> 'no address then') OR (done_at IS NULL AND EXISTS
    (SELECT 1 FROM contact WHERE contact.report = outbox.report AND email <> ''));
CREATE INDEX delivery_due ON delivery(channel, next_at) WHERE done_at IS NULL;
DROP INDEX outbox_due;
ALTER TABLE outbox DROP COLUMN attempts;
ALTER TABLE outbox DROP COLUMN next_at;
ALTER TABLE outbox DROP COLUMN done_at;
ALTER TABLE outbox DROP COLUMN given_up;
ALTER TABLE outbox DROP COLUMN why;
CREATE TABLE push(report TEXT NOT NULL REFERENCES report ON DELETE CASCADE, id TEXT NOT NULL, endpoint TEXT NOT NULL,
  key TEXT NOT NULL, auth TEXT NOT NULL, language TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(report, id))
  WITHOUT ROWID;
CREATE INDEX push_id ON push(id);
CREATE TABLE survey_version(survey TEXT NOT NULL, version TEXT NOT NULL, since INTEGER NOT NULL, zh TEXT NOT NULL,
  en TEXT NOT NULL, intro_zh TEXT NOT NULL, intro_en TEXT NOT NULL, questions TEXT NOT NULL,
  PRIMARY KEY(survey, version)) WITHOUT ROWID;
CREATE TABLE ask(number TEXT PRIMARY KEY, survey TEXT NOT NULL, version TEXT NOT NULL, report TEXT NOT NULL,
  in_case TEXT NOT NULL, status TEXT NOT NULL, department TEXT NOT NULL, area TEXT NOT NULL, kind TEXT NOT NULL,
  service TEXT NOT NULL, at INTEGER NOT NULL, due_at INTEGER NOT NULL, state TEXT NOT NULL, asked_at INTEGER,
  closes_at INTEGER, answered_at INTEGER) WITHOUT ROWID;
CREATE INDEX ask_due ON ask(due_at) WHERE state = 'waiting';
CREATE INDEX ask_report ON ask(report);
CREATE INDEX ask_at ON ask(at);
CREATE INDEX ask_of ON ask(survey, version, number);
CREATE TABLE answer(ask TEXT NOT NULL REFERENCES ask ON DELETE CASCADE, question TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY(ask, question, value)) WITHOUT ROWID;
CREATE TABLE answer_text(ask TEXT NOT NULL REFERENCES ask ON DELETE CASCADE, question TEXT NOT NULL, at INTEGER NOT NULL,
  text TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'waiting', shown TEXT NOT NULL DEFAULT '', by TEXT NOT NULL DEFAULT '',
  decided_at INTEGER, PRIMARY KEY(ask, question)) WITHOUT ROWID;
)";

constexpr std::array kSteps{kReports, kChannels};

}  // namespace

Result<std::shared_ptr<CivicTables>> CivicTables::open(const std::string& file) {
  Sqlite db = TRY(Sqlite::open(file));
  std::int64_t form = 0;
  {
    Statement version = TRY(db.prepare("PRAGMA user_version"));
    TRY(version.step());
    form = version.number(0);
  }
  if (form > std::int64_t(kSteps.size()))
    return fail(Errc::unsupported, "{} is of a newer program (format {})", file, form);
  for (; form < std::int64_t(kSteps.size()); ++form) {
    Transaction step = TRY(Transaction::begin(db));
    TRY(db.exec(kSteps[std::size_t(form)]));
    TRY(db.exec(fmt::format("PRAGMA user_version = {}", form + 1).c_str()));
    TRY(step.commit());
  }
  return std::make_shared<CivicTables>(std::move(db));
}

}  // namespace cityloop::civic
