#include "domain/awards/panel/scores.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace cityloop::awards::panel {
namespace {

// Scores of one dimension or of the total, with the sheets that they stand on.
struct Column {
  std::vector<Score> scores;
  std::vector<std::size_t> sheets;
};

base::Status check(const SheetsInput& input, const ScoreRules& rules) {
  for (std::size_t s = 0; s < input.sheets.size(); ++s) {
    const Sheet& sheet = input.sheets[s];
    if (sheet.scores.size() != rules.dimensions.size())
      return base::fail(base::Errc::invalid, "sheet {} has {} scores, and there are {} dimensions", s,
                        sheet.scores.size(), rules.dimensions.size());
    for (std::size_t d = 0; d < sheet.scores.size(); ++d) {
      const std::optional<double>& score = sheet.scores[d];
      if (score && !(*score >= rules.low && *score <= rules.high))
        return base::fail(base::Errc::invalid, "sheet {}, '{}': {} does not lie between {} and {}", s,
                          rules.dimensions[d].code, *score, rules.low, rules.high);
    }
  }
  if (!input.bonus.empty() && input.bonus.size() != input.proposals)
    return base::fail(base::Errc::invalid, "{} bonuses for {} proposals", input.bonus.size(), input.proposals);
  for (std::size_t p = 0; p < input.bonus.size(); ++p) {
    if (!(input.bonus[p] >= 0))
      return base::fail(base::Errc::invalid, "proposal {} has a bonus of {}", p, input.bonus[p]);
  }
  if (!(rules.interval > 0 && rules.interval < 1))
    return base::fail(base::Errc::invalid, "a rank interval of {} of the draws", rules.interval);
  return {};
}

base::Result<DimensionScores> scores_of(const Column& column, const SheetsInput& input, std::string code) {
  DimensionScores out{std::move(code), std::vector<std::optional<double>>(input.proposals), {}};
  std::vector<double> number(input.proposals);
  out.fit = TRY(fit_mixed(column.scores, input.proposals, input.reviewers));
  for (const Score& score : column.scores) {
    out.raw[score.proposal] = out.raw[score.proposal].value_or(0) + score.value;
    ++number[score.proposal];
  }
  for (std::size_t p = 0; p < number.size(); ++p)
    if (out.raw[p]) *out.raw[p] /= number[p];
  return out;
}

class Ranker {
 public:
  Ranker(const SheetsInput& input, const ScoreRules& rules, const Column& total, Standings& out)
      : input_(input), rules_(rules), total_(total), out_(out) {}

  void run() {
    score();
    rank();
    if (out_.total.fit.usable && rules_.draws > 0) draw();
  }

 private:
  void score();
  void rank();
  void draw();
  std::optional<std::size_t> band_of(double score) const;

  const SheetsInput& input_;
  const ScoreRules& rules_;
  const Column& total_;
  Standings& out_;
};

std::optional<std::size_t> Ranker::band_of(double score) const {
  std::optional<std::size_t> best;
  for (std::size_t b = 0; b < rules_.bands.size(); ++b) {
    if (score >= rules_.bands[b].from && (!best || rules_.bands[b].from > rules_.bands[*best].from)) best = b;
  }
  return best;
}

void Ranker::score() {
  const double places = std::pow(10, rules_.decimals);
  out_.proposals.resize(input_.proposals);
  for (const Score& score : total_.scores) ++out_.proposals[score.proposal].reviews;
  for (std::size_t p = 0; p < input_.proposals; ++p) {
    Standing& standing = out_.proposals[p];
    standing.raw = out_.total.raw[p];
    standing.adjusted = out_.total.fit.adjusted[p];
    if (!input_.bonus.empty()) standing.bonus = std::min(input_.bonus[p], rules_.bonus_max);
    if (!standing.raw) continue;
    const double score = rules_.by_adjusted && standing.adjusted ? standing.adjusted->value : *standing.raw;
    standing.final_score = std::round((score + standing.bonus) * places) / places;
    standing.band = band_of(*standing.final_score);
  }
}

void Ranker::rank() {
  std::vector<std::uint32_t> order;
  for (std::uint32_t p = 0; p < out_.proposals.size(); ++p)
    if (out_.proposals[p].final_score) order.push_back(p);
  const auto score = [&](std::uint32_t p) { return *out_.proposals[p].final_score; };
  std::ranges::sort(
      order, [&](std::uint32_t a, std::uint32_t b) { return score(a) != score(b) ? score(a) > score(b) : a < b; });
  for (std::size_t first = 0; first < order.size();) {
    std::size_t next = first;
    while (next < order.size() && score(order[next]) == score(order[first])) ++next;
    for (std::size_t i = first; i < next; ++i) {
      out_.proposals[order[i]].rank = std::uint32_t(first + 1);
      out_.proposals[order[i]].tied = next > first + 1;
    }
    if (next > first + 1)
      out_.ties.emplace_back(order.begin() + std::ptrdiff_t(first), order.begin() + std::ptrdiff_t(next));
    first = next;
  }
}

void Ranker::draw() {
  std::vector<std::uint32_t> ranked;
  for (std::uint32_t p = 0; p < out_.proposals.size(); ++p)
    if (out_.proposals[p].rank) ranked.push_back(p);
  const MeritSampler sampler(out_.total.fit, total_.scores, input_.proposals, input_.reviewers);
  base::Rng rng(rules_.seed);
  std::vector<double> merit;
  std::vector<std::uint32_t> order(ranked.size());
  std::vector<std::vector<std::uint32_t>> ranks(ranked.size());
  for (std::size_t draw = 0; draw < rules_.draws; ++draw) {
    sampler.draw(rng, merit);
    for (const std::uint32_t p : ranked) merit[p] += out_.proposals[p].bonus;
    std::iota(order.begin(), order.end(), 0u);
    std::ranges::sort(order, std::greater{}, [&](std::uint32_t i) { return merit[ranked[i]]; });
    for (std::uint32_t place = 0; place < order.size(); ++place) ranks[order[place]].push_back(place + 1);
  }
  const double tail = (1 - rules_.interval) / 2;
  const auto low = std::size_t(tail * double(rules_.draws)), high = rules_.draws - 1 - low;
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    Standing& standing = out_.proposals[ranked[i]];
    std::ranges::sort(ranks[i]);
    standing.rank_low = ranks[i][low];
    standing.rank_high = ranks[i][high];
    const auto beyond = std::ranges::upper_bound(ranks[i], std::uint32_t(rules_.top));
    standing.top_share = double(beyond - ranks[i].begin()) / double(rules_.draws);
  }
}

void flag(const DimensionScores& scores, const Column& column, std::optional<std::size_t> dimension, double from,
          std::vector<Outlier>& out) {
  for (std::size_t i = 0; i < column.scores.size(); ++i) {
    const double studentised = scores.fit.studentised[i];
    if (scores.fit.usable && std::abs(studentised) >= from)
      out.push_back({column.sheets[i], dimension, column.scores[i].value, scores.fit.expected[i], studentised});
  }
}

}  // namespace

std::vector<ScoreRules::Band> five_bands() {
  return {{"excellent", 9}, {"good", 7}, {"fairly_good", 6}, {"pass", 5}, {"ordinary", -1e9}};
}

base::Result<Standings> standings_of(const SheetsInput& input, const ScoreRules& rules) {
  TRY(check(input, rules));
  std::vector<Column> columns(rules.dimensions.size());
  Column total;
  Standings out;
  for (std::size_t s = 0; s < input.sheets.size(); ++s) {
    const Sheet& sheet = input.sheets[s];
    double sum = 0;
    bool whole = true;
    for (std::size_t d = 0; d < columns.size(); ++d) {
      whole = whole && sheet.scores[d];
      if (!sheet.scores[d]) continue;
      sum += rules.dimensions[d].weight * *sheet.scores[d];
      columns[d].scores.push_back({sheet.proposal, sheet.reviewer, *sheet.scores[d]});
      columns[d].sheets.push_back(s);
    }
    if (!whole) {
      out.incomplete.push_back(s);
      continue;
    }
    total.scores.push_back({sheet.proposal, sheet.reviewer, sum});
    total.sheets.push_back(s);
  }
  for (std::size_t d = 0; d < columns.size(); ++d) {
    out.dimensions.push_back(TRY(scores_of(columns[d], input, rules.dimensions[d].code)));
    flag(out.dimensions[d], columns[d], d, rules.outlier_from, out.outliers);
  }
  out.total = TRY(scores_of(total, input, {}));
  flag(out.total, total, std::nullopt, rules.outlier_from, out.outliers);
  std::ranges::sort(out.outliers, [](const Outlier& a, const Outlier& b) {
    const auto key = [](const Outlier& it) { return std::tuple(-std::abs(it.studentised), it.sheet, it.dimension); };
    return key(a) < key(b);
  });
  Ranker(input, rules, total, out).run();
  return out;
}

}  // namespace cityloop::awards::panel
