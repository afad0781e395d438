#include "participation/count.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

#include "trust/secret.h"

namespace cityloop::participation {
namespace {

__extension__ using Wide = __int128;
using Why = CountStep::Why;
using Places = std::vector<std::uint32_t>;

// What every rule needs to know, and how it breaks ties.
struct Table {
  explicit Table(const CountInput& in) : input(in), votes(votes_of(in)), supporters(in.projects.size()) {
    for (std::uint32_t voter = 0; voter < in.ballots.size(); ++voter) {
      for (const std::uint32_t project : in.ballots[voter]) supporters[project].push_back(voter);
      voting += !in.ballots[voter].empty();
    }
    for (const CountProject& project : in.projects)
      lots.push_back(trust::fingerprint(fmt::format("{}:{}", in.seed, project.code)));
  }

  Money cost(std::uint32_t project) const { return input.projects[project].cost; }
  // Which comes first where the rule itself holds both alike.
  bool breaks_tie(std::uint32_t a, std::uint32_t b) const {
    if (votes[a] != votes[b]) return votes[a] > votes[b];
    if (cost(a) != cost(b)) return cost(a) < cost(b);
    return lots[a] < lots[b];
  }

  const CountInput& input;
  Places votes;
  std::vector<Places> supporters;
  std::vector<std::string> lots;
  std::uint64_t voting{0};  // who chose something
};

std::uint64_t happy_with(const CountInput& input, const Places& elected) {
  std::vector<bool> is(input.projects.size());
  for (const std::uint32_t project : elected) is[project] = true;
  return std::uint64_t(std::count_if(input.ballots.begin(), input.ballots.end(), [&](const Places& ballot) {
    return std::any_of(ballot.begin(), ballot.end(), [&](std::uint32_t project) { return is[project]; });
  }));
}

// Down a list as far as the money goes.
void take_greedily(const Table& table, const Places& order, Why as, CountResult& out) {
  Money left = table.input.budget - out.spent;
  for (const std::uint32_t project : order) {
    CountStep step{.project = project};
    if (table.votes[project] == 0) step.why = Why::no_votes;
    else if (table.cost(project) > left) step.why = Why::too_dear;
    else {
      step.why = as;
      left -= table.cost(project);
      out.elected.push_back(project);
    }
    step.left = left;
    out.steps.push_back(step);
  }
  out.spent = table.input.budget - left;
}

Places all_by_votes(const Table& table) {
  Places out(table.input.projects.size());
  std::iota(out.begin(), out.end(), 0U);
  std::ranges::sort(out, [&](std::uint32_t a, std::uint32_t b) { return table.breaks_tie(a, b); });
  return out;
}

Places all_by_votes_per_cost(const Table& table) {
  Places out = all_by_votes(table);
  std::ranges::stable_sort(out, [&](std::uint32_t a, std::uint32_t b) {
    return Wide(table.votes[a]) * table.cost(b) > Wide(table.votes[b]) * table.cost(a);
  });
  return out;
}

// What a project's supporters pay: those who have less give all they have, the others `rest` in equal parts. Kept as a
// fraction, so that projects which are alike are found to be alike.
struct Payment {
  Money rest{};
  Money payers{};
  Money each() const { return (rest + payers - 1) / payers; }
};

// The least at which these purses reach the cost; nothing when all of them together do not.
std::optional<Payment> least_payment(std::vector<Money>& purses, Money cost) {
  std::ranges::sort(purses);
  Money rest = cost;
  for (std::size_t i = 0; i < purses.size(); ++i) {
    const Payment payment{rest, Money(purses.size() - i)};
    if (purses[i] >= payment.each()) return payment;
    rest -= purses[i];
  }
  return std::nullopt;
}

// One run of equal shares with a given share: what is elected, in order. How dear a project is to its voters only rises
// while they pay for others, so what was found before is a bound, and most projects need not be looked at again.
class SharesRun {
 public:
  SharesRun(const Table& table, Money share) : table_(table), purses_(table.input.ballots.size(), share) {
    for (std::uint32_t project = 0; project < table.input.projects.size(); ++project) {
      if (table.votes[project] > 0) open_.push_back({project, {table.cost(project), table.votes[project]}});
    }
  }

  std::vector<CountStep> run() {
    std::vector<CountStep> out;
    while (const auto best = find_best()) {
      pay(*best);
      CountStep step{.project = best->project, .why = Why::elected};
      const Payment& payment = best->payment;
      step.effective = double(table_.cost(best->project)) * double(payment.payers) / double(payment.rest);
      step.each = payment.each();
      out.push_back(step);
    }
    return out;
  }

 private:
  struct Open {
    std::uint32_t project;
    Payment payment;  // at least
  };

  // The larger its cost in relation to the payment, the better. Amounts have 50 bits and voters 24: the products fit.
  bool better(const Open& a, const Open& b) const {
    const Wide left = Wide(table_.cost(a.project)) * a.payment.payers * b.payment.rest,
               right = Wide(table_.cost(b.project)) * b.payment.payers * a.payment.rest;
    return left != right ? left > right : table_.breaks_tie(a.project, b.project);
  }

  std::optional<Open> find_best() {
    std::ranges::sort(open_, [this](const Open& a, const Open& b) { return better(a, b); });
    std::optional<Open> best;
    for (Open& one : open_) {
      if (best && better(*best, one)) break;  // its bound is worse already, and so are all behind it
      std::vector<Money> purses;
      purses.reserve(table_.supporters[one.project].size());
      for (const std::uint32_t voter : table_.supporters[one.project]) purses.push_back(purses_[voter]);
      const auto payment = least_payment(purses, table_.cost(one.project));
      one.payment = payment.value_or(Payment{});
      if (payment && (!best || better(one, *best))) best = one;
    }
    std::erase_if(open_, [&](const Open& one) {
      return one.payment.payers == 0 || (best && one.project == best->project);  // who cannot pay now never can
    });
    return best;
  }

  void pay(const Open& best) {
    const Money each = best.payment.each();
    for (const std::uint32_t voter : table_.supporters[best.project]) purses_[voter] -= std::min(purses_[voter], each);
  }

  const Table& table_;
  std::vector<Money> purses_;
  std::vector<Open> open_;
};

Money cost_of(const Table& table, const std::vector<CountStep>& steps) {
  Money out = 0;
  for (const CountStep& step : steps) out += table.cost(step.project);
  return out;
}

// Whether a larger share could still bring something: a project with votes that what is left pays for.
bool may_grow(const Table& table, const std::vector<CountStep>& steps, Money left) {
  std::vector<bool> is(table.votes.size());
  for (const CountStep& step : steps) is[step.project] = true;
  for (std::uint32_t project = 0; project < is.size(); ++project) {
    if (!is[project] && table.votes[project] > 0 && table.cost(project) <= left) return true;
  }
  return false;
}

CountResult equal_shares(const Table& table) {
  CountResult out{.rule = CountRule::equal_shares};
  const Money budget = table.input.budget;
  Money share = table.voting ? budget / Money(table.voting) : 0;
  std::vector<CountStep> steps = SharesRun(table, share).run();
  while (share > 0 && may_grow(table, steps, budget - cost_of(table, steps))) {
    const Money larger = share + std::max<Money>(1, share / 100);
    std::vector<CountStep> next = SharesRun(table, larger).run();
    if (cost_of(table, next) > budget) break;
    steps = std::move(next);
    share = larger;
  }
  out.share = share;
  std::vector<bool> is(table.votes.size());
  Money left = budget;
  for (CountStep& step : steps) {
    left -= table.cost(step.project);
    step.left = left;
    is[step.project] = true;
    out.elected.push_back(step.project);
    out.steps.push_back(step);
  }
  out.spent = budget - left;
  Places rest = all_by_votes(table);
  std::erase_if(rest, [&](std::uint32_t project) { return is[project]; });
  take_greedily(table, rest, Why::completed, out);
  return out;
}

}  // namespace

Money money_from(double units) {
  return Money(std::llround(units * double(kUnit)));
}

double units_of(Money money) {
  return double(money) / double(kUnit);
}

std::string_view to_string(CountRule rule) {
  switch (rule) {
    case CountRule::equal_shares: return "equal_shares";
    case CountRule::greedy: return "greedy";
    case CountRule::greedy_per_cost: return "greedy_per_cost";
  }
  return "";
}

std::optional<CountRule> count_rule_from(std::string_view text) {
  for (const CountRule rule : kCountRules) {
    if (to_string(rule) == text) return rule;
  }
  return std::nullopt;
}

std::string_view to_string(CountStep::Why why) {
  switch (why) {
    case Why::elected: return "elected";
    case Why::completed: return "completed";
    case Why::too_dear: return "too_dear";
    case Why::no_votes: return "no_votes";
  }
  return "";
}

Places votes_of(const CountInput& input) {
  Places out(input.projects.size());
  for (const Places& ballot : input.ballots) {
    for (const std::uint32_t project : ballot) ++out[project];
  }
  return out;
}

CountResult count(const CountInput& input, CountRule rule) {
  const Table table(input);
  CountResult out;
  if (rule == CountRule::equal_shares) {
    out = equal_shares(table);
  } else {
    out.rule = rule;
    take_greedily(table, rule == CountRule::greedy ? all_by_votes(table) : all_by_votes_per_cost(table), Why::elected,
                  out);
  }
  assert(out.spent <= input.budget);
  out.happy = happy_with(input, out.elected);
  return out;
}

}  // namespace cityloop::participation
