#include "civic/book.h"

namespace cityloop::civic {
namespace {

using base::Result;
using base::Status;

// What waits to be sent, where there is nobody any more whom to send it to.
constexpr std::string_view kDropMails =
    "DELETE FROM delivery WHERE channel = 'mail' AND done_at IS NULL AND notice IN "
    "(SELECT key FROM outbox WHERE report = ?)";
constexpr std::string_view kDropPushes =
    "DELETE FROM delivery WHERE channel = 'push' AND done_at IS NULL AND notice IN "
    "(SELECT key FROM outbox WHERE report = ?)";
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

}  // namespace

Result<std::unique_ptr<Book>> Book::open(const std::string& file) {
  auto tables = TRY(CivicTables::open(file));  // before `new`: a refusal would leave its memory behind
  return std::unique_ptr<Book>(new Book(std::move(tables)));
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

// Whoever has no address any more is not written to; whoever has one from now on, not about what has passed.
Status Book::put_contact(std::string_view number, const Contact& contact) {
  const std::lock_guard lock(mutex_);
  Transaction step = TRY(Transaction::begin(db_));
  if (contact.email.empty()) TRY(run(kDropMails, {number}));
  if (contact.empty()) {
    TRY(run("DELETE FROM contact WHERE report = ?", {number}));
  } else {
    TRY(run("INSERT OR REPLACE INTO contact(report, name, email, phone, language) VALUES(?, ?, ?, ?, ?)",
            {number, contact.name, contact.email, contact.phone, contact.language}));
  }
  return step.commit();
}

Status Book::erase_contact(std::string_view number) {
  const std::lock_guard lock(mutex_);
  Transaction step = TRY(Transaction::begin(db_));
  TRY(run(kDropMails, {number}));
  TRY(run(kDropPushes, {number}));
  TRY(run("DELETE FROM contact WHERE report = ?", {number}));
  TRY(run("DELETE FROM push WHERE report = ?", {number}));
  return step.commit();
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
  Transaction step = TRY(Transaction::begin(db_));
  constexpr std::string_view kOver = "(SELECT number FROM report WHERE ended_at < ?1 OR (opened = '' AND at < ?1))";
  const auto erase = [&](std::string_view what) -> Result<std::int64_t> {
    Statement statement = TRY(db_.prepare(fmt::format("{} IN {}", what, kOver)));
    TRY(statement.bind(1, base::to_us(before)).run());
    return db_.changed();
  };
  TRY(erase("DELETE FROM push WHERE report"));
  const std::int64_t erased = TRY(erase("DELETE FROM contact WHERE report"));
  TRY(db_.exec(
      "DELETE FROM delivery WHERE done_at IS NULL AND channel = 'mail' AND NOT EXISTS (SELECT 1 FROM outbox JOIN "
      "contact ON contact.report = outbox.report WHERE outbox.key = delivery.notice);"
      "DELETE FROM delivery WHERE done_at IS NULL AND channel = 'push' AND NOT EXISTS (SELECT 1 FROM outbox JOIN push "
      "ON push.report = outbox.report AND push.id = delivery.target WHERE outbox.key = delivery.notice)"));
  TRY(step.commit());
  return erased;
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
