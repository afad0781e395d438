#include "civic/services.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>

#include "base/config.h"
#include "base/file.h"
#include "casework/case_rules.h"
#include "civic/web_address.h"
#include "trust/secret.h"

namespace cityloop::civic {
namespace {

using base::ConfigTable;
using base::Errc;
using base::fail;
using base::JsonValue;
using base::Result;

constexpr std::size_t kAnswerMax = 1000;

Bilingual read_texts(ConfigTable& table, std::string_view key, bool required) {
  auto both = table.table(key);
  if (!both) {
    if (required) table.mistake(key, fmt::format("'{}' is missing: {{ zh = \"…\", en = \"…\" }}", key));
    return {};
  }
  return {both->text("zh"), both->text("en")};
}

// One of some words; the first when nothing is said.
template <class Enum>
Enum read_word(ConfigTable& table, std::string_view key,
               std::initializer_list<std::pair<std::string_view, Enum>> words) {
  const std::string said = table.text_or(key, words.begin()->first);
  std::vector<std::string_view> known;
  for (const auto& [word, meaning] : words) {
    if (word == said) return meaning;
    known.push_back(word);
  }
  table.mistake(key, fmt::format("'{}' is '{}', and must be one of {}", key, said, fmt::join(known, ", ")));
  return words.begin()->second;
}

bool is_code(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(std::uint8_t(c)) || c == '-' || c == '_';
  });
}

std::string read_code(ConfigTable& table, std::set<std::string>& seen) {
  const std::string code = table.text("code");
  if (!is_code(code)) table.mistake("code", "'code' must be of letters, digits, '-' and '_', at most 64");
  else if (!seen.insert(code).second) table.mistake("code", fmt::format("there is a '{}' already", code));
  return code;
}

ServiceAttribute read_attribute(ConfigTable& table, std::set<std::string>& seen) {
  using Type = ServiceAttribute::Type;
  ServiceAttribute out;
  out.code = read_code(table, seen);
  out.name = read_texts(table, "name", true);
  out.help = read_texts(table, "help", false);
  out.type = read_word<Type>(table, "type",
                             {{"string", Type::string},
                              {"number", Type::number},
                              {"datetime", Type::datetime},
                              {"text", Type::text},
                              {"singlevaluelist", Type::singlevaluelist},
                              {"multivaluelist", Type::multivaluelist}});
  out.required = table.boolean_or("required", false);
  std::set<std::string> keys;
  for (ConfigTable& value : table.tables("value")) {
    ServiceAttribute::Choice choice{value.text("key"), read_texts(value, "name", true)};
    if (!keys.insert(choice.key).second) value.mistake("key", fmt::format("there is a '{}' already", choice.key));
    out.choices.push_back(std::move(choice));
  }
  const bool lists = out.type == Type::singlevaluelist || out.type == Type::multivaluelist;
  if (lists == out.choices.empty())
    table.mistake("value", lists ? "a list needs its [[service.attribute.value]]s" : "only a list has values");
  return out;
}

void check_places(ConfigTable& table, const Service& service, const casework::CaseRules* rules) {
  if (!rules) return;
  if (!rules->find_kind(service.kind)) table.mistake("kind", fmt::format("there is no case kind '{}'", service.kind));
  if (!service.category.empty() && !rules->categories().find(service.category))
    table.mistake("category", fmt::format("there is no category '{}'", service.category));
}

Service read_service(ConfigTable& table, std::set<std::string>& codes, const casework::CaseRules* rules) {
  Service out;
  out.code = read_code(table, codes);
  out.kind = table.text("kind");
  out.category = table.text_or("category", "");
  check_places(table, out, rules);
  out.name = read_texts(table, "name", true);
  out.description = read_texts(table, "description", false);
  out.group = read_texts(table, "group", false);
  out.keywords = table.texts("keywords");
  out.photo = read_word<PhotoWish>(
      table, "photo",
      {{"optional", PhotoWish::optional}, {"required", PhotoWish::required}, {"none", PhotoWish::none}});
  out.hidden = table.boolean_or("private", false);
  out.sensed = table.boolean_or("sensed", false);
  out.round_m = table.number_or("round_m", 0);
  if (out.round_m < 0 || out.round_m > 10'000) table.mistake("round_m", "'round_m' must be from 0 to 10000");
  out.texts = read_word<Service::Texts>(table, "texts",
                                        {{"masked", Service::Texts::masked}, {"approved", Service::Texts::approved}});
  std::set<std::string> seen;
  for (ConfigTable& attribute : table.tables("attribute")) out.attributes.push_back(read_attribute(attribute, seen));
  return out;
}

void read_rate(ConfigTable& limits, std::string_view key, RateRule& rule) {
  auto table = limits.table(key);
  if (!table) return;
  rule = {table->number("per_minute"), table->number("burst")};
  if (rule.per_minute <= 0 || rule.burst < 1)
    limits.mistake(key, fmt::format("'{}' needs per_minute above 0 and burst of at least 1", key));
}

void read_limits(ConfigTable& root, CivicSettings& out) {
  auto limits = root.table("limits");
  if (!limits) return;
  read_rate(*limits, "posts", out.posts);
  read_rate(*limits, "uploads", out.uploads);
  read_rate(*limits, "reads", out.reads);
  read_rate(*limits, "keys", out.keys);
  out.proxies = limits->texts("proxies");
}

void read_push(ConfigTable& root, PushSettings& out) {
  auto push = root.table("push");
  if (!push) return;
  out.subject = push->text("subject");
  out.hosts = push->texts("hosts");
  out.local = push->boolean_or("local", false);
  if (!out.subject.starts_with("mailto:") && !out.subject.starts_with("https://"))
    push->mistake("subject", "'subject' is mailto:ADDRESS or https://…, where a push service can ask about us");
  for (const std::string& host : out.hosts) {
    const std::string_view name = std::string_view(host).substr(host.starts_with("*.") ? 2 : 0);
    if (!is_host_name(name)) push->mistake("hosts", fmt::format("'{}' is no host", host));
  }
}

void read_origins(ConfigTable& root, std::vector<std::string>& out) {
  auto cors = root.table("cors");
  if (!cors) return;
  out = cors->texts("origins");
  for (const std::string& origin : out) {
    if (origin != "*" && !is_origin(origin))
      cors->mistake("origins", fmt::format("'{}' must be https://HOST without a path, or \"*\"", origin));
  }
}

void read_city(ConfigTable& root, CivicSettings& out) {
  auto city = root.table("civic");
  if (!city) return;
  out.jurisdiction = city->text_or("jurisdiction", "");
  out.address = city->text_or("address", "");
  while (out.address.ends_with('/')) out.address.pop_back();
  out.contact = read_texts(*city, "contact", false);
  out.privacy = read_texts(*city, "privacy", false);
  out.contact_kept = city->duration_or("contact_kept", out.contact_kept);
  out.closed_shown = city->duration_or("closed_shown", out.closed_shown);
  const double photos = city->number_or("photos_max", out.photos_max);
  if (photos < 0 || photos > 20) city->mistake("photos_max", "'photos_max' must be from 0 to 20");
  else out.photos_max = unsigned(photos);
}

Result<CivicSettings> read(base::Config config, const casework::CaseRules* rules) {
  ConfigTable root = config.root();
  CivicSettings out;
  read_city(root, out);
  read_limits(root, out);
  if (auto mail = root.table("mail")) out.mail = mail::MailSettings::read(*mail);
  read_push(root, out.push);
  read_origins(root, out.origins);
  std::set<std::string> codes;
  for (ConfigTable& service : root.tables("service")) out.services.push_back(read_service(service, codes, rules));
  read_surveys(root, out.surveying, out.surveys,
               {[&](std::string_view kind) { return !rules || rules->find_kind(kind); },
                [&](std::string_view service) { return codes.contains(std::string(service)); }});
  TRY(config.check());
  return out;
}

// The text of one answer that is no list.
Result<std::string> plain(const ServiceAttribute& on, const JsonValue& answer) {
  using Type = ServiceAttribute::Type;
  std::string text = answer.text() ? *answer.text() : answer.number() || answer.boolean() ? answer.dump() : "";
  if (text.size() > kAnswerMax) return fail(Errc::invalid, "'{}' is longer than {} bytes", on.code, kAnswerMax);
  if (on.type == Type::number && !text.empty()) {
    const auto number = JsonValue::parse(text);
    if (!number || !number->number()) return fail(Errc::invalid, "'{}' must be a number", on.code);
  }
  if (on.type == Type::datetime && !text.empty() && !base::parse_time(text))
    return fail(Errc::invalid, "'{}' must be a time as 2026-05-01T08:00:00Z", on.code);
  return text;
}

Result<std::string> chosen(const ServiceAttribute& on, const JsonValue& answer) {
  JsonValue::Array given;
  if (answer.array()) given = *answer.array();
  else if (answer.text() && !answer.text()->empty()) given.push_back(answer);
  if (given.size() > 1 && on.type == ServiceAttribute::Type::singlevaluelist)
    return fail(Errc::invalid, "'{}' takes one value", on.code);
  std::vector<std::string> names;
  for (const JsonValue& one : given) {
    const auto found = std::find_if(on.choices.begin(), on.choices.end(),
                                    [&](const auto& choice) { return one.text() && choice.key == *one.text(); });
    if (found == on.choices.end()) return fail(Errc::invalid, "'{}' has no value {}", on.code, one.dump());
    names.push_back(fmt::format("{} {}", found->name.zh, found->name.en));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

std::string_view to_string(ServiceAttribute::Type type) {
  using Type = ServiceAttribute::Type;
  switch (type) {
    case Type::string: return "string";
    case Type::number: return "number";
    case Type::datetime: return "datetime";
    case Type::text: return "text";
    case Type::singlevaluelist: return "singlevaluelist";
    case Type::multivaluelist: return "multivaluelist";
  }
  return "string";
}

std::string_view to_string(PhotoWish wish) {
  switch (wish) {
    case PhotoWish::none: return "none";
    case PhotoWish::optional: return "optional";
    case PhotoWish::required: return "required";
  }
  return "none";
}

Result<std::string> ServiceAttribute::line(const JsonValue& answer) const {
  const std::string value = TRY(choices.empty() ? plain(*this, answer) : chosen(*this, answer));
  if (value.empty() && required) return fail(Errc::invalid, "'{}' must be answered", code);
  return value.empty() ? std::string() : fmt::format("{} {}: {}", name.zh, name.en, value);
}

Result<CivicSettings> CivicSettings::load(const std::string& file, const casework::CaseRules* rules) {
  if (!std::filesystem::exists(file)) return CivicSettings{};
  return parse(TRY(base::read_file(file)), file, rules);
}

Result<CivicSettings> CivicSettings::parse(std::string_view text, std::string name, const casework::CaseRules* rules) {
  CivicSettings out = TRY(read(TRY(base::Config::parse(text, std::move(name))), rules));
  out.version = version_of(text);
  return out;
}

std::string CivicSettings::version_of(std::string_view text) {
  return trust::fingerprint(text).substr(0, 16);
}

const Service* CivicSettings::find(std::string_view code) const {
  const auto found = std::find_if(services.begin(), services.end(), [&](const Service& s) { return s.code == code; });
  return found == services.end() ? nullptr : &*found;
}

const Survey* CivicSettings::find_survey(std::string_view id) const {
  const auto found = std::find_if(surveys.begin(), surveys.end(), [&](const Survey& s) { return s.id == id; });
  return found == surveys.end() ? nullptr : &*found;
}

}  // namespace cityloop::civic
