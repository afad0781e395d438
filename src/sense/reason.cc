#include "sense/reason.h"

namespace cityloop::sense {
namespace {

struct Told {
  std::string_view name;
  flow::Bilingual text;
};

const std::array<Told, kReasons>& table() {
  static const std::array<Told, kReasons> all{{
      {"columns", {"列数与表头不符", "another number of columns than the header has"}},
      {"quotes", {"引号不配对", "quotes that do not close"}},
      {"not_utf8", {"不是 UTF-8 文本", "not UTF-8"}},
      {"too_long", {"行过长", "the line is too long"}},
      {"bad_json", {"JSON 格式错误", "malformed JSON"}},
      {"bad_topic", {"主题没有对应的映射", "no mapping for this topic"}},
      {"bad_id", {"标识缺失或不合法", "the id is missing or malformed"}},
      {"unknown_device", {"未登记的设备", "a device that is not registered"}},
      {"too_many", {"设备数超过上限", "more devices than allowed"}},
      {"bad_time", {"时间缺失或无法识别", "the time is missing or cannot be read"}},
      {"too_old", {"时间早于允许的下限", "observed before the earliest time allowed"}},
      {"future", {"时间在未来", "observed in the future"}},
      {"bad_number", {"不是数字", "not a number's text"}},
      {"not_a_number", {"数值为 NaN 或无穷", "NaN or infinite"}},
      {"out_of_range", {"数值超出允许范围", "outside the range allowed"}},
      {"bad_value", {"取值不在允许之列", "not one of the values allowed"}},
      {"bad_geometry", {"坐标不合法", "a position that is not on the earth, or malformed"}},
      {"no_values", {"没有任何数据", "no values at all"}},
      {"refused", {"孪生体拒绝写入", "refused by the twin"}},
      {"filtered", {"按条件过滤", "passed over by the filter"}},
      {"outside_window", {"不在回放时段内", "outside the time window"}},
  }};
  return all;
}

}  // namespace

std::string_view to_string(Reason reason) {
  return table()[std::size_t(reason)].name;
}

std::optional<Reason> reason_from(std::string_view name) {
  for (std::size_t i = 0; i < kReasons; ++i) {
    if (table()[i].name == name) return Reason(i);
  }
  return std::nullopt;
}

const flow::Bilingual& text_of(Reason reason) {
  return table()[std::size_t(reason)].text;
}

}  // namespace cityloop::sense
