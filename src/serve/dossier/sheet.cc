#include "serve/dossier/sheet.h"

#include <cairo/cairo-pdf.h>
#include <qrencode.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "serve/dossier/pdf_file.h"
#include "serve/dossier/press.h"

namespace cityloop::serve {
namespace {

using base::Errc;
using base::fail;
using base::Result;

constexpr double kWidth = 595.28, kHeight = 841.89;
constexpr double kLeft = 51, kRight = 51, kTop = 48, kBottom = 58;
constexpr double kInner = kWidth - kLeft - kRight;
constexpr double kSmall = 8.0, kPad = 4.5;

using Surface = std::unique_ptr<cairo_surface_t, Freed<cairo_surface_destroy>>;
using Context = std::unique_ptr<cairo_t, Freed<cairo_destroy>>;
using Square = std::unique_ptr<QRcode, Freed<QRcode_free>>;

const char* tag_name(std::size_t level) {
  return level == 1 ? "H1" : "H2";
}

class PdfSheet final : public Sheet, private Canvas {
 public:
  PdfSheet(const Press& press, const SheetInfo& info, int pages, cairo_surface_t* to)
      : press_(press), info_(info), pages_(pages), surface_(to), cairo_(cairo_create(to)) {
    begin("Document");
    foot();
  }

  int finish() {
    end("Document");
    cairo_show_page(cairo_.get());
    return page_;
  }

  void masthead(const Masthead&) override;
  void heading(std::string_view, double follows) override;
  void paragraph(std::string_view markup) override { flow(markup, {}, 0, kInner, "P"), y_ += 4; }
  void note(std::string_view markup) override {
    flow(markup, {.size = kSmall, .colour = ink::kSoft}, 0, kInner, "P");
    y_ += 4;
  }
  void quote(std::string_view) override;
  void facts(std::span<const std::pair<std::string, std::string>>) override;
  void table(std::span<const Column>, std::span<const std::vector<std::string>>) override;
  void drawing(double, const std::function<void(Canvas&, double)>&) override;
  void photos(std::span<const Photo>) override;
  void space(double points) override { y_ += points; }

 private:
  // Canvas, from (origin_x_, origin_y_) on.
  void line(std::span<const Spot>, double width, Colour, bool dashed) override;
  void area(std::span<const Spot>, Colour) override;
  void box(Spot, double, double, Colour) override;
  void disc(Spot, double, Colour) override;
  void text(Spot, std::string_view, double, Colour, Align) override;

  cairo_t* at() const { return cairo_.get(); }
  void paint(Colour colour) { cairo_set_source_rgb(at(), colour.red, colour.green, colour.blue); }
  void begin(const char* tag) { cairo_tag_begin(at(), tag, nullptr); }
  void end(const char* tag) { cairo_tag_end(at(), tag); }
  void rule(double y, double width, Colour, double from = 0, double to = kInner);
  void path(std::span<const Spot>);

  Text set(std::string_view markup, const Look& look, double width) const { return press_.set(markup, look, width); }
  void draw_line(const Text&, std::size_t line, double x, double y);
  void draw(Text&, double x, double y);  // all lines that are left
  void flow(std::string_view markup, const Look&, double indent, double width, const char* tag);
  double room_left() const { return kHeight - kBottom - y_; }
  void need(double points) {
    if (room_left() < points) turn();
  }
  void turn();
  void foot();
  void table_titles(std::span<const Column>);
  void table_row(std::span<const Column>, const std::vector<std::string>&, bool shaded);
  bool table_slice(std::span<const Column>, std::vector<Text>&, bool shaded);
  void square_code(const std::string&, double x, double y, double side);
  void photo_row(std::span<const Photo>, double width);
  void draw_jpeg(const std::string&, double x, double y, double width, double height);

  const Press& press_;
  const SheetInfo& info_;
  const int pages_;  // 0: not known yet
  cairo_surface_t* surface_;
  Context cairo_;
  double y_{0}, origin_x_{0}, origin_y_{0};
  int page_{1};
};

void PdfSheet::rule(double y, double width, Colour colour, double from, double to) {
  paint(colour);
  cairo_set_line_width(at(), width);
  cairo_move_to(at(), kLeft + from, y);
  cairo_line_to(at(), kLeft + to, y);
  cairo_stroke(at());
}

void PdfSheet::draw_line(const Text& text, std::size_t line, double x, double y) {
  paint(text.colour);
  cairo_move_to(at(), x + text.lines[line].left, y + text.ascent);
  pango_cairo_show_layout_line(at(), text.lines[line].line);
}

void PdfSheet::draw(Text& text, double x, double y) {
  for (; text.next < text.lines.size(); ++text.next, y += text.leading) draw_line(text, text.next, x, y);
}

// Sets a text line by line, over as many pages as it takes.
void PdfSheet::flow(std::string_view markup, const Look& look, double indent, double width, const char* tag) {
  Text text = set(markup, look, width);
  need(std::min(2.0, double(text.lines.size())) * text.leading);
  while (text.next < text.lines.size()) {
    begin(tag);
    for (; text.next < text.lines.size() && room_left() >= text.leading; ++text.next, y_ += text.leading)
      draw_line(text, text.next, kLeft + indent, y_);
    end(tag);
    if (text.next < text.lines.size()) turn();
  }
}

void PdfSheet::turn() {
  cairo_show_page(at());
  ++page_;
  foot();
}

// Before anything else of its page: cairo 1.16 loses its way among the tags of a page that begins with a picture.
void PdfSheet::foot() {
  y_ = kTop;
  const double y = kHeight - kBottom + 16;
  rule(y, 0.5, ink::kHair);
  Text left = set(info_.footer, {.size = 7, .colour = ink::kSoft}, kInner * 0.78);
  draw(left, kLeft, y + 5);
  const std::string number =
      fmt::format(fmt::runtime(info_.page_of), page_, pages_ > 0 ? std::to_string(pages_) : std::string("…"));
  Text right = set(plain(number), {.size = 7.5, .colour = ink::kSoft, .align = Align::right}, kInner * 0.2);
  draw(right, kLeft + kInner * 0.8, y + 5);
}

// As official papers look here: who issues it, what it is, a red double rule; the number and its square code beside.
void PdfSheet::masthead(const Masthead& head) {
  constexpr double kCode = 62;
  const double width = kInner - kCode - 16;
  begin("Sect");
  begin("P");
  Text office = set(plain(head.office), {.size = 10.5, .colour = ink::kSeal, .strong = true, .serif = true}, width);
  draw(office, kLeft, y_);
  end("P");
  begin("H1");
  Text title = set(plain(head.title), {.size = 22, .colour = ink::kText, .strong = true, .serif = true}, width);
  draw(title, kLeft, y_ + 17);
  end("H1");
  square_code(head.code, kWidth - kRight - kCode, y_ - 6, kCode);
  Text number =
      set(plain(head.number), {.size = 9, .colour = ink::kText, .strong = true, .align = Align::centre}, kCode + 24);
  begin("P");
  draw(number, kWidth - kRight - kCode - 12, y_ - 3 + kCode);
  end("P");
  y_ += kCode + 14;
  rule(y_, 2.2, ink::kSeal);
  rule(y_ + 3.2, 0.7, ink::kSeal);
  y_ += 15;
  Text state =
      set(plain(head.state), {.size = 10.5, .colour = head.state_ink, .strong = true, .align = Align::centre}, 140);
  const double state_width = state.width + 18;
  begin("P");
  Text subject = set(plain(head.subject), {.size = 13.5, .strong = true}, kInner - state_width - 16);
  const double top = y_;
  for (; subject.next < subject.lines.size(); ++subject.next, y_ += subject.leading)
    draw_line(subject, subject.next, kLeft, y_);
  end("P");
  paint(head.state_ink);
  cairo_set_line_width(at(), 1);
  cairo_rectangle(at(), kWidth - kRight - state_width, top, state_width, 18);
  cairo_stroke(at());
  begin("P");
  draw(state, kWidth - kRight - state_width / 2 - 70, top + 2.2);
  end("P");
  end("Sect");
  y_ = std::max(y_, top + 20) + 7;
}

void PdfSheet::heading(std::string_view words, double follows) {
  need(std::min(follows, 400.0) + 32);
  y_ += 9;
  paint(ink::kSeal);
  cairo_rectangle(at(), kLeft, y_ + 2, 3, 11.5);
  cairo_fill(at());
  Text text = set(plain(words), {.size = 11.5, .strong = true}, kInner - 10);
  begin(tag_name(2));
  draw(text, kLeft + 9, y_);
  end(tag_name(2));
  const std::string to = fmt::format("page={} pos=[{:.1f} {:.1f}]", page_, 0.0, std::max(0.0, y_ - 12));
  cairo_pdf_surface_add_outline(surface_, CAIRO_PDF_OUTLINE_ROOT, std::string(words).c_str(), to.c_str(),
                                cairo_pdf_outline_flags_t(0));
  y_ += 17;
  rule(y_, 0.5, ink::kHair);
  y_ += 6;
}

void PdfSheet::quote(std::string_view markup) {
  Text text = set(markup, {.size = 9.8, .leading = 1.5}, kInner - 26);
  need(std::min(3.0, double(text.lines.size())) * text.leading + 14);
  while (text.next < text.lines.size()) {
    const auto fits = std::size_t(std::max(1.0, (room_left() - 14) / text.leading));
    const std::size_t until = std::min(text.lines.size(), text.next + fits);
    const double height = double(until - text.next) * text.leading + 12;
    paint(ink::kPaper);
    cairo_rectangle(at(), kLeft, y_, kInner, height);
    cairo_fill(at());
    paint(ink::kHair);
    cairo_rectangle(at(), kLeft, y_, 3, height);
    cairo_fill(at());
    begin("BlockQuote");
    for (double y = y_ + 6; text.next < until; ++text.next, y += text.leading)
      draw_line(text, text.next, kLeft + 14, y);
    end("BlockQuote");
    y_ += height + 5;
    if (text.next < text.lines.size()) turn();
  }
}

void PdfSheet::facts(std::span<const std::pair<std::string, std::string>> pairs) {
  constexpr double kName = 74, kGap = 14;
  const double half = (kInner - kGap) / 2;
  bool right = false;
  double row = 0;
  const auto end_row = [&] {
    if (row > 0) rule(y_ + row + 1.5, 0.4, ink::kHair), y_ += row + 4;
    row = 0, right = false;
  };
  begin("Table");
  for (const auto& [name, value] : pairs) {
    Text narrow = set(value, {.leading = 1.36}, half - kName);
    const bool wide = narrow.lines.size() > 2;
    if (wide && right) end_row();
    Text words = wide ? set(value, {.leading = 1.36}, kInner - kName) : std::move(narrow);
    Text title =
        set(plain(name), {.size = kSmall + 0.3, .colour = ink::kSoft, .leading = 1.36 * Look{}.size / (kSmall + 0.3)},
            kName - 6);
    if (!right) need(std::max(words.height_left(), title.height_left()) + 16);
    const double x = kLeft + (right ? half + kGap : 0);
    row = std::max({row, words.height_left(), title.height_left()});
    begin("TR");
    begin("TH");
    draw(title, x, y_);
    end("TH");
    begin("TD");
    draw(words, x + kName, y_);
    end("TD");
    end("TR");
    if (right || wide) end_row();
    else right = true;
  }
  end_row();
  end("Table");
  y_ += 3;
}

void PdfSheet::table_titles(std::span<const Column> columns) {
  std::vector<Text> titles;
  double height = 0;
  for (const Column& column : columns) {
    titles.push_back(set(plain(column.title), {.size = kSmall, .colour = ink::kText, .strong = true},
                         column.width * kInner - 2 * kPad));
    height = std::max({height, titles.back().height_left(), titles.back().leading});
  }
  height += 4;
  paint(Colour{0.925, 0.937, 0.949});
  cairo_rectangle(at(), kLeft, y_, kInner, height);
  cairo_fill(at());
  double x = kLeft;
  begin("TR");
  for (std::size_t i = 0; i < columns.size(); ++i) {
    begin("TH");
    draw(titles[i], x + kPad, y_ + 2.4);
    end("TH");
    x += columns[i].width * kInner;
  }
  end("TR");
  y_ += height;
}

// As much of a row as this page takes; whether all of it was set.
bool PdfSheet::table_slice(std::span<const Column> columns, std::vector<Text>& cells, bool shaded) {
  const double most = room_left() - 2 * 3.5;
  double height = 0;
  for (const Text& cell : cells) {
    const double fits = std::floor(std::max(most, cell.leading) / cell.leading) * cell.leading;
    height = std::max(height, std::min(cell.height_left(), fits));
  }
  if (shaded) {
    paint(ink::kPaper);
    cairo_rectangle(at(), kLeft, y_, kInner, height + 7);
    cairo_fill(at());
  }
  bool done = true;
  double x = kLeft;
  begin("TR");
  for (std::size_t i = 0; i < cells.size(); ++i) {
    Text& cell = cells[i];
    begin("TD");
    double y = y_ + 3.5;
    while (cell.next < cell.lines.size() && y + cell.leading <= y_ + 3.6 + height) {
      draw_line(cell, cell.next++, x + kPad, y);
      y += cell.leading;
    }
    end("TD");
    done = done && cell.next == cell.lines.size();
    x += columns[i].width * kInner;
  }
  end("TR");
  y_ += height + 7;
  rule(y_, 0.4, ink::kHair);
  return done;
}

void PdfSheet::table_row(std::span<const Column> columns, const std::vector<std::string>& row, bool shaded) {
  std::vector<Text> cells;
  double first = 0;  // what a row must have at least on a page that it begins on
  for (std::size_t i = 0; i < columns.size(); ++i) {
    cells.push_back(
        set(i < row.size() ? row[i] : "", {.size = 8.6, .leading = 1.34}, columns[i].width * kInner - 2 * kPad));
    first = std::max(first, std::min(cells.back().height_left(), 4 * cells.back().leading));
  }
  const auto turn_with_titles = [&] { turn(), table_titles(columns); };
  if (room_left() < first + 7) turn_with_titles();
  while (!table_slice(columns, cells, shaded)) turn_with_titles();
}

void PdfSheet::table(std::span<const Column> columns, std::span<const std::vector<std::string>> rows) {
  need(52);
  begin("Table");
  table_titles(columns);
  bool shaded = false;
  for (const auto& row : rows) table_row(columns, row, shaded), shaded = !shaded;
  end("Table");
  y_ += 7;
}

void PdfSheet::drawing(double height, const std::function<void(Canvas&, double)>& draw_it) {
  need(height + 8);
  origin_x_ = kLeft, origin_y_ = y_;
  begin("Figure");
  cairo_save(at());
  cairo_rectangle(at(), kLeft, y_, kInner, height);
  cairo_clip(at());
  draw_it(*this, kInner);
  cairo_restore(at());
  end("Figure");
  y_ += height + 6;
}

void PdfSheet::path(std::span<const Spot> spots) {
  for (std::size_t i = 0; i < spots.size(); ++i) {
    if (i == 0) cairo_move_to(at(), origin_x_ + spots[i].x, origin_y_ + spots[i].y);
    else cairo_line_to(at(), origin_x_ + spots[i].x, origin_y_ + spots[i].y);
  }
}

void PdfSheet::line(std::span<const Spot> spots, double width, Colour colour, bool dashed) {
  paint(colour);
  cairo_set_line_width(at(), width);
  cairo_set_line_join(at(), CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_cap(at(), dashed ? CAIRO_LINE_CAP_BUTT : CAIRO_LINE_CAP_ROUND);
  const double dash[] = {3, 2.5};
  cairo_set_dash(at(), dash, dashed ? 2 : 0, 0);
  path(spots);
  cairo_stroke(at());
  cairo_set_dash(at(), dash, 0, 0);
  cairo_set_line_cap(at(), CAIRO_LINE_CAP_BUTT);
}

void PdfSheet::area(std::span<const Spot> spots, Colour fill) {
  paint(fill);
  path(spots);
  cairo_close_path(at());
  cairo_fill(at());
}

void PdfSheet::box(Spot corner, double width, double height, Colour fill) {
  paint(fill);
  cairo_rectangle(at(), origin_x_ + corner.x, origin_y_ + corner.y, width, height);
  cairo_fill(at());
}

void PdfSheet::disc(Spot centre, double radius, Colour fill) {
  paint(fill);
  cairo_new_sub_path(at());
  cairo_arc(at(), origin_x_ + centre.x, origin_y_ + centre.y, radius, 0, 2 * M_PI);
  cairo_fill(at());
}

void PdfSheet::text(Spot spot, std::string_view words, double size, Colour colour, Align align) {
  constexpr double kWide = 400;
  Text text = set(plain(words), {.size = size, .colour = colour, .align = align}, kWide);
  const double x = origin_x_ + spot.x - (align == Align::left ? 0 : align == Align::centre ? kWide / 2 : kWide);
  const double y = origin_y_ + spot.y - text.leading / 2;
  if (text.lines.empty()) return;
  cairo_move_to(at(), x + text.lines[0].left, y + text.ascent);
  pango_cairo_layout_line_path(at(), text.lines[0].line);
  cairo_set_source_rgba(at(), 1, 1, 1, 0.85);
  cairo_set_line_width(at(), 2);
  cairo_stroke(at());
  draw_line(text, 0, x, y);
}

void PdfSheet::square_code(const std::string& content, double x, double y, double side) {
  const Square code(QRcode_encodeString(content.c_str(), 0, QR_ECLEVEL_M, QR_MODE_8, 1));
  if (!code) return;  // longer than any square code holds
  const double dot = side / double(code->width);
  begin("Figure");
  paint(ink::kText);
  for (int row = 0; row < code->width; ++row) {
    for (int column = 0; column < code->width; ++column) {
      if (code->data[row * code->width + column] & 1)
        cairo_rectangle(at(), x + column * dot, y + row * dot, dot + 0.02, dot + 0.02);
    }
  }
  cairo_fill(at());
  end("Figure");
}

void PdfSheet::draw_jpeg(const std::string& jpeg, double x, double y, double width, double height) {
  const auto size = jpeg_size(jpeg);
  if (!size) return;
  const Surface image(cairo_image_surface_create(CAIRO_FORMAT_RGB24, size->first, size->second));
  auto* const copy = new std::string(jpeg);
  const auto set = cairo_surface_set_mime_data(
      image.get(), CAIRO_MIME_TYPE_JPEG, reinterpret_cast<const unsigned char*>(copy->data()), copy->size(),
      [](void* held) { delete static_cast<std::string*>(held); }, copy);
  if (set != CAIRO_STATUS_SUCCESS) return delete copy;
  cairo_save(at());
  cairo_translate(at(), x, y);
  cairo_scale(at(), width / size->first, height / size->second);
  cairo_set_source_surface(at(), image.get(), 0, 0);
  cairo_paint(at());
  cairo_restore(at());
}

void PdfSheet::photo_row(std::span<const Photo> row, double width) {
  constexpr double kTallest = 200;
  std::vector<Text> captions;
  double picture = 0, caption = 0;
  for (const Photo& photo : row) {
    const auto size = jpeg_size(photo.jpeg).value_or(std::pair(4, 3));
    picture = std::max(picture, std::min(kTallest, width * size.second / size.first));
    captions.push_back(set(photo.caption, {.size = kSmall, .colour = ink::kSoft}, width));
    caption = std::max(caption, captions.back().height_left());
  }
  need(picture + caption + 12);
  double x = kLeft;
  for (std::size_t i = 0; i < row.size(); ++i, x += width + 14) {
    const auto size = jpeg_size(row[i].jpeg);
    begin("Figure");
    if (size) {
      const double scale = std::min(width / size->first, picture / size->second);
      draw_jpeg(row[i].jpeg, x, y_, size->first * scale, size->second * scale);
    }
    end("Figure");
    begin("P");
    draw(captions[i], x, y_ + picture + 3);
    end("P");
  }
  y_ += picture + caption + 11;
}

void PdfSheet::photos(std::span<const Photo> all) {
  const double width = (kInner - 14) / 2;
  for (std::size_t i = 0; i < all.size(); i += 2)
    photo_row(all.subspan(i, std::min<std::size_t>(2, all.size() - i)), width);
}

cairo_status_t append(void* to, const unsigned char* bytes, unsigned size) {
  static_cast<std::string*>(to)->append(reinterpret_cast<const char*>(bytes), size);
  return CAIRO_STATUS_SUCCESS;
}

void put_metadata(cairo_surface_t* surface, const SheetInfo& info) {
  const auto put = [&](cairo_pdf_metadata_t what, const std::string& text) {
    if (!text.empty()) cairo_pdf_surface_set_metadata(surface, what, text.c_str());
  };
  const std::string at = base::format_time(std::chrono::floor<std::chrono::seconds>(info.made_at));
  put(CAIRO_PDF_METADATA_TITLE, info.title);
  put(CAIRO_PDF_METADATA_SUBJECT, info.subject);
  put(CAIRO_PDF_METADATA_AUTHOR, info.author);
  put(CAIRO_PDF_METADATA_CREATOR, "Cityloop");
  put(CAIRO_PDF_METADATA_CREATE_DATE, at);
  put(CAIRO_PDF_METADATA_MOD_DATE, at);
}

// One pass over the sheet; gives how many pages it took.
Result<int> print(const Press& press, const SheetInfo& info, int pages, const std::function<void(Sheet&)>& compose,
                  std::string& out) {
  out.clear();
  const Surface surface(cairo_pdf_surface_create_for_stream(append, &out, kWidth, kHeight));
  cairo_pdf_surface_restrict_to_version(surface.get(), CAIRO_PDF_VERSION_1_5);
  put_metadata(surface.get(), info);
  int made = 0;
  {
    PdfSheet sheet(press, info, pages, surface.get());
    compose(sheet);
    made = sheet.finish();
  }
  cairo_surface_finish(surface.get());
  const cairo_status_t status = cairo_surface_status(surface.get());
  if (status != CAIRO_STATUS_SUCCESS)
    return fail(Errc::unavailable, "the PDF was not made: {}", cairo_status_to_string(status));
  return made;
}

}  // namespace

std::string plain(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '\n': out += c; break;
      default: out += std::uint8_t(c) < ' ' || c == 127 ? ' ' : c;
    }
  }
  return out;
}

std::string bold(std::string_view text) {
  return fmt::format("<b>{}</b>", plain(text));
}

std::string soft(std::string_view text) {
  return fmt::format("<span size=\"smaller\" foreground=\"#6b7582\">{}</span>", plain(text));
}

Result<std::string> make_sheet(const SheetInfo& info, const std::function<void(Sheet&)>& compose) {
  const std::unique_ptr<Press> press = TRY(Press::make(info));
  std::string out;
  const int pages = TRY(print(*press, info, 0, compose, out));
  TRY(print(*press, info, pages, compose, out));
  return with_language(std::move(out), info.language == "zh" ? "zh-CN" : "en");
}

}  // namespace cityloop::serve
