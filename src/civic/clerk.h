// A room for work behind the counter that can be closed while others still hold a reference to it.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "serve/back_room.h"

namespace cityloop::civic {

class Clerk {
 public:
  explicit Clerk(std::size_t waiting_max) : room_(std::make_unique<serve::BackRoom>(waiting_max)) {}

  // False when too much waits already, or it is closed.
  bool post(std::move_only_function<void()> task) {
    const std::lock_guard lock(mutex_);
    return room_ && room_->post(std::move(task));
  }
  // Finishes what runs; what waits is dropped.
  void close() {
    std::unique_ptr<serve::BackRoom> room;
    {
      const std::lock_guard lock(mutex_);
      room = std::move(room_);
    }
  }

 private:
  std::mutex mutex_;
  std::unique_ptr<serve::BackRoom> room_;
};

}  // namespace cityloop::civic
