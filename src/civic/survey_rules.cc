#include "civic/survey_rules.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "sense/clean_text.h"
#include "serve/city.h"
#include "trust/secret.h"

namespace cityloop::civic {
namespace {

using base::ConfigTable;
using base::Errc;
using base::fail;
using base::JsonValue;
using base::JsonWriter;
using base::Result;
using flow::Bilingual;
using Type = SurveyQuestion::Type;

constexpr std::size_t kTextMax = 2000, kQuestionsMax = 20, kChoicesMax = 30;
constexpr base::Duration kOpenDefault = std::chrono::hours(24 * 14), kDelayDefault = std::chrono::hours(24);

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

Bilingual read_texts(ConfigTable& table, std::string_view key, bool required) {
  auto both = table.table(key);
  if (both) return {both->text("zh"), both->text("en")};
  if (required) table.mistake(key, fmt::format("'{}' is missing: {{ zh = \"…\", en = \"…\" }}", key));
  return {};
}

std::string read_id(ConfigTable& table, std::string_view key, std::set<std::string>& seen) {
  std::string id = table.text(key);
  if (!is_id(id)) table.mistake(key, fmt::format("'{}' must be of letters, digits, '-' and '_', at most 64", key));
  else if (!seen.insert(id).second) table.mistake(key, fmt::format("there is a '{}' already", id));
  return id;
}

std::optional<Type> type_from(std::string_view text) {
  if (text == "scale") return Type::scale;
  if (text == "choice") return Type::choice;
  if (text == "text") return Type::text;
  return std::nullopt;
}

SurveyQuestion read_question(ConfigTable& table, std::set<std::string>& ids) {
  SurveyQuestion out;
  out.id = read_id(table, "id", ids);
  out.name = read_texts(table, "name", true);
  out.help = read_texts(table, "help", false);
  if (const auto type = type_from(table.text("type"))) out.type = *type;
  else table.mistake("type", "'type' is scale, choice or text");
  out.required = table.boolean_or("required", false);
  if (out.type == Type::scale) {
    out.low = read_texts(table, "low", false);
    out.high = read_texts(table, "high", false);
  }
  if (out.type == Type::choice) out.several = table.boolean_or("several", false);
  std::set<std::string> keys;
  for (ConfigTable& choice : table.tables("choice")) {
    std::string key = read_id(choice, "key", keys);
    out.choices.push_back({std::move(key), read_texts(choice, "name", true)});
  }
  if (out.choices.size() > kChoicesMax) table.mistake("choice", fmt::format("more than {} choices", kChoicesMax));
  if ((out.type == Type::choice) == out.choices.empty())
    table.mistake("choice", out.type == Type::choice ? "a choice needs its [[survey.question.choice]]s"
                                                     : "only a choice has choices");
  return out;
}

void read_when(ConfigTable& table, Survey& out, const SurveyChecks& checks) {
  for (const std::string& word : table.texts("after")) {
    if (const auto status = public_status_from(word)) out.after.push_back(*status);
    else table.mistake("after", fmt::format("a case never stands as '{}'", word));
  }
  out.steps = table.texts("steps");
  if (out.after.empty() && out.steps.empty())
    table.mistake("after", "'after' or 'steps' must say after what people are asked");
  out.kinds = table.texts("kinds");
  for (const std::string& kind : out.kinds) {
    if (!checks.has_kind(kind)) table.mistake("kinds", fmt::format("there is no case kind '{}'", kind));
  }
  out.services = table.texts("services");
  for (const std::string& service : out.services) {
    if (!checks.has_service(service)) table.mistake("services", fmt::format("there is no service '{}'", service));
  }
}

Survey read_survey(ConfigTable& table, std::set<std::string>& ids, const SurveyChecks& checks) {
  Survey out;
  out.id = read_id(table, "id", ids);
  out.name = read_texts(table, "name", true);
  out.intro = read_texts(table, "intro", false);
  read_when(table, out, checks);
  out.share = table.number_or("share", 1);
  if (!(out.share > 0 && out.share <= 1)) table.mistake("share", "'share' lies above 0 and at most at 1");
  const double seed = table.number_or("seed", 1);
  if (!(seed >= 0 && seed <= 9e15 && seed == std::floor(seed))) table.mistake("seed", "'seed' is a whole number");
  else out.seed = std::uint64_t(seed);
  out.delay = table.duration_or("delay", kDelayDefault);
  out.open = table.duration_or("open", kOpenDefault);
  if (out.delay < base::Duration::zero()) table.mistake("delay", "'delay' must not be negative");
  if (out.open <= base::Duration::zero()) table.mistake("open", "'open' must be longer than nothing");
  std::set<std::string> questions;
  for (ConfigTable& question : table.tables("question")) out.questions.push_back(read_question(question, questions));
  if (out.questions.empty() || out.questions.size() > kQuestionsMax)
    table.mistake("question", fmt::format("a survey has from 1 to {} [[survey.question]]s", kQuestionsMax));
  out.version = trust::fingerprint(questions_json(out.questions)).substr(0, 12);
  return out;
}

void write_if(JsonWriter& out, std::string_view key, const Bilingual& text) {
  if (!text.zh.empty() || !text.en.empty()) serve::write(out.key(key), text);
}

Bilingual texts_of(const JsonValue& from, std::string_view key) {
  const JsonValue* both = from.find(key);
  return both ? Bilingual{both->text_or("zh", ""), both->text_or("en", "")} : Bilingual{};
}

bool is_null(const JsonValue& value) {
  return std::holds_alternative<std::monostate>(value.is);
}

Result<std::string> scale_answer(const SurveyQuestion& on, const JsonValue& given) {
  const double* number = given.number();
  if (!number || *number != std::floor(*number) || *number < 1 || *number > kScaleMax)
    return fail(Errc::invalid, "'{}' is answered by a whole number from 1 to {}", on.id, kScaleMax);
  return fmt::format("{}", int(*number));
}

Result<std::vector<std::string>> choice_answer(const SurveyQuestion& on, const JsonValue& given) {
  JsonValue::Array list;
  if (given.array()) list = *given.array();
  else list.push_back(given);
  std::set<std::string> chosen;
  for (const JsonValue& one : list) {
    const bool known = one.text() && std::any_of(on.choices.begin(), on.choices.end(),
                                                 [&](const auto& choice) { return choice.key == *one.text(); });
    if (!known) return fail(Errc::invalid, "'{}' has no choice {}", on.id, one.dump());
    chosen.insert(*one.text());
  }
  if (chosen.size() > 1 && !on.several) return fail(Errc::invalid, "'{}' takes one choice", on.id);
  std::vector<std::string> out;
  for (const auto& choice : on.choices) {
    if (chosen.contains(choice.key)) out.push_back(choice.key);
  }
  return out;
}

Result<std::vector<std::string>> values_of(const SurveyQuestion& on, const JsonValue& given) {
  std::vector<std::string> out;
  if (is_null(given)) return out;
  switch (on.type) {
    case Type::scale: out.push_back(TRY(scale_answer(on, given))); break;
    case Type::choice: return choice_answer(on, given);
    case Type::text: {
      if (!given.text()) return fail(Errc::invalid, "'{}' is answered by a text", on.id);
      std::string text = TRY(sense::checked_text(on.id, *given.text(), {kTextMax, false}));
      if (!text.empty()) out.push_back(std::move(text));
    }
  }
  return out;
}

}  // namespace

std::string_view to_string(Type type) {
  switch (type) {
    case Type::scale: return "scale";
    case Type::choice: return "choice";
    case Type::text: return "text";
  }
  return "text";
}

bool Survey::is_about(std::string_view kind, std::string_view service) const {
  const auto holds = [](const std::vector<std::string>& list, std::string_view one) {
    return list.empty() || std::find(list.begin(), list.end(), one) != list.end();
  };
  return holds(kinds, kind) && holds(services, service);
}

void read_surveys(ConfigTable& root, SurveySettings& settings, std::vector<Survey>& out, const SurveyChecks& checks) {
  if (auto table = root.table("surveys")) {
    settings.not_within = table->duration_or("not_within", settings.not_within);
    settings.kept = table->duration_or("kept", settings.kept);
    const double least = table->number_or("group_min", settings.group_min);
    if (least < 5 || least > 1000) table->mistake("group_min", "'group_min' must be from 5 to 1000");
    else settings.group_min = unsigned(least);
    if (settings.kept <= base::Duration::zero()) table->mistake("kept", "'kept' must be longer than nothing");
  }
  std::set<std::string> ids;
  for (ConfigTable& table : root.tables("survey")) out.push_back(read_survey(table, ids, checks));
}

void write(JsonWriter& out, const SurveyQuestion& one) {
  serve::write(out.object().field("id", one.id).field("type", to_string(one.type)).key("name"), one.name);
  write_if(out, "help", one.help);
  write_if(out, "low", one.low);
  write_if(out, "high", one.high);
  out.field("required", one.required);
  if (one.type == Type::choice) {
    out.field("several", one.several).key("choices").array();
    for (const auto& choice : one.choices) {
      serve::write(out.object().field("key", choice.key).key("name"), choice.name);
      out.end();
    }
    out.end();
  }
  out.end();
}

std::string questions_json(const std::vector<SurveyQuestion>& questions) {
  JsonWriter out;
  out.array();
  for (const SurveyQuestion& one : questions) write(out, one);
  return out.end().take();
}

Result<std::vector<SurveyQuestion>> questions_from(std::string_view json) {
  const JsonValue list = TRY(JsonValue::parse(json));
  std::vector<SurveyQuestion> out;
  if (!list.array()) return fail(Errc::corrupt, "the questions of a survey are no list");
  for (const JsonValue& from : *list.array()) {
    SurveyQuestion one;
    one.id = from.text_or("id", "");
    one.type = type_from(from.text_or("type", "")).value_or(Type::text);
    one.name = texts_of(from, "name");
    one.help = texts_of(from, "help");
    one.low = texts_of(from, "low");
    one.high = texts_of(from, "high");
    one.required = from.boolean_or("required", false);
    one.several = from.boolean_or("several", false);
    const JsonValue* choices = from.find("choices");
    for (const JsonValue& choice : choices && choices->array() ? *choices->array() : JsonValue::Array{})
      one.choices.push_back({choice.text_or("key", ""), texts_of(choice, "name")});
    out.push_back(std::move(one));
  }
  return out;
}

Result<std::vector<SurveyAnswer>> read_answers(const std::vector<SurveyQuestion>& questions, const JsonValue& given) {
  if (!given.object()) return fail(Errc::invalid, "'answers' is an object: the id of each question and its answer");
  for (const auto& member : *given.object()) {
    const bool asked = std::any_of(questions.begin(), questions.end(),
                                   [&](const SurveyQuestion& one) { return one.id == member.key; });
    if (!asked) return fail(Errc::invalid, "there is no question '{}'", member.key);
  }
  std::vector<SurveyAnswer> out;
  for (const SurveyQuestion& question : questions) {
    const JsonValue* answer = given.find(question.id);
    const auto values = TRY(values_of(question, answer ? *answer : JsonValue{}));
    if (values.empty() && question.required) return fail(Errc::invalid, "'{}' must be answered", question.id);
    for (const std::string& value : values) out.push_back({question.id, value});
  }
  if (out.empty()) return fail(Errc::invalid, "nothing is answered; to take answers back, delete them");
  return out;
}

void write_answers(JsonWriter& out, const std::vector<SurveyQuestion>& questions,
                   const std::vector<SurveyAnswer>& answers) {
  out.object();
  for (const SurveyQuestion& question : questions) {
    std::vector<std::string_view> values;
    for (const SurveyAnswer& answer : answers) {
      if (answer.question == question.id) values.push_back(answer.value);
    }
    if (values.empty()) continue;
    out.key(question.id);
    if (question.type == Type::scale) {
      out.raw(values.front());
    } else if (question.several) {
      out.array();
      for (const std::string_view value : values) out.text(value);
      out.end();
    } else {
      out.text(values.front());
    }
  }
  out.end();
}

}  // namespace cityloop::civic
