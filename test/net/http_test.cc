#include <gmock/gmock.h>
#include <boost/asio.hpp>

#include "net/client.h"
#include "net/server.h"
#include "net/url.h"

namespace cityloop::net {
namespace {

namespace asio = boost::asio;

Router echo_router() {
  Router router;
  router.add(Method::get, "/things/{id}", [](const Request& request, Reply reply) {
    Response response;
    response.body = fmt::format("{}|{}", request.params.at("id"), request.argument("q").value_or("-"));
    reply(std::move(response));
  });
  router.add(Method::get, "/things/special",
             [](const Request&, Reply reply) { reply({200, "special", "text/plain", {}}); });
  router.add(Method::post, "/length", [](const Request& request, Reply reply) {
    reply({200, fmt::format("{}", request.body.size()), "text/plain", {}});
  });
  router.add(Method::get, "/later", [](const Request&, Reply reply) {
    std::thread([reply = std::move(reply)]() mutable {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      reply({200, "late", "text/plain", {}});
    }).detach();
  });
  router.add(Method::get, "/forgotten", [](const Request&, Reply) {});
  router.add(Method::get, "/rest/{path...}",
             [](const Request& request, Reply reply) { reply({200, request.params.at("path"), "text/plain", {}}); });
  router.web_socket(
      "/socket",
      [](const Request& request, std::shared_ptr<WebSocket> socket) -> std::expected<WebSocketEvents, Response> {
        if (request.header("authorization").empty())
          return std::unexpected(problem(401, "unauthenticated", "who are you?"));
        WebSocketEvents events;
        events.on_message = [socket](std::string_view text) { socket->send(std::make_shared<std::string>(text)); };
        return events;
      });
  return router;
}

class HttpTest : public testing::Test {
 protected:
  void start(ServerOptions options = {}) { server_ = HttpServer::start(options, echo_router()).value(); }
  Response get(std::string path, Method method = Method::get, std::string body = {}) {
    OutgoingRequest request;
    request.method = method;
    request.url = fmt::format("http://127.0.0.1:{}{}", server_->port(), path);
    request.body = std::move(body);
    return client_.send(std::move(request)).value();
  }
  // Bytes in, all bytes out until the server closes or falls silent.
  std::string raw(const std::string& bytes, bool wait_for_close = true) {
    asio::io_context context;
    asio::ip::tcp::socket socket(context);
    socket.connect({asio::ip::make_address("127.0.0.1"), server_->port()});
    asio::write(socket, asio::buffer(bytes));
    std::string out;
    boost::system::error_code error;
    char chunk[4096];
    while (!error) {
      const std::size_t got = socket.read_some(asio::buffer(chunk), error);
      out.append(chunk, got);
      if (!wait_for_close && out.ends_with("special")) break;
    }
    return out;
  }
  std::unique_ptr<HttpServer> server_;
  HttpClient client_;
};

TEST_F(HttpTest, RoutesStaticBeforePlaceholdersAndDecodesBoth) {
  start();
  EXPECT_EQ(get("/things/a%2Fb%20c?q=%E4%B8%AD+x").body, "a/b c|中 x");
  EXPECT_EQ(get("/things/special").body, "special");
  EXPECT_EQ(get("/rest/a/b/c").body, "a/b/c");
  EXPECT_EQ(get("/nowhere").status, 404);
  const Response wrong = get("/length");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_THAT(wrong.headers, testing::Contains(testing::Pair("allow", "POST")));
  EXPECT_EQ(wrong.content_type, "application/problem+json");
}

TEST_F(HttpTest, AReplyMayComeLateFromAnotherThreadAndAForgottenOneIsAnswered) {
  start();
  EXPECT_EQ(get("/later").body, "late");
  EXPECT_EQ(get("/forgotten").status, 500);
}

TEST_F(HttpTest, LimitsAreToldAndCounted) {
  ServerOptions options;
  options.body_max_bytes = 1000;
  options.header_max_bytes = 2000;
  start(options);
  EXPECT_EQ(get("/length", Method::post, std::string(1000, 'x')).body, "1000");
  EXPECT_EQ(get("/length", Method::post, std::string(1001, 'x')).status, 413);
  EXPECT_THAT(raw("GET / HTTP/1.1\r\nX: " + std::string(5000, 'y') + "\r\n\r\n"), testing::HasSubstr(" 431 "));
  EXPECT_THAT(raw("this is no http\r\n\r\n"), testing::HasSubstr(" 400 "));
  EXPECT_THAT(raw("GET /a%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), testing::HasSubstr(" 400 "));
  EXPECT_EQ(server_->stats().too_large, 2u);
  EXPECT_EQ(server_->stats().bad_requests, 2u);
}

TEST_F(HttpTest, ASlowClientIsDroppedAndOthersAreServedMeanwhile) {
  ServerOptions options;
  options.read_timeout = std::chrono::milliseconds(200);
  start(options);
  std::thread slow([&] { EXPECT_EQ(raw("GET /things/1 HT"), ""); });
  EXPECT_EQ(get("/things/special").status, 200);
  slow.join();
  EXPECT_EQ(server_->stats().timed_out, 1u);
}

TEST_F(HttpTest, PipelinedRequestsAreAnsweredInOrder) {
  start();
  const std::string one = "GET /later HTTP/1.1\r\nHost: x\r\n\r\n",
                    two = "GET /things/special HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::string answer = raw(one + two, false);
  EXPECT_LT(answer.find("late"), answer.find("special"));
}

TEST_F(HttpTest, HeadHasNoBodyAndAClosedServerIsAnError) {
  start();
  const std::string answer = raw("HEAD /things/special HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, testing::HasSubstr(" 200 "));
  EXPECT_THAT(answer, testing::EndsWith("\r\n\r\n"));
  OutgoingRequest request;
  request.url = fmt::format("http://127.0.0.1:{}/", server_->port());
  server_.reset();
  EXPECT_FALSE(client_.send(request));
}

TEST_F(HttpTest, AWebSocketEchoesAndARefusedOneGetsItsStatus) {
  start();
  const auto upgrade = [](std::string_view extra) {
    return fmt::format(
        "GET /socket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{}\r\n",
        extra);
  };
  EXPECT_THAT(raw(upgrade("")), testing::HasSubstr(" 401 "));
  asio::io_context context;
  asio::ip::tcp::socket socket(context);
  socket.connect({asio::ip::make_address("127.0.0.1"), server_->port()});
  // "hi", masked with zeros, right behind the upgrade.
  asio::write(socket, asio::buffer(upgrade("Authorization: Bearer x\r\n")));
  std::string seen;
  char chunk[1024];
  while (seen.find("\r\n\r\n") == std::string::npos) seen.append(chunk, socket.read_some(asio::buffer(chunk)));
  EXPECT_THAT(seen, testing::HasSubstr(" 101 "));
  const unsigned char frame[] = {0x81, 0x82, 0, 0, 0, 0, 'h', 'i'};
  asio::write(socket, asio::buffer(frame));
  std::string echoed;
  while (echoed.size() < 4) echoed.append(chunk, socket.read_some(asio::buffer(chunk)));
  EXPECT_EQ(echoed.substr(2), "hi");
}

TEST(Url, ReadsItsParts) {
  const auto url = parse_url("https://[::1]:8443/a?b=c").value();
  EXPECT_TRUE(url.tls);
  EXPECT_EQ(url.host, "::1");
  EXPECT_EQ(url.port, "8443");
  EXPECT_EQ(url.target, "/a?b=c");
  EXPECT_EQ(parse_url("http://x")->target, "/");
  EXPECT_FALSE(parse_url("ftp://x"));
  EXPECT_EQ(percent_encode("a/中"), "a%2F%E4%B8%AD");
}

}  // namespace
}  // namespace cityloop::net
