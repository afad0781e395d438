// Files into one ZIP in memory, in the order given; the same files and time give the same bytes. libzip is inside.
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace cityloop::serve {

struct PackedFile {
  std::string name;  // "folder/file", UTF-8
  std::string content;
  bool packed_already{false};  // a photo, a PDF: stored as it is
};

// `at` is every file's time; ZIP keeps it to two seconds, from 1980 on.
base::Result<std::string> make_zip(std::span<const PackedFile>, base::Instant at);

}  // namespace cityloop::serve
