#include "domain/traffic/forecast/features.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <Eigen/Dense>

namespace cityloop::traffic {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr std::size_t kRecent = 3,
                      kEarlier = 6;  // steps over which a neighbour's course is told

float zero_if_unknown(float value) {
  return std::isnan(value) ? 0 : value;
}

}  // namespace

// Writes a row from left to right.
class Features::Writer {
 public:
  explicit Writer(float* out) : out_(out) {}
  void put(float value) { *out_++ = value; }

 private:
  float* out_;
};

Features::Features(const Panel& panel, std::size_t until, FeatureOptions options)
    : options_(std::move(options)), profile_(panel, until, options_.profile) {
  for (const int lag : options_.lags) options_.window = std::max(options_.window, lag + 1);
  for (const auto& other : panel.others) {
    Panel view{.calendar = panel.calendar, .nodes = panel.nodes, .values = other};
    other_profiles_.emplace_back(view, until, options_.profile);
  }
  find_statistics(panel, until);
  leaders_.assign(panel.nodes, {});
  Around all = around(panel, 0, until, 1, true);
  find_leaders(panel, all, until);
  find_components(panel, all, until);
  name_columns(panel);
}

void Features::name_columns(const Panel& panel) {
  names_ = {"value"};
  for (const int lag : options_.lags) names_.push_back(fmt::format("change since {}", lag));
  for (const char* name : {"mean 3", "mean 6", "mean of window", "least", "most", "departure", "mean departure"})
    names_.emplace_back(name);
  for (const char* name : {"usual then", "usual change", "usual then less value", "mean of node", "spread of node",
                           "step spread of node", "high of node", "value less high", "slot", "weekday"})
    names_.emplace_back(name);
  for (const int days : options_.days_back) {
    names_.push_back(fmt::format("value {} days back", days));
    names_.push_back(fmt::format("departure {} days back", days));
  }
  if (!panel.links.empty())
    for (const char* name : {"near value", "near departure", "near change 1", "near change 3", "near change of window"})
      names_.emplace_back(name);
  const std::size_t leaders = leaders_.empty() ? 0 : leaders_.front().size();
  for (std::size_t at = 0; at < leaders; ++at) {
    names_.push_back(fmt::format("leader {} departure", at + 1));
    names_.push_back(fmt::format("leader {} change", at + 1));
  }
  names_.emplace_back("departure of leaders");
  for (std::size_t at = 0; at < panel.others.size(); ++at)
    for (const char* name : {"value", "departure", "recent departure"})
      names_.push_back(fmt::format("other {} {}", at + 1, name));
  names_.emplace_back("departure of all");
  names_.emplace_back("change of all");
  for (int at = 0; at < options_.components; ++at) names_.push_back(fmt::format("component {}", at + 1));
}

void Features::find_statistics(const Panel& panel, std::size_t until) {
  statistics_.assign(panel.nodes, {});
  std::vector<float> values;
  for (std::size_t node = 0; node < panel.nodes; ++node) {
    values.clear();
    double squares = 0;
    double steps = 0;
    double changes = 0;
    for (std::size_t step = 0; step < until; ++step) {
      const float value = panel.at(step, node);
      if (std::isnan(value)) continue;
      values.push_back(value);
      const float departure = value - profile_.usual_without_day(panel, step, node);
      squares += double(departure) * double(departure);
      const float change = step == 0 ? kNan : value - panel.at(step - 1, node);
      if (std::isnan(change)) continue;
      steps += double(change) * double(change);
      changes += 1;
    }
    if (values.empty()) continue;
    const auto high = values.begin() + std::ptrdiff_t(values.size() * 9 / 10);
    std::nth_element(values.begin(), high, values.end());
    statistics_[node] = {.mean = profile_.mean(node),
                         .spread = float(std::sqrt(squares / double(values.size()))),
                         .step_spread = changes > 0 ? float(std::sqrt(steps / changes)) : 0,
                         .high = *high};
  }
}

// A leader's departure correlates with what is left of this node's departure some steps later, once its own departure
// now has told its part.
void Features::find_leaders(const Panel& panel, const Around& all, std::size_t until) {
  const auto lead = std::size_t(options_.lead_steps);
  const auto count = std::min<std::size_t>(std::size_t(options_.leaders), panel.nodes - 1);
  if (count == 0 || until <= lead + 1) return;
  Eigen::MatrixXf departures(Eigen::Index(until), Eigen::Index(panel.nodes));
  for (std::size_t step = 0; step < until; ++step)
    for (std::size_t node = 0; node < panel.nodes; ++node)
      departures(Eigen::Index(step), Eigen::Index(node)) = zero_if_unknown(all.departure[step * panel.nodes + node]);
  const auto rows = Eigen::Index(until - lead);
  const auto before = departures.topRows(rows);
  Eigen::MatrixXf left = departures.bottomRows(rows);
  for (Eigen::Index node = 0; node < left.cols(); ++node) {
    const float own = before.col(node).squaredNorm();
    if (own > 0) left.col(node) -= before.col(node).dot(left.col(node)) / own * before.col(node);
  }
  const Eigen::MatrixXf shared = before.transpose() * left;
  const Eigen::VectorXf weight = before.colwise().norm();
  std::vector<std::pair<float, std::size_t>> ranks;
  for (std::size_t node = 0; node < panel.nodes; ++node) {
    ranks.clear();
    for (std::size_t other = 0; other < panel.nodes; ++other)
      if (other != node)
        ranks.emplace_back(
            -std::abs(shared(Eigen::Index(other), Eigen::Index(node))) / (weight(Eigen::Index(other)) + 1e-3F), other);
    std::partial_sort(ranks.begin(), ranks.begin() + std::ptrdiff_t(count), ranks.end());
    for (std::size_t at = 0; at < count; ++at) leaders_[node].push_back(ranks[at].second);
  }
}

void Features::find_components(const Panel& panel, const Around& all, std::size_t until) {
  options_.components = std::min(options_.components, int(panel.nodes));
  const auto wanted = Eigen::Index(options_.components);
  if (wanted == 0) return;
  const auto nodes = Eigen::Index(panel.nodes);
  Eigen::MatrixXf departures(Eigen::Index(until), nodes);
  for (std::size_t step = 0; step < until; ++step)
    for (Eigen::Index node = 0; node < nodes; ++node)
      departures(Eigen::Index(step), node) = zero_if_unknown(all.departure[step * panel.nodes + std::size_t(node)]);
  const Eigen::MatrixXf covariance = departures.transpose() * departures / float(until);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXf> solved(covariance);
  components_.assign(std::size_t(nodes * wanted), 0);
  for (Eigen::Index at = 0; at < wanted; ++at) {
    auto direction = solved.eigenvectors().col(nodes - 1 - at);
    const float sign = direction.sum() < 0 ? -1.0F : 1.0F;  // an eigenvector's sign is free: one is chosen
    for (Eigen::Index node = 0; node < nodes; ++node)
      components_[std::size_t(node * wanted + at)] = sign * direction(node);
  }
}

void Features::departures_of(const Panel& panel, bool learning, std::size_t horizon_most, Around& out) const {
  const std::size_t nodes = panel.nodes;
  const std::size_t span = out.end - out.first;
  const auto usual_of = [&](const Profile& profile, const Panel& of, std::size_t step, std::size_t node) {
    return learning && step < of.steps() ? profile.usual_without_day(of, step, node)
                                         : profile.usual(panel.calendar, step, node);
  };
  out.usual.resize((span + horizon_most) * nodes);
  for (std::size_t at = 0; at < span + horizon_most; ++at)
    for (std::size_t node = 0; node < nodes; ++node)
      out.usual[at * nodes + node] = usual_of(profile_, panel, out.first + at, node);
  out.departure.resize((1 + panel.others.size()) * span * nodes);
  for (std::size_t at = 0; at < span; ++at)
    for (std::size_t node = 0; node < nodes; ++node)
      out.departure[at * nodes + node] = panel.at(out.first + at, node) - out.usual[at * nodes + node];
  for (std::size_t other = 0; other < panel.others.size(); ++other) {
    const Panel view{.calendar = panel.calendar, .nodes = nodes, .values = panel.others[other]};
    for (std::size_t at = 0; at < span; ++at)
      for (std::size_t node = 0; node < nodes; ++node)
        out.departure[((1 + other) * span + at) * nodes + node] =
            view.at(out.first + at, node) - usual_of(other_profiles_[other], view, out.first + at, node);
  }
}

void Features::neighbours_of(const Panel& panel, Around& out) const {
  const std::size_t nodes = panel.nodes;
  const std::size_t span = out.end - out.first;
  out.whole.assign(span, 0);
  out.component.assign(span * std::size_t(options_.components), 0);
  if (!panel.links.empty()) {
    out.near_value.assign(span * nodes, 0);
    out.near_departure.assign(span * nodes, 0);
  }
  for (std::size_t at = 0; at < span; ++at) {
    const float* const departure = &out.departure[at * nodes];
    float known = 0;
    for (std::size_t node = 0; node < nodes; ++node) {
      if (std::isnan(departure[node])) continue;
      out.whole[at] += departure[node];
      known += 1;
      for (int c = 0; !components_.empty() && c < options_.components; ++c)
        out.component[at * std::size_t(options_.components) + std::size_t(c)] +=
            departure[node] * components_[node * std::size_t(options_.components) + std::size_t(c)];
    }
    out.whole[at] = known > 0 ? out.whole[at] / known : 0;
    for (std::size_t node = 0; !panel.links.empty() && node < nodes; ++node) {
      float weight = 0;
      for (const Link& link : panel.links[node]) {
        if (std::isnan(departure[link.node])) continue;
        weight += link.weight;
        out.near_departure[at * nodes + node] += link.weight * departure[link.node];
        out.near_value[at * nodes + node] +=
            link.weight * (panel.at(out.first + at, link.node) - statistics_[link.node].mean);
      }
      if (weight == 0) continue;
      out.near_departure[at * nodes + node] /= weight;
      out.near_value[at * nodes + node] /= weight;
    }
  }
}

Features::Around Features::around(const Panel& panel, std::size_t from, std::size_t to, std::size_t horizon_most,
                                  bool learning) const {
  Around out;
  const auto back = std::size_t(options_.window - 1);
  out.first = from > back ? from - back : 0;
  out.end = to;
  departures_of(panel, learning, horizon_most, out);
  neighbours_of(panel, out);
  return out;
}

void Features::row(const Panel& panel, const Around& around, std::size_t origin, std::size_t horizon, std::size_t node,
                   float* out) const {
  Writer writer(out);
  write_own(panel, around, origin, node, writer);
  write_usual(panel, around, origin, horizon, node, writer);
  write_network(panel, around, origin, node, writer);
}

void Features::write_own(const Panel& panel, const Around& around, std::size_t origin, std::size_t node,
                         Writer& writer) const {
  const float value = panel.at(origin, node);
  writer.put(value);
  for (const int lag : options_.lags)
    writer.put(origin >= std::size_t(lag) ? panel.at(origin - std::size_t(lag), node) - value : kNan);
  float sum = 0, sum_3 = 0, sum_6 = 0, departures = 0, count = 0, count_3 = 0, count_6 = 0;
  float least = kNan, most = kNan;
  for (std::size_t back = 0; back < std::size_t(options_.window) && back <= origin; ++back) {
    const float past = panel.at(origin - back, node);
    if (std::isnan(past)) continue;
    sum += past;
    count += 1;
    departures += past - around.usual[(origin - back - around.first) * panel.nodes + node];
    if (back < kRecent) sum_3 += past, count_3 += 1;
    if (back < kEarlier) sum_6 += past, count_6 += 1;
    least = std::isnan(least) ? past : std::min(least, past);
    most = std::isnan(most) ? past : std::max(most, past);
  }
  // Where the newest value is not known, means stand for themselves instead of as a difference.
  const float base = zero_if_unknown(value);
  writer.put(count_3 > 0 ? sum_3 / count_3 - base : kNan);
  writer.put(count_6 > 0 ? sum_6 / count_6 - base : kNan);
  writer.put(count > 0 ? sum / count - base : kNan);
  writer.put(least - base);
  writer.put(most - base);
  writer.put(around.departure[(origin - around.first) * panel.nodes + node]);
  writer.put(count > 0 ? departures / count : kNan);
}

void Features::write_usual(const Panel& panel, const Around& around, std::size_t origin, std::size_t horizon,
                           std::size_t node, Writer& writer) const {
  const std::size_t at = origin - around.first;
  const float value = panel.at(origin, node);
  const float usual_then = around.usual[(at + horizon) * panel.nodes + node];
  const Statistics& statistics = statistics_[node];
  writer.put(usual_then);
  writer.put(usual_then - around.usual[at * panel.nodes + node]);
  writer.put(usual_then - value);
  writer.put(statistics.mean);
  writer.put(statistics.spread);
  writer.put(statistics.step_spread);
  writer.put(statistics.high);
  writer.put(value - statistics.high);
  writer.put(float(panel.calendar.slot(origin)));
  writer.put(panel.calendar.days_per_week == 7 && !panel.calendar.weekend(origin)
                 ? 0.0F
                 : float(panel.calendar.weekday(origin)));
  for (const int days : options_.days_back) {
    const auto back = std::size_t(days) * std::size_t(panel.calendar.slots_per_day);
    const bool known = origin + horizon >= back && origin + horizon - back <= origin;
    const float then = known ? panel.at(origin + horizon - back, node) : kNan;
    writer.put(then - usual_then);
    writer.put(origin >= back ? panel.at(origin - back, node) - value : kNan);
  }
}

void Features::write_network(const Panel& panel, const Around& around, std::size_t origin, std::size_t node,
                             Writer& writer) const {
  const std::size_t nodes = panel.nodes;
  const std::size_t at = origin - around.first;
  const std::size_t span = around.end - around.first;
  const auto back = [at](std::size_t steps) { return at >= steps ? at - steps : 0; };
  if (!panel.links.empty()) {
    const auto near = [&](std::size_t step) { return around.near_value[step * nodes + node]; };
    writer.put(near(at));
    writer.put(around.near_departure[at * nodes + node]);
    writer.put(near(at) - near(back(1)));
    writer.put(near(at) - near(back(kRecent)));
    writer.put(near(at) - near(back(std::size_t(options_.window - 1))));
  }
  float sum = 0;
  for (const std::size_t leader : leaders_[node]) {
    const float departure = around.departure[at * nodes + leader];
    writer.put(departure);
    writer.put(departure - around.departure[back(kRecent) * nodes + leader]);
    sum += zero_if_unknown(departure);
  }
  writer.put(sum);
  for (std::size_t other = 0; other < panel.others.size(); ++other) {
    const auto departure = [&](std::size_t step) {
      return around.departure[((1 + other) * span + step) * nodes + node];
    };
    writer.put(panel.others[other][origin * nodes + node]);
    writer.put(departure(at));
    writer.put((departure(at) + departure(back(1)) + departure(back(2))) / 3);
  }
  writer.put(around.whole[at]);
  writer.put(around.whole[at] - around.whole[back(kEarlier)]);
  for (int c = 0; c < options_.components; ++c)
    writer.put(around.component[at * std::size_t(options_.components) + std::size_t(c)]);
}

}  // namespace cityloop::traffic
