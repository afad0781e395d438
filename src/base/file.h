// Whole files, and writing one so that a crash leaves either the old content or the new.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cityloop::base {

Result<std::string> read_file(const std::filesystem::path&);
Status write_file_atomic(const std::filesystem::path&, std::string_view content);

}  // namespace cityloop::base
