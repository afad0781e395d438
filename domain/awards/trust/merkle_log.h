// The tamper-evident record of award cycles: an append-only log of entries with signed heads, in one file of text that
// anybody may read (FOLDER/log.jsonl; its form: log_line.h, domain/awards/doc/trust.md).
//
//   desks ─ LogEntry ─▶ [MerkleLog] ─ Logged{entry, head, proof} ─▶ receipts        witnesses ◀─ head, consistency
//
// append() returns when its entry and the head that covers it are on disk; whoever appends meanwhile shares the next
// flush. A commit is some entries and one head, written at once behind the last. At opening every line is read,
// numbered and hashed again: what stands behind the last head because a write was cut short is cut off and told;
// anything else that is not as it was signed is damage, and the log does not open. A commit that the disk refused is
// taken back; where the disk refuses that too, nothing more is accepted until the log is opened again, and what was
// refused may be in it.
//
// Any thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "domain/awards/trust/log_check.h"
#include "store/disk.h"
#include "trust/key_pair.h"

namespace cityloop::awards {

// An entry in the log, and how that is shown under a head.
struct Logged {
  LogEntry entry;
  TreeHead head;
  std::vector<Digest> proof;
};

class MerkleLog {
 public:
  // `clock` says when heads are signed. `faults` are for tests.
  static base::Result<std::unique_ptr<MerkleLog>> open(const std::string& folder, trust::SigningPair,
                                                       const base::Clock& clock, store::DiskFaults faults = {});

  // `n` is given here. Errc::invalid: not the form of an entry, or a time after the clock's. Errc::conflict: a time
  // more than kLogLag before the last head. Else the disk's errors: then it is not in the log.
  base::Result<Logged> append(LogEntry);

  TreeHead head() const;
  const std::string& public_key() const { return pair_.public_key(); }
  // Under the newest head. Errc::not_found.
  base::Result<Logged> find(std::uint64_t n) const;
  // Errc::invalid where the sizes are not from <= to <= head().size.
  base::Result<std::vector<Digest>> consistency(std::uint64_t from, std::uint64_t to) const;
  // The file from entry `n` on: so many entries, and the heads among and behind them. From 0 on the first line is the
  // head of the empty log; put together, pieces that follow one another are the file. Errc::not_found.
  base::Result<std::string> lines(std::uint64_t n, std::uint64_t entries) const;

  struct Stats {
    std::uint64_t entries, commits, bytes;
    std::uint64_t cut_bytes;  // of a write cut short, when it was opened
  };
  Stats stats() const;

 private:
  struct Waiting {
    LogEntry entry;
    base::Status done;
    bool answered{false};
  };

  MerkleLog(std::string file, trust::SigningPair pair, const base::Clock& clock, store::DiskFaults faults)
      : path_(std::move(file)), pair_(std::move(pair)), clock_(clock), faults_(std::move(faults)) {}
  base::Status begin();
  base::Status load();
  base::Status mend(LogCheck, std::uint64_t committed, std::uint64_t size);
  void commit(const std::vector<Waiting*>&);
  base::Status write(const std::string& bytes);
  base::Result<std::string> read(std::uint64_t begin, std::uint64_t end) const;
  base::Status judge(const LogEntry&, base::Instant now) const;
  TreeHead sign(std::uint64_t size, base::Instant at) const;
  Logged shown(LogEntry) const;

  const std::string path_;
  const trust::SigningPair pair_;
  const base::Clock& clock_;
  const store::DiskFaults faults_;
  std::unique_ptr<store::File> file_;

  std::mutex mutex_;  // guards waiting_ and writing_
  std::condition_variable written_;
  std::vector<Waiting*> waiting_;
  bool writing_{false};  // somebody writes for all who wait

  // What is below is changed by the one who writes alone.
  mutable std::shared_mutex state_;
  MerkleTree tree_;                    // may be ahead of head_ while a commit is written
  std::vector<std::uint64_t> starts_;  // of entries' lines in the file
  TreeHead head_;
  std::uint64_t end_{0};  // of what is committed
  std::uint64_t commits_{0}, cut_bytes_{0};
  bool broken_{false};
};

}  // namespace cityloop::awards
