// The book's notices, how each is delivered, and the browsers that they are pushed to.
#include "civic/book.h"

namespace cityloop::civic {
namespace {

using base::Result;
using base::Status;

constexpr std::string_view kNoticeColumns =
    "outbox.key, outbox.report, outbox.status, outbox.at, outbox.zh, outbox.en, outbox.ask";
constexpr int kNoticeColumnCount = 7;
// Nothing earlier of the same report waits to go to the same target.
constexpr std::string_view kIsNext =
    "NOT EXISTS (SELECT 1 FROM outbox earlier JOIN delivery waits ON waits.notice = earlier.key AND "
    "waits.channel = delivery.channel AND waits.target = delivery.target WHERE earlier.report = outbox.report AND "
    "waits.done_at IS NULL AND (earlier.at, earlier.key) < (outbox.at, outbox.key))";
constexpr std::string_view kOfKey = "WHERE notice = ? AND channel = ? AND target = ?";

Notice read_notice(const Statement& row) {
  return {row.text(0), row.text(1), row.text(2), base::from_us(row.number(3)), {row.text(4), row.text(5)}, row.text(6)};
}

Statement& bind_key(Statement& statement, int from, const DeliveryKey& key) {
  return statement.bind(from, key.notice).bind(from + 1, to_string(key.channel)).bind(from + 2, key.target);
}

}  // namespace

std::string_view to_string(Channel channel) {
  return channel == Channel::mail ? "mail" : "push";
}

Status insert_notice(Sqlite& db, const Notice& notice) {
  Statement insert =
      TRY(db.prepare("INSERT OR IGNORE INTO outbox(key, report, status, at, zh, en, ask) VALUES(?, ?, ?, ?, ?, ?, ?)"));
  insert.bind(1, notice.key).bind(2, notice.report).bind(3, notice.status).bind(4, base::to_us(notice.at));
  TRY(insert.bind(5, notice.text.zh).bind(6, notice.text.en).bind(7, notice.ask).run());
  if (db.changed() == 0) return {};
  for (const std::string_view sql :
       {"INSERT INTO delivery(notice, channel, target) SELECT ?1, 'mail', '' FROM contact WHERE report = ?2 AND email "
        "<> ''",
        "INSERT INTO delivery(notice, channel, target) SELECT ?1, 'push', id FROM push WHERE report = ?2"}) {
    Statement channels = TRY(db.prepare(sql));
    TRY(channels.bind(1, notice.key).bind(2, notice.report).run());
  }
  return {};
}

Status Book::advance(const Report& report, const std::vector<Notice>& notices) {
  const std::lock_guard lock(mutex_);
  Transaction step = TRY(Transaction::begin(db_));
  for (const Notice& notice : notices) TRY(insert_notice(db_, notice));
  TRY(write_progress(report));
  return step.commit();
}

Result<std::vector<DueNotice>> Book::due_mails(Instant now, std::size_t max) {
  const std::lock_guard lock(mutex_);
  Statement rows = TRY(db_.prepare(fmt::format(
      "SELECT {}, attempts, name, email, phone, language FROM delivery JOIN outbox ON outbox.key = delivery.notice "
      "JOIN contact ON contact.report = outbox.report WHERE channel = 'mail' AND done_at IS NULL AND next_at <= ?1 AND "
      "email <> '' AND {} ORDER BY outbox.at, outbox.key LIMIT ?2",
      kNoticeColumns, kIsNext)));
  rows.bind(1, base::to_us(now)).bind(2, std::int64_t(max));
  std::vector<DueNotice> out;
  constexpr int k = kNoticeColumnCount;
  while (TRY(rows.step())) {
    out.push_back({read_notice(rows),
                   {rows.text(k + 1), rows.text(k + 2), rows.text(k + 3), rows.text(k + 4)},
                   unsigned(rows.number(k))});
  }
  return out;
}

Result<std::vector<DuePush>> Book::due_pushes(Instant now, std::size_t max) {
  const std::lock_guard lock(mutex_);
  Statement rows = TRY(db_.prepare(fmt::format(
      "SELECT {}, attempts, push.id, endpoint, push.key, auth, push.language, push.at, COALESCE((SELECT "
      "contact.language FROM contact WHERE contact.report = outbox.report), '') FROM delivery JOIN outbox ON "
      "outbox.key = delivery.notice JOIN push ON push.report = outbox.report AND push.id = delivery.target "
      "WHERE channel = 'push' AND done_at IS NULL AND next_at <= ?1 AND {} ORDER BY outbox.at, outbox.key LIMIT ?2",
      kNoticeColumns, kIsNext)));
  rows.bind(1, base::to_us(now)).bind(2, std::int64_t(max));
  std::vector<DuePush> out;
  constexpr int k = kNoticeColumnCount;
  while (TRY(rows.step())) {
    DuePush due;
    due.is = read_notice(rows);
    due.attempts = unsigned(rows.number(k));
    due.to = {due.is.report,
              rows.text(k + 1),
              rows.text(k + 2),
              rows.text(k + 3),
              rows.text(k + 4),
              rows.text(k + 5),
              base::from_us(rows.number(k + 6))};
    due.language = !due.to.language.empty() ? due.to.language : rows.text(k + 7);
    if (due.language.empty()) due.language = "zh";
    out.push_back(std::move(due));
  }
  return out;
}

Status Book::delivered(const DeliveryKey& key, Instant at) {
  const std::lock_guard lock(mutex_);
  Statement update =
      TRY(db_.prepare(fmt::format("UPDATE delivery SET done_at = ?, attempts = attempts + 1, why = '' {}", kOfKey)));
  return bind_key(update.bind(1, base::to_us(at)), 2, key).run();
}

Status Book::failed(const DeliveryKey& key, Instant next, std::string_view why) {
  const std::lock_guard lock(mutex_);
  Statement update =
      TRY(db_.prepare(fmt::format("UPDATE delivery SET next_at = ?, why = ?, attempts = attempts + 1 {}", kOfKey)));
  return bind_key(update.bind(1, base::to_us(next)).bind(2, why), 3, key).run();
}

Status Book::put_off(const DeliveryKey& key, Instant until) {
  const std::lock_guard lock(mutex_);
  Statement update = TRY(db_.prepare(fmt::format("UPDATE delivery SET next_at = ? {}", kOfKey)));
  return bind_key(update.bind(1, base::to_us(until)), 2, key).run();
}

Status Book::give_up(const DeliveryKey& key, Instant at, std::string_view why) {
  const std::lock_guard lock(mutex_);
  Statement update = TRY(db_.prepare(
      fmt::format("UPDATE delivery SET done_at = ?, why = ?, given_up = 1, attempts = attempts + 1 {}", kOfKey)));
  return bind_key(update.bind(1, base::to_us(at)).bind(2, why), 3, key).run();
}

Result<std::vector<Notice>> Book::notices(std::string_view report) {
  const std::lock_guard lock(mutex_);
  Statement rows =
      TRY(db_.prepare(fmt::format("SELECT {} FROM outbox WHERE report = ? ORDER BY at, key", kNoticeColumns)));
  rows.bind(1, report);
  std::vector<Notice> out;
  while (TRY(rows.step())) out.push_back(read_notice(rows));
  return out;
}

Result<Book::OutboxCounts> Book::outbox_counts(Channel channel) {
  const std::lock_guard lock(mutex_);
  Statement rows = TRY(db_.prepare(
      "SELECT COUNT(*) FILTER (WHERE done_at IS NULL), COUNT(*) FILTER (WHERE done_at IS NOT NULL AND given_up "
      "= 0), COUNT(*) FILTER (WHERE given_up = 1) FROM delivery WHERE channel = ?"));
  TRY(rows.bind(1, to_string(channel)).step());
  return OutboxCounts{rows.number(0), rows.number(1), rows.number(2)};
}

Status Book::put_browser(const Browser& one) {
  const std::lock_guard lock(mutex_);
  Transaction step = TRY(Transaction::begin(db_));
  Statement insert =
      TRY(db_.prepare("INSERT INTO push(report, id, endpoint, key, auth, language, at) VALUES(?, ?, ?, ?, ?, ?, ?) "
                      "ON CONFLICT(report, id) DO UPDATE SET key = excluded.key, auth = excluded.auth, "
                      "language = excluded.language, at = excluded.at"));
  insert.bind(1, one.report).bind(2, one.id).bind(3, one.endpoint).bind(4, one.p256dh).bind(5, one.auth);
  TRY(insert.bind(6, one.language).bind(7, base::to_us(one.at)).run());
  Statement oldest = TRY(db_.prepare(
      "DELETE FROM push WHERE report = ?1 AND id IN (SELECT id FROM push WHERE report = ?1 ORDER BY at DESC, "
      "id LIMIT -1 OFFSET ?2)"));
  TRY(oldest.bind(1, one.report).bind(2, std::int64_t(kBrowsersMax)).run());
  TRY(
      run("DELETE FROM delivery WHERE channel = 'push' AND done_at IS NULL AND notice IN (SELECT key FROM outbox WHERE "
          "report = ?1) AND target NOT IN (SELECT id FROM push WHERE report = ?1)",
          {one.report}));
  return step.commit();
}

Status Book::erase_browser(std::string_view report, std::string_view id) {
  const std::lock_guard lock(mutex_);
  Transaction step = TRY(Transaction::begin(db_));
  TRY(run("DELETE FROM push WHERE report = ?1 AND (?2 = '' OR id = ?2)", {report, id}));
  TRY(
      run("DELETE FROM delivery WHERE channel = 'push' AND done_at IS NULL AND (?2 = '' OR target = ?2) AND notice IN "
          "(SELECT key FROM outbox WHERE report = ?1)",
          {report, id}));
  return step.commit();
}

Status Book::forget_browser(std::string_view id) {
  const std::lock_guard lock(mutex_);
  Transaction step = TRY(Transaction::begin(db_));
  TRY(run("DELETE FROM delivery WHERE channel = 'push' AND done_at IS NULL AND target = ?", {id}));
  TRY(run("DELETE FROM push WHERE id = ?", {id}));
  return step.commit();
}

Result<std::size_t> Book::browsers(std::string_view report) {
  const std::lock_guard lock(mutex_);
  Statement rows = TRY(db_.prepare("SELECT COUNT(*) FROM push WHERE report = ?"));
  TRY(rows.bind(1, report).step());
  return std::size_t(rows.number(0));
}

}  // namespace cityloop::civic
