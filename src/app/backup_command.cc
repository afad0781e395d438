// `cityloop backup`, `restore` and `check`: a data folder as a whole, that is every store in it (the city's and each
// tenant's) and the files beside them. A server may be running in it: a store is copied as it is at one sequence.
#include <filesystem>
#include <fstream>

#include "app/commands.h"
#include "store/sqlite.h"
#include "store/store.h"
#include "twin/check.h"

namespace cityloop::app {
namespace {

namespace fs = std::filesystem;
using base::Errc;
using base::fail;
using base::Result;
using base::Status;

bool is_store(const fs::path& folder) {
  return fs::exists(folder / "FORMAT");
}

// What others may be writing to.
bool is_table(const fs::path& file) {
  constexpr std::string_view kHead = "SQLite format 3";
  std::string head(kHead.size(), 0);
  return std::ifstream(file, std::ios::binary).read(head.data(), std::ssize(head)) && head == kHead;
}

// Of a step that was under way: what is copied is as of before it.
bool is_journal(const fs::path& file) {
  constexpr std::string_view kEnd = "-journal";
  const std::string name = file.string();
  return name.ends_with(kEnd) && is_table(name.substr(0, name.size() - kEnd.size()));
}

// Folders of stores below `root`, relative to it, sorted.
Result<std::vector<fs::path>> stores_of(const std::string& root) {
  std::vector<fs::path> out;
  std::error_code error;
  for (auto it = fs::recursive_directory_iterator(root, error); !error && it != fs::recursive_directory_iterator();
       it.increment(error)) {
    if (!it->is_directory(error) || !is_store(it->path())) continue;
    out.push_back(fs::relative(it->path(), root));
    it.disable_recursion_pending();
  }
  if (error) return fail(Errc::unavailable, "cannot look through {}: {}", root, error.message());
  std::ranges::sort(out);
  if (out.empty()) return fail(Errc::not_found, "there is no store in {}", root);
  return out;
}

// Accounts and the like: written whole by whoever writes them, so that a copy of a file is a file.
Status copy_beside(const std::string& from, const std::string& to) {
  std::error_code error;
  for (auto it = fs::recursive_directory_iterator(from, error); !error && it != fs::recursive_directory_iterator();
       it.increment(error)) {
    if (it->is_directory(error)) {
      if (is_store(it->path())) it.disable_recursion_pending();
      continue;
    }
    if (!it->is_regular_file(error)) continue;
    if (is_journal(it->path())) continue;
    const fs::path target = fs::path(to) / fs::relative(it->path(), from);
    fs::create_directories(target.parent_path(), error);
    if (is_table(it->path())) {
      TRY(store::Sqlite::copy(it->path().string(), target.string()));
      continue;
    }
    fs::copy_file(it->path(), target, error);
    if (error) return fail(Errc::unavailable, "cannot copy {}: {}", it->path().string(), error.message());
  }
  if (error) return fail(Errc::unavailable, "cannot look through {}: {}", from, error.message());
  return {};
}

Status check_free(const std::string& to) {
  std::error_code error;
  if (fs::exists(to) && !fs::is_empty(to, error)) return fail(Errc::exists, "{} is there already, and not empty", to);
  return {};
}

// Copies a data folder; gives a line for each store.
Status copy_all(const std::string& from, const std::string& to, std::string_view done) {
  TRY(check_free(to));
  for (const fs::path& store : TRY(stores_of(from))) {
    const std::string target = (fs::path(to) / store).string();
    fs::create_directories(fs::path(target).parent_path());
    const flow::Seq seq = TRY(store::back_up((fs::path(from) / store).string(), target));
    fmt::print("{} {}: {} records, checked\n", store.string(), done, seq);
  }
  return copy_beside(from, to);
}

}  // namespace

Status back_up(const BackupOptions& options) {
  return copy_all(options.data, options.folder, "saved");
}

Status restore(const BackupOptions& options) {
  return copy_all(options.folder, options.data, "restored");
}

Status check_data(const BackupOptions& options) {
  std::size_t damaged = 0;
  for (const fs::path& store : TRY(stores_of(options.data))) {
    std::size_t here = 0;
    TRY(twin::check_data((fs::path(options.data) / store).string(), [&](std::string_view damage) {
      fmt::print("{}: {}\n", store.string(), damage);
      ++here;
    }));
    if (here == 0) fmt::print("{}: whole\n", store.string());
    damaged += here;
  }
  if (damaged > 0) return fail(Errc::corrupt, "{} places are damaged", damaged);
  return {};
}

}  // namespace cityloop::app
