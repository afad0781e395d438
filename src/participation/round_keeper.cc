#include "participation/round_keeper.h"

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "base/log.h"
#include "base/text_of_bytes.h"
#include "trust/secret.h"

namespace cityloop::participation {
namespace {

using base::Result;
using base::Status;
using base::to_base64url;
using namespace std::chrono_literals;

constexpr base::Duration kScrubEvery = 10min, kKeyAhead = 24h;

std::string step_key(const Round& round, std::string_view verb, EntityId proposal) {
  return fmt::format("{}:{}:{}", verb, round.id, proposal.text());
}

std::string why_not_elected(const Round& round, const CountResult& result, const std::vector<std::uint32_t>& votes,
                            std::uint32_t place) {
  const auto found = std::ranges::find(result.steps, place, &CountStep::project);
  const bool too_dear = found != result.steps.end() && found->why == CountStep::Why::too_dear;
  return fmt::format("{} {}：{} 票，{}。 {}: {} votes, {}.", round.name.zh, to_string(result.rule), votes[place],
                     too_dear ? "剩余预算不足" : "无人投票", round.name.en, votes[place],
                     too_dear ? "and what was left of the budget did not pay for it" : "nobody voted for it");
}

}  // namespace

Result<BallotFile> collect_ballots(const Forum& forum, const Round& round) {
  BallotFile out;
  out.terms = round.ballot_terms();
  out.key = TRY(round.key());
  out.issued = std::uint64_t(TRY(forum.roll.counts(round.id)).issued);
  TRY(forum.box.each(round.id, [&](BallotPaper paper) { out.ballots.push_back(std::move(paper)); }));
  return out;
}

Status RoundKeeper::commit(const Round& round) {
  twin::Commit commit;
  commit.origin = flow::Name(kParticipationLoop);
  commit.writes.push_back(to_write(round));
  const twin::CommitResult done = forum_.civic.twin.commit(std::move(commit));
  TRY(done.status);
  return done.writes.front();
}

Status RoundKeeper::take_settings() {
  for (const Round& wanted : forum_.settings.rounds) {
    const auto known = forum_.round(wanted.id);
    if (known && known->opened()) {
      if (known->terms != wanted.terms)
        base::log_warn("the round {} has opened: what participation.toml says of it now changes nothing", wanted.id);
      continue;
    }
    if (known && known->terms == wanted.terms) continue;
    TRY(commit(wanted));
  }
  return {};
}

void RoundKeeper::ask(EntityId proposal, std::string_view verb, std::string note, const std::string& key) {
  if (asked_.insert(key).second) forum_.step(proposal, std::string(verb), std::move(note), key);
}

Status RoundKeeper::look() {
  const Instant now = forum_.now();
  const std::vector<Round> rounds = forum_.rounds();
  for (const Round& round : rounds) {
    // A key takes seconds to make on a busy machine: it waits for the opening, not the voters for it.
    const bool soon = !round.opened() && now + kKeyAhead >= round.opens_at && now < round.closes_at;
    if (soon && prepared_.insert(round.id).second) TRY(forum_.roll.key(round.id, forum_.settings.key_bits));
    // One that nobody could have voted in is left for somebody to give it other times.
    if (!round.opened() && now >= round.opens_at && now < round.closes_at) TRY(open(round));
    else if (round.state(now) == RoundState::counting) TRY(close(round));
    else lead_proposals(round);
  }
  send_back_strays(rounds);
  const Instant wall = forum_.civic.wall.now();
  if (scrubbed_at_ == kNever || wall > scrubbed_at_ + kScrubEvery) {
    scrubbed_at_ = wall;
    TRY(forum_.box.scrub());
  }
  return {};
}

// From here on its projects and its key stand fast.
Status RoundKeeper::open(Round round) {
  const SigningKey key = TRY(forum_.roll.key(round.id, forum_.settings.key_bits));
  const std::unique_lock lock(forum_.gate.mutex);
  round = TRY(forum_.round(round.id));  // as it is now: its terms may have changed while the key was made
  if (round.opened() || forum_.now() < round.opens_at) return {};
  round.key_n = to_base64url(key.verifying().n());
  round.key_e = to_base64url(key.verifying().e());
  round.opened_at = forum_.now();
  round.projects.clear();
  for (const ProposalPtr& one : forum_.board.all()) {
    if (one->status != ProposalStatus::admitted || one->round != round.id || !one->examination) continue;
    round.projects.push_back({one->id, one->code, one->title, money_from(one->examination->cost)});
  }
  TRY(commit(round));
  base::log_info("the round {} is open with {} projects, key {}", round.id, round.projects.size(),
                 key.verifying().fingerprint());
  lead_proposals(round);
  return {};
}

Status RoundKeeper::close(Round round) {
  {
    const std::unique_lock lock(forum_.gate.mutex);
    forum_.gate.closed.insert(round.id);
  }
  const BallotFile file = TRY(collect_ballots(forum_, round));
  const std::string bytes = file.write();
  std::error_code made;
  std::filesystem::create_directories(forum_.ballots_folder, made);
  TRY(base::write_file_atomic(forum_.ballots_file(round.id), bytes));
  const CountResult result = count(file.count_input(), round.decides);
  round.counted_at = forum_.now();
  round.issued = std::int64_t(file.issued);
  round.cast = std::int64_t(file.ballots.size());
  round.sha256 = trust::fingerprint(bytes);
  for (const std::uint32_t project : result.elected) round.elected.push_back(round.projects[project].code);
  round.spent = result.spent;
  TRY(commit(round));
  base::log_info("the round {} is counted: {} ballots, {} elected, SHA-256 {}", round.id, round.cast,
                 round.elected.size(), round.sha256);
  lead_proposals(round);
  TRY(forum_.roll.destroy_key(round.id));
  return forum_.box.scrub();
}

// Each proposal is asked to be where its round says; one that is there already is left alone.
void RoundKeeper::lead_proposals(const Round& round) {
  if (!round.opened()) return;
  const bool counted = round.counted_at != kNever;
  const auto waits = [&](const RoundProject& project) {
    const ProposalPtr one = forum_.board.find(project.proposal);
    return one && (one->status == ProposalStatus::admitted || (counted && one->status == ProposalStatus::voting));
  };
  if (std::ranges::none_of(round.projects, waits)) return;
  CountResult result;
  std::vector<std::uint32_t> votes;
  if (counted) {
    if (const auto file = collect_ballots(forum_, round)) {
      const CountInput input = file->count_input();
      votes = votes_of(input);
      result = count(input, round.decides);
    }
  }
  for (std::uint32_t place = 0; place < round.projects.size(); ++place) {
    const RoundProject& project = round.projects[place];
    const ProposalPtr one = forum_.board.find(project.proposal);
    if (!one) continue;
    if (one->status == ProposalStatus::admitted)
      ask(project.proposal, "open_vote", "", step_key(round, "open_vote", project.proposal));
    if (!counted || one->status != ProposalStatus::voting || votes.empty()) continue;
    const bool elected = std::ranges::find(round.elected, project.code) != round.elected.end();
    if (elected)
      ask(project.proposal, "elect", fmt::format("{} {}", round.name.zh, round.name.en),
          step_key(round, "elect", project.proposal));
    else
      ask(project.proposal, "not_elect", why_not_elected(round, result, votes, place),
          step_key(round, "not_elect", project.proposal));
  }
}

// Admitted to a round that there is not, or that opened without it.
void RoundKeeper::send_back_strays(const std::vector<Round>& rounds) {
  for (const ProposalPtr& one : forum_.board.all()) {
    if (one->status != ProposalStatus::admitted) continue;
    const auto round = std::ranges::find(rounds, one->round, &Round::id);
    const bool known = round != rounds.end();
    if (known && !round->opened()) continue;
    if (known && std::ranges::find(round->projects, one->id, &RoundProject::proposal) != round->projects.end())
      continue;
    ask(one->id, "back_to_examination",
        known ? fmt::format("预算轮 {} 已经开始表决。 The round {} had opened already.", one->round, one->round)
              : fmt::format("没有预算轮 {}。 There is no round {}.", one->round, one->round),
        fmt::format("back:{}:{}", one->id.text(), base::to_us(one->updated_at)));
  }
}

}  // namespace cityloop::participation
