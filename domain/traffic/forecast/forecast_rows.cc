// The forecast loop's state, row by row: s a stretch, g what was gathered of an open step, u a block of what is usual,
// a the arena, c what is counted of all, m who has the places for boosted trees.
#include <utility>

#include <fmt/format.h>

#include "domain/traffic/forecast/forecast_loop.h"

namespace cityloop::traffic {
namespace {

constexpr std::uint8_t kVersion = 2;  // 1: from before there were trees
constexpr char kSegmentRow = 's', kGatheredRow = 'g', kUsualRow = 'u', kArenaRow = 'a', kSharedRow = 'c',
               kModelsRow = 'm';

std::string usual_key(std::string_view id, std::size_t block) {
  return fmt::format("{}{:02}{}", kUsualRow, block, id);
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
  for (std::size_t block = 0; block < UsualDay::kBlocks; ++block) {
    if ((segment.blocks_changed >> block & 1U) == 0) continue;
    segment.model.usual().save(block, out);
    put(usual_key(id, block), out.take());
  }
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
  put(std::string(1, kSharedRow), out.take());
  for (const std::string& group : arena_.groups()) {
    arena_.save(group, out);
    put(kArenaRow + group, out.take());
  }
  out.u8(kVersion);
  for (const Slot& slot : slots_) {
    out.text(slot.name);
    out.text(slot.sha256);
    out.varint(slot.since);
  }
  out.varint(refused_.size());
  for (const Refused& one : refused_) {
    out.text(one.name);
    out.text(one.reason);
    out.svarint(base::to_us(one.at));
  }
  put(std::string(1, kModelsRow), out.take());
}

void ForecastLoop::save_changed(twin::StateRows& rows) {
  for (const std::string& id : std::exchange(forgotten_, {})) {
    rows.erase(kSegmentRow + id);
    rows.erase(kGatheredRow + id);
    for (std::size_t block = 0; block < UsualDay::kBlocks; ++block) rows.erase(usual_key(id, block));
  }
  const auto put = [&rows](const std::string& key, std::string value) { rows.put(key, std::move(value)); };
  for (Segment* const segment : std::exchange(changed_, {})) {
    rows_of(*segment, put);
    segment->main_changed = segment->gathered_changed = false;
    segment->blocks_changed = 0;
  }
  if (std::exchange(shared_changed_, false)) shared_rows(put);
}

base::Status ForecastLoop::load_models(base::ByteReader& in) {
  for (Slot& slot : slots_) {
    slot.name = in.text();
    slot.sha256 = in.text();
    slot.since = in.varint();
  }
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    Refused one{.name = std::string(in.text()), .reason = std::string(in.text())};
    one.at = base::from_us(in.svarint());
    refused_.push_back(std::move(one));
  }
  if (!in.ok()) return base::fail(base::Errc::corrupt, "the row of the forecasts' models is damaged");
  return {};
}

base::Status ForecastLoop::load_row(std::string_view key, base::ByteReader& in) {
  const char kind = key.front();
  const std::string_view rest = key.substr(1);
  if (kind == kArenaRow) return arena_.load(rest, in);
  std::uint8_t version = kVersion;
  if (kind == kSegmentRow || kind == kSharedRow || kind == kModelsRow) {
    if (version = in.u8(); version < 1 || version > kVersion)
      return base::fail(base::Errc::unsupported, "the forecasts' row '{}' has encoding {}, unknown here", key, version);
  }
  if (kind == kSharedRow) {
    step_ = in.varint();
    for (Frequency& seen : frequency_) seen = {in.f64(), in.f64()};
    if (version > 1)
      for (float& whole : whole_) whole = float(in.f64());
    if (!in.ok()) return base::fail(base::Errc::corrupt, "the forecasts' row '{}' is damaged", key);
    return {};
  }
  if (kind == kModelsRow) return load_models(in);
  const std::string_view id = kind == kUsualRow ? rest.substr(std::min<std::size_t>(2, rest.size())) : rest;
  Segment& segment = segments_[flow::EntityId(id).text()];
  segment.id = flow::EntityId(id);
  by_id_[segment.id] = &segment;
  if (kind == kSegmentRow) {
    segment.free_flow_kmh = in.f64();
    segment.from = in.text();
    segment.to = in.text();
    return segment.model.load(in, version);
  }
  if (kind == kGatheredRow) {
    for (Gathered& gathered : segment.gathered) {
      gathered.sum = in.f64();
      gathered.count = std::uint32_t(in.varint());
    }
    if (!in.at_end())  // from before vehicles were counted
      for (Gathered& gathered : segment.gathered) gathered.vehicles = in.f64();
  } else if (kind == kUsualRow) {
    const std::size_t block = std::size_t(rest[0] - '0') * 10 + std::size_t(rest[1] - '0');
    if (block >= UsualDay::kBlocks) return base::fail(base::Errc::corrupt, "the forecasts have no row '{}'", key);
    segment.model.usual().load(block, in);
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
    all.blocks_changed = 0;
    for (std::size_t block = 0; block < UsualDay::kBlocks; ++block)
      if (!segment.model.usual().empty(block)) all.blocks_changed |= 1U << block;
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
    segment.blocks_changed = (1U << UsualDay::kBlocks) - 1;
  }
  links_stale_ = shared_changed_ = true;
  if (!in.ok()) return base::fail(base::Errc::corrupt, "the forecasts' checkpoint is damaged");
  return {};
}

}  // namespace cityloop::traffic
