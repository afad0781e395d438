#include "base/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>

namespace cityloop::base {

Result<std::string> read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in || std::filesystem::is_directory(path))
    return fail(Errc::not_found, "cannot read {}: {}", path.string(), std::strerror(errno));
  return std::string((std::istreambuf_iterator<char>(in)), {});
}

Status write_file_atomic(const std::filesystem::path& path, std::string_view content) {
  const std::string temporary = path.string() + ".tmp";
  const auto failed = [&] {
    return fail(Errc::unavailable, "cannot write {}: {}", path.string(), std::strerror(errno));
  };
  const int file = ::open(temporary.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return failed();
  while (!content.empty()) {
    const ssize_t wrote = ::write(file, content.data(), content.size());
    if (wrote < 0) {
      ::close(file);
      return failed();
    }
    content.remove_prefix(std::size_t(wrote));
  }
  const bool safe = ::fdatasync(file) == 0;
  ::close(file);
  if (!safe || ::rename(temporary.c_str(), path.c_str()) != 0) return failed();
  return {};
}

}  // namespace cityloop::base
