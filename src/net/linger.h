// Ending a connection whose peer may still be sending: closed at once with bytes unread, the kernel resets it and the
// peer loses the answer it was sent. So we say that we have finished, and read a while without listening.
#pragma once

#include <chrono>
#include <memory>

#include "net/beast.h"

namespace cityloop::net {

inline constexpr auto kLingerMax = std::chrono::seconds(2);

template <class Owner>
void read_away(std::shared_ptr<Owner> owner, PlainStream& stream, beast::flat_buffer& buffer) {
  buffer.clear();
  stream.async_read_some(buffer.prepare(64 << 10),
                         [owner = std::move(owner), &stream, &buffer](beast::error_code error, std::size_t) mutable {
                           if (!error) read_away(std::move(owner), stream, buffer);
                         });
}

// `owner` keeps stream and buffer alive, and is let go when the peer has finished or time is up.
template <class Owner>
void linger(std::shared_ptr<Owner> owner, PlainStream& stream, beast::flat_buffer& buffer) {
  beast::error_code error;
  stream.socket().shutdown(tcp::socket::shutdown_send, error);
  if (error) return;
  stream.expires_after(kLingerMax);
  read_away(std::move(owner), stream, buffer);
}

}  // namespace cityloop::net
