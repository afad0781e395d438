#include "participation/people.h"

namespace cityloop::participation {
namespace {

using base::Result;
using base::Status;
using store::Sqlite;
using store::Statement;
using store::Transaction;

constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS person(number TEXT PRIMARY KEY, email TEXT NOT NULL, name TEXT NOT NULL, language TEXT NOT NULL,
  confirmed INTEGER NOT NULL DEFAULT 0, since INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS support(in_case TEXT NOT NULL, person TEXT NOT NULL REFERENCES person ON DELETE CASCADE,
  PRIMARY KEY(in_case, person)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS support_person ON support(person);
CREATE TABLE IF NOT EXISTS author(author TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES person ON DELETE CASCADE)
  WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS author_person ON author(person);
CREATE TABLE IF NOT EXISTS proposal_case(id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS letter(key TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES person ON DELETE CASCADE,
  next TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, next_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS letter_due ON letter(next_at);
PRAGMA user_version = 1;
)";
constexpr std::string_view kPersonColumns =
    "person.number, person.email, person.name, person.language, person.confirmed, person.since";

Person read_person(const Statement& row) {
  return {row.text(0), row.text(1), row.text(2), row.text(3), row.number(4) != 0, base::from_us(row.number(5))};
}

std::string marks(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += i ? ", ?" : "?";
  return out;
}

void bind_all(Statement& to, int at, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) to.bind(at++, text);
}

}  // namespace

Result<std::unique_ptr<People>> People::open(const std::string& file) {
  Sqlite db = TRY(Sqlite::open(file));
  TRY(db.exec(kTables));
  return std::unique_ptr<People>(new People(std::move(db)));
}

Status People::run(std::string_view sql, std::initializer_list<std::string_view> texts) {
  Statement statement = TRY(db_.prepare(sql));
  int at = 0;
  for (const std::string_view text : texts) statement.bind(++at, text);
  return statement.run();
}

Result<std::vector<std::string>> People::texts(std::string_view sql, std::string_view by) {
  const std::lock_guard lock(mutex_);
  Statement rows = TRY(db_.prepare(sql));
  if (!by.empty()) rows.bind(1, by);
  std::vector<std::string> out;
  while (TRY(rows.step())) out.push_back(rows.text(0));
  return out;
}

Status People::ask(const Person& person, std::string_view letter_key, std::string_view next, Instant now) {
  const std::lock_guard lock(mutex_);
  Transaction step = TRY(Transaction::begin(db_));
  Statement insert =
      TRY(db_.prepare("INSERT OR IGNORE INTO person(number, email, name, language, since) VALUES(?, ?, ?, ?, ?)"));
  insert.bind(1, person.number).bind(2, person.email).bind(3, person.name).bind(4, person.language);
  TRY(insert.bind(5, base::to_us(person.since)).run());
  Statement letter = TRY(db_.prepare("INSERT OR IGNORE INTO letter(key, person, next, next_at) VALUES(?, ?, ?, ?)"));
  TRY(letter.bind(1, letter_key).bind(2, person.number).bind(3, next).bind(4, base::to_us(now)).run());
  return step.commit();
}

Result<std::optional<Person>> People::person(std::string_view number) {
  const std::lock_guard lock(mutex_);
  Statement rows = TRY(db_.prepare(fmt::format("SELECT {} FROM person WHERE number = ?", kPersonColumns)));
  rows.bind(1, number);
  if (!TRY(rows.step())) return std::optional<Person>{};
  return std::optional(read_person(rows));
}

Status People::confirm(std::string_view number) {
  const std::lock_guard lock(mutex_);
  return run("UPDATE person SET confirmed = 1 WHERE number = ?", {number});
}

Status People::rename(std::string_view number, std::string_view name, std::string_view language) {
  const std::lock_guard lock(mutex_);
  return run("UPDATE person SET name = ?, language = ? WHERE number = ?", {name, language, number});
}

Status People::erase(std::string_view number) {
  const std::lock_guard lock(mutex_);
  return run("DELETE FROM person WHERE number = ?", {number});
}

Result<std::int64_t> People::erase_unconfirmed_before(Instant before) {
  const std::lock_guard lock(mutex_);
  Statement erase = TRY(db_.prepare("DELETE FROM person WHERE confirmed = 0 AND since < ?"));
  TRY(erase.bind(1, base::to_us(before)).run());
  return db_.changed();
}

Result<bool> People::support(std::string_view person, std::string_view case_id) {
  const std::lock_guard lock(mutex_);
  TRY(run("INSERT OR IGNORE INTO support(in_case, person) VALUES(?, ?)", {case_id, person}));
  return db_.changed() > 0;
}

Result<bool> People::withdraw(std::string_view person, const std::vector<std::string>& cases) {
  const std::lock_guard lock(mutex_);
  Statement erase =
      TRY(db_.prepare(fmt::format("DELETE FROM support WHERE person = ? AND in_case IN ({})", marks(cases.size()))));
  erase.bind(1, person);
  bind_all(erase, 2, cases);
  TRY(erase.run());
  return db_.changed() > 0;
}

Result<std::int64_t> People::supporters(const std::vector<std::string>& cases) {
  const std::lock_guard lock(mutex_);
  Statement rows = TRY(db_.prepare(
      fmt::format("SELECT COUNT(DISTINCT person) FROM support WHERE in_case IN ({})", marks(cases.size()))));
  bind_all(rows, 1, cases);
  TRY(rows.step());
  return rows.number(0);
}

Result<bool> People::supports(std::string_view person, const std::vector<std::string>& cases) {
  const std::lock_guard lock(mutex_);
  Statement rows =
      TRY(db_.prepare(fmt::format("SELECT 1 FROM support WHERE person = ? AND in_case IN ({})", marks(cases.size()))));
  rows.bind(1, person);
  bind_all(rows, 2, cases);
  return rows.step();
}

Result<std::vector<std::string>> People::supported_by(std::string_view person) {
  return texts("SELECT in_case FROM support WHERE person = ? ORDER BY in_case", person);
}

Status People::put_author(std::string_view author, std::string_view person) {
  const std::lock_guard lock(mutex_);
  return run("INSERT OR IGNORE INTO author(author, person) VALUES(?, ?)", {author, person});
}

Status People::drop_author(std::string_view author) {
  const std::lock_guard lock(mutex_);
  return run("DELETE FROM author WHERE author = ?", {author});
}

Result<std::string> People::person_of(std::string_view author) {
  const auto found = TRY(texts("SELECT person FROM author WHERE author = ?", author));
  return found.empty() ? std::string() : found.front();
}

Result<std::vector<std::string>> People::authorships(std::string_view person) {
  return texts("SELECT author FROM author WHERE person = ? ORDER BY author", person);
}

Status People::remember_case(std::string_view case_id) {
  const std::lock_guard lock(mutex_);
  return run("INSERT OR IGNORE INTO proposal_case(id) VALUES(?)", {case_id});
}

Result<std::vector<std::string>> People::remembered_cases() {
  return texts("SELECT id FROM proposal_case ORDER BY id", {});
}

Result<std::vector<DueLetter>> People::due_letters(Instant now, std::size_t max) {
  const std::lock_guard lock(mutex_);
  Statement rows = TRY(db_.prepare(
      fmt::format("SELECT {}, letter.key, letter.next, letter.attempts FROM letter JOIN person ON person.number = "
                  "letter.person WHERE next_at <= ? ORDER BY next_at, key LIMIT ?",
                  kPersonColumns)));
  rows.bind(1, base::to_us(now)).bind(2, std::int64_t(max));
  std::vector<DueLetter> out;
  while (TRY(rows.step())) out.push_back({rows.text(6), read_person(rows), rows.text(7), unsigned(rows.number(8))});
  return out;
}

Status People::letter_done(std::string_view key) {
  const std::lock_guard lock(mutex_);
  return run("DELETE FROM letter WHERE key = ?", {key});
}

Status People::letter_failed(std::string_view key, Instant next) {
  const std::lock_guard lock(mutex_);
  Statement update = TRY(db_.prepare("UPDATE letter SET next_at = ?, attempts = attempts + 1 WHERE key = ?"));
  return update.bind(1, base::to_us(next)).bind(2, key).run();
}

}  // namespace cityloop::participation
