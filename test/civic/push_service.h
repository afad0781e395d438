// A push service (RFC 8030) on this machine, as far as a city meets one.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "net/server.h"
#include "test/net/certificate.h"

namespace cityloop::civic {

// What was pushed, by the last part of its address; answers as it is told to, in order, and then 201.
class PushService {
 public:
  struct Push {
    std::string to, body;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string header(std::string_view name) const {
      for (const auto& [key, value] : headers) {
        if (key == name) return value;
      }
      return {};
    }
  };

  explicit PushService(const net::Certificate* certificate = nullptr) : tls_(certificate != nullptr) {
    net::Router router;
    router.add(net::Method::post, "/push/{id}", [this](const net::Request& request, net::Reply reply) {
      const std::lock_guard lock(mutex_);
      const std::string id = request.params.at("id");
      pushes_.push_back({id, request.body, request.headers});
      net::Response response;
      response.status = 201;
      auto& told = answers_[id];
      if (!told.empty()) {
        response = told.front();
        told.pop_front();
      }
      if (response.status == 0) return held_.push_back(std::move(reply));  // hangs
      reply(std::move(response));
    });
    router.add(net::Method::post, "/elsewhere", [this](const net::Request&, net::Reply reply) {
      ++elsewhere_;
      reply(net::Response{});
    });
    net::ServerOptions options;
    if (certificate) options.tls_certificate_file = certificate->certificate_file();
    if (certificate) options.tls_key_file = certificate->key_file();
    server_ = net::HttpServer::start(options, std::move(router)).value();
  }
  ~PushService() {
    held_.clear();
    server_.reset();
  }

  std::string origin() const { return fmt::format("{}://127.0.0.1:{}", tls_ ? "https" : "http", server_->port()); }
  std::string endpoint(const std::string& id) const { return origin() + "/push/" + id; }
  void answer(const std::string& id, int status, std::vector<std::pair<std::string, std::string>> headers = {}) {
    const std::lock_guard lock(mutex_);
    net::Response response;
    response.status = status;
    response.headers = std::move(headers);
    answers_[id].push_back(std::move(response));
  }
  std::vector<Push> pushes() const {
    const std::lock_guard lock(mutex_);
    return pushes_;
  }
  std::vector<Push> wait_for(std::size_t count) const {
    for (int i = 0; i < 3000 && pushes().size() < count; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return pushes();
  }
  int elsewhere() const { return elsewhere_; }

 private:
  const bool tls_;
  mutable std::mutex mutex_;
  std::vector<Push> pushes_;                                  // guarded by mutex_, as is what follows
  std::map<std::string, std::deque<net::Response>> answers_;  // status 0: none at all
  std::vector<net::Reply> held_;
  std::atomic<int> elsewhere_{0};
  std::unique_ptr<net::HttpServer> server_;
};

}  // namespace cityloop::civic
