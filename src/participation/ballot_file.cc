#include "participation/ballot_file.h"

#include <algorithm>

#include "base/json_value.h"
#include "base/json_writer.h"
#include "base/text_of_bytes.h"
#include "trust/secret.h"

namespace cityloop::participation {
namespace {

using base::Errc;
using base::fail;
using base::from_base64url;
using base::JsonValue;
using base::JsonWriter;
using base::Result;
using base::to_base64url;

constexpr std::string_view kFormat = "cityloop-ballots-1";
constexpr std::size_t kFlawsMax = 20;

void write_texts(JsonWriter& out, std::string_view key, const std::vector<std::string>& texts) {
  out.key(key).array();
  for (const std::string& text : texts) out.text(text);
  out.end();
}

Result<std::vector<std::string>> read_texts(const JsonValue& from, std::string_view key) {
  const JsonValue* list = from.find(key);
  if (!list || !list->array()) return fail(Errc::malformed, "'{}' is missing, or no list", key);
  std::vector<std::string> out;
  for (const JsonValue& one : *list->array()) {
    if (!one.text()) return fail(Errc::malformed, "'{}' is a list of texts", key);
    out.push_back(*one.text());
  }
  return out;
}

Result<Money> read_money(const JsonValue& from, std::string_view key) {
  const double units = from.number_or(key, -1);
  if (!(units >= 0 && units <= kMoneyMax)) return fail(Errc::malformed, "'{}' is no amount of money", key);
  return money_from(units);
}

Result<BallotTerms> read_terms(const JsonValue& body) {
  const JsonValue* round = body.find("round");
  if (!round || !round->object()) return fail(Errc::malformed, "'round' is missing");
  BallotTerms out;
  out.round = round->text_or("id", "");
  out.currency = round->text_or("currency", "");
  out.budget = TRY(read_money(*round, "budget"));
  out.method = TRY(ballot_method_from(round->text_or("method", "")));
  out.choices = unsigned(std::clamp(round->number_or("choices", 0), 0.0, 1000.0));
  const auto rule = count_rule_from(round->text_or("decides", ""));
  if (!rule) return fail(Errc::malformed, "'decides' is no rule that we know");
  out.decides = *rule;
  out.opens_at = round->text_or("opensAt", "");
  out.closes_at = round->text_or("closesAt", "");
  const JsonValue* projects = body.find("projects");
  if (!projects || !projects->array()) return fail(Errc::malformed, "'projects' is missing");
  for (const JsonValue& one : *projects->array()) {
    const Money cost = TRY(read_money(one, "cost"));
    if (cost == 0) return fail(Errc::malformed, "a project costs something");
    out.projects.push_back({one.text_or("code", ""), one.text_or("title", ""), cost});
  }
  return out;
}

}  // namespace

std::string_view to_string(BallotMethod method) {
  return method == BallotMethod::approval ? "approval" : "knapsack";
}

Result<BallotMethod> ballot_method_from(std::string_view text) {
  if (text == "approval") return BallotMethod::approval;
  if (text == "knapsack") return BallotMethod::knapsack;
  return fail(Errc::invalid, "'{}' is no way of voting: approval or knapsack", text);
}

Result<std::vector<std::uint32_t>> BallotTerms::read(const std::vector<std::string>& chosen) const {
  std::vector<std::uint32_t> out;
  Money cost = 0;
  for (const std::string& code : chosen) {
    const auto found = std::ranges::find(projects, code, &FiledProject::code);
    if (found == projects.end()) return fail(Errc::invalid, "there is no project '{}' in this round", code);
    out.push_back(std::uint32_t(found - projects.begin()));
    cost += found->cost;
  }
  std::ranges::sort(out);
  if (std::ranges::adjacent_find(out) != out.end()) return fail(Errc::invalid, "a project is chosen once");
  if (method == BallotMethod::approval && out.size() > choices)
    return fail(Errc::invalid, "at most {} projects may be chosen", choices);
  if (method == BallotMethod::knapsack && cost > budget)
    return fail(Errc::invalid, "these cost {} {} together, and the budget is {}", units_of(cost), currency,
                units_of(budget));
  return out;
}

std::string ballot_id(std::string_view token_bytes) {
  return trust::fingerprint(token_bytes);
}

Result<std::string> check_signed(const VerifyingKey& key, const BallotPaper& paper) {
  const auto token = from_base64url(paper.token), prefix = from_base64url(paper.prefix),
             signature = from_base64url(paper.signature);
  const bool sound = token && prefix && signature && token->size() == kTokenBytes && prefix->size() == kPrefixBytes;
  if (!sound) return fail(Errc::invalid, "token and prefix are 32 bytes each, signature one of this key: base64url");
  if (!key.verify(*prefix, *token, *signature)) return fail(Errc::refused, "this token was not signed for this round");
  return ballot_id(*token);
}

std::string BallotFile::write() const {
  JsonWriter out;
  out.object().field("format", kFormat).key("round").object().field("id", terms.round);
  out.field("budget", units_of(terms.budget)).field("currency", terms.currency);
  out.field("method", to_string(terms.method)).field("choices", terms.choices);
  out.field("decides", to_string(terms.decides));
  out.field("opensAt", terms.opens_at).field("closesAt", terms.closes_at).end();
  out.key("key").object().field("n", to_base64url(key.n())).field("e", to_base64url(key.e())).end();
  out.key("projects").array();
  for (const FiledProject& one : terms.projects)
    out.object().field("code", one.code).field("title", one.title).field("cost", units_of(one.cost)).end();
  out.end().field("issued", issued).key("ballots").array();
  for (const BallotPaper& one : ballots) {
    out.object().field("ballot", one.id).field("token", one.token).field("prefix", one.prefix);
    write_texts(out.field("signature", one.signature), "choices", one.choices);
    out.end();
  }
  out.end().end();
  return out.take();
}

Result<BallotFile> BallotFile::parse(std::string_view json) {
  const JsonValue body = TRY(JsonValue::parse(json));
  if (body.text_or("format", "") != kFormat) return fail(Errc::malformed, "this is no file of ballots ({})", kFormat);
  BallotFile out;
  out.terms = TRY(read_terms(body));
  const JsonValue* key = body.find("key");
  const auto n = from_base64url(key ? key->text_or("n", "") : ""), e = from_base64url(key ? key->text_or("e", "") : "");
  if (!n || !e) return fail(Errc::malformed, "'key' is missing");
  out.key = TRY(VerifyingKey::make(*n, *e));
  out.issued = std::uint64_t(std::clamp(body.number_or("issued", 0), 0.0, 1e12));
  const JsonValue* ballots = body.find("ballots");
  if (!ballots || !ballots->array()) return fail(Errc::malformed, "'ballots' is missing");
  for (const JsonValue& one : *ballots->array()) {
    BallotPaper paper{one.text_or("ballot", ""),
                      one.text_or("token", ""),
                      one.text_or("prefix", ""),
                      one.text_or("signature", ""),
                      {}};
    paper.choices = TRY(read_texts(one, "choices"));
    out.ballots.push_back(std::move(paper));
  }
  return out;
}

std::vector<std::string> BallotFile::flaws() const {
  std::vector<std::string> out;
  const auto say = [&](std::string flaw) {
    if (out.size() < kFlawsMax) out.push_back(std::move(flaw));
  };
  if (ballots.size() > issued)
    say(fmt::format("there are {} ballots, and only {} signatures were given", ballots.size(), issued));
  std::string_view before;
  for (const BallotPaper& one : ballots) {
    const auto id = check_signed(key, one);
    if (!id) say(fmt::format("the ballot {}: {}", one.id, id.error().message));
    else if (*id != one.id) say(fmt::format("the ballot {} has the token of {}", one.id, *id));
    if (!before.empty() && one.id <= before)
      say(fmt::format("the ballot {} stands out of order, or twice: one token counts once", one.id));
    if (const auto read = terms.read(one.choices); !read)
      say(fmt::format("the ballot {}: {}", one.id, read.error().message));
    before = one.id;
  }
  return out;
}

CountInput BallotFile::count_input() const {
  CountInput out;
  out.budget = terms.budget;
  for (const FiledProject& one : terms.projects) out.projects.push_back({one.code, one.cost});
  for (const BallotPaper& one : ballots) {
    if (auto read = terms.read(one.choices)) out.ballots.push_back(std::move(*read));
  }
  out.seed = key.fingerprint();
  return out;
}

void write_results(JsonWriter& out, const BallotTerms& terms, const std::vector<CountResult>& results,
                   const std::vector<std::uint32_t>& votes) {
  const auto money = [&](std::string_view key, std::optional<Money> amount) {
    out.key(key);
    if (amount) out.number(units_of(*amount));
    else out.null();
  };
  out.key("results").array();
  for (const CountResult& result : results) {
    out.object().field("rule", to_string(result.rule)).key("elected").array();
    for (const std::uint32_t project : result.elected) out.text(terms.projects[project].code);
    out.end().field("spent", units_of(result.spent)).field("happy", result.happy);
    money("share", result.share);
    out.key("steps").array();
    for (const CountStep& step : result.steps) {
      const FiledProject& project = terms.projects[step.project];
      out.object().field("code", project.code).field("votes", votes[step.project]);
      out.field("cost", units_of(project.cost)).field("chosen", step.chosen()).field("why", to_string(step.why));
      out.key("effective");
      if (step.effective) out.number(*step.effective);
      else out.null();
      money("each", step.each);
      money("left", step.left);
      out.end();
    }
    out.end().end();
  }
  out.end();
}

}  // namespace cityloop::participation
