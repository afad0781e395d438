// Photos on disk, by their content: DATA/media/ab/abcd….jpg and .thumb.jpg.
//
//   make_photo ─ Photo ─▶ [PhotoShelf] ─▶ routes
//
// A photo that put() has returned is on disk, name and all. The same photo twice is one. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "civic/photo.h"

namespace cityloop::civic {

enum class PhotoSize : std::uint8_t { full, thumb };

bool is_photo_id(std::string_view);

class PhotoShelf {
 public:
  static base::Result<PhotoShelf> open(std::string folder);

  base::Status put(const Photo&) const;
  base::Result<std::string> get(std::string_view id, PhotoSize) const;  // Errc::not_found
  bool erase(std::string_view id) const;                                // true when it is not there any more
  // Ids of all that lie here since before then by the machine's clock.
  std::vector<std::string> older_than(base::Duration age) const;

 private:
  explicit PhotoShelf(std::string folder) : folder_(std::move(folder)) {}
  std::string path(std::string_view id, PhotoSize) const;

  std::string folder_;
};

}  // namespace cityloop::civic
