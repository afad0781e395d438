#include "domain/awards/blind/known.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <re2/re2.h>

#include "domain/awards/blind/word_lists.h"
#include "text/letters.h"

namespace cityloop::awards::blind {

const char* const kChineseTitles =
    "(?:副|总|常务副|党组)?(?:局长|市长|区长|县长|厅长|处长|科长|主任|书记|部长|院长|校长|所长|会长|秘书长|理事长|"
    "董事长|总经理|经理|总监|总裁|"
    "总工程师|总工|工程师|教授|研究员|博士|硕士|老师|先生|女士|同志|院士|专家|组长|队长|站长|委员|首席|主席|司长|师傅)";
const char* const kEnglishTitles =
    "(?:Mr|Mrs|Ms|Miss|Dr|Prof|Professor|Engr|Engineer|Director|Mayor|Secretary|Minister|President|Chairman|Chairwoman|"
    "Manager|Commissioner|Governor|Deputy Director|Vice Mayor|Sir|Madam)\\.?";

struct KnownNames::Regex {
  Regex(const std::string& regex, Kind k, std::string w, Found f)
      : search(regex, re2::RE2::Quiet), kind(k), who(std::move(w)), found(f) {}
  re2::RE2 search;
  Kind kind;
  std::string who;
  Found found;
};

namespace {

constexpr std::string_view kLegalForms[] = {"股份有限公司", "有限责任公司", "有限公司", "集团公司", "股份公司",
                                            "集团",         "公司",         "(集团)",   "事务所"};
constexpr std::string_view kTrades[] = {
    "科技",     "技术",   "信息",   "智能",   "数据", "软件", "网络",   "网讯",   "电子",     "通信", "通讯",   "系统",
    "系统集成", "工程",   "建设",   "投资",   "控股", "实业", "发展",   "环保",   "环境",     "能源", "电力",   "交通",
    "城市",     "云计算", "计算机", "物联网", "物联", "互联", "互联网", "大数据", "人工智能", "咨询", "规划",   "设计",
    "服务",     "运营",   "管理",   "文化",   "传媒", "教育", "医疗",   "健康",   "安全",     "安防", "自动化", "机电",
    "设备",     "新能源", "节能",   "水务",   "燃气", "热力", "物业",   "地产",   "置业",     "贸易", "国际",   "中国",
    "数码",     "光电",   "仪器",   "测绘",   "遥感", "地理", "空间",   "勘测",   "研究",     "开发", "创新",   "产业",
    "数字",     "智慧",   "数科",   "云",     "建筑", "市政", "轨道"};
constexpr std::string_view kEnglishForms[] = {"co ltd",       "company limited",
                                              "co limited",   "corporation",
                                              "incorporated", "limited",
                                              "company",      "gmbh",
                                              "group",        "holdings",
                                              "corp",         "inc",
                                              "ltd",          "llc",
                                              "plc",          "co",
                                              "ag",           "sa",
                                              "bv",           "pte",
                                              "llp"};
constexpr std::string_view kEnglishTrades[] = {
    "technology",   "technologies", "tech",           "data",      "software",    "network",       "networks",
    "information",  "systems",      "system",         "digital",   "intelligent", "smart",         "engineering",
    "construction", "investment",   "development",    "energy",    "environment", "environmental", "international",
    "china",        "global",       "solutions",      "services",  "consulting",  "design",        "science",
    "and",          "electronics",  "communications", "transport", "city",        "urban",         "cloud"};
constexpr std::string_view kProjectEnds[] = {"示范项目",  "建设项目", "项目",       "工程",     "平台",
                                             "系统",      "方案",     "应用",       "案例",     " project",
                                             " platform", " system",  " programme", " program", " initiative"};

bool has_han(std::string_view text) {
  for (std::size_t at = 0; at < text.size();)
    if (text::is_han(text::next_letter(text, at).code)) return true;
  return false;
}

template <class List>
bool take_end(std::string& text, const List& ends, std::size_t letters_left) {
  for (const std::string_view end : ends) {
    if (text.ends_with(end) && letters_in(text) >= letters_in(end) + letters_left) {
      text.resize(text.size() - end.size());
      return true;
    }
  }
  return false;
}

std::vector<std::string> words_of(const std::string& plain) {
  std::vector<std::string> out;
  std::string word;
  for (const char c : plain + " ") {
    const bool letter = text::is_digit(char32_t(c)) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        std::uint8_t(c) >= 0x80 || c == '\'';
    if (letter) word += c;
    else if (!word.empty()) out.push_back(std::exchange(word, {}));
  }
  return out;
}

std::string lower_of(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
  return text;
}
std::string capital(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = char(text[0] - 'a' + 'A');
  return text;
}
// Zhang and ZHANG.
std::string either_case(const std::string& lower) {
  std::string upper = lower;
  for (char& c : upper)
    if (c >= 'a' && c <= 'z') c = char(c - 'a' + 'A');
  return "(?:" + re2::RE2::QuoteMeta(capital(lower)) + "|" + re2::RE2::QuoteMeta(upper) + ")";
}

bool is_word_letter(char32_t c) {
  return text::is_alphabetic(c) || text::is_digit(c) || (c >= 'A' && c <= 'Z');
}

}  // namespace

void KnownNames::put(const std::string& name, Kind kind, const std::string& who, Found found) {
  std::string tight = tighten(fold(name).lower).text;
  if (tight.find_first_of("()") != std::string::npos) {  // brackets are often left out
    std::string without = tight;
    std::erase_if(without, [](char c) { return c == '(' || c == ')'; });
    put(without, kind, who, found);
  }
  const std::size_t letters = letters_in(tight);
  if (letters < 2 || (!has_han(tight) && letters < 4)) return;
  for (const Variant& variant : variants_)
    if (variant.tight == tight && variant.kind == kind) return;
  variants_.push_back({std::move(tight), {}, kind, found, who});
}

void KnownNames::put_regex(const std::string& regex, Kind kind, const std::string& who, Found found) {
  auto made = std::make_shared<Regex>("(" + regex + ")", kind, who, found);
  if (made->search.ok()) regexes_.push_back(std::move(made));
}

void KnownNames::add(const Identity& identity, Found found) {
  if (identity.names.empty()) return;
  const std::string who = fmt::format("{} {}", int(identity.kind), tighten(fold(identity.names[0]).lower).text);
  for (const std::string& name : identity.names) {
    put(name, identity.kind, who, found);
    // Short Latin names stand in capitals or not at all: a mask on every "it" would be none.
    const std::string plain = fold(name).plain;
    if (!has_han(plain) && letters_in(tighten(plain).text) < 4 && plain.size() >= 2)
      variants_.push_back({{}, plain, identity.kind, found, who});
    switch (identity.kind) {
      case Kind::person: add_person(name, who, found); break;
      case Kind::organisation: add_organisation(name, who, found); break;
      case Kind::project: add_project(name, who, found); break;
      case Kind::place: add_place(name, who, found); break;
      default: break;
    }
  }
}

void KnownNames::add_person(const std::string& name, const std::string& who, Found found) {
  if (has_han(fold(name).lower)) add_chinese_person(fold(name).lower, who, found);
  else add_english_person(fold(name).plain, who, found);
}

void KnownNames::add_chinese_person(const std::string& name, const std::string& who, Found found) {
  const std::string han = tighten(name).text;
  const std::size_t letters = surname_letters(han);
  if (letters == 0 || letters_in(han) <= letters || letters_in(han) > 4) return;
  std::size_t at = 0;
  for (std::size_t i = 0; i < letters; ++i) (void)text::next_letter(han, at);
  const std::string surname = han.substr(0, at), given = han.substr(at);
  put_regex(fmt::format("[小老]?{}\\s?{}", surname, kChineseTitles), Kind::person, who, found);
  for (const char* const title : {"总", "工"})
    if (!begins_as_ordinary_word(surname + title)) put(surname + title, Kind::person, who, found);
  if (letters_in(given) >= 2) put_regex(fmt::format("{}\\s?(?:同志|先生|女士|老师)", given), Kind::person, who, found);
  const std::vector<std::string> all = pinyin_of_name(han);
  if (all.size() != letters_in(han)) return;
  std::vector<std::string> surnames{{}};
  for (std::size_t i = 0; i < letters; ++i) surnames[0] += all[i];
  if (surnames[0] == "lv") surnames = {"lv", "lu", "lyu", "lü"};
  std::vector<std::string> givens{{}};
  std::string initials;
  for (std::size_t i = letters; i < all.size(); ++i) {
    givens[0] += all[i];
    const char first = char(all[i][0] - 'a' + 'A');
    initials += fmt::format("{}{}", i == letters ? "" : "\\.?[ -]?", first);
  }
  for (const std::string& s : surnames) {
    for (const std::string& g : givens) {
      put(s + g, Kind::person, who, found);
      put(g + s, Kind::person, who, found);
    }
    const std::string family = either_case(s);
    put_regex(fmt::format("\\b{}\\.?[ -]?{}\\b", initials, family), Kind::person, who, found);
    put_regex(fmt::format("\\b{},?\\s?{}(?:\\.|\\b)", family, initials), Kind::person, who, found);
    const char first = char(givens[0][0] - 'a' + 'A');
    put_regex(fmt::format("\\b{}\\.\\s?{}\\b|\\b{},?\\s{}\\.", first, family, family, first), Kind::person, who, found);
    put_regex(fmt::format("\\b(?i:{})\\s+{}\\b", kEnglishTitles, family), Kind::person, who, found);
  }
}

void KnownNames::add_english_person(const std::string& name, const std::string& who, Found found) {
  std::vector<std::string> words = words_of(name);
  if (words.size() < 2) return;
  const std::size_t comma = name.find(',');
  if (comma != std::string::npos) std::ranges::rotate(words, words.begin() + 1);
  const std::string first = words.front(), last = words.back();
  put(first + last, Kind::person, who, found);
  put(last + first, Kind::person, who, found);
  std::string all;
  for (const std::string& word : words) all += word;
  put(all, Kind::person, who, found);
  put(last + all.substr(0, all.size() - last.size()), Kind::person, who, found);
  const std::string family = either_case(lower_of(last));
  std::string initials = fmt::format("{}\\.?", first[0]);
  put_regex(fmt::format("\\b{}\\s?(?:[A-Z]\\.?\\s?)?{}\\b|\\b{},?\\s{}(?:\\s?[A-Z]\\b\\.?|\\b)", initials, family,
                        family, initials),
            Kind::person, who, found);
  put_regex(fmt::format("\\b(?i:{})\\s+{}\\b", kEnglishTitles, family), Kind::person, who, found);
  put_regex(fmt::format("\\b{}\\s+(?:[A-Z]\\.?\\s+|[A-Z][a-z]+\\s+){}\\b", either_case(lower_of(first)), family),
            Kind::person, who, found);
  // A surname that is no Chinese one stands for its bearer alone.
  if (last.size() >= 5 && !is_pinyin_surname(lower_of(last)))
    put_regex(fmt::format("\\b{}\\b", family), Kind::person, who, found);
}

void KnownNames::add_organisation(const std::string& name, const std::string& who, Found found) {
  const std::string lower = fold(name).lower;
  if (!has_han(lower)) {
    add_english_organisation(fold(name).plain, who, found);
    return;
  }
  std::string core = tighten(lower).text;
  const std::string whole = core;
  while (take_end(core, kLegalForms, 2)) put(core, Kind::organisation, who, found);
  const bool company = core != whole;
  // Without the place it begins with.
  std::string local = core;
  for (const std::string_view city : city_names()) {
    if (!local.starts_with(city) || letters_in(local) < letters_in(city) + 2) continue;
    local.erase(0, city.size());
    for (const std::string_view level : {"省", "市"})
      if (local.starts_with(level)) local.erase(0, level.size());
    put(std::string(city) + local, Kind::organisation, who, found);
    break;
  }
  if (company) {
    if (letters_in(local) >= 3) put(local, Kind::organisation, who, found);
    std::string brand = local;
    while (take_end(brand, kTrades, 2)) {
      if (letters_in(brand) >= 3) put(brand, Kind::organisation, who, found);
    }
    const bool ordinary = std::ranges::find(kTrades, brand) != std::end(kTrades);
    if (!ordinary && letters_in(brand) >= 2 && letters_in(brand) <= 6) {
      put(brand, Kind::organisation, who, found);
      std::string latin;
      for (const std::string& syllable : pinyin_of(brand)) latin += syllable;
      if (latin.size() >= 6) put(latin, Kind::organisation, who, found);
    }
    return;
  }
  // 深圳市交通运输局 is also written 深圳交通运输局; a university by its name alone.
  for (const std::string_view level : {"市", "省", "区", "县"}) {
    const std::size_t at = whole.find(level);
    if (at != std::string::npos && at >= 6 && at + level.size() < whole.size())
      put(whole.substr(0, at) + whole.substr(at + level.size()), Kind::organisation, who, found);
  }
  if (local != core && letters_in(local) >= 5) put(local, Kind::organisation, who, found);
}

void KnownNames::add_english_organisation(const std::string& name, const std::string& who, Found found) {
  std::vector<std::string> words = words_of(name);
  if (!words.empty() && lower_of(words[0]) == "the") words.erase(words.begin());
  const auto joined = [&] {
    std::string out;
    for (const std::string& word : words) out += word;
    return out;
  };
  put(joined(), Kind::organisation, who, found);
  std::string letters;
  for (const std::string& word : words)
    if (word[0] >= 'A' && word[0] <= 'Z') letters += word[0];
  if (letters.size() >= 3 && !is_capital_word(letters))
    variants_.push_back({{}, letters, Kind::organisation, found, who});
  const auto is_in = [&](const auto& list) {
    return std::ranges::find(list, lower_of(words.back())) != std::end(list);
  };
  const std::size_t whole = words.size();
  while (words.size() > 1 && is_in(kEnglishForms)) words.pop_back();
  if (words.size() == whole) return;  // no company: its words alone are ordinary ones
  std::string forms;
  for (const std::string& word : words)
    if (word[0] >= 'A' && word[0] <= 'Z') forms += word[0];
  if (forms.size() >= 3 && !is_capital_word(forms)) variants_.push_back({{}, forms, Kind::organisation, found, who});
  put(joined(), Kind::organisation, who, found);
  while (words.size() > 1 && is_in(kEnglishTrades)) {
    words.pop_back();
    if (words.size() > 1) put(joined(), Kind::organisation, who, found);
  }
  // The brand, as a word of its own: Beiming, and not the "acme" in "acmeist".
  const bool is_city = std::ranges::any_of(city_names(), [&](std::string_view city) {
    std::string latin;
    for (const std::string& syllable : pinyin_of(city)) latin += syllable;
    return words.size() == 1 && lower_of(words[0]) == latin;
  });
  if (!is_city && joined().size() >= 4 && !is_in(kEnglishTrades)) put(joined(), Kind::organisation, who, found);
}

void KnownNames::add_project(const std::string& name, const std::string& who, Found found) {
  std::string core = fold(name).lower;
  std::erase_if(core, [](char c) { return c == '"'; });
  while (take_end(core, kProjectEnds, 4)) put(core, Kind::project, who, found);
}

void KnownNames::add_place(const std::string& name, const std::string& who, Found found) {
  std::string core = tighten(fold(name).lower).text;
  if (!has_han(core)) {
    for (const std::string_view end : {"municipality", "province", "district", "county", "city"}) {
      if (core.ends_with(end) && core.size() > end.size() + 3)
        put(core.substr(0, core.size() - end.size()), Kind::place, who, found);
    }
    return;
  }
  const auto latin = [&] {
    std::string out;
    for (const std::string& syllable : pinyin_of(core)) out += syllable;
    put(out, Kind::place, who, found);
  };
  for (const std::string_view end : {"特别行政区", "自治区", "自治州", "新区", "地区", "省", "市", "区", "县", "镇"}) {
    if (!core.ends_with(end) || letters_in(core) < letters_in(end) + 2) continue;
    core.resize(core.size() - end.size());
    put(core, Kind::place, who, found);
    break;
  }
  latin();
}

void KnownNames::find(const Folded& text, const Tight& tight, std::vector<Finding>& out) const {
  for (const Variant& variant : variants_) {
    const bool exact = !variant.capitals.empty();
    const std::string& in = exact ? text.plain : tight.text;
    const std::string& what = exact ? variant.capitals : variant.tight;
    for (std::size_t at = in.find(what); at != std::string::npos; at = in.find(what, at + 1)) {
      const std::size_t begin = exact ? at : tight.at[at];
      const std::size_t end = exact ? at + what.size() : tight.at[at + what.size() - 1] + 1;
      // Latin words are whole words: 'anna' is not in 'savannah'. Numbers behind a long one are part of an account.
      const char32_t before = letter_before(text.lower, begin), after = letter_at(text.lower, end);
      const bool latin_first = is_word_letter(letter_at(what, 0)),
                 latin_last = is_word_letter(char32_t(std::uint8_t(what.back())));
      if (latin_first && is_word_letter(before)) continue;
      if (latin_last && is_word_letter(after) && !(what.size() >= 6 && text::is_digit(after))) continue;
      out.push_back({begin, end, variant.kind, variant.found, variant.who, false});
    }
  }
  for (const auto& regex : regexes_) {
    re2::StringPiece part;
    for (std::size_t at = 0; at < text.plain.size();) {
      if (!regex->search.Match(text.plain, at, text.plain.size(), re2::RE2::UNANCHORED, &part, 1)) break;
      const auto begin = std::size_t(part.data() - text.plain.data());
      at = begin + std::max<std::size_t>(part.size(), 1);
      if (!part.empty()) out.push_back({begin, at, regex->kind, regex->found, regex->who, false});
    }
  }
}

}  // namespace cityloop::awards::blind
