#include "domain/awards/trust/round_routes.h"

#include "base/refusal.h"
#include "base/text_of_bytes.h"

namespace cityloop::awards {
namespace {

using base::Errc;
using base::JsonValue;
using base::JsonWriter;
using base::refuse;
using base::Result;
using net::Method;
using net::Response;
using trust::Permission;

Result<const Cycle*> cycle_of(const RoundRoutes& on, const Asked& asked) {
  const Cycle* const cycle = on.office.desk.cycle(asked.part("cycle"));
  if (!cycle) return refuse(Errc::not_found, "没有这个评选周期", "there is no such cycle");
  return cycle;
}

Response state_response(const RoundState& state, int status = 200) {
  JsonWriter out;
  out.object().field("closesAt", base::format_time(state.lock.closes_at)).field("need", state.lock.need);
  out.key("holders").array();
  for (const KeyHolder& one : state.lock.holders) {
    out.object().field("role", one.role).field("key", base::to_hex(one.public_key));
    out.field("given", std::ranges::find(state.keys, one.role) != state.keys.end()).end();
  }
  out.end().field("sheets", state.sheets).field("openingEntry", state.opening).key("unsealedEntry");
  if (state.unsealed) out.integer(std::int64_t(*state.unsealed));
  else out.null();
  out.key("wrong").array();
  for (const auto& [sheet, why] : state.wrong) out.object().field("sheet", sheet).field("why", why).end();
  return json(out.end().end(), status);
}

Result<Response> show(const RoundRoutes& on, const Asked& asked) {
  const Cycle& cycle = *TRY(cycle_of(on, asked));
  const auto state = TRY(on.rounds.state(cycle.id, kReviewRound));
  if (!state) return refuse(Errc::not_found, "“{}”的评审未密封", "the review of '{}' is not sealed", cycle.id);
  return state_response(*state);
}

Result<Response> lock(const RoundRoutes& on, const Asked& asked) {
  const Cycle& cycle = *TRY(cycle_of(on, asked));
  const StageWindow* const window = cycle.stage("review");
  if (!window || !window->when.given())
    return refuse(Errc::conflict, "本周期未设评审时间，因此没有可结束的评审",
                  "the cycle gives no window of review, so no round closes");
  const JsonValue body = TRY(body_of(asked));
  RoundLock made{.cycle = cycle.id,
                 .round = std::string(kReviewRound),
                 .closes_at = window->when.closes,
                 .need = unsigned(std::clamp(body.number_or("need", 2), 0.0, 255.0)),
                 .holders = {}};
  if (const JsonValue* const holders = body.find("holders"); holders && holders->array()) {
    for (const JsonValue& one : *holders->array())
      made.holders.push_back({one.text_or("role", ""), base::from_hex(one.text_or("key", "")).value_or("")});
  }
  TRY(on.rounds.begin(made, asked.arrived));
  return state_response(*TRY(on.rounds.state(cycle.id, kReviewRound)), 201);
}

Result<Response> give_key(const RoundRoutes& on, const Asked& asked) {
  const Cycle& cycle = *TRY(cycle_of(on, asked));
  // Before the passphrase is worked with: what comes too early is not even looked at.
  const auto before = TRY(on.rounds.state(cycle.id, kReviewRound));
  if (!before) return refuse(Errc::not_found, "“{}”的评审未密封", "the review of '{}' is not sealed", cycle.id);
  if (asked.arrived < before->lock.closes_at)
    return refuse(Errc::conflict, "评审结束后（{}）才接收密钥", "keys are taken when the review is closed, at {}",
                  cycle.local(before->lock.closes_at));
  const JsonValue body = TRY(body_of(asked));
  const JsonValue* const wrapped = body.find("wrapped");
  if (!wrapped) return refuse(Errc::invalid, "“wrapped”为密钥文件的内容", "'wrapped' is the content of the key's file");
  const WrappedKey key = TRY(unwrap_key(wrapped->dump(), body.text_or("passphrase", "")));
  return state_response(TRY(on.rounds.give_key(cycle.id, kReviewRound, key.pair, asked.arrived)));
}

}  // namespace

void RoundRoutes::add_to(net::Router& router) const {
  const auto with = [on = *this](auto function) {
    return [on, function](const Asked& asked) { return function(on, asked); };
  };
  constexpr std::string_view kSeal = "/api/v1/awards/cycles/{cycle}/seal";
  router.add(Method::get, kSeal, office.reads(Permission::see_awards, with(show)));
  router.add(Method::put, kSeal, office.changes(Permission::run_awards, with(lock)));
  router.add(Method::post, fmt::format("{}/chair-key", kSeal),
             office.changes(Permission::decide_awards, with(give_key)));
  router.add(Method::post, fmt::format("{}/auditor-key", kSeal),
             office.changes(Permission::audit_awards, with(give_key)));
}

}  // namespace cityloop::awards
