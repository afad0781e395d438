// Scores every forecast in the twin when the truth arrives, whoever made it and of whatever.
//
//   Forecast, readings ══ log ══▶ [ForecastScoreLoop] ─ ForecastScore ─▶ twin ─▶ console
//
// A forecast says what is to be its truth (flow/forecast.h): the mean of the readings of its attribute over a span.
// When the moment that it speaks of is over (and a little grace for what comes late), it is held against that mean, and
// so is persistence: the mean of the span that ended when it was issued, or the newest reading of the three quarters of
// an hour before. Pairs of which one is not known count as unknown. Likelihoods are held against the event as the
// forecast defines it. Scores are kept by attribute, group, horizon and model (flow/forecast_score.h), and written
// hourly, those that changed, in one commit.
//
// State follows from the log alone and is kept row by row, in batches that are written once and erased once: what a
// record said of one moment, and what it measured. So a step of n forecasts costs n, however many are waiting, and a
// handful of rows. Memory: some 80 bytes for a forecast of one moment that is waiting, 16 for a reading of the last
// three quarters of an hour of what is forecast.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "flow/forecast.h"
#include "flow/forecast_score.h"
#include "twin/loop.h"

namespace cityloop::learn {

class ForecastScoreLoop final : public twin::Loop {
 public:
  static constexpr flow::Duration kGrace = std::chrono::seconds(60);
  static constexpr flow::Duration kKept = std::chrono::minutes(45);  // of readings, or as long as a span or hold is

  std::string_view name() const override { return "learn_forecasts"; }
  void on_record(const flow::LogRecord&, twin::Outbox&) override;
  void save(base::ByteWriter&) const override {}
  base::Status load(base::ByteReader&) override { return {}; }
  bool keeps_rows() const override { return true; }
  void save_changed(twin::StateRows&) override;
  base::Status load_row(std::string_view key, base::ByteReader& value) override;
  flow::Instant wakes_at() const override;

  struct Counters {
    std::uint64_t forecasts{0}, unreadable{0}, scored{0}, unknown{0};
  };
  // On the loop's thread only.
  const Counters& counters() const { return counters_; }
  std::size_t waiting() const;

 private:
  struct Reading {
    flow::Instant at;
    double value;
  };
  struct Series {
    flow::EntityId about;
    std::string attribute;
    flow::Name name, counted_by;
    flow::ForecastTruth truth;
    std::deque<Reading> readings;  // by time
    bool gone{false};              // what it speaks of was erased
  };
  struct Said {  // of one moment, waiting for its truth
    std::uint32_t series{}, score{};
    double low{}, middle{}, high{}, likelihood{}, persistence{};  // NaN: not known
  };
  struct Batch {  // what one record said of one moment
    flow::Seq seq{};
    std::vector<Said> said;
  };
  struct Measured {  // what one record measured
    flow::Instant newest{flow::kNever};
    std::vector<std::pair<std::uint32_t, Reading>> readings;
  };
  struct Bin {
    double said{0}, came{0}, count{0};
  };
  struct Sums {
    std::string attribute, group, model, event;
    int minutes{};
    double ever{0};
    double count{0}, unknown{0}, absolute{0}, squares{0}, error{0}, pinball{0}, inside{0}, under{0};
    double persistence_absolute{0}, persistence_squares{0};
    double judged{0}, likelihood_squares{0}, came{0}, calls{0}, calls_right{0};
    std::array<Bin, 10> bins{};
    bool changed{false}, told{true};
    std::vector<double*> numbers();  // all that lose weight
  };
  using ScoreKey = std::tuple<std::string, std::string, int, std::string>;

  void take_forecast(const flow::Change&, const flow::LogRecord&);
  void take_readings(const flow::Change&, const flow::LogRecord&);
  void add_reading(std::uint32_t series, Reading);
  std::uint32_t series_of(const flow::Forecast&);
  std::uint32_t score_of(const flow::Forecast&, const std::string& model, int minutes);
  double mean_of(const Series&, flow::Instant from, flow::Instant to) const;
  bool event_came(const Series&, flow::Instant valid_at) const;
  double persistence(const Series&, flow::Instant at) const;
  void settle_until(flow::Instant at);
  void settle(const Said&, flow::Instant valid_at);
  void drop_readings(flow::Instant at);
  void tell(flow::Instant at, twin::Outbox&);
  flow::ForecastScore score_from(const Sums&, flow::Instant at) const;
  void save_series(twin::StateRows&);
  void save_scores(twin::StateRows&);

  std::vector<Series> series_;
  std::unordered_map<flow::EntityId, std::vector<std::uint32_t>> by_about_;
  std::vector<Sums> scores_;
  std::map<ScoreKey, std::uint32_t> score_by_key_;
  std::map<flow::Instant, std::vector<Batch>> waiting_;  // by the moment that they speak of
  std::map<flow::Seq, Measured> measured_;
  flow::Duration kept_{kKept};
  std::int64_t hour_{0};  // whose scores were told last
  Counters counters_;

  std::vector<std::pair<flow::Instant, flow::Seq>> new_said_, settled_;  // since save_changed()
  std::vector<flow::Seq> new_measured_, dropped_;                        // likewise
  std::vector<std::uint32_t> changed_series_;
  bool hour_changed_{false};
};

}  // namespace cityloop::learn
