// A receiver of notifications on a port of its own: remembers every body, answers as the test wishes.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/json_value.h"
#include "base/rng.h"
#include "net/server.h"

namespace cityloop::notify {

template <class Condition>
bool soon(Condition&& holds, std::chrono::milliseconds patience = std::chrono::seconds(30)) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

class Receiver {
 public:
  struct Taken {
    base::JsonValue body;
    std::vector<std::pair<std::string, std::string>> headers;
  };
  // What a receiver does with a request; nothing: takes it and answers 200.
  enum class Mood : std::uint8_t { takes, refuses, keeps_silent, takes_and_refuses };

  Receiver() {
    net::Router router;
    router.add(net::Method::post, "/n", [this](const net::Request& request, net::Reply reply) {
      const Mood mood = mood_();
      ++requests;
      if (const int refusal = refuses_ ? refuses_(request) : 0) return reply({refusal, "", "text/plain", {}});
      if (mood == Mood::takes || mood == Mood::takes_and_refuses) take(request);
      if (mood == Mood::keeps_silent) {
        const std::lock_guard lock(mutex_);
        unanswered_.push_back(std::move(reply));
        return;
      }
      reply({mood == Mood::takes ? 200 : 503, "", "text/plain", {}});
    });
    server_ = net::HttpServer::start({}, std::move(router)).value();
  }
  ~Receiver() {
    const std::lock_guard lock(mutex_);
    unanswered_.clear();
  }

  std::string url() const { return fmt::format("http://127.0.0.1:{}/n", server_->port()); }
  void feel(std::function<Mood()> mood) {
    const std::lock_guard lock(mood_mutex_);
    mood_of_ = std::move(mood);
  }
  void feel(Mood mood) {
    feel([mood] { return mood; });
  }
  std::vector<Taken> taken() const {
    const std::lock_guard lock(mutex_);
    return taken_;
  }
  // Before anything is sent: an answer for a request that it does not want; 0: it is taken as ever.
  void refuse(std::function<int(const net::Request&)> refuses) { refuses_ = std::move(refuses); }
  // Every entity of every notification, in the order of arrival, as JSON.
  std::vector<base::JsonValue> entities() const {
    std::vector<base::JsonValue> out;
    for (const Taken& one : taken()) {
      const base::JsonValue* data = one.body.find("data");
      if (data && data->array()) out.insert(out.end(), data->array()->begin(), data->array()->end());
    }
    return out;
  }
  // The values of a normalized attribute, in order, of one entity or of all.
  std::vector<double> values(std::string_view attribute, std::string_view of = {}) const {
    std::vector<double> out;
    for (const base::JsonValue& entity : entities()) {
      if (!of.empty() && entity.text_or("id", "") != of) continue;
      const base::JsonValue* found = entity.find(attribute);
      if (found) out.push_back(found->number_or("value", -1));
    }
    return out;
  }
  std::atomic<int> requests{0};

 private:
  Mood mood_() {
    const std::lock_guard lock(mood_mutex_);
    return mood_of_ ? mood_of_() : Mood::takes;
  }
  void take(const net::Request& request) {
    auto body = base::JsonValue::parse(request.body);
    const std::lock_guard lock(mutex_);
    taken_.push_back({body ? std::move(*body) : base::JsonValue{}, request.headers});
  }

  std::mutex mood_mutex_;
  std::function<Mood()> mood_of_;
  std::function<int(const net::Request&)> refuses_;
  mutable std::mutex mutex_;
  std::vector<Taken> taken_;
  std::vector<net::Reply> unanswered_;
  std::unique_ptr<net::HttpServer> server_;
};

}  // namespace cityloop::notify
