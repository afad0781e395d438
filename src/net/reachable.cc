#include "net/reachable.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

namespace cityloop::net {
namespace {

using base::Errc;
using base::fail;
using base::Status;
using SteadyTime = std::chrono::steady_clock::time_point;

void empty_alarm(int alarm) {
  std::uint64_t ignored;
  while (::read(alarm, &ignored, sizeof ignored) > 0) {
  }
}

// The error number of a connection under way: 0 when it stands.
int wait_connected(int socket, SteadyTime deadline, int alarm, const std::function<bool()>& stop) {
  while (!stop()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return ETIMEDOUT;
    pollfd watched[] = {{socket, POLLOUT, 0}, {alarm, POLLIN, 0}};
    if (::poll(watched, 2, int(left.count())) < 0 && errno != EINTR) return errno;
    if (watched[1].revents) empty_alarm(alarm);
    if (!watched[0].revents) continue;
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
  }
  return ECANCELED;
}

int try_address(const addrinfo& address, SteadyTime deadline, int alarm, const std::function<bool()>& stop) {
  const int socket = ::socket(address.ai_family, address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) return errno;
  int error = 0;
  if (::connect(socket, address.ai_addr, address.ai_addrlen) != 0) {
    error = errno == EINPROGRESS ? wait_connected(socket, deadline, alarm, stop) : errno;
  }
  ::close(socket);
  return error;
}

}  // namespace

Status check_reachable(const std::string& host, std::uint16_t port, base::Duration patience, int alarm,
                       const std::function<bool()>& stop) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found); code != 0) {
    return fail(Errc::unavailable, "cannot find the host '{}': {}", host, ::gai_strerror(code));
  }
  int error = EHOSTUNREACH;
  for (const addrinfo* one = found; one && error != 0; one = one->ai_next) {
    error = try_address(*one, deadline, alarm, stop);
  }
  ::freeaddrinfo(found);
  if (error == 0) return {};
  return fail(Errc::unavailable, "cannot reach {}:{}: {}", host, port, std::strerror(error));
}

}  // namespace cityloop::net
