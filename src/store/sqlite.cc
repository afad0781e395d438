#include "store/sqlite.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

namespace cityloop::store {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

std::unexpected<base::Error> trouble(sqlite3* db) {
  const int code = sqlite3_errcode(db) & 0xff;
  const Errc what = code == SQLITE_FULL                               ? Errc::full
                    : code == SQLITE_CONSTRAINT                       ? Errc::exists
                    : code == SQLITE_CORRUPT || code == SQLITE_NOTADB ? Errc::corrupt
                                                                      : Errc::unavailable;
  const char* const file = sqlite3_db_filename(db, "main");
  return fail(what, "{}: {}", std::filesystem::path(file ? file : "").filename().string(), sqlite3_errmsg(db));
}

}  // namespace

Statement::Statement(Statement&& other) noexcept : db_(other.db_), is_(std::exchange(other.is_, nullptr)) {}

Statement::~Statement() {
  sqlite3_finalize(is_);
}

Statement& Statement::bind(int at, std::string_view text) {
  sqlite3_bind_text(is_, at, text.data() ? text.data() : "", int(text.size()), SQLITE_TRANSIENT);
  return *this;
}

Statement& Statement::bind(int at, std::int64_t number) {
  sqlite3_bind_int64(is_, at, number);
  return *this;
}

Statement& Statement::bind_null(int at) {
  sqlite3_bind_null(is_, at);
  return *this;
}

Statement& Statement::reset() {
  sqlite3_reset(is_);
  sqlite3_clear_bindings(is_);
  return *this;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(is_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return trouble(db_);
}

Status Statement::run() {
  while (TRY(step())) {
  }
  return {};
}

std::string Statement::text(int column) const {
  const auto* const text = reinterpret_cast<const char*>(sqlite3_column_text(is_, column));
  return text ? std::string(text, std::size_t(sqlite3_column_bytes(is_, column))) : std::string();
}

std::int64_t Statement::number(int column) const {
  return sqlite3_column_int64(is_, column);
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(is_, column) == SQLITE_NULL;
}

Result<Sqlite> Sqlite::open(const std::string& file) {
  // SQLite would make it readable to others.
  if (const int made = ::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600); made >= 0) ::close(made);
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, nullptr);
  Sqlite out(db);
  if (code != SQLITE_OK) return fail(Errc::unavailable, "cannot open {}: {}", file, sqlite3_errmsg(db));
  sqlite3_busy_timeout(db, 10'000);
  TRY(
      out.exec("PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
               "PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = ON;"));
  return out;
}

Sqlite::Sqlite(Sqlite&& other) noexcept : db_(std::exchange(other.db_, nullptr)) {}

Sqlite::~Sqlite() {
  sqlite3_close_v2(db_);
}

Status Sqlite::exec(const char* sql) {
  if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return trouble(db_);
  return {};
}

Result<Statement> Sqlite::prepare(std::string_view sql) {
  sqlite3_stmt* made = nullptr;
  if (sqlite3_prepare_v2(db_, sql.data(), int(sql.size()), &made, nullptr) != SQLITE_OK) return trouble(db_);
  return Statement(db_, made);
}

std::int64_t Sqlite::changed() const {
  return sqlite3_changes64(db_);
}

Status Sqlite::copy(const std::string& from, const std::string& to) {
  Sqlite source = TRY(open(from));
  Sqlite target = TRY(open(to));
  sqlite3_backup* const backup = sqlite3_backup_init(target.db_, "main", source.db_, "main");
  if (!backup) return trouble(target.db_);
  sqlite3_backup_step(backup, -1);
  if (sqlite3_backup_finish(backup) != SQLITE_OK) return trouble(target.db_);
  return {};
}

Result<Transaction> Transaction::begin(Sqlite& db) {
  TRY(db.exec("BEGIN IMMEDIATE"));
  return Transaction(db);
}

Transaction::~Transaction() {
  if (db_) (void)db_->exec("ROLLBACK");
}

Status Transaction::commit() {
  TRY(db_->exec("COMMIT"));
  db_ = nullptr;
  return {};
}

}  // namespace cityloop::store
