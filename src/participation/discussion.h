// What people say about proposals: comments in threads, official answers among them, and what moderators decided.
//
//   ProposalRoutes ─ Comment ─▶ [Discussion] ─▶ routes, moderation
//
// In participation.db, beside the persons: a comment may be erased, and then its words are overwritten. A comment whose
// person is gone stays without a name. Any thread; a call that returns has its change on disk.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "store/sqlite.h"

namespace cityloop::participation {

using base::Instant;

struct Comment {
  enum class State : std::uint8_t { waiting, shown, hidden, erased };
  std::string id;                 // 16 hexadecimal digits
  std::string in_case;            // the proposal
  std::string person;             // number; empty: staff
  std::string staff, department;  // of an official answer
  std::string reply_to;           // id; empty: a thread of its own
  std::string text;               // as it was written
  Instant at{base::kNever};
  State state{State::waiting};  // until a moderator has decided
  std::string public_text;      // in whose words it is shown then
  std::string reason;
  std::string decided_by;
  Instant decided_at{base::kNever};
  std::int64_t flags{0};  // persons who asked for it to be looked at
  std::string name;       // of its person, as they call themselves now
};
std::string_view to_string(Comment::State);

class Discussion {
 public:
  static base::Result<std::unique_ptr<Discussion>> open(const std::string& file);

  // One that is there already stays as it is: false.
  base::Result<bool> add(const Comment&);
  base::Result<std::optional<Comment>> comment(std::string_view id);
  base::Result<std::vector<Comment>> of(const std::vector<std::string>& cases);  // in order of time
  base::Result<std::int64_t> count(const std::vector<std::string>& cases);       // those that others see, or will
  base::Result<std::int64_t> written_by(std::string_view person);
  base::Status erase(std::string_view id);
  // Its state, public_text, reason, decided_by, decided_at. What persons flagged is settled by it.
  base::Status decide(const Comment&);
  // As if nobody had decided: it waits, with the flags that its last decision settled.
  base::Status take_back(std::string_view id);
  base::Status flag(std::string_view id, std::string_view person);
  base::Status forget_flags_of(std::string_view person);
  // Of citizens. Waiting: nobody has decided, or it was flagged since; by how many, then oldest first. Otherwise newest
  // decision first.
  base::Result<std::vector<Comment>> waiting();
  base::Result<std::vector<Comment>> decided();

 private:
  explicit Discussion(store::Sqlite db) : db_(std::move(db)) {}
  base::Result<std::vector<Comment>> read(std::string_view where, const std::vector<std::string>& texts);
  base::Status run(const char* sql, std::string_view text);  // under mutex_

  std::mutex mutex_;
  store::Sqlite db_;  // guarded by mutex_
};

}  // namespace cityloop::participation
