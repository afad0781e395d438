// The sealed rounds of one city: their locks, what was sealed in them, and after the closing what came out.
//
//   secretary ─ RoundLock ─▶ [Rounds] ◀─ sheets ─ JuryDesk        holders ─ keys ─▶ [Rounds] ─ opened sheets ─▶ panel
//
// A table file of its own (FOLDER/rounds.db). A sheet is sealed, kept, and told to the log, in this order; only then is
// it acknowledged. What was kept and never told to the log was never acknowledged, and is passed over. Holders hand in
// their keys one by one, after the closing time and not before; they are kept in memory alone, until enough are there
// or the program ends. Any thread.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/awards/trust/seal.h"
#include "store/sqlite.h"

namespace cityloop::awards {

// The round of a cycle in which its jurors score.
inline constexpr std::string_view kReviewRound = "review";

struct RoundState {
  RoundLock lock;
  std::uint64_t opening{0};                                // of the log: round_opened
  std::uint64_t sheets{0};                                 // sealed
  std::vector<std::string> keys;                           // roles that have handed in theirs
  std::optional<std::uint64_t> unsealed;                   // of the log: seal_opened
  std::vector<std::pair<std::string, std::string>> wrong;  // sheets, and what is wrong with them
};

class Rounds {
 public:
  static base::Result<std::unique_ptr<Rounds>> open(const std::string& folder, Record&);

  // Errc::exists: it is locked already, and stays as it is.
  base::Status begin(const RoundLock&, base::Instant at);
  base::Result<std::optional<RoundState>> state(std::string_view cycle, std::string_view round);
  // The receipt, with the content in it, which is nowhere else from here on. Errc::not_found: no such round;
  // Errc::conflict: closed, or a sheet of this name is sealed already.
  base::Result<std::string> hand_in(std::string_view cycle, std::string_view round, std::string_view sheet,
                                    std::string_view content, base::Instant at);
  // Opens the round with the last key that it needs. Errc::conflict: not closed yet, or opened already; Errc::refused:
  // no holder's key.
  base::Result<RoundState> give_key(std::string_view cycle, std::string_view round, const trust::SealingPair&,
                                    base::Instant now);
  // Nothing before it was opened.
  base::Result<std::optional<std::vector<OpenedSheet>>> opened(std::string_view cycle, std::string_view round);

 private:
  Rounds(store::Sqlite db, Record& record) : db_(std::move(db)), record_(record) {}
  base::Result<std::optional<RoundState>> find(std::string_view cycle, std::string_view round);
  base::Result<RoundState> one(std::string_view cycle, std::string_view round);
  base::Status keep(const RoundLock&, std::string_view sheet, std::string_view sealed);
  base::Result<std::vector<SealedSheet>> sealed_in(const RoundLock&);
  base::Status unseal(RoundState&, const std::vector<trust::SealingPair>&, base::Instant now);
  base::Status write(const RoundLock&, const Opening&);

  std::mutex mutex_;
  store::Sqlite db_;  // guarded by mutex_
  Record& record_;
  std::map<std::string, std::vector<trust::SealingPair>, std::less<>> keys_;  // by lock; guarded by mutex_
};

}  // namespace cityloop::awards
