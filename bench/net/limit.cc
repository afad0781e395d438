// The limit of the machine: the least an HTTP server can do for a request. One thread, one epoll, one read and one
// write for what has come; a request is told by its blank line, and the answer is always the same. No server that is
// asked one thing at a time over a connection can be faster than this by more than a little, so rows of ./city bench
// twin are given as a share of it.
//
//   http_limit PORT [BYTES]      BYTES of body in each answer (default 550, as one entity of the benchmark)
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr int kEventsMax = 64;

// How many requests are complete in what came, and how many bytes they take.
std::size_t complete(std::string_view came, std::size_t& requests) {
  std::size_t at = 0;
  for (std::size_t end = came.find("\r\n\r\n"); end != came.npos; end = came.find("\r\n\r\n", at)) {
    std::size_t body = 0;
    if (const std::size_t length = came.substr(at, end - at).find("Content-Length: "); length != came.npos) {
      body = std::strtoull(came.data() + at + length + 16, nullptr, 10);
    }
    if (came.size() < end + 4 + body) break;
    at = end + 4 + body;
    ++requests;
  }
  return at;
}

struct Line {
  std::string rest;  // of a request that has not come whole
};

void serve(int fd, Line& line, const std::string& answer) {
  char bytes[64 << 10];
  const ssize_t got = ::read(fd, bytes, sizeof bytes);
  if (got <= 0) {
    ::close(fd);
    line.rest.clear();
    return;
  }
  std::size_t requests = 0;
  if (line.rest.empty()) {
    const std::size_t used = complete({bytes, std::size_t(got)}, requests);
    line.rest.assign(bytes + used, std::size_t(got) - used);
  } else {
    line.rest.append(bytes, std::size_t(got));
    line.rest.erase(0, complete(line.rest, requests));
  }
  std::string many;
  for (std::size_t i = 1; i < requests; ++i) many += answer;
  if (many.empty() && requests == 1) (void)!::write(fd, answer.data(), answer.size());
  else if (requests > 1) (void)!::write(fd, (many += answer).data(), many.size());
}

int listen_on(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  const int yes = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(std::uint16_t(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(fd, 512) != 0) return -1;
  return fd;
}

}  // namespace

int main(int argc, char** argv) {
  const int listening = argc > 1 ? listen_on(int(std::strtol(argv[1], nullptr, 10))) : -1;
  if (listening < 0) {
    std::fprintf(stderr, "usage: http_limit PORT [BYTES]; the port must be free\n");
    return 2;
  }
  const std::size_t body = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 550;
  const std::string answer =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body) + "\r\n\r\n" +
      std::string(body, 'x');
  const int polled = ::epoll_create1(0);
  epoll_event event{EPOLLIN, {.fd = listening}};
  ::epoll_ctl(polled, EPOLL_CTL_ADD, listening, &event);
  std::vector<Line> lines;
  epoll_event events[kEventsMax];
  for (;;) {
    const int count = ::epoll_wait(polled, events, kEventsMax, -1);
    for (int i = 0; i < count; ++i) {
      const int fd = events[i].data.fd;
      if (fd != listening) {
        serve(fd, lines[std::size_t(fd)], answer);
        continue;
      }
      const int taken = ::accept4(listening, nullptr, nullptr, SOCK_NONBLOCK);
      if (taken < 0) continue;
      const int yes = 1;
      ::setsockopt(taken, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
      if (lines.size() <= std::size_t(taken)) lines.resize(std::size_t(taken) + 1);
      epoll_event one{EPOLLIN, {.fd = taken}};
      ::epoll_ctl(polled, EPOLL_CTL_ADD, taken, &one);
    }
  }
}
