#include <filesystem>

#include "app/commands.h"
#include "sense/feed_book.h"

namespace cityloop::app {

base::Status check_feed(const FeedCheckOptions& options) {
  const std::filesystem::path file = std::filesystem::absolute(options.file);
  const sense::Folders folders{options.source, file.parent_path().parent_path()};
  fmt::print("{}\n", TRY(sense::check_feed(file, folders, base::WallClock(), options.rows)).text());
  return {};
}

}  // namespace cityloop::app
