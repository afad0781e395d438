// Expected failures as values: Result<T> carries a T or an Error with a code and a sentence for a person.
//
// Bad input and absent things are Results; a bug of ours is an assert. TRY passes an error up to the caller.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace cityloop::base {

enum class Errc : std::uint8_t {
  malformed,        // the input has not the form it must (no JSON, say)
  invalid,          // the input does not say what it must
  not_found,        // the thing named does not exist
  exists,           // the thing to be made is there already
  conflict,         // the thing has changed, or its state does not allow this
  unauthenticated,  // who asks is not known
  refused,          // who asks may not
  full,             // a bound is reached; later may succeed
  unavailable,      // a peer or the disk does not answer; later may succeed
  timeout,          // no answer in the time allowed
  corrupt,          // stored bytes are not what was written
  unsupported,      // understood, and not done here
};

struct Error {
  Errc code{Errc::invalid};
  std::string message;
};

template <class T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

template <class... Args>
std::unexpected<Error> fail(Errc code, fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(Error{code, fmt::format(format, std::forward<Args>(args)...)});
}

std::string_view to_string(Errc);

}  // namespace cityloop::base

// auto x = TRY(expression): the value, or return its error from the enclosing function.
#define TRY(expression)                                            \
  ({                                                               \
    auto&& try_result_ = (expression);                             \
    if (!try_result_) return std::unexpected(try_result_.error()); \
    *std::move(try_result_);                                       \
  })
