#include "participation/proposal_board.h"

#include <algorithm>
#include <mutex>

#include "text/normal.h"

namespace cityloop::participation {
namespace {

using State = ProposalQuestion::State;
using Order = ProposalQuestion::Order;

bool in_state(const PublicProposal& one, State state) {
  switch (state) {
    case State::open: return one.open;
    case State::done: return one.status == ProposalStatus::done;
    case State::ended: return !one.open && one.status != ProposalStatus::done;
    case State::all: return true;
  }
  return true;
}

bool comes_before(const PublicProposal& a, const PublicProposal& b, Order order) {
  if (order == Order::support && a.supporters != b.supporters) return a.supporters > b.supporters;
  if (order == Order::ending && a.support_until != b.support_until) {
    const auto late = [](Instant at) { return at == kNever ? Instant::max() : at; };
    return late(a.support_until) < late(b.support_until);
  }
  if (a.opened_at != b.opened_at) return a.opened_at > b.opened_at;
  return a.code > b.code;
}

}  // namespace

bool ProposalQuestion::fits(const PublicProposal& one) const {
  if (!in_state(one, state)) return false;
  if (!status.empty() && std::ranges::find(status, one.status) == status.end()) return false;
  if (!category.empty() && category != one.category) return false;
  if (!round.empty() && round != one.round) return false;
  if (box && !(one.place && box->holds(one.place->lon_deg, one.place->lat_deg))) return false;
  if (words.empty()) return true;
  const std::string text = text::normal_form(one.title + "\n" + one.text + "\n" + one.code);
  return std::ranges::all_of(words, [&](const std::string& word) { return text.find(word) != std::string::npos; });
}

void ProposalBoard::put(PublicProposal one) {
  auto made = std::make_shared<const PublicProposal>(std::move(one));
  const std::unique_lock lock(mutex_);
  by_code_[made->code] = made;
  by_id_[made->id.text()] = made;
}

ProposalPtr ProposalBoard::find(std::string_view code) const {
  const std::shared_lock lock(mutex_);
  const auto found = by_code_.find(code);
  return found == by_code_.end() ? nullptr : found->second;
}

ProposalPtr ProposalBoard::find(EntityId id) const {
  const std::shared_lock lock(mutex_);
  const auto found = by_id_.find(id.text());
  return found == by_id_.end() ? nullptr : found->second;
}

std::vector<ProposalPtr> ProposalBoard::list(const ProposalQuestion& asked) const {
  std::vector<ProposalPtr> out;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [code, one] : by_code_) {
      if (one->shown && asked.fits(*one)) out.push_back(one);
    }
  }
  std::ranges::sort(out, [&](const ProposalPtr& a, const ProposalPtr& b) { return comes_before(*a, *b, asked.order); });
  return out;
}

std::vector<ProposalPtr> ProposalBoard::all() const {
  const std::shared_lock lock(mutex_);
  std::vector<ProposalPtr> out;
  for (const auto& [code, one] : by_code_) out.push_back(one);
  return out;
}

std::array<std::size_t, kProposalStatuses> ProposalBoard::counts() const {
  std::array<std::size_t, kProposalStatuses> out{};
  const std::shared_lock lock(mutex_);
  for (const auto& [code, one] : by_code_) {
    if (one->shown) ++out[std::size_t(one->status)];
  }
  return out;
}

std::size_t ProposalBoard::size() const {
  const std::shared_lock lock(mutex_);
  return by_code_.size();
}

}  // namespace cityloop::participation
