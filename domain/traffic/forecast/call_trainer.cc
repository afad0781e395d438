#include "domain/traffic/forecast/call_trainer.h"

#include <algorithm>
#include <cmath>

#include "domain/traffic/forecast/boosted_row.h"

namespace cityloop::traffic {
namespace {

constexpr double kJamsSooner = 20;  // times as likely is a row with congestion to be kept: one in twenty is such a row
constexpr std::size_t kJamsLeast = 100;    // rows with congestion before the part held out
constexpr std::size_t kHeldOutLeast = 20;  // likewise in each half of it, a horizon

// What is said of one horizon on held-out time.
struct Said {
  std::vector<float> scores, weights, frequencies;
  std::vector<std::uint8_t> came;

  Isotonic map() const {
    const std::size_t pool = std::clamp<std::size_t>(scores.size() / 50, 20, 200);
    return Isotonic::fit(scores, came, pool, weights);
  }
};

struct Mean {
  double sum{0}, weight{0};
  void add(double value, double counts) { sum += counts * value, weight += counts; }
  double value() const { return weight > 0 ? sum / weight : 0; }
};

ModelNote::HeldOutCalls judged(const Said& said, std::size_t horizon_at, const Isotonic& calibration, float threshold) {
  ModelNote::HeldOutCalls out{.minutes = int(kHorizonSteps[horizon_at] * 5), .threshold = double(threshold)};
  Mean boosted, frequencies, share, right, found;
  for (std::size_t at = 0; at < said.scores.size(); ++at) {
    const auto came = double(said.came[at]), counts = double(said.weights[at]);
    const auto likely = double(calibration.apply(said.scores[at]));
    const auto squared = [came](double one) { return (one - came) * (one - came); };
    boosted.add(squared(likely), counts);
    frequencies.add(squared(double(said.frequencies[at])), counts);
    share.add(came, counts);
    const bool called = likely >= double(threshold);
    if (called) right.add(came, counts);
    if (came > 0) found.add(called ? 1 : 0, counts);
    out.came += said.came[at];
  }
  out.count = said.scores.size();
  out.boosted = boosted.value();
  out.frequencies = frequencies.value();
  out.always = share.value() * (1 - share.value());
  out.precision = right.value();
  out.recall = found.value();
  return out;
}

}  // namespace

CallRows::CallRows(std::uint64_t from, double share, std::uint64_t seed)
    : from_(from), quiet_share_(std::min(1.0, share)), jam_share_(std::min(1.0, kJamsSooner * share)), seed_(seed) {}

std::span<const float> CallRows::row(std::size_t at) const {
  const std::size_t columns = call_columns().size();
  return std::span(values_).subspan(at * columns, columns);
}

void CallRows::said(std::string_view segment, std::uint64_t step, std::size_t horizon_at, std::span<const float> row,
                    float frequency) {
  segments_.of(segment).kept.push_back({.step = step + kHorizonSteps[horizon_at],
                                        .one = {.origin = step, .horizon_at = horizon_at, .frequency = frequency},
                                        .row = {row.begin(), row.end()}});
}

void CallRows::came(std::string_view segment, std::uint64_t step, bool congested) {
  auto& [number, waiting] = segments_.of(segment);
  const double share = congested ? jam_share_ : quiet_share_;
  for (Waiting& told : waiting) {
    if (told.step != step || draw(number, told.one.origin, told.one.horizon_at, seed_) >= share) continue;
    told.one.came = congested ? 1 : 0;
    told.one.weight = float(1 / share);
    ones_.push_back(told.one);
    values_.insert(values_.end(), told.row.begin(), told.row.end());
  }
  std::erase_if(waiting, [step](const Waiting& told) { return told.step <= step; });
}

CallTrainer::CallTrainer(const CallRows& rows, BoosterOptions trees, std::uint64_t cut, std::uint64_t last)
    : rows_(rows), trees_(trees), cut_(cut), middle_(cut + (last - cut) / 2) {
  trees_.probability = true;
  trees_.huber_slope = 0;
}

template <class Wanted>
CallTrainer::Sample CallTrainer::sample_of(const Wanted& wanted) const {
  Sample out;
  for (std::size_t at = 0; at < rows_.ones().size(); ++at) {
    const CallRows::One& one = rows_.ones()[at];
    if (!wanted(one)) continue;
    const auto row = rows_.row(at);
    out.at.push_back(at);
    out.values.insert(out.values.end(), row.begin(), row.end());
    out.labels.push_back(float(one.came));
    out.weights.push_back(one.weight);
  }
  return out;
}

base::Result<Booster> CallTrainer::train(const Sample& sample, const Progress& progress) const {
  return Booster::train({sample.values, call_columns().size()}, sample.labels, sample.weights, trees_,
                        [&](int done) { return done % 10 != 0 || progress(double(done) / trees_.rounds); });
}

base::Status CallTrainer::judge(const Progress& progress) {
  const Sample before =
      sample_of([this](const CallRows::One& one) { return one.origin + kHorizonSteps[one.horizon_at] < cut_; });
  const auto jams = std::size_t(std::ranges::count(before.labels, 1.0F));
  if (jams < kJamsLeast)
    return base::fail(base::Errc::not_found, "{} rows with congestion are too few to learn from: {} are needed", jams,
                      kJamsLeast);
  const Sample after = sample_of([this](const CallRows::One& one) { return one.origin >= cut_; });
  const Booster trees = TRY(train(before, progress));
  const std::vector<float> scores = TRY(trees.predict({after.values, call_columns().size()}));
  std::array<std::array<Said, 2>, kHorizons> halves;
  std::array<Said, kHorizons> whole;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const CallRows::One& one = rows_.ones()[after.at[i]];
    for (Said* const said : {&halves[one.horizon_at][one.origin < middle_ ? 0 : 1], &whole[one.horizon_at]}) {
      said->scores.push_back(scores[i]);
      said->weights.push_back(one.weight);
      said->frequencies.push_back(one.frequency);
      said->came.push_back(one.came);
    }
  }
  for (std::size_t h = 0; h < kHorizons; ++h) {
    const Said &first = halves[h][0], &second = halves[h][1];
    const auto came = [](const Said& said) { return std::size_t(std::ranges::count(said.came, 1)); };
    if (came(first) < kHeldOutLeast || came(second) < kHeldOutLeast)
      return base::fail(base::Errc::not_found,
                        "{} and {} rows with congestion {} minutes ahead, in the halves of the last part of the time, "
                        "are too few to judge by: {} are needed",
                        came(first), came(second), kHorizonSteps[h] * 5, kHeldOutLeast);
    const Isotonic map = first.map();
    std::vector<float> likely = first.scores;
    for (float& one : likely) one = map.apply(one);
    held_out_.push_back(judged(second, h, map, best_f1_threshold(likely, first.came, first.weights)));
    calibration_[h] = whole[h].map();
  }
  return {};
}

base::Result<std::string> CallTrainer::learn(const Progress& progress) const {
  Booster trees = TRY(train(sample_of([](const CallRows::One&) { return true; }), progress));
  TRY(set_calibration(trees, calibration_));
  return trees.to_bytes();
}

}  // namespace cityloop::traffic
