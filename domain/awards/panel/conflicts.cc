#include "domain/awards/panel/conflicts.h"

#include <algorithm>
#include <unordered_map>

#include "text/normal.h"

namespace cityloop::awards::panel {
namespace {

std::string key_of(std::string_view name) {
  std::string key = text::normal_form(name);
  std::erase(key, ' ');
  return key;
}

// Who has a name to do with them: reviewers by the key of the name, each once.
class Holders {
 public:
  void add(std::span<const std::string> names, std::uint32_t reviewer) {
    for (const std::string& name : names) add(name, reviewer);
  }
  void add(std::string_view name, std::uint32_t reviewer) {
    std::string key = key_of(name);
    if (key.empty()) return;
    std::vector<std::uint32_t>& of = of_[std::move(key)];
    if (of.empty() || of.back() != reviewer) of.push_back(reviewer);
  }
  std::span<const std::uint32_t> of(const std::string& key) const {
    const auto found = of_.find(key);
    return found == of_.end() ? std::span<const std::uint32_t>{} : found->second;
  }

 private:
  std::unordered_map<std::string, std::vector<std::uint32_t>> of_;
};

struct AllHolders {
  Holders names, organisations, cities, co_authors, declared;

  explicit AllHolders(std::span<const Reviewer> reviewers) {
    for (std::uint32_t r = 0; r < reviewers.size(); ++r) {
      names.add(reviewers[r].name, r);
      organisations.add(reviewers[r].organisations, r);
      cities.add(reviewers[r].cities, r);
      co_authors.add(reviewers[r].co_authors, r);
      declared.add(reviewers[r].declared, r);
    }
  }
};

class Finder {
 public:
  Finder(const AllHolders& holders, const BarRules& rules, std::vector<Bar>& out)
      : holders_(holders), rules_(rules), out_(out) {}

  void look(const Proposal& proposal, std::uint32_t place) {
    place_ = place;
    meet(proposal.id, holders_.declared, Why::declared);
    for (const std::string& name : proposal.people) {
      meet(name, holders_.names, Why::own);
      meet(name, holders_.co_authors, Why::co_author);
      meet(name, holders_.declared, Why::declared);
    }
    for (const std::string& name : proposal.organisations) {
      meet(name, holders_.organisations, Why::organisation);
      meet(name, holders_.declared, Why::declared);
    }
    for (const std::string& name : proposal.cities) {
      if (rules_.city) meet(name, holders_.cities, Why::city);
      meet(name, holders_.declared, Why::declared);
    }
  }

 private:
  void meet(const std::string& name, const Holders& holders, Why why) {
    for (const std::uint32_t reviewer : holders.of(key_of(name))) out_.push_back({{place_, reviewer}, why, name});
  }

  const AllHolders& holders_;
  const BarRules& rules_;
  std::vector<Bar>& out_;
  std::uint32_t place_{};
};

}  // namespace

std::string_view to_string(Why why) {
  switch (why) {
    case Why::own: return "own";
    case Why::organisation: return "organisation";
    case Why::city: return "city";
    case Why::co_author: return "co_author";
    case Why::declared: return "declared";
    case Why::forbidden: return "forbidden";
  }
  return "";
}

std::vector<Bar> bars_between(std::span<const Proposal> proposals, std::span<const Reviewer> reviewers,
                              std::span<const Pair> forbidden, const BarRules& rules) {
  std::vector<Bar> out;
  const AllHolders holders(reviewers);
  Finder finder(holders, rules, out);
  for (std::uint32_t p = 0; p < proposals.size(); ++p) finder.look(proposals[p], p);
  for (const Pair& pair : forbidden) out.push_back({pair, Why::forbidden, {}});
  const auto key = [](const Bar& bar) { return std::tie(bar.pair, bar.why, bar.what); };
  std::ranges::sort(out, [&](const Bar& a, const Bar& b) { return key(a) < key(b); });
  const auto again = std::ranges::unique(out, [&](const Bar& a, const Bar& b) { return key(a) == key(b); });
  out.erase(again.begin(), again.end());
  return out;
}

}  // namespace cityloop::awards::panel
