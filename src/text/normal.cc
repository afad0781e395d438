#include "text/normal.h"

#include <memory>
#include <vector>

#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/ucnv.h>
#include <unicode/unistr.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

namespace cityloop::text {
namespace {

constexpr char32_t kHanFirst = 0x3400;
constexpr char32_t kHanLast = 0x9fff;
constexpr int kSameInARow = 3;

// What each character of the basic plane is in simplified Chinese. ICU's own table, asked once: its transliterator is
// made for texts, and far too slow to run over every one.
std::vector<char16_t> simplified_table() {
  std::vector<char16_t> table;
  icu::UnicodeString all;
  for (char32_t c = kHanFirst; c <= kHanLast; ++c) {
    table.push_back(char16_t(c));
    all.append(char16_t(c)).append(u'\n');  // apart, so that rules for words do not reach over
  }
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::Transliterator> simplify(
      icu::Transliterator::createInstance("Traditional-Simplified", UTRANS_FORWARD, status));
  if (U_FAILURE(status)) return table;  // an ICU without its data keeps the characters as they are
  simplify->transliterate(all);
  std::size_t at = 0;
  for (std::int32_t i = 0; i < all.length() && at < table.size(); ++at) {
    const std::int32_t end = all.indexOf(u'\n', i);
    if (end == i + 1) table[at] = all.charAt(i);
    i = end + 1;
  }
  return table;
}

char32_t simplified(char32_t c) {
  static const std::vector<char16_t> table = simplified_table();
  return c >= kHanFirst && c <= kHanLast ? char32_t(table[c - kHanFirst]) : c;
}

bool is_blank(char32_t c) {
  return c <= ' ' || (c >= 0x7f && c <= 0xa0) || (c >= 0x2000 && c <= 0x200f) || (c >= 0x2028 && c <= 0x202f) ||
         c == 0x205f || c == 0x3000 || c == 0xfeff || c == 0xfffd || (c >= 0xe000 && c <= 0xf8ff);
}

// Appends characters with the rules that look at their neighbours: blanks, and rows of one character.
class Sheet {
 public:
  explicit Sheet(std::size_t bytes) { out_.reserve(bytes); }
  void put(char32_t c) {
    if (is_blank(c)) {
      blank_ = !out_.empty();
      return;
    }
    if (blank_) {
      out_ += ' ';
      row_ = 0;
    }
    blank_ = false;
    row_ = c == last_ ? row_ + 1 : 1;
    last_ = c;
    // Digits stand for amounts and numbers of phones: they are kept.
    if (row_ > kSameInARow && !(c >= '0' && c <= '9')) return;
    std::uint8_t bytes[4];
    std::int32_t size = 0;
    U8_APPEND_UNSAFE(bytes, size, std::int32_t(c));
    out_.append(reinterpret_cast<const char*>(bytes), std::size_t(size));
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
  char32_t last_{};
  int row_{0};
  bool blank_{false};
};

icu::UnicodeString folded(const icu::UnicodeString& text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* const fold = icu::Normalizer2::getNFKCCasefoldInstance(status);
  if (U_FAILURE(status)) return text;
  icu::UnicodeString out = fold->normalize(text, status);
  return U_FAILURE(status) ? text : out;
}

}  // namespace

std::string normal_form(std::string_view utf8) {
  icu::UnicodeString text = icu::UnicodeString::fromUTF8(icu::StringPiece(utf8.data(), std::int32_t(utf8.size())));
  text.findAndReplace(u"_x000D_", u" ");
  // Casefolding takes invisible characters away without a trace; those that part words must become blanks before.
  for (std::int32_t i = 0; i < text.length(); ++i) {
    const char16_t c = text.charAt(i);
    const bool joins = (c >= 0x200b && c <= 0x200f) || c == 0xfeff;
    if (is_blank(c) && !joins) text.setCharAt(i, u' ');
  }
  const icu::UnicodeString plain = folded(text);
  Sheet sheet(utf8.size());
  for (std::int32_t i = 0; i < plain.length();) {
    const UChar32 c = plain.char32At(i);
    i += U16_LENGTH(c);
    sheet.put(U_IS_SURROGATE(c) ? U' ' : simplified(char32_t(c)));
  }
  return sheet.take();
}

base::Result<std::string> to_utf8(std::string_view bytes) {
  UErrorCode status = U_ZERO_ERROR;
  std::int32_t units = 0;
  u_strFromUTF8(nullptr, 0, &units, bytes.data(), std::int32_t(bytes.size()), &status);
  if (status == U_BUFFER_OVERFLOW_ERROR || U_SUCCESS(status)) return std::string(bytes);
  status = U_ZERO_ERROR;
  const std::unique_ptr<UConverter, decltype(&ucnv_close)> converter(ucnv_open("gb18030", &status), &ucnv_close);
  ucnv_setToUCallBack(converter.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
  std::vector<char16_t> wide(bytes.size() + 1);
  const std::int32_t length = ucnv_toUChars(converter.get(), wide.data(), std::int32_t(wide.size()), bytes.data(),
                                            std::int32_t(bytes.size()), &status);
  if (U_FAILURE(status)) return base::fail(base::Errc::malformed, "the bytes are neither UTF-8 nor GB18030");
  std::string out;
  icu::UnicodeString(wide.data(), length).toUTF8String(out);
  return out;
}

}  // namespace cityloop::text
