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

void write_round(JsonWriter& out, const Forum& on, const Round& round, bool for_staff) {
  serve::write(out.object().field("id", round.id).key("name"), round.name);
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
  if (for_staff) {
    if (const auto counts = on.roll.counts(round.id)) out.field("codes", counts->codes);
  }
  if (state == RoundState::counted) {
    out.field("issued", round.issued).field("cast", round.cast).field("sha256", round.sha256);
    out.key("elected").array();
    for (const std::string& code : round.elected) out.text(code);
    out.end().field("spent", units_of(round.spent));
  }
  out.end();
}

std::string rounds_json(const Forum& on, bool for_staff) {
  JsonWriter out;
  out.object().key("rounds").array();
  for (const Round& round : on.rounds()) write_round(out, on, round, for_staff);
  return out.end().end().take();
}

std::string round_json(const Forum& on, const Round& round, bool for_staff) {
  JsonWriter out;
  write_round(out, on, round, for_staff);
  return out.take();
}

void list(const Forum& on, const Request& request, Reply reply) {
  if (auto wait = on.too_often(on.civic.limits.reads, on.civic.asker(request))) return reply(std::move(*wait));
  reply(civic::public_json(rounds_json(on, false), 5));
}

void show(const Forum& on, const Request& request, Reply reply) {
  if (auto wait = on.too_often(on.civic.limits.reads, on.civic.asker(request))) return reply(std::move(*wait));
  const auto round = on.round(request.params.at("id"));
  reply(round ? civic::public_json(round_json(on, *round, false), 5) : net::problem(round.error()));
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

void list_for_staff(const Forum& on, const serve::Call&, Reply reply) {
  reply(private_json(rounds_json(on, true)));
}

Result<Instant> time_in(const JsonValue& body, std::string_view key) {
  const auto time = base::parse_time(body.text_or(key, ""));
  if (!time) return fail(Errc::invalid, "'{}' is a time as 2027-03-01T00:00:00Z", key);
  return *time;
}

Result<Bilingual> texts_in(const JsonValue& body, std::string_view key, std::size_t most) {
  const JsonValue* both = body.find(key);
  if (!both) return Bilingual{};
  return Bilingual{TRY(sense::checked_text(key, both->text_or("zh", ""), {most, false})),
                   TRY(sense::checked_text(key, both->text_or("en", ""), {most, false}))};
}

Result<Round> read_round(const Forum& on, const serve::Call& call) {
  const JsonValue body = TRY(JsonValue::parse(call.request.body));
  Round out;
  out.id = serve::path_part(call, "id");
  out.name = TRY(texts_in(body, "name", 100));
  out.text = TRY(texts_in(body, "text", 4000));
  const double budget = body.number_or("budget", 0);
  out.budget = budget > 0 && budget <= kMoneyMax ? money_from(budget) : 0;
  out.currency = on.settings.currency;
  out.area = body.text_or("area", "");
  const auto& areas = on.civic.city.areas;
  if (!out.area.empty() && std::ranges::find(areas, out.area, &serve::City::Area::id) == areas.end())
    return fail(Errc::invalid, "the city has no area '{}'", out.area);
  out.opens_at = TRY(time_in(body, "opensAt"));
  out.closes_at = TRY(time_in(body, "closesAt"));
  out.method = TRY(ballot_method_from(body.text_or("method", "approval")));
  out.choices = unsigned(std::clamp(body.number_or("choices", 5), 0.0, 2000.0));
  const auto rule = count_rule_from(body.text_or("decides", "equal_shares"));
  if (!rule) return fail(Errc::invalid, "'decides' is equal_shares, greedy or greedy_per_cost");
  out.decides = *rule;
  out.by = call.principal.id;
  TRY(check_round(out));
  return out;
}

void put_round(const Forum& on, const serve::Call& call, Reply reply) {
  const auto wish = read_round(on, call);
  if (!wish) return reply(net::problem(wish.error()));
  if (const auto may = on.civic.guard.may(call.principal, Permission::hold_rounds, {{}, wish->area}); !may)
    return reply(net::problem(may.error()));
  // Nobody opens it meanwhile.
  const std::unique_lock lock(on.gate.mutex);
  if (const auto known = on.round(wish->id); known && known->opened())
    return reply(net::problem(409, "conflict", "this round has opened: its terms stand fast"));
  if (wish->closes_at <= on.now())
    return reply(net::problem(400, "invalid", "'closesAt' has passed: nobody could vote"));
  twin::Commit commit;
  commit.origin = flow::Name(call.principal.id);
  commit.writes.push_back(to_write(*wish));
  const twin::CommitResult result = on.civic.twin.commit(std::move(commit));
  const Status done = result.status ? result.writes.front() : result.status;
  reply(done ? private_json(round_json(on, *wish, true)) : net::problem(done.error()));
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
