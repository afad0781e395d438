// The inspectors' errands: makes those of the schedules when their time has come, notes which were missed, and takes
// what was seen to the case that it is about.
//
//   Patrol ─▶ [InspectionKeeper] ─ Inspection ─▶ twin
//   Inspection (answered) ─▶ [InspectionKeeper] ─ Action(verify | note | file) ─▶ casework
//
// An answer stands in the log before anything follows from it, and what follows is asked for under its id: after a
// crash it is asked for again, and happens once. Any thread; one at a time.
#pragma once

#include <map>
#include <mutex>

#include "participation/forum.h"
#include "participation/inspection.h"

namespace cityloop::participation {

class InspectionKeeper {
 public:
  explicit InspectionKeeper(const Forum& forum) : forum_(forum) {}

  base::Status look();
  // What follows from an answer that is on disk; once.
  void follow_up(const Inspection&);

  base::Result<Inspection> find(std::string_view id) const;  // whole, or its tail; Errc::not_found
  std::vector<Inspection> all() const;
  base::Status commit(const Inspection&, std::string_view by, flow::WriteMode mode = flow::WriteMode::replace) const;

 private:
  std::vector<Inspection> unfinished() const;
  base::Status make_due();
  base::Status make_round_of(const Patrol&, std::int64_t turn, Instant from);
  void verify(const Inspection&);
  void note(const Inspection&);
  void file(const Inspection&);
  void came_of(const Inspection&, InspectionOutcome, EntityId made);

  const Forum& forum_;
  std::map<std::string, std::int64_t> made_;  // patrol → the turn that was made last
  std::mutex mutex_;
  std::set<std::string_view> followed_;  // since the start; texts of ids live as long as the process; guarded by mutex_
};

// Whether what followed bore the inspector out; nothing while nobody can tell.
std::optional<bool> was_right(const twin::Twin&, const Inspection&);

}  // namespace cityloop::participation
