#include "net/server.h"

#include "base/log.h"
#include "net/http_connection.h"

namespace cityloop::net {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

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

namespace {

// "http://host/path" is as good as "/path" (RFC 9112, 3.2.2); the Host header stands beside it.
std::string_view without_authority(std::string_view line) {
  const std::size_t scheme = line.starts_with("http://") ? 7 : line.starts_with("https://") ? 8 : 0;
  if (scheme == 0) return line;
  const std::size_t path = line.find_first_of("/?", scheme);
  return path == std::string_view::npos || line[path] == '?' ? "/" : line.substr(path);
}

// A value that carries somebody's input must not begin a header of its own.
void append_clean(std::string& out, std::string_view text) {
  const std::size_t from = out.size();
  out += text;
  for (std::size_t i = from; i < out.size(); ++i) {
    if (out[i] == '\r' || out[i] == '\n' || out[i] == '\0') out[i] = ' ';
  }
}

constexpr std::string_view kLineEnd = "\r\n";

}  // namespace

Status take_request(http::request<http::string_body>& message, Request& request) {
  if (message.version() >= 11 && message.count(http::field::host) != 1) {
    return fail(Errc::invalid, "a request needs exactly one Host header");
  }
  TRY(read_target(without_authority({message.target().data(), message.target().size()}), request));
  request.headers.clear();
  for (const auto& field : message) {
    std::string name(field.name_string());
    for (char& c : name) c = char(c >= 'A' && c <= 'Z' ? c + 32 : c);
    request.headers.emplace_back(std::move(name), std::string(field.value()));
  }
  request.body = std::move(message.body());
  return {};
}

void write_head(std::string& out, const Response& response, bool keep_alive, unsigned version) {
  out += version == 10 ? "HTTP/1.0 " : "HTTP/1.1 ";
  out += fmt::format_int(response.status).c_str();
  out += ' ';
  out += reason_of(response.status);
  out += kLineEnd;
  if (!response.content_type.empty()) {
    out += "Content-Type: ";
    append_clean(out, response.content_type);
    out += kLineEnd;
  }
  const bool bodiless = response.status == 204 || response.status == 304;
  if (!bodiless) {
    out += "Content-Length: ";
    out += fmt::format_int(response.body.size()).c_str();
    out += kLineEnd;
  }
  for (const auto& [name, value] : response.headers) {
    append_clean(out, name);
    out += ": ";
    append_clean(out, value);
    out += kLineEnd;
  }
  if (!keep_alive) out += "Connection: close\r\n";
  else if (version == 10) out += "Connection: keep-alive\r\n";
  out += kLineEnd;
}

// One connection too many: told so, then ended. Only so many at a time; a flood beyond is closed without a word.
struct TurnedAway {
  TurnedAway(tcp::socket socket, std::shared_ptr<ServerState> state_)
      : stream(std::move(socket)), state(std::move(state_)) {
    ++state->turned_away;
  }
  ~TurnedAway() { --state->turned_away; }
  TurnedAway(const TurnedAway&) = delete;

  PlainStream stream;
  std::shared_ptr<ServerState> state;
  beast::flat_buffer buffer;
  std::string text;
};

struct HttpServer::Inside {
  explicit Inside(std::shared_ptr<ServerState> state_)
      : state(std::move(state_)),
        pause(state->lanes.front()->context()),
        broom(state->lanes.front()->context()),
        sweep_every(sweep_period(state->options)) {}

  std::shared_ptr<ServerState> state;
  std::optional<tcp::acceptor> acceptor;
  asio::steady_timer pause, broom;
  const base::Duration sweep_every;
  std::vector<std::thread> threads;
  std::size_t next{0};  // lane of the next connection

  void accept() {
    Lane& home = *state->lanes[next++ % state->lanes.size()];
    acceptor->async_accept(home.context(), [this, &home](beast::error_code error, tcp::socket socket) {
      if (state->stopping) return;
      if (error) return rest();
      take(std::move(socket), home);
      accept();
    });
  }

  // Late by a part of the shortest patience, and never by more than a second.
  static base::Duration sweep_period(const ServerOptions& options) {
    const base::Duration shortest = std::min(options.read_timeout, options.idle_timeout);
    return std::clamp<base::Duration>(shortest / 8, std::chrono::milliseconds(10), std::chrono::seconds(1));
  }

  void sweep() {
    broom.expires_after(sweep_every);
    broom.async_wait([this](beast::error_code error) {
      if (error || state->stopping) return;
      const auto now = std::chrono::steady_clock::now();
      for (const auto& one : state->alive()) one->check(now);
      sweep();
    });
  }

  // Without a free descriptor every accept fails at once: trying on and on would take the whole core.
  void rest() {
    pause.expires_after(std::chrono::milliseconds(100));
    pause.async_wait([this](beast::error_code) {
      if (!state->stopping) accept();
    });
  }

  void take(tcp::socket socket, Lane& home) {
    ++state->counts.connections;
    beast::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    const auto peer = socket.remote_endpoint(ignored);
    if (state->open >= state->options.connections_max) return turn_away(std::move(socket));
    const std::string remote = peer.address().to_string();
    const auto executor = socket.get_executor();
    if (state->tls) {
      auto made =
          std::make_shared<HttpConnection<TlsStream>>(TlsStream(std::move(socket), *state->tls), remote, state, home);
      asio::post(executor, [made] { made->start(); });
    } else {
      auto made = std::make_shared<HttpConnection<PlainStream>>(PlainStream(std::move(socket)), remote, state, home);
      asio::post(executor, [made] { made->start(); });
    }
  }

  void turn_away(tcp::socket socket) {
    constexpr std::size_t kAtOnce = 256;
    if (state->tls || state->turned_away >= kAtOnce) return;
    const auto executor = socket.get_executor();
    auto away = std::make_shared<TurnedAway>(std::move(socket), state);
    const Response busy = problem(503, "too many connections", "the server serves as many as it may; come again soon");
    write_head(away->text, busy, false, 11);
    away->text += busy.body;
    asio::post(executor, [away] {
      away->stream.expires_after(kLingerMax);
      asio::async_write(away->stream, asio::buffer(away->text), [away](beast::error_code error, std::size_t) {
        if (!error) linger(away, away->stream, away->buffer);
      });
    });
  }
};

HttpServer::HttpServer(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

namespace {

Status set_up_tls(ServerState& state) {
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
  auto shared = std::make_shared<ServerState>();
  ServerState& state = *shared;
  state.options = options;
  state.router = std::move(router);
  for (int i = 0; i < std::max(1, options.threads); ++i) state.lanes.push_back(std::make_shared<Lane>());
  auto inside = std::make_unique<Inside>(std::move(shared));
  TRY(set_up_tls(state));
  inside->acceptor = TRY(listen(state.lanes.front()->context(), options));
  inside->accept();
  inside->sweep();
  for (const auto& lane : state.lanes) inside->threads.emplace_back([&lane = *lane] { lane.run(); });
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(inside)));
}

HttpServer::~HttpServer() {
  ServerState& state = *inside_->state;
  state.stopping = true;
  asio::post(state.lanes.front()->context(), [this] {
    beast::error_code ignored;
    inside_->acceptor->close(ignored);
    inside_->pause.cancel();
    inside_->broom.cancel();
  });
  for (const auto& one : state.alive()) one->finish();
  state.wait_until_empty(std::chrono::seconds(1));
  for (const auto& one : state.alive()) one->drop();
  state.wait_until_empty(std::chrono::milliseconds(200));
  state.dead = true;
  for (const auto& lane : state.lanes) lane->context().stop();
  for (std::thread& thread : inside_->threads) thread.join();
  // What was posted or given meanwhile holds connections, and these hold the state that owns the lanes.
  for (const auto& lane : state.lanes) {
    lane->close();
    lane->context().restart();
    lane->context().poll();
  }
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
