#include "net/server.h"

#include "base/log.h"
#include "net/http_connection.h"

namespace cityloop::net {
namespace {

using base::Errc;
using base::fail;
using base::Result;

std::string_view reason_of(int status) {
  return std::string_view(http::obsolete_reason(http::status(status)));
}

}  // namespace

std::optional<Method> method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get: return Method::get;
    case http::verb::head: return Method::head;
    case http::verb::post: return Method::post;
    case http::verb::put: return Method::put;
    case http::verb::patch: return Method::patch;
    case http::verb::delete_: return Method::del;
    case http::verb::options: return Method::options;
    default: return std::nullopt;
  }
}

Result<Request> to_request(http::request<http::string_body>& message, std::string remote, bool secure) {
  const std::string_view line(message.target().data(), message.target().size());
  Target target = TRY(parse_target(line));
  Request request;
  request.path = std::move(target.path);
  request.raw_path = line.substr(0, std::min(line.find('?'), line.size()));
  request.query = std::move(target.query);
  for (const auto& field : message) {
    std::string name(field.name_string());
    for (char& c : name) c = char(c >= 'A' && c <= 'Z' ? c + 32 : c);
    request.headers.emplace_back(std::move(name), std::string(field.value()));
  }
  request.body = std::move(message.body());
  request.remote = std::move(remote);
  request.secure = secure;
  return request;
}

std::string head_of(const Response& response, bool keep_alive, unsigned version) {
  std::string head = fmt::format("HTTP/1.{} {} {}\r\n", version % 10, response.status, reason_of(response.status));
  if (!response.content_type.empty()) head += fmt::format("Content-Type: {}\r\n", response.content_type);
  const bool bodiless = response.status == 204 || response.status == 304;
  if (!bodiless) head += fmt::format("Content-Length: {}\r\n", response.body.size());
  for (const auto& [name, value] : response.headers) head += fmt::format("{}: {}\r\n", name, value);
  if (!keep_alive) head += "Connection: close\r\n";
  else if (version == 10) head += "Connection: keep-alive\r\n";
  head += "\r\n";
  return head;
}

struct HttpServer::Inside {
  std::shared_ptr<ServerState> state = std::make_shared<ServerState>();
  std::optional<tcp::acceptor> acceptor;
  std::vector<std::thread> threads;
  std::size_t next{0};  // context of the next connection

  void accept() {
    asio::io_context& home = *state->contexts[next++ % state->contexts.size()];
    acceptor->async_accept(home, [this](beast::error_code error, tcp::socket socket) {
      if (state->stopping) return;
      if (!error) take(std::move(socket));
      accept();
    });
  }

  void take(tcp::socket socket) {
    ++state->counts.connections;
    beast::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    const auto peer = socket.remote_endpoint(ignored);
    if (state->open >= state->options.connections_max) return turn_away(std::move(socket));
    const std::string remote = peer.address().to_string();
    const auto executor = socket.get_executor();
    if (state->tls) {
      auto made = std::make_shared<HttpConnection<TlsStream>>(TlsStream(std::move(socket), *state->tls), remote, state);
      asio::post(executor, [made] { made->start(); });
    } else {
      auto made = std::make_shared<HttpConnection<PlainStream>>(PlainStream(std::move(socket)), remote, state);
      asio::post(executor, [made] { made->start(); });
    }
  }

  static void turn_away(tcp::socket socket) {
    const Response busy = problem(503, "too many connections", "the server serves as many as it may; come again soon");
    const std::string text = head_of(busy, false, 11) + busy.body;
    beast::error_code ignored;
    socket.write_some(asio::buffer(text), ignored);
  }
};

HttpServer::HttpServer(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

namespace {

base::Status set_up_tls(ServerState& state) {
  const ServerOptions& options = state.options;
  if (options.tls_certificate_file.empty() != options.tls_key_file.empty()) {
    return fail(Errc::invalid, "TLS needs both a certificate and a key");
  }
  if (options.tls_certificate_file.empty()) return {};
  state.tls = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  using Context = asio::ssl::context;
  state.tls->set_options(Context::default_workarounds | Context::no_sslv2 | Context::no_sslv3 | Context::no_tlsv1 |
                         Context::no_tlsv1_1);
  boost::system::error_code error;
  state.tls->use_certificate_chain_file(options.tls_certificate_file, error);
  if (error) return fail(Errc::invalid, "the certificate {}: {}", options.tls_certificate_file, error.message());
  state.tls->use_private_key_file(options.tls_key_file, Context::pem, error);
  if (error) return fail(Errc::invalid, "the key {}: {}", options.tls_key_file, error.message());
  return {};
}

Result<tcp::acceptor> listen(asio::io_context& context, const ServerOptions& options) {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) return fail(Errc::invalid, "'{}' is no address to listen on", options.address);
  const tcp::endpoint endpoint(address, options.port);
  tcp::acceptor acceptor(context);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error)
    return fail(Errc::unavailable, "cannot listen on {}:{}: {}", options.address, options.port, error.message());
  return acceptor;
}

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::start(const ServerOptions& options, Router router) {
  auto inside = std::make_unique<Inside>();
  ServerState& state = *inside->state;
  state.options = options;
  state.router = std::move(router);
  for (int i = 0; i < std::max(1, options.threads); ++i)
    state.contexts.push_back(std::make_unique<asio::io_context>(1));
  TRY(set_up_tls(state));
  inside->acceptor = TRY(listen(*state.contexts.front(), options));
  inside->accept();
  for (const auto& context : state.contexts) {
    inside->threads.emplace_back([&context = *context] {
      const auto work = asio::make_work_guard(context);
      context.run();
    });
  }
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(inside)));
}

HttpServer::~HttpServer() {
  ServerState& state = *inside_->state;
  state.stopping = true;
  asio::post(*state.contexts.front(), [this] {
    beast::error_code ignored;
    inside_->acceptor->close(ignored);
  });
  std::vector<std::shared_ptr<Closable>> live;
  {
    const std::lock_guard lock(state.mutex);
    for (const auto& [key, one] : state.live) {
      if (auto alive = one.lock()) live.push_back(std::move(alive));
    }
  }
  for (const auto& one : live) one->drop();
  live.clear();
  for (int i = 0; i < 100 && state.open > 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  for (const auto& context : state.contexts) context->stop();
  for (std::thread& thread : inside_->threads) thread.join();
  inside_->acceptor.reset();
}

std::uint16_t HttpServer::port() const {
  return inside_->acceptor->local_endpoint().port();
}

HttpServer::Stats HttpServer::stats() const {
  const auto& c = inside_->state->counts;
  return {c.connections, c.requests, c.bad_requests, c.too_large, c.timed_out, c.web_sockets};
}

}  // namespace cityloop::net
