#include "domain/awards/blind/pdf_page.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <sstream>

#include <cairo-pdf.h>
#include <turbojpeg.h>

#include <fmt/format.h>

#include "domain/awards/entry/program.h"

namespace cityloop::awards::blind {
namespace {

constexpr int kQuality = 85;

base::Result<PagePicture> parse_ppm(const std::string& bytes) {
  std::istringstream in(bytes.substr(0, 64));
  std::string magic;
  PagePicture out;
  unsigned most = 0;
  in >> magic >> out.width >> out.height >> most;
  if (!in || magic != "P6" || most != 255)
    return base::fail(base::Errc::malformed, "a page of the PDF cannot be drawn");
  const auto head = std::size_t(in.tellg()) + 1;
  const std::size_t size = std::size_t(out.width) * out.height * 3;
  if (out.width == 0 || bytes.size() < head + size)
    return base::fail(base::Errc::malformed, "a page of the PDF is cut off");
  out.rgb = bytes.substr(head, size);
  return out;
}

using Handle = std::unique_ptr<void, decltype([](void* handle) { tjDestroy(handle); })>;
using Surface = std::unique_ptr<cairo_surface_t, decltype([](cairo_surface_t* it) { cairo_surface_destroy(it); })>;
using Pen = std::unique_ptr<cairo_t, decltype([](cairo_t* it) { cairo_destroy(it); })>;

base::Result<std::string> jpeg_of(const PagePicture& picture) {
  const Handle handle(tjInitCompress());
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  const int done =
      tjCompress2(handle.get(), reinterpret_cast<const unsigned char*>(picture.rgb.data()), int(picture.width), 0,
                  int(picture.height), TJPF_RGB, &bytes, &size, TJSAMP_444, kQuality, 0);
  const std::unique_ptr<unsigned char, decltype([](unsigned char* it) { tjFree(it); })> owner(bytes);
  if (done != 0) return base::fail(base::Errc::unavailable, "a page was not encoded: {}", tjGetErrorStr2(handle.get()));
  return std::string(reinterpret_cast<const char*>(bytes), size);
}

cairo_status_t append(void* to, const unsigned char* bytes, unsigned size) {
  static_cast<std::string*>(to)->append(reinterpret_cast<const char*>(bytes), size);
  return CAIRO_STATUS_SUCCESS;
}

}  // namespace

std::string PagePicture::as_ppm() const {
  return fmt::format("P6\n{} {}\n255\n", width, height) + rgb;
}

void PagePicture::blacken(double left, double top, double right, double bottom) {
  const auto at = [](double part, unsigned size, bool up) {
    const double pixel = part * size;
    return std::size_t(std::clamp(up ? std::ceil(pixel) : std::floor(pixel), 0.0, double(size)));
  };
  const std::size_t from = at(left, width, false), to = at(right, width, true);
  for (std::size_t y = at(top, height, false); y < at(bottom, height, true) && from < to; ++y)
    std::fill_n(rgb.begin() + std::ptrdiff_t((y * width + from) * 3), (to - from) * 3, '\0');
}

base::Result<PagePicture> picture_of(const std::string& path, std::size_t page, unsigned pixels_max) {
  const std::string number = fmt::format("{}", page + 1);
  const ProgramOutcome out =
      TRY(run_program({"pdftoppm", "-f", number, "-l", number, "-scale-to", fmt::format("{}", pixels_max), path}));
  if (out.status != 0)
    return base::fail(base::Errc::malformed, "page {} of the PDF cannot be drawn: {}", number, out.err.substr(0, 200));
  return parse_ppm(out.out);
}

base::Result<std::string> pdf_of_pictures(const std::vector<PagePicture>& pictures,
                                          const std::vector<PageSize>& sizes) {
  std::string out;
  const Surface pdf(cairo_pdf_surface_create_for_stream(append, &out, 1, 1));
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const std::string jpeg = TRY(jpeg_of(pictures[i]));
    cairo_pdf_surface_set_size(pdf.get(), sizes[i].width_pt, sizes[i].height_pt);
    const Surface image(
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, int(pictures[i].width), int(pictures[i].height)));
    auto* const copy = static_cast<unsigned char*>(std::malloc(jpeg.size()));
    std::ranges::copy(jpeg, copy);
    if (cairo_surface_set_mime_data(image.get(), CAIRO_MIME_TYPE_JPEG, copy, jpeg.size(), std::free, copy) !=
        CAIRO_STATUS_SUCCESS)
      std::free(copy);
    const Pen pen(cairo_create(pdf.get()));
    cairo_scale(pen.get(), sizes[i].width_pt / pictures[i].width, sizes[i].height_pt / pictures[i].height);
    cairo_set_source_surface(pen.get(), image.get(), 0, 0);
    cairo_paint(pen.get());
    cairo_show_page(pen.get());
  }
  cairo_surface_finish(pdf.get());
  if (const cairo_status_t status = cairo_surface_status(pdf.get()); status != CAIRO_STATUS_SUCCESS)
    return base::fail(base::Errc::unavailable, "the blind copy was not made: {}", cairo_status_to_string(status));
  return out;
}

}  // namespace cityloop::awards::blind
