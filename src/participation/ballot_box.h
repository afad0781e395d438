// The ballots that were cast, each by the hash of its token, and nothing of who, when or from where.
//
//   RoundRoutes ─ BallotPaper ─▶ [BallotBox] ─▶ BallotFile
//
// A file of its own (DATA/ballots.db) without row numbers, in the order of the hashes; scrub() writes it anew, so that
// where a row happens to lie on a page tells nothing of when it came either. A call that returns has its change on
// disk: an acknowledged ballot is in the count. Any thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "participation/ballot_file.h"
#include "store/sqlite.h"

namespace cityloop::participation {

class BallotBox {
 public:
  static base::Result<std::unique_ptr<BallotBox>> open(const std::string& file);

  // In place of the one before, when its edition is newer. The same again is no change. Errc::conflict: an older one,
  // or another of the same edition.
  base::Status cast(std::string_view round, const BallotPaper&, std::int64_t edition);
  // In order of ids.
  base::Status each(std::string_view round, const std::function<void(BallotPaper)>&);
  base::Result<std::int64_t> count(std::string_view round);
  // Nothing when nothing was cast since it was scrubbed last.
  base::Status scrub();

 private:
  explicit BallotBox(store::Sqlite db) : db_(std::move(db)) {}

  std::mutex mutex_;
  store::Sqlite db_;  // guarded by mutex_
  std::atomic<bool> touched_{true};
};

}  // namespace cityloop::participation
