// What keeps guessing slow and cheap for us: how long an account waits after wrong passwords, and how many hashes may
// be computed at once.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/time.h"

namespace cityloop::trust {

// Wrong passwords in a row, by the name that was tried. Kept in memory only; the caller locks.
class WrongPasswords {
 public:
  static constexpr int kFree = 5;
  static constexpr std::size_t kNamesMax = 10'000;  // past it the one tried longest ago is forgotten

  base::Duration wait_left(std::string_view name, base::Instant now) const;  // zero: may try
  void note(std::string_view name, base::Instant now);
  void forget(std::string_view name);

 private:
  struct Count {
    int in_row{0};
    base::Instant last{base::kNever};
    base::Instant not_before{base::kNever};
  };
  std::map<std::string, Count, std::less<>> names_;
};

// Each hash takes 19 MiB: a flood of sign-ins waits in a short line, and past that is turned away.
class HashGate {
 public:
  static constexpr int kAtOnce = 2;
  static constexpr int kWaitingMax = 64;

  class Pass {
   public:
    explicit Pass(HashGate* gate) : gate_(gate) {}
    Pass(const Pass&) = delete;
    ~Pass() {
      if (gate_) gate_->leave();
    }
    explicit operator bool() const { return gate_ != nullptr; }

   private:
    HashGate* gate_;
  };
  Pass enter();  // waits for a place; false when too many wait already

 private:
  void leave();

  std::mutex mutex_;
  std::condition_variable free_;
  int running_{0}, waiting_{0};
};

}  // namespace cityloop::trust
