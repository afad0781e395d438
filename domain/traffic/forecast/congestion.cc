#include "domain/traffic/forecast/congestion.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/rng.h"

namespace cityloop::traffic {
namespace {

constexpr std::size_t kAtOnce = 64;  // origins whose rows are held at a time

}  // namespace

std::vector<std::uint8_t> congested(const Panel& panel, const std::vector<float>& free_flow,
                                    const CongestionDefinition& definition) {
  std::vector<std::uint8_t> out(panel.values.size(), 0);
  for (std::size_t step = 0; step < panel.steps(); ++step)
    for (std::size_t node = 0; node < panel.nodes; ++node) {
      int measured = 0;
      bool slow = true;
      for (std::size_t back = 0; back < std::size_t(definition.hold_steps) && back <= step; ++back) {
        const float speed = panel.at(step - back, node);
        if (std::isnan(speed)) continue;
        ++measured;
        slow = slow && speed < definition.share_of_free_flow * free_flow[node];
      }
      out[step * panel.nodes + node] = slow && measured >= definition.measured_least ? 1 : 0;
    }
  return out;
}

void CongestionForecaster::look_back(const Panel& panel, const std::vector<std::uint8_t>& truth, std::size_t until) {
  std::vector<float> limit(free_flow_);
  for (float& one : limit) one *= options_.definition.share_of_free_flow;
  past_ = CongestionPast(panel, truth, limit, until);
}

void CongestionForecaster::row(const Ground& ground, const Features::Around& around, std::size_t origin,
                               std::size_t horizon, std::size_t node, float* out) const {
  const Panel& panel = ground.panel;
  features_.row(panel, around, origin, horizon, node, out);
  float* extra = out + features_.count();
  const float limit = options_.definition.share_of_free_flow * free_flow_[node];
  const std::size_t at = origin - around.first;
  float slow = 0, measured = 0;
  for (std::size_t back = 0; back < std::size_t(options_.features.window) && back <= origin; ++back) {
    const float speed = panel.at(origin - back, node);
    if (std::isnan(speed)) continue;
    measured += 1;
    slow += speed < limit ? 1.0F : 0.0F;
  }
  *extra++ = panel.at(origin, node) / limit;
  *extra++ = measured > 0 ? slow / measured : std::numeric_limits<float>::quiet_NaN();
  *extra++ = measured;
  *extra++ = around.usual[(at + horizon) * panel.nodes + node] / limit;
  past_.row(panel, ground.course, origin, horizon, node, ground.learning, extra);
}

base::Result<std::vector<Booster>> CongestionForecaster::train(const Ground& ground,
                                                               const std::vector<std::uint8_t>& truth,
                                                               std::size_t until, std::size_t horizon) const {
  const Panel& panel = ground.panel;
  const auto around = features_.around(panel, 0, until, horizon, true);
  std::vector<float> one(columns());
  std::vector<Booster> out;
  for (int model = 0; model < options_.models; ++model) {
    Sample sample;
    base::Rng rng(options_.booster.seed * 7919 + horizon + std::uint64_t(model) * 104'729);
    for (std::size_t origin = std::size_t(options_.features.window); origin + horizon < until; ++origin)
      for (std::size_t node = 0; node < panel.nodes; ++node) {
        const bool came = truth[(origin + horizon) * panel.nodes + node] != 0;
        const bool drawn = rng.uniform() < options_.quiet_share;
        if (std::isnan(free_flow_[node]) || (!came && !drawn)) continue;
        row(ground, around, origin, horizon, node, one.data());
        sample.rows.insert(sample.rows.end(), one.begin(), one.end());
        sample.labels.push_back(came ? 1 : 0);
        sample.weights.push_back(came ? 1 : float(1 / options_.quiet_share));
      }
    BoosterOptions booster = options_.booster;
    booster.probability = true;
    booster.seed += std::uint64_t(model);
    out.push_back(TRY(Booster::train({sample.rows, columns()}, sample.labels, sample.weights, booster)));
  }
  return out;
}

base::Result<std::vector<float>> CongestionForecaster::raw(const std::vector<Booster>& boosters, const Ground& ground,
                                                           const Features::Around& around,
                                                           const std::vector<std::size_t>& origins,
                                                           std::size_t horizon) const {
  const std::size_t nodes = ground.panel.nodes;
  std::vector<float> rows(origins.size() * nodes * columns());
  float* to = rows.data();
  for (const std::size_t origin : origins)
    for (std::size_t node = 0; node < nodes; ++node, to += columns()) row(ground, around, origin, horizon, node, to);
  std::vector<float> mean(origins.size() * nodes, 0);
  for (const Booster& booster : boosters) {
    const auto said = TRY(booster.predict({rows, columns()}));
    for (std::size_t at = 0; at < said.size(); ++at) mean[at] += said[at] / float(boosters.size());
  }
  return mean;
}

base::Status CongestionForecaster::calibrate(const Ground& ground, const std::vector<std::uint8_t>& truth,
                                             std::size_t from, std::size_t until, Learned& learned) const {
  const Panel& panel = ground.panel;
  std::vector<float> scores;
  std::vector<std::uint8_t> came;
  for (std::size_t origin = from; origin + learned.horizon < until; origin += kAtOnce) {
    std::vector<std::size_t> origins;
    for (std::size_t at = origin; at < origin + kAtOnce && at + learned.horizon < until; ++at) origins.push_back(at);
    const auto around = features_.around(panel, origins.front(), origins.back() + 1, learned.horizon, false);
    const auto said = TRY(raw(learned.boosters, ground, around, origins, learned.horizon));
    for (std::size_t at = 0; at < said.size(); ++at) {
      const std::size_t node = at % panel.nodes;
      if (std::isnan(free_flow_[node])) continue;
      scores.push_back(said[at]);
      came.push_back(truth[(origins[at / panel.nodes] + learned.horizon) * panel.nodes + node]);
    }
  }
  learned.calibration = Isotonic::fit(scores, came);
  for (float& score : scores) score = learned.calibration.apply(score);
  learned.threshold = best_f1_threshold(scores, came);
  return {};
}

base::Status CongestionForecaster::fit(const Panel& panel, const std::vector<float>& free_flow, std::size_t until,
                                       const std::vector<std::size_t>& horizons) {
  if (free_flow.size() != panel.nodes || until > panel.steps() || until < 4 * std::size_t(options_.features.window))
    return base::fail(base::Errc::invalid, "{} steps of {} nodes are too few to learn from", until, panel.nodes);
  free_flow_ = free_flow;
  const auto truth = congested(panel, free_flow, options_.definition);
  const auto cut = std::size_t(double(until) * (1 - options_.held_out_share));
  learned_.clear();
  features_ = Features(panel, cut, options_.features);
  look_back(panel, truth, cut);
  const CongestionPast::Course course = past_.course(panel, truth);
  for (const std::size_t horizon : horizons) {
    Learned learned;
    learned.horizon = horizon;
    learned.boosters = TRY(train({panel, course, true}, truth, cut, horizon));
    TRY(calibrate({panel, course, false}, truth, cut, until, learned));
    learned_.push_back(std::move(learned));
  }
  features_ = Features(panel, until, options_.features);
  look_back(panel, truth, until);
  for (Learned& learned : learned_) learned.boosters = TRY(train({panel, course, true}, truth, until, learned.horizon));
  return {};
}

base::Result<Predictions> CongestionForecaster::predict(const Panel& panel,
                                                        const std::vector<std::size_t>& origins) const {
  if (learned_.empty() || panel.nodes != free_flow_.size())
    return base::fail(base::Errc::invalid, "{} nodes, but {} were learned", panel.nodes, free_flow_.size());
  const CongestionPast::Course course = past_.course(panel, congested(panel, free_flow_, options_.definition));
  std::vector<std::size_t> horizons;
  for (const Learned& learned : learned_) horizons.push_back(learned.horizon);
  Predictions out(origins, horizons, panel.nodes);
  for (std::size_t from = 0; from < origins.size(); from += kAtOnce) {
    const std::vector<std::size_t> some(origins.begin() + std::ptrdiff_t(from),
                                        origins.begin() + std::ptrdiff_t(std::min(from + kAtOnce, origins.size())));
    const auto [least, most] = std::minmax_element(some.begin(), some.end());
    const auto around = features_.around(panel, *least, *most + 1, horizons.back(), false);
    for (std::size_t h = 0; h < horizons.size(); ++h) {
      const auto said = TRY(raw(learned_[h].boosters, {panel, course, false}, around, some, horizons[h]));
      for (std::size_t at = 0; at < said.size(); ++at)
        out.block(from + at / panel.nodes, h)[at % panel.nodes] =
            std::isnan(free_flow_[at % panel.nodes]) ? 0 : learned_[h].calibration.apply(said[at]);
    }
  }
  return out;
}

}  // namespace cityloop::traffic
