// What HTTP looks like on the wire at its edges: patience, endings, limits, stubborn peers.
#include <gmock/gmock.h>

#include "net/client.h"
#include "net/server.h"
#include "test/net/broker.h"
#include "test/net/certificate.h"
#include "test/net/peer.h"

namespace cityloop::net {
namespace {

namespace asio = boost::asio;
using testing::HasSubstr;

constexpr std::string_view kGet = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";

class WireTest : public testing::Test {
 protected:
  void start(ServerOptions options = {}) {
    Router router;
    router.add(Method::get, "/hello", [](const Request&, Reply reply) { reply(text("hello")); });
    router.add(Method::post, "/length",
               [](const Request& request, Reply reply) { reply(text(fmt::format("{}", request.body.size()))); });
    router.add(Method::get, "/large", [](const Request&, Reply reply) { reply(text(std::string(2'000'000, 'x'))); });
    router.add(Method::get, "/slow", [this](const Request&, Reply reply) {
      ++slow_;
      std::thread([reply = std::move(reply)]() mutable {
        std::this_thread::sleep_for(300ms);
        reply(text("slow but sure"));
      }).detach();
    });
    router.add(Method::get, "/cruel", [](const Request&, Reply reply) {
      Response response = text("");
      response.headers.emplace_back("X-Echo", "a\r\nSet-Cookie: stolen=1");
      reply(std::move(response));
    });
    router.add(Method::get, "/a/{x}/b",
               [](const Request& request, Reply reply) { reply(text("x=" + request.params.at("x"))); });
    router.add(Method::get, "/a/{y}/c/{z}", [](const Request& request, Reply reply) {
      reply(text(fmt::format("y={} z={}", request.params.at("y"), request.params.at("z"))));
    });
    router.add(Method::get, "/a/fixed/c/{w}",
               [](const Request& request, Reply reply) { reply(text("w=" + request.params.at("w"))); });
    router.web_socket("/echo", [this](const Request&, std::shared_ptr<WebSocket> socket) {
      opened_ = socket;
      WebSocketEvents events;
      events.on_message = [socket](std::string_view message) {  // holds its socket, as handlers like to
        socket->send(std::make_shared<std::string>(message));
      };
      events.on_close = [this] { ++closed_; };
      return std::expected<WebSocketEvents, Response>(std::move(events));
    });
    server_ = HttpServer::start(options, std::move(router)).value();
  }
  std::uint16_t port() const { return server_->port(); }
  std::string ask(std::string path) { return ask_raw(fmt::format("GET {} HTTP/1.1\r\nHost: x\r\n", path)); }
  std::string ask_raw(std::string head) { return Peer(port()).send(head + "Connection: close\r\n\r\n").read_all(); }

  std::atomic<int> slow_{0}, closed_{0};
  std::weak_ptr<WebSocket> opened_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(WireTest, PlaceholdersKeepTheNamesOfTheirOwnPattern) {
  start();
  EXPECT_THAT(ask("/a/1/b"), testing::EndsWith("x=1"));
  EXPECT_THAT(ask("/a/1/c/2"), testing::EndsWith("y=1 z=2"));
  EXPECT_THAT(ask("/a/fixed/c/2"), testing::EndsWith("w=2"));
  EXPECT_THAT(ask("/a/fixed/b"), testing::EndsWith("x=fixed")) << "the static way leads nowhere, the other does";
  EXPECT_THAT(ask("/a//b"), HasSubstr(" 404 ")) << "a placeholder matches something";
}

TEST_F(WireTest, AllowNamesHeadWhereGetIs) {
  start();
  EXPECT_THAT(ask_raw("POST /hello HTTP/1.1\r\nHost: x\r\n"), HasSubstr("Allow: GET, HEAD\r\n"));
  EXPECT_THAT(ask_raw("DELETE /length HTTP/1.1\r\nHost: x\r\n"), HasSubstr("Allow: POST\r\n"));
}

TEST_F(WireTest, OptionsTellsWhatIsAllowed) {
  start();
  const std::string answer = ask_raw("OPTIONS /hello HTTP/1.1\r\nHost: x\r\n");
  EXPECT_THAT(answer, testing::StartsWith("HTTP/1.1 204 "));
  EXPECT_THAT(answer, HasSubstr("Allow: GET, HEAD, OPTIONS\r\n"));
  EXPECT_THAT(ask_raw("OPTIONS /nowhere HTTP/1.1\r\nHost: x\r\n"), HasSubstr(" 404 "));
}

TEST_F(WireTest, ABodyNeedsALengthOrChunks) {
  start();
  EXPECT_THAT(ask_raw("POST /length HTTP/1.1\r\nHost: x\r\n"), testing::StartsWith("HTTP/1.1 411 "));
  EXPECT_THAT(ask_raw("POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n"), testing::EndsWith("0"));
  const std::string chunks = "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
  EXPECT_THAT(Peer(port()).send("POST /length HTTP/1.1\r\nHost: x\r\n" + chunks).read_all(), testing::EndsWith("5"));
  EXPECT_THAT(ask("/hello"), testing::EndsWith("hello")) << "GET has no body to measure";
}

// A length alone must claim no memory, a body may come in any pieces, and the next request stands right behind it.
TEST_F(WireTest, ABodyInPiecesIsPutTogether) {
  start();
  Peer peer(port());
  peer.send("POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 700000\r\n\r\n");
  for (int i = 0; i < 7; ++i, std::this_thread::sleep_for(5ms)) {
    peer.send(std::string(100'000, 'x') +
              (i == 6 ? "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" : ""));
  }
  const std::string all = peer.read_all();
  EXPECT_THAT(all, HasSubstr("700000HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(all, testing::EndsWith("hello"));
}

TEST_F(WireTest, ABodyThatComesAfterTheHeadOfALastRequestIsWaitedFor) {
  start();
  Peer peer(port());
  peer.send("POST /length HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n\r\n");
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_THAT(peer.send("12345").read_all(), testing::EndsWith("5"));
}

TEST_F(WireTest, RequestsInEveryPossiblePieceAreTheSame) {
  start();
  const std::string text =
      "POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET /a/1/b HTTP/1.1\r\nHost: x\r\nConnection: "
      "close\r\n\r\n";
  for (std::size_t i = 1; i < text.size(); i += 3) {
    Peer peer(port());
    peer.send(text.substr(0, i));
    std::this_thread::sleep_for(1ms);
    const std::string all = peer.send(text.substr(i)).read_all();
    EXPECT_THAT(all, HasSubstr("\r\n\r\n3HTTP/1.1 200")) << i;
    EXPECT_THAT(all, testing::EndsWith("x=1")) << i;
  }
}

// Common and uncommon requests in turn: the two readers must hand the bytes over without losing one.
TEST_F(WireTest, CommonAndUncommonRequestsFollowEachOther) {
  start();
  std::string all;
  for (int i = 0; i < 20; ++i) {
    all += fmt::format("GET /a/{}/b HTTP/1.1\r\nHost: x\r\n\r\n", i);
    all += "POST /length HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    all += "POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nabcd";
  }
  all += "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  const std::string answer = Peer(port()).send(all).read_all();
  std::size_t at = 0;
  for (int i = 0; i < 20; ++i) {
    ASSERT_NE(at = answer.find(fmt::format("x={}HTTP", i), at), std::string::npos) << i;
    ASSERT_NE(at = answer.find("\r\n\r\n3HTTP", at), std::string::npos) << i;
    ASSERT_NE(at = answer.find("\r\n\r\n4HTTP", at), std::string::npos) << i;
  }
  EXPECT_THAT(answer, testing::EndsWith("hello"));
  EXPECT_EQ(server_->stats().requests, 61u);
}

TEST_F(WireTest, AValueCannotSmuggleAnotherHeaderIn) {
  start();
  const std::string answer = ask("/cruel");
  EXPECT_THAT(answer, HasSubstr("X-Echo: a  Set-Cookie: stolen=1\r\n"));
  EXPECT_THAT(answer, testing::Not(HasSubstr("\nSet-Cookie")));
}

TEST_F(WireTest, WantsExactlyOneHostAndTakesAnAddressInFull) {
  start();
  EXPECT_THAT(ask_raw("GET /hello HTTP/1.1\r\n"), HasSubstr(" 400 "));
  EXPECT_THAT(ask_raw("GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n"), HasSubstr(" 400 "));
  EXPECT_THAT(ask_raw("GET /hello HTTP/1.0\r\n"), HasSubstr(" 200 "));
  EXPECT_THAT(ask_raw("GET http://x/hello HTTP/1.1\r\nHost: x\r\n"), testing::EndsWith("hello"));
  EXPECT_THAT(ask_raw("GET http://x HTTP/1.1\r\nHost: x\r\n"), HasSubstr(" 404 "));
  EXPECT_EQ(server_->stats().bad_requests, 2u);
}

TEST_F(WireTest, MalformedRequestsAreToldAsProblems) {
  start();
  for (const std::string_view bad : {"nonsense\r\n\r\n", "GET  HTTP/1.1\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
                                     "POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n",
                                     "POST /length HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n"}) {
    const std::string answer = Peer(port()).send(bad).read_all();
    EXPECT_THAT(answer, testing::StartsWith("HTTP/1.1 400 ")) << bad;
    EXPECT_THAT(answer, HasSubstr("Content-Type: application/problem+json\r\n")) << bad;
    EXPECT_THAT(answer, HasSubstr("Connection: close\r\n")) << bad;
  }
  EXPECT_EQ(server_->stats().bad_requests, 5u);
}

TEST_F(WireTest, ALongPipelineIsAnsweredInOrderOnOneConnection) {
  start();
  std::string all;
  for (int i = 0; i < 200; ++i) all += fmt::format("GET /a/{}/b HTTP/1.1\r\nHost: x\r\n\r\n", i);
  all += "GET /slow HTTP/1.1\r\nHost: x\r\n\r\nGET /a/last/b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  const std::string answer = Peer(port()).send(all).read_all();
  std::size_t at = 0;
  for (int i = 0; i < 200; ++i) ASSERT_NE(at = answer.find(fmt::format("x={}HTTP", i), at), std::string::npos) << i;
  ASSERT_NE(at = answer.find("slow but sure", at), std::string::npos);
  EXPECT_NE(answer.find("x=last", at), std::string::npos);
  EXPECT_EQ(server_->stats().connections, 1u);
  EXPECT_EQ(server_->stats().requests, 202u);
}

TEST_F(WireTest, OldClientsAreServedAndClosedUnlessTheyAskToStay) {
  start();
  EXPECT_THAT(Peer(port()).send("GET /hello HTTP/1.0\r\n\r\n").read_all(), testing::EndsWith("hello"));
  const std::string stay = "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
  EXPECT_THAT(Peer(port()).send(stay + "GET /hello HTTP/1.0\r\n\r\n").read_all(), testing::EndsWith("hello"));
}

TEST_F(WireTest, ExpectingToContinueIsAnsweredFirst) {
  start();
  Peer peer(port());
  peer.send(
      "POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(peer.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_THAT(peer.send("12345").read_all(), testing::EndsWith("5"));
}

TEST_F(WireTest, ABodyThatIsTooLargeIsNotAskedFor) {
  ServerOptions options;
  options.body_max_bytes = 100;
  start(options);
  const std::string answer =
      Peer(port())
          .send("POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\nExpect: 100-continue\r\n\r\n")
          .read_all();
  EXPECT_THAT(answer, testing::StartsWith("HTTP/1.1 413 "));
}

// The answer comes while the peer still sends: closing at once would reset the connection and lose it.
TEST_F(WireTest, WhoSendsFarTooMuchStillReadsWhy) {
  ServerOptions options;
  options.body_max_bytes = 1000;
  start(options);
  for (const std::string_view how :
       {"Content-Length: 8000000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n7a1200\r\n"}) {
    Peer peer(port());
    peer.send(fmt::format("POST /length HTTP/1.1\r\nHost: x\r\n{}", how)).send(std::string(8'000'000, 'x'));
    EXPECT_THAT(peer.read_all(), testing::StartsWith("HTTP/1.1 413 ")) << how;
    EXPECT_FALSE(peer.was_reset());
  }
  EXPECT_EQ(server_->stats().too_large, 2u);
}

TEST_F(WireTest, OneRequestHasOneDeadlineForItsHeadAndBodyAlsoWhenItIsTheSecond) {
  ServerOptions options;
  options.read_timeout = 400ms;
  start(options);
  const auto begun = std::chrono::steady_clock::now();
  Peer peer(port());
  peer.send(kGet).read_until("hello");
  std::thread drip([&] {  // a byte now and then would go on for minutes
    peer.send("POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n");
    for (int i = 0; i < 60; ++i, std::this_thread::sleep_for(50ms)) peer.send("x");
  });
  peer.read_all();  // until the server has had enough
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 2s);
  drip.join();
  EXPECT_EQ(server_->stats().timed_out, 1u);
}

TEST_F(WireTest, BetweenRequestsItIsPatientAndAQuietEndIsNoTimeout) {
  ServerOptions options;
  options.read_timeout = 200ms;
  options.idle_timeout = 1200ms;
  start(options);
  Peer peer(port());
  peer.send(kGet).read_until("hello");
  std::this_thread::sleep_for(500ms);
  EXPECT_THAT(peer.send(kGet).read_all(), testing::EndsWith("hello")) << "then closed, after idle_timeout";
  EXPECT_EQ(server_->stats().requests, 2u);
  EXPECT_EQ(server_->stats().timed_out, 0u);
}

TEST_F(WireTest, APeerThatDoesNotReadItsAnswerIsGivenUp) {
  ServerOptions options;
  options.read_timeout = 300ms;
  options.connections_max = 1;
  start(options);
  Peer stubborn(port());
  std::string many;
  for (int i = 0; i < 20; ++i) many += "GET /large HTTP/1.1\r\nHost: x\r\n\r\n";
  stubborn.send(many);
  EXPECT_TRUE(soon([&] { return ask("/hello").ends_with("hello"); }));
}

TEST_F(WireTest, OneConnectionTooManyIsToldSoAndRoomIsMadeWhenAnotherEnds) {
  ServerOptions options;
  options.connections_max = 2;
  start(options);
  auto one = std::make_unique<Peer>(port()), two = std::make_unique<Peer>(port());
  one->send(kGet).read_until("hello");
  two->send(kGet).read_until("hello");
  for (int i = 0; i < 20; ++i) {
    Peer refused(port());
    EXPECT_THAT(refused.send(kGet).read_all(), testing::StartsWith("HTTP/1.1 503 "));
    EXPECT_FALSE(refused.was_reset());
  }
  one.reset();
  EXPECT_TRUE(soon([&] { return ask("/hello").ends_with("hello"); }));
}

TEST_F(WireTest, StoppingLetsARunningAnswerFinishAndClosesTheIdleAtOnce) {
  start();
  Peer idle(port()), busy(port());
  idle.send(kGet).read_until("hello");
  busy.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(soon([&] { return slow_ == 1; }));
  const std::uint16_t old_port = port();
  const auto begun = std::chrono::steady_clock::now();
  server_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 900ms) << "no longer than the answer takes";
  const std::string answer = busy.read_all();
  EXPECT_THAT(answer, testing::EndsWith("slow but sure"));
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
  EXPECT_FALSE(listens(old_port));
}

TEST_F(WireTest, AReplyAfterItsServerOrItsPeerIsGoneIsFine) {
  std::mutex mutex;
  std::vector<Reply> kept;
  Router router;
  router.add(Method::get, "/keep", [&](const Request&, Reply reply) {
    const std::lock_guard lock(mutex);
    kept.push_back(std::move(reply));
  });
  const auto count = [&] {
    const std::lock_guard lock(mutex);
    return kept.size();
  };
  auto server = HttpServer::start({}, std::move(router)).value();
  Peer(server->port()).send("GET /keep HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(soon([&] { return count() == 1; }));
  kept[0](text("to nobody"));
  Peer stays(server->port());
  stays.send("GET /keep HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(soon([&] { return count() == 2; }));
  const auto begun = std::chrono::steady_clock::now();
  server.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 3s);
  kept[1](text("too late"));
  EXPECT_THAT(stays.read_all(), testing::Not(HasSubstr("too late")));
}

constexpr std::string_view kUpgrade =
    "GET /echo HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

TEST_F(WireTest, AWebSocketWhoseHandlerHoldsItIsLetGoWhenItsPeerLeaves) {
  start();
  {
    Peer peer(port());
    peer.send(kUpgrade).read_until("\r\n\r\n");
    peer.send(std::string_view("\x81\x82\0\0\0\0hi", 8));
    const std::string seen = peer.read_until("\x81\x02hi");
    EXPECT_THAT(seen, testing::EndsWith("\x81\x02hi"));
    EXPECT_THAT(seen, testing::Not(HasSubstr("Beast")));
    EXPECT_FALSE(opened_.expired());
  }
  EXPECT_TRUE(soon([&] { return closed_ == 1; }));
  EXPECT_TRUE(soon([&] { return opened_.expired(); })) << "or its memory and its place among connections_max are lost";
}

TEST_F(WireTest, AWebSocketTooSlowForItsQueueIsRefusedMoreAndEnded) {
  start();
  Peer peer(port());
  peer.send(kUpgrade).read_until("\r\n\r\n");
  const auto message = std::make_shared<std::string>(100'000, 'x');
  int sent = 0;
  {
    const auto socket = opened_.lock();
    ASSERT_TRUE(socket);
    while (sent < 1000 && socket->send(message)) ++sent;
    EXPECT_GT(sent, 30);
    EXPECT_LT(sent, 1000) << "100 MB must not wait for one peer";
    EXPECT_LE(socket->queued_bytes(), std::size_t(4u << 20));
    EXPECT_FALSE(socket->send(message));
  }
  const std::string all = peer.read_all();
  EXPECT_THAT(all, HasSubstr(std::string_view("\x03\xf5", 2))) << "close code 1013";
  EXPECT_TRUE(soon([&] { return closed_ == 1 && opened_.expired(); }));
}

TEST_F(WireTest, AWebSocketThatNeverReadsDoesNotStayForEver) {
  start();
  Peer peer(port());
  peer.send(kUpgrade).read_until("\r\n\r\n");
  {
    const auto socket = opened_.lock();
    const auto message = std::make_shared<std::string>(500'000, 'x');
    while (socket->send(message)) {
    }
  }
  EXPECT_TRUE(soon([&] { return closed_ == 1 && opened_.expired(); }));
}

TEST_F(WireTest, StoppingTellsWebSockets) {
  start();
  Peer peer(port());
  peer.send(kUpgrade).read_until("\r\n\r\n");
  std::thread reading([&] { EXPECT_THAT(peer.read_all(), HasSubstr(std::string_view("\x03\xe9", 2))); });
  server_.reset();
  reading.join();
  EXPECT_EQ(closed_, 1);
  EXPECT_TRUE(opened_.expired());
}

TEST(HttpTls, ServesOnlyWhoSpeaksItAndTheClientWantsATrustedName) {
  const Certificate certificate, stranger("DNS:elsewhere.example");
  ::setenv("SSL_CERT_FILE", certificate.certificate_file().c_str(), 1);
  HttpClient trusting;
  ::setenv("SSL_CERT_FILE", stranger.certificate_file().c_str(), 1);
  HttpClient misled;
  ::unsetenv("SSL_CERT_FILE");
  HttpClient plain;
  const auto serve = [](const Certificate& with) {
    Router router;
    router.add(Method::get, "/hello",
               [](const Request& request, Reply reply) { reply(text(request.secure ? "secure" : "open")); });
    ServerOptions options;
    options.tls_certificate_file = with.certificate_file();
    options.tls_key_file = with.key_file();
    return HttpServer::start(options, std::move(router)).value();
  };
  const auto server = serve(certificate), other = serve(stranger);
  const auto ask = [](HttpClient& client, const HttpServer& at, std::string_view scheme = "https") {
    OutgoingRequest request;
    request.url = fmt::format("{}://127.0.0.1:{}/hello", scheme, at.port());
    return client.send(std::move(request));
  };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(trusting, *server).value().body, "secure");
  EXPECT_EQ(server->stats().connections, 1u) << "kept and used again";
  EXPECT_FALSE(ask(plain, *server)) << "signed by nobody the machine trusts";
  EXPECT_FALSE(ask(misled, *other)) << "trusted, but it is somebody else's name";
  EXPECT_FALSE(ask(plain, *server, "http"));
}

TEST(HttpServerOptions, WhatCannotBeIsRefused) {
  const auto refused = [](auto&& change) {
    ServerOptions options;
    change(options);
    return !HttpServer::start(options, Router());
  };
  const Certificate one, two;
  EXPECT_TRUE(refused([](ServerOptions& o) { o.address = "no address"; }));
  EXPECT_TRUE(refused([&](ServerOptions& o) { o.tls_key_file = one.key_file(); }));
  EXPECT_TRUE(refused([&](ServerOptions& o) { o.tls_certificate_file = "/nowhere", o.tls_key_file = one.key_file(); }));
  EXPECT_TRUE(refused([&](ServerOptions& o) {
    o.tls_certificate_file = one.certificate_file(), o.tls_key_file = two.key_file();
  })) << "a key that is not the certificate's";
  const auto first = HttpServer::start({}, Router()).value();
  EXPECT_TRUE(refused([&](ServerOptions& o) { o.port = first->port(); })) << "the port is taken";
}

class ClientTest : public WireTest {
 protected:
  base::Result<Response> send(std::string path, Method method = Method::get, base::Duration timeout = 5s) {
    OutgoingRequest request;
    request.method = method;
    request.timeout = timeout;
    request.url = fmt::format("http://127.0.0.1:{}{}", port(), path);
    return client_.send(std::move(request));
  }
  HttpClient client_;
};

TEST_F(ClientTest, AnAnswerToHeadHasNoBodyToWaitFor) {
  start();
  const auto answer = send("/hello", Method::head);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "");
  EXPECT_EQ(send("/hello")->body, "hello");
}

TEST_F(ClientTest, KeepsItsConnectionAndNoticesWhenItWasClosedMeanwhile) {
  ServerOptions options;
  options.idle_timeout = 100ms;
  start(options);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(send("/hello")->body, "hello");
  EXPECT_EQ(server_->stats().connections, 1u);
  std::this_thread::sleep_for(300ms);
  EXPECT_EQ(send("/length", Method::post)->body, "0") << "a POST too: nothing of it had been sent";
  EXPECT_EQ(server_->stats().connections, 2u);
  EXPECT_EQ(server_->stats().requests, 6u);
}

TEST_F(ClientTest, ManyAtOnceAndEachIsAnswered) {
  ServerOptions options;
  options.threads = 2;
  start(options);
  std::atomic<int> right{0}, answered{0};
  for (int i = 0; i < 200; ++i) {
    OutgoingRequest request;
    request.url = fmt::format("http://localhost:{}/a/{}/b", port(), i);
    client_.send(std::move(request), [&, i](base::Result<Response> answer) {
      right += answer && answer->body == fmt::format("x={}", i);
      ++answered;
    });
  }
  ASSERT_TRUE(soon([&] { return answered == 200; }));
  EXPECT_EQ(right, 200);
}

TEST_F(ClientTest, GivesUpInTimeAndSaysSo) {
  start();
  const auto begun = std::chrono::steady_clock::now();
  const auto late = send("/slow", Method::get, 50ms);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, base::Errc::timeout);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 250ms);
}

TEST_F(ClientTest, AnEndlessAnswerIsCutOff) {
  Router router;
  router.add(Method::get, "/", [](const Request&, Reply reply) { reply(text(std::string((10u << 20) + 1, 'x'))); });
  router.add(Method::get, "/most", [](const Request&, Reply reply) { reply(text(std::string(10u << 20, 'x'))); });
  server_ = HttpServer::start({}, std::move(router)).value();
  EXPECT_FALSE(send("/"));
  EXPECT_EQ(send("/most").value().body.size(), std::size_t(10u << 20));
}

TEST(HttpClientEnd, WhoWaitsIsToldWhenTheClientEnds) {
  asio::io_context context;
  asio::ip::tcp::acceptor deaf(context, {asio::ip::make_address("127.0.0.1"), 0});
  std::atomic<int> failed{0};
  {
    HttpClient client;
    for (int i = 0; i < 3; ++i) {
      OutgoingRequest request;
      request.url = fmt::format("http://127.0.0.1:{}/", deaf.local_endpoint().port());
      client.send(std::move(request), [&](base::Result<Response> answer) { failed += !answer; });
    }
    std::this_thread::sleep_for(50ms);
  }
  EXPECT_EQ(failed, 3);
}

TEST(HttpClientAddress, ABadAddressIsAnErrorAtOnce) {
  HttpClient client;
  for (const char* url : {"", "ftp://x/", "http://", "http://:80/", "http://no.such.host.invalid/"}) {
    OutgoingRequest request;
    request.url = url;
    EXPECT_FALSE(client.send(std::move(request))) << url;
  }
}

}  // namespace
}  // namespace cityloop::net
