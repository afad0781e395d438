// What comes later, waited for: on a thread where waiting harms nobody.
#pragma once

#include <future>
#include <memory>
#include <utility>

namespace cityloop::broker {

// Calls start(done) and gives the value with which `done` is called.
template <class T, class Start>
T waited_for(const Start& start) {
  auto promise = std::make_shared<std::promise<T>>();
  auto future = promise->get_future();
  start([promise](T value) { promise->set_value(std::move(value)); });
  return future.get();
}

}  // namespace cityloop::broker
