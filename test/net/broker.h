// A real mosquitto on a free port of 127.0.0.1, for tests: stopped by its process id.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include <fmt/format.h>

extern char** environ;

namespace cityloop::net {

inline sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// Free now; another process may take it before we do, so whoever uses it is ready to ask again.
inline std::uint16_t free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  ::bind(socket, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(socket);
  return ntohs(address.sin_port);
}

inline bool listens(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in address = loopback(port);
  const bool connected = ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(socket);
  return connected;
}

class Broker {
 public:
  static constexpr const char* kProgram = "/usr/sbin/mosquitto";
  static bool available() { return std::filesystem::exists(kProgram); }

  // `more` goes into its configuration. Null when it does not come up.
  static std::unique_ptr<Broker> start(std::string more = {}) {
    for (int tries = 0; tries < 5; ++tries) {
      std::unique_ptr<Broker> broker(new Broker(free_port(), more));
      if (broker->begin()) return broker;
    }
    return nullptr;
  }
  ~Broker() {
    end();
    std::filesystem::remove(config_);
  }
  Broker(const Broker&) = delete;

  std::uint16_t port() const { return port_; }

  bool begin() {
    std::ofstream(config_) << fmt::format(
        "listener {} 127.0.0.1\nallow_anonymous true\npersistence false\nmax_queued_messages 0\nuser root\n{}\n", port_,
        more_);
    const std::string config = config_.string();
    const char* arguments[] = {kProgram, "-c", config.c_str(), nullptr};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    const int code = ::posix_spawn(&pid_, kProgram, &actions, nullptr, const_cast<char* const*>(arguments), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (code != 0) return pid_ = 0, false;
    for (int i = 0; i < 500; ++i) {
      if (listens(port_)) return true;
      int status;
      if (::waitpid(pid_, &status, WNOHANG) == pid_) return pid_ = 0, false;  // the port was taken, say
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return end(), false;
  }

  // By SIGTERM it goes in order, and writes down what it is configured to keep.
  void end(int signal = SIGKILL) {
    if (pid_ <= 0) return;
    ::kill(pid_, signal);
    int status;
    ::waitpid(pid_, &status, 0);
    pid_ = 0;
  }

 private:
  Broker(std::uint16_t port, std::string more)
      : port_(port),
        more_(std::move(more)),
        config_(std::filesystem::temp_directory_path() / fmt::format("cityloop-broker-{}-{}.conf", ::getpid(), port)) {}

  std::uint16_t port_;
  std::string more_;
  std::filesystem::path config_;
  pid_t pid_{0};
};

}  // namespace cityloop::net
