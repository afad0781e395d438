// One HTTP connection: requests one after the other, each answered before the next is read, so pipelined ones keep
// order.
#pragma once

#include <optional>

#include "net/linger.h"
#include "net/server_state.h"
#include "net/url.h"
#include "net/ws_connection.h"

namespace cityloop::net {

// A request as the house sees it, out of Beast's; an error when its address makes no sense.
base::Result<Request> to_request(http::request<http::string_body>&, std::string remote, bool secure);
std::optional<Method> method_of(http::verb);

template <class Stream>
class HttpConnection final : public Closable, public std::enable_shared_from_this<HttpConnection<Stream>> {
 public:
  HttpConnection(Stream stream, std::string remote, std::shared_ptr<ServerState> state)
      : stream_(std::move(stream)),
        executor_(stream_.get_executor()),
        remote_(std::move(remote)),
        state_(std::move(state)),
        member_(state_) {}

  void start() {
    member_.enter(this->shared_from_this());
    if constexpr (std::is_same_v<Stream, TlsStream>) {
      lowest().expires_after(state_->options.read_timeout);
      stream_.async_handshake(asio::ssl::stream_base::server,
                              [self = this->shared_from_this()](beast::error_code error) {
                                if (!error) return self->wait_for_request(self->state_->options.read_timeout);
                                if (error == beast::error::timeout) ++self->state_->counts.timed_out;
                              });
    } else {
      wait_for_request(state_->options.read_timeout);
    }
  }

  void finish() override {
    asio::post(executor_, [self = this->shared_from_this()] {
      if (self->stage_ == Stage::idle) self->lowest().close();
    });
  }
  void drop() override {
    asio::post(executor_, [self = this->shared_from_this()] {
      if (self->stage_ != Stage::gone) self->lowest().close();
    });
  }

 private:
  // idle: between requests; gone: the stream has become a web socket's.
  enum class Stage : std::uint8_t { idle, busy, gone };

  PlainStream& lowest() { return beast::get_lowest_layer(stream_); }

  // The patience between requests ends with the first byte of one; from there read_timeout holds for all of it.
  void wait_for_request(base::Duration patience) {
    if (buffer_.size() > 0) return read_head();
    if (state_->stopping) return lowest().close();
    stage_ = Stage::idle;
    lowest().expires_after(patience);
    stream_.async_read_some(buffer_.prepare(kReadBytes),
                            [self = this->shared_from_this()](beast::error_code error, std::size_t got) {
                              if (error) return self->on_quiet_end(error);
                              self->buffer_.commit(got);
                              self->read_head();
                            });
  }

  // A peer that says nothing on a new connection is slow; one that stays silent between requests is only done.
  void on_quiet_end(beast::error_code error) {
    if (error == beast::error::timeout && !parser_) ++state_->counts.timed_out;
  }

  void read_head() {
    stage_ = Stage::busy;
    parser_.emplace();
    parser_->header_limit(std::uint32_t(state_->options.header_max_bytes));
    parser_->body_limit(state_->options.body_max_bytes);
    lowest().expires_after(state_->options.read_timeout);
    http::async_read_header(stream_, buffer_, *parser_,
                            [self = this->shared_from_this()](beast::error_code error, std::size_t) {
                              if (error) return self->on_bad(error);
                              self->on_head();
                            });
  }

  void on_head() {
    if (beast::iequals(parser_->get()[http::field::expect], "100-continue")) {
      static const std::string kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      asio::async_write(stream_, asio::buffer(kContinue),
                        [self = this->shared_from_this()](beast::error_code error, std::size_t) {
                          if (!error) self->read_body();
                        });
      return;
    }
    if (parser_->is_done()) return on_request();
    read_body();
  }

  void read_body() {
    http::async_read(stream_, buffer_, *parser_,
                     [self = this->shared_from_this()](beast::error_code error, std::size_t) {
                       if (error) return self->on_bad(error);
                       self->on_request();
                     });
  }

  void on_bad(beast::error_code error) {
    if (error == beast::error::timeout) {
      ++state_->counts.timed_out;
      return;
    }
    if (error == http::error::body_limit || error == http::error::header_limit) {
      ++state_->counts.too_large;
      const bool body = error == http::error::body_limit;
      const auto max = body ? state_->options.body_max_bytes : state_->options.header_max_bytes;
      return last_word(problem(body ? 413 : 431, "too large",
                               fmt::format("the {} may have {} bytes at most", body ? "body" : "header", max)));
    }
    // What is no HTTP at all comes as a parser's error; a peer that went away needs no answer.
    if (error.category() != http::make_error_code(http::error::bad_method).category()) return;
    if (error == http::error::end_of_stream || error == http::error::partial_message) return;
    ++state_->counts.bad_requests;
    last_word(problem(400, "malformed request", error.message()));
  }

  void last_word(Response response) {
    keep_alive_ = false;
    write(std::move(response));
  }

  void refuse(const base::Error& error) {
    ++state_->counts.bad_requests;
    last_word(problem(error));
  }

  void on_request() {
    lowest().expires_never();
    auto& message = parser_->get();
    keep_alive_ = message.keep_alive();
    is_head_ = message.method() == http::verb::head;
    ++state_->counts.requests;
    const auto method = method_of(message.method());
    if (!method) return last_word(problem(501, "unknown method", std::string(message.method_string())));
    const bool upgrade = websocket::is_upgrade(message);
    auto request = to_request(message, remote_, std::is_same_v<Stream, TlsStream>);
    if (!request) return refuse(request.error());
    request->method = *method;
    if (upgrade) return on_upgrade(*request);
    request_ = std::move(*request);
    state_->router.dispatch(request_, Reply([self = this->shared_from_this()](Response response) mutable {
                              if (self->state_->dead) return;  // nobody runs what would be sent
                              asio::dispatch(self->executor_, [self, response = std::move(response)]() mutable {
                                self->write(std::move(response));
                              });
                            }));
  }

  void on_upgrade(Request& request) {
    const WebSocketHandler* handler = state_->router.find_web_socket(request);
    if (!handler) return last_word(problem(404, "not found", "there is no web socket here"));
    auto upgrade = parser_->release();
    stage_ = Stage::gone;
    std::make_shared<WsConnection<Stream>>(std::move(stream_), state_)->start(std::move(upgrade), request, *handler);
  }

  void write(Response response) {
    keep_alive_ = keep_alive_ && !state_->stopping;
    out_.clear();
    write_head(out_, response, keep_alive_, parser_->get().version());
    body_ = is_head_ ? std::string{} : std::move(response.body);
    if (body_.size() <= kJoinedMax) out_ += std::exchange(body_, {});  // one buffer, one packet, one TLS record
    const std::array<asio::const_buffer, 2> parts{asio::buffer(out_), asio::buffer(body_)};
    lowest().expires_after(state_->options.read_timeout);
    asio::async_write(stream_, parts, [self = this->shared_from_this()](beast::error_code error, std::size_t) {
      if (error) return;
      if (self->keep_alive_) return self->wait_for_request(self->state_->options.idle_timeout);
      if (!self->state_->stopping) return linger(self, self->lowest(), self->buffer_);
      beast::error_code ignored;
      self->lowest().socket().shutdown(tcp::socket::shutdown_send, ignored);
    });
  }

  static constexpr std::size_t kReadBytes = 4096;
  static constexpr std::size_t kJoinedMax = 16 << 10;

  Stream stream_;
  const asio::any_io_executor executor_;  // stays when the stream goes to a web socket
  const std::string remote_;
  std::shared_ptr<ServerState> state_;
  Membership member_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  Request request_;
  Stage stage_{Stage::busy};  // until the handshake is done
  bool keep_alive_{true}, is_head_{false};
  std::string out_, body_;
};

}  // namespace cityloop::net
