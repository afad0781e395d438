#include "serve/dossier/press.h"

#include <pango/pangofc-fontmap.h>

#include <algorithm>

namespace cityloop::serve {
namespace {

using base::Errc;
using base::fail;
using base::Result;

constexpr const char* kFamily = "Noto Sans CJK SC, Noto Sans, DejaVu Sans, sans-serif";
constexpr const char* kSerif = "Noto Serif CJK SC, Noto Serif, DejaVu Serif, serif";
using Font = std::unique_ptr<PangoFontDescription, Freed<pango_font_description_free>>;

// Asked before anything is laid out: Pango without any font ends the program. A null config is the machine's.
bool has_chinese(FcConfig* config) {
  FcPattern* const pattern = FcPatternCreate();
  FcCharSet* const letters = FcCharSetCreate();
  for (const FcChar32 letter : {0x6848u, 0x4ef6u, 0x5904u}) FcCharSetAddChar(letters, letter);
  FcPatternAddCharSet(pattern, FC_CHARSET, letters);
  FcObjectSet* const wanted = FcObjectSetBuild(FC_FAMILY, nullptr);
  FcFontSet* const found = FcFontList(config, pattern, wanted);
  const bool out = found && found->nfont > 0;
  if (found) FcFontSetDestroy(found);
  FcObjectSetDestroy(wanted);
  FcCharSetDestroy(letters);
  FcPatternDestroy(pattern);
  return out;
}

}  // namespace

Result<std::unique_ptr<Press>> Press::make(const SheetInfo& info) {
  std::unique_ptr<Press> press(new Press);
  press->map_.reset(pango_cairo_font_map_new());
  if (!info.font_config.empty()) {
    press->files_.reset(FcConfigCreate());
    const auto* const file = reinterpret_cast<const FcChar8*>(info.font_config.c_str());
    if (FcConfigParseAndLoad(press->files_.get(), file, FcTrue) == FcTrue) FcConfigBuildFonts(press->files_.get());
    pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(press->map_.get()), press->files_.get());
  }
  if (!has_chinese(press->files_.get()))
    return fail(Errc::unavailable,
                "no font with Chinese letters is installed on the server: install one (Debian: apt-get install "
                "fonts-noto-cjk), then try again");
  press->room_.reset(pango_font_map_create_context(press->map_.get()));
  // What the printer has no points for is no business of ours: letters stand where the layout says.
  cairo_font_options_t* const options = cairo_font_options_create();
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  pango_cairo_context_set_font_options(press->room_.get(), options);
  cairo_font_options_destroy(options);
  pango_cairo_context_set_resolution(press->room_.get(), 72);
  pango_context_set_round_glyph_positions(press->room_.get(), FALSE);
  pango_context_set_language(press->room_.get(), pango_language_from_string(info.language == "zh" ? "zh-cn" : "en"));
  return press;
}

Text Press::set(std::string_view markup, const Look& look, double width) const {
  Text out;
  out.layout.reset(pango_layout_new(room_.get()));
  PangoLayout* const layout = out.layout.get();
  const Font font(pango_font_description_from_string(look.serif ? kSerif : kFamily));
  pango_font_description_set_absolute_size(font.get(), look.size * PANGO_SCALE);
  if (look.strong) pango_font_description_set_weight(font.get(), PANGO_WEIGHT_BOLD);
  pango_layout_set_font_description(layout, font.get());
  pango_layout_set_width(layout, int(width * PANGO_SCALE));
  pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
  constexpr PangoAlignment kAlign[] = {PANGO_ALIGN_LEFT, PANGO_ALIGN_CENTER, PANGO_ALIGN_RIGHT};
  pango_layout_set_alignment(layout, kAlign[std::size_t(look.align)]);
  pango_layout_set_markup(layout, markup.data(), int(markup.size()));
  out.leading = look.size * look.leading;
  out.ascent = look.size * (look.leading / 2 + 0.38);
  out.colour = look.colour;
  PangoLayoutIter* const walk = pango_layout_get_iter(layout);
  do {
    PangoRectangle place;
    pango_layout_iter_get_line_extents(walk, nullptr, &place);
    out.lines.push_back({pango_layout_iter_get_line_readonly(walk), double(place.x) / PANGO_SCALE});
    out.width = std::max(out.width, double(place.width) / PANGO_SCALE);
  } while (pango_layout_iter_next_line(walk));
  pango_layout_iter_free(walk);
  return out;
}

}  // namespace cityloop::serve
