// SQLite for what is not the log's: one file, statements that bind and read by position, transactions that end with
// their scope. Chosen for what must be erasable: a row that is deleted is overwritten (secure_delete), and the journal
// of a transaction does not outlive it.
//
// One thread at a time; the caller locks. What fails is a Result; nothing throws.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace cityloop::store {

class Statement {
 public:
  Statement(sqlite3* db, sqlite3_stmt* is) : db_(db), is_(is) {}
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  Statement& bind(int at, std::string_view text);  // from 1; the text is copied
  Statement& bind(int at, std::int64_t number);
  Statement& bind_null(int at);
  Statement& reset();  // to be bound and run once more
  // True: a row is there to be read. False: done. An error stands for the whole statement.
  base::Result<bool> step();
  base::Status run();  // all of it, its rows passed over
  std::string text(int column) const;
  std::int64_t number(int column) const;
  bool is_null(int column) const;

 private:
  sqlite3* db_;
  sqlite3_stmt* is_;
};

class Sqlite {
 public:
  // Creates the file, mode 0600, when there is none; what was committed is on disk.
  static base::Result<Sqlite> open(const std::string& file);
  Sqlite(Sqlite&&) noexcept;
  Sqlite& operator=(Sqlite&&) = delete;
  ~Sqlite();

  base::Status exec(const char* sql);
  base::Result<Statement> prepare(std::string_view sql);
  std::int64_t changed() const;  // rows by the last statement
  // A whole copy into a new file, as of one moment; writers may go on.
  static base::Status copy(const std::string& from, const std::string& to);

 private:
  explicit Sqlite(sqlite3* db) : db_(db) {}
  sqlite3* db_;
};

// Rolled back unless commit() was called.
class Transaction {
 public:
  static base::Result<Transaction> begin(Sqlite&);
  Transaction(Transaction&& other) noexcept : db_(other.db_) { other.db_ = nullptr; }
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  base::Status commit();

 private:
  explicit Transaction(Sqlite& db) : db_(&db) {}
  Sqlite* db_;
};

}  // namespace cityloop::store
