// Masking as work that goes on when whoever asked for it has left: one run at a time of each proposal, one after the
// other, told page by page.
//
//   SecretaryRoutes ─ begin ─▶ [MaskingRuns] ─ the study's thread ─▶ Secretariat::mask ─▶ the report, kept
//
// What is asked for is on disk before it is acknowledged, with the release taken back: jurors are shown nothing from
// then on. A stop ends a run between two pages; look() begins it anew. Any thread, but begin(): as EntryDesk's changes.
#pragma once

#include <atomic>
#include <mutex>

#include "domain/awards/desk/secretariat.h"
#include "serve/back_room.h"

namespace cityloop::awards {

// How far the run is that is under way: each page is read, and then drawn anew.
struct MaskingProgress {
  std::string proposal;  // empty: none is under way
  std::size_t pages{}, read{}, drawn{};
};

class MaskingRuns {
 public:
  MaskingRuns(EntryDesk& entries, JuryDesk& jury, Secretariat& secretariat, serve::BackRoom& study)
      : entries_(entries), book_(jury.book()), secretariat_(secretariat), study_(study) {}

  // Errc::conflict while one of the proposal waits or runs.
  base::Status begin(const Proposal&, const base::JsonValue& decisions, Instant now);
  base::Result<std::optional<MaskingRun>> last(std::string_view proposal) { return book_.run(proposal); }
  MaskingProgress progress();

  // Begins what waits and nobody works on: after a restart, or when the study was full.
  base::Status look();

 private:
  void next();
  void work(const MaskingRun&);
  base::Status mask(const MaskingRun&, base::JsonWriter& report);
  bool page_done();

  EntryDesk& entries_;
  JuryBook& book_;
  Secretariat& secretariat_;
  serve::BackRoom& study_;
  std::atomic<bool> busy_{false};  // whether the study has a task of these
  std::mutex mutex_;
  MaskingProgress progress_;  // guarded by mutex_
};

}  // namespace cityloop::awards
