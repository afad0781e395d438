// The bytes of a file, unpacked when it is gzip (told by its first bytes, not by its name). Memory does not depend on
// the size of the file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/result.h"

namespace cityloop::sense {

class ByteSource {
 public:
  static base::Result<std::unique_ptr<ByteSource>> open(const std::filesystem::path&);
  // All of a file that may be held at once.
  static base::Result<std::string> read_all(const std::filesystem::path&);
  ~ByteSource();

  // Up to `most` bytes; 0 at the end. A file that is damaged or cut short gives all its good bytes first, and then the
  // error, every time.
  base::Result<std::size_t> read(char* to, std::size_t most);

  std::uint64_t file_bytes() const;       // its size when it was opened
  std::uint64_t file_bytes_done() const;  // of the file, packed as it is

 private:
  struct Inside;
  explicit ByteSource(std::unique_ptr<Inside>);
  std::unique_ptr<Inside> inside_;
};

}  // namespace cityloop::sense
