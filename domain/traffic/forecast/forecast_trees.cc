// The forecast loop's boosted trees: who has the two places, and what they say.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/json_writer.h"
#include "base/log.h"
#include "domain/traffic/forecast/forecast_loop.h"
#include "flow/noun.h"
#include "flow/own_types.h"

namespace cityloop::traffic {
namespace {

using flow::operator""_name;

constexpr std::size_t kRefusedMost = 10;

}  // namespace

std::string ForecastLoop::champion_name(std::size_t model) const {
  const std::string name = kModelNames[model];
  return model < kLightModels ? name : name + " " + slots_[model - kLightModels].name;
}

// Empty before full; then the one with the fewest groups behind it; of two like these the older.
std::size_t ForecastLoop::slot_for_another() const {
  std::array<std::size_t, kSlots> groups{};
  for (const std::string& group : arena_.groups())
    if (const std::size_t champion = arena_.champion(group); champion >= kLightModels)
      ++groups[champion - kLightModels];
  std::size_t best = 0;
  for (std::size_t at = 0; at < kSlots; ++at) {
    if (slots_[at].name.empty()) return at;
    if (std::pair(groups[at], slots_[at].since) < std::pair(groups[best], slots_[best].since)) best = at;
  }
  return best;
}

// What the former one said and is not settled speaks for nobody now.
void ForecastLoop::fill(std::size_t at, Slot slot) {
  slots_[at] = std::move(slot);
  for (auto& [text, segment] : segments_) {
    segment.model.forget_slot(at);
    touch(segment);
    segment.main_changed = true;
  }
  arena_.renew(kLightModels + at);
  shared_changed_ = true;
}

void ForecastLoop::take_model(const flow::Change& change, flow::Instant at, twin::Outbox& out) {
  const flow::Entity told = flow::entity_after({}, change);
  if (change.kind == flow::ChangeKind::erased) {
    // Own types go without what they had; the name is the end of the id.
    const std::string prefix = fmt::format("urn:ngsi-ld:ForecastModel:{}:", options_.attribute);
    if (!change.entity.text().starts_with(prefix)) return;
    for (std::size_t slot = 0; slot < kSlots; ++slot)
      if (slots_[slot].name == change.entity.text().substr(prefix.size())) fill(slot, {});
    return tell_models(at, out);
  }
  if (told.text("attribute"_name) != options_.attribute) return;
  Slot next{.name = std::string(told.text("name"_name)),
            .sha256 = std::string(told.text("sha256"_name)),
            .since = step_,
            .model = nullptr};
  const auto has_it = [&next](const Slot& slot) { return slot.name == next.name && slot.sha256 == next.sha256; };
  if (std::ranges::any_of(slots_, has_it)) return;
  auto read = next.sha256.empty() ? base::fail(base::Errc::invalid, "model '{}' is told without its sum", next.name)
                                  : read_model(options_.models_folder, next.name, next.sha256, options_.attribute);
  if (read) {
    next.model = *std::move(read);
    ++counters_.models_taken;
    // A new file under a known name takes the place that the old one had.
    const auto same = std::ranges::find(slots_, next.name, &Slot::name);
    fill(same == slots_.end() ? slot_for_another() : std::size_t(same - slots_.begin()), std::move(next));
  } else {
    base::log_warn("{}: {}", options_.name, read.error().message);
    ++counters_.models_refused;
    refused_.push_back({next.name, read.error().message, at});
    if (refused_.size() > kRefusedMost) refused_.erase(refused_.begin());
    shared_changed_ = true;
  }
  tell_models(at, out);
}

// After a start: files that are no more what they were leave their place.
void ForecastLoop::mend_slots(flow::Instant at, twin::Outbox& out) {
  bool changed = false;
  for (std::size_t slot = 0; slot < kSlots; ++slot) {
    if (slots_[slot].name.empty() || slots_[slot].model) continue;
    auto read = read_model(options_.models_folder, slots_[slot].name, slots_[slot].sha256, options_.attribute);
    if (read) {
      slots_[slot].model = *std::move(read);
      continue;
    }
    base::log_warn("{}: {}", options_.name, read.error().message);
    ++counters_.models_refused;
    refused_.push_back({slots_[slot].name, read.error().message, at});
    fill(slot, {});
    changed = true;
  }
  if (changed) tell_models(at, out);
}

void ForecastLoop::tell_models(flow::Instant at, twin::Outbox& out) const {
  base::JsonWriter places, refused;
  places.array();
  for (const Slot& slot : slots_) {
    if (slot.name.empty()) continue;
    places.object().field("name", slot.name).field("sha256", slot.sha256);
    places.field("since", base::format_time(base::from_us(std::int64_t(slot.since) * kStep.count()))).end();
  }
  places.end();
  refused.array();
  for (const Refused& one : refused_)
    refused.object().field("name", one.name).field("reason", one.reason).field("at", base::format_time(one.at)).end();
  refused.end();
  flow::NounWriter told(flow::EntityId(fmt::format("urn:ngsi-ld:ForecastContest:{}:models", options_.name)),
                        flow::kForecastContestType, flow::WriteMode::replace);
  told.text("attribute", options_.attribute).own_json("places"_name, places.str());
  told.own_json("refused"_name, refused.str());
  out.writes.push_back(told.time("updatedAt", at).take());
}

void ForecastLoop::ask_trees(std::uint64_t step, const std::array<SegmentModel::Moment, kHorizons + 1>& moments,
                             std::vector<Telling>& tellings) {
  const bool asked = std::ranges::any_of(slots_, [](const Slot& slot) { return slot.model != nullptr; });
  if (!asked && !sink_) return;
  const std::size_t columns = row_columns().size();
  std::vector<float> rows, one(columns);
  std::vector<SegmentModel::Said*> whose;
  for (Telling& telling : tellings)
    for (std::size_t h = 0; h < kHorizons; ++h) {
      SegmentModel::Said& said = telling.said[h];
      const std::string_view id = telling.segment->id.text();
      const bool wanted = sink_ && sink_->wants(id, step, h);
      if (!said.known || !(asked || wanted)) continue;
      const RowMoment moment{
          .now = moments[0], .then = moments[h + 1], .horizon_at = h, .whole = whole_[0], .whole_before = whole_[3]};
      write_row(telling.segment->model, moment, telling.row, said, one.data());
      if (wanted) sink_->said(id, step, h, one, said);
      if (!asked) continue;
      rows.insert(rows.end(), one.begin(), one.end());
      whose.push_back(&said);
    }
  for (std::size_t slot = 0; slot < kSlots; ++slot) {
    if (!slots_[slot].model || whose.empty()) continue;
    const auto said = slots_[slot].model->trees.predict({rows, columns});
    if (!said) {
      base::log_warn("{}: model '{}': {}", options_.name, slots_[slot].name, said.error().message);
      continue;
    }
    for (std::size_t at = 0; at < whose.size(); ++at) {
      const float corrected = whose[at]->value[kLinear] + (*said)[at];
      whose[at]->value[kLightModels + slot] = std::clamp(corrected, 0.0F, float(options_.value_most));
    }
  }
}

}  // namespace cityloop::traffic
