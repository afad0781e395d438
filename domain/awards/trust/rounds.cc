#include "domain/awards/trust/rounds.h"

#include <algorithm>

#include "base/refusal.h"
#include "base/text_of_bytes.h"

namespace cityloop::awards {

using base::Errc;
using base::refuse;
using base::Result;
using base::Status;
using store::Statement;
using store::Transaction;

namespace {

constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS round (cycle TEXT, round TEXT, lock TEXT NOT NULL, opening INTEGER NOT NULL,
                                  unsealed INTEGER, PRIMARY KEY (cycle, round));
CREATE TABLE IF NOT EXISTS sealed (cycle TEXT, round TEXT, sheet TEXT, sealed TEXT NOT NULL, n INTEGER,
                                   PRIMARY KEY (cycle, round, sheet));
CREATE TABLE IF NOT EXISTS opened (cycle TEXT, round TEXT, sheet TEXT, content TEXT, salt TEXT, wrong TEXT,
                                   PRIMARY KEY (cycle, round, sheet));
)";

std::string name_of(std::string_view cycle, std::string_view round) {
  return fmt::format("{}\n{}", cycle, round);
}

}  // namespace

Result<std::unique_ptr<Rounds>> Rounds::open(const std::string& folder, Record& record) {
  store::Sqlite db = TRY(store::Sqlite::open(folder + "/rounds.db"));
  TRY(db.exec(kTables));
  return std::unique_ptr<Rounds>(new Rounds(std::move(db), record));
}

// The log first: a lock that it does not know opens nothing.
Status Rounds::begin(const RoundLock& lock, base::Instant at) {
  const std::lock_guard guard(mutex_);
  TRY(lock.check());
  if (TRY(find(lock.cycle, lock.round)))
    return refuse(Errc::exists, "这一轮已密封", "the round '{}' is locked already", lock.round);
  if (at >= lock.closes_at)
    return refuse(Errc::invalid, "这一轮在密封时已结束", "the round '{}' would be closed when it opens", lock.round);
  const Receipt receipt = TRY(lock.log_opening(record_, at));
  Statement insert = TRY(db_.prepare("INSERT INTO round (cycle, round, lock, opening) VALUES (?, ?, ?, ?)"));
  insert.bind(1, lock.cycle).bind(2, lock.round).bind(3, lock.json()).bind(4, std::int64_t(receipt.entry.n));
  return insert.run();
}

Result<std::optional<RoundState>> Rounds::state(std::string_view cycle, std::string_view round) {
  const std::lock_guard guard(mutex_);
  return find(cycle, round);
}

Result<std::optional<RoundState>> Rounds::find(std::string_view cycle, std::string_view round) {
  Statement ask = TRY(db_.prepare("SELECT lock, opening, unsealed FROM round WHERE cycle = ? AND round = ?"));
  ask.bind(1, cycle).bind(2, round);
  if (!TRY(ask.step())) return std::nullopt;
  RoundState out{.lock = TRY(RoundLock::parse(ask.text(0))), .opening = std::uint64_t(ask.number(1))};
  if (!ask.is_null(2)) out.unsealed = std::uint64_t(ask.number(2));
  Statement count = TRY(db_.prepare("SELECT count(*) FROM sealed WHERE cycle = ? AND round = ? AND n IS NOT NULL"));
  count.bind(1, cycle).bind(2, round);
  if (TRY(count.step())) out.sheets = std::uint64_t(count.number(0));
  if (const auto given = keys_.find(name_of(cycle, round)); given != keys_.end()) {
    for (const trust::SealingPair& pair : given->second)
      out.keys.push_back(std::ranges::find(out.lock.holders, pair.public_key(), &KeyHolder::public_key)->role);
  }
  Statement wrong = TRY(db_.prepare(
      "SELECT sheet, wrong FROM opened WHERE cycle = ? AND round = ? AND wrong IS NOT NULL ORDER BY sheet"));
  wrong.bind(1, cycle).bind(2, round);
  while (TRY(wrong.step())) out.wrong.emplace_back(wrong.text(0), wrong.text(1));
  return out;
}

Result<RoundState> Rounds::one(std::string_view cycle, std::string_view round) {
  auto found = TRY(find(cycle, round));
  if (!found)
    return refuse(Errc::not_found, "“{1}”没有密封的这一轮评审", "there is no sealed round '{}' of '{}'", round, cycle);
  return *std::move(found);
}

// In place of one that the log was never told of.
Status Rounds::keep(const RoundLock& lock, std::string_view sheet, std::string_view sealed) {
  Statement insert =
      TRY(db_.prepare("INSERT INTO sealed (cycle, round, sheet, sealed) VALUES (?, ?, ?, ?) "
                      "ON CONFLICT DO UPDATE SET sealed = excluded.sealed WHERE n IS NULL"));
  insert.bind(1, lock.cycle).bind(2, lock.round).bind(3, sheet).bind(4, sealed);
  TRY(insert.run());
  if (db_.changed() == 0) return refuse(Errc::conflict, "这张评分表已密封", "the sheet '{}' is sealed already", sheet);
  return {};
}

Result<std::string> Rounds::hand_in(std::string_view cycle, std::string_view round, std::string_view sheet,
                                    std::string_view content, base::Instant at) {
  const std::lock_guard guard(mutex_);
  const RoundState state = TRY(one(cycle, round));
  const Sealing sealing = TRY(seal_sheet(record_, state.lock, sheet, content, at,
                                         [&](const std::string& sealed) { return keep(state.lock, sheet, sealed); }));
  Statement tell = TRY(db_.prepare("UPDATE sealed SET n = ? WHERE cycle = ? AND round = ? AND sheet = ?"));
  tell.bind(1, std::int64_t(sealing.sheet.n)).bind(2, cycle).bind(3, round).bind(4, sheet);
  TRY(tell.run());
  return sealing.receipt.json();
}

Result<std::vector<SealedSheet>> Rounds::sealed_in(const RoundLock& lock) {
  Statement ask = TRY(db_.prepare(
      "SELECT sheet, sealed, n FROM sealed WHERE cycle = ? AND round = ? AND n IS NOT NULL ORDER BY sheet"));
  ask.bind(1, lock.cycle).bind(2, lock.round);
  std::vector<SealedSheet> out;
  while (TRY(ask.step())) out.push_back({ask.text(0), ask.text(1), std::uint64_t(ask.number(2))});
  return out;
}

Result<RoundState> Rounds::give_key(std::string_view cycle, std::string_view round, const trust::SealingPair& pair,
                                    base::Instant now) {
  const std::lock_guard guard(mutex_);
  RoundState state = TRY(one(cycle, round));
  if (state.unsealed) return refuse(Errc::conflict, "这一轮已开封", "the round '{}' has been opened", round);
  if (now < state.lock.closes_at)
    return refuse(Errc::conflict, "这一轮结束后（{1}）才接收密钥",
                  "keys are taken when the round '{}' is closed, at {}", round, log_time(state.lock.closes_at));
  if (std::ranges::find(state.lock.holders, pair.public_key(), &KeyHolder::public_key) == state.lock.holders.end())
    return refuse(Errc::refused, "这不是本轮持钥人的密钥", "this is no key of a holder of the round '{}'", round);
  auto& keys = keys_[name_of(cycle, round)];
  if (std::ranges::find(keys, pair.public_key(), &trust::SealingPair::public_key) == keys.end()) keys.push_back(pair);
  if (keys.size() >= state.lock.need) {
    TRY(unseal(state, keys, now));
    keys_.erase(name_of(cycle, round));
  }
  return one(cycle, round);
}

Status Rounds::unseal(RoundState& state, const std::vector<trust::SealingPair>& keys, base::Instant now) {
  const auto sheets = TRY(sealed_in(state.lock));
  return write(state.lock, TRY(open_round(record_, state.lock, state.opening, now, keys, sheets)));
}

Status Rounds::write(const RoundLock& lock, const Opening& opening) {
  Transaction change = TRY(Transaction::begin(db_));
  for (const OpenedSheet& sheet : opening.opened) {
    Statement insert =
        TRY(db_.prepare("INSERT OR REPLACE INTO opened (cycle, round, sheet, content, salt) VALUES (?, ?, ?, ?, ?)"));
    insert.bind(1, lock.cycle)
        .bind(2, lock.round)
        .bind(3, sheet.sheet)
        .bind(4, sheet.content)
        .bind(5, base::to_hex(sheet.salt));
    TRY(insert.run());
  }
  for (const auto& [sheet, why] : opening.wrong) {
    Statement insert =
        TRY(db_.prepare("INSERT OR REPLACE INTO opened (cycle, round, sheet, wrong) VALUES (?, ?, ?, ?)"));
    insert.bind(1, lock.cycle).bind(2, lock.round).bind(3, sheet).bind(4, why);
    TRY(insert.run());
  }
  Statement tell = TRY(db_.prepare("UPDATE round SET unsealed = ? WHERE cycle = ? AND round = ?"));
  tell.bind(1, std::int64_t(opening.receipt.entry.n)).bind(2, lock.cycle).bind(3, lock.round);
  TRY(tell.run());
  return change.commit();
}

Result<std::optional<std::vector<OpenedSheet>>> Rounds::opened(std::string_view cycle, std::string_view round) {
  const std::lock_guard guard(mutex_);
  if (!TRY(one(cycle, round)).unsealed) return std::nullopt;
  Statement ask = TRY(db_.prepare(
      "SELECT sheet, content, salt FROM opened WHERE cycle = ? AND round = ? AND wrong IS NULL ORDER BY sheet"));
  ask.bind(1, cycle).bind(2, round);
  std::vector<OpenedSheet> out;
  while (TRY(ask.step())) out.push_back({ask.text(0), ask.text(1), base::from_hex(ask.text(2)).value_or("")});
  return out;
}

}  // namespace cityloop::awards
