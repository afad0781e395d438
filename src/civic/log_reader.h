// Follows the log for this room: keeps the public board, notes which cases name which photos, and makes the notices to
// reporters.
//
//   log ══▶ [LogReader] ─▶ PublicBoard, Book (outbox), SurveyDesk
//
// Not a loop of the city: what it writes is personal, or hangs on what is, and must stay out of the log. Its place in
// the log stands in the book; a notice has a key of its report, case and step, so that a step read twice is told once.
// Where the log no longer reaches back to its place it looks at all cases anew, and misses none: notices are made of a
// case's steps as they stand in the case.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <thread>

#include "civic/book.h"
#include "civic/photo_shelf.h"
#include "civic/public_board.h"
#include "civic/public_view.h"
#include "civic/survey_desk.h"

namespace cityloop::civic {

class LogReader {
 public:
  LogReader(const PublicView&, Book&, PublicBoard&, const PhotoShelf&, SurveyDesk&, const base::Clock& wall);
  ~LogReader() { stop(); }

  // Called on the reader's thread when there are new notices; said before start.
  void on_notices(std::function<void()> told) { told_ = std::move(told); }
  base::Status start();  // looks at all cases first, and then follows
  void stop();
  // Waits until all that is in the log now, and the settings in force, have been seen; for tests.
  void settle() const;
  // Of citizens' cases those of which something waits for a moderator, oldest first.
  std::vector<EntityId> waiting() const;

  struct Stats {
    std::uint64_t cases, notices, contacts_erased, photos_erased, sweeps, failures;
  };
  Stats stats() const;

 private:
  void run();
  base::Status keep_up();
  base::Status ask();
  base::Status follow();
  base::Status look_at_all();
  base::Status look_at_archive();
  base::Status look_at(EntityId case_id);
  void show(const flow::Case&);
  base::Status note_photos(const flow::Case&);
  base::Status tell_followers(const flow::Case&);
  base::Status tell(Report, const flow::Case&);
  void sweep();

  PublicView view_;
  Book& book_;
  PublicBoard& board_;
  const PhotoShelf& photos_;
  SurveyDesk& surveys_;
  const base::Clock& wall_;

  std::function<void()> told_{[] {}};

  std::atomic<flow::Seq> position_{0};
  std::atomic<std::uint64_t> settings_seen_{0};
  flow::Seq saved_{0};
  base::Instant swept_at_{base::kNever};
  std::atomic<std::uint64_t> cases_{0}, notices_{0}, contacts_erased_{0}, photos_erased_{0}, sweeps_{0}, failures_{0};

  mutable std::mutex mutex_;
  std::set<std::pair<Instant, std::string_view>>
      waiting_;  // guarded by mutex_; texts of ids live as long as the process
  std::condition_variable wake_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace cityloop::civic
