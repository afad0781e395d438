// The few things that the store asks of a file system, each told in words when it fails; and the place where tests make
// it fail.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cityloop::store {

enum class DiskStep : std::uint8_t { create, write, flush, truncate };

// Asked before each step, from any thread: 0 lets it happen, an errno value makes it fail with that. A write that is
// made to fail leaves half of its bytes behind, as a full disk does.
using DiskFaults = std::function<int(DiskStep, std::string_view path)>;

// Errc::full when the disk has no room, else Errc::unavailable.
std::unexpected<base::Error> disk_error(std::string_view doing, std::string_view path, int error);

// One open file. Reading is safe from any thread; the rest belongs to one.
class File {
 public:
  static base::Result<File> create(const std::string& path, const DiskFaults&);  // must not exist
  static base::Result<File> open(const std::string& path, const DiskFaults&, bool writable);
  File(File&&) noexcept;
  File& operator=(File&&) noexcept;
  ~File();

  base::Status write(std::uint64_t at, std::string_view head, std::string_view body) const;
  base::Status flush() const;  // fdatasync
  base::Status truncate(std::uint64_t bytes) const;
  // What there is at `at`, at most `bytes`: fewer at the end of the file.
  base::Result<std::string_view> read(std::uint64_t at, std::span<char> into) const;
  base::Result<std::uint64_t> size() const;
  const std::string& path() const { return path_; }

 private:
  File(int descriptor, std::string path, const DiskFaults& faults);
  int fault(DiskStep) const;

  int descriptor_{-1};
  std::string path_;
  const DiskFaults* faults_{nullptr};
};

// Names made or removed in a folder are on disk when it returns.
base::Status flush_folder(const std::string& folder, const DiskFaults&);
base::Result<std::string> read_whole(const std::string& path);
// In place at once and whole, or not at all.
base::Status write_whole(const std::string& path, std::string_view text, const DiskFaults&);

// CRC-32C (Castagnoli), continued from `crc`.
std::uint32_t crc32c(std::string_view, std::uint32_t crc = 0);

}  // namespace cityloop::store
