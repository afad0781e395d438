#include "text/places.h"

#include <algorithm>
#include <array>

#include "text/letters.h"

namespace cityloop::text {
namespace {

struct Ending {
  std::string_view letters;
  bool precise;
};
// Longer ones before those that they end in.
constexpr auto kEndings = std::to_array<Ending>({
    {"街道办", false}, {"街道", false},  {"小区", true},   {"社区", true},   {"校区", true},    {"园区", true},
    {"新城", true},    {"花园", true},   {"家园", true},   {"佳园", true},   {"公寓", true},    {"广场", true},
    {"大道", true},    {"大厦", true},   {"公园", true},   {"医院", true},   {"学校", true},    {"小学", true},
    {"中学", true},    {"大学", true},   {"学院", true},   {"幼儿园", true}, {"市场", true},    {"车站", true},
    {"地铁站", true},  {"高速", true},   {"立交桥", true}, {"大桥", true},   {"开发区", false}, {"工业园", true},
    {"路口", true},    {"国际城", true}, {"国际", true},   {"名城", true},   {"商城", true},    {"超市", true},
    {"路", true},      {"街", true},     {"巷", true},     {"村", true},     {"镇", false},     {"乡", false},
    {"县", false},     {"区", false},    {"市", false},    {"省", false},    {"桥", true},      {"苑", true},
    {"府", true},      {"湾", true},     {"栋", true},     {"湖", true},     {"河", true},      {"江", true},
    {"山", true},
});
constexpr std::size_t kLettersMax = 8;  // of a name before its ending

// What stands before a name and is no part of it.
constexpr auto kLeads = std::to_array<std::string_view>({
    "位于", "在",   "到",   "从",   "于",   "是",   "对",   "与",   "和",   "及",   "由",   "往",   "去", "的",
    "我们", "我",   "请",   "关于", "反映", "投诉", "咨询", "举报", "建议", "希望", "请问", "住",   "至", "给",
    "将",   "把",   "被",   "让",   "有",   "了",   "这个", "该",   "本",   "为",   "就",   "都",   "也", "不",
    "要",   "没有", "附近", "旁边", "对面", "整个", "这条", "一条", "这",   "那",   "某",   "每个", "各",
});
// What ends in these is no place, whatever stands before.
constexpr auto kNever = std::to_array<std::string_view>({
    "政府", "道路", "马路", "公路", "铁路", "网路", "思路", "出路", "走路", "修路", "问路", "线路", "半路", "上市",
    "城市", "农村", "乡村", "城镇", "乡镇", "家乡", "逛街", "上街", "地区", "辖区", "市区", "城区", "山区",
});
// Kinds of places that are none by themselves.
constexpr auto kNot = std::to_array<std::string_view>({
    "一路", "小区", "社区", "学校", "医院", "大学", "中学", "小学", "市场", "超市", "全市",   "我市",   "本市",
    "全区", "我区", "全县", "我县", "全村", "我村", "本村", "全省", "我省", "国际", "高速",   "步行街", "景区",
    "园区", "校区", "街道", "公园", "广场", "花园", "学院", "公寓", "车站", "大厦", "幼儿园",
});
constexpr auto kRoadWords = std::to_array<std::string_view>(
    {"road", "street", "avenue", "square", "lane", "park", "bridge", "school", "hospital", "station", "drive"});
constexpr auto kGroups = std::to_array<std::string_view>({
    "业主",     "居民",    "村民",    "学生",       "家长",     "老师",    "教师",    "员工",   "职工",
    "工人",     "农民工",  "司机",    "乘客",       "老人",     "孩子",    "患者",    "病人",   "商户",
    "租户",     "市民",    "游客",    "退休",       "军人",     "残疾人",  "购房者",  "消费者", "residents",
    "students", "parents", "tenants", "passengers", "patients", "drivers", "elderly",
});

class Finder {
 public:
  explicit Finder(std::string_view text) : text_(text) {}

  std::vector<Place> find() {
    for (std::size_t at = 0; at < text_.size();) {
      const Letter letter = next_letter(text_, at);
      const bool part = is_han(letter.code) || is_digit(letter.code) || is_alphabetic(letter.code);
      if (!part) {
        end_word(letter.begin);
        fresh_ = at;
        continue;
      }
      starts_.push_back(letter.begin);
      for (const Ending& ending : kEndings) {
        if (!text_.substr(0, at).ends_with(ending.letters) || at < fresh_ + ending.letters.size()) continue;
        take(at, ending);
        break;
      }
    }
    end_word(text_.size());
    return std::move(places_);
  }

 private:
  // From the last letters before the ending back to where the name may begin.
  void take(std::size_t end, const Ending& ending) {
    std::size_t begin = end - ending.letters.size();
    for (std::size_t letters = 0; letters < kLettersMax && begin > fresh_; ++letters) {
      const auto before = std::ranges::lower_bound(starts_, begin);
      if (before == starts_.begin()) break;
      const std::string_view so_far = text_.substr(fresh_, begin - fresh_);
      if (std::ranges::any_of(kLeads, [&](std::string_view lead) { return so_far.ends_with(lead); })) break;
      begin = *std::prev(before);
      if (begin < fresh_) begin = fresh_;
    }
    const std::string_view name = text_.substr(begin, end - begin);
    const bool adjoins = !places_.empty() && begin == fresh_ && begin + ending.letters.size() == end &&
                         places_.back().name.data() + places_.back().name.size() == text_.data() + begin;
    const bool never = std::ranges::any_of(kNever, [&](std::string_view word) { return name.ends_with(word); });
    if (adjoins) {
      // 丽发新城 and then 小区: one name
      const auto from = std::size_t(places_.back().name.data() - text_.data());
      places_.back() = {text_.substr(from, end - from), ending.precise};
    } else if (!never && name.size() > ending.letters.size() && std::ranges::find(kNot, name) == kNot.end()) {
      places_.push_back({name, ending.precise});
    }
    fresh_ = end;
  }

  // "main street": the word before the last belongs to it.
  void end_word(std::size_t end) {
    const std::string_view so_far = text_.substr(0, end);
    for (const std::string_view last : kRoadWords) {
      if (!so_far.ends_with(last)) continue;
      const std::size_t word = end - last.size();
      if (word < 2 || text_[word - 1] != ' ') return;
      const std::size_t blank = so_far.rfind(' ', word - 2);
      const std::size_t begin = blank == std::string_view::npos ? 0 : blank + 1;
      if (begin + 3 < word) places_.push_back({text_.substr(begin, end - begin), true});
      return;
    }
  }

  const std::string_view text_;
  std::vector<std::size_t> starts_;  // of letters, ascending
  std::size_t fresh_{0};             // nothing before belongs to the next name
  std::vector<Place> places_;
};

}  // namespace

std::vector<Place> places_in(std::string_view normal) {
  return Finder(normal).find();
}

std::vector<std::string_view> groups_in(std::string_view normal) {
  std::vector<std::pair<std::size_t, std::string_view>> found;
  for (const std::string_view group : kGroups) {
    if (const std::size_t at = normal.find(group); at != std::string_view::npos) found.emplace_back(at, group);
  }
  std::ranges::sort(found);
  std::vector<std::string_view> out;
  for (const auto& [at, group] : found) out.push_back(group);
  return out;
}

}  // namespace cityloop::text
