#include "store/disk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

namespace cityloop::store {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

int ask(const DiskFaults& faults, DiskStep step, std::string_view path) {
  return faults ? faults(step, path) : 0;
}

}  // namespace

std::unexpected<base::Error> disk_error(std::string_view doing, std::string_view path, int error) {
  if (error == ENOSPC || error == EDQUOT) return fail(Errc::full, "the disk is full: cannot {} {}", doing, path);
  return fail(Errc::unavailable, "the disk fails: cannot {} {}: {}", doing, path,
              std::system_category().message(error));
}

File::File(int descriptor, std::string path, const DiskFaults& faults)
    : descriptor_(descriptor), path_(std::move(path)), faults_(&faults) {}

File::File(File&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)), faults_(other.faults_) {}

File& File::operator=(File&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(path_, other.path_);
  std::swap(faults_, other.faults_);
  return *this;
}

File::~File() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

int File::fault(DiskStep step) const {
  return ask(*faults_, step, path_);
}

Result<File> File::create(const std::string& path, const DiskFaults& faults) {
  if (const int error = ask(faults, DiskStep::create, path)) return disk_error("make", path, error);
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (descriptor < 0) return disk_error("make", path, errno);
  return File(descriptor, path, faults);
}

Result<File> File::open(const std::string& path, const DiskFaults& faults, bool writable) {
  const int descriptor = ::open(path.c_str(), (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC);
  if (descriptor < 0) return disk_error("open", path, errno);
  return File(descriptor, path, faults);
}

Status File::write(std::uint64_t at, std::string_view head, std::string_view body) const {
  const int fault = this->fault(DiskStep::write);
  if (fault) body = body.substr(0, body.size() / 2);
  while (!head.empty() || !body.empty()) {
    const iovec parts[2] = {{const_cast<char*>(head.data()), head.size()},
                            {const_cast<char*>(body.data()), body.size()}};
    const ssize_t done = ::pwritev(descriptor_, parts, 2, off_t(at));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return disk_error("write", path_, errno);
    if (done == 0) return disk_error("write", path_, ENOSPC);
    at += std::uint64_t(done);
    const std::size_t of_head = std::min(head.size(), std::size_t(done));
    head.remove_prefix(of_head);
    body.remove_prefix(std::size_t(done) - of_head);
  }
  if (fault) return disk_error("write", path_, fault);
  return {};
}

Status File::flush() const {
  if (const int error = fault(DiskStep::flush)) return disk_error("flush", path_, error);
  if (::fdatasync(descriptor_) != 0) return disk_error("flush", path_, errno);
  return {};
}

Status File::truncate(std::uint64_t bytes) const {
  if (const int error = fault(DiskStep::truncate)) return disk_error("shorten", path_, error);
  if (::ftruncate(descriptor_, off_t(bytes)) != 0) return disk_error("shorten", path_, errno);
  return {};
}

Result<std::string_view> File::read(std::uint64_t at, std::span<char> into) const {
  std::size_t have = 0;
  while (have < into.size()) {
    const ssize_t done = ::pread(descriptor_, into.data() + have, into.size() - have, off_t(at + have));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return disk_error("read", path_, errno);
    if (done == 0) break;
    have += std::size_t(done);
  }
  return std::string_view(into.data(), have);
}

Result<std::uint64_t> File::size() const {
  struct stat about{};
  if (::fstat(descriptor_, &about) != 0) return disk_error("look at", path_, errno);
  return std::uint64_t(about.st_size);
}

Status flush_folder(const std::string& folder, const DiskFaults& faults) {
  if (const int error = ask(faults, DiskStep::flush, folder)) return disk_error("flush", folder, error);
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return disk_error("open", folder, errno);
  const int done = ::fsync(descriptor);
  const int error = errno;
  ::close(descriptor);
  if (done != 0) return disk_error("flush", folder, error);
  return {};
}

Result<std::string> read_whole(const std::string& path) {
  const DiskFaults none;
  const File file = TRY(File::open(path, none, false));
  std::string text(TRY(file.size()), '\0');
  text.resize(TRY(file.read(0, text)).size());
  return text;
}

Status write_whole(const std::string& path, std::string_view text, const DiskFaults& faults) {
  const std::string fresh = path + ".new";
  ::unlink(fresh.c_str());
  {
    const File file = TRY(File::create(fresh, faults));
    TRY(file.write(0, text, {}));
    TRY(file.flush());
  }
  if (::rename(fresh.c_str(), path.c_str()) != 0) return disk_error("rename", fresh, errno);
  return flush_folder(std::filesystem::path(path).parent_path().string(), faults);
}

namespace {

constexpr std::array<std::uint32_t, 256> crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0u);
    table[i] = crc;
  }
  return table;
}

std::uint32_t crc_by_table(std::string_view bytes, std::uint32_t crc) {
  static constexpr auto kTable = crc_table();
  for (const char byte : bytes) crc = kTable[(crc ^ std::uint8_t(byte)) & 0xff] ^ crc >> 8;
  return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc_by_processor(std::string_view bytes, std::uint32_t crc) {
  std::uint64_t wide = crc;
  while (bytes.size() >= 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data(), 8);
    wide = __builtin_ia32_crc32di(wide, word);
    bytes.remove_prefix(8);
  }
  return crc_by_table(bytes, std::uint32_t(wide));
}
#endif

}  // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc) {
  crc = ~crc;
#if defined(__x86_64__)
  static const bool can = __builtin_cpu_supports("sse4.2");
  if (can) return ~crc_by_processor(bytes, crc);
#endif
  return ~crc_by_table(bytes, crc);
}

}  // namespace cityloop::store
