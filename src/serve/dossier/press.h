// Letters for a sheet: the fonts of the machine, and texts as lines that may be set on different pages. Pango's and
// fontconfig's types show here, so only sheet.cc includes this.
#pragma once

#include <fontconfig/fontconfig.h>
#include <pango/pangocairo.h>

#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "serve/dossier/sheet.h"

namespace cityloop::serve {

template <auto Free>
struct Freed {
  void operator()(auto* one) const { Free(one); }
};

struct Look {
  double size{9.2};
  Colour colour{ink::kText};
  bool strong{false};
  bool serif{false};
  Align align{Align::left};
  double leading{1.32};  // from one line to the next, in sizes
};

struct Text {
  struct Line {
    PangoLayoutLine* line;
    double left;  // of the column, as the alignment wants it
  };
  std::unique_ptr<PangoLayout, Freed<g_object_unref>> layout;  // owns the lines
  std::vector<Line> lines;
  double leading{};     // from one line to the next
  double ascent{};      // from a line's top to its letters' foot
  double width{};       // of the longest line
  std::size_t next{0};  // the first line that is not set yet
  Colour colour{};
  double height_left() const { return double(lines.size() - next) * leading; }
};

// The fonts, found once for a sheet.
class Press {
 public:
  // Errc::unavailable when there is none with Chinese letters.
  static base::Result<std::unique_ptr<Press>> make(const SheetInfo&);

  Text set(std::string_view markup, const Look&, double width) const;

 private:
  Press() = default;
  std::unique_ptr<FcConfig, Freed<FcConfigDestroy>> files_;  // null: the machine's own
  std::unique_ptr<PangoFontMap, Freed<g_object_unref>> map_;
  std::unique_ptr<PangoContext, Freed<g_object_unref>> room_;
};

}  // namespace cityloop::serve
