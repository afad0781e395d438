// What was foreseen of each stretch of road lately, to be held against what came. For people to look at.
//
//   Forecast, ForecastContest ══ log ══▶ [ForecastPast] ─▶ SegmentRoutes, ForecastRoutes
//
// And which model took another's place, the last fifty times. Three hours back of each horizon, by the moment foreseen:
// 16 bytes a forecast, some 2 kB a stretch. It follows from the log alone, is kept row by row, and writes nothing.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "flow/entity.h"
#include "twin/loop.h"

namespace cityloop::traffic {

inline constexpr std::array<int, 3> kShownMinutes{15, 30, 60};

struct PastForecast {
  flow::Instant valid_at{flow::kNever};
  float low{}, middle{}, high{};
};

struct ChampionChange {
  flow::Instant at{flow::kNever};
  std::string attribute, event, group, former, champion;  // event: that is called; empty: of values
};

class ForecastPast final : public twin::Loop {
 public:
  static constexpr base::Duration kKept = std::chrono::hours(3);

  explicit ForecastPast(std::string attribute) : attribute_(std::move(attribute)) {}

  std::string_view name() const override { return "forecast_past"; }
  void on_record(const flow::LogRecord&, twin::Outbox&) override;
  void save(base::ByteWriter&) const override {}
  base::Status load(base::ByteReader&) override { return {}; }
  bool may_begin_late() const override { return true; }
  bool keeps_rows() const override { return true; }
  void save_changed(twin::StateRows&) override;
  base::Status load_row(std::string_view key, base::ByteReader& value) override;

  std::vector<ChampionChange> changes() const;  // newest first; any thread
  // By the moment foreseen; `horizon` is a place in kShownMinutes. Any thread.
  std::vector<PastForecast> of(flow::EntityId segment, std::size_t horizon) const;

 private:
  using Horizons = std::array<std::vector<PastForecast>, kShownMinutes.size()>;

  void take_contest(const flow::Entity&, flow::Instant at);
  base::Status load_champions(base::ByteReader&);

  const std::string attribute_;
  mutable std::mutex mutex_;
  std::unordered_map<flow::EntityId, Horizons> segments_;
  std::map<std::string, std::string> champions_;  // by the contest's entity
  std::deque<ChampionChange> changes_;
  std::set<std::string_view> changed_;  // since save_changed()
  bool champions_changed_{false};       // likewise
};

}  // namespace cityloop::traffic
