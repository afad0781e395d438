#include "domain/traffic/forecast/arena.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cityloop::traffic {

Arena::Duel Arena::fresh_duel() const {
  Duel duel;
  duel.products.assign(options_.lag_most + 1, 0);
  return duel;
}

Arena::Group Arena::fresh(std::size_t champion) const {
  Group group;
  group.champion = champion;
  group.duels.assign(models_, fresh_duel());
  return group;
}

double Arena::statistic(const Duel& duel) const {
  const auto count = double(duel.moments);
  if (duel.moments < 2) return 0;
  const double mean = duel.sum / count;
  double variance = 0;
  for (std::size_t lag = 0; lag < duel.products.size() && lag < duel.moments; ++lag) {
    const double covariance = duel.products[lag] / count - mean * mean * (count - double(lag)) / count;
    const double weight = 1 - double(lag) / double(duel.products.size());
    variance += (lag == 0 ? 1 : 2 * weight) * covariance;
  }
  if (variance <= 0) return mean > 0 ? options_.critical : 0;  // always better by the same
  return mean / std::sqrt(variance / count);
}

bool Arena::is_better(const Duel& duel) const {
  return duel.moments >= options_.moments_least && duel.sum >= options_.margin * duel.champion_loss &&
         statistic(duel) >= options_.critical;
}

bool Arena::judge(std::string_view name, std::span<const double> losses) {
  if (losses.size() != models_) return false;
  auto found = groups_.find(name);
  if (found == groups_.end()) found = groups_.emplace(std::string(name), fresh(0)).first;
  Group& group = found->second;
  const double champion_loss = losses[group.champion];
  if (std::isnan(champion_loss)) return false;
  ++group.moments;
  for (std::size_t model = 0; model < models_; ++model) {
    if (std::isnan(losses[model])) continue;
    Duel& duel = group.duels[model];
    const double better_by = champion_loss - losses[model];
    ++duel.moments;
    duel.loss += losses[model];
    duel.champion_loss += champion_loss;
    duel.sum += better_by;
    duel.last.insert(duel.last.begin(), better_by);
    if (duel.last.size() > duel.products.size()) duel.last.pop_back();
    for (std::size_t lag = 0; lag < duel.last.size(); ++lag) duel.products[lag] += better_by * duel.last[lag];
  }
  if (group.moments % options_.moments_least != 0) return false;
  // By its share of the champion's loss, for not all spoke at the same moments.
  const auto share = [&group](std::size_t model) { return group.duels[model].sum / group.duels[model].champion_loss; };
  std::size_t best = group.champion;
  for (std::size_t model = 0; model < models_; ++model)
    if (model != group.champion && is_better(group.duels[model]) &&
        (best == group.champion || share(model) > share(best)))
      best = model;
  if (best == group.champion) return false;
  const std::uint64_t changes = group.changes + 1;
  group = fresh(best);
  group.changes = changes;
  return true;
}

void Arena::renew(std::size_t model) {
  for (auto& [name, group] : groups_) {
    group.duels[model] = fresh_duel();
    if (group.champion != model) continue;
    std::size_t best = model == 0 ? 1 : 0;
    double best_by = -std::numeric_limits<double>::infinity();
    for (std::size_t other = 0; other < models_; ++other) {
      const Duel& duel = group.duels[other];
      if (other == model || duel.moments == 0) continue;
      if (const double by = duel.sum / double(duel.moments); by > best_by) best = other, best_by = by;
    }
    const std::uint64_t changes = group.changes + 1;
    group = fresh(best);
    group.changes = changes;
  }
}

std::size_t Arena::champion(std::string_view name) const {
  const auto found = groups_.find(name);
  return found == groups_.end() ? 0 : found->second.champion;
}

std::optional<Arena::Standing> Arena::standing(std::string_view name) const {
  const auto found = groups_.find(name);
  if (found == groups_.end()) return std::nullopt;
  const Group& group = found->second;
  Standing out{.champion = group.champion, .moments = group.moments, .changes = group.changes};
  for (std::size_t model = 0; model < models_; ++model) {
    const Duel& duel = group.duels[model];
    out.mean_loss.push_back(duel.moments > 0 ? duel.loss / double(duel.moments)
                                             : std::numeric_limits<double>::quiet_NaN());
    out.statistic.push_back(model == group.champion ? 0 : statistic(duel));
  }
  return out;
}

std::vector<std::string> Arena::groups() const {
  std::vector<std::string> names;
  for (const auto& [name, group] : groups_) names.push_back(name);
  return names;
}

void Arena::save(std::string_view name, base::ByteWriter& out) const {
  const Group& group = groups_.find(name)->second;
  out.varint(models_);
  out.varint(group.champion);
  out.varint(group.moments);
  out.varint(group.changes);
  for (const Duel& duel : group.duels) {
    out.varint(duel.moments);
    out.f64(duel.loss);
    out.f64(duel.champion_loss);
    out.f64(duel.sum);
    out.varint(duel.products.size());
    for (const double product : duel.products) out.f64(product);
    out.varint(duel.last.size());
    for (const double last : duel.last) out.f64(last);
  }
}

base::Status Arena::load(std::string_view name, base::ByteReader& in) {
  const std::uint64_t models = in.varint();
  const std::uint64_t champion = in.varint();
  Group group = fresh(champion);
  group.moments = in.varint();
  group.changes = in.varint();
  if (champion >= models_) return {};
  if (models != models_) {
    // Other models than when it was kept: the champion stays, and what was counted then says nothing now.
    group.moments = 0;
    groups_.insert_or_assign(std::string(name), std::move(group));
    return {};
  }
  bool same = true;  // the lag
  for (Duel& duel : group.duels) {
    duel.moments = in.varint();
    duel.loss = in.f64();
    duel.champion_loss = in.f64();
    duel.sum = in.f64();
    same = same && in.varint() == duel.products.size();
    if (!same) break;
    for (double& product : duel.products) product = in.f64();
    const std::uint64_t size = in.varint();
    if (size > duel.products.size()) return base::fail(base::Errc::corrupt, "the arena's row '{}' is damaged", name);
    duel.last.resize(size);
    for (double& last : duel.last) last = in.f64();
  }
  if (!in.ok()) return base::fail(base::Errc::corrupt, "the arena's row '{}' is damaged", name);
  if (!same) {
    const std::uint64_t changes = group.changes;
    group = fresh(champion);
    group.changes = changes;
  }
  groups_.insert_or_assign(std::string(name), std::move(group));
  return {};
}

}  // namespace cityloop::traffic
