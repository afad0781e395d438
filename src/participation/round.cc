#include "participation/round.h"

#include <algorithm>

#include "base/json_value.h"
#include "base/json_writer.h"
#include "base/text_of_bytes.h"
#include "flow/case_parts.h"
#include "flow/noun.h"
#include "flow/own_types.h"

namespace cityloop::participation {
namespace {

using base::Errc;
using base::fail;
using base::from_base64url;
using base::Result;

constexpr std::string_view kPrefix = "urn:cityloop:Round:";
constexpr std::size_t kIdMax = 60;

std::string projects_json(const std::vector<RoundProject>& projects) {
  base::JsonWriter out;
  out.array();
  for (const RoundProject& one : projects) {
    out.object().field("proposal", one.proposal.text()).field("code", one.code).field("title", one.title);
    out.field("cost", units_of(one.cost)).end();
  }
  return out.end().take();
}

Result<std::vector<RoundProject>> projects_from(std::string_view json) {
  std::vector<RoundProject> out;
  if (json.empty()) return out;
  const auto list = TRY(base::JsonValue::parse(json));
  if (!list.array()) return fail(Errc::corrupt, "a round's projects are a list");
  for (const auto& one : *list.array()) {
    out.push_back({EntityId(one.text_or("proposal", "")), one.text_or("code", ""), one.text_or("title", ""),
                   money_from(one.number_or("cost", 0))});
  }
  return out;
}

}  // namespace

std::string_view to_string(RoundState state) {
  switch (state) {
    case RoundState::announced: return "announced";
    case RoundState::voting: return "voting";
    case RoundState::counting: return "counting";
    case RoundState::counted: return "counted";
  }
  return "";
}

RoundState Round::state(Instant now) const {
  if (counted_at != kNever) return RoundState::counted;
  if (!opened()) return RoundState::announced;
  return now < closes_at ? RoundState::voting : RoundState::counting;
}

BallotTerms Round::ballot_terms() const {
  BallotTerms out;
  out.round = id;
  out.currency = currency;
  out.budget = budget;
  out.method = method;
  out.choices = choices;
  out.decides = decides;
  out.opens_at = base::format_time(opens_at);
  out.closes_at = base::format_time(closes_at);
  for (const RoundProject& one : projects) out.projects.push_back({one.code, one.title, one.cost});
  return out;
}

Result<VerifyingKey> Round::key() const {
  const auto n = from_base64url(key_n), e = from_base64url(key_e);
  if (!n || !e || n->empty()) return fail(Errc::conflict, "the round '{}' has not opened", id);
  return VerifyingKey::make(*n, *e);
}

bool is_round_id(std::string_view id) {
  return !id.empty() && id.size() <= kIdMax &&
         std::ranges::all_of(id, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

EntityId round_entity(std::string_view id) {
  return EntityId(fmt::format("{}{}", kPrefix, id));
}

EntityId find_round_entity(std::string_view id) {
  return EntityId::lookup(fmt::format("{}{}", kPrefix, id));
}

flow::Write to_write(const Round& one) {
  flow::NounWriter out(round_entity(one.id), flow::kRoundType.text(), flow::WriteMode::replace);
  out.language("name", one.name).language("text", one.text);
  out.number("budget", units_of(one.budget)).text("currency", one.currency).text("area", one.area);
  out.time("opensAt", one.opens_at).time("closesAt", one.closes_at);
  out.text("method", to_string(one.method)).number("choices", one.choices).text("decides", to_string(one.decides));
  out.text("by", one.by).text("terms", one.terms);
  out.time("openedAt", one.opened_at).text("keyN", one.key_n).text("keyE", one.key_e);
  if (one.opened()) out.json("projects", projects_json(one.projects));
  out.time("countedAt", one.counted_at);
  if (one.counted_at != kNever) {
    out.number("issued", double(one.issued)).number("cast", double(one.cast)).text("sha256", one.sha256);
    if (!one.elected.empty()) out.json("elected", flow::texts_json(one.elected));
    out.number("spent", units_of(one.spent));
  }
  return out.take();
}

Result<Round> round_from(const flow::Entity& entity) {
  TRY(flow::require_type(entity, flow::kRoundType.text()));
  Round out;
  const auto number = [&](const char* name) { return entity.number(flow::Name(name)).value_or(0); };
  out.id = entity.id.text().substr(kPrefix.size());
  out.name = flow::language_field(entity, "name");
  out.text = flow::language_field(entity, "text");
  out.budget = money_from(number("budget"));
  out.currency = flow::text_field(entity, "currency");
  out.area = flow::text_field(entity, "area");
  out.opens_at = flow::time_field(entity, "opensAt");
  out.closes_at = flow::time_field(entity, "closesAt");
  out.method = TRY(ballot_method_from(flow::text_field(entity, "method")));
  out.choices = unsigned(number("choices"));
  out.decides = count_rule_from(flow::text_field(entity, "decides")).value_or(CountRule::equal_shares);
  out.by = flow::text_field(entity, "by");
  out.terms = flow::text_field(entity, "terms");
  out.opened_at = flow::time_field(entity, "openedAt");
  out.key_n = flow::text_field(entity, "keyN");
  out.key_e = flow::text_field(entity, "keyE");
  out.projects = TRY(projects_from(flow::json_field(entity, "projects")));
  out.counted_at = flow::time_field(entity, "countedAt");
  out.issued = std::int64_t(number("issued"));
  out.cast = std::int64_t(number("cast"));
  out.sha256 = flow::text_field(entity, "sha256");
  if (const std::string elected = flow::json_field(entity, "elected"); !elected.empty())
    out.elected = TRY(flow::texts_from(elected));
  out.spent = money_from(number("spent"));
  return out;
}

std::vector<RoundFlaw> flaws_of(const Round& one) {
  std::vector<RoundFlaw> out;
  if (!is_round_id(one.id)) {
    out.push_back({"id",
                   {fmt::format("标识只含小写字母、数字和“-”，最多 {} 个字符", kIdMax),
                    fmt::format("a round's id has small letters, digits and '-', at most {}", kIdMax)}});
  }
  if (one.name.zh.empty() || one.name.en.empty())
    out.push_back({"name", {"名称须有中文和英文", "'name' is needed in both languages"}});
  if (one.text.zh.empty() != one.text.en.empty())
    out.push_back({"text", {"说明须有中文和英文，或者都不填", "'text' is needed in both languages, or in none"}});
  if (one.budget <= 0 || one.budget > money_from(kMoneyMax)) {
    out.push_back({"budget",
                   {fmt::format("预算须大于 0，不超过 {}", kMoneyMax),
                    fmt::format("'budget' is above 0 and at most {}", kMoneyMax)}});
  }
  if (one.opens_at == kNever)
    out.push_back({"opensAt", {"须填投票开始时间", "'opensAt' is a time as 2027-03-01T00:00:00Z"}});
  if (one.closes_at == kNever)
    out.push_back({"closesAt", {"须填投票结束时间", "'closesAt' is a time as 2027-03-01T00:00:00Z"}});
  else if (one.opens_at != kNever && one.closes_at <= one.opens_at)
    out.push_back({"closesAt", {"结束须晚于开始", "'closesAt' comes after 'opensAt'"}});
  if (one.choices < 1 || one.choices > 1000)
    out.push_back({"choices", {"最多选几项须为 1 至 1000", "'choices' is from 1 to 1000"}});
  return out;
}

base::Status check_round(const Round& one) {
  const auto flaws = flaws_of(one);
  return flaws.empty() ? base::Status{} : fail(Errc::invalid, "{}", flaws.front().why.en);
}

}  // namespace cityloop::participation
