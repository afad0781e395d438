#include "participation/forum.h"

#include <algorithm>

#include "base/log.h"
#include "casework/case_archive.h"
#include "flow/own_types.h"
#include "serve/respond.h"

namespace cityloop::participation {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

Result<Person> Forum::person(const net::Request& request) const {
  const auto nobody = [] {
    return fail(Errc::unauthenticated, "this is for persons with a confirmed address: ask for a link by e-mail first");
  };
  const std::string_view secret = request.header("x-cityloop-person");
  const auto number = PersonKeys::number_in_secret(secret);
  if (!number) return nobody();
  auto found = TRY(people.person(*number));
  if (!found || !found->confirmed || !keys.is_secret_of(secret, *number, found->since)) {
    ++refusals.persons;
    return nobody();
  }
  return std::move(*found);
}

std::optional<Person> Forum::person_if(const net::Request& request) const {
  if (request.header("x-cityloop-person").empty()) return std::nullopt;
  auto found = person(request);
  return found ? std::optional(std::move(*found)) : std::nullopt;
}

std::optional<net::Response> Forum::too_often(civic::RateLimit& limit, std::string_view key) const {
  return civic.too_often(limit, key);
}

Status Forum::refresh(EntityId case_id) const {
  const auto one = casework::find_case(civic.twin, case_id.text());
  if (!one) return one.error().code == Errc::not_found ? Status{} : Status(std::unexpected(one.error()));
  return refresh(*one);
}

Status Forum::refresh(const flow::Case& one) const {
  if (!view.is_proposal(one)) return {};
  PublicProposal shown;
  {
    // One after the other, so that what is older never takes the place of what is newer.
    const std::lock_guard lock(refreshing);
    shown = TRY(view.make(one));
    board.put(shown);
  }
  const bool enough = shown.status == ProposalStatus::gathering && shown.supporters >= settings.threshold;
  if (enough) {
    // The step is new each time the proposal has begun to gather support.
    step(one.id, "enough_support", fmt::format("{} / {}", shown.supporters, settings.threshold),
         fmt::format("enough:{}:{}", one.id.text(), one.timeline.size()));
  }
  return {};
}

void Forum::step(EntityId case_id, std::string verb, std::string note, const std::string& key) const {
  flow::Action action;
  action.target = case_id;
  action.verb = std::move(verb);
  action.by = kParticipationLoop;
  action.roles = {std::string(kParticipationRole)};
  action.note = std::move(note);
  civic.desk.submit(std::move(action), serve::OnceKey{key, true}, [](const Result<flow::Action>& done) {
    if (!done) base::log_warn("a step of a proposal: {}", done.error().message);
    else if (done->status == flow::ActionStatus::refused)
      base::log_warn("a step of a proposal was refused: {}: {}", done->verb, done->reason);
  });
}

Result<Round> Forum::round(std::string_view id) const {
  const EntityId entity_id = is_round_id(id) ? find_round_entity(id) : EntityId{};
  const flow::EntityPtr entity = entity_id.empty() ? nullptr : civic.twin.get(entity_id);
  if (!entity) return fail(Errc::not_found, "there is no round '{}'", id);
  return round_from(*entity);
}

std::vector<Round> Forum::rounds() const {
  std::vector<Round> out;
  civic.twin.each(flow::kRoundType, [&](const flow::EntityPtr& entity) {
    if (auto one = round_from(*entity)) out.push_back(std::move(*one));
    return true;
  });
  std::ranges::sort(out, [](const Round& a, const Round& b) {
    return a.opens_at != b.opens_at ? a.opens_at > b.opens_at : a.id < b.id;
  });
  return out;
}

std::string Forum::ballots_file(std::string_view round) const {
  return fmt::format("{}/{}.json", ballots_folder, round);
}

net::Handler by_clerk(const Forum& on, void (*handler)(const Forum&, const net::Request&, net::Reply)) {
  return civic::by_clerk(on.civic, [&on, handler](const net::Request& request, net::Reply reply) {
    handler(on, request, std::move(reply));
  });
}

serve::CallHandler call_by_clerk(const Forum& on, void (*handler)(const Forum&, const serve::Call&, net::Reply)) {
  return civic::call_by_clerk(
      on.civic, [&on, handler](const serve::Call& call, net::Reply reply) { handler(on, call, std::move(reply)); });
}

net::Response private_json(std::string body, int status) {
  net::Response response = serve::json_response(std::move(body), status);
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

}  // namespace cityloop::participation
