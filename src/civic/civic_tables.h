// The one file of this room's tables, opened and brought to the form that this program knows.
//
//   DATA/civic.db ─▶ [CivicTables] ─▶ Book, SurveyBook
//
// Its number (PRAGMA user_version) says in which form it is; an older one is brought forward step by step, each step
// whole or not at all. A newer one is refused.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "store/sqlite.h"

namespace cityloop::civic {

using store::Sqlite;
using store::Statement;
using store::Transaction;

struct CivicTables {
  explicit CivicTables(Sqlite&& opened) : db(std::move(opened)) {}
  // Errc::unsupported for a file of a newer program.
  static base::Result<std::shared_ptr<CivicTables>> open(const std::string& file);

  std::mutex mutex;
  Sqlite db;  // guarded by mutex
};

}  // namespace cityloop::civic
