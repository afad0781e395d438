// The forecast loop's boosted trees: who has the two places of each contest, and what they say.
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

std::string ForecastLoop::champion_name(const Contest& contest, std::size_t model) {
  const std::string name = contest.name(model);
  return model < contest.light ? name : name + " " + contest.slots[model - contest.light].name;
}

// Empty before full; then the one with the fewest groups behind it; of two like these the older.
std::size_t ForecastLoop::slot_for_another(const Contest& contest) {
  std::array<std::size_t, kSlots> groups{};
  for (const std::string& group : contest.arena.groups())
    if (const std::size_t champion = contest.arena.champion(group); champion >= contest.light)
      ++groups[champion - contest.light];
  std::size_t best = 0;
  const auto& slots = contest.slots;
  for (std::size_t at = 0; at < kSlots; ++at) {
    if (slots[at].name.empty()) return at;
    if (std::pair(groups[at], slots[at].since) < std::pair(groups[best], slots[best].since)) best = at;
  }
  return best;
}

// What the former one said and is not settled speaks for nobody now.
void ForecastLoop::fill(Contest& contest, std::size_t at, Slot slot) {
  contest.slots[at] = std::move(slot);
  for (auto& [text, segment] : segments_) {
    contest.event.empty() ? segment.model.forget_slot(at) : segment.model.forget_caller(at);
    touch(segment);
    segment.main_changed = true;
  }
  contest.arena.renew(contest.light + at);
  shared_changed_ = true;
}

void ForecastLoop::take_model(const flow::Change& change, flow::Instant at, twin::Outbox& out) {
  const flow::Entity told = flow::entity_after({}, change);
  if (change.kind == flow::ChangeKind::erased) {
    // Own types go without what they had; the name is the end of the id.
    const std::string prefix = fmt::format("urn:ngsi-ld:ForecastModel:{}:", options_.attribute);
    if (!change.entity.text().starts_with(prefix)) return;
    for (Contest* const contest : {&values_, &calls_})
      lose_model(*contest, change.entity.text().substr(prefix.size()), at, out);
    return;
  }
  if (told.text("attribute"_name) != options_.attribute) return;
  const std::string_view event = told.text("event"_name);
  if (event.empty() || event == kCongestion) return take_model(event.empty() ? values_ : calls_, told, at, out);
  refuse(values_, std::string(told.text("name"_name)), fmt::format("'{}' is no event that is called here", event), at);
  tell_models(values_, at, out);
}

void ForecastLoop::take_model(Contest& contest, const flow::Entity& told, flow::Instant at, twin::Outbox& out) {
  Slot next{.name = std::string(told.text("name"_name)),
            .sha256 = std::string(told.text("sha256"_name)),
            .since = step_,
            .model = nullptr};
  const auto has_it = [&next](const Slot& slot) { return slot.name == next.name && slot.sha256 == next.sha256; };
  if (std::ranges::any_of(contest.slots, has_it)) return;
  auto read = next.sha256.empty()
                  ? base::fail(base::Errc::invalid, "model '{}' is told without its sum", next.name)
                  : read_model(options_.models_folder, next.name, next.sha256, options_.attribute, contest.event);
  if (read) {
    next.model = *std::move(read);
    ++counters_.models_taken;
    // A new file under a known name takes the place that the old one had.
    const auto same = std::ranges::find(contest.slots, next.name, &Slot::name);
    const bool known = same != contest.slots.end();
    fill(contest, known ? std::size_t(same - contest.slots.begin()) : slot_for_another(contest), std::move(next));
  } else {
    refuse(contest, next.name, read.error().message, at);
  }
  tell_models(contest, at, out);
}

void ForecastLoop::lose_model(Contest& contest, std::string_view name, flow::Instant at, twin::Outbox& out) {
  for (std::size_t slot = 0; slot < kSlots; ++slot)
    if (contest.slots[slot].name == name) fill(contest, slot, {});
  tell_models(contest, at, out);
}

void ForecastLoop::refuse(Contest& contest, const std::string& name, std::string reason, flow::Instant at) {
  base::log_warn("{}: {}", options_.name, reason);
  ++counters_.models_refused;
  contest.refused.push_back({name, std::move(reason), at});
  if (contest.refused.size() > kRefusedMost) contest.refused.erase(contest.refused.begin());
  shared_changed_ = true;
}

// After a start: files that are no more what they were leave their place.
void ForecastLoop::mend_slots(Contest& contest, flow::Instant at, twin::Outbox& out) {
  bool changed = false;
  for (std::size_t slot = 0; slot < kSlots; ++slot) {
    Slot& held = contest.slots[slot];
    if (held.name.empty() || held.model) continue;
    auto read = read_model(options_.models_folder, held.name, held.sha256, options_.attribute, contest.event);
    if (read) {
      held.model = *std::move(read);
      continue;
    }
    refuse(contest, held.name, read.error().message, at);
    fill(contest, slot, {});
    changed = true;
  }
  if (changed) tell_models(contest, at, out);
}

void ForecastLoop::tell_models(const Contest& contest, flow::Instant at, twin::Outbox& out) const {
  base::JsonWriter places, refused;
  places.array();
  for (const Slot& slot : contest.slots) {
    if (slot.name.empty()) continue;
    places.object().field("name", slot.name).field("sha256", slot.sha256);
    places.field("since", base::format_time(base::from_us(std::int64_t(slot.since) * kStep.count()))).end();
  }
  places.end();
  refused.array();
  for (const Refused& one : contest.refused)
    refused.object().field("name", one.name).field("reason", one.reason).field("at", base::format_time(one.at)).end();
  refused.end();
  flow::NounWriter told(contest_id(contest, "models"), flow::kForecastContestType, flow::WriteMode::replace);
  told.text("attribute", options_.attribute).own_json("places"_name, places.str());
  if (!contest.event.empty()) told.text("event", contest.event);
  told.own_json("refused"_name, refused.str());
  out.writes.push_back(told.time("updatedAt", at).take());
}

// Shows the trees of a contest what each stretch is like, and those who learn from it.
void ForecastLoop::ask_trees(const Contest& contest, std::uint64_t step, const Moments& moments,
                             std::vector<Telling>& tellings) {
  const bool asked = std::ranges::any_of(contest.slots, [](const Slot& slot) { return slot.model != nullptr; });
  if (!asked && !sink_) return;
  const bool calls = !contest.event.empty();
  std::vector<float> rows, one(model_columns(contest.event).size());
  std::vector<Asked> whose;
  for (Telling& telling : tellings)
    for (std::size_t h = 0; h < kHorizons; ++h) {
      SegmentModel::Said& said = telling.said[h];
      const Segment& segment = *telling.segment;
      if (!said.known || (calls && telling.row.limit_kmh <= 0)) continue;
      const bool wanted = sink_ && sink_->wants(contest.event, segment.id.text(), step, h);
      if (!asked && !wanted) continue;
      const RowMoment moment{.now = moments[0],
                             .then = moments[h + 1],
                             .horizon_at = h,
                             .whole = whole_[0],
                             .whole_before = whole_[3],
                             .slow = slow_[0],
                             .slow_before = slow_[6]};
      if (calls) write_call_row(segment.model, segment.jams, moment, telling.row, said, one.data());
      else write_row(segment.model, moment, telling.row, said, one.data());
      if (wanted) sink_->said(contest.event, segment.id.text(), step, h, one, said);
      if (!asked) continue;
      rows.insert(rows.end(), one.begin(), one.end());
      whose.push_back({&said, h});
    }
  if (!whose.empty()) ask_trees(contest, rows, whose);
}

void ForecastLoop::ask_trees(const Contest& contest, const std::vector<float>& rows,
                             const std::vector<Asked>& whose) const {
  for (std::size_t slot = 0; slot < kSlots; ++slot) {
    const BoostedModelPtr& model = contest.slots[slot].model;
    if (!model) continue;
    const auto said = model->trees.predict({rows, rows.size() / whose.size()});
    if (!said) {
      base::log_warn("{}: model '{}': {}", options_.name, contest.slots[slot].name, said.error().message);
      continue;
    }
    for (std::size_t at = 0; at < whose.size(); ++at) {
      SegmentModel::Said& whom = *whose[at].said;
      if (contest.event.empty()) {
        const float corrected = whom.value[kLinear] + (*said)[at];
        whom.value[kLightModels + slot] = std::clamp(corrected, 0.0F, float(options_.value_most));
      } else {
        whom.call[contest.light + slot] = model->calibration[whose[at].horizon_at].apply((*said)[at]);
      }
    }
  }
}

}  // namespace cityloop::traffic
