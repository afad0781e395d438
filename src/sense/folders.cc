#include "sense/folders.h"

namespace cityloop::sense {

base::Result<std::filesystem::path> Folders::find(const std::filesystem::path& file) const {
  std::error_code ignored;
  std::string tried;
  for (const auto& folder : {data, city}) {
    if (folder.empty() && file.is_relative()) continue;
    auto path = folder / file;  // an absolute `file` takes the folder's place
    if (std::filesystem::is_regular_file(path, ignored)) return path;
    tried += tried.empty() ? path.string() : " or " + path.string();
    if (file.is_absolute()) break;
  }
  return base::fail(base::Errc::not_found, "the file '{}' is not there: looked for {}", file.string(),
                    tried.empty() ? "no folder at all" : tried);
}

}  // namespace cityloop::sense
