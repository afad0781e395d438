#include "domain/awards/joining/guest_book.h"

namespace cityloop::awards {
namespace {

using base::from_us;
using base::Result;
using base::Status;
using base::to_us;
using store::Statement;
using store::Transaction;

constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS arrival(id TEXT PRIMARY KEY, cycle TEXT NOT NULL, purpose TEXT NOT NULL, email TEXT NOT NULL,
  unit TEXT NOT NULL, person TEXT NOT NULL, language TEXT NOT NULL, asked INTEGER NOT NULL, forget INTEGER NOT NULL,
  used INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS arrival_email ON arrival(email, asked);
CREATE INDEX IF NOT EXISTS arrival_cycle ON arrival(cycle, asked);
CREATE TABLE IF NOT EXISTS link(fingerprint TEXT PRIMARY KEY, arrival TEXT NOT NULL REFERENCES arrival ON DELETE CASCADE,
  until INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS link_arrival ON link(arrival);
CREATE TABLE IF NOT EXISTS invitation(id TEXT PRIMARY KEY, cycle TEXT NOT NULL, email TEXT NOT NULL, unit TEXT NOT NULL,
  language TEXT NOT NULL, invited_by TEXT NOT NULL, arrival TEXT NOT NULL, invited INTEGER NOT NULL, letters INTEGER NOT NULL,
  withdrawn INTEGER, came INTEGER, UNIQUE(cycle, email)) WITHOUT ROWID;
)";

constexpr std::string_view kArrival = "id, cycle, purpose, email, unit, person, language, asked, forget, used";
// Read beside an invitation: what is known of whoever has its address.
constexpr std::string_view kInvitation =
    "SELECT i.id, i.cycle, i.email, i.unit, i.language, i.invited_by, i.arrival, i.invited, i.letters, i.withdrawn, "
    "i.came, a.id IS NOT NULL, (SELECT count(*) FROM proposal p WHERE p.applicant = a.id AND p.cycle = i.cycle AND "
    "p.number IS NULL), (SELECT count(*) FROM proposal p WHERE p.applicant = a.id AND p.cycle = i.cycle AND p.number "
    "IS NOT NULL) FROM invitation i LEFT JOIN applicant a ON a.account = 'user:' || i.email WHERE ";

Arrival read_arrival(const Statement& row) {
  return {row.text(0),
          row.text(1),
          row.text(2),
          row.text(3),
          row.text(4),
          row.text(5),
          row.text(6),
          from_us(row.number(7)),
          from_us(row.number(8)),
          row.number(9) != 0};
}

Invitation read_invitation(const Statement& row) {
  Invitation out;
  out.id = row.text(0), out.cycle = row.text(1), out.email = row.text(2), out.unit = row.text(3);
  out.language = row.text(4), out.by = row.text(5), out.arrival = row.text(6);
  out.invited_at = from_us(row.number(7)), out.letters = unsigned(row.number(8));
  if (!row.is_null(9)) out.withdrawn_at = from_us(row.number(9));
  if (!row.is_null(10)) out.came_at = from_us(row.number(10));
  out.known = row.number(11) != 0;
  out.drafts = std::size_t(row.number(12)), out.submitted = std::size_t(row.number(13));
  return out;
}

}  // namespace

Result<std::unique_ptr<GuestBook>> GuestBook::open(Book& book) {
  const std::shared_ptr<Tables>& tables = book.tables();
  const std::lock_guard lock(tables->mutex);
  TRY(tables->db.exec(kTables));
  return std::unique_ptr<GuestBook>(new GuestBook(tables));
}

Status GuestBook::run(std::string_view sql, std::initializer_list<std::string_view> texts) {
  const std::lock_guard lock(tables_->mutex);
  auto statement = TRY(tables_->db.prepare(sql));
  int at = 0;
  for (const std::string_view text : texts) statement.bind(++at, text);
  return statement.run();
}

// With the lock held, as the other write().
Status GuestBook::write(const Arrival& one) {
  auto put = TRY(tables_->db.prepare(fmt::format("INSERT INTO arrival({}) VALUES(?,?,?,?,?,?,?,?,?,?)", kArrival)));
  put.bind(1, one.id).bind(2, one.cycle).bind(3, one.purpose).bind(4, one.email).bind(5, one.unit);
  put.bind(6, one.person).bind(7, one.language).bind(8, to_us(one.asked_at)).bind(9, to_us(one.forget_at));
  put.bind(10, std::int64_t(one.used));
  return put.run();
}

Status GuestBook::put(const Arrival& one) {
  const std::lock_guard lock(tables_->mutex);
  return write(one);
}

Result<std::vector<Arrival>> GuestBook::arrivals(std::string_view where, std::string_view text, Instant at) {
  const std::lock_guard lock(tables_->mutex);
  auto rows = TRY(tables_->db.prepare(fmt::format("SELECT {} FROM arrival WHERE {}", kArrival, where)));
  rows.bind(1, text).bind(2, to_us(at));
  std::vector<Arrival> out;
  while (TRY(rows.step())) out.push_back(read_arrival(rows));
  return out;
}

Result<std::optional<Arrival>> GuestBook::arrival(std::string_view id) {
  auto found = TRY(arrivals("id = ? AND forget > ?", id, from_us(0)));
  return found.empty() ? std::optional<Arrival>{} : std::optional(std::move(found[0]));
}

Result<std::vector<Arrival>> GuestBook::waiting(Instant now) {
  return arrivals("used = 0 AND id <> ? AND forget > ? ORDER BY asked", "", now);
}

Result<std::size_t> GuestBook::count(std::string_view where, std::string_view by, Instant since) {
  const std::lock_guard lock(tables_->mutex);
  auto row = TRY(tables_->db.prepare(
      fmt::format("SELECT count(*) FROM arrival WHERE {} = ? AND asked >= ? AND purpose <> ?", where)));
  row.bind(1, by).bind(2, to_us(since)).bind(3, kInvited);
  TRY(row.step());
  return std::size_t(row.number(0));
}

Result<std::size_t> GuestBook::asked_by(std::string_view email, Instant since) {
  return count("email", email, since);
}

Result<std::size_t> GuestBook::asked_in(std::string_view cycle, Instant since) {
  return count("cycle", cycle, since);
}

Status GuestBook::put_link(std::string_view fingerprint, std::string_view arrival, Instant until) {
  const std::lock_guard lock(tables_->mutex);
  auto put = TRY(tables_->db.prepare("INSERT INTO link(fingerprint, arrival, until) VALUES(?,?,?)"));
  put.bind(1, fingerprint).bind(2, arrival).bind(3, to_us(until));
  return put.run();
}

Result<std::optional<Arrival>> GuestBook::behind(std::string_view fingerprint, Instant now) {
  auto found = TRY(
      arrivals("used = 0 AND id IN (SELECT arrival FROM link WHERE fingerprint = ? AND until > ?)", fingerprint, now));
  return found.empty() ? std::optional<Arrival>{} : std::optional(std::move(found[0]));
}

Result<bool> GuestBook::use(std::string_view arrival) {
  const std::lock_guard lock(tables_->mutex);
  auto put = TRY(tables_->db.prepare("UPDATE arrival SET used = 1 WHERE id = ? AND used = 0"));
  put.bind(1, arrival);
  TRY(put.run());
  return tables_->db.changed() == 1;
}

Status GuestBook::unuse(std::string_view arrival) {
  return run("UPDATE arrival SET used = 0 WHERE id = ?", {arrival});
}

// What was asked stays as long as it is counted.
Status GuestBook::drop_links_of(std::string_view email) {
  return run("DELETE FROM link WHERE arrival IN (SELECT id FROM arrival WHERE email = ?)", {email});
}

Status GuestBook::drop_arrival(std::string_view id) {
  TRY(run("DELETE FROM link WHERE arrival = ?", {id}));
  return run("DELETE FROM arrival WHERE id = ?", {id});
}

Status GuestBook::put(const Invitation& one) {
  const std::lock_guard lock(tables_->mutex);
  return write(one);
}

Status GuestBook::put(const std::vector<std::pair<Arrival, Invitation>>& all) {
  const std::lock_guard lock(tables_->mutex);
  Transaction step = TRY(Transaction::begin(tables_->db));
  for (const auto& [arrival, invitation] : all) {
    TRY(write(arrival));
    TRY(write(invitation));
  }
  return step.commit();
}

Status GuestBook::write(const Invitation& one) {
  auto put = TRY(tables_->db.prepare(
      "INSERT INTO invitation(id, cycle, email, unit, language, invited_by, arrival, invited, letters, withdrawn, "
      "came) "
      "VALUES(?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(id) DO UPDATE SET unit = excluded.unit, language = excluded.language, "
      "invited_by = excluded.invited_by, arrival = excluded.arrival, invited = excluded.invited, letters = "
      "excluded.letters, withdrawn = excluded.withdrawn, came = excluded.came"));
  put.bind(1, one.id).bind(2, one.cycle).bind(3, one.email).bind(4, one.unit).bind(5, one.language);
  put.bind(6, one.by).bind(7, one.arrival).bind(8, to_us(one.invited_at)).bind(9, std::int64_t(one.letters));
  const auto time = [&](int at, Instant t) {
    if (t == base::kNever) put.bind_null(at);
    else put.bind(at, to_us(t));
  };
  time(10, one.withdrawn_at), time(11, one.came_at);
  return put.run();
}

Result<std::vector<Invitation>> GuestBook::select(std::string_view where,
                                                  std::initializer_list<std::string_view> texts) {
  const std::lock_guard lock(tables_->mutex);
  auto rows = TRY(tables_->db.prepare(fmt::format("{}{}", kInvitation, where)));
  int at = 0;
  for (const std::string_view text : texts) rows.bind(++at, text);
  std::vector<Invitation> out;
  while (TRY(rows.step())) out.push_back(read_invitation(rows));
  return out;
}

Result<std::optional<Invitation>> GuestBook::invitation(std::string_view id) {
  auto found = TRY(select("i.id = ?", {id}));
  return found.empty() ? std::optional<Invitation>{} : std::optional(std::move(found[0]));
}

Result<std::optional<Invitation>> GuestBook::invited(std::string_view cycle, std::string_view email) {
  auto found = TRY(select("i.cycle = ? AND i.email = ?", {cycle, email}));
  return found.empty() ? std::optional<Invitation>{} : std::optional(std::move(found[0]));
}

Result<std::vector<Invitation>> GuestBook::invitations(std::string_view cycle) {
  return select("i.cycle = ? ORDER BY i.invited DESC, i.email", {cycle});
}

Status GuestBook::came(std::string_view cycle, std::string_view email, Instant now) {
  const std::lock_guard lock(tables_->mutex);
  auto put = TRY(tables_->db.prepare(
      "UPDATE invitation SET came = ? WHERE cycle = ? AND email = ? AND came IS NULL AND withdrawn IS NULL"));
  put.bind(1, to_us(now)).bind(2, cycle).bind(3, email);
  return put.run();
}

Status GuestBook::erase(std::string_view invitation) {
  TRY(run("DELETE FROM link WHERE arrival = (SELECT arrival FROM invitation WHERE id = ?)", {invitation}));
  TRY(run("DELETE FROM arrival WHERE id = (SELECT arrival FROM invitation WHERE id = ?)", {invitation}));
  return run("DELETE FROM invitation WHERE id = ?", {invitation});
}

Status GuestBook::erase_idle(std::string_view cycle) {
  return run(
      "DELETE FROM invitation WHERE cycle = ? AND came IS NULL AND email NOT IN (SELECT substr(account, 6) FROM "
      "applicant)",
      {cycle});
}

Status GuestBook::sweep(Instant now) {
  const std::lock_guard lock(tables_->mutex);
  for (const char* sql : {"DELETE FROM link WHERE arrival IN (SELECT id FROM arrival WHERE forget <= ?)",
                          "DELETE FROM arrival WHERE forget <= ?"}) {
    auto gone = TRY(tables_->db.prepare(sql));
    gone.bind(1, to_us(now));
    TRY(gone.run());
  }
  return {};
}

Status GuestBook::erase_address(std::string_view email) {
  TRY(drop_links_of(email));
  TRY(run("DELETE FROM arrival WHERE email = ?", {email}));
  return run("DELETE FROM invitation WHERE email = ?", {email});
}

}  // namespace cityloop::awards
