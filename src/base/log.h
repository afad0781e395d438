// What the operator of the machine reads on standard error: one line an event, said once, with what to do about it.
#pragma once

#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace cityloop::base {

enum class LogLevel { debug, info, warn, error };

void set_log_level(LogLevel);
void log_line(LogLevel, std::string_view);

template <class... Args>
void log_info(fmt::format_string<Args...> format, Args&&... args) {
  log_line(LogLevel::info, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void log_warn(fmt::format_string<Args...> format, Args&&... args) {
  log_line(LogLevel::warn, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void log_error(fmt::format_string<Args...> format, Args&&... args) {
  log_line(LogLevel::error, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace cityloop::base
