// Writes what a person asks as an Action and answers when the loop that owns the target has done or refused it.
//
//   handler ─ Action(requested) ─▶ twin ══▶ casework | act ─ Action(done | refused) ─▶ [ActionDesk] ─▶ the person's
//   answer
//
// What is sent twice under one key happens once: the key and the person make the action's id, so the second is the
// first, and hears the same answer; also after a restart, for the action stands in the log.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "flow/action.h"
#include "net/http.h"
#include "twin/twin.h"

namespace cityloop::serve {

// What makes two requests the same one.
struct OnceKey {
  std::string text{};      // empty: nothing does
  bool may_differ{false};  // whether another content under the same key is still the same request
  bool none() const { return text.empty(); }
};

// The header Idempotency-Key: 16 to 200 visible characters of ASCII, quoted or not; none where there is no such header.
base::Result<OnceKey> once_key_of(const net::Request&);
// An answer to what the desk says: a key that was used for something else is a 422.
net::Response desk_problem(const base::Error&);

class ActionDesk {
 public:
  using Done = std::function<void(base::Result<flow::Action>)>;

  explicit ActionDesk(twin::Twin&);  // before the loops start
  ~ActionDesk();

  // `done` gets the action as the loop left it; Errc::timeout when it has not been looked at in ten seconds (it stands
  // in the log all the same and will be).
  void submit(flow::Action action, Done done) { submit(std::move(action), {}, std::move(done)); }
  // Once for each key of the same person (Action::by). Errc::exists: the key was used for something else.
  void submit(flow::Action, const OnceKey&, Done);

  // What this person has asked under this key before, as it is now; nothing when they have not.
  std::optional<flow::Action> asked_before(std::string_view by, const OnceKey&) const;
  static std::string id_of(std::string_view by, const OnceKey&);

 private:
  struct Waiting {
    flow::Action asked;
    std::vector<Done> done;
    std::chrono::steady_clock::time_point deadline;
  };
  void submit_once(flow::Action, const OnceKey&, Done);
  void put_into_log(const flow::Action&, flow::WriteMode);
  void look_at(const flow::LogRecord&);
  void give_up_on_late();

  twin::Twin& twin_;
  std::mutex mutex_;
  std::condition_variable stop_;
  std::map<flow::EntityId, Waiting> waiting_;
  std::uint64_t submitted_{0};
  bool stopping_{false};
  std::thread patience_;
};

}  // namespace cityloop::serve
