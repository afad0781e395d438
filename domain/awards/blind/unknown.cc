#include "domain/awards/blind/unknown.h"

#include <algorithm>

#include <fmt/format.h>
#include <re2/re2.h>

#include "domain/awards/blind/known.h"
#include "domain/awards/blind/word_lists.h"
#include "text/letters.h"

namespace cityloop::awards::blind {
namespace {

constexpr const char* kLabels =
    "(?:项目|第一|单位|技术|业务|法定|申报|主要|现场|企业|部门|系统|平台|团队|工作|具体)?(?:负责人|联系人|联络人|"
    "代表人|经理|主管|申报人|填报人|填表人|完成人|报送人|"
    "撰写人|撰稿人|编制人|编写人|审核人|主持人|参与人|参加人员|发明人|申请人|经办人|法人代表|法人|姓\\s{0,4}名|联\\s?"
    "系\\s?人|负\\s?责\\s?人|作\\s{0,2}者|主编|成员|"
    "组长|副组长|组员|专家|执笔|撰稿|撰文|审稿|供稿|署名|签字|签名)";
// What stands before a suffix and makes no name of it.
constexpr std::string_view kPlainBodies[] = {
    "科技", "技术",   "信息", "物业", "供电",   "供水", "供气", "燃气", "水务", "公交",   "运营",     "建设",
    "工程", "施工",   "监理", "设计", "第三方", "相关", "有关", "各",   "多家", "平台",   "国有",     "国企",
    "民营", "互联网", "通信", "保险", "物流",   "环卫", "软件", "子",   "分",   "总",     "母",       "本",
    "该",   "我",     "贵",   "全资", "城投",   "投资", "大型", "企业", "股份", "有限",   "有限责任", "高新技术",
    "高等", "职业",   "重点", "知名", "综合",   "三甲", "公立", "民办", "中心", "人民",   "专科",     "社区",
    "商业", "中国",   "国家", "行业", "地方",   "控股", "上市", "产业", "科研", "两家",   "一家",     "家",
    "某",   "集成",   "承建", "所属", "下属",   "龙头", "头部", "电信", "服务", "出租车", "网约车",   "地铁",
    "轨道", "上述",   "数据", "数字", "运输",   "快递", "旅游", "环境", "能源"};
constexpr std::string_view kFirmSuffixes[] = {
    "股份有限公司", "有限责任公司", "有限公司", "股份公司", "集团公司", "分公司", "公司",   "集团",   "事务所",
    "大学",         "学院",         "研究院",   "研究所",   "设计院",   "科学院", "工程院", "实验室", "医院",
    "中学",         "小学",         "幼儿园",   "银行",     "出版社",   "报社",   "电视台", "杂志社", "协会",
    "学会",         "商会",         "基金会",   "促进会",   "联合会",   "合作社", "工作室", "律所"};
constexpr std::string_view kAuthoritySuffixes[] = {"人民政府", "管理委员会", "管委会", "委员会", "政府",   "办事处",
                                                   "居委会",   "村委会",     "公安局", "分局",   "管理局", "局",
                                                   "厅",       "中心",       "支队",   "总队",   "大队",   "党委",
                                                   "市委",     "区委",       "县委",   "研究会", "管理处", "站"};
// A name of an organisation does not run over these.
constexpr std::string_view kStops[] = {"由",   "与",   "及",   "是",   "的",   "了",   "将",   "被",   "等",
                                       "向",   "从",   "至",   "到",   "使",   "让",   "把",   "经",   "同",
                                       "或",   "并",   "等",   "即",   "就",   "也",   "都",   "还",   "后",
                                       "前",   "时",   "联合", "委托", "协助", "邀请", "携手", "依托", "来自",
                                       "隶属", "单位", "负责", "采用", "使用", "其中", "包括", "例如", "如"};
// What 和 joins within the name of an authority: 发展和改革委员会.
constexpr std::string_view kJoined[] = {"改革",     "信息化",   "自然资源", "社会保障", "旅游", "城乡建设",
                                        "农村",     "技术",     "商务",     "体育",     "应急", "数据",
                                        "新闻出版", "计划生育", "健康",     "服务"};
constexpr std::string_view kSoftStops[] = {"和", "在", "为", "对", "于", "给"};

bool is_name_letter(char32_t c) {
  return text::is_han(c) || text::is_digit(c) || (c >= 'a' && c <= 'z') || c == '(' || c == ')' || c == '-';
}

std::size_t back(std::string_view text, std::size_t at) {
  while (at > 0) {
    --at;
    if ((std::uint8_t(text[at]) & 0xc0) != 0x80) break;
  }
  return at;
}

// How much of the beginning of a run of Chinese letters is a person's name; 0: none. `certain`: a label says that it is
// one.
std::size_t name_at(std::string_view han, bool certain) {
  const std::size_t surname = surname_letters(han);
  const std::size_t letters = letters_in(han);
  if (surname == 0 || letters <= surname || (!certain && begins_as_ordinary_word(han))) return 0;
  return first_letters(han, std::min(letters, surname + 2)).size();
}

class Unknown {
 public:
  Unknown(const Folded& text, std::vector<Finding>& out) : text_(text), lower_(text.lower), out_(out) {}

  void run() {
    labelled_people();
    titled_people();
    english_people();
    organisations(kFirmSuffixes, false);
    organisations(kAuthoritySuffixes, true);
    english_organisations();
    doubts();
  }

 private:
  template <class Use>
  void each(const re2::RE2& regex, const std::string& in, Use use);
  void put(std::size_t begin, std::size_t end, Kind kind, bool doubt = false) {
    std::string who = fmt::format("{} {}", int(kind), tighten(lower_.substr(begin, end - begin)).text);
    out_.push_back({begin, end, kind, Found::guess, std::move(who), doubt});
  }
  std::string_view han_from(std::size_t at, std::size_t letters_max) const;
  void labelled_people();
  void titled_people();
  void english_people();
  template <class List>
  void organisations(const List&, bool authority);
  void organisation(std::size_t at, std::string_view suffix, bool authority);
  void english_organisations();
  void doubts();

  const Folded& text_;
  const std::string& lower_;
  std::vector<Finding>& out_;
};

template <class Use>
void Unknown::each(const re2::RE2& regex, const std::string& in, Use use) {
  re2::StringPiece parts[2];
  for (std::size_t at = 0; at < in.size();) {
    if (!regex.Match(in, at, in.size(), re2::RE2::UNANCHORED, parts, 2)) return;
    const auto begin = std::size_t(parts[1].data() - in.data()), whole = std::size_t(parts[0].data() - in.data());
    use(begin, begin + parts[1].size());
    at = std::max(whole + 1, begin);
    while (at < in.size() && (std::uint8_t(in[at]) & 0xc0) == 0x80) ++at;
  }
}

std::string_view Unknown::han_from(std::size_t at, std::size_t letters_max) const {
  std::size_t end = at;
  for (std::size_t next = at; next < lower_.size() && letters_max > 0; --letters_max) {
    const text::Letter letter = text::next_letter(lower_, next);
    if (!text::is_han(letter.code)) break;
    end = next;
  }
  return std::string_view(lower_).substr(at, end - at);
}

// 联系人：张三、李四；姓名 王 五. Behind a colon the whole run is the name; without one, its first letters are.
void Unknown::labelled_people() {
  static const re2::RE2 label(fmt::format("{}\\s*(?:\\([^)\\n]{{0,8}}\\))?\\s*([:\\s|]|是|为|由)", kLabels));
  each(label, lower_, [&](std::size_t begin, std::size_t end) {
    const bool sure = lower_[begin] == ':' || lower_[begin] == '|';
    std::size_t at = end;
    for (int names = 0; names < 30; ++names) {
      while (at < lower_.size() && (lower_[at] == ' ' || lower_[at] == ':' || lower_[at] == '|')) ++at;
      const std::string_view run = han_from(at, 5);
      std::size_t size = name_at(run, sure);
      // 作者：张伟 单位：…: what a colon follows is the next label.
      if (size == 0 || (names > 0 && begins_as_ordinary_word(run))) return;
      // 张 伟: a surname apart from the rest.
      if (letters_in(run) > 4 && !sure) size = name_at(run, false);
      if (letters_in(run) == 4 && surname_letters(run) == 1) size = first_letters(run, 3).size();
      put(at, at + size, Kind::person);
      at += size;
      std::size_t next = at;
      const text::Letter after = next < lower_.size() ? text::next_letter(lower_, next) : text::Letter{};
      if (after.code != U'、' && after.code != ',' && after.code != ' ' && after.code != ';' && after.code != '/')
        return;
      at = next;
    }
  });
  // A surname and a given name apart: 姓名：张 伟.
  static const re2::RE2 apart(fmt::format(
      "{}\\s*[:：]\\s*(\\p{{Han}}{{1,2}} {{1,4}}\\p{{Han}}{{1,2}}(?: ?\\p{{Han}})?)(?:[^\\p{{Han}}]|$)", kLabels));
  each(apart, lower_, [&](std::size_t begin, std::size_t end) {
    if (surname_letters(std::string_view(lower_).substr(begin, end - begin)) > 0) put(begin, end, Kind::person);
  });
}

// 张三局长: the letters before a title, where they look like a name. 局长张三: those behind it, up to where the run
// ends.
void Unknown::titled_people() {
  static const re2::RE2 behind(
      fmt::format("{}(\\p{{Han}}{{2,4}}?)(?:[^\\p{{Han}}]|$|同志|先生|女士|教授|博士|院士|老师|等|主持|出席|介绍|表示|"
                  "指出|强调|率|带队|认为|说|和|与|在|到)",
                  kChineseTitles));
  each(behind, lower_, [&](std::size_t begin, std::size_t end) {
    const std::string_view run = std::string_view(lower_).substr(begin, end - begin);
    const std::size_t letters = letters_in(run), surname = surname_letters(run);
    if (surname > 0 && letters > surname && letters <= surname + 2 &&
        (letters == surname + 2 || !begins_as_ordinary_word(run)))
      put(begin, end, Kind::person);
  });
  static const re2::RE2 title(fmt::format("\\p{{Han}}\\s?({}(?:兼[^,。]{{0,8}})?)", kChineseTitles));
  each(title, lower_, [&](std::size_t begin, std::size_t) {
    std::size_t end = begin;
    while (end > 0 && lower_[end - 1] == ' ') --end;
    std::size_t at = end;
    std::vector<std::size_t> starts;
    for (int letters = 0; letters < 4 && at > 0; ++letters) {
      if (!text::is_han(letter_before(lower_, at))) break;
      at = back(lower_, at);
      starts.push_back(at);
    }
    const auto is_name = [&](std::size_t letters) {
      if (starts.size() < letters) return false;
      const std::string_view name = std::string_view(lower_).substr(starts[letters - 1], end - starts[letters - 1]);
      return surname_letters(name) > 0 && surname_letters(name) < letters && !begins_as_ordinary_word(name);
    };
    // The longest that looks like a name: a letter too many hides a word, one too few shows who it is.
    const bool two =
        starts.size() == 4 && surname_letters(std::string_view(lower_).substr(starts[3], end - starts[3])) == 2;
    for (const std::size_t letters : {4, 3, 2}) {
      if (!is_name(letters) || (letters == 4 && !two)) continue;
      put(starts[letters - 1], end, Kind::person);
      return;
    }
  });
}

void Unknown::english_people() {
  static const std::string one = "[A-Z][A-Za-z'’\\-]+";
  static const re2::RE2 titled(
      fmt::format("\\b{}\\s+((?:[A-Z]\\.?\\s?){{0,2}}{}(?:\\s+{}){{0,2}})", kEnglishTitles, one, one));
  each(titled, text_.plain, [&](std::size_t begin, std::size_t end) { put(begin, end, Kind::person); });
  static const re2::RE2 labelled(
      fmt::format("(?i:contact(?: person)?|project (?:manager|leader|lead|director)|led by|headed by|prepared "
                  "by|written by|author(?:s)?|submitted by|"
                  "signed(?: by)?|signature|name|principal investigator|responsible person|team "
                  "members?|applicant|reviewed by|approved by|chaired by)\\s*(?:[:：]\\s*|\\s)"
                  "((?:[A-Z]\\.?\\s?){{0,2}}{}(?:,?[ \\t]+(?:[A-Z]\\.?[ \\t]?|{})){{1,2}})",
                  one, one));
  each(labelled, text_.plain, [&](std::size_t begin, std::size_t end) { put(begin, end, Kind::person); });
  // Two or three capitalised words, one of them a surname in pinyin and the others given names, or a common given name.
  static const re2::RE2 words(fmt::format("\\b({}[ ,]+(?:[A-Z]\\. ?)?{})", one, one));
  each(words, text_.plain, [&](std::size_t begin, std::size_t end) {
    const std::string_view both = std::string_view(lower_).substr(begin, end - begin);
    const std::string first(both.substr(0, both.find_first_of(" ,"))), last(both.substr(both.find_last_of(" ,.") + 1));
    const auto given = [](const std::string& word) {
      static const re2::RE2 syllables(
          "(?:(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|ei|ao|ou|an|en|"
          "in|un|ia|ie|iu|ua|uo|ui|ue|er|a|o|e|i|u|v)[' -]?){1,2}");
      return re2::RE2::FullMatch(word, syllables);
    };
    const bool chinese = (is_pinyin_surname(first) && given(last)) || (is_pinyin_surname(last) && given(first));
    if ((chinese && both != "hong kong" && both != "xi an") || is_given_name(first)) put(begin, end, Kind::person);
  });
}

template <class List>
void Unknown::organisations(const List& suffixes, bool authority) {
  for (const std::string_view suffix : suffixes) {
    for (std::size_t at = lower_.find(suffix); at != std::string::npos; at = lower_.find(suffix, at + suffix.size()))
      organisation(at, suffix, authority);
  }
}

void Unknown::organisation(std::size_t at, std::string_view suffix, bool authority) {
  std::size_t begin = at;
  for (int letters = 0; letters < 24 && begin > 0; ++letters) {
    if (!is_name_letter(letter_before(lower_, begin))) break;
    begin = back(lower_, begin);
  }
  std::string_view body = std::string_view(lower_).substr(begin, at - begin);
  // From the last word that no name runs over; a soft one may be a part of the name (华为, 和平).
  std::size_t cut = 0;
  for (std::size_t i = 0; i < body.size();) {
    const std::size_t here = i;
    const auto city =
        std::ranges::find_if(city_names(), [&](std::string_view it) { return body.substr(here).starts_with(it); });
    if (city != city_names().end()) {
      i += city->size();
      continue;
    }
    (void)text::next_letter(body, i);
    for (const std::string_view stop : kStops)
      if (body.substr(here).starts_with(stop)) cut = std::max(cut, here + stop.size());
    for (const std::string_view stop : kSoftStops) {
      const bool inside = here > cut && begins_as_ordinary_word(body.substr(back(body, here)));
      const bool joined = stop == "和" && std::ranges::any_of(kJoined, [&](std::string_view part) {
                            return body.substr(i).starts_with(part);
                          });
      if (body.substr(here).starts_with(stop) && !inside && !joined && !begins_as_ordinary_word(body.substr(here)))
        cut = std::max(cut, here + stop.size());
    }
  }
  body = body.substr(cut);
  body = body.substr(led_up_to(body));
  while (!body.empty() && (body[0] == ')' || body[0] == '-' || text::is_digit(char32_t(body[0]))))
    body = body.substr(1);
  const auto has = [&](std::string_view part) { return body.contains(part); };
  const bool placed =
      std::ranges::any_of(city_names(), has) ||
      std::ranges::any_of(std::initializer_list<std::string_view>{"省", "市", "区", "县", "州", "镇", "街道"},
                          [&](std::string_view level) {
                            const std::size_t where = body.find(level);
                            return where != std::string_view::npos && letters_in(body.substr(0, where)) >= 2;
                          });
  if (authority && !placed) return;
  std::string rest(body);
  for (bool again = true; again && !rest.empty();) {
    again = false;
    for (const std::string_view plain : kPlainBodies) {
      if (rest.ends_with(plain)) rest.resize(rest.size() - plain.size()), again = true;
    }
  }
  if (letters_in(rest) < (suffix == "公司" || suffix == "集团" ? 2u : 1u) && !placed) return;
  const auto from = std::size_t(body.data() - lower_.data());
  if (letters_in(body) >= 2) put(from, at + suffix.size(), Kind::organisation);
}

void Unknown::english_organisations() {
  static const std::string word = "(?:[A-Z][\\w&'’\\-]*|of|for|and|&)";
  static const re2::RE2 ends(
      fmt::format("\\b((?:[A-Z][\\w&'’\\-]*(?:, ?| )(?:{}(?:, ?| )){{0,7}})(?:Co\\.?,? "
                  "?Ltd\\.?|Limited|Ltd\\.?|Inc\\.?|LLC|Corporation|Corp\\.?|GmbH|PLC|Company|Group|Holdings|"
                  "University|College|Institute|Academy|Laboratory|Hospital|Bank|Bureau|Commission|Committee|Council|"
                  "Authority|Administration|Agency|Ministry|Department|"
                  "Government|Municipality|Association|Society|Foundation|Federation|Consortium))",
                  word));
  each(ends, text_.plain, [&](std::size_t begin, std::size_t end) {
    // "Zhang Wei of Shenzhen Transport Bureau": the name begins behind the last "of" that leaves it two words.
    const std::string_view name = std::string_view(text_.plain).substr(begin, end - begin);
    const std::size_t of = name.rfind(" of ");
    if (of != std::string_view::npos && name.find(' ', of + 4) != std::string_view::npos) begin += of + 4;
    put(begin, end, Kind::organisation);
  });
  static const re2::RE2 begins(
      "\\b((?:University|Institute|Academy|Ministry|Department|Bureau|Municipality|Government|Council|Bank|City|"
      "College|School|Office) of (?:the )?[A-Z][\\w\\-]*(?: (?:and |of )?[A-Z][\\w\\-]*){0,4})");
  each(begins, text_.plain, [&](std::size_t begin, std::size_t end) { put(begin, end, Kind::organisation); });
}

void Unknown::doubts() {
  static const re2::RE2 titles("《([^》\\n]{2,40})》");
  each(titles, lower_, [&](std::size_t begin, std::size_t end) { put(begin, end, Kind::project, true); });
  static const re2::RE2 quoted("[“\"「]([^”\"」\\n]{2,30})[”\"」](?:项目|平台|系统|工程|app|小程序)");
  each(quoted, lower_, [&](std::size_t begin, std::size_t end) { put(begin, end, Kind::project, true); });
  static const re2::RE2 capitals("\\b([A-Z][A-Z0-9&]{2,9})\\b");
  each(capitals, text_.plain, [&](std::size_t begin, std::size_t end) {
    if (!is_capital_word(text_.plain.substr(begin, end - begin))) put(begin, end, Kind::organisation, true);
  });
  for (const std::string_view city : city_names()) {
    for (std::size_t at = lower_.find(city); at != std::string::npos; at = lower_.find(city, at + city.size()))
      put(at, at + city.size(), Kind::place, true);
  }
}

}  // namespace

void find_unknown(const Folded& text, std::vector<Finding>& out) {
  Unknown(text, out).run();
}

}  // namespace cityloop::awards::blind
