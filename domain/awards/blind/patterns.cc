#include "domain/awards/blind/patterns.h"

#include <algorithm>
#include <cassert>
#include <memory>

#include <fmt/format.h>
#include <re2/re2.h>

#include "domain/awards/blind/word_lists.h"
#include "text/letters.h"

namespace cityloop::awards::blind {
namespace {

// What may not stand beside a match: then it is a part of something longer.
enum class Edge { none, digits, word };

struct Pattern {
  Kind kind;
  Edge edge;
  bool capitals;      // looks at `plain`
  const char* regex;  // its first group, where there is one, is what is masked
};

// Numbers come before what they could be mistaken for; all that match are joined in the end.
constexpr Pattern kPatterns[] = {
    {Kind::email, Edge::none, false,
     R"([a-z0-9][a-z0-9._%+\-]*\s?@\s?[a-z0-9\-]+(?:\s?\.\s?[a-z][a-z0-9\-]*|\.[a-z0-9\-]+)+)"},
    {Kind::email, Edge::none, false,
     R"([a-z0-9][a-z0-9._%+\-]*\s*[(\[{【]\s*(?:at|@|艾特)\s*[)\]}】]\s*[a-z0-9\-]+(?:\s*(?:\.|[(\[{【]\s*(?:dot|点)\s*[)\]}】])\s*[a-z0-9\-]+)+)"},
    {Kind::email, Edge::none, false,
     R"([a-z0-9][a-z0-9._%+\-]* at [a-z0-9\-]+(?:(?:\.| dot )[a-z0-9\-]+)* ?(?:\.| dot ) ?(?:com|cn|net|org|edu|gov))"},
    {Kind::email, Edge::none, false,
     R"([a-z0-9][a-z0-9._%+\-]*#[a-z0-9\-]+(?:\.[a-z0-9\-]+)*\.(?:com|cn|net|org|edu))"},
    {Kind::phone, Edge::digits, false, R"((?:(?:\(\s*)?(?:\+|00)?86(?:\s*\))?[\s\-]*)?1[3-9]\d(?:[\s\-.]{0,2}\d){8})"},
    {Kind::phone, Edge::digits, false,
     R"((?:(?:\+|00)86[\s\-]*)?\(?0\d{2,3}\)?[\s\-—–]{0,3}[2-9]\d{2,3}[\s\-]?\d{4}(?:\s*(?:转|转分机|分机|ext\.?|x|-|#)\s*\d{1,6})?)"},
    {Kind::phone, Edge::digits, false,
     R"((?:\+|00)86[\s\-]*\(?\d{2,3}\)?(?:[\s\-]*\d){7,8}(?:\s*(?:转|ext\.?|x|-)\s*\d{1,6})?)"},
    {Kind::phone, Edge::digits, false, R"((?:\+|00)[1-9]\d{0,2}(?:[\s\-.()]{0,2}\d){6,13})"},
    {Kind::phone, Edge::digits, false, R"([48]00[\s\-]?\d{3,4}[\s\-]?\d{3,4})"},
    {Kind::phone, Edge::digits, false, R"(\(\d{3}\)\s?\d{3}[\s\-.]\d{4}|\d{3}[\-.]\d{3}[\-.]\d{4})"},
    {Kind::phone, Edge::digits, false,
     R"((?:电话|手机|传真|热线|座机|联系方式|tel|telephone|phone|mobile|cell|fax|call)[^\d\n]{0,12}?(\(?\d[\d\s\-()]{5,18}\d(?:\s*(?:转|ext\.?|x)\s*\d{1,6})?))"},
    {Kind::phone, Edge::none, false, R"([一幺][三四五六七八九](?:[\s\-]?[〇零幺一二两三四五六七八九]){9})"},
    {Kind::id_number, Edge::word, false,
     R"([1-9]\d{5}\s?(?:18|19|20)\d{2}\s?(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\s?\d{3}[\dx])"},
    {Kind::id_number, Edge::word, false, R"((?:身份证|证件)(?:号码?)?\s*[:是为]?\s*([1-9]\d{14}(?:\d{2}[\dx])?))"},
    {Kind::id_number, Edge::word, false,
     R"((?:护照|passport|港澳通行证|通行证|军官证)\s*(?:号码?|no\.?|number|#)?\s*[:是为]?\s*([a-z]{0,2}\d{6,9}))"},
    {Kind::id_number, Edge::word, false, R"(\d{4}(?:[\s\-]?\d{4}){3}(?:[\s\-]?\d{1,3})?)"},
    {Kind::id_number, Edge::word, false,
     R"((?:账号|帐号|卡号|account(?: no\.?| number)?)\s*[:是为]?\s*(\d[\d\s\-]{6,24}\d))"},
    {Kind::credit_code, Edge::word, false, R"([1-9a-hj-npqrtuwxy][1239]\d{6}[0-9a-hj-npqrtuwxy]{10})"},
    {Kind::credit_code, Edge::word, false,
     R"([1-9a-hj-npqrtuwxy][1239]\d{6}[\s\-]?[0-9a-hj-npqrtuwxy]{8}[\s\-]?[0-9a-hj-npqrtuwxy]{2})"},
    {Kind::credit_code, Edge::word, false,
     R"((?:信用代码|机构代码|注册号|税号|credit code|registration no\.?)\s*[:是为]?\s*([0-9a-z][0-9a-z\-]{7,19}))"},
    {Kind::url, Edge::none, false, R"((?:https?|ftp)\s?:\s?//\s?[^\s\p{Han},。;、)】》"'<>]+)"},
    {Kind::url, Edge::word, false,
     R"((?:[a-z0-9][a-z0-9\-]*\.)+(?:com|cn|net|org|gov|edu|io|ai|info|biz|eu|uk|de|fr|dk|se|nl|jp|kr|sg|hk|mo|tw|us|top|xyz|tech|city|vip|cc|app|site|online|中国|公司|网络|政务)(?:[:/][^\s\p{Han},。;、)】》"'<>]*)?)"},
    {Kind::url, Edge::none, false, R"([\p{Han}a-z0-9\-]{2,20}\.(?:中国|公司|网络|政务|公益))"},
    {Kind::handle, Edge::none, false,
     R"((?:微信公众号|公众号|小程序|视频号|抖音号?|快手号?|微博|小红书号?|头条号|app)\s*(?:名称|名|账号)?\s*[:是为]?\s*[“"「【『《]([^”"」】』》\n]{2,24})[”"」】』》])"},
    {Kind::handle, Edge::none, false,
     R"((?:微信公众号|公众号|视频号|抖音号?|微博|小红书号?|头条号)\s*(?:名称|账号)?\s*[:]\s*([\p{Han}a-z0-9_\-]{2,24}))"},
    {Kind::handle, Edge::none, false,
     R"((?:微信|wechat|weixin|wx|钉钉|dingtalk|twitter|linkedin|telegram|whatsapp|skype|github|facebook|instagram)(?:号码?|账号|\s*(?:id|account|no\.?|handle))?\s*(?:[:是为]|is)\s*@?([a-z0-9][a-z0-9_.\-]{3,30}))"},
    {Kind::handle, Edge::none, false, R"((?:微信|weixin|wechat|钉钉)(?:号|\s*id)\s*([a-z][a-z0-9_\-]{4,24}))"},
    {Kind::handle, Edge::none, false, R"(qq\s*(?:群|交流群|邮箱)?\s*(?:号码?|no\.?|number)?\s*[:是为]?\s*(\d{5,12}))"},
    {Kind::handle, Edge::none, false,
     R"((?:github|linkedin|facebook|twitter|weibo|gitee)\.com/[^\s\p{Han},。;、)】"'<>]+)"},
    {Kind::handle, Edge::none, false, R"(@[\p{Han}a-z0-9_]{2,24})"},
    {Kind::address, Edge::none, false,
     R"((?:地址|住址|住所|所在地|通讯处|注册地)\s*[:]\s*([^\n,。;]{4,60}(?:,[^\n,。;]{0,30}(?:楼|室|层|座|栋|号))*))"},
    {Kind::address, Edge::none, false, R"((?:address|addr\.?)\s*[:]\s*([^\n。;]{6,120}))"},
    {Kind::address, Edge::none, false,
     R"([\p{Han}]{2,30}(?:路|街|大道|道|巷|胡同|弄|里|村)\s?[甲乙]?\d{1,5}(?:-\d{1,4})?\s?(?:号|弄)(?:[\p{Han}a-z0-9\-]{0,16}?(?:号楼|楼|室|层|座|栋|单元|大厦|广场|园))*(?:\d{1,5}(?:室|号)?)?)"},
    {Kind::address, Edge::none, false,
     R"([\p{Han}]{2,20}(?:大厦|广场|科技园|产业园|软件园|创业园|工业园|写字楼|小区|花园)\s?[a-z0-9]{1,4}\s?(?:座|栋|号楼|幢|楼|层|室|单元)(?:[\p{Han}a-z0-9\-]{0,10}?(?:楼|室|层|座|单元))*)"},
    {Kind::address, Edge::none, true,
     R"((?:(?:Room|Rm\.?|Suite|Unit|Floor|Flat|Building|Block|Tower)\s*[A-Z]?\d*[A-Z]?\s*,\s*)*(?:\d{1,3}(?:st|nd|rd|th|/F)\s*(?:Floor|Fl\.?)?\s*,\s*)?(?:No\.?\s*)?\d{1,5}[A-Z]?,?\s+(?:[A-Z][a-z]+\s+){1,4}(?:Road|Rd\b\.?|Street|St\b\.?|Avenue|Ave\b\.?|Boulevard|Blvd\b\.?|Lane|Drive|Way|Square|Highway)(?:\s*,\s*(?:[A-Z][A-Za-z]+|\d{4,6})(?:\s+(?:[A-Z][A-Za-z]+|\d{4,6})){0,3})*)"},
    {Kind::address, Edge::digits, false,
     R"((?:邮编|邮政编码|postcode|postal code|zip(?: code)?)\s*[:是为]?\s*(\d{5,6}))"},
    {Kind::document, Edge::none, false, R"([\p{Han}]{1,8}[〔\[【(](?:19|20)\d{2}[〕\]】)]\s?\d{1,5}\s?号)"},
    {Kind::document, Edge::word, false,
     R"((?:zl|cn)\s?(?:19|20)\d{2}\s?[0-9]\s?\d{7}(?:\.[\dx])?|软著登字第?\s?\d{5,9}\s?号|(?:19|20)\d{2}sr\d{6,8})"},
};

const re2::RE2& compiled(std::size_t i) {
  static const auto* const all = [] {
    auto* const out = new std::vector<std::unique_ptr<re2::RE2>>;
    re2::RE2::Options options;
    options.set_log_errors(false);
    for (const Pattern& pattern : kPatterns) {
      out->push_back(std::make_unique<re2::RE2>(fmt::format("({})", pattern.regex), options));
      assert(out->back()->ok());
    }
    return out;
  }();
  return *(*all)[i];
}

bool is_word(char32_t c) {
  return text::is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool stands_alone(std::string_view text, std::size_t begin, std::size_t end, Edge edge) {
  const char32_t before = letter_before(text, begin), after = letter_at(text, end);
  switch (edge) {
    case Edge::none: return true;
    case Edge::digits: {
      const bool decimal = before == '.' && text::is_digit(letter_before(text, begin - 1));
      return !text::is_digit(before) && !decimal && !text::is_digit(after);
    }
    case Edge::word: return !is_word(before) && !is_word(after);
  }
  return true;
}

// Sixteen digits and more are a card by their check digit, or else some other number.
bool is_card(std::string_view text) {
  int sum = 0, digits = 0;
  for (auto c = text.rbegin(); c != text.rend(); ++c) {
    if (*c < '0' || *c > '9') continue;
    const int value = (*c - '0') * (digits % 2 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
    ++digits;
  }
  return digits >= 16 && sum % 10 == 0;
}

// 我们位于 before an address; but 建设 in 建设路 is its name.
std::size_t lead_of(std::string_view match) {
  const std::size_t lead = led_up_to(match);
  for (const std::string_view way : {"路", "街", "大道", "道", "巷"})
    if (match.substr(lead).starts_with(way)) return 0;
  return lead;
}

}  // namespace

void find_patterns(const Folded& text, std::vector<Finding>& out) {
  for (std::size_t i = 0; i < std::size(kPatterns); ++i) {
    const Pattern& pattern = kPatterns[i];
    const std::string& in = pattern.capitals ? text.plain : text.lower;
    const bool has_group = compiled(i).NumberOfCapturingGroups() > 1;
    re2::StringPiece parts[3];
    for (std::size_t at = 0; at < in.size();) {
      if (!compiled(i).Match(in, at, in.size(), re2::RE2::UNANCHORED, parts, 3)) break;
      const re2::StringPiece& what = has_group ? parts[2] : parts[0];
      auto begin = std::size_t(what.data() - in.data());
      const std::size_t end = begin + what.size();
      const bool alone = stands_alone(in, begin, end, pattern.edge);
      at = alone ? std::max(end, at + 1) : std::size_t(parts[0].data() - in.data()) + 1;
      while (at < in.size() && (std::uint8_t(in[at]) & 0xc0) == 0x80) ++at;
      const bool plain_digits =
          i > 0 && pattern.kind == Kind::id_number && !has_group && what.size() >= 16 &&
          std::string_view(what.data(), what.size()).find_first_not_of("0123456789 -") == std::string_view::npos;
      if (!alone || (plain_digits && what.size() != 18 && !is_card({what.data(), what.size()}))) continue;
      if (pattern.kind == Kind::address || pattern.kind == Kind::document || pattern.kind == Kind::url)
        begin += lead_of(std::string_view(in).substr(begin, end - begin));
      out.push_back({begin, end, pattern.kind, Found::pattern, in.substr(begin, end - begin), false});
    }
  }
}

}  // namespace cityloop::awards::blind
