#include "domain/awards/entry/answers.h"

#include <algorithm>
#include <charconv>

#include "base/refusal.h"
#include "sense/clean_text.h"
#include "twin/utf8.h"

namespace cityloop::awards {
namespace {

using base::Errc;
using base::JsonValue;
using base::JsonWriter;
using base::refuse;
using base::Result;

constexpr std::size_t kPlaceDecimals = 5;
constexpr std::size_t kKeptMax = 40'000;  // characters of one text, whatever the field allows

// Why a value cannot be kept; empty when it can.
std::string flaw_of(const Cycle& cycle, const Field& field, const JsonValue& value) {
  if (field.both) {
    if (!value.object()) return R"(is {"zh": …, "en": …})";
    for (const auto& [language, text] : *value.object()) {
      if (std::ranges::find(cycle.languages, language) == cycle.languages.end())
        return fmt::format("is not written in '{}'", language);
      if (!text.text()) return "is a text in each language";
    }
    return "";
  }
  switch (field.type) {
    case FieldType::number: return value.number() ? "" : "is a number";
    case FieldType::yes: return value.boolean() ? "" : "is true or false";
    case FieldType::choices: {
      const auto* const list = value.array();
      const bool texts = list && std::ranges::all_of(*list, [](const JsonValue& one) { return one.text() != nullptr; });
      return texts ? "" : "is a list of choices";
    }
    default: return value.text() ? "" : "is a text";
  }
}

void keep(JsonWriter& out, const Field& field, const JsonValue& value) {
  const bool one_line = field.type != FieldType::text;
  const auto clean = [&](const std::string& text) { return sense::clean_text(text, {kKeptMax, one_line}); };
  if (field.both) {
    out.object();
    for (const char* language : {"zh", "en"})
      if (const JsonValue* text = value.find(language)) out.field(language, clean(*text->text()));
    out.end();
  } else if (value.text()) {
    out.text(clean(*value.text()));
  } else {
    value.write(out);
  }
}

bool is_date(const std::string& text) {
  const auto parsed = base::parse_time(text);
  return text.size() == 10 && parsed && base::format_time(*parsed).substr(0, 10) == text;
}

bool is_email(const std::string& text) {
  const std::size_t at = text.find('@');
  const bool blank = text.find_first_of(" \t,;<>\"") != text.npos;
  return !blank && at != text.npos && at > 0 && text.find('@', at + 1) == text.npos &&
         text.find('.', at + 2) != text.npos && !text.ends_with('.');
}

// Digits with at most five decimals and a sign before them: what std::from_chars takes beyond that is no position.
std::optional<double> degrees_in(std::string_view text, double most) {
  const std::size_t point = text.find('.');
  if (text.find_first_not_of("-.0123456789") != text.npos || text.ends_with('.')) return {};
  if (point != text.npos && text.size() - point - 1 > kPlaceDecimals) return {};
  double out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size() || !(out >= -most && out <= most)) return {};
  return out;
}

bool is_phone(const std::string& text) {
  const auto digits = std::ranges::count_if(text, [](char c) { return c >= '0' && c <= '9'; });
  return digits >= 5 && digits <= 20 && text.find_first_not_of("0123456789+-() ext.") == text.npos;
}

class Checker {
 public:
  Checker(const Cycle& cycle, const Proposal& of, const std::vector<StoredFile>& files)
      : cycle_(cycle), of_(of), files_(files), answers_(JsonValue::parse(of.answers).value_or(JsonValue{})) {}

  std::vector<Lack> all() {
    category_ = cycle_.category(of_.category);
    if (!category_) say("empty", "category", {"尚未选择类别", "no category is chosen"});
    for (const Field& field : cycle_.fields)
      if (asked(field)) check(field);
    for (const FileSlot& slot : cycle_.files) check(slot);
    return std::move(out_);
  }

 private:
  bool asked(const Field& field) const {
    return field.categories.empty() || std::ranges::find(field.categories, of_.category) != field.categories.end();
  }
  void say(std::string code, std::string where, Bilingual text, std::string language = "") {
    out_.push_back({std::move(code), std::move(where), std::move(language), std::move(text)});
  }
  void empty(const Field& field, std::string language = "") {
    if (field.required) say("empty", field.id, {"尚未填写", "not filled in"}, std::move(language));
  }

  void check(const Field& field) {
    const JsonValue* const value = answers_.find(field.id);
    if (field.both) return check_both(field, value);
    if (!value) return empty(field);
    if (const std::string* text = value->text()) return check_text(field, *text, "");
    if (const double* number = value->number()) return check_number(field, *number);
    if (const bool* yes = value->boolean(); yes && !*yes) return empty(field);
    if (const auto* list = value->array()) {
      if (list->empty()) empty(field);
      for (const JsonValue& one : *list) check_choice(field, *one.text());
    }
  }

  // The first language must be there; another one must too, where the cycle says so.
  void check_both(const Field& field, const JsonValue* value) {
    for (std::size_t i = 0; i < cycle_.languages.size(); ++i) {
      const std::string& language = cycle_.languages[i];
      const std::string text = value ? value->text_or(language, "") : "";
      const bool needed = i == 0 || cycle_.second_language_required;
      if (text.empty() && !needed) continue;
      check_text(field, text, language);
    }
  }

  void check_text(const Field& field, const std::string& text, const std::string& language) {
    if (text.empty()) return empty(field, language);
    const std::size_t length = twin::utf8_length(text);
    if (length > field.max_chars)
      say("too_long", field.id,
          {fmt::format("共 {} 字，最多 {} 字", length, field.max_chars),
           fmt::format("{} characters, {} at most are allowed", length, field.max_chars)},
          language);
    const auto must = [&](bool fits, const char* code, Bilingual why) {
      if (!fits) say(code, field.id, std::move(why), language);
    };
    if (field.type == FieldType::email)
      must(is_email(text), "not_an_email", {"不是电子邮箱", "this is no e-mail address"});
    if (field.type == FieldType::phone)
      must(is_phone(text), "not_a_phone", {"不是电话号码", "this is no telephone number"});
    if (field.type == FieldType::date) must(is_date(text), "not_a_date", {"日期应为 年-月-日", "a date is YYYY-MM-DD"});
    if (field.type == FieldType::url)
      must(text.starts_with("https://") || text.starts_with("http://"), "not_a_url",
           {"网址以 http(s):// 开头", "an address begins with http(s)://"});
    if (field.type == FieldType::place)
      must(place_from(text).has_value(), "not_a_place",
           {"位置为“纬度,经度”：纬度 -90 至 90 度，经度 -180 至 180 度，小数不超过 5 位",
            "a place is \"latitude,longitude\": -90 to 90 and -180 to 180 degrees, with 5 decimals at most"});
    if (field.type == FieldType::choice) check_choice(field, text);
  }

  void check_number(const Field& field, double number) {
    const bool fits = (!field.least || number >= *field.least) && (!field.most || number <= *field.most);
    if (!fits) say("out_of_range", field.id, {"数值超出允许范围", "the number is out of range"});
  }

  void check_choice(const Field& field, const std::string& id) {
    if (std::ranges::find(field.choices, id, &Choice::id) == field.choices.end())
      return say("unknown_choice", field.id, {"没有这一选项", "there is no such choice"});
    if (!field.status || !category_ || category_->status.empty()) return;
    const bool allowed = std::ranges::any_of(category_->status, [&](ProjectStatus s) { return to_string(s) == id; });
    if (!allowed)
      say("status_not_allowed", field.id,
          {"本类别只接受实施中或已完成、有实际成效的项目",
           "this category takes projects in progress or done, with real effect"});
  }

  void check(const FileSlot& slot) {
    const auto have = unsigned(std::ranges::count(files_, slot.id, &StoredFile::slot));
    const unsigned least = std::max(slot.least, slot.supporting_cases && category_ ? category_->cases_min : 0);
    if (have < least)
      say("too_few_files", slot.id,
          {fmt::format("已上传 {} 份，至少 {} 份", have, least), fmt::format("{} of at least {} files", have, least)});
    if (have > slot.most)
      say("too_many_files", slot.id,
          {fmt::format("已上传 {} 份，最多 {} 份", have, slot.most),
           fmt::format("{} files, {} at most", have, slot.most)});
    if (slot.with.empty()) return;
    const auto partners = unsigned(std::ranges::count(files_, slot.with, &StoredFile::slot));
    if (have > 0 && partners < have)
      say("no_partner", slot.with, {"盖章件须附可编辑文件", "an editable file must go with what was stamped"});
  }

  const Cycle& cycle_;
  const Proposal& of_;
  const std::vector<StoredFile>& files_;
  JsonValue answers_;
  const Category* category_{nullptr};
  std::vector<Lack> out_;
};

std::string choice_text(const Field& field, const std::string& id, std::string_view language) {
  const auto found = std::ranges::find(field.choices, id, &Choice::id);
  if (found == field.choices.end()) return id;
  return language == "zh" ? found->name.zh : found->name.en;
}

}  // namespace

Result<JsonValue> read_answers(const Cycle& cycle, const JsonValue& given) {
  if (!given.object())
    return refuse(Errc::invalid, "填写内容须按栏目给出", "answers are an object, by the fields' ids");
  base::Flaws flaws;
  for (const auto& [id, value] : *given.object())
    if (!cycle.field(id)) flaws.tell("没有栏目“{}”", "there is no field '{}'", twin::clipped(id));
  JsonWriter out;
  out.object();
  for (const Field& field : cycle.fields) {
    const JsonValue* const value = given.find(field.id);
    if (!value || std::holds_alternative<std::monostate>(value->is)) continue;
    if (const std::string flaw = flaw_of(cycle, field, *value); !flaw.empty())
      flaws.tell("“{0}”的内容形式不对", "'{1}' {2}", field.name.zh, field.id, flaw);
    else keep(out.key(field.id), field, *value);
  }
  out.end();
  TRY(flaws.none(Errc::invalid));
  return JsonValue::parse(out.take());
}

std::vector<Lack> lacks_of(const Cycle& cycle, const Proposal& of, const std::vector<StoredFile>& files) {
  return Checker(cycle, of, files).all();
}

std::string text_of(const Cycle& cycle, const Field& field, const JsonValue& answers, std::string_view language) {
  const JsonValue* const value = answers.find(field.id);
  if (!value) return "";
  if (field.both) {
    std::string out = value->text_or(language, "");
    for (const std::string& other : cycle.languages)
      if (out.empty()) out = value->text_or(other, "");
    return out;
  }
  if (const std::string* text = value->text())
    return field.type == FieldType::choice ? choice_text(field, *text, language) : *text;
  if (const bool* yes = value->boolean())
    return *yes ? (language == "zh" ? "是" : "yes") : (language == "zh" ? "否" : "no");
  if (const auto* list = value->array()) {
    std::string out;
    for (const JsonValue& one : *list)
      if (one.text()) out += (out.empty() ? "" : ", ") + choice_text(field, *one.text(), language);
    return out;
  }
  return value->dump();
}

std::string title_of(const Cycle& cycle, const JsonValue& answers) {
  const Field* const field = cycle.title_field();
  return field ? text_of(cycle, *field, answers, cycle.languages.front()) : "";
}

std::optional<LatLon> place_from(std::string_view text) {
  const std::size_t parting = text.find(',');
  if (parting == text.npos) return {};
  const auto lat = degrees_in(text.substr(0, parting), 90), lon = degrees_in(text.substr(parting + 1), 180);
  if (!lat || !lon) return {};
  return LatLon{*lat, *lon};
}

std::optional<LatLon> place_of(const Cycle& cycle, const JsonValue& answers) {
  const auto field = std::ranges::find(cycle.fields, FieldType::place, &Field::type);
  return field == cycle.fields.end() ? std::nullopt : place_from(answers.text_or(field->id, ""));
}

std::string frozen_text(const Cycle& cycle, const Proposal& of, unsigned version, Instant at,
                        const std::vector<StoredFile>& files) {
  JsonWriter out;
  out.object().field("cycle", cycle.id).field("number", of.number).field("version", version);
  out.field("receivedAt", base::format_time(at)).field("category", of.category).field("applicant", of.applicant);
  out.key("answers").raw(of.answers).key("files").array();
  for (const StoredFile& one : files) {
    out.object().field("slot", one.slot).field("round", one.round).field("name", one.name);
    out.field("bytes", one.bytes).field("sha256", one.sha256).end();
  }
  return out.end().end().take();
}

}  // namespace cityloop::awards
