#include "domain/traffic/forecast/trainer.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "domain/traffic/forecast/boosted_row.h"
#include "domain/traffic/forecast/call_trainer.h"
#include "domain/traffic/forecast/row_draw.h"

namespace cityloop::traffic {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr std::uint64_t kStepsLeast = 288;  // a day

// Rows drawn evenly from all that could be had, and what came.
class Rows final : public RowSink {
 public:
  struct One {
    std::uint64_t origin{};
    std::size_t horizon_at{};
    float linear{}, persistence{}, truth{kNan};
  };

  Rows(std::uint64_t from, double share, std::uint64_t seed)
      : calls(from, share / 2, seed), from_(from), share_(share), seed_(seed) {}

  bool wants(std::string_view event, std::string_view segment, std::uint64_t step, std::size_t horizon_at) override {
    if (!event.empty()) return calls.wants(step);
    return step >= from_ && draw(segments_.of(segment).number, step, horizon_at, seed_) < share_;
  }
  void said(std::string_view event, std::string_view segment, std::uint64_t step, std::size_t horizon_at,
            std::span<const float> row, const SegmentModel::Said& said) override {
    if (!event.empty()) return calls.said(segment, step, horizon_at, row, said.call[0]);
    segments_.of(segment).kept.emplace_back(step + kHorizonSteps[horizon_at], ones.size());
    ones.push_back({step, horizon_at, said.value[kLinear], said.value[0]});
    values.insert(values.end(), row.begin(), row.end());
  }
  void came(std::string_view segment, std::uint64_t step, float value, bool congested) override {
    calls.came(segment, step, congested);
    std::erase_if(segments_.of(segment).kept, [&](const auto& one) {
      if (one.first == step) ones[one.second].truth = value;
      return one.first <= step;
    });
  }

  CallRows calls;
  std::vector<One> ones;
  std::vector<float> values;

 private:
  std::uint64_t from_;
  double share_;
  std::uint64_t seed_;
  BySegment<std::vector<std::pair<std::uint64_t, std::size_t>>> segments_;  // waiting: (step, row)
};

// The records that a feed of such readings would make.
class Replay {
 public:
  Replay(const TrainingData& data, const ForecastLoopOptions& options) : data_(data), options_(options) {
    for (const std::string& id : data.segments) ids_.emplace_back(id);
  }

  flow::LogRecord known() const {
    std::vector<flow::Change> changes;
    for (std::size_t node = 0; node < ids_.size(); ++node) {
      flow::Change change = change_of(node);
      if (!std::isnan(data_.free_flow[node]))
        change.attributes.push_back(
            {flow::property(flow::Name(options_.free_flow), double(data_.free_flow[node])), false, false});
      if (!data_.lines[node].empty()) {
        flow::Attribute line{.name = flow::Name("location"), .kind = flow::AttributeKind::geo_property};
        line.value = flow::Json{data_.lines[node]};
        change.attributes.push_back({std::move(line), false, false});
      }
      if (!change.attributes.empty()) changes.push_back(std::move(change));
    }
    return record(data_.begin + std::chrono::milliseconds(1), std::move(changes));
  }

  flow::LogRecord readings(std::size_t step) const {
    const flow::Instant at = end_of(step);
    std::vector<flow::Change> changes;
    for (std::size_t node = 0; node < ids_.size(); ++node) {
      const std::size_t cell = step * ids_.size() + node;
      if (std::isnan(data_.values[cell])) continue;
      flow::Change change = change_of(node);
      change.attributes.push_back(
          {flow::property(flow::Name(options_.attribute), double(data_.values[cell]), at), false, false});
      if (!data_.vehicles.empty() && !std::isnan(data_.vehicles[cell]))
        change.attributes.push_back(
            {flow::property(flow::Name("intensity"), double(data_.vehicles[cell]), at), false, false});
      changes.push_back(std::move(change));
    }
    return record(at, std::move(changes));
  }

  flow::LogRecord tick(std::size_t step) const { return record(end_of(step) + options_.grace, {}); }

 private:
  flow::Instant end_of(std::size_t step) const { return data_.begin + std::int64_t(step + 1) * ForecastLoop::kStep; }
  flow::Change change_of(std::size_t node) const {
    return {.entity = ids_[node], .types = {flow::Name(options_.type)}};
  }
  static flow::LogRecord record(flow::Instant at, std::vector<flow::Change> changes) {
    return {.seq = 1, .at = at, .origin = {}, .changes = std::move(changes)};
  }

  const TrainingData& data_;
  const ForecastLoopOptions& options_;
  std::vector<flow::EntityId> ids_;
};

struct Nowhere final : twin::StateRows {
  void put(std::string_view, std::string) override {}
  void erase(std::string_view) override {}
};

base::Status replay(const TrainingData& data, const TrainingOptions& options, Rows& rows,
                    const TrainingProgress& progress) {
  ForecastLoopOptions how = options.loop;
  how.models_folder.clear();
  how.segments_max = std::max(how.segments_max, data.segments.size());
  ForecastLoop loop(how);
  loop.set_row_sink(&rows);
  const Replay source(data, how);
  twin::Outbox out;
  Nowhere nowhere;
  loop.on_record(source.known(), out);
  for (std::size_t step = 0; step < data.steps(); ++step) {
    loop.on_record(source.readings(step), out);
    loop.on_record(source.tick(step), out);
    out.writes.clear();
    if (step % 48 != 0) continue;
    loop.save_changed(nowhere);  // it lists what changed until it is asked
    if (!progress(TrainingStage::replaying, double(step) / double(data.steps())))
      return base::fail(base::Errc::conflict, "the training was stopped");
  }
  return {};
}

struct Sample {
  std::vector<float> values, labels;
  std::vector<Rows::One> ones;
};

template <class Wanted>
Sample sample_of(const Rows& rows, const Wanted& wanted) {
  const std::size_t columns = row_columns().size();
  Sample out;
  for (std::size_t at = 0; at < rows.ones.size(); ++at) {
    const Rows::One& one = rows.ones[at];
    if (std::isnan(one.truth) || !wanted(one)) continue;
    out.values.insert(out.values.end(), rows.values.begin() + std::ptrdiff_t(at * columns),
                      rows.values.begin() + std::ptrdiff_t((at + 1) * columns));
    out.labels.push_back(one.truth - one.linear);
    out.ones.push_back(one);
  }
  return out;
}

base::Result<Booster> learn(const Sample& sample, const BoosterOptions& trees, const CallTrainer::Progress& progress) {
  return Booster::train({sample.values, row_columns().size()}, sample.labels, {}, trees,
                        [&](int done) { return done % 10 != 0 || progress(double(done) / trees.rounds); });
}

std::vector<ModelNote::HeldOut> judge(const Sample& sample, const std::vector<float>& said) {
  std::vector<ModelNote::HeldOut> out;
  for (std::size_t h = 0; h < kHorizons; ++h) {
    ModelNote::HeldOut sums{.minutes = int(kHorizonSteps[h] * 5)};
    for (std::size_t at = 0; at < sample.ones.size(); ++at) {
      const Rows::One& one = sample.ones[at];
      if (one.horizon_at != h) continue;
      ++sums.count;
      sums.boosted += std::abs(double(one.linear + said[at] - one.truth));
      sums.linear += std::abs(double(one.linear - one.truth));
      sums.persistence += std::abs(double(one.persistence - one.truth));
    }
    if (sums.count == 0) continue;
    for (double* const sum : {&sums.boosted, &sums.linear, &sums.persistence}) *sum /= double(sums.count);
    out.push_back(sums);
  }
  return out;
}

ModelNote note_of(const TrainingData& data, const TrainingOptions& options, std::string_view event, std::size_t rows) {
  const BoosterOptions& trees = event.empty() ? options.trees : options.callers;
  ModelNote note{.attribute = options.loop.attribute, .event = std::string(event), .source = data.source};
  note.from = data.begin;
  note.to = data.begin + std::int64_t(data.steps()) * ForecastLoop::kStep;
  note.made_at = note.to;
  note.segments = data.segments.size();
  note.readings = data.readings;
  note.rows = rows;
  note.seed = options.trees.seed;
  note.rounds = trees.rounds;
  note.depth = trees.depth;
  note.eta = trees.eta;
  note.versions = Booster::library_version();
  note.columns = model_columns(event);
  return note;
}

}  // namespace

const char* to_string(TrainingStage stage) {
  switch (stage) {
    case TrainingStage::reading: return "reading";
    case TrainingStage::replaying: return "replaying";
    case TrainingStage::judging: return "judging";
    case TrainingStage::learning: break;
  }
  return "learning";
}

base::Result<TrainedModels> train_models(const TrainingData& data, const TrainingOptions& options,
                                         const TrainingProgress& progress) {
  const std::size_t steps = data.steps();
  if (steps < kStepsLeast)
    return base::fail(base::Errc::invalid, "{} steps of five minutes are too few to learn from: a day at least", steps);
  const auto first = std::uint64_t(base::to_us(data.begin) / ForecastLoop::kStep.count());  // the step before the first
  const std::uint64_t from = first + 1 + std::uint64_t(double(steps) * options.light_share);
  const std::uint64_t cut = first + 1 + std::uint64_t(double(steps) * (1 - options.held_out_share));
  const double all = double(kHorizons) * double(data.segments.size()) * double(steps) * (1 - options.light_share);
  Rows rows(from, double(options.rows_most) / std::max(all, 1.0), options.trees.seed);
  TRY(replay(data, options, rows, progress));
  TrainedModels out;
  // Each stage is gone through twice, the second half of it for calls.
  const auto half = [&progress](TrainingStage stage, double begin) {
    return [&progress, stage, begin](double share) { return progress(stage, begin + share / 2); };
  };
  {
    const Sample before =
        sample_of(rows, [&](const Rows::One& one) { return one.origin + kHorizonSteps[one.horizon_at] < cut; });
    const Sample after = sample_of(rows, [&](const Rows::One& one) { return one.origin >= cut; });
    if (before.labels.size() < 1000 || after.labels.empty())
      return base::fail(base::Errc::invalid, "{} rows are too few to learn from", before.labels.size());
    const Booster trees = TRY(learn(before, options.trees, half(TrainingStage::judging, 0)));
    out.values.note.held_out = judge(after, TRY(trees.predict({after.values, row_columns().size()})));
  }
  BoosterOptions how = options.callers;
  how.seed = options.trees.seed;
  how.threads = options.trees.threads;
  CallTrainer calls(rows.calls, how, cut, first + steps);
  const base::Status judged = calls.judge(half(TrainingStage::judging, 0.5));
  if (!judged && judged.error().code != base::Errc::not_found) return std::unexpected(judged.error());
  {
    const Sample sample = sample_of(rows, [](const Rows::One&) { return true; });
    const Booster trees = TRY(learn(sample, options.trees, half(TrainingStage::learning, 0)));
    auto held_out = std::move(out.values.note.held_out);
    out.values = {note_of(data, options, {}, sample.labels.size()), TRY(trees.to_bytes())};
    out.values.note.held_out = std::move(held_out);
  }
  if (judged) {
    out.calls = TrainedModel{note_of(data, options, kCongestion, rows.calls.ones().size()),
                             TRY(calls.learn(half(TrainingStage::learning, 0.5)))};
    out.calls->note.held_out_calls = calls.held_out();
  } else if (!std::ranges::all_of(data.free_flow, [](float kmh) { return std::isnan(kmh); })) {
    out.no_calls = judged.error().message;
  }
  return out;
}

base::Status write_models(const std::string& folder, TrainedModels& models, const std::string& name,
                          const std::string& command, base::Instant made_at) {
  const auto write = [&](TrainedModel& model, const std::string& as) {
    model.note.name = as;
    model.note.command = command;
    model.note.made_at = made_at;
    return write_model(folder, model.note, model.ubj);
  };
  TRY(write(models.values, name));
  return models.calls ? write(*models.calls, caller_name(name)) : base::Status{};
}

}  // namespace cityloop::traffic
