#include "domain/awards/entry/stages.h"

#include <future>

#include "base/json_writer.h"
#include "base/refusal.h"
#include "flow/noun.h"
#include "trust/secret.h"

namespace cityloop::awards {
namespace {

using base::Errc;
using base::fail;
using base::refuse;
using base::Result;
using flow::Action;
using flow::EntityId;
using flow::operator""_name;

}  // namespace

base::Status check_way(const casework::CaseRules& rules) {
  const casework::CaseKind* const kind = rules.find_kind(kProposalKind);
  if (!kind)
    return fail(Errc::not_found,
                "the city has award cycles, and its casework no kind '{}': copy domain/awards/casework/"
                "workflow_award.toml into the city's casework folder",
                kProposalKind);
  const casework::Workflow* const way = rules.find_workflow(kind->workflow);
  constexpr std::string_view kSteps[] = {
      "submit_again",  "accept_entry",     "ask_information", "give_information",  "reject_entry",   "ask_candidate",
      "end_questions", "answer_questions", "begin_review",    "announce_transfer", "agree_transfer", "object_transfer",
      "transfer",      "end_review",       "shortlist",       "not_shortlist",     "confirm",        "lose_place",
      "award",         "honour",           "withdraw_entry",  "disqualify",        "reinstate"};
  std::string missing;
  for (const std::string_view step : kSteps) {
    if (way && std::ranges::find(way->transitions, step, &casework::Transition::verb) != way->transitions.end())
      continue;
    missing += fmt::format("{}{}", missing.empty() ? "" : ", ", step);
  }
  if (missing.empty()) return {};
  return fail(Errc::not_found, "the workflow of '{}' lacks the steps: {}", kProposalKind, missing);
}

Result<Action> Stages::submit(Action action, const serve::OnceKey& once) const {
  auto told = std::make_shared<std::promise<Result<Action>>>();
  auto answer = told->get_future();
  action.at = twin_.clock().now();
  desk_.submit(std::move(action), once, [told](Result<Action> done) { told->set_value(std::move(done)); });
  Action done = TRY(answer.get());
  if (done.status != flow::ActionStatus::done)
    return refuse(Errc::conflict, "现阶段不能执行这一步：请重新载入后再看", done.reason);
  return done;
}

Result<std::string> Stages::open(std::string_view number, std::string_view applicant) const {
  base::JsonWriter fields;
  fields.object().field("kind", kProposalKind).field("channel", "system").field("title", number).end();
  Action action;
  action.verb = "open";
  action.by = applicant;
  action.roles = {"applicant"};
  action.fields = fields.take();
  return std::string(TRY(submit(std::move(action), {fmt::format("award-proposal-{}", number), true})).target.text());
}

Result<std::string> Stages::take(const Step& step) const {
  Action action;
  action.target = EntityId(step.case_id);
  action.verb = step.verb;
  action.by = step.by;
  action.roles = step.roles;
  TRY(submit(std::move(action), {step.once.empty() ? trust::make_secret() : step.once, false}));
  return stage_of(step.case_id);
}

Result<std::string> Stages::stage_of(std::string_view case_id) const {
  const flow::EntityPtr entity = twin_.get(EntityId::lookup(case_id));
  if (!entity) return refuse(Errc::not_found, "找不到这项申报的流程", "the proposal's case is not there");
  return std::string(entity->text("state"_name));
}

}  // namespace cityloop::awards
