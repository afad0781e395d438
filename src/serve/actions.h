// Writes what a person asks as an Action and answers when the loop that owns the target has done or refused it.
//
//   handler ─ Action(requested) ─▶ twin ══▶ casework | act ─ Action(done | refused) ─▶ [ActionDesk] ─▶ the person's
//   answer
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "flow/action.h"
#include "twin/twin.h"

namespace cityloop::serve {

class ActionDesk {
 public:
  explicit ActionDesk(twin::Twin&);  // before the loops start
  ~ActionDesk();

  // `done` gets the action as the loop left it; Errc::timeout when it has not been looked at in ten seconds (it stands
  // in the log all the same and will be).
  void submit(flow::Action, std::function<void(base::Result<flow::Action>)> done);

 private:
  using Done = std::function<void(base::Result<flow::Action>)>;
  struct Waiting {
    Done done;
    std::chrono::steady_clock::time_point deadline;
  };
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
