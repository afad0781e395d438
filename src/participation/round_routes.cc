#include "participation/round_routes.h"

#include <algorithm>
#include <cmath>

#include "base/file.h"
#include "base/json_value.h"
#include "base/text_of_bytes.h"
#include "sense/clean_text.h"
#include "serve/respond.h"
#include "serve/views.h"

namespace cityloop::participation {
namespace {

using base::Errc;
using base::fail;
using base::from_base64url;
using base::JsonValue;
using base::JsonWriter;
using base::Result;
using base::Status;
using base::to_base64url;
using net::Reply;
using net::Request;
using trust::Permission;

constexpr double kEditionMax = 1e9;

void write_project(JsonWriter& out, const Forum& on, const RoundProject& project) {
  out.object().field("code", project.code).field("title", project.title).field("cost", units_of(project.cost));
  if (const ProposalPtr one = on.board.find(project.proposal)) {
    out.field("category", one->category);
    serve::write(out.key("categoryName"), one->category_name);
    civic::write_place(out, "place", one->place);
    out.key("photo");
    if (one->photos.empty()) out.null();
    else out.text(one->photos.front());
    out.field("excerpt", one->text).field("status", to_string(one->status));
  }
  out.end();
}

// Those that it opened with; before that, those admitted so far.
std::vector<RoundProject> projects_of(const Forum& on, const Round& round) {
  if (round.opened()) return round.projects;
  std::vector<RoundProject> out;
  for (const ProposalPtr& one : on.board.all()) {
    if (one->status == ProposalStatus::admitted && one->round == round.id && one->examination)
      out.push_back({one->id, one->code, one->title, money_from(one->examination->cost)});
  }
  return out;
}

void write_key(JsonWriter& out, const Round& round) {
  out.key("key");
  const auto key = round.key();
  if (!key) return void(out.null());
  out.object().field("n", round.key_n).field("e", round.key_e).field("fingerprint", key->fingerprint());
  out.field("variant", "RSABSSA-SHA384-PSS-Randomized").end();
}

// Its members, inside an object that the caller has opened.
void write_round(JsonWriter& out, const Forum& on, const Round& round) {
  serve::write(out.field("id", round.id).key("name"), round.name);
  serve::write(out.key("text"), round.text);
  out.field("budget", units_of(round.budget)).field("currency", round.currency).field("area", round.area);
  for (const auto& area : on.civic.city.areas) {
    if (area.id == round.area) serve::write(out.key("areaName"), area.name);
  }
  const RoundState state = round.state(on.now());
  out.field("state", to_string(state));
  serve::write_time(out, "opensAt", round.opens_at);
  serve::write_time(out, "closesAt", round.closes_at);
  out.field("method", to_string(round.method)).field("choices", round.choices);
  out.field("decides", to_string(round.decides)).key("projects").array();
  for (const RoundProject& project : projects_of(on, round)) write_project(out, on, project);
  out.end();
  write_key(out, round);
  if (state == RoundState::counted) {
    out.field("issued", round.issued).field("cast", round.cast).field("sha256", round.sha256);
    out.key("elected").array();
    for (const std::string& code : round.elected) out.text(code);
    out.end().field("spent", units_of(round.spent));
  }
}

void list(const Forum& on, const Request& request, Reply reply) {
  if (auto wait = on.too_often(on.civic.limits.reads, on.civic.asker(request))) return reply(std::move(*wait));
  JsonWriter out;
  out.object().key("rounds").array();
  for (const Round& round : on.rounds()) {
    write_round(out.object(), on, round);
    out.end();
  }
  reply(civic::public_json(out.end().end().take(), 5));
}

void show(const Forum& on, const Request& request, Reply reply) {
  if (auto wait = on.too_often(on.civic.limits.reads, on.civic.asker(request))) return reply(std::move(*wait));
  const auto round = on.round(request.params.at("id"));
  if (!round) return reply(net::problem(round.error()));
  JsonWriter out;
  write_round(out.object(), on, *round);
  reply(civic::public_json(out.end().take(), 5));
}

// Held while somebody is on their way in. Errc::conflict outside of the time of voting.
Result<std::shared_lock<std::shared_mutex>> enter(const Forum& on, const Round& round) {
  std::shared_lock lock(on.gate.mutex);
  if (on.gate.closed.contains(round.id) || round.state(on.now()) != RoundState::voting)
    return fail(Errc::conflict, "the round '{}' is voted in from {} to {}", round.id, base::format_time(round.opens_at),
                base::format_time(round.closes_at));
  return lock;
}

Result<std::string> sign(const Forum& on, const Round& round, const VotingCode& code, std::string_view blinded) {
  const auto inside = TRY(enter(on, round));
  const auto key = TRY(on.roll.find_key(round.id));
  if (!key) return fail(Errc::conflict, "nobody can sign for this round any more");
  // Before the code is used up: what cannot be signed costs nobody their vote.
  std::string signature = TRY(key->blind_sign(blinded));
  switch (TRY(on.roll.claim(round.id, code, blinded))) {
    case Claim::first:
    case Claim::again: return signature;
    case Claim::other:
      return fail(Errc::conflict, "this code was used for a ballot already, in another browser perhaps");
    case Claim::wrong: break;
  }
  ++on.refusals.codes;
  return fail(Errc::refused, "this is no code of this round");
}

void give_signature(const Forum& on, const Request& request, Reply reply) {
  // As often as ballots: many may vote from one place. What keeps codes from being guessed is their own limit.
  if (auto wait = on.too_often(on.limits.ballots, on.civic.asker(request))) return reply(std::move(*wait));
  const auto round = on.round(request.params.at("id"));
  if (!round) return reply(net::problem(round.error()));
  const auto body = JsonValue::parse(request.body);
  if (!body) return reply(net::problem(body.error()));
  const auto code = VotingCode::parse(body->text_or("code", ""));
  const auto blinded = from_base64url(body->text_or("blinded", ""));
  if (!blinded) return reply(net::problem(400, "invalid", "'blinded' is no base64url"));
  if (!code) {
    ++on.refusals.codes;
    return reply(net::problem(403, "refused", "this is no code of this round"));
  }
  if (auto wait = on.too_often(on.limits.codes, round->id + code->locator)) return reply(std::move(*wait));
  auto waits = std::make_shared<Reply>(std::move(reply));
  const bool taken = on.registrar.post([&on, waits, round = *round, code = *code, blinded = *blinded] {
    const auto signature = sign(on, round, code, blinded);
    if (!signature) return (*waits)(net::problem(signature.error()));
    JsonWriter out;
    out.object().field("signature", to_base64url(*signature)).end();
    (*waits)(private_json(out.take()));
  });
  if (!taken) (*waits)(civic::busy());
}

struct Cast {
  BallotPaper paper;
  std::int64_t edition{};
};

Result<Cast> read_ballot(const Round& round, const std::string& text) {
  const JsonValue body = TRY(JsonValue::parse(text));
  Cast out;
  out.paper.token = body.text_or("token", "");
  out.paper.prefix = body.text_or("prefix", "");
  out.paper.signature = body.text_or("signature", "");
  const double edition = body.number_or("edition", 0);
  if (!(edition >= 1 && edition <= kEditionMax && edition == std::floor(edition)))
    return fail(Errc::invalid, "'edition' is a whole number from 1");
  out.edition = std::int64_t(edition);
  const JsonValue* choices = body.find("choices");
  if (!choices || !choices->array()) return fail(Errc::invalid, "'choices' is a list of projects");
  for (const JsonValue& one : *choices->array()) {
    if (!one.text()) return fail(Errc::invalid, "'choices' is a list of projects");
    out.paper.choices.push_back(*one.text());
  }
  const BallotTerms terms = round.ballot_terms();
  const auto places = TRY(terms.read(out.paper.choices));
  out.paper.id = TRY(check_signed(TRY(round.key()), out.paper));
  // In the order of the projects: the order in which somebody chose is theirs.
  out.paper.choices.clear();
  for (const std::uint32_t place : places) out.paper.choices.push_back(terms.projects[place].code);
  return out;
}

net::Response cast(const Forum& on, const Round& round, const std::string& body) {
  const auto inside = enter(on, round);
  if (!inside) return net::problem(inside.error());
  const auto ballot = read_ballot(round, body);
  if (!ballot) {
    ++on.refusals.ballots;
    return net::problem(ballot.error());
  }
  if (const Status kept = on.box.cast(round.id, ballot->paper, ballot->edition); !kept)
    return net::problem(kept.error());
  JsonWriter out;
  out.object().field("ballot", ballot->paper.id).key("choices").array();
  for (const std::string& code : ballot->paper.choices) out.text(code);
  return private_json(out.end().end().take());
}

void take_ballot(const Forum& on, const Request& request, Reply reply) {
  if (auto wait = on.too_often(on.limits.ballots, on.civic.asker(request))) return reply(std::move(*wait));
  const auto round = on.round(request.params.at("id"));
  reply(round ? cast(on, *round, request.body) : net::problem(round.error()));
}

Result<std::string> published(const Forum& on, const Round& round) {
  if (round.state(on.now()) != RoundState::counted)
    return fail(Errc::conflict, "the ballots are published when the round is counted");
  return base::read_file(on.ballots_file(round.id));
}

void show_ballots(const Forum& on, const Request& request, Reply reply) {
  if (auto wait = on.too_often(on.civic.limits.reads, on.civic.asker(request))) return reply(std::move(*wait));
  const auto round = on.round(request.params.at("id"));
  if (!round) return reply(net::problem(round.error()));
  auto bytes = published(on, *round);
  if (!bytes) return reply(net::problem(bytes.error()));
  net::Response response = civic::public_json(std::move(*bytes), 3600);
  response.headers.emplace_back("Content-Disposition",
                                fmt::format("attachment; filename=\"ballots-{}.json\"", round->id));
  reply(std::move(response));
}

Result<std::string> count_json(const Forum& on, const Round& round) {
  const BallotFile file = TRY(BallotFile::parse(TRY(published(on, round))));
  const CountInput input = file.count_input();
  std::vector<CountResult> results;
  for (const CountRule rule : kCountRules) results.push_back(count(input, rule));
  JsonWriter out;
  out.object().field("round", round.id).field("sha256", round.sha256).field("issued", round.issued);
  out.field("cast", round.cast).field("budget", units_of(round.budget)).field("currency", round.currency);
  out.field("decides", to_string(round.decides)).key("projects").array();
  for (const RoundProject& project : round.projects) write_project(out, on, project);
  out.end();
  write_results(out, file.terms, results, votes_of(input));
  return out.end().take();
}

void show_count(const Forum& on, const Request& request, Reply reply) {
  if (auto wait = on.too_often(on.civic.limits.reads, on.civic.asker(request))) return reply(std::move(*wait));
  const auto round = on.round(request.params.at("id"));
  if (!round) return reply(net::problem(round.error()));
  auto body = count_json(on, *round);
  reply(body ? civic::public_json(std::move(*body), 300) : net::problem(body.error()));
}

// staff

bool may_hold(const Forum& on, const trust::Principal& who, const std::string& area) {
  return on.civic.guard.policy().allows(who, Permission::hold_rounds, {{}, area});
}

// How many took part is told while it runs to who holds the round alone; how they chose, to nobody.
void write_turnout(JsonWriter& out, const Forum& on, const Round& round) {
  const auto counts = on.roll.counts(round.id);
  if (counts) out.field("codes", counts->codes);
  if (!round.opened() || round.counted_at != kNever) return;
  const auto cast = on.box.count(round.id);
  if (counts && cast) out.field("issued", counts->issued).field("cast", *cast);
}

void write_round_to(JsonWriter& out, const Forum& on, const trust::Principal& who, const Round& round) {
  write_round(out.object(), on, round);
  const bool holds = may_hold(on, who, round.area);
  if (holds) write_turnout(out, on, round);
  out.field("mayHold", holds).field("by", round.by).end();
}

void list_for_staff(const Forum& on, const serve::Call& call, Reply reply) {
  JsonWriter out;
  out.object().key("rounds").array();
  for (const Round& round : on.rounds()) write_round_to(out, on, call.principal, round);
  reply(private_json(out.end().end().take()));
}

// What somebody wishes, as far as it can be read, and all that is wrong with it.
struct RoundWish {
  Round round;
  std::vector<RoundFlaw> flaws;

  void flaw(std::string_view field, std::string_view zh, std::string_view en) {
    flaws.push_back({field, {std::string(zh), std::string(en)}});
  }
  Bilingual texts(const JsonValue& body, std::string_view key, std::size_t most) {
    const JsonValue* both = body.find(key);
    Bilingual out;
    if (!both) return out;
    for (auto [language, to] : {std::pair{"zh", &out.zh}, {"en", &out.en}}) {
      auto text = sense::checked_text(key, both->text_or(language, ""), {most, false});
      if (text) *to = std::move(*text);
      else flaw(key, fmt::format("最多 {} 个字符", most), fmt::format("'{}' has at most {} characters", key, most));
    }
    return out;
  }
  Instant time(const JsonValue& body, std::string_view key) const {
    return base::parse_time(body.text_or(key, "")).value_or(kNever);
  }
};

// What is said of a member whose value is none of those that there are.
void read_choices(const JsonValue& body, RoundWish& wish) {
  if (const auto method = ballot_method_from(body.text_or("method", "approval"))) wish.round.method = *method;
  else wish.flaw("method", "投票方式为 approval 或 knapsack", "'method' is approval or knapsack");
  if (const auto rule = count_rule_from(body.text_or("decides", "equal_shares"))) wish.round.decides = *rule;
  else
    wish.flaw("decides", "计票规则为 equal_shares、greedy 或 greedy_per_cost",
              "'decides' is equal_shares, greedy or greedy_per_cost");
  wish.round.choices = unsigned(std::clamp(body.number_or("choices", 5), 0.0, 2000.0));
}

RoundWish read_round(const Forum& on, const serve::Call& call, const JsonValue& body) {
  RoundWish out;
  Round& round = out.round;
  round.id = serve::path_part(call, "id");
  round.name = out.texts(body, "name", 100);
  round.text = out.texts(body, "text", 4000);
  const double budget = body.number_or("budget", 0);
  round.budget = budget > 0 && budget <= kMoneyMax ? money_from(budget) : 0;
  round.currency = on.settings.currency;
  round.area = body.text_or("area", "");
  const auto& areas = on.civic.city.areas;
  if (!round.area.empty() && std::ranges::find(areas, round.area, &serve::City::Area::id) == areas.end())
    out.flaw("area", fmt::format("没有片区“{}”", round.area), fmt::format("the city has no area '{}'", round.area));
  round.opens_at = out.time(body, "opensAt");
  round.closes_at = out.time(body, "closesAt");
  read_choices(body, out);
  round.by = call.principal.id;
  // What could not be read is said already, and not once more as missing.
  for (RoundFlaw& one : flaws_of(round)) {
    if (std::ranges::find(out.flaws, one.field, &RoundFlaw::field) == out.flaws.end())
      out.flaws.push_back(std::move(one));
  }
  if (round.closes_at != kNever && round.closes_at <= on.now() && round.closes_at > round.opens_at)
    out.flaw("closesAt", "结束时间已过，没有人能投票", "'closesAt' has passed: nobody could vote");
  return out;
}

// A problem that names each member at fault.
net::Response flawed(const std::vector<RoundFlaw>& flaws) {
  Bilingual all;
  for (const RoundFlaw& one : flaws) {
    all.zh += fmt::format("{}{}", all.zh.empty() ? "" : "；", one.why.zh);
    all.en += fmt::format("{}{}", all.en.empty() ? "" : "; ", one.why.en);
  }
  JsonWriter out;
  out.object().field("type", "about:blank").field("title", "invalid").field("status", 400).field("detail", all.en);
  serve::write(out.key("text"), all);
  out.key("errors").array();
  for (const RoundFlaw& one : flaws) {
    serve::write(out.object().field("field", one.field).key("text"), one.why);
    out.end();
  }
  net::Response response = private_json(out.end().end().take(), 400);
  response.content_type = "application/problem+json";
  return response;
}

void put_round(const Forum& on, const serve::Call& call, Reply reply) {
  const auto body = JsonValue::parse(call.request.body);
  if (!body) return reply(net::problem(body.error()));
  RoundWish wish = read_round(on, call, *body);
  Round& round = wish.round;
  // Nobody opens it meanwhile.
  const std::unique_lock lock(on.gate.mutex);
  const auto known = on.round(round.id);
  // Whoever is bound to areas holds rounds there: they neither make one elsewhere nor take one from there.
  for (const std::string& area : {round.area, known ? known->area : round.area}) {
    if (const auto may = on.civic.guard.may(call.principal, Permission::hold_rounds, {{}, area}); !may)
      return reply(net::problem(may.error()));
  }
  if (!wish.flaws.empty()) return reply(flawed(wish.flaws));
  if (known && known->opened())
    return reply(net::problem(409, "conflict", "this round has opened: its terms stand fast"));
  // What participation.toml said of it is taken already: until that changes, the next start leaves this as it is.
  if (known) round.terms = known->terms;
  twin::Commit commit;
  commit.origin = flow::Name(call.principal.id);
  commit.writes.push_back(to_write(round));
  const twin::CommitResult result = on.civic.twin.commit(std::move(commit));
  const Status done = result.status ? result.writes.front() : result.status;
  if (!done) return reply(net::problem(done.error()));
  JsonWriter out;
  write_round_to(out, on, call.principal, round);
  reply(private_json(out.take()));
}

}  // namespace

void RoundRoutes::add_to(net::Router& router) const {
  using net::Method;
  const Forum& forum = on;
  const auto at_once = [&forum](void (*function)(const Forum&, const Request&, Reply)) {
    return [&forum, function](const Request& request, Reply reply) { function(forum, request, std::move(reply)); };
  };
  router.add(Method::get, "/public/v1/rounds", at_once(list));
  router.add(Method::get, "/public/v1/rounds/{id}", at_once(show));
  router.add(Method::post, "/public/v1/rounds/{id}/signature", at_once(give_signature));
  router.add(Method::post, "/public/v1/rounds/{id}/ballots", by_clerk(on, take_ballot));
  router.add(Method::get, "/public/v1/rounds/{id}/ballots", by_clerk(on, show_ballots));
  router.add(Method::get, "/public/v1/rounds/{id}/count", by_clerk(on, show_count));
  router.add(Method::get, "/api/v1/rounds",
             on.civic.guard.require(Permission::read_cases, call_by_clerk(on, list_for_staff)));
  router.add(Method::put, "/api/v1/rounds/{id}",
             on.civic.guard.require(Permission::hold_rounds, call_by_clerk(on, put_round)));
}

}  // namespace cityloop::participation
