#include "index/composite/uncertainty.h"

#include <algorithm>
#include <cmath>

#include "base/rng.h"
#include "index/composite/statistics.h"

namespace cityloop::index {
namespace {

using base::Errc;
using base::fail;
using base::Result;

constexpr double kPositiveLow = 1, kPositiveHigh = 100;
constexpr double kTwo53 = 9007199254740992.0;

template <class Choice>
void add_own(std::vector<Choice>& choices, Choice own) {
  if (std::find(choices.begin(), choices.end(), own) == choices.end()) choices.insert(choices.begin(), own);
}

template <class Choice>
Choice drawn(const std::vector<Choice>& choices, double draw) {
  return choices[std::min(std::size_t(draw * double(choices.size())), choices.size() - 1)];
}

bool wants_positive(AggregateMethod method) {
  return method == AggregateMethod::geometric || method == AggregateMethod::harmonic;
}

void carry_to_positive(Matrix& in) {
  for (std::size_t c = 0; c < in.columns(); ++c) {
    const Range range = range_of(in.column(c));
    for (double& value : in.column(c)) {
      const double share = range.high > range.low ? (value - range.low) / (range.high - range.low) : 0.5;
      if (!missing(value)) value = kPositiveLow + (kPositiveHigh - kPositiveLow) * share;
    }
  }
}

std::vector<double> ranks_of(const Frame& frame, const IndexReport& report, std::span<const double> scores) {
  return rank(scores, report.year, frame.method.ties);
}

double shift_of(std::span<const double> ranks, std::span<const double> nominal) {
  double sum = 0;
  std::size_t n = 0;
  for (std::size_t u = 0; u < ranks.size(); ++u) {
    if (!missing(ranks[u]) && !missing(nominal[u])) sum += std::abs(ranks[u] - nominal[u]), ++n;
  }
  return n ? sum / double(n) : 0;
}

}  // namespace

Alternatives::Alternatives(const Frame& frame, const IndexReport& report, const Variation& how)
    : frame_(frame), report_(report), how_(how) {
  add_own(how_.imputation, frame.method.imputation.method);
  add_own(how_.treatment, frame.method.treatment.method);
  add_own(how_.normalisation, frame.method.normalisation.method);
  const auto& levels = frame.method.aggregation.levels;
  const bool one = std::all_of(levels.begin(), levels.end(), [&](AggregateMethod m) { return m == levels.front(); });
  if (one) add_own(how_.aggregation, frame.method.aggregation.at(2));
  if (how_.imputation.size() > 1) factors_.emplace_back("imputation");
  if (how_.treatment.size() > 1) factors_.emplace_back("treatment");
  if (how_.normalisation.size() > 1) factors_.emplace_back("normalisation");
  if (how_.weights_percent > 0) factors_.emplace_back("weights");
  if (how_.aggregation.size() > 1) factors_.emplace_back("aggregation");
}

Matrix& Alternatives::scores_with(const Key& key) {
  const auto found = scores_.find(key);
  if (found != scores_.end()) return found->second;
  const auto [imputation, treatment, normalisation, positive] = key;
  Method method = frame_.method;
  method.imputation.method = imputation, method.treatment.method = treatment;
  method.normalisation.method = normalisation;
  std::vector<Note> notes;
  std::vector<Treated> treated;
  std::vector<Normalised> lines;
  const auto groups = imputation_groups(frame_, report_.units, method.imputation.group);
  const Matrix filled = impute(frame_, report_.denominated, method.imputation, groups, report_.years, notes);
  const Matrix tamed = treat(frame_, filled, method.treatment, treated, notes);
  Matrix out = normalise(frame_, tamed, treated, method.normalisation, lines, notes);
  if (positive) carry_to_positive(out);
  return scores_.emplace(key, room_for_scores(frame_, out)).first->second;
}

std::vector<double> Alternatives::shares_for(double draw) const {
  base::Rng rng(how_.seed * 0x9e3779b97f4a7c15 + std::uint64_t(draw * kTwo53));
  const double reach = how_.weights_percent / 100;
  std::vector<double> out = report_.shares;
  for (double& share : out) share *= 1 + rng.uniform(-reach, reach);
  for (const std::size_t group : frame_.groups_up) {
    double sum = 0;
    for (const std::size_t child : frame_.nodes[group].children) sum += out[child];
    for (const std::size_t child : frame_.nodes[group].children)
      out[child] = sum > 0 ? out[child] / sum : report_.shares[child];
  }
  return out;
}

std::span<const double> Alternatives::scores(std::span<const double> draw) {
  std::size_t next = 0;
  const auto take = [&](bool varied) { return varied ? draw[next++] : 0.0; };
  const ImputeMethod imputation = drawn(how_.imputation, take(how_.imputation.size() > 1));
  const TreatMethod treatment = drawn(how_.treatment, take(how_.treatment.size() > 1));
  const NormaliseMethod normalisation = drawn(how_.normalisation, take(how_.normalisation.size() > 1));
  const bool other_weights = how_.weights_percent > 0;
  const std::vector<double> shares = other_weights ? shares_for(take(true)) : report_.shares;
  Aggregation aggregation = frame_.method.aggregation;
  if (how_.aggregation.size() > 1) aggregation.levels = {drawn(how_.aggregation, take(true))};
  const bool positive = std::any_of(aggregation.levels.begin(), aggregation.levels.end(), wants_positive);
  const Normalisation& own = frame_.method.normalisation;
  const bool is_positive =
      normalisation == NormaliseMethod::rank || (normalisation != NormaliseMethod::z_score && own.low > 0);
  Matrix& scores = scores_with({imputation, treatment, normalisation, positive && !is_positive});
  aggregate(frame_, shares, aggregation, report_.year, scores);
  return std::as_const(scores).column(frame_.root);
}

namespace {

constexpr std::size_t kTellEvery = 64;  // draws

std::unexpected<base::Error> stopped() {
  return fail(Errc::unavailable, "the draws were stopped before their end");
}

}  // namespace

Result<Uncertainty> vary(const Frame& frame, const IndexReport& report, const Variation& how, const DrawsDone& tell) {
  Alternatives alternatives(frame, report, how);
  if (alternatives.factors().empty()) return fail(Errc::refused, "nothing is varied: [uncertainty] names no choices");
  const std::size_t n = report.units.size();
  const std::vector<double>& nominal = report.ranks[frame.root];
  const bool tiers = frame.tier_method == TierMethod::jenks || frame.tier_method == TierMethod::k_means;
  Uncertainty out{how.samples, how.seed, alternatives.factors(), std::vector<RankInterval>(n), 0};
  Matrix ranks(how.samples, n);
  base::Rng rng(how.seed);
  std::vector<double> draw(out.factors.size());
  for (RankInterval& unit : out.units) unit.tier_shares.assign(tiers ? frame.tiers.size() : 0, 0);
  for (std::size_t sample = 0; sample < how.samples; ++sample) {
    if (tell && sample % kTellEvery == 0 && !tell(double(sample) / double(how.samples))) return stopped();
    for (double& u : draw) u = rng.uniform();
    const auto scores = alternatives.scores(draw);
    const std::vector<double> drawn_ranks = ranks_of(frame, report, scores);
    for (std::size_t u = 0; u < n; ++u) ranks.at(sample, u) = drawn_ranks[u];
    out.shift += shift_of(drawn_ranks, nominal) / double(how.samples);
    if (!tiers) continue;
    const auto of = tier(frame, scores);
    for (std::size_t u = 0; u < n; ++u) {
      if (of[u] != kNone) out.units[u].tier_shares[of[u]] += 1 / double(how.samples);
    }
  }
  for (std::size_t u = 0; u < n; ++u) {
    RankInterval& unit = out.units[u];
    unit.nominal = nominal[u];
    unit.mean = mean_of(ranks.column(u));
    const auto quantiles = quantiles_of(ranks.column(u), {0.05, 0.5, 0.95});
    unit.low = quantiles[0], unit.median = quantiles[1], unit.high = quantiles[2];
  }
  return out;
}

Result<Sensitivity> attribute(const Frame& frame, const IndexReport& report, const Variation& how,
                              const DrawsDone& tell) {
  Alternatives alternatives(frame, report, how);
  if (alternatives.factors().empty()) return fail(Errc::refused, "nothing is varied: [uncertainty] names no choices");
  const std::size_t n = report.units.size();
  const std::vector<double>& nominal = report.ranks[frame.root];
  const double all = double(how.samples * (alternatives.factors().size() + 2));
  std::size_t asked = 0;
  bool wanted = true;
  const SobolModel model = [&](std::span<const double> draw, std::span<double> outputs) {
    if (tell && asked++ % kTellEvery == 0) wanted = wanted && tell(double(asked) / all);
    if (!wanted) return;
    const std::vector<double> ranks = ranks_of(frame, report, alternatives.scores(draw));
    outputs[0] = shift_of(ranks, nominal);
    for (std::size_t u = 0; u < n; ++u) outputs[u + 1] = missing(ranks[u]) ? 0 : ranks[u];
  };
  auto shares = sobol_shares(alternatives.factors().size(), n + 1, how.samples, how.seed, model, 1);
  if (!wanted) return stopped();
  Sensitivity out{how.samples, alternatives.factors(), std::move(shares.front()), {}};
  out.units.assign(std::make_move_iterator(shares.begin() + 1), std::make_move_iterator(shares.end()));
  return out;
}

}  // namespace cityloop::index
