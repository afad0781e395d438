#include "participation/ballot_box.h"

#include "flow/case_parts.h"

namespace cityloop::participation {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;
using store::Sqlite;
using store::Statement;
using store::Transaction;

constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS ballot(round TEXT NOT NULL, id TEXT NOT NULL, token TEXT NOT NULL, prefix TEXT NOT NULL,
  signature TEXT NOT NULL, choices TEXT NOT NULL, edition INTEGER NOT NULL, PRIMARY KEY(round, id)) WITHOUT ROWID;
PRAGMA user_version = 1;
)";

}  // namespace

Result<std::unique_ptr<BallotBox>> BallotBox::open(const std::string& file) {
  Sqlite db = TRY(Sqlite::open(file));
  TRY(db.exec(kTables));
  return std::unique_ptr<BallotBox>(new BallotBox(std::move(db)));
}

Status BallotBox::cast(std::string_view round, const BallotPaper& paper, std::int64_t edition) {
  const std::string choices = flow::texts_json(paper.choices);
  const std::lock_guard lock(mutex_);
  Transaction step = TRY(Transaction::begin(db_));
  {
    Statement held = TRY(db_.prepare("SELECT choices, edition FROM ballot WHERE round = ? AND id = ?"));
    held.bind(1, round).bind(2, paper.id);
    if (TRY(held.step())) {
      const std::int64_t before = held.number(1);
      if (before == edition && held.text(0) == choices) return {};
      if (before >= edition)
        return fail(Errc::conflict, "a newer ballot was cast with this token: that one stays ({})", before);
    }
  }
  Statement put =
      TRY(db_.prepare("INSERT OR REPLACE INTO ballot(round, id, token, prefix, signature, choices, edition) "
                      "VALUES(?, ?, ?, ?, ?, ?, ?)"));
  put.bind(1, round).bind(2, paper.id).bind(3, paper.token).bind(4, paper.prefix).bind(5, paper.signature);
  TRY(put.bind(6, choices).bind(7, edition).run());
  touched_ = true;
  return step.commit();
}

Status BallotBox::each(std::string_view round, const std::function<void(BallotPaper)>& give) {
  const std::lock_guard lock(mutex_);
  Statement rows =
      TRY(db_.prepare("SELECT id, token, prefix, signature, choices FROM ballot WHERE round = ? ORDER BY id"));
  rows.bind(1, round);
  while (TRY(rows.step())) {
    BallotPaper paper{rows.text(0), rows.text(1), rows.text(2), rows.text(3), {}};
    if (const std::string choices = rows.text(4); !choices.empty()) paper.choices = TRY(flow::texts_from(choices));
    give(std::move(paper));
  }
  return {};
}

Result<std::int64_t> BallotBox::count(std::string_view round) {
  const std::lock_guard lock(mutex_);
  Statement rows = TRY(db_.prepare("SELECT COUNT(*) FROM ballot WHERE round = ?"));
  rows.bind(1, round);
  TRY(rows.step());
  return rows.number(0);
}

Status BallotBox::scrub() {
  const std::lock_guard lock(mutex_);
  if (!touched_.exchange(false)) return {};
  return db_.exec("VACUUM");
}

}  // namespace cityloop::participation
