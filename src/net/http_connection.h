// One HTTP connection: requests one after the other, each answered before the next is looked at, so pipelined ones keep
// order; what is ready then goes out in one write.
//
//   bytes ─▶ buffer ─ read_head, or Beast for what is uncommon ─▶ Router ─▶ Reply ─▶ out ─▶ bytes
//
// Lives on one lane. Deadlines are only noted; the server's sweep looks at them now and then (sweep_every), so that no
// timer is set for a request.
#pragma once

#include <algorithm>
#include <array>
#include <optional>

#include "net/linger.h"
#include "net/request_head.h"
#include "net/server_state.h"
#include "net/url.h"
#include "net/ws_connection.h"

namespace cityloop::net {

// Fills a request out of Beast's; an error when its address makes no sense.
base::Status take_request(http::request<http::string_body>&, Request&);
std::optional<Method> method_of(http::verb);

template <class Stream>
class HttpConnection final : public Closable,
                             public Answered,
                             public std::enable_shared_from_this<HttpConnection<Stream>> {
 public:
  using Time = std::chrono::steady_clock::time_point;

  HttpConnection(Stream stream, std::string remote, std::shared_ptr<ServerState> state, Lane& lane)
      : stream_(std::move(stream)),
        executor_(stream_.get_executor()),
        state_(std::move(state)),
        lane_(lane),
        member_(state_) {
    request_.remote = std::move(remote);
    request_.secure = kSecure;
  }

  void start() {
    member_.enter(this->shared_from_this());
    beast::error_code ignored;
    lowest().socket().non_blocking(true, ignored);
    if constexpr (kSecure) {
      patience(state_->options.read_timeout);
      stream_.async_handshake(asio::ssl::stream_base::server,
                              [self = this->shared_from_this()](beast::error_code error) {
                                if (!error) self->serve();
                              });
    } else {
      serve();
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
  void check(Time now) override {
    if (now < deadline_.load(std::memory_order_relaxed)) return;
    asio::post(executor_, [self = this->shared_from_this(), now] {
      if (now < self->deadline_.load(std::memory_order_relaxed) || self->stage_ == Stage::gone) return;
      self->count_slowness();
      self->lowest().close();
    });
  }

  void answered(Response response) override {
    take_answer(std::move(response));
    serve();
  }

 private:
  static constexpr bool kSecure = std::is_same_v<Stream, TlsStream>;
  // idle: nothing of a request has come; reading: some of it has; busy: it is being answered; gone: the stream has
  // become a web socket's, or the connection is at its end.
  enum class Stage : std::uint8_t { idle, reading, busy, gone };
  enum class Next : std::uint8_t { again, read, wait };
  // What the next request needs before it can be looked at.
  enum class Lack : std::uint8_t { nothing, head, body, beast };

  PlainStream& lowest() { return beast::get_lowest_layer(stream_); }
  auto& wire() {
    if constexpr (kSecure) return stream_;
    else return stream_.socket();
  }
  void patience(base::Duration how_long) { deadline_ = std::chrono::steady_clock::now() + how_long; }
  void no_patience_needed() { deadline_ = Time::max(); }

  // Answers what has come, sends what is answered, and reads on, as far as it goes without waiting.
  void serve() {
    Next next;
    do next = step();
    while (next == Next::again);
    if (next == Next::read) read();
  }

  Next step() {
    if (sending_ || stage_ == Stage::gone) return Next::wait;
    Lack lack = Lack::nothing;
    while (!waiting_ && keep_alive_ && lack == Lack::nothing && out_.size() < kOutMax && large_.empty()) {
      lack = next_request();
    }
    if (stage_ == Stage::gone) return Next::wait;
    if (!out_.empty() && !flush()) return Next::wait;
    if (waiting_) return Next::wait;
    if (!keep_alive_ && lack != Lack::body) return end(), Next::wait;
    switch (lack) {
      case Lack::nothing: return Next::again;
      case Lack::beast: return read_by_beast(), Next::wait;
      case Lack::body: return read_body(), Next::wait;
      case Lack::head: return prepare_to_read();
    }
    return Next::wait;
  }

  // The patience between requests ends with the first byte of one; from there read_timeout holds for all of it.
  Next prepare_to_read() {
    if (buffer_.size() > 0) {
      if (std::exchange(stage_, Stage::reading) != Stage::reading) patience(state_->options.read_timeout);
      return Next::read;
    }
    if (state_->stopping) return lowest().close(), Next::wait;
    stage_ = Stage::idle;
    patience(served_any_ ? state_->options.idle_timeout : state_->options.read_timeout);
    return Next::read;
  }

  void read() {
    wire().async_read_some(buffer_.prepare(kReadBytes),
                           [self = this->shared_from_this()](beast::error_code error, std::size_t got) {
                             if (error) return self->on_no_more();
                             self->buffer_.commit(got);
                             self->serve();
                           });
  }

  // A peer that says nothing on a new connection is slow; one that stays silent between requests is only done. Counted
  // before the peer can see that its connection has ended.
  void count_slowness() {
    if (stage_ != Stage::idle || !served_any_) ++state_->counts.timed_out;
  }
  void on_no_more() { stage_ = Stage::gone; }

  Lack next_request() {
    const std::string_view bytes{static_cast<const char*>(buffer_.data().data()), buffer_.size()};
    if (bytes.empty()) return Lack::head;
    const ServerOptions& options = state_->options;
    const HeadFound found = read_head(bytes, options.header_max_bytes, head_, request_);
    if (found == HeadFound::partial) return Lack::head;
    if (found == HeadFound::uncommon || head_.body_bytes > options.body_max_bytes) return Lack::beast;
    const base::Status target = read_target(head_.target, request_);
    keep_alive_ = head_.keep_alive;
    version_ = 11;
    const std::size_t here = std::min(head_.body_bytes, bytes.size() - head_.bytes);
    request_.body.assign(bytes.substr(head_.bytes, here));
    buffer_.consume(head_.bytes + here);
    if (!target) return refuse(target.error()), Lack::nothing;
    if (here < head_.body_bytes) return Lack::body;
    on_request(head_.has_length);
    return Lack::nothing;
  }

  // What is left of a body goes straight to its place, which grows as it comes: a length alone claims no memory.
  void read_body() {
    if (std::exchange(stage_, Stage::reading) != Stage::reading) patience(state_->options.read_timeout);
    std::string& body = request_.body;
    const std::size_t have = body.size();
    const std::size_t now = std::min(head_.body_bytes, have + std::max(kBodyStep, have));
    body.resize(now);
    asio::async_read(wire(), asio::buffer(body.data() + have, now - have),
                     [self = this->shared_from_this()](beast::error_code error, std::size_t) {
                       if (error) return self->on_no_more();
                       if (self->request_.body.size() < self->head_.body_bytes) return self->read_body();
                       self->on_request(true);
                       self->serve();
                     });
  }

  void read_by_beast() {
    if (std::exchange(stage_, Stage::reading) != Stage::reading) patience(state_->options.read_timeout);
    parser_.emplace();
    parser_->header_limit(std::uint32_t(state_->options.header_max_bytes));
    parser_->body_limit(state_->options.body_max_bytes);
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
                          if (error) return self->on_no_more();
                          self->read_rest_by_beast();
                        });
      return;
    }
    if (parser_->is_done()) return on_beast_request();
    read_rest_by_beast();
  }

  void read_rest_by_beast() {
    http::async_read(stream_, buffer_, *parser_,
                     [self = this->shared_from_this()](beast::error_code error, std::size_t) {
                       if (error) return self->on_bad(error);
                       self->on_beast_request();
                     });
  }

  void on_bad(beast::error_code error) {
    if (error == http::error::body_limit || error == http::error::header_limit) {
      ++state_->counts.too_large;
      const bool body = error == http::error::body_limit;
      const auto max = body ? state_->options.body_max_bytes : state_->options.header_max_bytes;
      last_word(problem(body ? 413 : 431, "too large",
                        fmt::format("the {} may have {} bytes at most", body ? "body" : "header", max)));
      return serve();
    }
    // What is no HTTP at all comes as a parser's error; a peer that went away needs no answer.
    if (error.category() != http::make_error_code(http::error::bad_method).category()) return on_no_more();
    if (error == http::error::end_of_stream || error == http::error::partial_message) return on_no_more();
    ++state_->counts.bad_requests;
    last_word(problem(400, "malformed request", error.message()));
    serve();
  }

  void on_beast_request() {
    auto& message = parser_->get();
    keep_alive_ = message.keep_alive();
    version_ = message.version();
    const auto method = method_of(message.method());
    if (!method) {
      ++state_->counts.requests;
      last_word(problem(501, "unknown method", std::string(message.method_string())));
      return serve();
    }
    request_.method = *method;
    const base::Status taken = take_request(message, request_);
    if (!taken) {
      ++state_->counts.requests;
      refuse(taken.error());
    } else if (websocket::is_upgrade(message)) {
      return on_upgrade();
    } else {
      on_request(message.has_content_length() || message.chunked());
    }
    parser_.reset();
    serve();
  }

  void on_request(bool has_length) {
    stage_ = Stage::busy;
    served_any_ = true;
    no_patience_needed();
    ++state_->counts.requests;
    is_head_ = request_.method == Method::head;
    waiting_ = true;
    request_.measured = has_length;
    asking_ = true;
    state_->router.dispatch(
        request_, Reply([self = this->shared_from_this()](Response response) { self->on_reply(std::move(response)); }));
    asking_ = false;
    if (request_.body.capacity() > kBodyStep) request_.body = {};
  }

  // From any thread. An answer that comes while we ask is taken at once; every other goes through the lane's box.
  void on_reply(Response response) {
    if (state_->dead) return;  // nobody runs what would be sent
    if (lane_.is_here() && asking_) return take_answer(std::move(response));
    lane_.give(this->shared_from_this(), std::move(response));
  }

  void take_answer(Response response) {
    waiting_ = false;
    keep_alive_ = keep_alive_ && !state_->stopping;
    write_head(out_, response, keep_alive_, version_);
    if (is_head_) return;
    if (response.body.size() <= kJoinedMax) out_ += response.body;  // one buffer, one packet, one TLS record
    else large_ = std::move(response.body);
  }

  void last_word(Response response) {
    keep_alive_ = false;
    is_head_ = false;
    take_answer(std::move(response));
  }

  void refuse(const base::Error& error) {
    ++state_->counts.bad_requests;
    last_word(problem(error));
  }

  void on_upgrade() {
    ++state_->counts.requests;
    const WebSocketHandler* handler = state_->router.find_web_socket(request_);
    if (!handler) {
      last_word(problem(404, "not found", "there is no web socket here"));
      return serve();
    }
    auto upgrade = parser_->release();
    stage_ = Stage::gone;
    no_patience_needed();
    std::make_shared<WsConnection<Stream>>(std::move(stream_), state_)->start(std::move(upgrade), request_, *handler);
  }

  // True when all is out. What does not fit into the socket at once follows when there is room.
  bool flush() {
    if constexpr (!kSecure) {
      if (large_.empty()) {
        beast::error_code error;
        const std::size_t sent = wire().write_some(asio::buffer(out_), error);
        if (!error && sent == out_.size()) return out_.clear(), true;
        if (error && error != asio::error::would_block) return lowest().close(), stage_ = Stage::gone, false;
        out_.erase(0, sent);
      }
    }
    sending_ = true;
    sent_now_.swap(out_);
    out_.clear();
    sent_large_ = std::exchange(large_, {});
    patience(state_->options.read_timeout);
    const std::array<asio::const_buffer, 2> parts{asio::buffer(sent_now_), asio::buffer(sent_large_)};
    asio::async_write(wire(), parts, [self = this->shared_from_this()](beast::error_code error, std::size_t) {
      self->sending_ = false;
      self->sent_large_ = {};
      if (error) {
        self->stage_ = Stage::gone;
        return;
      }
      self->no_patience_needed();
      self->serve();
    });
    return false;
  }

  void end() {
    stage_ = Stage::gone;
    no_patience_needed();
    if (!state_->stopping) return linger(this->shared_from_this(), lowest(), buffer_);
    beast::error_code ignored;
    lowest().socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

  static constexpr std::size_t kReadBytes = 8192;
  static constexpr std::size_t kJoinedMax = 16 << 10;
  static constexpr std::size_t kOutMax = 64 << 10;  // answers to pipelined requests wait for each other up to here
  static constexpr std::size_t kBodyStep = 256 << 10;

  Stream stream_;
  const asio::any_io_executor executor_;  // stays when the stream goes to a web socket
  std::shared_ptr<ServerState> state_;
  Lane& lane_;
  Membership member_;
  std::atomic<Time> deadline_{Time::max()};
  beast::flat_buffer buffer_;
  Head head_;
  std::optional<http::request_parser<http::string_body>> parser_;  // of an uncommon request
  Request request_;
  Stage stage_{Stage::busy};  // until the handshake is done
  unsigned version_{11};
  bool keep_alive_{true}, is_head_{false}, served_any_{false};
  bool asking_{false};                 // the router is being asked, on our own stack
  bool waiting_{false};                // for an answer
  bool sending_{false};                // an asynchronous write goes on
  std::string out_, large_;            // ready to be sent; the large body behind it
  std::string sent_now_, sent_large_;  // being sent
};

}  // namespace cityloop::net
