#include "domain/awards/panel/assignment.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <unordered_map>

#include "base/refusal.h"
#include "solve/flow.h"

namespace cityloop::awards::panel {
namespace {

constexpr double kScale = 10'000;  // of a match, to whole numbers
constexpr std::size_t kProposalsMax = 20'000, kReviewersMax = 2'000, kReviewsMax = 200'000;

using Places = std::unordered_map<std::string, std::uint32_t>;

base::Result<Places> places_of(const auto& things, std::string_view what) {
  Places out;
  for (std::uint32_t i = 0; i < things.size(); ++i) {
    if (things[i].id.empty()) return base::fail(base::Errc::invalid, "{} {} has no id", what, i + 1);
    if (!out.emplace(things[i].id, i).second)
      return base::fail(base::Errc::invalid, "{} '{}' stands twice in the list", what, things[i].id);
  }
  return out;
}

class Assigner {
 public:
  explicit Assigner(const AssignmentInput& input) : input_(input) {}

  base::Result<Assignment> run();

 private:
  base::Status read();
  base::Result<Pair> pair_of(const std::string& proposal, const std::string& reviewer) const;
  base::Status fix();
  base::Status flow();
  void add_pair_arcs(solve::Network&, std::int64_t keep, std::vector<Pair>& pairs) const;
  void take(const solve::Flow&, const std::vector<Pair>&);
  void link_panel();
  void tell_lacks();
  void sum_up();

  bool barred(const Pair& pair) const { return barred_[at(pair)]; }
  bool allowed(const Pair& pair) const { return !barred(pair) && matches_.at(pair) >= input_.rules.match_min; }
  std::size_t at(const Pair& pair) const { return pair.proposal * input_.reviewers.size() + pair.reviewer; }
  std::int64_t worth(const Pair& pair) const { return std::llround(kScale * matches_.at(pair)); }

  const AssignmentInput& input_;
  Assignment out_;
  Places proposals_, reviewers_;
  Matches matches_;
  std::vector<bool> barred_;
  std::map<Pair, std::string> fixed_;  // with why in spite of a bar
  std::set<Pair> before_;
  std::vector<std::uint32_t> need_, room_;  // by proposal, by reviewer: what is left when the fixed pairs are made
};

base::Result<Pair> Assigner::pair_of(const std::string& proposal, const std::string& reviewer) const {
  const auto p = proposals_.find(proposal);
  if (p == proposals_.end())
    return base::refuse(base::Errc::not_found, "没有申报“{}”", "there is no proposal '{}'", proposal);
  const auto r = reviewers_.find(reviewer);
  if (r == reviewers_.end())
    return base::refuse(base::Errc::not_found, "没有评委“{}”", "there is no reviewer '{}'", reviewer);
  return Pair{p->second, r->second};
}

base::Status Assigner::read() {
  proposals_ = TRY(places_of(input_.proposals, "proposal"));
  reviewers_ = TRY(places_of(input_.reviewers, "reviewer"));
  for (const Proposal& proposal : input_.proposals) {
    need_.push_back(proposal.reviews ? proposal.reviews : input_.rules.reviews_each);
    out_.needed += need_.back();
  }
  for (const Reviewer& reviewer : input_.reviewers) {
    room_.push_back(reviewer.load_max);
    out_.load_max += reviewer.load_max;
  }
  if (need_.size() > kProposalsMax || room_.size() > kReviewersMax || out_.needed > kReviewsMax)
    return base::refuse(base::Errc::full, "{} 项申报、{} 位评委、{} 份评审，数量过多：最多分别为 {}、{} 和 {}",
                        "{} proposals, {} reviewers and {} reviews are too many: at most {}, {} and {}", need_.size(),
                        room_.size(), out_.needed, kProposalsMax, kReviewersMax, kReviewsMax);
  std::vector<Pair> forbidden;
  for (const IdPair& ids : input_.forbidden) forbidden.push_back(TRY(pair_of(ids.proposal, ids.reviewer)));
  for (const IdPair& ids : input_.before) {
    if (const auto pair = pair_of(ids.proposal, ids.reviewer)) before_.insert(*pair);
  }
  out_.bars = bars_between(input_.proposals, input_.reviewers, forbidden, input_.rules.bars);
  barred_.resize(need_.size() * room_.size());
  for (const Bar& bar : out_.bars) barred_[at(bar.pair)] = true;
  matches_ = matches(input_.proposals, input_.reviewers, input_.rules.match);
  return {};
}

base::Status Assigner::fix() {
  for (const Fixed& fixed : input_.fixed) {
    const Pair pair = TRY(pair_of(fixed.proposal, fixed.reviewer));
    if (barred(pair) && fixed.in_spite_of.empty()) {
      const auto bar = std::ranges::find(out_.bars, pair, &Bar::pair);
      return base::refuse(base::Errc::conflict, "评委“{0}”应回避这项申报（{4}），且未说明仍要指派的理由",
                          "'{}' may not review '{}' ({}{}{}), and no reason is given against that", fixed.reviewer,
                          fixed.proposal, to_string(bar->why), bar->what.empty() ? "" : ": ", bar->what);
    }
    if (!fixed_.emplace(pair, barred(pair) ? fixed.in_spite_of : std::string{}).second) continue;
    if (room_[pair.reviewer] == 0)
      return base::refuse(base::Errc::conflict, "指派给评委“{}”的申报超过其上限 {} 项",
                          "'{}' is fixed to more proposals than their load of {}", fixed.reviewer,
                          input_.reviewers[pair.reviewer].load_max);
    --room_[pair.reviewer];
    if (need_[pair.proposal] > 0) --need_[pair.proposal];
  }
  return {};
}

// Nodes: the source, proposals, reviewers, and nobody, who reviews whatever is left at a price above all others.
void Assigner::add_pair_arcs(solve::Network& network, std::int64_t keep, std::vector<Pair>& pairs) const {
  for (std::uint32_t p = 0; p < need_.size(); ++p) {
    if (need_[p] == 0) continue;
    for (std::uint32_t r = 0; r < room_.size(); ++r) {
      const Pair pair{p, r};
      const bool kept = before_.contains(pair);
      if (room_[r] == 0 || barred(pair) || fixed_.contains(pair) || !(kept || allowed(pair))) continue;
      network.arcs.push_back({p, std::uint32_t(need_.size() + r), 1, -worth(pair) - (kept ? keep : 0)});
      pairs.push_back(pair);
    }
  }
}

base::Status Assigner::flow() {
  const std::size_t reviewers = room_.size();
  const auto nobody = std::uint32_t(need_.size() + reviewers);
  solve::Network network;
  network.supply.assign(nobody + 2, 0);
  std::int64_t demand = 0;
  for (std::size_t p = 0; p < need_.size(); ++p) demand += network.supply[p] = need_[p];
  network.supply[nobody + 1] = -demand;
  // Each aim weighs more than all the later ones together can.
  const double balance = kScale * input_.rules.balance;
  const auto keep = std::int64_t(double(demand + 1) * (kScale + balance));
  const std::int64_t missing = before_.empty() ? keep : keep * (demand + 1);
  std::vector<Pair> pairs;
  add_pair_arcs(network, before_.empty() ? 0 : keep, pairs);
  for (std::uint32_t r = 0; r < reviewers; ++r) {
    const std::uint32_t load_max = input_.reviewers[r].load_max, had = load_max - room_[r];
    for (std::uint32_t unit = had; unit < load_max; ++unit) {
      const auto cost = std::llround(balance * (double(unit) + 0.5) / load_max);
      network.arcs.push_back({std::uint32_t(need_.size() + r), nobody + 1, 1, cost});
    }
  }
  for (std::uint32_t p = 0; p < need_.size(); ++p)
    if (need_[p] > 0) network.arcs.push_back({p, nobody, need_[p], missing});
  network.arcs.push_back({nobody, nobody + 1, demand, 0});
  take(TRY(solve::cheapest_flow(network)), pairs);
  return {};
}

void Assigner::take(const solve::Flow& flow, const std::vector<Pair>& pairs) {
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (flow.units[i] > 0) out_.given.push_back({pairs[i], 0, false, before_.contains(pairs[i]), false, {}});
  }
  for (const auto& [pair, why] : fixed_) out_.given.push_back({pair, 0, true, before_.contains(pair), false, why});
  for (const Given& given : out_.given) out_.match_unlinked += matches_.at(given.pair);
}

void Assigner::link_panel() {
  LinkInput input;
  for (const Given& given : out_.given) {
    input.pairs.push_back(given.pair);
    input.free.push_back(!given.fixed && !given.kept);
  }
  input.allowed = [this](const Pair& pair) { return allowed(pair); };
  input.match = [this](const Pair& pair) { return matches_.at(pair); };
  const Linked linked = link(std::move(input), need_.size(), room_.size(), input_.rules.links);
  for (std::size_t i = 0; i < linked.pairs.size(); ++i) {
    out_.given[i].pair = linked.pairs[i];
    out_.given[i].linking = linked.swapped[i];
    out_.given[i].kept = before_.contains(linked.pairs[i]);
  }
  out_.before_links = linked.before;
  out_.mixing = linked.after;
  out_.linked = linked.after.components <= 1 && linked.after.connectivity >= input_.rules.links.connectivity_min;
}

void Assigner::tell_lacks() {
  std::vector<std::uint32_t> got(need_.size());
  for (const Given& given : out_.given) {
    ++got[given.pair.proposal];
    ++out_.load[given.pair.reviewer];
  }
  auto bar = out_.bars.begin();
  for (std::uint32_t p = 0; p < got.size(); ++p) {
    std::map<Why, std::uint32_t> barred_by;
    for (std::uint32_t last = UINT32_MAX; bar != out_.bars.end() && bar->pair.proposal == p; ++bar) {
      if (bar->pair.reviewer != last && !fixed_.contains(bar->pair)) ++barred_by[bar->why];
      last = bar->pair.reviewer;
    }
    const Proposal& proposal = input_.proposals[p];
    Lack lack{p, proposal.reviews ? proposal.reviews : input_.rules.reviews_each, got[p], {}, 0, 0};
    if (lack.got >= lack.needed) continue;
    for (const auto& [why, reviewers] : barred_by) lack.barred.push_back({why, reviewers});
    for (std::uint32_t r = 0; r < room_.size(); ++r) {
      if (barred({p, r}) || fixed_.contains({p, r})) continue;
      const bool poor = !allowed({p, r});
      lack.poor_match += poor;
      lack.loaded += !poor && out_.load[r] >= input_.reviewers[r].load_max;
    }
    out_.lacking.push_back(std::move(lack));
  }
}

void Assigner::sum_up() {
  std::ranges::sort(out_.given, {}, &Given::pair);
  std::set<Pair> now;
  for (Given& given : out_.given) {
    given.match = matches_.at(given.pair);
    out_.match_sum += given.match;
    now.insert(given.pair);
  }
  for (const Pair& pair : before_) {
    if (!now.contains(pair))
      out_.given_up.push_back({input_.proposals[pair.proposal].id, input_.reviewers[pair.reviewer].id});
  }
}

base::Result<Assignment> Assigner::run() {
  TRY(read());
  TRY(fix());
  out_.load.resize(room_.size());
  TRY(flow());
  link_panel();
  tell_lacks();
  sum_up();
  return std::move(out_);
}

}  // namespace

base::Result<Assignment> assign_reviewers(const AssignmentInput& input) {
  return Assigner(input).run();
}

}  // namespace cityloop::awards::panel
