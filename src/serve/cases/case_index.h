// The index by which cases are found, counted and drawn: the open ones, those that have ended, and the archive's two
// million, each in some hundred bytes of memory.
//
//   log ══ Case changes ══▶ [CaseIndex] ◀─ query, map ─ routes
//   archive ─ rows, sealed blocks ─▶ [CaseIndex]
//
// A view: it follows the log on a thread of its own and keeps nothing that the log, the twin and the archive would not
// give again. Whatever is asked, it asks no entity: rights, conditions, order and counts are answered from packed
// columns (case_block.h), text from packed lists of terms (case_postings.h). What the archive holds never changes, so
// each 32,768 of its cases are sealed: written to its table as the bytes they have in memory, and read back as such at
// the next start; what is the same of all of them is counted once (case_summary.h).
//
// A question holds the lock for as long as the cases in hand take, which is a millisecond or so: sealed blocks are
// asked without it. Whatever is reckoned for a case that has changed is reckoned before the lock is taken. So neither
// waits long for the other.
//
// Nobody sees or counts a case that is not for them: a query without a CaseSight cannot be asked.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "casework/case_archive.h"
#include "serve/cases/case_block.h"
#include "serve/cases/case_map.h"
#include "serve/cases/case_query.h"
#include "twin/fair_mutex.h"
#include "twin/twin.h"

namespace cityloop::serve {

struct CaseCount {
  std::string value;
  std::uint64_t cases{0};
};

struct CasePage {
  std::vector<flow::Case> cases;  // without their timelines and clocks
  std::optional<OrderKey> next;   // of the last one, where more follow
  std::uint64_t total{0};
  std::vector<std::pair<CaseField, std::vector<CaseCount>>> counts;  // most first
};

class CaseIndex {
 public:
  // Reads what there is before it returns; the log is followed until the end.
  explicit CaseIndex(const twin::Twin&);
  ~CaseIndex();

  // As of the newest record of the log where it can be had within a blink, and of a moment before otherwise.
  base::Result<CasePage> query(const CaseQuery&, const CaseSight&) const;
  base::Result<CaseMap> map(const CaseFilter&, const CaseSight&, const MapWish&) const;

  // Every case that fits, whole, in no order, until the callback says false: for exports and statistics. The index is
  // not held meanwhile.
  base::Status each(const CaseFilter&, const CaseSight&, const std::function<bool(flow::Case)>&) const;
  // The one that people call by this number, whole; whoever shows it asks whether it may be seen. Errc::not_found.
  base::Result<flow::Case> find_code(std::string_view code) const;

  // Waits until it has read all there is: for tests, which must not hang on a blink.
  void settle() const;

  struct Stats {
    std::uint64_t live, archived, sealed_blocks, bytes;
    double load_seconds;
  };
  Stats stats() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace cityloop::serve
