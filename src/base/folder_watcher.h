// Notices that a folder of settings has changed and reads it again. Settings with mistakes never take the place of good
// ones: the mistakes can be looked at until they are mended.
//
//   files ─ read ─▶ [FolderWatcher] ─ parse ─▶ settings, handed over on its own thread
//
// Compares contents, not times: a file that is saved without a change makes nothing new, and one that is changed twice
// in a second is not missed. What is read and how is the owner's business.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "base/result.h"
#include "base/time.h"

namespace cityloop::base {

// Calls `look` at once and then every so often, on a thread of its own, until it is stopped.
class Lookout {
 public:
  ~Lookout() { stop(); }
  void start(Duration every, std::function<void()> look);
  void stop();

 private:
  std::mutex mutex_;  // guards stopping_
  std::condition_variable wake_;
  bool stopping_{false};
  std::thread thread_;
};

// `Settings` is a shared pointer to what is never changed, `Files` can be compared.
template <class Settings, class Files>
class FolderWatcher {
 public:
  using Read = std::function<Result<Files>()>;
  using Parse = std::function<Result<Settings>(Files)>;

  FolderWatcher(Read read, Parse parse) : read_(std::move(read)), parse_(std::move(parse)) {}
  ~FolderWatcher() { stop(); }

  // The new settings when the files have changed to ones without mistakes; null otherwise. The first call reads them in
  // any case.
  Settings poll() {
    auto files = read_();
    if (files && seen_ == *files) return nullptr;
    Settings settings;
    std::string told;
    if (!files) {
      // A file that vanishes while it is read: the next look will tell.
      seen_.reset();
      told = files.error().message;
    } else {
      seen_ = *files;
      auto parsed = parse_(std::move(*files));
      if (parsed) settings = std::move(*parsed);
      else told = parsed.error().message;
    }
    const std::lock_guard lock(mutex_);
    mistakes_ = std::move(told);
    return settings;
  }
  // What is wrong with the folder as it is now, one a line; empty when all is well. Any thread.
  std::string mistakes() const {
    const std::lock_guard lock(mutex_);
    return mistakes_;
  }
  // Polls on a thread of its own and hands over there; on_mistakes is told each time they have changed.
  void start(Duration every, std::function<void(const Settings&)> on_settings,
             std::function<void(const std::string&)> on_mistakes) {
    lookout_.start(every, [this, on_settings = std::move(on_settings), on_mistakes = std::move(on_mistakes),
                           told = std::string()]() mutable {
      if (const Settings settings = poll()) on_settings(settings);
      std::string now = mistakes();
      if (now != told) on_mistakes(now);
      told = std::move(now);
    });
  }
  void stop() { lookout_.stop(); }

 private:
  const Read read_;
  const Parse parse_;
  std::optional<Files> seen_;
  mutable std::mutex mutex_;  // guards mistakes_
  std::string mistakes_;
  Lookout lookout_;  // the last member: its thread uses the others
};

}  // namespace cityloop::base
