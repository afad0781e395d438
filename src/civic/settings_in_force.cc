#include "civic/settings_in_force.h"

#include "base/file.h"
#include "base/log.h"

namespace cityloop::civic {

void SettingsInForce::put(CivicSettings settings, base::Instant since) {
  const std::lock_guard lock(mutex_);
  all_.push_back({std::move(settings), since, std::uint64_t(all_.size()) + 1});
  current_.store(&all_.back(), std::memory_order_release);
}

bool SettingsWatcher::poll() {
  const auto text = base::read_file(file_);
  const std::string version = text ? CivicSettings::version_of(*text) : std::string();
  if (version == seen_) return false;
  seen_ = version;
  std::string told;
  bool changed = false;
  if (!text) {
    // Whoever had none from the beginning has none; to end all that citizens can do takes an empty file.
    if (!into_.now().version.empty()) told = fmt::format("{} is gone", file_);
  } else if (version != into_.now().version) {
    const casework::CaseRulesPtr rules = rules_();
    auto read = CivicSettings::parse(*text, file_, rules.get());
    if (read) into_.put(std::move(*read), wall_.now());
    else told = read.error().message;
    changed = read.has_value();
  }
  const std::lock_guard lock(mutex_);
  mistakes_ = std::move(told);
  return changed;
}

std::string SettingsWatcher::mistakes() const {
  const std::lock_guard lock(mutex_);
  return mistakes_;
}

void SettingsWatcher::start(base::Duration every, std::function<void()> changed) {
  stop();
  stopping_ = false;
  seen_ = into_.now().version;
  thread_ = std::thread([this, every, changed = std::move(changed)] {
    std::string told;
    for (;;) {
      if (poll()) {
        base::log_info("other civic settings are in force");
        changed();
      }
      std::string now = mistakes();
      if (now != told && !now.empty()) base::log_warn("the civic settings as they were stay in force:\n{}", now);
      told = std::move(now);
      std::unique_lock lock(mutex_);
      if (wake_.wait_for(lock, every, [this] { return stopping_; })) return;
    }
  });
}

void SettingsWatcher::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

}  // namespace cityloop::civic
