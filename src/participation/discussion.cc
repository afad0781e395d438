#include "participation/discussion.h"

namespace cityloop::participation {
namespace {

using base::Result;
using base::Status;
using store::Sqlite;
using store::Statement;
using store::Transaction;

constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS comment(id TEXT PRIMARY KEY, in_case TEXT NOT NULL, person TEXT NOT NULL, staff TEXT NOT NULL,
  department TEXT NOT NULL, reply_to TEXT NOT NULL, text TEXT NOT NULL, at INTEGER NOT NULL, state INTEGER NOT NULL,
  public_text TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '', decided_by TEXT NOT NULL DEFAULT '',
  decided_at INTEGER) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS comment_case ON comment(in_case, at);
CREATE INDEX IF NOT EXISTS comment_person ON comment(person);
CREATE INDEX IF NOT EXISTS comment_waiting ON comment(at) WHERE state = 0;
CREATE TABLE IF NOT EXISTS flag(comment TEXT NOT NULL, person TEXT NOT NULL, PRIMARY KEY(comment, person)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS settled_flag(comment TEXT NOT NULL, person TEXT NOT NULL, PRIMARY KEY(comment, person))
  WITHOUT ROWID;
)";
// The names stand in the table of persons, which another part of this room makes in the same file.
constexpr std::string_view kSelect =
    "SELECT id, in_case, comment.person, staff, department, reply_to, text, at, state, public_text, reason, "
    "decided_by, "
    "decided_at, (SELECT COUNT(*) FROM flag WHERE flag.comment = id), COALESCE((SELECT name FROM person WHERE number = "
    "comment.person), '') FROM comment";

Comment read_comment(const Statement& row) {
  Comment out;
  out.id = row.text(0);
  out.in_case = row.text(1);
  out.person = row.text(2);
  out.staff = row.text(3);
  out.department = row.text(4);
  out.reply_to = row.text(5);
  out.text = row.text(6);
  out.at = base::from_us(row.number(7));
  out.state = Comment::State(std::uint8_t(row.number(8)));
  out.public_text = row.text(9);
  out.reason = row.text(10);
  out.decided_by = row.text(11);
  if (!row.is_null(12)) out.decided_at = base::from_us(row.number(12));
  out.flags = row.number(13);
  out.name = row.text(14);
  return out;
}

std::string in_cases(std::size_t count) {
  std::string out = "in_case IN (";
  for (std::size_t i = 0; i < count; ++i) out += i ? ", ?" : "?";
  return out + ")";
}

}  // namespace

std::string_view to_string(Comment::State state) {
  switch (state) {
    case Comment::State::waiting: return "waiting";
    case Comment::State::shown: return "shown";
    case Comment::State::hidden: return "hidden";
    case Comment::State::erased: return "erased";
  }
  return "";
}

Result<std::unique_ptr<Discussion>> Discussion::open(const std::string& file) {
  Sqlite db = TRY(Sqlite::open(file));
  TRY(db.exec(kTables));
  return std::unique_ptr<Discussion>(new Discussion(std::move(db)));
}

Result<std::vector<Comment>> Discussion::read(std::string_view where, const std::vector<std::string>& texts) {
  const std::lock_guard lock(mutex_);
  Statement rows = TRY(db_.prepare(fmt::format("{} WHERE {}", kSelect, where)));
  int at = 0;
  for (const std::string& text : texts) rows.bind(++at, text);
  std::vector<Comment> out;
  while (TRY(rows.step())) out.push_back(read_comment(rows));
  return out;
}

Status Discussion::run(const char* sql, std::string_view text) {
  Statement done = TRY(db_.prepare(sql));
  return done.bind(1, text).run();
}

Result<bool> Discussion::add(const Comment& one) {
  const std::lock_guard lock(mutex_);
  Statement insert = TRY(
      db_.prepare("INSERT OR IGNORE INTO comment(id, in_case, person, staff, department, reply_to, text, at, state) "
                  "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  insert.bind(1, one.id).bind(2, one.in_case).bind(3, one.person).bind(4, one.staff).bind(5, one.department);
  insert.bind(6, one.reply_to).bind(7, one.text).bind(8, base::to_us(one.at)).bind(9, std::int64_t(one.state));
  TRY(insert.run());
  return db_.changed() > 0;
}

Result<std::optional<Comment>> Discussion::comment(std::string_view id) {
  auto found = TRY(read("id = ?", {std::string(id)}));
  return found.empty() ? std::optional<Comment>{} : std::optional(std::move(found.front()));
}

Result<std::vector<Comment>> Discussion::of(const std::vector<std::string>& cases) {
  return read(in_cases(cases.size()) + " ORDER BY at, id", cases);
}

Result<std::int64_t> Discussion::count(const std::vector<std::string>& cases) {
  const std::lock_guard lock(mutex_);
  Statement rows =
      TRY(db_.prepare(fmt::format("SELECT COUNT(*) FROM comment WHERE state < 2 AND {}", in_cases(cases.size()))));
  int at = 0;
  for (const std::string& id : cases) rows.bind(++at, id);
  TRY(rows.step());
  return rows.number(0);
}

Result<std::int64_t> Discussion::written_by(std::string_view person) {
  const std::lock_guard lock(mutex_);
  Statement rows = TRY(db_.prepare("SELECT COUNT(*) FROM comment WHERE person = ? AND state < 3"));
  rows.bind(1, person);
  TRY(rows.step());
  return rows.number(0);
}

Status Discussion::erase(std::string_view id) {
  const std::lock_guard lock(mutex_);
  Statement update =
      TRY(db_.prepare("UPDATE comment SET text = '', public_text = '', person = '', state = 3 WHERE id = ?"));
  return update.bind(1, id).run();
}

Status Discussion::decide(const Comment& one) {
  const std::lock_guard lock(mutex_);
  Transaction step = TRY(Transaction::begin(db_));
  Statement update =
      TRY(db_.prepare("UPDATE comment SET state = ?, public_text = ?, reason = ?, decided_by = ?, decided_at = ? "
                      "WHERE id = ? AND state < 3"));
  update.bind(1, std::int64_t(one.state)).bind(2, one.public_text).bind(3, one.reason).bind(4, one.decided_by);
  TRY(update.bind(5, base::to_us(one.decided_at)).bind(6, one.id).run());
  // Of an earlier decision none are left to come back by taking back this one.
  TRY(run("DELETE FROM settled_flag WHERE comment = ?", one.id));
  TRY(run("INSERT INTO settled_flag SELECT comment, person FROM flag WHERE comment = ?", one.id));
  TRY(run("DELETE FROM flag WHERE comment = ?", one.id));
  return step.commit();
}

Status Discussion::take_back(std::string_view id) {
  const std::lock_guard lock(mutex_);
  Transaction step = TRY(Transaction::begin(db_));
  TRY(
      run("UPDATE comment SET state = 0, public_text = '', reason = '', decided_by = '', decided_at = NULL "
          "WHERE id = ? AND state < 3",
          id));
  TRY(run("INSERT OR IGNORE INTO flag SELECT comment, person FROM settled_flag WHERE comment = ?", id));
  TRY(run("DELETE FROM settled_flag WHERE comment = ?", id));
  return step.commit();
}

Status Discussion::flag(std::string_view id, std::string_view person) {
  const std::lock_guard lock(mutex_);
  Statement insert = TRY(db_.prepare("INSERT OR IGNORE INTO flag(comment, person) VALUES(?, ?)"));
  return insert.bind(1, id).bind(2, person).run();
}

Status Discussion::forget_flags_of(std::string_view person) {
  const std::lock_guard lock(mutex_);
  TRY(run("DELETE FROM flag WHERE person = ?", person));
  return run("DELETE FROM settled_flag WHERE person = ?", person);
}

Result<std::vector<Comment>> Discussion::waiting() {
  return read(
      "staff = '' AND state < 2 AND (state = 0 OR EXISTS (SELECT 1 FROM flag WHERE flag.comment = id)) "
      "ORDER BY (SELECT COUNT(*) FROM flag WHERE flag.comment = id) DESC, at, id",
      {});
}

Result<std::vector<Comment>> Discussion::decided() {
  return read("staff = '' AND decided_at IS NOT NULL ORDER BY decided_at DESC, id", {});
}

}  // namespace cityloop::participation
