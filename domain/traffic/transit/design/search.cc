#include "domain/traffic/transit/design/search.h"

#include <algorithm>
#include <memory>
#include <thread>

#include "domain/traffic/transit/design/annealer.h"

namespace cityloop::traffic {

namespace {

constexpr std::size_t kElite = 8;
// Temperature at the beginning of a round, of minutes a passenger travels by the quickest ways and by number of routes:
// what one route more or less is worth falls with their number. Chosen on Mandl's and Mumford's networks.
constexpr double kHot = 0.018;
constexpr double kCooling = 20;
constexpr double kSame = 1e-9;

struct Round {
  RouteSet begin;
  std::uint64_t steps{};
  double hot{};
};

class Search {
 public:
  Search(const DesignProblem& problem, const SearchOptions& options)
      : problem_(problem),
        options_(options),
        cost_(problem, options.operator_weight),
        ways_(problem, options.seed),
        rng_(options.seed * 0x9e3779b97f4a7c15 + 1) {
    for (unsigned lane = 0; lane < std::max(1U, options.threads); ++lane)
      lanes_.push_back(std::make_unique<Annealer>(problem, cost_, ways_, rng_.next()));
    hot_ = kHot * usual_minutes() / double(problem.rules().routes);
    round_steps_ = std::clamp<std::uint64_t>(400 * problem.stops() * problem.rules().routes, 2000, 300'000);
    if (!options.begin.empty()) keep({options.begin, cost_.score(options.begin)});
  }

  base::Result<Found> run() {
    while (!over()) generation();
    if (elite_.empty()) return base::fail(base::Errc::conflict, "the search was ended before it began");
    const RouteSet& best = elite_.front().routes;
    if (auto sound = problem_.check(best); !sound)
      return base::fail(base::Errc::conflict, "no routes were found in {} steps that keep the rules: {}", steps_,
                        sound.error().message);
    return Found{best, evaluate(problem_, best), steps_, rounds_};
  }

 private:
  bool over() const {
    if (options_.steps > 0 && steps_ >= options_.steps) return true;
    return options_.halt ? options_.halt() : options_.steps == 0;
  }

  // What a passenger would travel if every pair had the quickest way without a change.
  double usual_minutes() const {
    RouteSet links;
    for (const DesignLink& l : problem_.links()) links.push_back({l.from, l.to});
    const RouteTimes times(without_transfers(), links);
    double sum = 0;
    for (std::size_t i = 0; i < problem_.stops(); ++i)
      for (std::size_t j = 0; j < problem_.stops(); ++j)
        if (const double d = problem_.demand(StopIndex(i), StopIndex(j)); d > 0)
          sum += d * times.minutes(StopIndex(i), StopIndex(j));
    return sum / problem_.demand_total();
  }

  DesignProblem without_transfers() const {
    DesignProblem free = problem_;
    DesignRules rules = problem_.rules();
    rules.transfer_minutes = 0;
    (void)free.set_rules(rules);  // nothing else of them is changed
    return free;
  }

  void generation() {
    std::vector<Round> rounds;
    for (std::size_t i = 0; i < lanes_.size(); ++i) rounds.push_back(plan_round(*lanes_[i]));
    std::vector<ScoredRoutes> results(lanes_.size());
    const std::function<bool()> halt = [this] { return options_.halt && options_.halt(); };
    const auto work = [&](std::size_t i) {
      results[i] = lanes_[i]->run(std::move(rounds[i].begin), rounds[i].steps, rounds[i].hot, hot_ / kCooling, halt);
    };
    std::vector<std::thread> helpers;
    for (std::size_t i = 1; i < lanes_.size(); ++i) helpers.emplace_back(work, i);
    work(0);
    for (std::thread& helper : helpers) helper.join();
    for (ScoredRoutes& result : results) keep(std::move(result));
    steps_ = 0;
    for (const auto& lane : lanes_) steps_ += lane->steps();
    rounds_ += std::uint32_t(lanes_.size());
    if (options_.on_progress) options_.on_progress({steps_, rounds_, elite_.front().score});
  }

  Round plan_round(Annealer& lane) {
    const std::uint64_t growth = std::uint64_t(1)
                                 << std::min<std::uint32_t>(rounds_ / std::uint32_t(2 * lanes_.size()), 5);
    Round round{.steps = round_steps_ * growth, .hot = hot_};
    if (options_.steps > 0)
      round.steps = std::min(round.steps, (options_.steps - steps_ + lanes_.size() - 1) / lanes_.size());
    const double chance = rng_.uniform();
    if (elite_.empty() || (elite_.size() < 3 && options_.begin.empty()) || chance < 0.25) {
      round.begin = lane.moves().begin();
      round.hot = hot_ * double(1 << rng_.below(4));  // no one temperature fits all networks
    } else if (elite_.size() > 1 && chance < 0.65) {
      const auto a = std::size_t(rng_.below(elite_.size()));
      const auto b = (a + 1 + std::size_t(rng_.below(elite_.size() - 1))) % elite_.size();
      round.begin = join(elite_[a].routes, elite_[b].routes);
      round.hot = hot_ / 2;
    } else {
      round.begin = elite_[std::size_t(rng_.below(std::min<std::uint64_t>(3, elite_.size())))].routes;
      round.hot = hot_ / 3;
    }
    return round;
  }

  // Half of the one's routes by chance, then of the other's always the one that is worth most beside those.
  RouteSet join(const RouteSet& a, const RouteSet& b) {
    RouteSet out = a, left = b;
    for (std::size_t i = 0; i < out.size(); ++i) std::swap(out[i], out[i + std::size_t(rng_.below(out.size() - i))]);
    out.resize((out.size() + 1) / 2);
    RouteTable table;
    QuickCost::Buffers buffers;
    while (out.size() < a.size()) {
      cost_.close(out, QuickCost::kNoRoute, table);
      std::size_t best = 0;
      double best_score = 0;
      for (std::size_t i = 0; i < left.size(); ++i) {
        const double score = cost_.passengers(table, left[i], buffers) + cost_.operators(left[i]);
        if (i > 0 && score >= best_score) continue;
        best = i;
        best_score = score;
      }
      out.push_back(std::move(left[best]));
      left.erase(left.begin() + std::ptrdiff_t(best));
    }
    return out;
  }

  void keep(ScoredRoutes found) {
    const auto at = std::ranges::lower_bound(elite_, found.score - kSame, {}, &ScoredRoutes::score);
    if (at != elite_.end() && at->score <= found.score + kSame) return;  // the same, or as good as the same
    elite_.insert(at, std::move(found));
    if (elite_.size() > kElite) elite_.pop_back();
  }

  const DesignProblem& problem_;
  const SearchOptions& options_;
  const QuickCost cost_;
  const QuickWays ways_;
  base::Rng rng_;
  std::vector<std::unique_ptr<Annealer>> lanes_;
  std::vector<ScoredRoutes> elite_;  // the best first
  double hot_{};
  std::uint64_t round_steps_{}, steps_{};
  std::uint32_t rounds_{};
};

bool beaten(const Found& a, const Found& b) {
  return b.worth.minutes <= a.worth.minutes && b.worth.operator_minutes <= a.worth.operator_minutes &&
         (b.worth.minutes < a.worth.minutes || b.worth.operator_minutes < a.worth.operator_minutes);
}

}  // namespace

base::Result<Found> search(const DesignProblem& problem, const SearchOptions& options) {
  if (options.steps == 0 && !options.halt)
    return base::fail(base::Errc::invalid, "a search needs a number of steps or something that ends it");
  if (!options.begin.empty())
    if (auto sound = problem.check(options.begin); !sound)
      return base::fail(base::Errc::invalid, "the routes to begin with: {}", sound.error().message);
  return Search(problem, options).run();
}

base::Result<std::vector<Found>> search_front(const DesignProblem& problem, const SearchOptions& options,
                                              const std::vector<double>& operator_weights) {
  std::vector<Found> all;
  SearchOptions now = options;
  for (const double weight : operator_weights) {
    now.operator_weight = weight;
    ++now.seed;
    all.push_back(TRY(search(problem, now)));
    now.begin = all.back().routes;
  }
  std::vector<Found> front;
  for (const Found& a : all)
    if (std::ranges::none_of(all, [&](const Found& b) { return beaten(a, b); })) front.push_back(a);
  std::ranges::stable_sort(front, std::greater<>(), [](const Found& f) { return f.worth.operator_minutes; });
  const auto same = [](const Found& a, const Found& b) {
    return a.worth.minutes == b.worth.minutes && a.worth.operator_minutes == b.worth.operator_minutes;
  };
  front.erase(std::ranges::unique(front, same).begin(), front.end());
  return front;
}

}  // namespace cityloop::traffic
