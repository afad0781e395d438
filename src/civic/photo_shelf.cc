#include "civic/photo_shelf.h"

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "store/disk.h"

namespace cityloop::civic {
namespace {

namespace fs = std::filesystem;
using base::Errc;
using base::fail;
using base::Result;
using base::Status;

constexpr std::size_t kIdSize = 64;

}  // namespace

bool is_photo_id(std::string_view text) {
  return text.size() == kIdSize &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

Result<PhotoShelf> PhotoShelf::open(std::string folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail(Errc::unavailable, "cannot make {}: {}", folder, error.message());
  return PhotoShelf(std::move(folder));
}

std::string PhotoShelf::path(std::string_view id, PhotoSize size) const {
  return fmt::format("{}/{}/{}{}", folder_, id.substr(0, 2), id, size == PhotoSize::full ? ".jpg" : ".thumb.jpg");
}

// The thumb first: who finds the photo finds both.
Status PhotoShelf::put(const Photo& photo) const {
  const std::string folder = fmt::format("{}/{}", folder_, photo.id.substr(0, 2));
  std::error_code error;
  const bool made = fs::create_directory(folder, error);
  if (error) return fail(Errc::unavailable, "cannot make {}: {}", folder, error.message());
  const store::DiskFaults none;
  if (made) TRY(store::flush_folder(folder_, none));
  TRY(base::write_file_atomic(path(photo.id, PhotoSize::thumb), photo.thumb));
  TRY(base::write_file_atomic(path(photo.id, PhotoSize::full), photo.full));
  return store::flush_folder(folder, none);
}

Result<std::string> PhotoShelf::get(std::string_view id, PhotoSize size) const {
  if (!is_photo_id(id)) return fail(Errc::not_found, "there is no such photo");
  auto content = base::read_file(path(id, size));
  if (!content) return fail(Errc::not_found, "there is no such photo");
  return content;
}

bool PhotoShelf::erase(std::string_view id) const {
  if (!is_photo_id(id)) return false;
  std::error_code error;
  fs::remove(path(id, PhotoSize::full), error);
  if (error) return false;
  fs::remove(path(id, PhotoSize::thumb), error);
  return !error;
}

std::vector<std::string> PhotoShelf::older_than(base::Duration age) const {
  std::vector<std::string> out;
  std::error_code error;
  const auto before = fs::file_time_type::clock::now() - age;
  for (auto it = fs::recursive_directory_iterator(folder_, error); !error && it != fs::recursive_directory_iterator();
       it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (!it->is_regular_file(error) || name.size() < kIdSize || !is_photo_id(name.substr(0, kIdSize))) continue;
    if (it->last_write_time(error) < before && !error) out.push_back(name.substr(0, kIdSize));
  }
  std::ranges::sort(out);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace cityloop::civic
