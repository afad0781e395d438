// Speeds as they will be in 15, 30 and 60 minutes, for every stretch of road, every five minutes.
//
//   speeds, ForecastModel ══ log ══▶ [ForecastLoop] ─ Forecast, ForecastContest ─▶ twin ─▶ learn, guidance, console
//
// When a step of five minutes is over (and a little grace for what comes late) it settles what was said of that step,
// lets the models learn (segment_model.h), asks the Arena whose word counts (by kind of road and horizon), and writes
// one Forecast a stretch: quantiles, the likelihood of congestion, and the model. A stretch's neighbours are those that
// begin where it ends or end where it begins, by their `location`.
//
// How likely congestion is, frequencies say first: of all calls that looked like this one (horizon, congested now or
// not, forecast against the limit), the share that came true. Trees that call congestion speak beside them, in a
// contest of its own by the squares of likelihood less outcome (Brier), and are told where they won it.
//
// Boosted trees have two places beside the light models, and two beside the frequencies. A model enters by a
// ForecastModel in the log, which names its file and the file's SHA-256, so a replay foresees the same; it takes the
// place that is empty, else the one that is champion of fewer groups, the older of two, and has to win its duels like
// everybody. A file that does not fit is refused with the reason, and all stays as it was. How the contests stand is
// written hourly (ForecastContest): they need the losses of all models, of which only the champion's word is told; what
// was told is scored by learn.
//
// Another attribute that changes with the hour may be forecast the same way (the cars in a garage, read every half
// hour), by a loop of its own name: without free flow there is no congestion, and all are of the kind "unknown".
//
// State follows from the log alone and is kept row by row: what was learned, what was said and is not settled. A
// reading that comes after its step was closed is counted and learned from no more. A reading with `intensity` 0 is no
// reading: where nobody passed, sources tell a speed of their own.
#pragma once

#include <array>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "domain/traffic/forecast/arena.h"
#include "domain/traffic/forecast/boosted_row.h"
#include "domain/traffic/forecast/model_file.h"
#include "domain/traffic/forecast/segment_jams.h"
#include "domain/traffic/forecast/segment_model.h"
#include "twin/loop.h"

namespace cityloop::traffic {

struct ForecastLoopOptions {
  std::string name{"traffic-forecast"};  // of the loop, and of its scores
  std::string type{"TrafficFlowObserved"};
  std::string attribute{"averageVehicleSpeed"};    // km/h
  std::string free_flow{"freeFlowSpeed"};          // km/h
  base::Duration grace{std::chrono::seconds(60)};  // below a step
  base::TimeZone zone{base::TimeZone::utc()};      // of the days
  double congestion_share{0.5};                    // of free flow
  double value_most{250};                          // what is above it is no measurement
  bool zero_is_measured{false};                    // an empty garage is one, a speed of 0 is not
  std::size_t segments_max{50'000};
  std::string models_folder;  // of boosted trees; empty: there are none
  ArenaOptions arena;
};

// Takes the rows that boosted trees learn from, as a history is replayed through the loop: those of values, and those
// of an event where that can come.
class RowSink {
 public:
  virtual ~RowSink() = default;
  virtual bool wants(std::string_view event, std::string_view segment, std::uint64_t step, std::size_t horizon_at) = 0;
  // What was to be known at `step` of a moment so many steps ahead, and what light models or frequencies say of it.
  virtual void said(std::string_view event, std::string_view segment, std::uint64_t step, std::size_t horizon_at,
                    std::span<const float> row, const SegmentModel::Said& said) = 0;
  virtual void came(std::string_view segment, std::uint64_t step, float value, bool congested) = 0;
};

class ForecastLoop final : public twin::Loop {
 public:
  static constexpr base::Duration kStep = std::chrono::minutes(5);

  explicit ForecastLoop(ForecastLoopOptions options = {});
  std::string_view name() const override { return options_.name; }
  void on_record(const flow::LogRecord&, twin::Outbox&) override;
  void save(base::ByteWriter&) const override;
  base::Status load(base::ByteReader&) override;
  bool may_begin_late() const override { return true; }
  bool keeps_rows() const override { return true; }
  void save_changed(twin::StateRows&) override;
  base::Status load_row(std::string_view key, base::ByteReader& value) override;
  flow::Instant wakes_at() const override;

  struct Counters {
    std::uint64_t readings{0}, without_vehicles{0}, late{0}, out_of_range{0}, too_many_segments{0};
    std::uint64_t forecasts{0}, champions_changed{0}, models_taken{0}, models_refused{0};
  };
  // On the loop's thread only.
  const Counters& counters() const { return counters_; }
  const Arena& arena() const { return values_.arena; }
  const Arena& calls() const { return calls_.arena; }  // of those who say how likely congestion is
  std::size_t segments() const { return segments_.size(); }
  // Not owned; null: none. For training.
  void set_row_sink(RowSink* sink) { sink_ = sink; }

 private:
  enum class Road : std::uint8_t { slow, middle, fast, unknown };  // by free flow: below 45, below 75 km/h, above
  static constexpr std::size_t kRoads = 4, kRatios = 10, kBins = kHorizons * 2 * kRatios;
  struct Gathered {
    double sum{0}, vehicles{0};
    std::uint32_t count{0};
  };
  struct Segment {
    flow::EntityId id;
    double free_flow_kmh{0};           // 0: not known
    std::string from, to;              // the places of its ends; empty when not known
    std::array<Gathered, 2> gathered;  // in the step that is open, and in the next
    SegmentModel model;
    SegmentJams jams;  // where free flow is known
    std::vector<const Segment*> links;
    bool main_changed{false}, gathered_changed{false};
    std::uint32_t blocks_changed{0}, jam_blocks_changed{0};  // of what is usual
  };
  struct Frequency {
    double came{0}, all{0};
  };
  struct Losses {
    std::array<double, kModels> sum{}, count{};  // of callers: the first kCallers
    void add(std::size_t model, double loss) { sum[model] += loss, count[model] += 1; }
  };
  struct Slot {                // a place for boosted trees
    std::string name, sha256;  // empty: nobody has it
    std::uint64_t since{0};    // step
    BoostedModelPtr model;
  };
  struct Refused {
    std::string name, reason;
    flow::Instant at{flow::kNever};
  };
  struct Contest {           // of those who foresee values, or of those who call an event
    std::string_view event;  // empty: values
    std::size_t light{};     // models that are always there; the places follow
    Arena arena;
    std::array<Slot, kSlots> slots;
    std::vector<Refused> refused;  // the newest last; a few
    const char* name(std::size_t model) const { return event.empty() ? kModelNames[model] : kCallerNames[model]; }
  };
  struct Asked {  // whom trees are asked of
    SegmentModel::Said* said{};
    std::size_t horizon_at{};
  };
  struct Telling {  // of a stretch, being made
    Segment* segment{};
    RowSegment row;
    std::array<SegmentModel::Said, kHorizons> said;
  };
  using LossTable = std::array<std::array<Losses, kHorizons>, kRoads>;
  using Moments = std::array<SegmentModel::Moment, kHorizons + 1>;  // of this step, and of those foreseen

  void on_change(const flow::Change&, flow::Instant at);
  Segment* segment_of(flow::EntityId);
  void forget(flow::EntityId);
  void take_speed(Segment&, double speed_kmh, double vehicles, flow::Instant observed_at);
  void close_until(flow::Instant at, twin::Outbox&);
  void close(std::uint64_t step, twin::Outbox&);
  void settle(Segment&, std::uint64_t step, const SegmentModel::Moment&, LossTable& values, LossTable& calls);
  void judge(Contest&, const LossTable&);
  void link();
  std::vector<Telling> light_words(const Moments&);
  void ask_trees(const Contest&, std::uint64_t step, const Moments&, std::vector<Telling>&);
  void ask_trees(const Contest&, const std::vector<float>& rows, const std::vector<Asked>& whose) const;
  void choose(Telling&);
  void tell(Telling&, std::uint64_t step, twin::Outbox&);
  void tell_contests(const Contest&, std::uint64_t step, twin::Outbox&) const;
  void tell_models(const Contest&, flow::Instant at, twin::Outbox&) const;
  void take_model(const flow::Change&, flow::Instant at, twin::Outbox&);
  void take_model(Contest&, const flow::Entity& told, flow::Instant at, twin::Outbox&);
  void lose_model(Contest&, std::string_view name, flow::Instant at, twin::Outbox&);
  void refuse(Contest&, const std::string& name, std::string reason, flow::Instant at);
  void fill(Contest&, std::size_t slot, Slot);
  static std::size_t slot_for_another(const Contest&);
  static std::string champion_name(const Contest&, std::size_t model);
  flow::EntityId contest_id(const Contest&, std::string_view what) const;
  void mend_slots(Contest&, flow::Instant at, twin::Outbox&);
  base::Status load_models(Contest&, base::ByteReader&);
  SegmentModel::Moment moment(std::uint64_t step) const;
  Road road_of(const Segment&) const;
  float limit_kmh(const Segment&) const;  // under which it is congested; 0: not known
  std::uint16_t bin_of(const Segment&, std::size_t horizon_at, const SegmentModel::Said&) const;
  void touch(Segment&);
  template <class Put>
  void rows_of(const Segment&, const Put&) const;
  template <class Put>
  void shared_rows(const Put&) const;

  const ForecastLoopOptions options_;
  const flow::Name type_, attribute_, free_flow_;
  Contest values_, calls_;
  std::map<std::string_view, Segment> segments_;  // by id: the order of all that is written and summed up
  std::unordered_map<flow::EntityId, Segment*> by_id_;
  std::array<Frequency, kBins> frequency_{};
  std::array<float, 4> whole_{};  // mean departure of all, the newest first
  std::array<float, 7> slow_{};   // share of all whose limit is known, likewise
  bool mended_{false};            // of this run: files that are gone since were found so
  RowSink* sink_{nullptr};
  std::uint64_t step_{0};  // that is open; 0 before the first record
  bool links_stale_{true};
  Counters counters_;
  std::vector<Segment*> changed_;       // since save_changed()
  std::vector<std::string> forgotten_;  // likewise
  bool shared_changed_{false};
};

}  // namespace cityloop::traffic
