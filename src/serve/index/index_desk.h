// Computes indices away from whoever serves requests, and keeps what was computed.
//
//   IndexRoutes ─ IndexQuestion ─▶ [IndexDesk] ─ BackRoom ─ index::run_frame ─▶ IndexAnswer, asked for again until
//   ready
//
// A question is its frame, table and choices: the same one is computed once, whoever asks, and a changed table is
// another. So many answers are kept, those that nobody asked for longest go first. Any thread.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "index/composite/run.h"
#include "serve/back_room.h"
#include "serve/index/index_shelf.h"

namespace cityloop::serve {

struct IndexQuestion {
  IndexSource source;
  index::RunOptions options;
  std::string key() const;
};

struct IndexAnswer {
  enum class State : std::uint8_t { computing, ready, failed } state{State::computing};
  std::string stage;  // while it is computed: what is being done, and how much of all that is behind
  double done{0};
  std::shared_ptr<const index::RunResult> result{};  // ready
  base::Error error{};                               // failed
};

class IndexDesk {
 public:
  static constexpr std::size_t kKeptMax = 24;

  explicit IndexDesk(BackRoom& back_room) : back_room_(back_room) {}
  // Begins to compute where nobody has asked this before. Errc::unavailable when too much waits already.
  base::Result<IndexAnswer> ask(const IndexQuestion&);
  // As soon as it is ready or has failed, at once or on the back room's thread.
  base::Status wait(const IndexQuestion&, std::function<void(const IndexAnswer&)>);

 private:
  struct Entry {
    IndexAnswer answer;
    std::list<std::string>::iterator order;
    std::vector<std::function<void(const IndexAnswer&)>> waiting;
  };
  base::Result<Entry*> begin(const IndexQuestion&);
  void compute(const std::string& key, const IndexQuestion&);
  void forget_oldest();

  BackRoom& back_room_;
  std::mutex mutex_;  // guards both below
  std::map<std::string, Entry> entries_;
  std::list<std::string> order_;  // the one asked for last is the first
};

}  // namespace cityloop::serve
