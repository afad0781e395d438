#include "domain/awards/test/planted.h"

#include <fmt/format.h>

#include "domain/awards/blind/word_lists.h"
#include "text/letters.h"

namespace cityloop::awards::blind {
namespace {

// {p} a person of the applicant's, {o} its organisation, {b} its authority, {c} its city, {j} its project; {P} {O} {B}
// people, companies and authorities that nobody told us of; {m} mail, {t} phone, {i} identity number, {u} credit code,
// {w} web, {h} account, {a} address, {d} document number.
const std::vector<std::string> kChinese[2] = {{"本项目由{o}承建，{b}主管。",
                                               "项目负责人：{p}，联系电话：{t}，邮箱：{m}。",
                                               "{p}介绍，{j}已在{c}全域运行，日均处理数据三百万条。",
                                               "联系人：{P}，手机{t}。",
                                               "{O}提供了算法支持，{B}参与验收。",
                                               "办公地址：{a}",
                                               "统一社会信用代码：{u}",
                                               "身份证号：{i}",
                                               "更多内容见{w}，或关注公众号：{h}。",
                                               "微信号：{h}",
                                               "依据{d}，系统分三期建设，采用云计算与物联网技术，成本下降百分之二十。",
                                               "由{P}教授牵头的专家组认为，平台安全可靠，任何时间均可应急调度。",
                                               "{o}与{O}联合研发了信号控制模型。",
                                               "{b}副局长{P}同志出席了启动会。",
                                               "经{c}市民投票，满意度达到百分之九十六。",
                                               "项目团队成员：{P}、{P}、{p}。",
                                               "请致电{t}或发邮件至{m}咨询。",
                                               "{p}（{m}）负责数据治理，{p}负责运营。",
                                               "平台高峰期每秒处理一万条消息，管理人员可以在路口查看车流。",
                                               "{j}由{c}统一规划，施工单位按期完成管道改造。"},
                                              {"{o}中标后，组织了四十人的队伍驻场实施。",
                                               "填报人：{p}；审核人：{P}；填报单位：{b}。",
                                               "如有疑问可拨打{t}（工作时间），或写信到{m}。",
                                               "会上，{p}汇报了{j}的进展，{P}院士予以肯定。",
                                               "建设内容包括感知网络、数据中台和应用场景，服务全部区县的居民。",
                                               "{c}自二〇二一年起推进该系统，公共交通准点率明显提高。",
                                               "合作单位有{O}、{O}以及{B}。",
                                               "公司住所：{a}",
                                               "企业代码为{u}，法定代表人：{P}，证件号码{i}。",
                                               "演示网址 {w}，客服QQ：{h}。",
                                               "项目获{d}立项，资金来自地方财政。",
                                               "技术负责人 {p}，现场经理 {P}，值班电话{t}。",
                                               "{B}局长{P}到现场调研，要求强化应急能力建设。",
                                               "{o}承担平台运维，{b}承担监管。",
                                               "位于{a}的指挥中心全年无休。",
                                               "作者：{P} 单位：{O}",
                                               "感谢{O}的{P}老师在模型训练中给予的帮助。",
                                               "方案在任意时段都能自动切换，高级模式由管理员开启，节约能源百分之十五。",
                                               "微信：{h}，邮箱{m}，传真{t}。",
                                               "本案例所用专利归{o}所有，{c}已推广到二十个街道。"}};
const std::vector<std::string> kEnglish[2] = {
    {"The platform was built by {o} for {b}.", "Contact: {P}, {m}, tel. {t}.",
     "{p} explained how {j} went live across {c} in 2023.", "Project manager: {p}. Web: {w}", "Our office is at {a}.",
     "{O} supplied the sensors, and {B} approved the plan.", "Mr. {P} of {O} led the trials.",
     "Energy use fell by twelve per cent in the first year; response times were cut by half.",
     "Credit code {u}, passport number {i}.", "Write to {m} or call {t}.", "WeChat ID: {h}",
     "The team, led by {P}, tested the model on 40 junctions.",
     "Citizens of {c} can report faults by phone at any time."},
    {"In {c}, {b} asked {o} to redesign the control room.", "Prepared by: {P}",
     "For details see {w}, or ask {p} ({m}).", "Dr. {P} from {O} reviewed the design of {j}.",
     "The system covers water, power and transport, and has been copied twice.", "Mailing address: {a}",
     "Phone: {t}; registration no. {u}; passport no. {i}.", "{p} and {p} signed the agreement with {B}.",
     "Follow us on Twitter: {h}.", "{o} runs the service around the clock.",
     "Director {P} opened the pilot, and residents were asked for their views.",
     "Smart meters were fitted in every household of {c}."}};

class Gardener {
 public:
  Gardener(std::uint64_t seed, Sentences set)
      : rng_(seed * 7919 + (set == Sentences::held_out ? 1'000'003 : 0)), set_(int(set)) {}
  Planted grow();

 private:
  template <class List>
  const auto& one(const List& list) {
    return list[rng_.below(std::size(list))];
  }
  std::string digits(int count) {
    std::string out;
    while (count-- > 0) out += char('0' + rng_.below(10));
    return out;
  }
  bool chance(double share) { return rng_.uniform() < share; }
  std::string chinese_person();
  std::string pinyin(const std::string& name, bool first);
  void invent();
  std::string person(bool english);
  std::string organisation(bool english);
  std::string fill(char slot, bool english, Plant& plant);
  std::string contact(char slot, bool english);
  std::string phone(bool english);
  std::string address(bool english);
  std::string unknown_organisation(bool english);
  std::string unknown_authority(bool english);
  void write(const std::vector<std::string>& sentences, bool english);
  std::string spaced(const std::string& text, double share);

  base::Rng rng_;
  int set_;
  Planted out_;
  std::vector<std::string> people_;
  std::string city_, latin_city_, brand_, trade_, organisation_, latin_brand_, english_organisation_, authority_,
      english_authority_, project_, english_project_;
};

constexpr const char* kSurnames[] = {
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐",   "孙",   "马",   "朱",  "胡", "郭", "何",
    "林", "高", "罗", "郑", "梁", "谢", "宋", "唐", "许", "邓", "冯",   "韩",   "曹",   "曾",  "彭", "萧", "蔡",
    "潘", "田", "董", "袁", "于", "余", "叶", "蒋", "杜", "苏", "魏",   "程",   "吕",   "丁",  "沈", "任", "姚",
    "卢", "钟", "姜", "崔", "谭", "廖", "范", "汪", "陆", "金", "石",   "戴",   "贾",   "韦",  "夏", "邱", "方",
    "侯", "邹", "熊", "孟", "秦", "白", "江", "单", "解", "仇", "欧阳", "司马", "诸葛", "上官"};
constexpr const char* kGiven[] = {"伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳",
                                  "杰", "娟", "涛", "明", "超", "霞", "平", "刚", "晓", "建", "国", "文",
                                  "志", "海", "雪", "梅", "鹏", "飞", "鑫", "宇", "浩", "然", "子", "涵",
                                  "雨", "欣", "佳", "琪", "俊", "凯", "思", "远", "博", "宏", "春", "华",
                                  "玉", "兰", "桂", "英", "秀", "云", "永", "健", "世", "龙", "少", "红"};
constexpr const char* kBrand[] = {"迅", "联", "智", "博", "瑞", "恒", "鼎", "泰", "锐", "捷", "凌", "宇",
                                  "睿", "晟", "昊", "盈", "邦", "拓", "辰", "禾", "翰", "铭", "融", "畅",
                                  "朗", "汇", "信", "诚", "优", "亿", "腾", "旭", "卓", "擎", "维", "力"};
constexpr const char* kTrade[] = {"科技",     "信息技术", "数据技术", "智能科技", "软件",
                                  "网络科技", "系统集成", "电子科技", "环保科技", "交通科技"};
constexpr const char* kTradeEnglish[] = {"Technology",
                                         "Information Technology",
                                         "Data Technology",
                                         "Intelligent Technology",
                                         "Software",
                                         "Network Technology",
                                         "Systems Integration",
                                         "Electronics Technology",
                                         "Environmental Technology",
                                         "Transport Technology"};
constexpr const char* kBureaus[] = {"交通运输局",       "城市管理局", "水务局",     "公安局",    "政务服务数据管理局",
                                    "发展和改革委员会", "生态环境局", "大数据中心", "应急管理局"};
constexpr const char* kBureausEnglish[] = {
    "Transport Bureau",       "Urban Management Bureau", "Water Authority",
    "Public Security Bureau", "Data Administration",     "Development and Reform Commission",
    "Environment Bureau",     "Big Data Bureau",         "Emergency Management Bureau"};
constexpr const char* kProjectFirst[] = {"一网统管", "智慧交通", "数字孪生", "城市大脑",
                                         "智慧水务", "全域感知", "云上社区", "零碳园区"};
constexpr const char* kProjectFirstEnglish[] = {"One-Net",     "Smart Mobility", "Digital Twin",    "City Brain",
                                                "Clear Water", "All-Sense",      "Cloud Community", "Zero Carbon"};
constexpr const char* kWestern[] = {"James",  "Mary",  "Robert", "Linda", "Peter", "Susan",
                                    "Martin", "Helen", "Thomas", "Laura", "Erik",  "Anna"};
constexpr const char* kWesternLast[] = {"Thompson", "Nielsen", "Garcia",    "Mueller", "Robinson", "Petersen",
                                        "Williams", "Fischer", "Andersson", "Moreau",  "Rossi",    "Kowalski"};

std::string capital(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = char(text[0] - 32);
  return text;
}

std::string Gardener::chinese_person() {
  std::string out = one(kSurnames);
  out += one(kGiven);
  if (chance(0.75)) out += one(kGiven);
  return out;
}

// Zhang Xiaoming or, `first`, Xiaoming Zhang.
std::string Gardener::pinyin(const std::string& name, bool first) {
  const auto syllables = pinyin_of_name(name);
  const std::size_t letters = surname_letters(name);
  std::string family, given;
  for (std::size_t i = 0; i < syllables.size(); ++i) (i < letters ? family : given) += syllables[i];
  if (first) return capital(given) + " " + capital(family);
  if (chance(0.2)) {
    for (char& c : family)
      if (c >= 'a' && c <= 'z') c = char(c - 32);
  }
  return capital(family) + " " + capital(given);
}

std::string Gardener::spaced(const std::string& text, double share) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const text::Letter letter = text::next_letter(text, at);
    if (!out.empty() && text::is_han(letter.code) && chance(share))
      out += chance(0.3) ? "\n" : chance(0.5) ? " " : "　";
    out += text.substr(letter.begin, letter.end - letter.begin);
  }
  return out;
}

void Gardener::invent() {
  for (int i = 0; i < 3; ++i) people_.push_back(chinese_person());
  city_ = one(city_names());
  for (const std::string& syllable : pinyin_of(city_)) latin_city_ += syllable;
  latin_city_ = capital(latin_city_);
  brand_ = std::string(one(kBrand)) + one(kBrand);
  for (const std::string& syllable : pinyin_of(brand_)) latin_brand_ += syllable;
  latin_brand_ = capital(latin_brand_);
  const std::size_t trade = rng_.below(std::size(kTrade));
  trade_ = kTrade[trade];
  organisation_ = city_ + (chance(0.5) ? "市" : "") + brand_ + trade_ + (chance(0.2) ? "股份有限公司" : "有限公司");
  english_organisation_ = fmt::format("{} {} {} Co., Ltd.", latin_city_, latin_brand_, kTradeEnglish[trade]);
  const std::size_t bureau = rng_.below(std::size(kBureaus));
  authority_ = city_ + "市" + kBureaus[bureau];
  english_authority_ = fmt::format("{} Municipal {}", latin_city_, kBureausEnglish[bureau]);
  const std::size_t project = rng_.below(std::size(kProjectFirst));
  project_ = city_ + kProjectFirst[project] + (chance(0.5) ? "平台" : "工程");
  english_project_ = fmt::format("{} {} Platform", latin_city_, kProjectFirstEnglish[project]);
  for (const std::string& name : people_) out_.known.push_back({Kind::person, {name}});
  out_.known.push_back({Kind::organisation, {organisation_, english_organisation_}});
  out_.known.push_back({Kind::organisation, {authority_, english_authority_}});
  out_.known.push_back({Kind::project, {project_, english_project_}});
  out_.known.push_back({Kind::place, {city_ + "市", latin_city_}});
}

std::string Gardener::person(bool english) {
  const std::string& name = one(people_);
  const std::size_t at = is_surname(name.substr(0, 6)) ? 6 : 3;
  const std::string family = capital([&] {
    std::string out;
    const auto all = pinyin_of_name(name);
    for (std::size_t i = 0; i < at / 3; ++i) out += all[i];
    return out;
  }());
  if (!english) {
    switch (rng_.below(6)) {
      case 0: return spaced(name, 0.5);
      case 1: return name.substr(0, at) + std::string(chance(0.5) ? "局长" : "总经理");
      case 2: return pinyin(name, chance(0.5));
      default: return name;
    }
  }
  switch (rng_.below(5)) {
    case 0: return (chance(0.5) ? "Mr. " : "Director ") + family;
    case 1: return fmt::format("{}. {}", char(pinyin_of_name(name)[at / 3][0] - 32), family);
    default: return pinyin(name, chance(0.5));
  }
}

std::string Gardener::organisation(bool english) {
  if (english) {
    switch (rng_.below(5)) {
      case 0: return english_organisation_.substr(0, english_organisation_.size() - 10);
      case 1: return latin_brand_.size() >= 6 ? latin_brand_ : english_organisation_;
      case 2: return fmt::format("{} Co. Ltd", english_organisation_.substr(0, english_organisation_.size() - 10));
      default: return english_organisation_;
    }
  }
  switch (rng_.below(7)) {
    case 0: return brand_ + trade_;
    case 1: return brand_;
    case 2: return spaced(organisation_, 0.15);
    case 3: return city_ + brand_ + trade_;
    case 4: return english_organisation_;
    default: return organisation_;
  }
}

std::string Gardener::phone(bool english) {
  std::string mobile = fmt::format("1{}{}", "3456789"[rng_.below(7)], digits(9));
  if (english) {
    switch (rng_.below(4)) {
      case 0: return fmt::format("+86 {} {} {}", mobile.substr(0, 3), mobile.substr(3, 4), mobile.substr(7));
      case 1: return fmt::format("+86-{}-{}{}", 10 + rng_.below(20), 2 + rng_.below(8), digits(7));
      case 2: return fmt::format("+45 {} {} {} {}", 20 + rng_.below(70), digits(2), digits(2), digits(2));
      default: return fmt::format("+1 ({}) {}-{}", 200 + rng_.below(700), 200 + rng_.below(700), digits(4));
    }
  }
  switch (rng_.below(7)) {
    case 0: return fmt::format("{}-{}-{}", mobile.substr(0, 3), mobile.substr(3, 4), mobile.substr(7));
    case 1: return fmt::format("{} {} {}", mobile.substr(0, 3), mobile.substr(3, 4), mobile.substr(7));
    case 2: return fmt::format("0{}-{}{}", 751 + rng_.below(20), 2 + rng_.below(8), digits(6));
    case 3: return fmt::format("（0{}）{}{}转{}", 21 + rng_.below(8), 2 + rng_.below(8), digits(7), digits(3));
    case 4: return fmt::format("+86{}", mobile);
    case 5: return fmt::format("400-{}-{}", digits(3), digits(4));
    default: return mobile;
  }
}

std::string Gardener::address(bool english) {
  constexpr const char* kRoads[] = {"科苑", "中山", "建设", "滨海", "创业", "学府", "文化"};
  constexpr const char* kRoadsEnglish[] = {"Keyuan", "Zhongshan", "Jianshe", "Binhai", "Chuangye", "Xuefu", "Wenhua"};
  const std::size_t road = rng_.below(7), number = 1 + rng_.below(300);
  if (english) {
    return chance(0.5) ? fmt::format("No. {} {} Road, {}", number, kRoadsEnglish[road], latin_city_)
                       : fmt::format("Room {}, {} {} Avenue, {} {}", 100 + rng_.below(1900), number,
                                     kRoadsEnglish[road], latin_city_, 100000 + rng_.below(800000));
  }
  switch (rng_.below(3)) {
    case 0: return fmt::format("{}市{}区{}路{}号", city_, "高新", kRoads[road], number);
    case 1:
      return fmt::format("{}市{}大道{}号{}大厦{}楼{}室", city_, kRoads[road], number, brand_, 1 + rng_.below(40),
                         100 + rng_.below(900));
    default: return fmt::format("{}路{}号{}座{}层", kRoads[road], number, "AB"[rng_.below(2)], 1 + rng_.below(30));
  }
}

std::string Gardener::unknown_organisation(bool english) {
  std::string brand = std::string(one(kBrand)) + one(kBrand);
  if (english) {
    std::string latin;
    for (const std::string& syllable : pinyin_of(brand)) latin += syllable;
    const std::string name = capital(latin);
    switch (rng_.below(4)) {
      case 0: return fmt::format("{} {} Co., Ltd.", name, one(kTradeEnglish));
      case 1: return fmt::format("University of {}", name);
      case 2: return fmt::format("{} {} Inc.", name, one(kTradeEnglish));
      default: return fmt::format("{} University", name);
    }
  }
  const std::string city(one(city_names()));
  switch (rng_.below(5)) {
    case 0: return brand + one(kTrade) + "有限公司";
    case 1: return city + "大学";
    case 2: return city + brand + one(kTrade) + "股份有限公司";
    case 3: return brand + "集团";
    default: return city + "市规划设计研究院";
  }
}

std::string Gardener::unknown_authority(bool english) {
  const std::string city(one(city_names()));
  if (!english) return city + (chance(0.5) ? "市" : "省") + one(kBureaus);
  std::string latin;
  for (const std::string& syllable : pinyin_of(city)) latin += syllable;
  return fmt::format("{} Municipal {}", capital(latin), one(kBureausEnglish));
}

std::string Gardener::contact(char slot, bool english) {
  std::string word;
  for (const std::string& syllable : pinyin_of(chinese_person())) word += syllable;
  switch (slot) {
    case 'm': {
      constexpr const char* kHosts[] = {"163.com",    "qq.com", "gmail.com", "sz.gov.cn", "mail.example.edu.cn",
                                        "outlook.com"};
      const std::string user = chance(0.5) ? word : fmt::format("{}.{}", word, digits(2));
      switch (rng_.below(8)) {
        case 0: return fmt::format("{} (at) {}", user, one(kHosts));
        case 1: return fmt::format("{}＠{}", user, one(kHosts));
        case 2: return fmt::format("{} @ {}", user, one(kHosts));
        default: return fmt::format("{}@{}", user, one(kHosts));
      }
    }
    case 't': return phone(english);
    case 'i':
      return english ? "E" + digits(8)
                     : fmt::format("{}{}{:02}{:02}{}{}", 110000 + rng_.below(540000), 1950 + rng_.below(55),
                                   1 + rng_.below(12), 1 + rng_.below(28), digits(3), "0123456789X"[rng_.below(11)]);
    case 'u': return fmt::format("91{}MA{}{}", 110000 + rng_.below(540000), digits(7), "0123456789ABC"[rng_.below(13)]);
    case 'w':
      return chance(0.5) ? fmt::format("https://www.{}.com/case/{}", word, digits(3))
                         : fmt::format("www.{}.{}", word, chance(0.5) ? "gov.cn" : "cn");
    case 'h': return english ? word + "_" + digits(2) : digits(9);
    case 'd': {
      constexpr const char* kOffices[] = {"府办", "政发", "发改", "交规", "建字"};
      return fmt::format("{}{}〔20{}〕{}号", std::string(city_.begin(), city_.begin() + 3), one(kOffices),
                         15 + rng_.below(10), 1 + rng_.below(300));
    }
    default: return address(english);
  }
}

std::string Gardener::fill(char slot, bool english, Plant& plant) {
  plant.known = std::string_view("pobcj").contains(slot);
  switch (slot) {
    case 'p': plant.kind = Kind::person; return person(english);
    case 'o': plant.kind = Kind::organisation; return organisation(english);
    case 'b':
      plant.kind = Kind::organisation;
      return english ? english_authority_ : chance(0.3) ? city_ + authority_.substr(city_.size() + 3) : authority_;
    case 'c': plant.kind = Kind::place; return english ? latin_city_ : chance(0.5) ? city_ : city_ + "市";
    case 'j':
      plant.kind = Kind::project;
      return english ? english_project_ : chance(0.3) ? spaced(project_, 0.2) : project_;
    case 'P':
      plant.kind = Kind::person;
      if (!english) return chinese_person();
      return chance(0.5) ? pinyin(chinese_person(), chance(0.5))
                         : fmt::format("{} {}", one(kWestern), one(kWesternLast));
    case 'O': plant.kind = Kind::organisation; return unknown_organisation(english);
    case 'B': plant.kind = Kind::organisation; return unknown_authority(english);
    case 'm': plant.kind = Kind::email; break;
    case 't': plant.kind = Kind::phone; break;
    case 'i': plant.kind = Kind::id_number; break;
    case 'u': plant.kind = Kind::credit_code; break;
    case 'w': plant.kind = Kind::url; break;
    case 'h': plant.kind = Kind::handle; break;
    case 'd': plant.kind = Kind::document; break;
    default: plant.kind = Kind::address; break;
  }
  return contact(slot, english);
}

void Gardener::write(const std::vector<std::string>& sentences, bool english) {
  std::string& text = out_.texts.emplace_back();
  for (std::size_t n = 0; n < 2 * sentences.size(); ++n) {
    const std::string& sentence = one(sentences);
    for (std::size_t at = 0; at < sentence.size(); ++at) {
      if (sentence[at] != '{') {
        text += sentence[at];
        continue;
      }
      Plant plant{out_.texts.size() - 1, text.size(), 0, Kind::person, false, english};
      text += fill(sentence[at + 1], english, plant);
      plant.end = text.size();
      out_.plants.push_back(plant);
      at += 2;
    }
    const bool ended = sentence.ends_with("。") || sentence.ends_with(".");
    text += !ended || chance(0.3) ? "\n" : english ? " " : "";
  }
}

Planted Gardener::grow() {
  invent();
  write(kChinese[set_], false);
  write(kEnglish[set_], true);
  return std::move(out_);
}

}  // namespace

Planted plant(std::uint64_t seed, Sentences set) {
  return Gardener(seed, set).grow();
}

}  // namespace cityloop::awards::blind
