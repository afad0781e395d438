#include "serve/suggestion_routes.h"

#include <algorithm>

#include "flow/case.h"
#include "flow/noun.h"
#include "flow/own_types.h"
#include "learn/suggestion.h"
#include "serve/respond.h"

namespace cityloop::serve {
namespace {

using flow::Name;
using net::Reply;
using trust::Permission;

// One guess of a suggestion: the label, how sure, the next one, and the words that say so; null when none was made.
void write_guess(base::JsonWriter& out, const flow::Entity& entity, const std::string& guess) {
  out.key(guess);
  const std::string_view label = entity.text(Name(guess));
  if (label.empty()) {
    out.null();
    return;
  }
  const auto number = [&](const char* ending) { return entity.number(Name(guess + ending)).value_or(0); };
  out.object().field("label", label).field("confidence", number("Confidence"));
  out.field("second", entity.text(Name(guess + "Second"))).field("secondConfidence", number("SecondConfidence"));
  const std::string reasons = flow::json_field(entity, guess + "Reasons");
  out.key("reasons").raw(reasons.empty() ? "[]" : reasons).end();
}

// A case that a person may not read is, for them, not there; who reported it sees what the city decides, not what a
// program guesses.
void show(const SuggestionRoutes& on, const Call& call, Reply reply) {
  const std::string_view id = path_part(call, "id");
  const auto none = [&] {
    reply(net::problem(404, "not found", fmt::format("there is no suggestion for a case '{}'", id)));
  };
  const flow::EntityPtr entity = on.twin.get(flow::EntityId::lookup(id));
  if (!entity || !entity->is_a(flow::kCaseType)) return none();
  const auto about = flow::case_from(*entity);
  if (!about) return reply(net::problem(about.error()));
  const trust::Scope scope{about->department, about->area};
  if (const auto may = on.guard.may(call.principal, Permission::read_cases, scope); !may) {
    return reply(net::problem(may.error()));
  }
  const flow::EntityPtr suggestion = on.twin.get(learn::suggestion_id(about->id));
  if (!suggestion) return none();
  base::JsonWriter out;
  out.object().field("case", about->id.text());
  for (const learn::Guess guess : {learn::Guess::department, learn::Guess::category}) {
    write_guess(out, *suggestion, std::string(learn::to_string(guess)));
  }
  out.field("model", suggestion->text(Name("model"))).field("at", suggestion->text(Name("at"))).end();
  reply(json_response(out));
}

void write_score(base::JsonWriter& out, const flow::Entity& score) {
  out.object().field("guess", score.text(Name("guess"))).field("week", score.text(Name("week")));
  for (const char* count : {"right", "wrong", "withheldRight", "withheldWrong"}) {
    out.field(count, std::int64_t(score.number(Name(count)).value_or(0)));
  }
  out.key("accuracy");
  if (const auto accuracy = score.number(Name("accuracy"))) out.number(*accuracy);
  else out.null();
  out.end();
}

// The newest week first.
void list_scores(const SuggestionRoutes& on, const Call&, Reply reply) {
  std::vector<flow::EntityPtr> scores;
  on.twin.each(flow::kSuggestionScoreType, [&](const flow::EntityPtr& score) {
    scores.push_back(score);
    return true;
  });
  std::ranges::sort(scores, [](const flow::EntityPtr& a, const flow::EntityPtr& b) {
    const auto week_a = a->text(Name("week")), week_b = b->text(Name("week"));
    return week_a != week_b ? week_a > week_b : a->id.text() > b->id.text();
  });
  base::JsonWriter out;
  out.object().key("weeks").array();
  for (const flow::EntityPtr& score : scores) write_score(out, *score);
  out.end().end();
  reply(json_response(out));
}

}  // namespace

void SuggestionRoutes::add_to(net::Router& router) const {
  const auto bind = binder(*this);
  router.add(net::Method::get, "/api/v1/cases/{id}/suggestion", bind(Permission::read_cases, show));
  router.add(net::Method::get, "/api/v1/suggestion-scores", bind(Permission::read_cases, list_scores));
}

}  // namespace cityloop::serve
