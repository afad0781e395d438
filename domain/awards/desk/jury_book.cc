#include "domain/awards/desk/jury_book.h"

#include "flow/case_parts.h"

namespace cityloop::awards {
namespace {

using base::from_us;
using base::Result;
using base::Status;
using base::to_us;
using store::Sqlite;
using store::Statement;
using store::Transaction;

constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS juror(cycle TEXT NOT NULL, account TEXT NOT NULL, name TEXT NOT NULL, key_words TEXT NOT NULL,
  organisations TEXT NOT NULL, cities TEXT NOT NULL, co_authors TEXT NOT NULL, declared TEXT NOT NULL, text TEXT NOT NULL,
  load_max INTEGER NOT NULL, PRIMARY KEY(cycle, account)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sheet(id TEXT PRIMARY KEY, proposal TEXT NOT NULL REFERENCES proposal, juror TEXT NOT NULL,
  cycle TEXT NOT NULL, state INTEGER NOT NULL, scores TEXT NOT NULL, comment TEXT NOT NULL, version INTEGER NOT NULL,
  why TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sheet_juror ON sheet(juror);
CREATE INDEX IF NOT EXISTS sheet_cycle ON sheet(cycle);
CREATE INDEX IF NOT EXISTS sheet_load ON sheet(cycle, juror, state, version);
CREATE UNIQUE INDEX IF NOT EXISTS sheet_pair ON sheet(proposal, juror);
CREATE TABLE IF NOT EXISTS sheet_version(sheet TEXT NOT NULL REFERENCES sheet, version INTEGER NOT NULL, at INTEGER NOT NULL,
  scores TEXT NOT NULL, comment TEXT NOT NULL, reason TEXT NOT NULL, PRIMARY KEY(sheet, version)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS masking(proposal TEXT PRIMARY KEY REFERENCES proposal, answers TEXT NOT NULL,
  decisions TEXT NOT NULL, files TEXT NOT NULL, released_by TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS masking_run(proposal TEXT PRIMARY KEY REFERENCES proposal, version INTEGER NOT NULL,
  decisions TEXT NOT NULL, at INTEGER NOT NULL, state INTEGER NOT NULL, problem TEXT NOT NULL, report TEXT NOT NULL)
  WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS decision(proposal TEXT NOT NULL REFERENCES proposal, at INTEGER NOT NULL, outcome TEXT NOT NULL,
  actor TEXT NOT NULL, reason TEXT NOT NULL, bonuses TEXT NOT NULL, points INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS decision_proposal ON decision(proposal, at);
CREATE TABLE IF NOT EXISTS nomination(id TEXT PRIMARY KEY, cycle TEXT NOT NULL, prize TEXT NOT NULL, group_id TEXT NOT NULL,
  name TEXT NOT NULL, statement TEXT NOT NULL, actor TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS vote(cycle TEXT NOT NULL, prize TEXT NOT NULL, juror TEXT NOT NULL,
  group_id TEXT NOT NULL, nomination TEXT NOT NULL REFERENCES nomination,
  PRIMARY KEY(cycle, prize, juror, group_id)) WITHOUT ROWID;
)";
constexpr std::string_view kSheet = "id, proposal, juror, cycle, state, scores, comment, version, why, at";
constexpr std::string_view kRun = "proposal, version, decisions, at, state, problem, report";

std::vector<std::string> list_of(const std::string& json) {
  return flow::texts_from(json).value_or(std::vector<std::string>{});
}

ScoreSheet read_sheet(const Statement& row) {
  return {row.text(0),
          row.text(1),
          row.text(2),
          row.text(3),
          SheetState(row.number(4)),
          row.text(5),
          row.text(6),
          unsigned(row.number(7)),
          row.text(8),
          from_us(row.number(9))};
}

std::optional<MaskingRun> read_run(const Statement& row) {
  return MaskingRun{
      row.text(0), unsigned(row.number(1)), row.text(2), from_us(row.number(3)), RunState(row.number(4)), row.text(5),
      row.text(6)};
}

Decision read_decision(const Statement& row) {
  return {row.text(0),           row.text(1),          row.text(2),
          row.text(3),           list_of(row.text(4)), double(row.number(5)) / 1e6,
          from_us(row.number(6))};
}

Status write_sheet(Sqlite& db, const ScoreSheet& one) {
  Statement put = TRY(db.prepare(fmt::format(
      "INSERT INTO sheet({}) VALUES(?,?,?,?,?,?,?,?,?,?) ON CONFLICT(id) DO UPDATE SET state = excluded.state, "
      "scores = excluded.scores, comment = excluded.comment, version = excluded.version, why = excluded.why, "
      "at = excluded.at",
      kSheet)));
  put.bind(1, one.id).bind(2, one.proposal).bind(3, one.juror).bind(4, one.cycle).bind(5, std::int64_t(one.state));
  put.bind(6, one.scores).bind(7, one.comment).bind(8, std::int64_t(one.version)).bind(9, one.why);
  return put.bind(10, to_us(one.at)).run();
}

template <class Row, class Read>
Result<std::vector<Row>> all(Statement& rows, Read&& read) {
  std::vector<Row> out;
  while (TRY(rows.step())) out.push_back(read(rows));
  return out;
}

}  // namespace

std::string_view to_string(SheetState one) {
  constexpr std::string_view kNames[] = {"open", "submitted", "conflict", "removed"};
  return kNames[std::size_t(one)];
}

Result<std::unique_ptr<JuryBook>> JuryBook::open(const Book& book) {
  const std::lock_guard lock(book.tables()->mutex);
  TRY(book.tables()->db.exec(kTables));
  return std::unique_ptr<JuryBook>(new JuryBook(book.tables()));
}

Status JuryBook::put_juror(const Juror& one) {
  const std::lock_guard lock(tables_->mutex);
  Statement put =
      TRY(db_.prepare("INSERT OR REPLACE INTO juror(cycle, account, name, key_words, organisations, cities, "
                      "co_authors, declared, text, load_max) VALUES(?,?,?,?,?,?,?,?,?,?)"));
  put.bind(1, one.cycle).bind(2, one.account).bind(3, one.name).bind(4, flow::texts_json(one.key_words));
  put.bind(5, flow::texts_json(one.organisations)).bind(6, flow::texts_json(one.cities));
  put.bind(7, flow::texts_json(one.co_authors)).bind(8, flow::texts_json(one.declared)).bind(9, one.text);
  return put.bind(10, std::int64_t(one.load_max)).run();
}

Status JuryBook::drop_juror(std::string_view cycle, std::string_view account) {
  const std::lock_guard lock(tables_->mutex);
  Statement drop = TRY(db_.prepare("DELETE FROM juror WHERE cycle = ? AND account = ?"));
  return drop.bind(1, cycle).bind(2, account).run();
}

Result<std::vector<Juror>> JuryBook::jurors(std::string_view cycle) {
  const std::lock_guard lock(tables_->mutex);
  Statement rows =
      TRY(db_.prepare("SELECT account, cycle, name, key_words, organisations, cities, co_authors, declared, "
                      "text, load_max FROM juror WHERE cycle = ? ORDER BY account"));
  rows.bind(1, cycle);
  return all<Juror>(rows, [](const Statement& row) {
    return Juror{row.text(0),          row.text(1),
                 row.text(2),          list_of(row.text(3)),
                 list_of(row.text(4)), list_of(row.text(5)),
                 list_of(row.text(6)), list_of(row.text(7)),
                 row.text(8),          unsigned(row.number(9))};
  });
}

Status JuryBook::put_sheet(const ScoreSheet& one) {
  const std::lock_guard lock(tables_->mutex);
  return write_sheet(db_, one);
}

Status JuryBook::put_sheets(const std::vector<ScoreSheet>& all_of_them) {
  const std::lock_guard lock(tables_->mutex);
  Transaction step = TRY(Transaction::begin(db_));
  for (const ScoreSheet& one : all_of_them) TRY(write_sheet(db_, one));
  return step.commit();
}

Result<std::vector<ScoreSheet>> JuryBook::sheets_by(std::string_view column, std::string_view value) {
  const std::lock_guard lock(tables_->mutex);
  Statement rows = TRY(db_.prepare(fmt::format("SELECT {} FROM sheet WHERE {} = ? ORDER BY id", kSheet, column)));
  rows.bind(1, value);
  return all<ScoreSheet>(rows, read_sheet);
}

Result<std::optional<ScoreSheet>> JuryBook::sheet(std::string_view id) {
  auto found = TRY(sheets_by("id", id));
  return found.empty() ? std::optional<ScoreSheet>{} : std::optional(std::move(found.front()));
}
Result<std::vector<JuryBook::Listed>> JuryBook::sheets_of(std::string_view juror) {
  const std::lock_guard lock(tables_->mutex);
  Statement rows = TRY(db_.prepare(
      "SELECT sheet.id, sheet.proposal, juror, sheet.cycle, state, scores, comment, sheet.version, why, sheet.at, "
      "number, released_by FROM sheet JOIN proposal ON proposal.id = sheet.proposal LEFT JOIN masking "
      "ON masking.proposal = sheet.proposal WHERE juror = ? AND state <> ? ORDER BY sheet.id"));
  rows.bind(1, juror).bind(2, std::int64_t(SheetState::removed));
  return all<Listed>(rows,
                     [](const Statement& row) { return Listed{read_sheet(row), row.text(10), !row.text(11).empty()}; });
}

Result<std::vector<ScoreSheet>> JuryBook::sheet_heads(std::string_view cycle, std::size_t max, std::size_t skip) {
  const std::lock_guard lock(tables_->mutex);
  Statement rows =
      TRY(db_.prepare(fmt::format("SELECT id, proposal, juror, cycle, state, '', '', version, '', at FROM sheet "
                                  "INDEXED BY sheet_cycle WHERE cycle = ? ORDER BY id "
                                  "LIMIT {} OFFSET {}",
                                  max, skip)));
  rows.bind(1, cycle);
  return all<ScoreSheet>(rows, read_sheet);
}

Result<std::size_t> JuryBook::sheet_count(std::string_view cycle) {
  const std::lock_guard lock(tables_->mutex);
  Statement rows = TRY(db_.prepare("SELECT count(*) FROM sheet WHERE cycle = ?"));
  rows.bind(1, cycle);
  TRY(rows.step());
  return std::size_t(rows.number(0));
}

Result<std::map<std::string, JuryBook::Load>> JuryBook::loads(std::string_view cycle) {
  const std::lock_guard lock(tables_->mutex);
  Statement rows =
      TRY(db_.prepare("SELECT juror, count(*), sum(version > 0) FROM sheet WHERE cycle = ? AND state IN (?, ?) "
                      "GROUP BY juror"));
  rows.bind(1, cycle).bind(2, std::int64_t(SheetState::open)).bind(3, std::int64_t(SheetState::submitted));
  std::map<std::string, Load> out;
  while (TRY(rows.step())) out[rows.text(0)] = {std::size_t(rows.number(1)), std::size_t(rows.number(2))};
  return out;
}

Result<std::vector<ScoreSheet>> JuryBook::scored(std::string_view cycle) {
  const std::lock_guard lock(tables_->mutex);
  Statement rows = TRY(db_.prepare(
      "SELECT id, proposal, juror, cycle, state, last.scores, '', sheet.version, '', last.at FROM sheet "
      "JOIN sheet_version AS last ON last.sheet = id AND last.version = sheet.version WHERE cycle = ? ORDER BY id"));
  rows.bind(1, cycle);
  return all<ScoreSheet>(rows, read_sheet);
}

Result<std::vector<ScoreSheet>> JuryBook::sheets_in(std::string_view cycle) {
  return sheets_by("cycle", cycle);
}
Result<std::vector<ScoreSheet>> JuryBook::sheets_on(std::string_view proposal) {
  return sheets_by("proposal", proposal);
}

Status JuryBook::hand_in(const ScoreSheet& sheet, const SheetVersion& version) {
  const std::lock_guard lock(tables_->mutex);
  ++scores_changed_;
  Transaction step = TRY(Transaction::begin(db_));
  TRY(write_sheet(db_, sheet));
  Statement put = TRY(
      db_.prepare("INSERT INTO sheet_version(sheet, version, at, scores, comment, reason) VALUES(?, ?, ?, ?, ?, ?)"));
  put.bind(1, sheet.id).bind(2, std::int64_t(version.version)).bind(3, to_us(version.at)).bind(4, version.scores);
  TRY(put.bind(5, version.comment).bind(6, version.reason).run());
  return step.commit();
}

Status JuryBook::unseal(const std::vector<Unsealed>& all_of_them) {
  const std::lock_guard lock(tables_->mutex);
  ++scores_changed_;
  Transaction step = TRY(Transaction::begin(db_));
  for (const Unsealed& one : all_of_them) {
    Statement version =
        TRY(db_.prepare("UPDATE sheet_version SET scores = ?, comment = ? WHERE sheet = ? AND version = ?"));
    TRY(version.bind(1, one.scores).bind(2, one.comment).bind(3, one.sheet).bind(4, std::int64_t(one.version)).run());
    Statement sheet =
        TRY(db_.prepare("UPDATE sheet SET scores = ?, comment = ? WHERE id = ? AND version = ? AND state = ?"));
    sheet.bind(1, one.scores).bind(2, one.comment).bind(3, one.sheet).bind(4, std::int64_t(one.version));
    TRY(sheet.bind(5, std::int64_t(SheetState::submitted)).run());
  }
  return step.commit();
}

Result<std::vector<SheetVersion>> JuryBook::versions(std::string_view sheet) {
  const std::lock_guard lock(tables_->mutex);
  Statement rows = TRY(
      db_.prepare("SELECT version, at, scores, comment, reason FROM sheet_version WHERE sheet = ? ORDER BY version"));
  rows.bind(1, sheet);
  return all<SheetVersion>(rows, [](const Statement& row) {
    return SheetVersion{unsigned(row.number(0)), from_us(row.number(1)), row.text(2), row.text(3), row.text(4)};
  });
}

Status JuryBook::put_masking(const Masking& one) {
  const std::lock_guard lock(tables_->mutex);
  Statement put = TRY(db_.prepare(
      "INSERT OR REPLACE INTO masking(proposal, answers, decisions, files, released_by, at) VALUES(?, ?, ?, ?, ?, ?)"));
  put.bind(1, one.proposal).bind(2, one.answers).bind(3, one.decisions).bind(4, flow::texts_json(one.files));
  return put.bind(5, one.released_by).bind(6, to_us(one.at)).run();
}

Result<std::optional<Masking>> JuryBook::masking(std::string_view proposal) {
  const std::lock_guard lock(tables_->mutex);
  Statement rows =
      TRY(db_.prepare("SELECT proposal, answers, decisions, files, released_by, at FROM masking WHERE proposal = ?"));
  rows.bind(1, proposal);
  if (!TRY(rows.step())) return std::optional<Masking>{};
  return std::optional(
      Masking{rows.text(0), rows.text(1), rows.text(2), list_of(rows.text(3)), rows.text(4), from_us(rows.number(5))});
}

Status JuryBook::put_run(const MaskingRun& one) {
  const std::lock_guard lock(tables_->mutex);
  Statement put =
      TRY(db_.prepare("INSERT OR REPLACE INTO masking_run(proposal, version, decisions, at, state, problem, report) "
                      "VALUES(?, ?, ?, ?, ?, ?, ?)"));
  put.bind(1, one.proposal).bind(2, std::int64_t(one.version)).bind(3, one.decisions).bind(4, to_us(one.at));
  return put.bind(5, std::int64_t(one.state)).bind(6, one.problem).bind(7, one.report).run();
}

Result<std::optional<MaskingRun>> JuryBook::run(std::string_view proposal) {
  const std::lock_guard lock(tables_->mutex);
  Statement rows = TRY(db_.prepare(fmt::format("SELECT {} FROM masking_run WHERE proposal = ?", kRun)));
  rows.bind(1, proposal);
  if (!TRY(rows.step())) return std::optional<MaskingRun>{};
  return read_run(rows);
}

Result<std::optional<MaskingRun>> JuryBook::waiting_run() {
  const std::lock_guard lock(tables_->mutex);
  Statement rows =
      TRY(db_.prepare(fmt::format("SELECT {} FROM masking_run WHERE state = ? ORDER BY at, proposal LIMIT 1", kRun)));
  rows.bind(1, std::int64_t(RunState::waiting));
  if (!TRY(rows.step())) return std::optional<MaskingRun>{};
  return read_run(rows);
}

// Points are kept as millionths: the tables hold whole numbers and texts.
Status JuryBook::decide(const Decision& one) {
  const std::lock_guard lock(tables_->mutex);
  Statement put = TRY(db_.prepare(
      "INSERT INTO decision(proposal, at, outcome, actor, reason, bonuses, points) VALUES(?, ?, ?, ?, ?, ?, ?)"));
  put.bind(1, one.proposal).bind(2, to_us(one.at)).bind(3, one.outcome).bind(4, one.by).bind(5, one.reason);
  return put.bind(6, flow::texts_json(one.bonuses)).bind(7, std::int64_t(std::llround(one.points * 1e6))).run();
}

Result<std::vector<Decision>> JuryBook::decisions(std::string_view proposal) {
  const std::lock_guard lock(tables_->mutex);
  Statement rows =
      TRY(db_.prepare("SELECT proposal, outcome, actor, reason, bonuses, points, at "
                      "FROM decision WHERE proposal = ? ORDER BY at, rowid"));
  rows.bind(1, proposal);
  return all<Decision>(rows, read_decision);
}

Result<std::vector<Decision>> JuryBook::decisions_in(std::string_view cycle) {
  const std::lock_guard lock(tables_->mutex);
  Statement rows =
      TRY(db_.prepare("SELECT decision.proposal, outcome, actor, reason, bonuses, points, at FROM decision "
                      "JOIN proposal ON proposal.id = decision.proposal WHERE cycle = ? ORDER BY at, decision.rowid"));
  rows.bind(1, cycle);
  return all<Decision>(rows, read_decision);
}

Status JuryBook::nominate(const Nomination& one) {
  const std::lock_guard lock(tables_->mutex);
  Statement put =
      TRY(db_.prepare("INSERT INTO nomination(id, cycle, prize, group_id, name, statement, actor, at) "
                      "VALUES(?, ?, ?, ?, ?, ?, ?, ?)"));
  put.bind(1, one.id).bind(2, one.cycle).bind(3, one.prize).bind(4, one.group).bind(5, one.name);
  return put.bind(6, one.statement).bind(7, one.by).bind(8, to_us(one.at)).run();
}

Result<std::vector<Nomination>> JuryBook::nominations(std::string_view cycle, std::string_view prize) {
  const std::lock_guard lock(tables_->mutex);
  Statement rows =
      TRY(db_.prepare("SELECT id, cycle, prize, group_id, name, statement, actor, at FROM nomination "
                      "WHERE cycle = ? AND prize = ? ORDER BY name, id"));
  rows.bind(1, cycle).bind(2, prize);
  return all<Nomination>(rows, [](const Statement& row) {
    return Nomination{row.text(0), row.text(1), row.text(2), row.text(3),
                      row.text(4), row.text(5), row.text(6), from_us(row.number(7))};
  });
}

Status JuryBook::vote(std::string_view juror, const Nomination& whom) {
  const std::lock_guard lock(tables_->mutex);
  Statement put =
      TRY(db_.prepare("INSERT OR REPLACE INTO vote(cycle, prize, juror, group_id, nomination) VALUES(?, ?, ?, ?, ?)"));
  put.bind(1, whom.cycle).bind(2, whom.prize).bind(3, juror).bind(4, whom.group);
  return put.bind(5, whom.id).run();
}

Result<std::vector<std::string>> JuryBook::votes_of(std::string_view cycle, std::string_view prize,
                                                    std::string_view juror) {
  const std::lock_guard lock(tables_->mutex);
  Statement rows =
      TRY(db_.prepare("SELECT nomination FROM vote WHERE cycle = ? AND prize = ? AND juror = ? ORDER BY group_id"));
  rows.bind(1, cycle).bind(2, prize).bind(3, juror);
  return all<std::string>(rows, [](const Statement& row) { return row.text(0); });
}

Result<std::vector<std::string>> JuryBook::ballots(std::string_view cycle, std::string_view prize,
                                                   std::string_view group) {
  const std::lock_guard lock(tables_->mutex);
  Statement rows =
      TRY(db_.prepare("SELECT nomination FROM vote JOIN juror ON juror.cycle = vote.cycle AND account = vote.juror "
                      "WHERE vote.cycle = ? AND prize = ? AND group_id = ? ORDER BY nomination"));
  rows.bind(1, cycle).bind(2, prize).bind(3, group);
  return all<std::string>(rows, [](const Statement& row) { return row.text(0); });
}

}  // namespace cityloop::awards
