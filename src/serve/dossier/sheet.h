// A4 pages to be printed and read aloud: text, tables, drawings and photos in one column, as a tagged PDF. Cairo and
// Pango are inside and seen nowhere else.
//
//   CaseSheet ─ what to say, in order ─▶ [Sheet] ─▶ PDF
//
// Texts are Pango markup: whatever was not written by us goes through plain() first. Lengths are points, 1/72 inch.
// What does not fit on a page goes on with the next one, rows of tables under their titles. The same calls with the
// same SheetInfo give the same bytes. One thread at a time; several sheets may be made by several threads.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace cityloop::serve {

struct Colour {
  double red{}, green{}, blue{};
};
namespace ink {
inline constexpr Colour kText{0.11, 0.13, 0.16}, kSoft{0.42, 0.46, 0.51}, kHair{0.82, 0.84, 0.87},
    kPaper{0.965, 0.97, 0.976}, kSeal{0.72, 0.11, 0.13}, kBlue{0.10, 0.32, 0.56}, kGreen{0.13, 0.49, 0.33},
    kAmber{0.80, 0.52, 0.06}, kWater{0.80, 0.89, 0.95}, kPark{0.86, 0.93, 0.84}, kRoad{0.70, 0.73, 0.77};
}

struct Spot {
  double x{}, y{};  // from the upper left corner
};

enum class Align : std::uint8_t { left, centre, right };

// What a drawing is made with.
class Canvas {
 public:
  virtual ~Canvas() = default;
  virtual void line(std::span<const Spot>, double width, Colour, bool dashed = false) = 0;
  virtual void area(std::span<const Spot>, Colour fill) = 0;
  virtual void box(Spot corner, double width, double height, Colour fill) = 0;
  virtual void disc(Spot centre, double radius, Colour fill) = 0;
  // One line of plain text, its middle at the height of `at`, with a pale edge so that it is read on anything.
  virtual void text(Spot at, std::string_view, double size, Colour, Align = Align::left) = 0;
};

struct SheetInfo {
  std::string title, subject, author;
  std::string language;     // "zh", "en"
  base::Instant made_at;    // stands in the file's metadata
  std::string footer;       // markup, on every page beside its number
  std::string page_of;      // "Page {} of {}"
  std::string font_config;  // a file of fontconfig's; empty: the machine's own
};

struct Masthead {
  std::string office;   // who issues it
  std::string title;    // what it is
  std::string subject;  // what it is about
  std::string number;
  std::string state;  // beside the subject, in a frame
  Colour state_ink{ink::kBlue};
  std::string code;  // for the square code; what a reader of it is given
};

struct Column {
  std::string title;
  double width{};  // share of the sheet's
};

struct Photo {
  std::string jpeg;  // as it is on disk; what is none is passed over
  std::string caption;
};

class Sheet {
 public:
  virtual ~Sheet() = default;
  virtual void masthead(const Masthead&) = 0;
  // Also a bookmark. So much of what follows stands on the same page.
  virtual void heading(std::string_view, double follows = 40) = 0;
  virtual void paragraph(std::string_view markup) = 0;
  virtual void note(std::string_view markup) = 0;   // small and soft
  virtual void quote(std::string_view markup) = 0;  // somebody's own words
  // Names and values, two pairs beside one another; a value that is long has a line to itself.
  virtual void facts(std::span<const std::pair<std::string, std::string>>) = 0;
  virtual void table(std::span<const Column>, std::span<const std::vector<std::string>> rows) = 0;
  // As wide as the sheet; `draw` is given the width.
  virtual void drawing(double height, const std::function<void(Canvas&, double width)>& draw) = 0;
  virtual void photos(std::span<const Photo>) = 0;
  virtual void space(double) = 0;
};

std::string plain(std::string_view);  // as markup that shows just this
std::string bold(std::string_view plain_text);
std::string soft(std::string_view plain_text);  // small and grey

// Errc::unavailable, with what to install, when no font here has Chinese letters. `compose` is called twice: how many
// pages there are is known after the first time.
base::Result<std::string> make_sheet(const SheetInfo&, const std::function<void(Sheet&)>& compose);

}  // namespace cityloop::serve
