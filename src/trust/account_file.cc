#include "trust/account_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.h"

namespace cityloop::trust {

using base::Errc;
using base::fail;

base::Result<FileLock> FileLock::take(const std::string& file) {
  const std::string path = file + ".lock";
  const int descriptor = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor < 0) return fail(Errc::unavailable, "cannot open {}: {}", path, std::strerror(errno));
  FileLock lock(descriptor);
  while (::flock(descriptor, LOCK_EX) != 0) {
    if (errno != EINTR) return fail(Errc::unavailable, "cannot lock {}: {}", path, std::strerror(errno));
  }
  return lock;
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

FileStamp FileStamp::of(const std::string& file) {
  struct stat found;
  if (::stat(file.c_str(), &found) != 0) return {};
  return {found.st_ino, std::uint64_t(found.st_size),
          std::int64_t(found.st_mtim.tv_sec) * 1'000'000'000 + found.st_mtim.tv_nsec};
}

base::Result<AccountBook> read_accounts(const std::string& file) {
  if (FileStamp::of(file) == FileStamp{}) return AccountBook{};
  const std::string text = TRY(base::read_file(file));
  auto book = AccountBook::parse(text);
  if (!book) {
    const Errc code = book.error().code == Errc::unsupported ? Errc::unsupported : Errc::corrupt;
    return fail(code, "{}: {}", file, book.error().message);
  }
  ::chmod(file.c_str(), 0600);
  return book;
}

base::Status write_accounts(const std::string& file, const AccountBook& book) {
  ::unlink((file + ".tmp").c_str());  // one left by a crash might be readable to others
  return base::write_file_atomic(file, book.dump());
}

}  // namespace cityloop::trust
