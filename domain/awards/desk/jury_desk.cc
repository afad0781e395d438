#include "domain/awards/desk/jury_desk.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/refusal.h"
#include "sense/clean_text.h"
#include "twin/utf8.h"

namespace cityloop::awards {
namespace {

using base::Errc;
using base::fail;
using base::JsonValue;
using base::JsonWriter;
using base::refuse;
using base::Result;
using base::Status;

constexpr std::size_t kReasonMax = 2000;

std::unexpected<base::Error> no_such_sheet() {
  return refuse(Errc::not_found, "没有这张评分表", "there is no such sheet");
}

Result<std::vector<std::string>> texts_of(const JsonValue& body, std::string_view key) {
  std::vector<std::string> out;
  const JsonValue* const list = body.find(key);
  if (!list) return out;
  if (!list->array() || list->array()->size() > 200)
    return refuse(Errc::invalid, "“{}”为文本列表，最多 200 条", "'{}' is a list of at most 200 texts", key);
  for (const JsonValue& one : *list->array()) {
    if (!one.text()) return refuse(Errc::invalid, "“{}”为文本列表", "'{}' is a list of texts", key);
    out.push_back(TRY(sense::checked_text(key, *one.text(), {200, true})));
  }
  return out;
}

// Pairs that the secretary made or forbade by hand.
Status add_wishes(const JsonValue& body, panel::AssignmentInput& in) {
  const auto each = [&](std::string_view key, const auto& call) -> Status {
    const JsonValue* const list = body.find(key);
    if (!list) return {};
    if (!list->array()) return refuse(Errc::invalid, "“{}”为配对列表", "'{}' is a list of pairs", key);
    for (const JsonValue& one : *list->array()) {
      if (one.text_or("proposal", "").empty() || one.text_or("juror", "").empty())
        return refuse(Errc::invalid, "“{}”中的每一对须有申报和评委", "a pair of '{}' has a proposal and a juror", key);
      call(one);
    }
    return {};
  };
  TRY(each("fixed", [&](const JsonValue& one) {
    const std::string proposal = one.text_or("proposal", ""), juror = one.text_or("juror", "");
    const bool known = std::ranges::any_of(
        in.fixed, [&](const panel::Fixed& pair) { return pair.proposal == proposal && pair.reviewer == juror; });
    if (!known) in.fixed.push_back({proposal, juror, one.text_or("why", "")});
  }));
  return each("forbidden", [&](const JsonValue& one) {
    in.forbidden.push_back({one.text_or("proposal", ""), one.text_or("juror", "")});
  });
}

// One of the cycle's where it declares them, else what the chair writes.
Status check_distinction(const Cycle& cycle, const std::string& prize) {
  if (prize.empty()) return refuse(Errc::invalid, "请写明授予的荣誉", "what is awarded has a distinction: 'prize'");
  const auto& known = cycle.distinctions;
  if (known.empty() || std::ranges::find(known, prize, &Choice::id) != known.end()) return {};
  return refuse(Errc::invalid, "本周期没有荣誉“{}”", "the cycle has no distinction '{}'", twin::clipped(prize));
}

}  // namespace

bool is_out(std::string_view stage) {
  return stage == "withdrawn" || stage == "disqualified" || stage == "rejected";
}

Result<std::string> checked_scores(const Cycle& cycle, const JsonValue& given, bool whole) {
  if (!given.object()) return refuse(Errc::invalid, "评分须按维度给出", "scores are an object, by dimension");
  base::Flaws flaws;
  for (const auto& [id, value] : *given.object())
    if (!cycle.dimension(id)) flaws.tell("没有评分维度“{}”", "there is no dimension '{}'", twin::clipped(id));
  JsonWriter out;
  out.object();
  for (const Dimension& one : cycle.dimensions) {
    const JsonValue* const value = given.find(one.id);
    const bool absent = !value || std::holds_alternative<std::monostate>(value->is);
    if (absent && whole) flaws.tell("“{}”尚未评分", "'{1}' has no score", one.name.zh, one.name.en);
    if (absent) continue;
    const double* const number = value->number();
    const double steps = number ? *number / one.step : 0;
    if (!number || *number < 0 || *number > one.max || std::abs(steps - std::round(steps)) > 1e-9)
      flaws.tell("“{0}”的评分为 0 至 {2}，每级 {3}", "'{1}' is from 0 to {2} in steps of {3}", one.name.zh, one.name.en,
                 one.max, one.step);
    else out.field(one.id, *number);
  }
  out.end();
  TRY(flaws.none(Errc::invalid));
  return out.take();
}

// the secretariat

Result<Juror> JuryDesk::put_juror(const Cycle& cycle, const std::string& account, const JsonValue& body) {
  Juror one;
  one.cycle = cycle.id;
  one.account = account;
  one.name = TRY(sense::checked_text("name", body.text_or("name", ""), {120, true}));
  if (one.name.empty() || account.empty())
    return refuse(Errc::invalid, "评委须有账号和姓名", "a juror has an account and a name");
  one.key_words = TRY(texts_of(body, "keyWords"));
  one.organisations = TRY(texts_of(body, "organisations"));
  one.cities = TRY(texts_of(body, "cities"));
  one.co_authors = TRY(texts_of(body, "coAuthors"));
  one.declared = TRY(texts_of(body, "declared"));
  one.text = TRY(sense::checked_text("text", body.text_or("text", ""), {4000, false}));
  const double load = body.number_or("loadMax", 20);
  if (!(load >= 0 && load <= 500 && load == std::floor(load)))
    return refuse(Errc::invalid, "最多评审数为 0 至 500 的整数", "'loadMax' is from 0 to 500");
  one.load_max = unsigned(load);
  TRY(book_.put_juror(one));
  return one;
}

Result<panel::Assignment> JuryDesk::assign(const Cycle& cycle, const JsonValue& body, Instant now,
                                           panel::AssignmentInput& in) {
  const bool commit = body.boolean_or("commit", false);
  in = {};
  in.rules.reviews_each = cycle.reviewers;
  Book& entries = entries_.book();
  for (const Proposal& one : TRY(entries.proposals({.cycle = cycle.id, .submitted = true}, kProposalsMax, 0))) {
    if (one.stage != "accepted" && one.stage != "review") continue;
    const auto who = TRY(entries.applicant(one.applicant));
    const Category* const category = cycle.category(one.category);
    panel::Proposal to;
    to.id = one.id;
    if (category) to.key_words = category->key_words;
    to.text = TRY(received_words(one));
    if (who) to.organisations = {who->unit.zh, who->unit.en}, to.cities = {who->city}, to.people = {who->person};
    in.proposals.push_back(std::move(to));
  }
  for (const Juror& one : TRY(book_.jurors(cycle.id)))
    in.reviewers.push_back({one.account, one.name, one.key_words, one.text, one.organisations, one.cities,
                            one.co_authors, one.declared, one.load_max});
  std::map<std::pair<std::string, std::string>, ScoreSheet> known;
  for (ScoreSheet& sheet : TRY(book_.sheets_in(cycle.id))) {
    if (sheet.state == SheetState::conflict) in.forbidden.push_back({sheet.proposal, sheet.juror});
    else if (sheet.version > 0) in.fixed.push_back({sheet.proposal, sheet.juror, "handed in already"});
    else if (sheet.state == SheetState::open) in.before.push_back({sheet.proposal, sheet.juror});
    const std::pair key(sheet.proposal, sheet.juror);
    known.emplace(key, std::move(sheet));
  }
  // What was handed in on a proposal that is judged no more, or by a juror who left, holds nobody.
  std::erase_if(in.fixed, [&](const panel::Fixed& pair) {
    return std::ranges::find(in.proposals, pair.proposal, &panel::Proposal::id) == in.proposals.end() ||
           std::ranges::find(in.reviewers, pair.reviewer, &panel::Reviewer::id) == in.reviewers.end();
  });
  TRY(add_wishes(body, in));
  panel::Assignment out = TRY(panel::assign_reviewers(in));
  if (!commit) return out;
  std::vector<ScoreSheet> write;
  for (const panel::Given& given : out.given) {
    const std::pair key(in.proposals[given.pair.proposal].id, in.reviewers[given.pair.reviewer].id);
    const auto found = known.find(key);
    ScoreSheet sheet = found == known.end() ? ScoreSheet{make_id(), key.first, key.second, cycle.id} : found->second;
    if (sheet.state == SheetState::removed) sheet.state = SheetState::open;
    sheet.why = given.in_spite_of;
    if (found == known.end()) sheet.at = now;
    write.push_back(std::move(sheet));
    if (found != known.end()) known.erase(found);
  }
  for (auto& [key, sheet] : known) {
    if (sheet.state != SheetState::open || sheet.version > 0) continue;
    sheet.state = SheetState::removed;
    write.push_back(std::move(sheet));
  }
  TRY(book_.put_sheets(write));
  return out;
}

// jurors

Result<ScoreSheet> JuryDesk::own(std::string_view juror, std::string_view id) {
  auto found = TRY(book_.sheet(id));
  const bool shown = found && found->juror == juror && found->state != SheetState::removed;
  if (!shown) return no_such_sheet();
  return *std::move(found);
}

Result<JsonValue> JuryDesk::received_answers(const Proposal& one) {
  const auto version = TRY(entries_.book().submission(one.id, one.version));
  if (!version) return refuse(Errc::not_found, "尚未提交", "it has not been submitted");
  const JsonValue text = TRY(JsonValue::parse(version->text));
  const JsonValue* const answers = text.find("answers");
  return answers ? *answers : JsonValue{};
}

Result<std::string> JuryDesk::received_words(const Proposal& one) {
  const Cycle& cycle = *entries_.cycle(one.cycle);
  const JsonValue answers = TRY(received_answers(one));
  std::string out;
  for (const Field& field : cycle.fields) {
    if (field.blind == Blind::hide || (field.type != FieldType::text && field.type != FieldType::line)) continue;
    for (const std::string& language : cycle.languages) out += text_of(cycle, field, answers, language) + "\n";
  }
  return out;
}

Result<JurorView> JuryDesk::view(const ScoreSheet& sheet) {
  const auto one = TRY(entries_.book().proposal(sheet.proposal));
  if (!one || sheet.state == SheetState::conflict) return no_such_sheet();
  const Cycle& cycle = *entries_.cycle(one->cycle);
  JurorView out;
  if (!cycle.double_blind) out.number = one->number;  // under it everybody who applied knows their own
  out.category = one->category;
  JsonValue answers;
  std::vector<std::string> released;
  if (cycle.double_blind) {
    const auto masking = TRY(book_.masking(one->id));
    if (!masking || masking->released_by.empty())
      return refuse(Errc::conflict, "秘书处尚未放行评审", "the secretariat has not released it for review yet");
    answers = TRY(JsonValue::parse(masking->answers));
    released = masking->files;
  } else {
    answers = TRY(received_answers(*one));
  }
  for (const Field& field : cycle.fields) {
    const JsonValue* const value = answers.find(field.id);
    if (field.blind != Blind::hide && value) out.answers.emplace_back(&field, *value);
  }
  for (StoredFile& file : TRY(entries_.book().files(one->id))) {
    if (file.round == "materials") continue;
    if (cycle.double_blind && std::ranges::find(released, file.id) == released.end()) continue;
    file.name = fmt::format("{}-{}", file.slot, out.files.size() + 1);
    out.files.push_back(std::move(file));
  }
  return out;
}

Status JuryDesk::check_review(const Cycle& cycle, Instant arrived) const {
  const StageWindow* const window = cycle.stage("review");
  if (!window || !window->when.given() || window->when.has(arrived)) return {};
  return refuse(Errc::conflict, "评分的受理时间为 {} 至 {}；本次到达时间为 {}",
                "scores are taken from {} until {}; this arrived at {}", cycle.local(window->when.opens),
                cycle.local(window->when.closes), cycle.local(arrived));
}

Result<ScoreSheet> JuryDesk::save(std::string_view juror, std::string_view id, const JsonValue& body, Instant arrived) {
  ScoreSheet sheet = TRY(own(juror, id));
  const Cycle& cycle = *entries_.cycle(sheet.cycle);
  if (sheet.state == SheetState::conflict)
    return refuse(Errc::conflict, "您已就此项申报声明利益冲突", "you have declared a conflict of interest here");
  TRY(check_review(cycle, arrived));
  TRY(view(sheet));  // nothing is scored that nobody could read
  if (const JsonValue* const scores = body.find("scores")) sheet.scores = TRY(checked_scores(cycle, *scores, false));
  if (const JsonValue* const comment = body.find("comment"))
    sheet.comment = TRY(sense::checked_text("comment", comment->text() ? *comment->text() : "", {4000, false}));
  sheet.at = arrived;
  // What was handed in counts until it is handed in again.
  if (sheet.state == SheetState::submitted) sheet.state = SheetState::open;
  TRY(book_.put_sheet(sheet));
  return sheet;
}

Result<std::string> JuryDesk::hand_in(std::string_view juror, std::string_view id, std::string_view why,
                                      Instant arrived) {
  ScoreSheet sheet = TRY(own(juror, id));
  const Cycle& cycle = *entries_.cycle(sheet.cycle);
  if (sheet.state == SheetState::conflict)
    return refuse(Errc::conflict, "您已就此项申报声明利益冲突", "you have declared a conflict of interest here");
  TRY(check_review(cycle, arrived));
  sheet.scores = TRY(checked_scores(cycle, TRY(JsonValue::parse(sheet.scores)), true));
  const std::string reason = TRY(sense::checked_text("reason", why, {kReasonMax, false}));
  if (sheet.version > 0 && reason.empty())
    return refuse(Errc::invalid, "更改评分须说明理由", "a change of scores has a reason");
  ++sheet.version;
  sheet.state = SheetState::submitted;
  sheet.at = arrived;
  JsonWriter text;
  text.object().field("sheet", sheet.id).field("version", sheet.version);
  text.field("receivedAt", base::format_time(arrived)).key("scores").raw(sheet.scores);
  text.field("comment", sheet.comment).field("reason", reason).end();
  const std::string subject = fmt::format("{}/{}", sheet.id, sheet.version);
  const bool sealed = TRY(seal_of(cycle)).has_value();
  std::string receipt = sealed ? TRY(rounds_->hand_in(cycle.id, kReviewRound, subject, text.str(), arrived))
                               : TRY(entries_.log().append({"sheet", subject, text.str(), arrived, cycle.id, "juror"}));
  if (sealed) {
    sheet.scores = "{}";
    sheet.comment.clear();
  }
  TRY(book_.hand_in(sheet, {sheet.version, arrived, sheet.scores, sheet.comment, reason}));
  return receipt;
}

Result<ScoreSheet> JuryDesk::declare_conflict(std::string_view juror, std::string_view id, std::string_view why,
                                              Instant now) {
  ScoreSheet sheet = TRY(own(juror, id));
  if (sheet.version > 0)
    return refuse(Errc::conflict, "评分已提交：请告知主席", "it has been handed in: tell the chair");
  sheet.why = TRY(sense::checked_text("why", why, {kReasonMax, false}));
  if (sheet.why.empty()) return refuse(Errc::invalid, "声明利益冲突须说明理由", "a conflict of interest has a reason");
  sheet.state = SheetState::conflict;
  sheet.scores = "{}";
  sheet.comment.clear();
  sheet.at = now;
  TRY(book_.put_sheet(sheet));
  return sheet;
}

// the panel

bool JuryDesk::closed(const Cycle& cycle, Instant now) {
  const StageWindow* const window = cycle.stage("review");
  return window && window->when.given() && now >= window->when.closes;
}

Result<std::optional<RoundState>> JuryDesk::seal_of(const Cycle& cycle) {
  if (!rounds_) return std::nullopt;
  return rounds_->state(cycle.id, kReviewRound);
}

// What the holders have opened comes into the book when it is first asked for, and again after a restart: the same.
Status JuryDesk::readable(const Cycle& cycle, Instant now) {
  if (!closed(cycle, now))
    return refuse(Errc::conflict, "评分在 {} 前密封", "scores are sealed until {}",
                  cycle.local(cycle.stage("review")->when.closes));
  const auto seal = TRY(seal_of(cycle));
  if (!seal) return {};
  if (!seal->unsealed)
    return refuse(Errc::conflict, "评审已密封：已交 {} 把密钥，需 {} 把",
                  "the review is sealed: {} of {} keys are here", seal->keys.size(), seal->lock.need);
  const std::lock_guard lock(mutex_);
  if (unsealed_.contains(cycle.id)) return {};
  std::vector<JuryBook::Unsealed> all;
  for (const OpenedSheet& one : TRY(rounds_->opened(cycle.id, kReviewRound)).value_or(std::vector<OpenedSheet>{})) {
    const JsonValue content = TRY(JsonValue::parse(one.content));
    const JsonValue* const scores = content.find("scores");
    all.push_back({content.text_or("sheet", ""), unsigned(content.number_or("version", 0)),
                   scores ? scores->dump() : "{}", content.text_or("comment", "")});
  }
  TRY(book_.unseal(all));
  unsealed_.insert(cycle.id);
  return {};
}

Result<Ranked> JuryDesk::ranking(const Cycle& cycle, std::string_view category, Instant now) {
  const StageWindow* const window = cycle.stage("review");
  if (!window || !window->when.given())
    return refuse(Errc::conflict, "本周期未设评审时间，因此没有可结束的评审",
                  "the cycle gives no window of review, so no round closes");
  TRY(readable(cycle, now));
  Ranked out;
  std::map<std::string, std::pair<Decision, double>> decided;  // the last, and the points of the last bonus
  for (Decision& one : TRY(book_.decisions_in(cycle.id))) {
    auto& [last, points] = decided[one.proposal];
    if (one.outcome == "bonus") points = one.points;
    last = std::move(one);
  }
  std::vector<double> bonus;
  for (Proposal& one : TRY(entries_.book().heads(
           {.cycle = cycle.id, .category = std::string(category), .submitted = true}, kProposalsMax, 0))) {
    if (is_out(one.stage)) continue;
    auto [last, points] = decided[one.id];
    out.last.push_back(std::move(last));
    bonus.push_back(points);
    out.proposals.push_back(std::move(one));
  }
  Kept now_is{book_.scores_changed(), {}, bonus, nullptr};
  for (const Proposal& one : out.proposals) now_is.proposals.push_back(one.id);
  const std::string place = fmt::format("{}\n{}", cycle.id, category);
  {
    const std::lock_guard lock(mutex_);
    const Kept& kept = kept_[place];
    const bool same = kept.scores == now_is.scores && kept.proposals == now_is.proposals && kept.bonus == now_is.bonus;
    if (kept.judged && same) out.judged = kept.judged;
  }
  if (out.judged) return out;
  out.judged = now_is.judged = TRY(judge(cycle, out.proposals, std::move(bonus)));
  const std::lock_guard lock(mutex_);
  kept_[place] = std::move(now_is);
  return out;
}

Result<std::shared_ptr<const Judged>> JuryDesk::judge(const Cycle& cycle, const std::vector<Proposal>& proposals,
                                                      std::vector<double> bonus) {
  auto out = std::make_shared<Judged>();
  panel::SheetsInput& input = out->input;
  input.bonus = std::move(bonus);
  std::map<std::string, std::uint32_t> places, jurors;
  for (const Proposal& one : proposals) places.emplace(one.id, std::uint32_t(places.size()));
  for (ScoreSheet& sheet : TRY(book_.scored(cycle.id))) {
    const auto place = places.find(sheet.proposal);
    if (place == places.end()) continue;
    const JsonValue scores = TRY(JsonValue::parse(sheet.scores));
    const auto juror = jurors.emplace(sheet.juror, std::uint32_t(jurors.size())).first->second;
    panel::Sheet row{place->second, juror, {}};
    for (const Dimension& one : cycle.dimensions) {
      const JsonValue* const value = scores.find(one.id);
      row.scores.push_back(value && value->number() ? std::optional(*value->number()) : std::nullopt);
    }
    input.sheets.push_back(std::move(row));
    out->sheets.push_back(std::move(sheet));
  }
  input.proposals = proposals.size();
  input.reviewers = jurors.size();
  panel::ScoreRules rules;
  rules.dimensions.clear();
  for (const Dimension& one : cycle.dimensions) {
    rules.dimensions.push_back({one.id, one.weight});
    rules.high = std::max(rules.high, one.max);
  }
  for (const Band& one : cycle.bands) rules.bands.push_back({one.name.en, one.from});
  rules.bonus_max = cycle.bonus_max;
  if (cycle.shortlist > 0) rules.top = cycle.shortlist;
  out->standings = TRY(panel::standings_of(input, rules));
  return out;
}

Result<Proposal> JuryDesk::decide(const std::string& chair, std::string_view id, const JsonValue& body, Instant now) {
  auto found = TRY(entries_.book().proposal(id));
  if (!found || found->number.empty()) return refuse(Errc::not_found, "没有这项申报", "there is no such proposal");
  Proposal one = *std::move(found);
  const Cycle& cycle = *entries_.cycle(one.cycle);
  Decision decision{one.id, body.text_or("outcome", ""), chair, "", {}, 0, now};
  decision.reason = TRY(sense::checked_text("reason", body.text_or("reason", ""), {kReasonMax, false}));
  if (decision.reason.empty()) return refuse(Errc::invalid, "决定须说明理由", "a decision has a reason");
  constexpr std::string_view kSteps[] = {"end_review", "shortlist", "not_shortlist", "award", "honour", "reinstate"};
  const bool step = std::ranges::find(kSteps, decision.outcome) != std::end(kSteps);
  if (!step && decision.outcome != "bonus")
    return refuse(Errc::invalid, "“outcome”应为 bonus 或以下之一：{}", "'outcome' is bonus or one of: {}",
                  fmt::format("{}", fmt::join(kSteps, ", ")));
  if (decision.outcome != "reinstate" && !closed(cycle, now))
    return refuse(Errc::conflict, "评审尚未结束", "the round of review has not closed");
  if (decision.outcome == "bonus") {
    decision.bonuses = TRY(texts_of(body, "bonuses"));
    for (const std::string& bonus : decision.bonuses) {
      const auto known = std::ranges::find(cycle.bonuses, bonus, &Bonus::id);
      if (known == cycle.bonuses.end())
        return refuse(Errc::invalid, "没有加分项“{}”", "there is no bonus '{}'", twin::clipped(bonus));
      decision.points += known->points;
    }
    if (decision.points > cycle.bonus_max)
      return refuse(Errc::invalid, "加分最多 {} 分，所选共 {} 分", "a bonus is {} at most, these are {}",
                    cycle.bonus_max, decision.points);
  } else {
    const std::string prize = TRY(sense::checked_text("prize", body.text_or("prize", ""), {120, true}));
    if (decision.outcome == "award") TRY(check_distinction(cycle, prize));
    one = TRY(entries_.take(one, decision.outcome, chair, "chair", now));
    if (decision.outcome == "shortlist") one.shortlisted_at = now;
    if (decision.outcome == "award") one.prize = prize;
    TRY(entries_.book().put_proposal(one));
  }
  TRY(book_.decide(decision));
  TRY(entries_.note(one, now, chair, decision.outcome, decision.reason));
  // A log of receipts that is away takes no decision back: it is on record here.
  (void)entries_.log().append({"decision", fmt::format("{}/{}", one.number, base::to_us(now)),
                               fmt::format("{}\n{}\n{}", decision.outcome, decision.points, decision.reason), now,
                               cycle.id, "chair"});
  return one;
}

// The lock stands in the public log with its time: it cannot be moved, so the file must say the same.
Status JuryDesk::check_locks() {
  std::string flaws;
  for (const Cycle& cycle : entries_.cycles()) {
    const auto seal = TRY(seal_of(cycle));
    const StageWindow* const window = cycle.stage("review");
    if (!seal || (window && window->when.closes == seal->lock.closes_at)) continue;
    flaws += fmt::format(
        "{}{}: its review is locked to holders of keys until {}, and its file closes it {}: give it that time again",
        flaws.empty() ? "" : "; ", cycle.id, cycle.local(seal->lock.closes_at),
        window && window->when.given() ? fmt::format("at {}", cycle.local(window->when.closes)) : "never");
  }
  if (!flaws.empty()) return fail(Errc::conflict, "{}", flaws);
  return {};
}

// prizes without scores

Result<Nomination> JuryDesk::nominate(const Cycle& cycle, const std::string& by, const JsonValue& body, Instant now) {
  Nomination one{make_id(), cycle.id, body.text_or("prize", ""), body.text_or("group", ""), "", "", by, now};
  const auto prize = std::ranges::find(cycle.prizes, one.prize, &Prize::id);
  if (prize == cycle.prizes.end())
    return refuse(Errc::invalid, "没有奖项“{}”", "there is no prize '{}'", twin::clipped(one.prize));
  const bool group = std::ranges::find(prize->groups, one.group, &Choice::id) != prize->groups.end();
  if (group == prize->groups.empty())
    return refuse(Errc::invalid, "请选择该奖项的组别", "'group' is one of the prize's groups");
  one.name = TRY(sense::checked_text("name", body.text_or("name", ""), {200, true}));
  one.statement = TRY(sense::checked_text("statement", body.text_or("statement", ""), {4000, false}));
  if (one.name.empty() || one.statement.empty())
    return refuse(Errc::invalid, "提名须有名称和理由", "a nomination has a name and a statement");
  TRY(book_.nominate(one));
  return one;
}

Status JuryDesk::vote(const Cycle& cycle, const std::string& juror, std::string_view prize,
                      std::string_view nomination) {
  const auto jurors = TRY(book_.jurors(cycle.id));
  if (std::ranges::find(jurors, juror, &Juror::account) == jurors.end())
    return refuse(Errc::refused, "{} 不是本周期的评委", "{} is not on the jury of this cycle", juror);
  const auto all = TRY(book_.nominations(cycle.id, prize));
  const auto whom = std::ranges::find(all, nomination, &Nomination::id);
  if (whom == all.end()) return refuse(Errc::not_found, "没有这项提名", "there is no such nomination");
  return book_.vote(juror, *whom);
}

Result<panel::VoteResult> JuryDesk::count(const Cycle& cycle, std::string_view prize, std::string_view group) {
  const auto of = std::ranges::find(cycle.prizes, prize, &Prize::id);
  if (of == cycle.prizes.end())
    return refuse(Errc::not_found, "没有奖项“{}”", "there is no prize '{}'", twin::clipped(prize));
  panel::VoteInput input;
  for (const Nomination& one : TRY(book_.nominations(cycle.id, prize)))
    if (one.group == group) input.candidates.push_back(one.id);
  for (const std::string& whom : TRY(book_.ballots(cycle.id, prize, group))) input.ballots.push_back({whom});
  input.electors = TRY(book_.jurors(cycle.id)).size();
  return panel::count_votes(input,
                            {.places = of->winners, .quorum = of->quorum, .majority = of->majority, .ties = of->ties});
}

}  // namespace cityloop::awards
