// Which of the city's civic.toml is in force: the last one without mistakes.
//
//   civic.toml ─▶ [SettingsWatcher] ─ CivicSettings ─▶ [SettingsInForce] ─▶ every route and thread of this room
//
// The file is read again when its content changes, not its time. One with mistakes leaves the old one in force, and
// the mistakes can be looked at until they are mended. Settings that were in force stay in memory (a few kilobytes
// each), so that whoever reads them needs no lock and no count: a reference is good for the life of the room.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.h"
#include "casework/case_rules.h"
#include "civic/services.h"

namespace cityloop::civic {

class SettingsInForce {
 public:
  SettingsInForce(CivicSettings first, base::Instant since) { put(std::move(first), since); }

  const CivicSettings& now() const { return current_.load(std::memory_order_acquire)->settings; }
  base::Instant since() const { return current_.load(std::memory_order_acquire)->since; }
  // Another one for each that came into force.
  std::uint64_t number() const { return current_.load(std::memory_order_acquire)->number; }
  void put(CivicSettings, base::Instant since);

 private:
  struct Version {
    CivicSettings settings;
    base::Instant since{base::kNever};
    std::uint64_t number{};
  };
  std::mutex mutex_;
  std::deque<Version> all_;  // guarded by mutex_; a deque moves none when it grows
  std::atomic<const Version*> current_{nullptr};
};

class SettingsWatcher {
 public:
  using Rules = std::function<casework::CaseRulesPtr()>;  // those in force, for kinds and categories; may give null
  SettingsWatcher(std::string file, SettingsInForce& into, Rules rules, const base::Clock& wall)
      : file_(std::move(file)), into_(into), rules_(std::move(rules)), wall_(wall) {}
  ~SettingsWatcher() { stop(); }

  // Looks at the file once: whether other settings are in force now. A file that is gone is a mistake.
  bool poll();
  std::string mistakes() const;  // of the file as it is now, one a line; empty when all is well. Any thread.

  // Polls on a thread of its own; `changed` is called there after other settings have come into force.
  void start(base::Duration every, std::function<void()> changed);
  void stop();

 private:
  std::string file_;
  SettingsInForce& into_;
  Rules rules_;
  const base::Clock& wall_;
  std::string seen_;          // version of the file that was looked at last
  mutable std::mutex mutex_;  // guards mistakes_ and stopping_
  std::string mistakes_;
  std::condition_variable wake_;
  bool stopping_{false};
  std::thread thread_;
};

}  // namespace cityloop::civic
