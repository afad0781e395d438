#include "domain/awards/entry/book.h"

#include "base/json_value.h"
#include "flow/case_parts.h"
#include "trust/secret.h"

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
CREATE TABLE IF NOT EXISTS applicant(id TEXT PRIMARY KEY, account TEXT NOT NULL UNIQUE, unit_zh TEXT NOT NULL,
  unit_en TEXT NOT NULL, unit_key TEXT NOT NULL, unit_code TEXT NOT NULL, city TEXT NOT NULL, person TEXT NOT NULL,
  email TEXT NOT NULL, phone TEXT NOT NULL, language TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS applicant_unit ON applicant(unit_key);
CREATE TABLE IF NOT EXISTS proposal(id TEXT PRIMARY KEY, cycle TEXT NOT NULL, applicant TEXT NOT NULL REFERENCES applicant,
  category TEXT NOT NULL, number TEXT, case_id TEXT NOT NULL, stage TEXT NOT NULL, answers TEXT NOT NULL, title TEXT NOT NULL,
  revision INTEGER NOT NULL, version INTEGER NOT NULL, created INTEGER NOT NULL, changed INTEGER NOT NULL,
  submitted INTEGER NOT NULL, shortlisted INTEGER NOT NULL, confirmed INTEGER NOT NULL, opted_out INTEGER NOT NULL,
  consents TEXT NOT NULL, transfer_to TEXT NOT NULL, prize TEXT NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS proposal_number ON proposal(number) WHERE number IS NOT NULL;
CREATE INDEX IF NOT EXISTS proposal_cycle ON proposal(cycle, category, stage);
DROP INDEX IF EXISTS proposal_order;
CREATE INDEX IF NOT EXISTS proposal_list ON proposal(cycle, number, category, stage, title, id, applicant, case_id,
  revision, version, created, changed, submitted, shortlisted, confirmed, opted_out, consents, transfer_to, prize);
CREATE INDEX IF NOT EXISTS proposal_applicant ON proposal(applicant, cycle);
CREATE TABLE IF NOT EXISTS submission(proposal TEXT NOT NULL REFERENCES proposal, version INTEGER NOT NULL, at INTEGER NOT NULL,
  text TEXT NOT NULL, receipt TEXT NOT NULL, PRIMARY KEY(proposal, version)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS submission_owed ON submission(receipt) WHERE receipt = '';
CREATE TABLE IF NOT EXISTS file(id TEXT PRIMARY KEY, proposal TEXT NOT NULL REFERENCES proposal ON DELETE CASCADE,
  slot TEXT NOT NULL, round TEXT NOT NULL, name TEXT NOT NULL, media_type TEXT NOT NULL, sha256 TEXT NOT NULL,
  bytes INTEGER NOT NULL, pages INTEGER NOT NULL, ms INTEGER NOT NULL, at INTEGER NOT NULL,
  retired INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS file_proposal ON file(proposal, slot, at);
CREATE TABLE IF NOT EXISTS upload(id TEXT PRIMARY KEY, proposal TEXT NOT NULL REFERENCES proposal ON DELETE CASCADE,
  slot TEXT NOT NULL, round TEXT NOT NULL, name TEXT NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL,
  at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS question(number INTEGER PRIMARY KEY, proposal TEXT NOT NULL REFERENCES proposal, text TEXT NOT NULL,
  asked_by TEXT NOT NULL, answer TEXT NOT NULL, asked INTEGER NOT NULL, answered INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS question_proposal ON question(proposal);
CREATE TABLE IF NOT EXISTS event(proposal TEXT NOT NULL, at INTEGER NOT NULL, actor TEXT NOT NULL, what TEXT NOT NULL,
  why TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS event_proposal ON event(proposal, at);
PRAGMA user_version = 1;
PRAGMA cache_size = -65536;
)";
constexpr std::string_view kApplicant =
    "id, account, unit_zh, unit_en, unit_key, unit_code, city, person, email, phone, language";
constexpr std::string_view kProposal =
    "id, cycle, applicant, category, number, case_id, stage, answers, title, revision, version, created, changed, "
    "submitted, shortlisted, confirmed, opted_out, consents, transfer_to, prize";
constexpr std::string_view kHead =
    "id, cycle, applicant, category, number, case_id, stage, '{}', title, revision, version, created, changed, "
    "submitted, shortlisted, confirmed, opted_out, consents, transfer_to, prize";
constexpr std::string_view kFile = "id, proposal, slot, round, name, media_type, sha256, bytes, pages, ms, at";

constexpr std::string_view kUpload = "id, proposal, slot, round, name, sha256, bytes, at";

Applicant read_applicant(const Statement& row) {
  return {row.text(0), row.text(1), {row.text(2), row.text(3)},
          row.text(4), row.text(5), row.text(6),
          row.text(7), row.text(8), row.text(9),
          row.text(10)};
}

Proposal read_proposal(const Statement& row) {
  Proposal out;
  out.id = row.text(0), out.cycle = row.text(1), out.applicant = row.text(2), out.category = row.text(3);
  out.number = row.text(4), out.case_id = row.text(5), out.stage = row.text(6), out.answers = row.text(7);
  out.title = row.text(8);
  out.revision = unsigned(row.number(9)), out.version = unsigned(row.number(10));
  out.created_at = from_us(row.number(11)), out.changed_at = from_us(row.number(12));
  out.submitted_at = from_us(row.number(13)), out.shortlisted_at = from_us(row.number(14));
  out.confirmed_at = from_us(row.number(15)), out.opted_out = row.number(16) != 0;
  out.consents = flow::texts_from(row.text(17)).value_or(std::vector<std::string>{});
  out.transfer_to = row.text(18), out.prize = row.text(19);
  return out;
}

Status write_proposal(Sqlite& db, const Proposal& one) {
  Statement put = TRY(db.prepare(fmt::format(
      "INSERT INTO proposal({}) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(id) DO UPDATE SET "
      "category = excluded.category, number = excluded.number, case_id = excluded.case_id, stage = excluded.stage, "
      "answers = excluded.answers, title = excluded.title, revision = excluded.revision, version = excluded.version, "
      "changed = excluded.changed, submitted = excluded.submitted, shortlisted = excluded.shortlisted, "
      "confirmed = excluded.confirmed, opted_out = excluded.opted_out, consents = excluded.consents, "
      "transfer_to = excluded.transfer_to, prize = excluded.prize",
      kProposal)));
  put.bind(1, one.id).bind(2, one.cycle).bind(3, one.applicant).bind(4, one.category);
  if (one.number.empty()) put.bind_null(5);
  else put.bind(5, one.number);
  put.bind(6, one.case_id).bind(7, one.stage).bind(8, one.answers).bind(9, one.title);
  put.bind(10, std::int64_t(one.revision)).bind(11, std::int64_t(one.version));
  put.bind(12, to_us(one.created_at)).bind(13, to_us(one.changed_at)).bind(14, to_us(one.submitted_at));
  put.bind(15, to_us(one.shortlisted_at)).bind(16, to_us(one.confirmed_at)).bind(17, std::int64_t(one.opted_out));
  put.bind(18, flow::texts_json(one.consents)).bind(19, one.transfer_to).bind(20, one.prize);
  return put.run();
}

Submission read_submission(const Statement& row) {
  return {row.text(0), unsigned(row.number(1)), from_us(row.number(2)), row.text(3), row.text(4)};
}

StoredFile read_file(const Statement& row) {
  return {row.text(0),
          row.text(1),
          row.text(2),
          row.text(3),
          row.text(4),
          row.text(5),
          row.text(6),
          std::uint64_t(row.number(7)),
          unsigned(row.number(8)),
          double(row.number(9)) / 1000,
          from_us(row.number(10))};
}

Upload read_upload(const Statement& row) {
  return {row.text(0),
          row.text(1),
          row.text(2),
          row.text(3),
          row.text(4),
          row.text(5),
          std::uint64_t(row.number(6)),
          from_us(row.number(7))};
}

// The conditions of a filter with their values, in order.
struct Where {
  std::string sql{" WHERE 1"};
  std::vector<std::string> values;
  explicit Where(const ProposalFilter& filter) {
    const auto is = [this](std::string_view column, const std::string& value) {
      if (value.empty()) return;
      sql += fmt::format(" AND {} = ?", column);
      values.push_back(value);
    };
    is("cycle", filter.cycle), is("applicant", filter.applicant), is("category", filter.category);
    is("stage", filter.stage);
    if (filter.submitted) sql += " AND number IS NOT NULL";
    if (filter.without_way) sql += " AND case_id = ''";
    if (!filter.stages.empty()) one_of("stage", filter.stages);
    has_words(filter.words);
  }
  Where() = default;
  void one_of(std::string_view column, const std::vector<std::string>& of) {
    sql += fmt::format(" AND {} IN (", column);
    for (const std::string& value : of) {
      sql += values.empty() || sql.back() == '(' ? "?" : ", ?";
      values.push_back(value);
    }
    sql += ")";
  }
  void has_words(std::string_view words) {
    if (words.empty()) return;
    sql += " AND (instr(lower(title), lower(?)) > 0 OR instr(number, upper(?)) > 0)";
    values.insert(values.end(), 2, std::string(words));
  }
  void bind(Statement& to) const {
    for (std::size_t i = 0; i < values.size(); ++i) to.bind(int(i) + 1, values[i]);
  }
};

template <class Row, class Read>
Result<std::vector<Row>> all(Statement rows, Read&& read) {
  std::vector<Row> out;
  while (TRY(rows.step())) out.push_back(read(rows));
  return out;
}

template <class Row, class Read>
Result<std::optional<Row>> one_of(Statement rows, Read&& read) {
  if (!TRY(rows.step())) return std::optional<Row>{};
  return std::optional<Row>(read(rows));
}

Status run(Sqlite& db, std::string_view sql, std::initializer_list<std::string_view> texts) {
  Statement statement = TRY(db.prepare(sql));
  int at = 0;
  for (const std::string_view text : texts) statement.bind(++at, text);
  return statement.run();
}

Result<Statement> ask_by(Sqlite& db, std::string_view sql, std::string_view text) {
  Statement out = TRY(db.prepare(sql));
  out.bind(1, text);
  return out;
}

}  // namespace

std::string whole_cycle(std::string_view cycle) {
  return fmt::format("cycle:{}", cycle);
}

std::string make_id() {
  return trust::fingerprint(trust::make_secret()).substr(0, 24);
}

Result<std::unique_ptr<Book>> Book::open(const std::string& file) {
  Sqlite db = TRY(Sqlite::open(file));
  TRY(db.exec(kTables));
  return std::unique_ptr<Book>(new Book(std::make_shared<Tables>(std::move(db))));
}

Result<std::optional<Applicant>> Book::applicant_of(std::string_view account) {
  const std::lock_guard lock(tables_->mutex);
  return one_of<Applicant>(
      TRY(ask_by(db_, fmt::format("SELECT {} FROM applicant WHERE account = ?", kApplicant), account)), read_applicant);
}

Result<std::optional<Applicant>> Book::applicant(std::string_view id) {
  const std::lock_guard lock(tables_->mutex);
  return one_of<Applicant>(TRY(ask_by(db_, fmt::format("SELECT {} FROM applicant WHERE id = ?", kApplicant), id)),
                           read_applicant);
}

Status Book::put_applicant(const Applicant& one) {
  const std::lock_guard lock(tables_->mutex);
  return run(db_,
             fmt::format("INSERT INTO applicant({}) VALUES(?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(id) DO UPDATE SET "
                         "unit_zh = excluded.unit_zh, unit_en = excluded.unit_en, unit_key = excluded.unit_key, "
                         "unit_code = excluded.unit_code, city = excluded.city, person = excluded.person, "
                         "email = excluded.email, phone = excluded.phone, language = excluded.language",
                         kApplicant),
             {one.id, one.account, one.unit.zh, one.unit.en, one.unit_key, one.unit_code, one.city, one.person,
              one.email, one.phone, one.language});
}

Status Book::forget_applicant(std::string_view id) {
  const std::lock_guard lock(tables_->mutex);
  TRY(run(db_, "DELETE FROM applicant WHERE id = ? AND id NOT IN (SELECT applicant FROM proposal)", {id}));
  return run(db_, "UPDATE applicant SET account = id, person = '', email = '', phone = '' WHERE id = ?", {id});
}

Status Book::put_proposal(const Proposal& one) {
  const std::lock_guard lock(tables_->mutex);
  return write_proposal(db_, one);
}

Result<std::optional<Proposal>> Book::proposal(std::string_view id) {
  const std::lock_guard lock(tables_->mutex);
  return one_of<Proposal>(TRY(ask_by(db_, fmt::format("SELECT {} FROM proposal WHERE id = ?", kProposal), id)),
                          read_proposal);
}

Result<std::optional<Proposal>> Book::proposal_of(std::string_view number) {
  const std::lock_guard lock(tables_->mutex);
  return one_of<Proposal>(TRY(ask_by(db_, fmt::format("SELECT {} FROM proposal WHERE number = ?", kProposal), number)),
                          read_proposal);
}

Result<std::vector<Proposal>> Book::proposals(const ProposalFilter& filter, std::size_t max, std::size_t skip) {
  return list(kProposal, filter, max, skip);
}

Result<std::vector<Proposal>> Book::heads(const ProposalFilter& filter, std::size_t max, std::size_t skip) {
  return list(kHead, filter, max, skip);
}

// Without drafts the order is the index's own, so a page costs what it shows; and heads lie in it wholly.
Result<std::vector<Proposal>> Book::list(std::string_view columns, const ProposalFilter& filter, std::size_t max,
                                         std::size_t skip) {
  const std::lock_guard lock(tables_->mutex);
  const Where where(filter);
  Statement rows =
      TRY(db_.prepare(fmt::format("SELECT {} FROM proposal{} ORDER BY {} LIMIT {} OFFSET {}", columns, where.sql,
                                  filter.submitted ? "number" : "number IS NULL, number, created, id", max, skip)));
  where.bind(rows);
  return all<Proposal>(std::move(rows), read_proposal);
}

Result<Book::LibraryPage> Book::library(const std::vector<Shelf>& shelves, std::string_view category,
                                        std::string_view words, std::size_t max, std::size_t skip) {
  LibraryPage out;
  if (shelves.empty()) return out;
  Where where;
  where.one_of("stage", {"awarded", "honoured"});
  where.sql += " AND opted_out = 0 AND (0";
  for (const Shelf& one : shelves) {
    where.sql += one.by_consent ? " OR (cycle = ? AND instr(consents, '\"library\"') > 0)" : " OR cycle = ?";
    where.values.push_back(one.cycle);
  }
  where.sql += ")";
  if (!category.empty()) where.sql += " AND category = ?", where.values.emplace_back(category);
  where.has_words(words);
  const std::lock_guard lock(tables_->mutex);
  Statement count = TRY(db_.prepare(fmt::format("SELECT count(*) FROM proposal{}", where.sql)));
  where.bind(count);
  TRY(count.step());
  out.total = std::size_t(count.number(0));
  Statement rows = TRY(db_.prepare(
      fmt::format("SELECT {} FROM proposal{} ORDER BY cycle, number LIMIT {} OFFSET {}", kHead, where.sql, max, skip)));
  where.bind(rows);
  out.heads = TRY(all<Proposal>(std::move(rows), read_proposal));
  return out;
}

Result<std::size_t> Book::count(const ProposalFilter& filter) {
  const std::lock_guard lock(tables_->mutex);
  const Where where(filter);
  Statement rows = TRY(db_.prepare(fmt::format("SELECT count(*) FROM proposal{}", where.sql)));
  where.bind(rows);
  TRY(rows.step());
  return std::size_t(rows.number(0));
}

Status Book::each(std::string_view cycle, const std::function<void(const Proposal&)>& call) {
  std::vector<Proposal> rows;
  {
    const std::lock_guard lock(tables_->mutex);
    rows = TRY(all<Proposal>(
        TRY(ask_by(
            db_, fmt::format("SELECT {} FROM proposal WHERE cycle = ? ORDER BY number IS NULL, number, id", kProposal),
            cycle)),
        read_proposal));
  }
  for (const Proposal& one : rows) call(one);
  return {};
}

Status Book::drop_draft(std::string_view id) {
  const std::lock_guard lock(tables_->mutex);
  Transaction step = TRY(Transaction::begin(db_));
  TRY(run(db_, "DELETE FROM file WHERE proposal = ?", {id}));
  TRY(run(db_, "DELETE FROM upload WHERE proposal = ?", {id}));
  TRY(run(db_, "DELETE FROM event WHERE proposal = ?", {id}));
  TRY(run(db_, "DELETE FROM proposal WHERE id = ? AND number IS NULL", {id}));
  return step.commit();
}

Result<std::size_t> Book::of_unit(std::string_view cycle, std::string_view unit_key, std::string_view but) {
  const std::lock_guard lock(tables_->mutex);
  Statement rows =
      TRY(db_.prepare("SELECT count(*) FROM proposal JOIN applicant ON applicant.id = proposal.applicant WHERE "
                      "unit_key = ? AND cycle = ? "
                      "AND number IS NOT NULL AND stage NOT IN ('withdrawn', 'disqualified') AND proposal.id <> ?"));
  rows.bind(1, unit_key).bind(2, cycle).bind(3, but);
  TRY(rows.step());
  return std::size_t(rows.number(0));
}

Result<std::vector<Book::StageCount>> Book::counts(std::string_view cycle) {
  const std::lock_guard lock(tables_->mutex);
  return all<StageCount>(
      TRY(ask_by(db_,
                 "SELECT category, stage, count(*) FROM proposal WHERE cycle = ? "
                 "GROUP BY category, stage ORDER BY category, stage",
                 cycle)),
      [](const Statement& row) { return StageCount{row.text(0), row.text(1), std::size_t(row.number(2))}; });
}

// Applicants are told apart within each group, so that all of a cycle is no sum of its categories.
Result<std::vector<Book::Size>> Book::sizes(std::string_view cycle, const std::vector<std::string>& slots) {
  const auto groups = [](std::string_view category, std::string_view tail) {
    return fmt::format(
        "SELECT {}, count(*), count(DISTINCT applicant), sum((SELECT count(*) FROM file WHERE proposal = p.id AND "
        "retired = 0 AND instr(?2, ' ' || slot || ' ') > 0)) FROM proposal p WHERE cycle = ?1 AND number IS NOT NULL{}",
        category, tail);
  };
  const std::lock_guard lock(tables_->mutex);
  Statement rows =
      TRY(db_.prepare(fmt::format("{} UNION ALL {}", groups("''", ""), groups("category", " GROUP BY category"))));
  rows.bind(1, cycle).bind(2, fmt::format(" {} ", fmt::join(slots, " ")));
  return all<Size>(std::move(rows), [](const Statement& row) {
    return Size{row.text(0), std::size_t(row.number(1)), std::size_t(row.number(2)), std::size_t(row.number(3))};
  });
}

Status Book::receive(Proposal& one, std::string_view prefix, Submission& out,
                     const std::function<std::string(const Proposal&)>& text_of) {
  const std::lock_guard lock(tables_->mutex);
  Transaction step = TRY(Transaction::begin(db_));
  Proposal next = one;
  if (next.number.empty()) {
    // Numbers have four digits, or more where there are more; the longest is the last.
    Statement last = TRY(ask_by(db_,
                                "SELECT max(CAST(substr(number, instr(number, '-') + 1) AS INTEGER)) FROM proposal "
                                "WHERE cycle = ? AND number IS NOT NULL",
                                next.cycle));
    TRY(last.step());
    next.number = fmt::format("{}-{:04}", prefix, last.number(0) + 1);
  }
  ++next.version;
  out.proposal = next.id;
  out.version = next.version;
  out.text = text_of(next);
  TRY(write_proposal(db_, next));
  Statement put =
      TRY(db_.prepare("INSERT INTO submission(proposal, version, at, text, receipt) VALUES(?, ?, ?, ?, '')"));
  TRY(put.bind(1, out.proposal).bind(2, std::int64_t(out.version)).bind(3, to_us(out.at)).bind(4, out.text).run());
  TRY(step.commit());
  one = std::move(next);
  return {};
}

Status Book::set_receipt(std::string_view proposal, unsigned version, std::string_view receipt) {
  const std::lock_guard lock(tables_->mutex);
  Statement put = TRY(db_.prepare("UPDATE submission SET receipt = ? WHERE proposal = ? AND version = ?"));
  return put.bind(1, receipt).bind(2, proposal).bind(3, std::int64_t(version)).run();
}

Result<std::vector<Submission>> Book::submissions(std::string_view proposal) {
  const std::lock_guard lock(tables_->mutex);
  return all<Submission>(
      TRY(ask_by(db_, "SELECT proposal, version, at, text, receipt FROM submission WHERE proposal = ? ORDER BY version",
                 proposal)),
      read_submission);
}

Result<std::optional<Submission>> Book::submission(std::string_view proposal, unsigned version) {
  const std::lock_guard lock(tables_->mutex);
  Statement rows = TRY(ask_by(
      db_, "SELECT proposal, version, at, text, receipt FROM submission WHERE proposal = ? AND version = ?", proposal));
  rows.bind(2, std::int64_t(version));
  return one_of<Submission>(std::move(rows), read_submission);
}

Result<std::vector<Submission>> Book::without_receipt() {
  const std::lock_guard lock(tables_->mutex);
  return all<Submission>(
      TRY(db_.prepare("SELECT proposal, version, at, text, receipt FROM submission WHERE receipt = '' ORDER BY at")),
      read_submission);
}

Status Book::put_file(const StoredFile& one) {
  const std::lock_guard lock(tables_->mutex);
  Statement put = TRY(db_.prepare(fmt::format("INSERT INTO file({}) VALUES(?,?,?,?,?,?,?,?,?,?,?)", kFile)));
  put.bind(1, one.id).bind(2, one.proposal).bind(3, one.slot).bind(4, one.round).bind(5, one.name);
  put.bind(6, one.media_type).bind(7, one.sha256).bind(8, std::int64_t(one.bytes)).bind(9, std::int64_t(one.pages));
  return put.bind(10, std::int64_t(one.seconds * 1000)).bind(11, to_us(one.at)).run();
}

Status Book::drop_file(std::string_view id) {
  const std::lock_guard lock(tables_->mutex);
  return run(db_, "DELETE FROM file WHERE id = ?", {id});
}

Result<std::optional<StoredFile>> Book::file(std::string_view id) {
  const std::lock_guard lock(tables_->mutex);
  return one_of<StoredFile>(TRY(ask_by(db_, fmt::format("SELECT {} FROM file WHERE id = ?", kFile), id)), read_file);
}

Result<std::vector<StoredFile>> Book::files(std::string_view proposal) {
  const std::lock_guard lock(tables_->mutex);
  return all<StoredFile>(
      TRY(ask_by(db_,
                 fmt::format("SELECT {} FROM file WHERE proposal = ? AND retired = 0 ORDER BY slot, at, id", kFile),
                 proposal)),
      read_file);
}

Status Book::retire_file(std::string_view id) {
  const std::lock_guard lock(tables_->mutex);
  return run(db_, "UPDATE file SET retired = 1 WHERE id = ?", {id});
}

Status Book::put_upload(const Upload& one) {
  const std::lock_guard lock(tables_->mutex);
  Statement put = TRY(db_.prepare(fmt::format("INSERT INTO upload({}) VALUES(?,?,?,?,?,?,?,?)", kUpload)));
  put.bind(1, one.id).bind(2, one.proposal).bind(3, one.slot).bind(4, one.round).bind(5, one.name);
  return put.bind(6, one.sha256).bind(7, std::int64_t(one.bytes)).bind(8, to_us(one.at)).run();
}

Status Book::drop_upload(std::string_view id) {
  const std::lock_guard lock(tables_->mutex);
  return run(db_, "DELETE FROM upload WHERE id = ?", {id});
}

Result<std::optional<Upload>> Book::upload(std::string_view id) {
  const std::lock_guard lock(tables_->mutex);
  return one_of<Upload>(TRY(ask_by(db_, fmt::format("SELECT {} FROM upload WHERE id = ?", kUpload), id)), read_upload);
}

Result<std::vector<Upload>> Book::uploads(std::string_view proposal) {
  const std::lock_guard lock(tables_->mutex);
  return all<Upload>(
      TRY(ask_by(db_, fmt::format("SELECT {} FROM upload WHERE ?1 = '' OR proposal = ?1 ORDER BY at, id", kUpload),
                 proposal)),
      read_upload);
}

Result<std::int64_t> Book::ask(const Question& one) {
  const std::lock_guard lock(tables_->mutex);
  Statement put =
      TRY(db_.prepare("INSERT INTO question(proposal, text, asked_by, answer, asked, answered) "
                      "VALUES(?, ?, ?, '', ?, ?) RETURNING number"));
  put.bind(1, one.proposal).bind(2, one.text).bind(3, one.asked_by);
  put.bind(4, to_us(one.asked_at)).bind(5, to_us(base::kNever));
  TRY(put.step());
  const std::int64_t number = put.number(0);
  TRY(put.run());
  return number;
}

Status Book::answer(std::int64_t number, std::string_view text, Instant at) {
  const std::lock_guard lock(tables_->mutex);
  Statement put = TRY(db_.prepare("UPDATE question SET answer = ?, answered = ? WHERE number = ?"));
  return put.bind(1, text).bind(2, to_us(at)).bind(3, number).run();
}

Result<std::vector<Question>> Book::questions(std::string_view proposal) {
  const std::lock_guard lock(tables_->mutex);
  return all<Question>(
      TRY(ask_by(db_,
                 "SELECT number, proposal, text, asked_by, answer, asked, answered FROM question WHERE proposal = ? "
                 "ORDER BY number",
                 proposal)),
      [](const Statement& row) {
        return Question{row.number(0),          row.text(1),           row.text(2), row.text(3), row.text(4),
                        from_us(row.number(5)), from_us(row.number(6))};
      });
}

Status Book::note(const Event& one) {
  const std::lock_guard lock(tables_->mutex);
  Statement put = TRY(db_.prepare("INSERT INTO event(proposal, at, actor, what, why) VALUES(?, ?, ?, ?, ?)"));
  put.bind(1, one.proposal).bind(2, to_us(one.at)).bind(3, one.by).bind(4, one.what);
  return put.bind(5, one.why).run();
}

Result<std::vector<Event>> Book::events(std::string_view proposal) {
  const std::lock_guard lock(tables_->mutex);
  return all<Event>(
      TRY(ask_by(db_, "SELECT proposal, at, actor, what, why FROM event WHERE proposal = ? ORDER BY at, rowid",
                 proposal)),
      [](const Statement& row) {
        return Event{row.text(0), from_us(row.number(1)), row.text(2), row.text(3), row.text(4)};
      });
}

}  // namespace cityloop::awards
