// The accounts' file on disk, shared by the processes of one machine: read when another has changed it, written whole
// and atomically under a lock, mode 0600.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "trust/account_book.h"

namespace cityloop::trust {

// Held while a process reads, changes and writes the file; let go at the end of its scope or of the process.
class FileLock {
 public:
  static base::Result<FileLock> take(const std::string& file);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

// Tells one state of a file from the next.
struct FileStamp {
  std::uint64_t inode{0}, size{0};
  std::int64_t changed_ns{0};
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
  static FileStamp of(const std::string& file);  // all zero: there is none
};

base::Result<AccountBook> read_accounts(const std::string& file);  // empty when there is none
base::Status write_accounts(const std::string& file, const AccountBook&);

}  // namespace cityloop::trust
