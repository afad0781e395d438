// Reads the head of an HTTP/1.1 request as nearly every client sends it, without building anything on the way.
//
//   bytes ─▶ [read_head] ─ whole ─▶ Request
//                └──────── uncommon ─▶ Beast's parser, which decides
//
// It takes only what it is certain of: one of our methods, a path, HTTP/1.1, exactly one Host, a plain Content-Length
// or none, nothing to be done before the body. Whatever else may be right or wrong (chunked bodies, upgrades, Expect,
// folded or broken lines, other versions) is uncommon: the same bytes go to Beast, so nothing is read in two ways.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "net/http.h"

namespace cityloop::net {

enum class HeadFound : std::uint8_t {
  whole,
  partial,  // so far all is well; more bytes are needed
  uncommon,
};

struct Head {
  std::size_t bytes{0};       // of the head itself; the body stands behind it
  std::size_t body_bytes{0};  // as Content-Length says
  bool has_length{false};
  bool keep_alive{true};
  std::string_view target;  // within the bytes given
};

// Fills method and headers of the request, in the memory of those before; the target is left to read_target().
HeadFound read_head(std::string_view bytes, std::size_t head_max, Head&, Request&);

}  // namespace cityloop::net
