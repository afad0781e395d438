#include "civic/book.h"

namespace cityloop::civic {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS report(number TEXT PRIMARY KEY, service TEXT NOT NULL, key_of TEXT NOT NULL,
  opened TEXT NOT NULL DEFAULT '', follows TEXT NOT NULL DEFAULT '', at INTEGER NOT NULL, told INTEGER NOT NULL DEFAULT 0,
  ended_at INTEGER) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS report_follows ON report(follows);
CREATE INDEX IF NOT EXISTS report_opened ON report(opened);
CREATE TABLE IF NOT EXISTS contact(report TEXT PRIMARY KEY REFERENCES report ON DELETE CASCADE, name TEXT NOT NULL,
  email TEXT NOT NULL, phone TEXT NOT NULL, language TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS contact_seen(report TEXT NOT NULL, at INTEGER NOT NULL, by TEXT NOT NULL,
  department TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS contact_seen_report ON contact_seen(report);
CREATE TABLE IF NOT EXISTS photo(id TEXT PRIMARY KEY, by TEXT NOT NULL, at INTEGER NOT NULL, width INTEGER NOT NULL,
  height INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS photo_use(photo TEXT NOT NULL, in_case TEXT NOT NULL, PRIMARY KEY(photo, in_case))
  WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outbox(key TEXT PRIMARY KEY, report TEXT NOT NULL, status TEXT NOT NULL, at INTEGER NOT NULL,
  zh TEXT NOT NULL, en TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, next_at INTEGER NOT NULL DEFAULT 0,
  done_at INTEGER, given_up INTEGER NOT NULL DEFAULT 0, why TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS outbox_report ON outbox(report);
CREATE INDEX IF NOT EXISTS outbox_due ON outbox(next_at) WHERE done_at IS NULL;
CREATE TABLE IF NOT EXISTS place(name TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
)";
constexpr std::int64_t kFormat = 1;
constexpr std::string_view kReportColumns = "number, service, key_of, opened, follows, at, told, ended_at";

Report read_report(const Statement& row) {
  Report out;
  out.number = row.text(0);
  out.service = row.text(1);
  out.key_of = row.text(2);
  out.opened = row.text(3);
  out.follows = row.text(4);
  out.at = base::from_us(row.number(5));
  out.told = row.number(6);
  if (!row.is_null(7)) out.ended_at = base::from_us(row.number(7));
  return out;
}

Notice read_notice(const Statement& row) {
  return {row.text(0), row.text(1), row.text(2), base::from_us(row.number(3)), {row.text(4), row.text(5)}};
}

}  // namespace

Result<std::unique_ptr<Book>> Book::open(const std::string& file) {
  Sqlite db = TRY(Sqlite::open(file));
  {
    Statement version = TRY(db.prepare("PRAGMA user_version"));
    TRY(version.step());
    const std::int64_t format = version.number(0);
    if (format > kFormat) return fail(Errc::unsupported, "{} is of a newer program (format {})", file, format);
  }
  TRY(db.exec(kTables));
  TRY(db.exec("PRAGMA user_version = 1"));
  return std::unique_ptr<Book>(new Book(std::move(db)));
}

Status Book::run(std::string_view sql, std::initializer_list<std::string_view> texts) {
  Statement statement = TRY(db_.prepare(sql));
  int at = 0;
  for (const std::string_view text : texts) statement.bind(++at, text);
  return statement.run();
}

Status Book::put_report(const Report& report, const Contact& contact) {
  const std::lock_guard lock(mutex_);
  Transaction step = TRY(Transaction::begin(db_));
  Statement insert = TRY(db_.prepare("INSERT OR IGNORE INTO report(number, service, key_of, at) VALUES(?, ?, ?, ?)"));
  TRY(insert.bind(1, report.number)
          .bind(2, report.service)
          .bind(3, report.key_of)
          .bind(4, base::to_us(report.at))
          .run());
  if (db_.changed() > 0 && !contact.empty()) {
    TRY(run("INSERT INTO contact(report, name, email, phone, language) VALUES(?, ?, ?, ?, ?)",
            {report.number, contact.name, contact.email, contact.phone, contact.language}));
  }
  return step.commit();
}

Status Book::drop_report(std::string_view number) {
  const std::lock_guard lock(mutex_);
  return run("DELETE FROM report WHERE number = ? AND opened = ''", {number});
}

Result<std::optional<Report>> Book::report(std::string_view number) {
  const std::lock_guard lock(mutex_);
  Statement rows = TRY(db_.prepare(fmt::format("SELECT {} FROM report WHERE number = ?", kReportColumns)));
  rows.bind(1, number);
  if (!TRY(rows.step())) return std::optional<Report>{};
  return std::optional(read_report(rows));
}

Result<std::vector<Report>> Book::followers(std::string_view case_id) {
  const std::lock_guard lock(mutex_);
  Statement rows =
      TRY(db_.prepare(fmt::format("SELECT {} FROM report WHERE follows = ?1 OR opened = ?1", kReportColumns)));
  rows.bind(1, case_id);
  std::vector<Report> out;
  while (TRY(rows.step())) out.push_back(read_report(rows));
  return out;
}

Status Book::bind(std::string_view number, std::string_view case_id) {
  const std::lock_guard lock(mutex_);
  return run("UPDATE report SET opened = ?1, follows = ?1 WHERE number = ?2 AND opened = ''", {case_id, number});
}

Status Book::write_progress(const Report& report) {
  Statement update =
      TRY(db_.prepare("UPDATE report SET opened = ?, follows = ?, told = ?, ended_at = ? WHERE number = ?"));
  update.bind(1, report.opened).bind(2, report.follows).bind(3, report.told).bind(5, report.number);
  if (report.ended_at == base::kNever) update.bind_null(4);
  else update.bind(4, base::to_us(report.ended_at));
  return update.run();
}

Status Book::set_progress(const Report& report) {
  const std::lock_guard lock(mutex_);
  return write_progress(report);
}

Status Book::each_report(const std::function<void(const Report&)>& give) {
  const std::lock_guard lock(mutex_);
  Statement rows = TRY(db_.prepare(fmt::format("SELECT {} FROM report", kReportColumns)));
  while (TRY(rows.step())) give(read_report(rows));
  return {};
}

Status Book::put_contact(std::string_view number, const Contact& contact) {
  if (contact.empty()) return erase_contact(number);
  const std::lock_guard lock(mutex_);
  Transaction step = TRY(Transaction::begin(db_));
  // Whoever gives an address later is not written to about what has passed.
  TRY(run(
      "UPDATE outbox SET done_at = at, why = 'no address then' WHERE report = ?1 AND done_at IS NULL AND NOT EXISTS "
      "(SELECT 1 FROM contact WHERE report = ?1 AND email <> '')",
      {number}));
  TRY(run("INSERT OR REPLACE INTO contact(report, name, email, phone, language) VALUES(?, ?, ?, ?, ?)",
          {number, contact.name, contact.email, contact.phone, contact.language}));
  return step.commit();
}

Status Book::erase_contact(std::string_view number) {
  const std::lock_guard lock(mutex_);
  return run("DELETE FROM contact WHERE report = ?", {number});
}

Result<std::optional<Contact>> Book::contact(std::string_view number) {
  const std::lock_guard lock(mutex_);
  Statement rows = TRY(db_.prepare("SELECT name, email, phone, language FROM contact WHERE report = ?"));
  rows.bind(1, number);
  if (!TRY(rows.step())) return std::optional<Contact>{};
  return std::optional(Contact{rows.text(0), rows.text(1), rows.text(2), rows.text(3)});
}

Status Book::note_seen(std::string_view number, const SeenContact& seen) {
  const std::lock_guard lock(mutex_);
  Statement insert = TRY(db_.prepare("INSERT INTO contact_seen(report, at, by, department) VALUES(?, ?, ?, ?)"));
  return insert.bind(1, number).bind(2, base::to_us(seen.at)).bind(3, seen.by).bind(4, seen.department).run();
}

Result<std::vector<SeenContact>> Book::seen(std::string_view number) {
  const std::lock_guard lock(mutex_);
  Statement rows = TRY(db_.prepare("SELECT at, by, department FROM contact_seen WHERE report = ? ORDER BY at, rowid"));
  rows.bind(1, number);
  std::vector<SeenContact> out;
  while (TRY(rows.step())) out.push_back({base::from_us(rows.number(0)), rows.text(1), rows.text(2)});
  return out;
}

Result<std::int64_t> Book::erase_contacts_before(Instant before) {
  const std::lock_guard lock(mutex_);
  Statement erase =
      TRY(db_.prepare("DELETE FROM contact WHERE report IN (SELECT number FROM report WHERE ended_at < ?1 OR "
                      "(opened = '' AND at < ?1))"));
  TRY(erase.bind(1, base::to_us(before)).run());
  return db_.changed();
}

Status Book::put_photo(const PhotoRow& photo) {
  const std::lock_guard lock(mutex_);
  Statement insert =
      TRY(db_.prepare("INSERT INTO photo(id, by, at, width, height) VALUES(?, ?, ?, ?, ?) "
                      "ON CONFLICT(id) DO UPDATE SET by = excluded.by, at = excluded.at"));
  return insert.bind(1, photo.id)
      .bind(2, photo.by)
      .bind(3, base::to_us(photo.at))
      .bind(4, std::int64_t(photo.width))
      .bind(5, std::int64_t(photo.height))
      .run();
}

Result<std::optional<PhotoRow>> Book::photo(std::string_view id) {
  const std::lock_guard lock(mutex_);
  Statement rows = TRY(db_.prepare("SELECT id, by, at, width, height FROM photo WHERE id = ?"));
  rows.bind(1, id);
  if (!TRY(rows.step())) return std::optional<PhotoRow>{};
  return std::optional(PhotoRow{rows.text(0), rows.text(1), base::from_us(rows.number(2)),
                                std::uint32_t(rows.number(3)), std::uint32_t(rows.number(4))});
}

Status Book::use_photo(std::string_view id, std::string_view case_id) {
  const std::lock_guard lock(mutex_);
  return run("INSERT OR IGNORE INTO photo_use(photo, in_case) VALUES(?, ?)", {id, case_id});
}

Result<std::vector<std::string>> Book::cases_of_photo(std::string_view id) {
  const std::lock_guard lock(mutex_);
  Statement rows = TRY(db_.prepare("SELECT in_case FROM photo_use WHERE photo = ? ORDER BY in_case"));
  rows.bind(1, id);
  std::vector<std::string> out;
  while (TRY(rows.step())) out.push_back(rows.text(0));
  return out;
}

Status Book::erase_unused_photos(Instant before, const std::function<bool(const std::string& id)>& erase) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> unused;
  {
    Statement rows = TRY(
        db_.prepare("SELECT id FROM photo WHERE at < ? AND NOT EXISTS (SELECT 1 FROM photo_use WHERE photo = photo.id) "
                    "ORDER BY id"));
    rows.bind(1, base::to_us(before));
    while (TRY(rows.step())) unused.push_back(rows.text(0));
  }
  for (const std::string& id : unused) {
    if (erase(id)) TRY(run("DELETE FROM photo WHERE id = ?", {id}));
  }
  return {};
}

Result<bool> Book::knows_photo(std::string_view id) {
  return TRY(photo(id)).has_value();
}

Status Book::advance(const Report& report, const std::vector<Notice>& notices) {
  const std::lock_guard lock(mutex_);
  Transaction step = TRY(Transaction::begin(db_));
  for (const Notice& notice : notices) {
    Statement insert =
        TRY(db_.prepare("INSERT OR IGNORE INTO outbox(key, report, status, at, zh, en) VALUES(?, ?, ?, ?, ?, ?)"));
    insert.bind(1, notice.key).bind(2, notice.report).bind(3, notice.status).bind(4, base::to_us(notice.at));
    TRY(insert.bind(5, notice.text.zh).bind(6, notice.text.en).run());
  }
  TRY(write_progress(report));
  return step.commit();
}

// In order of the steps: a report's later notice waits while an earlier one does.
Result<std::vector<DueNotice>> Book::due_notices(Instant now, std::size_t max) {
  const std::lock_guard lock(mutex_);
  Statement rows = TRY(db_.prepare(
      "SELECT key, outbox.report, status, at, zh, en, attempts, name, email, phone, language FROM outbox "
      "JOIN contact ON contact.report = outbox.report WHERE done_at IS NULL AND next_at <= ?1 AND email <> '' "
      "AND NOT EXISTS (SELECT 1 FROM outbox earlier WHERE earlier.report = outbox.report AND "
      "earlier.done_at IS NULL AND (earlier.at, earlier.key) < (outbox.at, outbox.key)) ORDER BY at, key LIMIT ?2"));
  rows.bind(1, base::to_us(now)).bind(2, std::int64_t(max));
  std::vector<DueNotice> out;
  while (TRY(rows.step())) {
    out.push_back(
        {read_notice(rows), {rows.text(7), rows.text(8), rows.text(9), rows.text(10)}, unsigned(rows.number(6))});
  }
  return out;
}

Status Book::delivered(std::string_view key, Instant at) {
  const std::lock_guard lock(mutex_);
  Statement update = TRY(db_.prepare("UPDATE outbox SET done_at = ?, attempts = attempts + 1, why = '' WHERE key = ?"));
  return update.bind(1, base::to_us(at)).bind(2, key).run();
}

Status Book::failed(std::string_view key, Instant next, std::string_view why) {
  const std::lock_guard lock(mutex_);
  Statement update = TRY(db_.prepare("UPDATE outbox SET next_at = ?, attempts = attempts + 1, why = ? WHERE key = ?"));
  return update.bind(1, base::to_us(next)).bind(2, why).bind(3, key).run();
}

Status Book::give_up(std::string_view key, Instant at, std::string_view why) {
  const std::lock_guard lock(mutex_);
  Statement update =
      TRY(db_.prepare("UPDATE outbox SET done_at = ?, given_up = 1, attempts = attempts + 1, why = ? WHERE key = ?"));
  return update.bind(1, base::to_us(at)).bind(2, why).bind(3, key).run();
}

Result<std::vector<Notice>> Book::notices(std::string_view report) {
  const std::lock_guard lock(mutex_);
  Statement rows =
      TRY(db_.prepare("SELECT key, report, status, at, zh, en FROM outbox WHERE report = ? ORDER BY at, key"));
  rows.bind(1, report);
  std::vector<Notice> out;
  while (TRY(rows.step())) out.push_back(read_notice(rows));
  return out;
}

Result<Book::OutboxCounts> Book::outbox_counts() {
  const std::lock_guard lock(mutex_);
  Statement rows = TRY(db_.prepare(
      "SELECT COUNT(*) FILTER (WHERE done_at IS NULL), COUNT(*) FILTER (WHERE done_at IS NOT NULL AND given_up "
      "= 0), COUNT(*) FILTER (WHERE given_up = 1) FROM outbox"));
  TRY(rows.step());
  return OutboxCounts{rows.number(0), rows.number(1), rows.number(2)};
}

Result<std::uint64_t> Book::cursor() {
  const std::lock_guard lock(mutex_);
  Statement rows = TRY(db_.prepare("SELECT seq FROM place WHERE name = 'log'"));
  return TRY(rows.step()) ? std::uint64_t(rows.number(0)) : std::uint64_t(0);
}

Status Book::set_cursor(std::uint64_t seq) {
  const std::lock_guard lock(mutex_);
  Statement put = TRY(db_.prepare("INSERT OR REPLACE INTO place(name, seq) VALUES('log', ?)"));
  return put.bind(1, std::int64_t(seq)).run();
}

}  // namespace cityloop::civic
