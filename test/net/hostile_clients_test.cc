// Clients that mean harm, or know no better: whatever they do, the server's memory is bounded and all others are
// served.
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <fstream>

#include "net/server.h"
#include "test/net/peer.h"
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#include <sanitizer/allocator_interface.h>
#endif

namespace cityloop::net {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view kGet = "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

// What the process holds in memory, in MB. Sanitizers keep for a while what was freed: it is not held any more.
double held_mb() {
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return double(__sanitizer_get_current_allocated_bytes()) / 1e6;
#else
  std::ifstream file("/proc/self/statm");
  double pages = 0, resident = 0;
  file >> pages >> resident;
  return resident * double(::sysconf(_SC_PAGESIZE)) / 1e6;
#endif
}

class HostileTest : public testing::Test {
 protected:
  void start(ServerOptions options = {}) {
    Router router;
    router.add(Method::get, "/hello", [](const Request&, Reply reply) { reply(text("hello")); });
    router.add(Method::get, "/large", [](const Request&, Reply reply) { reply(text(std::string(1'000'000, 'x'))); });
    router.add(Method::post, "/length",
               [](const Request& request, Reply reply) { reply(text(fmt::format("{}", request.body.size()))); });
    server_ = HttpServer::start(options, std::move(router)).value();
  }
  std::uint16_t port() const { return server_->port(); }
  // Somebody else, who is served at once.
  void expect_others_served(int times = 20) {
    for (int i = 0; i < times; ++i) {
      const auto begun = std::chrono::steady_clock::now();
      EXPECT_THAT(Peer(port()).send(kGet).read_all(), testing::EndsWith("hello"));
      EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
    }
  }
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HostileTest, ManyThatDripTheirHeadHoldUpNobodyAndAreLetGo) {
  ServerOptions options;
  options.read_timeout = 1500ms;
  start(options);
  std::vector<std::unique_ptr<Peer>> slow;
  for (int i = 0; i < 200; ++i) slow.push_back(std::make_unique<Peer>(port()));
  for (int round = 0; round < 5; ++round) {
    for (auto& peer : slow) peer->send(kGet.substr(std::size_t(round), 1));
    expect_others_served(5);
  }
  EXPECT_TRUE(soon([&] { return server_->stats().timed_out >= 200; }));
  EXPECT_EQ(server_->stats().timed_out, 200u);
  expect_others_served();
}

TEST_F(HostileTest, WhoHasSaidAllAndListensIsAnswered) {
  start();
  EXPECT_THAT(Peer(port()).send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").finish().read_all(),
              testing::EndsWith("hello"));
  const std::string post = "POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody";
  EXPECT_THAT(Peer(port()).send(post + post).finish().read_all(), testing::EndsWith("4"));
}

TEST_F(HostileTest, WhoEndsInTheMiddleIsForgotten) {
  start();
  const std::string whole = "POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody";
  for (std::size_t length = 0; length < whole.size(); ++length) {
    Peer peer(port());
    peer.send(std::string_view(whole).substr(0, length)).finish();
    EXPECT_THAT(peer.read_all(), testing::Not(HasSubstr(" 200 "))) << length;
  }
  EXPECT_EQ(server_->stats().timed_out, 0u) << "nobody was waited for";
  expect_others_served();
}

TEST_F(HostileTest, AHeadWithoutEndIsRefusedAndNotKept) {
  start();
  const double before = held_mb();
  for (int i = 0; i < 20; ++i) {
    Peer peer(port());
    peer.send("GET /hello HTTP/1.1\r\nHost: x\r\n");
    for (int k = 0; k < 64; ++k) peer.send(fmt::format("X-Much-{}: {}\r\n", k, std::string(16'000, 'y')));
    EXPECT_THAT(peer.read_all(), StartsWith("HTTP/1.1 431 "));
  }
  Peer one_line(port());
  EXPECT_THAT(one_line.send("GET /" + std::string(1'000'000, 'a')).read_all(),
              testing::AnyOf(StartsWith("HTTP/1.1 414 "), StartsWith("HTTP/1.1 431 ")));
  EXPECT_LT(held_mb() - before, 50);
  expect_others_served();
}

// A body as large as nobody takes, by its length and in chunks: answered at once, and never held.
TEST_F(HostileTest, AHundredMegabytesAreRefusedWithoutBeingHeld) {
  start();
  const std::string megabyte(1 << 20, 'x');
  for (const bool chunked : {false, true}) {
    const double before = held_mb();
    std::vector<std::thread> all;
    for (int i = 0; i < 4; ++i) {
      all.emplace_back([&] {
        Peer peer(port());
        peer.send("POST /length HTTP/1.1\r\nHost: x\r\n");
        peer.send(chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "Content-Length: 104857600\r\n\r\n");
        for (int k = 0; k < 100; ++k) {
          if (chunked) peer.send("100000\r\n");
          peer.send(megabyte);
          if (chunked) peer.send("\r\n");
        }
        EXPECT_THAT(peer.read_all(), StartsWith("HTTP/1.1 413 "));
      });
    }
    expect_others_served(5);
    for (std::thread& one : all) one.join();
    EXPECT_LT(held_mb() - before, 4 * 16 * 2 + 40) << "a body each of body_max_bytes, while it grows";
  }
  EXPECT_EQ(server_->stats().too_large, 8u);
  expect_others_served();
}

TEST_F(HostileTest, ChunksThatAreNoneAreRefused) {
  start();
  const std::string head =
      "POST /length HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
  for (const std::string_view bad :
       {"x\r\n", "-1\r\nab\r\n", "ffffffffffffffffff\r\n", "2\r\nabc\r\n0\r\n\r\n", "2 \x01\r\nab\r\n"}) {
    EXPECT_THAT(Peer(port()).send(head).send(bad).finish().read_all(), testing::Not(HasSubstr(" 200 "))) << bad;
  }
  const std::string both =
      "POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /hello";
  EXPECT_THAT(Peer(port()).send(both).finish().read_all(), testing::Not(HasSubstr("hello")))
      << "two lengths, one smuggled request";
  expect_others_served(3);
}

// Answers are made as fast as they are read, not as fast as they are asked for.
TEST_F(HostileTest, APipelineThatIsNeverReadIsNotAnsweredIntoMemory) {
  ServerOptions options;
  options.read_timeout = 1s;
  start(options);
  const double before = held_mb();
  std::string many;
  for (int i = 0; i < 400; ++i) many += "GET /large HTTP/1.1\r\nHost: x\r\n\r\n";
  std::vector<std::unique_ptr<Peer>> peers;
  for (int i = 0; i < 8; ++i) {
    peers.push_back(std::make_unique<Peer>(port()));
    peers.back()->send(many);
  }
  expect_others_served();
  EXPECT_LT(held_mb() - before, 100) << "3.2 GB were asked for";
}

TEST_F(HostileTest, AFloodOfConnectionsPassesAndTheOthersAreServedAfterwards) {
  ServerOptions options;
  options.connections_max = 64;
  start(options);
  for (int round = 0; round < 10; ++round) {
    std::vector<std::unique_ptr<Peer>> flood;
    for (int i = 0; i < 150; ++i) flood.push_back(std::make_unique<Peer>(port()));
    int refused = 0;
    for (auto& peer : flood) refused += peer->send(kGet).read_all().starts_with("HTTP/1.1 503 ");
    EXPECT_LE(refused, 150 - 64) << "those that there was room for were served";
  }
  EXPECT_TRUE(soon([&] { return Peer(port()).send(kGet).read_all().ends_with("hello"); }));
  expect_others_served();
}

}  // namespace
}  // namespace cityloop::net
