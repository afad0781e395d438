#include "participation/roll.h"

#include "trust/secret.h"

namespace cityloop::participation {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;
using store::Sqlite;
using store::Statement;

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";  // Crockford's
constexpr std::size_t kLetters = 16, kLocator = 5;
// As long as a hash in hex: a row is as long before as after.
constexpr std::string_view kNone = "0000000000000000000000000000000000000000000000000000000000000000";

constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS code(round TEXT NOT NULL, locator TEXT NOT NULL, hash TEXT NOT NULL, area TEXT NOT NULL,
  blinded TEXT NOT NULL, PRIMARY KEY(round, locator)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS signing_key(round TEXT PRIMARY KEY, pem TEXT NOT NULL) WITHOUT ROWID;
PRAGMA user_version = 1;
)";

}  // namespace

VotingCode VotingCode::make() {
  // Of each two hexadecimal digits of a hash of 256 random bits five bits are taken.
  const std::string random = trust::fingerprint(trust::make_secret());
  std::string letters;
  for (std::size_t i = 0; i < kLetters; ++i) {
    const auto digit = [&](std::size_t at) {
      const char c = random[at];
      return unsigned(c <= '9' ? c - '0' : c - 'a' + 10);
    };
    letters += kAlphabet[(digit(2 * i) << 4 | digit(2 * i + 1)) & 31];
  }
  return {letters.substr(0, kLocator), letters.substr(kLocator)};
}

std::optional<VotingCode> VotingCode::parse(std::string_view text) {
  std::string letters;
  for (const char given : text) {
    if (given == ' ' || given == '-' || given == '\t') continue;
    char c = given >= 'a' && given <= 'z' ? char(given - 'a' + 'A') : given;
    if (c == 'O') c = '0';
    if (c == 'I' || c == 'L') c = '1';
    if (kAlphabet.find(c) == std::string_view::npos || letters.size() == kLetters) return std::nullopt;
    letters += c;
  }
  if (letters.size() != kLetters) return std::nullopt;
  return VotingCode{letters.substr(0, kLocator), letters.substr(kLocator)};
}

std::string VotingCode::text() const {
  const std::string all = locator + secret;
  return fmt::format("{}-{}-{}-{}", all.substr(0, 4), all.substr(4, 4), all.substr(8, 4), all.substr(12));
}

Result<std::unique_ptr<Roll>> Roll::open(const std::string& file) {
  Sqlite db = TRY(Sqlite::open(file));
  TRY(db.exec(kTables));
  return std::unique_ptr<Roll>(new Roll(std::move(db)));
}

Result<bool> Roll::add(std::string_view round, const VotingCode& code, std::string_view hash, std::string_view area) {
  const std::lock_guard lock(mutex_);
  Statement insert =
      TRY(db_.prepare("INSERT OR IGNORE INTO code(round, locator, hash, area, blinded) VALUES(?, ?, ?, ?, ?)"));
  TRY(insert.bind(1, round).bind(2, code.locator).bind(3, hash).bind(4, area).bind(5, kNone).run());
  return db_.changed() > 0;
}

Result<std::optional<Roll::Row>> Roll::find(std::string_view round, std::string_view locator) {
  const std::lock_guard lock(mutex_);
  Statement rows = TRY(db_.prepare("SELECT hash, blinded FROM code WHERE round = ? AND locator = ?"));
  rows.bind(1, round).bind(2, locator);
  if (!TRY(rows.step())) return std::optional<Row>{};
  return std::optional(Row{rows.text(0), rows.text(1)});
}

Result<Claim> Roll::claim(std::string_view round, const VotingCode& code, std::string_view blinded) {
  const auto row = TRY(find(round, code.locator));
  if (!row) {
    trust::waste_a_hash(code.secret);
    return Claim::wrong;
  }
  if (!trust::verify_password(code.secret, row->hash)) return Claim::wrong;
  const std::string token = trust::fingerprint(blinded);
  const std::lock_guard lock(mutex_);
  Statement update =
      TRY(db_.prepare("UPDATE code SET blinded = ?1 WHERE round = ?2 AND locator = ?3 AND blinded = ?4"));
  TRY(update.bind(1, token).bind(2, round).bind(3, code.locator).bind(4, kNone).run());
  if (db_.changed() > 0) return Claim::first;
  Statement held = TRY(db_.prepare("SELECT blinded FROM code WHERE round = ? AND locator = ?"));
  held.bind(1, round).bind(2, code.locator);
  if (!TRY(held.step())) return Claim::wrong;
  return held.text(0) == token ? Claim::again : Claim::other;
}

Result<Roll::Counts> Roll::counts(std::string_view round) {
  const std::lock_guard lock(mutex_);
  Statement rows = TRY(db_.prepare("SELECT COUNT(*), COUNT(*) FILTER (WHERE blinded <> ?) FROM code WHERE round = ?"));
  rows.bind(1, kNone).bind(2, round);
  TRY(rows.step());
  return Counts{rows.number(0), rows.number(1)};
}

Result<SigningKey> Roll::key(std::string_view round, int bits) {
  if (auto held = TRY(find_key(round))) return *held;
  SigningKey made = TRY(SigningKey::make(bits));
  const std::string pem = TRY(made.pem());
  const std::lock_guard lock(mutex_);
  Statement insert = TRY(db_.prepare("INSERT INTO signing_key(round, pem) VALUES(?, ?)"));
  TRY(insert.bind(1, round).bind(2, pem).run());
  return made;
}

Result<std::optional<SigningKey>> Roll::find_key(std::string_view round) {
  const std::lock_guard lock(mutex_);
  Statement rows = TRY(db_.prepare("SELECT pem FROM signing_key WHERE round = ?"));
  rows.bind(1, round);
  if (!TRY(rows.step())) return std::optional<SigningKey>{};
  return std::optional(TRY(SigningKey::load(rows.text(0))));
}

Status Roll::destroy_key(std::string_view round) {
  const std::lock_guard lock(mutex_);
  Statement erase = TRY(db_.prepare("DELETE FROM signing_key WHERE round = ?"));
  return erase.bind(1, round).run();
}

}  // namespace cityloop::participation
