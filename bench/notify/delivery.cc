// How long an append takes until its notification is at the receiver, and how many a second get through.
//
//   appends ─▶ broker ─▶ notifications ─▶ receiver (here)
//
// A sender writes one attribute of one vehicle after another, each value a number that is used once; the receiver finds
// the numbers in what it is told. A number that does not come is lost, and losing one is a failure.
//
//   notify_delivery BROKER_PORT RECEIVER_PORT VEHICLES CONNECTIONS RATE SECONDS
//
// RATE 0: as fast as CONNECTIONS allow, each with one request under way. Prints one line of figures as JSON. The
// subscription must be there before (to the attribute `stamp` of Vehicle, at http://127.0.0.1:RECEIVER_PORT/).
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

// Numbers begin here, so that each has the same count of digits and stands for itself.
constexpr std::uint64_t kFirst = 1'000'000'000;
constexpr std::size_t kNumbersMax = 8'000'000;

std::uint64_t now_us() {
  return std::uint64_t(std::chrono::duration_cast<std::chrono::microseconds>(Clock::now().time_since_epoch()).count());
}

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(std::uint16_t(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

// When each number was sent and when it arrived; 0: not yet. Written by one thread each, read at the end.
struct Book {
  std::vector<std::uint64_t> sent = std::vector<std::uint64_t>(kNumbersMax);
  std::vector<std::uint64_t> arrived = std::vector<std::uint64_t>(kNumbersMax);
  std::atomic<std::uint64_t> count{0}, received{0}, posts{0}, refused{0};
};

// Where the first whole message ends; 0 while it is not whole. `head` is where its body begins.
std::size_t message_end(std::string_view bytes, std::size_t& head) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == bytes.npos) return 0;
  head = end + 4;
  std::size_t length = 0;
  for (const char* name : {"Content-Length: ", "content-length: "}) {
    if (const std::size_t at = bytes.substr(0, end).find(name); at != bytes.npos) {
      length = std::strtoull(bytes.data() + at + 16, nullptr, 10);
    }
  }
  return bytes.size() >= head + length ? head + length : 0;
}

class Receiver {
 public:
  Receiver(int port, Book& book) : book_(book), listening_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)) {
    if (listening_ < 0) die("socket");
    const int yes = 1;
    ::setsockopt(listening_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    const sockaddr_in address = loopback(port);
    if (::bind(listening_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) die("bind");
    if (::listen(listening_, 512) != 0) die("listen");
    polled_ = ::epoll_create1(0);
    watch(listening_);
    thread_ = std::thread([this] { run(); });
  }
  ~Receiver() {
    stopping_ = true;
    thread_.join();
    ::close(listening_);
    ::close(polled_);
  }

 private:
  void watch(int fd) {
    epoll_event event{EPOLLIN, {.fd = fd}};
    ::epoll_ctl(polled_, EPOLL_CTL_ADD, fd, &event);
  }

  void run() {
    epoll_event events[64];
    while (!stopping_) {
      const int count = ::epoll_wait(polled_, events, 64, 100);
      for (int i = 0; i < count; ++i) {
        if (events[i].data.fd == listening_) accept();
        else read(events[i].data.fd);
      }
    }
  }

  void accept() {
    const int fd = ::accept4(listening_, nullptr, nullptr, SOCK_NONBLOCK);
    if (fd < 0) return;
    const int yes = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (rest_.size() <= std::size_t(fd)) rest_.resize(std::size_t(fd) + 1);
    rest_[std::size_t(fd)].clear();
    watch(fd);
  }

  void read(int fd) {
    char chunk[64 << 10];
    const ssize_t got = ::read(fd, chunk, sizeof chunk);
    if (got <= 0) {
      ::close(fd);
      return;
    }
    std::string& rest = rest_[std::size_t(fd)];
    rest.append(chunk, std::size_t(got));
    std::size_t head = 0, used = 0;
    std::string answers;
    for (std::size_t end = message_end(rest, head); end > 0;
         end = message_end(std::string_view(rest).substr(used), head)) {
      take(std::string_view(rest).substr(used + head, end - head));
      used += end;
      answers += "HTTP/1.1 204 No Content\r\n\r\n";
    }
    rest.erase(0, used);
    if (!answers.empty()) (void)!::write(fd, answers.data(), answers.size());
  }

  void take(std::string_view body) {
    ++book_.posts;
    const std::uint64_t now = now_us();
    constexpr std::string_view kName = "\"stamp\"", kValue = "\"value\":";
    for (std::size_t at = body.find(kName); at != body.npos; at = body.find(kName, at + 1)) {
      const std::size_t value = body.find(kValue, at);
      if (value == body.npos) break;
      const std::uint64_t number = std::strtoull(body.data() + value + kValue.size(), nullptr, 10) - kFirst;
      if (number < kNumbersMax && std::exchange(book_.arrived[number], now) == 0) ++book_.received;
    }
  }

  Book& book_;
  int listening_, polled_{-1};
  std::atomic<bool> stopping_{false};
  std::vector<std::string> rest_;
  std::thread thread_;
};

// Connections of one thread, each with at most one append under way.
class Sender {
 public:
  Sender(int port, int connections, std::uint64_t vehicles, Book& book) : vehicles_(vehicles), book_(book) {
    for (int i = 0; i < connections; ++i) {
      const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
      if (fd < 0) die("socket");
      const sockaddr_in address = loopback(port);
      if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) die("connect");
      const int yes = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
      lines_.push_back({fd, POLLIN, 0});
      rest_.emplace_back();
      idle_.push_back(i);
    }
  }
  ~Sender() {
    for (const pollfd& line : lines_) ::close(line.fd);
  }

  void run(std::uint64_t rate, std::chrono::seconds how_long) {
    const auto begun = Clock::now();
    const auto end = begun + how_long;
    std::uint64_t due = 0;
    for (auto now = begun; now < end; now = Clock::now()) {
      const double seconds = std::chrono::duration<double>(now - begun).count();
      const auto allowed = rate == 0 ? ~std::uint64_t(0) : std::uint64_t(seconds * double(rate));
      for (; due < allowed && !idle_.empty() && book_.count < kNumbersMax; ++due) send();
      hear(rate == 0 || idle_.empty() ? 100 : 0);
    }
    for (int i = 0; i < 100 && idle_.size() < lines_.size(); ++i) hear(20);
  }

 private:
  void send() {
    const int which = idle_.back();
    idle_.pop_back();
    const std::uint64_t number = book_.count++;
    char body[96], all[512];
    const int length =
        std::snprintf(body, sizeof body, R"({"stamp":{"type":"Property","value":%lu}})", kFirst + number);
    const int size = std::snprintf(all, sizeof all,
                                   "POST /ngsi-ld/v1/entities/urn:ngsi-ld:Vehicle:%lu/attrs HTTP/1.1\r\n"
                                   "Host: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
                                   number % vehicles_ + 1, length, body);
    book_.sent[number] = now_us();
    if (::write(lines_[std::size_t(which)].fd, all, std::size_t(size)) != size) die("write");
  }

  void hear(int patience_ms) {
    if (::poll(lines_.data(), lines_.size(), patience_ms) <= 0) return;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (!(lines_[i].revents & (POLLIN | POLLHUP | POLLERR))) continue;
      char chunk[4096];
      const ssize_t got = ::read(lines_[i].fd, chunk, sizeof chunk);
      if (got <= 0) die("the broker closed a connection");
      rest_[i].append(chunk, std::size_t(got));
      std::size_t head = 0;
      if (const std::size_t end = message_end(rest_[i], head); end > 0) {
        if (!rest_[i].starts_with("HTTP/1.1 20")) ++book_.refused;
        rest_[i].erase(0, end);
        idle_.push_back(int(i));
      }
    }
  }

  const std::uint64_t vehicles_;
  Book& book_;
  std::vector<pollfd> lines_;
  std::vector<std::string> rest_;
  std::vector<int> idle_;
};

// Some changes are told together; what counts is that each number has come.
void wait_for_the_rest(const Book& book) {
  std::uint64_t before = 0;
  for (int quiet = 0; quiet < 50 && book.received < book.count - book.refused; ++quiet) {
    if (book.received != before) quiet = 0;
    before = book.received;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

std::uint64_t at_share(std::vector<std::uint64_t>& sorted, double share) {
  return sorted.empty() ? 0 : sorted[std::min(sorted.size() - 1, std::size_t(double(sorted.size()) * share))];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7) {
    std::fprintf(stderr, "usage: notify_delivery BROKER_PORT RECEIVER_PORT VEHICLES CONNECTIONS RATE SECONDS\n");
    return 2;
  }
  const auto book = std::make_unique<Book>();
  Receiver receiver(int(std::strtol(argv[2], nullptr, 10)), *book);
  const std::uint64_t begun = now_us();
  {
    Sender sender(int(std::strtol(argv[1], nullptr, 10)), int(std::strtol(argv[4], nullptr, 10)),
                  std::strtoull(argv[3], nullptr, 10), *book);
    sender.run(std::strtoull(argv[5], nullptr, 10), std::chrono::seconds(int(std::strtol(argv[6], nullptr, 10))));
  }
  const double sending_s = double(now_us() - begun) / 1e6;
  wait_for_the_rest(*book);
  std::vector<std::uint64_t> delays;
  std::uint64_t last = begun;
  for (std::uint64_t i = 0; i < book->count; ++i) {
    if (book->arrived[i] == 0) continue;
    delays.push_back(book->arrived[i] - book->sent[i]);
    last = std::max(last, book->arrived[i]);
  }
  std::sort(delays.begin(), delays.end());
  const std::uint64_t lost = book->count - book->refused - book->received;
  std::printf(R"(FIGURES {"appends":%llu,"refused":%llu,"seconds":%.3f,"notified":%llu,"posts":%llu,"lost":%llu,)"
              R"("notified_per_second":%.0f,"p50_us":%llu,"p99_us":%llu,"max_us":%llu})"
              "\n",
              static_cast<unsigned long long>(book->count), static_cast<unsigned long long>(book->refused), sending_s,
              static_cast<unsigned long long>(book->received), static_cast<unsigned long long>(book->posts),
              static_cast<unsigned long long>(lost), double(book->received) / (double(last - begun) / 1e6 + 1e-9),
              static_cast<unsigned long long>(at_share(delays, 0.5)),
              static_cast<unsigned long long>(at_share(delays, 0.99)),
              static_cast<unsigned long long>(delays.empty() ? 0 : delays.back()));
  return lost == 0 ? 0 : 1;
}
