// Where the files that a mapping names are looked for: first in the folder of data that the operator gave, then in the
// city's own folder. A path that is absolute stands for itself.
#pragma once

#include <filesystem>
#include <vector>

#include "base/result.h"

namespace cityloop::sense {

struct Folders {
  std::filesystem::path data;  // may be empty
  std::filesystem::path city;

  base::Result<std::filesystem::path> find(const std::filesystem::path& file) const;
};

}  // namespace cityloop::sense
