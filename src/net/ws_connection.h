// One web socket: what is to be sent waits in a bounded queue; what comes is handed to its handler.
#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

#include "net/linger.h"
#include "net/server_state.h"
#include "net/web_socket.h"

namespace cityloop::net {

inline constexpr std::size_t kSocketQueueMax = 4u << 20;    // bytes waiting before a peer counts as too slow
inline constexpr std::size_t kSocketMessageMax = 1u << 20;  // bytes of one message from a peer

template <class Stream>
class WsConnection final : public WebSocket,
                           public Closable,
                           public std::enable_shared_from_this<WsConnection<Stream>> {
 public:
  WsConnection(Stream stream, std::shared_ptr<ServerState> state)
      : socket_(std::move(stream)), patience_(socket_.get_executor()), state_(std::move(state)), member_(state_) {}

  // Asks the handler, then accepts or answers its refusal.
  void start(http::request<http::string_body> upgrade, const Request& request, const WebSocketHandler& handler) {
    member_.enter(this->shared_from_this());
    upgrade_ = std::move(upgrade);
    auto events = handler(request, this->shared_from_this());
    if (!events) return refuse(std::move(events.error()));
    events_ = std::move(*events);
    ++state_->counts.web_sockets;
    beast::get_lowest_layer(socket_).expires_never();
    auto timeouts = websocket::stream_base::timeout::suggested(beast::role_type::server);
    timeouts.idle_timeout = std::chrono::seconds(60);
    timeouts.keep_alive_pings = true;
    socket_.set_option(timeouts);
    // Beast would name itself and its version.
    socket_.set_option(websocket::stream_base::decorator(
        [](websocket::response_type& response) { response.set(http::field::server, "cityloop"); }));
    socket_.read_message_max(kSocketMessageMax);
    socket_.async_accept(upgrade_, [self = this->shared_from_this()](beast::error_code error) {
      if (error) return self->over();
      self->accepted_ = true;
      self->socket_.text(true);
      self->read();
      if (self->early_end_) return self->close_now(self->early_end_->first, self->early_end_->second);
      self->write();
    });
  }

  bool send(std::shared_ptr<const std::string> text) override {
    {
      const std::lock_guard lock(mutex_);
      if (gone_) return false;
      if (queued_ + text->size() > kSocketQueueMax) {
        gone_ = true;
        for (const auto& one : queue_) queued_ -= one->size();  // it must fetch the present state anyway
        queue_.clear();
      } else {
        queued_ += text->size();
        queue_.push_back(std::move(text));
        if (std::exchange(woken_, true)) return true;
      }
      if (!gone_) {
        asio::post(socket_.get_executor(), [self = this->shared_from_this()] { self->write(); });
        return true;
      }
    }
    close(1013, "too slow");
    return false;
  }

  void close(int code, std::string_view reason) override {
    asio::post(socket_.get_executor(),
               [self = this->shared_from_this(), code, why = std::string(reason)] { self->close_now(code, why); });
  }

  std::size_t queued_bytes() const override {
    const std::lock_guard lock(mutex_);
    return queued_;
  }

  void finish() override { close(1001, "the server stops"); }
  void drop() override {
    asio::post(socket_.get_executor(),
               [self = this->shared_from_this()] { beast::get_lowest_layer(self->socket_).close(); });
  }

 private:
  void refuse(const Response& response) {
    const unsigned version = 11;
    write_head(refusal_, response, false, version);
    refusal_ += response.body;
    auto& stream = socket_.next_layer();
    beast::get_lowest_layer(stream).expires_after(state_->options.read_timeout);
    asio::async_write(stream, asio::buffer(refusal_),
                      [self = this->shared_from_this()](beast::error_code error, std::size_t) {
                        if (!error) linger(self, beast::get_lowest_layer(self->socket_), self->buffer_);
                      });
  }

  void read() {
    socket_.async_read(buffer_, [self = this->shared_from_this()](beast::error_code error, std::size_t) {
      if (error) return self->over();
      if (self->events_.on_message) self->events_.on_message(beast::buffers_to_string(self->buffer_.data()));
      self->buffer_.consume(self->buffer_.size());
      self->read();
    });
  }

  void write() {
    {
      const std::lock_guard lock(mutex_);
      woken_ = false;
      if (!accepted_ || writing_ || queue_.empty()) return;
      sending_ = std::move(queue_.front());
      queue_.pop_front();
    }
    writing_ = true;
    socket_.async_write(asio::buffer(*sending_),
                        [self = this->shared_from_this()](beast::error_code error, std::size_t) {
                          self->writing_ = false;
                          {
                            const std::lock_guard lock(self->mutex_);
                            self->queued_ -= self->sending_->size();
                          }
                          self->sending_.reset();
                          if (error) return self->over();
                          self->write();
                        });
  }

  // The peer has a while to take what is under way and to agree; then the connection is cut.
  void close_now(int code, const std::string& reason) {
    if (!accepted_ && !early_end_) {  // said once the handshake is over
      early_end_.emplace(code, reason);
      return cut_later();
    }
    if (!accepted_ || std::exchange(closing_, true)) return;
    cut_later();
    websocket::close_reason why{websocket::close_code(code)};
    why.reason.assign(reason.data(), std::min<std::size_t>(reason.size(), 120));
    socket_.async_close(why, [self = this->shared_from_this()](beast::error_code) { self->over(); });
  }

  void cut_later() {
    patience_.expires_after(kClosePatience);
    patience_.async_wait([self = this->shared_from_this()](beast::error_code error) {
      if (!error) beast::get_lowest_layer(self->socket_).close();
    });
  }

  void over() {
    {
      const std::lock_guard lock(mutex_);
      gone_ = true;
    }
    patience_.cancel();
    beast::get_lowest_layer(socket_).close();
    // A handler often holds the socket it was given: let go of it, or the two keep each other for ever.
    const WebSocketEvents events = std::exchange(events_, {});
    if (events.on_close) events.on_close();
  }

  static constexpr auto kClosePatience = std::chrono::seconds(3);

  websocket::stream<Stream> socket_;
  asio::steady_timer patience_;
  std::shared_ptr<ServerState> state_;
  Membership member_;
  http::request<http::string_body> upgrade_;
  WebSocketEvents events_;
  beast::flat_buffer buffer_;
  bool accepted_{false}, writing_{false}, closing_{false};
  std::string refusal_;
  std::optional<std::pair<int, std::string>> early_end_;  // asked for before the handshake was over
  std::shared_ptr<const std::string> sending_;

  mutable std::mutex mutex_;
  std::deque<std::shared_ptr<const std::string>> queue_;
  std::size_t queued_{0};
  bool gone_{false}, woken_{false};
};

}  // namespace cityloop::net
