// The picture of one page of a PDF: as pdftoppm draws it, with boxes burnt in, as a page of a PDF of pictures.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace cityloop::awards::blind {

struct PagePicture {
  unsigned width{}, height{};
  std::string rgb;  // three bytes a pixel, row by row

  std::string as_ppm() const;
  // In parts of width and height; what lies beyond the edges is cut off.
  void blacken(double left, double top, double right, double bottom);
};

// `page` from 0. Errc::malformed when it cannot be drawn within bounds.
base::Result<PagePicture> picture_of(const std::string& path, std::size_t page, unsigned pixels_max);

struct PageSize {
  double width_pt{}, height_pt{};
};
base::Result<std::string> pdf_of_pictures(const std::vector<PagePicture>&, const std::vector<PageSize>&);

}  // namespace cityloop::awards::blind
