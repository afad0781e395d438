// All proposals as lists and maps ask for them, and those that only their authors see yet.
//
//   Keeper ─ PublicProposal ─▶ [ProposalBoard] ─▶ ProposalRoutes, RoundRoutes
//
// A view only, made anew at each start. A question looks at each proposal once: a city has some thousands of them at
// most. Any thread.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "civic/public_board.h"
#include "participation/proposal_view.h"

namespace cityloop::participation {

using ProposalPtr = std::shared_ptr<const PublicProposal>;

struct ProposalQuestion {
  enum class State : std::uint8_t { open, ended, done, all } state{State::open};
  enum class Order : std::uint8_t { support, newest, ending } order{Order::support};
  std::vector<ProposalStatus> status;  // empty: any
  std::string category, round;         // empty: any
  std::vector<std::string> words;      // all must be in title or text; in normal form
  std::optional<civic::Box> box;

  bool fits(const PublicProposal&) const;
};

class ProposalBoard {
 public:
  void put(PublicProposal);
  ProposalPtr find(std::string_view code) const;  // null when there is none; also one that is not shown to others
  ProposalPtr find(EntityId) const;
  // Of those that others see, in the wished order.
  std::vector<ProposalPtr> list(const ProposalQuestion&) const;
  std::vector<ProposalPtr> all() const;                       // also those not shown, by code
  std::array<std::size_t, kProposalStatuses> counts() const;  // of those that others see
  std::size_t size() const;

 private:
  mutable std::shared_mutex mutex_;
  std::map<std::string, ProposalPtr, std::less<>> by_code_;  // guarded by mutex_
  std::map<std::string_view, ProposalPtr> by_id_;  // texts of ids live as long as the process; guarded by mutex_
};

}  // namespace cityloop::participation
