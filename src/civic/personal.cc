#include "civic/personal.h"

#include <algorithm>
#include <array>
#include <optional>

namespace cityloop::civic {
namespace {

constexpr std::string_view kMask = "***";

// One letter of the text in its plain form: narrow, upper case.
struct Letter {
  char32_t is{};
  std::size_t begin{};
};
using Letters = std::vector<Letter>;

bool is_digit(char32_t c) {
  return c >= '0' && c <= '9';
}
bool is_upper(char32_t c) {
  return c >= 'A' && c <= 'Z';
}
bool is_word(char32_t c) {
  return is_digit(c) || is_upper(c) || c == '_';
}

char32_t plain_form(char32_t c) {
  if (c >= 0xff01 && c <= 0xff5e) c -= 0xfee0;  // full width
  if (c == 0x3000 || c == 0xa0) return ' ';
  if (c >= 0x2010 && c <= 0x2015) return '-';
  if (c == 0x00b7 || c == 0x2022 || c == 0x30fb) return '.';
  if (c >= 'a' && c <= 'z') return c - 'a' + 'A';
  return c;
}

Letters letters_of(std::string_view text) {
  Letters out;
  out.reserve(text.size() + 1);
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = std::uint8_t(text[at]);
    const std::size_t length = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 1;
    char32_t c = length == 1 ? lead : lead & (0x7f >> length);
    const std::size_t end = std::min(at + length, text.size());
    for (std::size_t i = at + 1; i < end; ++i) c = c << 6 | (std::uint8_t(text[i]) & 0x3f);
    out.push_back({plain_form(c), at});
    at = end;
  }
  out.push_back({0, text.size()});
  return out;
}

// Digits that stand together or apart by single blanks, dashes, dots or brackets: "+86 138-0013-8000".
struct Group {
  std::size_t begin{}, end{};  // letters
  std::string digits;          // an X may end it
};

bool parts_digits(char32_t c) {
  return c == ' ' || c == '-' || c == '.' || c == '(' || c == ')' || c == '/';
}

std::vector<Group> groups_at(const Letters& text, std::size_t at) {
  std::vector<Group> out;
  constexpr std::size_t kGroupsMax = 8;
  while (out.size() < kGroupsMax && is_digit(text[at].is)) {
    Group group{at, at, {}};
    while (is_digit(text[group.end].is)) group.digits += char(text[group.end++].is);
    if (text[group.end].is == 'X' && group.digits.size() == 17) ++group.end, group.digits += 'X';
    at = group.end;
    out.push_back(std::move(group));
    std::size_t parts = 0;
    while (parts < 2 && parts_digits(text[at + parts].is)) ++parts;
    at += parts;
  }
  return out;
}

bool passes_luhn(std::string_view digits) {
  int sum = 0;
  bool twice = false;
  for (auto it = digits.rbegin(); it != digits.rend(); ++it, twice = !twice) {
    const int value = (*it - '0') * (twice ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 == 0;
}

bool is_date(std::string_view yyyymmdd) {
  const auto number = [&](std::size_t at, std::size_t size) {
    int out = 0;
    for (const char c : yyyymmdd.substr(at, size)) out = out * 10 + (c - '0');
    return out;
  };
  const int year = number(0, 4), month = number(4, 2), day = number(6, 2);
  return year >= 1900 && year <= 2099 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

bool is_chinese_mobile(std::string_view d) {
  if (d.size() == 13 && d.starts_with("86")) d.remove_prefix(2);
  return d.size() == 11 && d[0] == '1' && d[1] >= '3';
}

// What the digits of these groups, put together, are; nothing when they are only a number.
std::optional<Personal> meaning_of(const std::vector<Group>& groups, std::size_t count, bool plus) {
  std::string d;
  for (std::size_t i = 0; i < count; ++i) d += groups[i].digits;
  const std::size_t size = d.size();
  if (plus) return size >= 8 && size <= 15 ? std::optional(Personal::phone) : std::nullopt;
  if (size == 18 && is_date(std::string_view(d).substr(6, 8))) return Personal::id_card;
  if (d.find('X') != std::string::npos) return std::nullopt;
  if (size >= 16 && size <= 19 && passes_luhn(d)) return Personal::bank_card;
  if (is_chinese_mobile(d)) return Personal::phone;
  if (count == 1 && size == 15 && is_date("19" + d.substr(6, 6))) return Personal::id_card;
  if (d[0] == '0' && size >= 10 && size <= 12 && d[1] != '0') return Personal::phone;
  if (size == 10 && (d.starts_with("400") || d.starts_with("800"))) return Personal::phone;
  // Danish: a birthday and four digits; a phone in four pairs.
  if (count == 2 && groups[0].digits.size() == 6 && groups[1].digits.size() == 4 &&
      is_date("19" + d.substr(4, 2) + d.substr(2, 2) + d.substr(0, 2)))
    return Personal::id_card;
  const bool pairs = count == 4 && std::all_of(groups.begin(), groups.begin() + 4,
                                               [](const Group& g) { return g.digits.size() == 2; });
  if (pairs) return Personal::phone;
  return std::nullopt;
}

struct Hit {
  Personal what{};
  std::size_t end{};  // letters
};

std::optional<Hit> number_at(const Letters& text, std::size_t at) {
  const bool plus = text[at].is == '+';
  const std::vector<Group> groups = groups_at(text, at + (plus ? 1 : 0));
  for (std::size_t count = groups.size(); count > 0; --count) {
    if (const auto what = meaning_of(groups, count, plus)) return Hit{*what, groups[count - 1].end};
  }
  return std::nullopt;
}

std::optional<Hit> plate_at(const Letters& text, std::size_t at) {
  static constexpr std::u32string_view kProvinces = U"京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使";
  static constexpr std::u32string_view kEndings = U"学警港澳挂领";
  const auto c = [&](std::size_t i) { return i < text.size() ? text[i].is : char32_t(0); };
  if (kProvinces.find(c(at)) != std::u32string_view::npos && c(at) != 0 && is_upper(c(at + 1))) {
    std::size_t i = at + 2;
    if (c(i) == '.' || c(i) == ' ' || c(i) == '-') ++i;
    std::size_t count = 0, digits = 0;
    for (; count < 6 && (is_digit(c(i)) || is_upper(c(i))); ++i, ++count) digits += is_digit(c(i)) ? 1 : 0;
    if (c(i) != 0 && count == 4 && kEndings.find(c(i)) != std::u32string_view::npos) ++i, ++count;
    if (count >= 5 && digits >= 1 && !is_word(c(i))) return Hit{Personal::plate, i};
  }
  // Two letters and five digits, as in Denmark: "AB 12 345".
  if (is_upper(c(at)) && is_upper(c(at + 1)) && (at == 0 || !is_word(c(at - 1)))) {
    std::size_t i = at + 2, digits = 0;
    for (; digits < 5; ++i) {
      if (is_digit(c(i))) ++digits;
      else if (c(i) != ' ' || (digits != 0 && digits != 2) || c(i - 1) == ' ') break;
    }
    if (digits == 5 && !is_word(c(i))) return Hit{Personal::plate, i};
  }
  return std::nullopt;
}

// "微信: li_wei2019", "QQ 12345678", "tel 8612 3456": what follows such a word.
std::optional<Hit> labelled_at(const Letters& text, std::size_t at) {
  struct Label {
    std::u32string_view word;
    Personal what;
  };
  static constexpr Label kLabels[] = {
      {U"微信号", Personal::account}, {U"微信", Personal::account}, {U"WECHAT", Personal::account},
      {U"支付宝", Personal::account}, {U"QQ号", Personal::account}, {U"QQ", Personal::account},
      {U"电话", Personal::phone},     {U"手机", Personal::phone},   {U"座机", Personal::phone},
      {U"TEL", Personal::phone},      {U"TLF", Personal::phone},    {U"PHONE", Personal::phone},
      {U"MOBILE", Personal::phone}};
  if (at > 0 && is_upper(text[at].is) && is_word(text[at - 1].is)) return std::nullopt;
  for (const Label& label : kLabels) {
    const auto same = [&](std::size_t i) { return at + i < text.size() && text[at + i].is == label.word[i]; };
    std::size_t i = 0;
    while (i < label.word.size() && same(i)) ++i;
    if (i < label.word.size()) continue;
    i += at;
    static constexpr std::u32string_view kBetween = U" :.是为号码ID";
    for (std::size_t skipped = 0;
         skipped < 4 && text[i].is != 0 && kBetween.find(text[i].is) != std::u32string_view::npos; ++skipped)
      ++i;
    std::size_t end = i, digits = 0;
    const bool account = label.what == Personal::account;
    while (is_digit(text[end].is) || (account ? is_word(text[end].is) || text[end].is == '-'
                                              : parts_digits(text[end].is) && is_digit(text[end + 1].is)))
      digits += is_digit(text[end++].is) ? 1 : 0;
    if (account ? end - i >= 5 && end - i <= 20 : digits >= 6 && digits <= 15) return Hit{label.what, end};
  }
  return std::nullopt;
}

// From the '@' to both sides.
std::optional<std::pair<std::size_t, std::size_t>> email_around(const Letters& text, std::size_t at) {
  const auto local = [](char32_t c) { return is_word(c) || c == '.' || c == '-' || c == '+' || c == '%'; };
  std::size_t begin = at, end = at + 1;
  while (begin > 0 && local(text[begin - 1].is)) --begin;
  while (is_word(text[end].is) || text[end].is == '.' || text[end].is == '-') ++end;
  while (end > at + 1 && !is_word(text[end - 1].is)) --end;
  const auto dot = std::find_if(text.begin() + std::ptrdiff_t(at), text.begin() + std::ptrdiff_t(end),
                                [](const Letter& l) { return l.is == '.'; });
  if (begin == at || dot == text.begin() + std::ptrdiff_t(end)) return std::nullopt;
  return std::pair{begin, end};
}

void keep(std::vector<PersonalFind>& finds, PersonalFind one) {
  while (!finds.empty() && finds.back().end > one.begin) {
    one.begin = std::min(one.begin, finds.back().begin);
    finds.pop_back();
  }
  finds.push_back(one);
}

}  // namespace

std::string_view to_string(Personal what) {
  switch (what) {
    case Personal::phone: return "phone";
    case Personal::email: return "email";
    case Personal::id_card: return "id_card";
    case Personal::plate: return "plate";
    case Personal::bank_card: return "bank_card";
    case Personal::account: return "account";
  }
  return "phone";
}

std::vector<PersonalFind> find_personal(std::string_view text) {
  const Letters letters = letters_of(text);
  std::vector<PersonalFind> finds;
  for (std::size_t at = 0; at + 1 < letters.size();) {
    const char32_t c = letters[at].is;
    if (c == '@') {
      if (const auto around = email_around(letters, at)) {
        keep(finds, {Personal::email, letters[around->first].begin, letters[around->second].begin});
        at = around->second;
        continue;
      }
    }
    std::optional<Hit> hit = labelled_at(letters, at);
    if (!hit) hit = plate_at(letters, at);
    const bool starts = at == 0 || !is_digit(letters[at - 1].is);
    if (!hit && starts && (is_digit(c) || (c == '+' && is_digit(letters[at + 1].is)))) hit = number_at(letters, at);
    if (!hit) {
      ++at;
      continue;
    }
    keep(finds, {hit->what, letters[at].begin, letters[hit->end].begin});
    at = hit->end;
  }
  return finds;
}

std::string mask_personal(std::string_view text) {
  std::string out;
  std::size_t at = 0;
  for (const PersonalFind& find : find_personal(text)) {
    out += text.substr(at, find.begin - at);
    out += kMask;
    at = find.end;
  }
  return out += text.substr(at);
}

}  // namespace cityloop::civic
