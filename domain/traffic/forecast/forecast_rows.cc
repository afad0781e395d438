// The forecast loop's state, row by row: s a stretch, g what was gathered of an open step, u a block of what is usual,
// j one of how often it is congested; c what is counted of all; a the arena of values and m who has their places for
// boosted trees, b and n those of calls.
#include <utility>

#include <fmt/format.h>

#include "domain/traffic/forecast/forecast_loop.h"

namespace cityloop::traffic {
namespace {

constexpr std::uint8_t kVersion = 3;  // 1: from before there were trees; 2: before they called congestion
constexpr char kSegmentRow = 's', kGatheredRow = 'g', kUsualRow = 'u', kJamsRow = 'j', kSharedRow = 'c',
               kArenaRow = 'a', kCallArenaRow = 'b', kModelsRow = 'm', kCallersRow = 'n';

std::string usual_key(char kind, std::string_view id, std::size_t block) {
  return fmt::format("{}{:02}{}", kind, block, id);
}

// The blocks in which anything was learned, one bit each.
std::uint32_t filled_blocks(const UsualDay& day) {
  std::uint32_t out = 0;
  for (std::size_t block = 0; block < UsualDay::kBlocks; ++block)
    if (!day.empty(block)) out |= 1U << block;
  return out;
}

}  // namespace

template <class Put>
void ForecastLoop::rows_of(const Segment& segment, const Put& put) const {
  const std::string id(segment.id.text());
  base::ByteWriter out;
  if (segment.main_changed) {
    out.u8(kVersion);
    out.f64(segment.free_flow_kmh);
    out.text(segment.from);
    out.text(segment.to);
    segment.model.save(out);
    segment.jams.save(out);
    put(kSegmentRow + id, out.take());
  }
  if (segment.gathered_changed) {
    for (const Gathered& gathered : segment.gathered) {
      out.f64(gathered.sum);
      out.varint(gathered.count);
    }
    for (const Gathered& gathered : segment.gathered) out.f64(gathered.vehicles);
    put(kGatheredRow + id, out.take());
  }
  const auto put_days = [&](char kind, const UsualDay& day, std::uint32_t changed) {
    for (std::size_t block = 0; block < UsualDay::kBlocks; ++block) {
      if ((changed >> block & 1U) == 0) continue;
      day.save(block, out);
      put(usual_key(kind, id, block), out.take());
    }
  };
  put_days(kUsualRow, segment.model.usual(), segment.blocks_changed);
  put_days(kJamsRow, segment.jams.usual(), segment.jam_blocks_changed);
}

template <class Put>
void ForecastLoop::shared_rows(const Put& put) const {
  base::ByteWriter out;
  out.u8(kVersion);
  out.varint(step_);
  for (const Frequency& seen : frequency_) {
    out.f64(seen.came);
    out.f64(seen.all);
  }
  for (const float whole : whole_) out.f64(double(whole));
  for (const float slow : slow_) out.f64(double(slow));
  put(std::string(1, kSharedRow), out.take());
  for (const Contest* const contest : {&values_, &calls_}) {
    for (const std::string& group : contest->arena.groups()) {
      contest->arena.save(group, out);
      put((contest->event.empty() ? kArenaRow : kCallArenaRow) + group, out.take());
    }
    out.u8(kVersion);
    for (const Slot& slot : contest->slots) {
      out.text(slot.name);
      out.text(slot.sha256);
      out.varint(slot.since);
    }
    out.varint(contest->refused.size());
    for (const Refused& one : contest->refused) {
      out.text(one.name);
      out.text(one.reason);
      out.svarint(base::to_us(one.at));
    }
    put(std::string(1, contest->event.empty() ? kModelsRow : kCallersRow), out.take());
  }
}

void ForecastLoop::save_changed(twin::StateRows& rows) {
  for (const std::string& id : std::exchange(forgotten_, {})) {
    rows.erase(kSegmentRow + id);
    rows.erase(kGatheredRow + id);
    for (std::size_t block = 0; block < UsualDay::kBlocks; ++block)
      for (const char kind : {kUsualRow, kJamsRow}) rows.erase(usual_key(kind, id, block));
  }
  const auto put = [&rows](const std::string& key, std::string value) { rows.put(key, std::move(value)); };
  for (Segment* const segment : std::exchange(changed_, {})) {
    rows_of(*segment, put);
    segment->main_changed = segment->gathered_changed = false;
    segment->blocks_changed = segment->jam_blocks_changed = 0;
  }
  if (std::exchange(shared_changed_, false)) shared_rows(put);
}

base::Status ForecastLoop::load_models(Contest& contest, base::ByteReader& in) {
  for (Slot& slot : contest.slots) {
    slot.name = in.text();
    slot.sha256 = in.text();
    slot.since = in.varint();
  }
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    Refused one{.name = std::string(in.text()), .reason = std::string(in.text())};
    one.at = base::from_us(in.svarint());
    contest.refused.push_back(std::move(one));
  }
  if (!in.ok()) return base::fail(base::Errc::corrupt, "the row of the forecasts' models is damaged");
  return {};
}

base::Status ForecastLoop::load_row(std::string_view key, base::ByteReader& in) {
  const char kind = key.front();
  const std::string_view rest = key.substr(1);
  if (kind == kArenaRow || kind == kCallArenaRow) return (kind == kArenaRow ? values_ : calls_).arena.load(rest, in);
  std::uint8_t version = kVersion;
  if (kind == kSegmentRow || kind == kSharedRow || kind == kModelsRow || kind == kCallersRow) {
    if (version = in.u8(); version < 1 || version > kVersion)
      return base::fail(base::Errc::unsupported, "the forecasts' row '{}' has encoding {}, unknown here", key, version);
  }
  if (kind == kSharedRow) {
    step_ = in.varint();
    for (Frequency& seen : frequency_) seen = {in.f64(), in.f64()};
    if (version > 1)
      for (float& whole : whole_) whole = float(in.f64());
    if (version > 2)
      for (float& slow : slow_) slow = float(in.f64());
    if (!in.ok()) return base::fail(base::Errc::corrupt, "the forecasts' row '{}' is damaged", key);
    return {};
  }
  if (kind == kModelsRow || kind == kCallersRow) return load_models(kind == kModelsRow ? values_ : calls_, in);
  const bool of_days = kind == kUsualRow || kind == kJamsRow;
  const std::string_view id = of_days ? rest.substr(std::min<std::size_t>(2, rest.size())) : rest;
  Segment& segment = segments_[flow::EntityId(id).text()];
  segment.id = flow::EntityId(id);
  by_id_[segment.id] = &segment;
  if (kind == kSegmentRow) {
    segment.free_flow_kmh = in.f64();
    segment.from = in.text();
    segment.to = in.text();
    TRY(segment.model.load(in, version));
    return version > 2 ? segment.jams.load(in) : base::Status{};
  }
  if (kind == kGatheredRow) {
    for (Gathered& gathered : segment.gathered) {
      gathered.sum = in.f64();
      gathered.count = std::uint32_t(in.varint());
    }
    if (!in.at_end())  // from before vehicles were counted
      for (Gathered& gathered : segment.gathered) gathered.vehicles = in.f64();
  } else if (of_days) {
    const std::size_t block = std::size_t(rest[0] - '0') * 10 + std::size_t(rest[1] - '0');
    if (block >= UsualDay::kBlocks) return base::fail(base::Errc::corrupt, "the forecasts have no row '{}'", key);
    (kind == kUsualRow ? segment.model.usual() : segment.jams.usual()).load(block, in);
  }
  if (!in.ok()) return base::fail(base::Errc::corrupt, "the forecasts' row '{}' is damaged", key);
  return {};
}

// All of it, as rows: (key, value) each.
void ForecastLoop::save(base::ByteWriter& out) const {
  const auto put = [&out](const std::string& key, const std::string& value) {
    out.text(key);
    out.text(value);
  };
  shared_rows(put);
  for (const auto& [text, segment] : segments_) {
    Segment all = segment;
    all.main_changed = all.gathered_changed = true;
    all.blocks_changed = filled_blocks(segment.model.usual());
    all.jam_blocks_changed = filled_blocks(segment.jams.usual());
    rows_of(all, put);
  }
}

base::Status ForecastLoop::load(base::ByteReader& in) {
  while (in.ok() && !in.at_end()) {
    const std::string key(in.text());
    const std::string value(in.text());
    if (key.empty()) return base::fail(base::Errc::corrupt, "the forecasts' checkpoint is damaged");
    base::ByteReader row(value);
    TRY(load_row(key, row));
  }
  for (auto& [text, segment] : segments_) {
    touch(segment);
    segment.main_changed = segment.gathered_changed = true;
    segment.blocks_changed = filled_blocks(segment.model.usual());
    segment.jam_blocks_changed = filled_blocks(segment.jams.usual());
  }
  links_stale_ = shared_changed_ = true;
  if (!in.ok()) return base::fail(base::Errc::corrupt, "the forecasts' checkpoint is damaged");
  return {};
}

}  // namespace cityloop::traffic
