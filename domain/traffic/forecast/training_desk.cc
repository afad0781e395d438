#include "domain/traffic/forecast/training_desk.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "base/config.h"
#include "base/log.h"
#include "domain/traffic/forecast/training_data.h"
#include "flow/noun.h"

namespace cityloop::traffic {
namespace {

using flow::operator""_name;

constexpr auto kLook = std::chrono::seconds(10);   // of real time
constexpr auto kTryAgain = std::chrono::hours(1);  // of the city's, after a failure
constexpr std::size_t kAnnounced = 2;              // as many as there are places
constexpr std::string_view kOwnPrefix = "auto-";

std::string name_for(std::string_view attribute, base::Instant at) {
  std::string text = base::format_time(std::chrono::floor<std::chrono::minutes>(at));  // 2026-03-02T08:00:00Z
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return fmt::format("{}{}-{}", kOwnPrefix, attribute, text.substr(0, 13));
}

}  // namespace

base::Result<TrainingSettings> TrainingSettings::load(const std::string& file) {
  TrainingSettings out;
  if (!std::filesystem::exists(file)) return out;
  base::Config config = TRY(base::Config::load(file));
  base::ConfigTable root = config.root();
  if (auto training = root.table("training")) {
    const auto whole = [&](const char* key, double otherwise, double least, double most) {
      const double value = training->number_or(key, otherwise);
      if (value < least || value > most || value != double(std::int64_t(value)))
        training->mistake(key, fmt::format("this is a whole number from {} to {}", least, most));
      return value;
    };
    out.every = training->duration_or("every", out.every);
    if (out.every != base::Duration::zero() && out.every < std::chrono::minutes(10))
      training->mistake("every", "more often than every ten minutes nothing new is to be learned");
    out.days = int(whole("days", out.days, 1, 366));
    out.days_least = int(whole("days_least", out.days_least, 1, 366));
    out.seed = std::uint64_t(whole("seed", double(out.seed), 0, 1e9));
    out.threads = int(whole("threads", out.threads, 1, 64));
    out.keep = std::size_t(whole("keep", double(out.keep), 0, 1e6));
    if (out.days_least > out.days) training->mistake("days_least", "these are more than 'days'");
  }
  TRY(config.check());
  return out;
}

TrainingDesk::TrainingDesk(TrainingSettings settings, ForecastLoopOptions forecasts, TrainingPlace place)
    : settings_(settings), forecasts_(std::move(forecasts)), place_(std::move(place)) {
  standing_.every = settings.every;
}

void TrainingDesk::start(twin::Twin& twin, const twin::History& history, const base::Clock& clock) {
  stopping_ = false;
  thread_ = std::thread([this, &twin, &history, &clock] {
    ::setpriority(PRIO_PROCESS, id_t(::gettid()), 19);  // of this thread alone
    while (!stopping_) {
      look(twin, history, clock);
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, kLook, [this] { return stopping_.load(); });
    }
  });
}

void TrainingDesk::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

TrainingStanding TrainingDesk::standing() const {
  const std::lock_guard lock(mutex_);
  return standing_;
}

void TrainingDesk::look(twin::Twin& twin, const twin::History& history, const base::Clock& clock) {
  announce(twin);
  const base::Instant now = clock.now();
  {
    const std::lock_guard lock(mutex_);
    if (settings_.every == base::Duration::zero() || now <= base::from_us(0)) return;
    if (standing_.next_at != base::kNever && now < standing_.next_at) return;
  }
  if (is_due(now)) train(twin, history, now);
}

// The newest models of the folder, where the log has not heard of them as they are.
void TrainingDesk::announce(twin::Twin& twin) {
  std::vector<ModelNote> notes;
  std::vector<std::pair<std::string, std::string>> unreadable;
  for (const std::string& name : model_names(place_.models_folder)) {
    auto note = read_model_note(place_.models_folder, name);
    if (!note) unreadable.emplace_back(name, note.error().message);
    else if (note->attribute == forecasts_.attribute) notes.push_back(*std::move(note));
  }
  {
    const std::lock_guard lock(mutex_);
    if (unreadable != standing_.unreadable)
      for (const auto& [name, reason] : unreadable) base::log_warn("model '{}': {}", name, reason);
    standing_.unreadable = std::move(unreadable);
  }
  std::ranges::stable_sort(notes, {}, &ModelNote::made_at);
  twin::Commit commit;
  commit.origin = flow::Name("traffic-training");
  const auto calls = std::ranges::stable_partition(notes, [](const ModelNote& one) { return one.event.empty(); });
  for (const auto& kind : {std::span(notes.begin(), calls.begin()), std::span(calls.begin(), calls.end())})
    for (const ModelNote& note : kind.last(std::min(kAnnounced, kind.size()))) {
      flow::Write write = announcement(note);
      const flow::EntityPtr known = twin.get(write.entity);
      if (!known || known->text("sha256"_name) != note.sha256) commit.writes.push_back(std::move(write));
    }
  if (commit.writes.empty()) return;
  if (const auto done = twin.commit(std::move(commit)); !done.status)
    base::log_warn("a model could not be announced: {}", done.status.error().message);
}

bool TrainingDesk::is_due(base::Instant now) const {
  base::Instant newest = base::kNever;
  for (const std::string& name : model_names(place_.models_folder)) {
    const auto note = read_model_note(place_.models_folder, name);
    if (note && note->attribute == forecasts_.attribute) newest = std::max(newest, note->made_at);
  }
  return newest == base::kNever || now >= newest + settings_.every;
}

base::Result<TrainedModels> TrainingDesk::make(twin::Twin& twin, const twin::History& history, base::Instant now) {
  const TrainingProgress progress = [this](TrainingStage stage, double share) {
    const std::lock_guard lock(mutex_);
    standing_.stage = stage;
    standing_.share = share;
    return !stopping_;
  };
  const base::Instant from = now - std::chrono::days(settings_.days);
  TrainingData data = TRY(read_training_history(twin, history, forecasts_, from, now, progress));
  // The time before the first reading is none that was learned from.
  const std::size_t nodes = data.segments.size();
  const auto measured = std::ranges::find_if(data.values, [](float value) { return !std::isnan(value); });
  const auto empty = nodes == 0 ? 0 : std::size_t(measured - data.values.begin()) / nodes;
  data.values.erase(data.values.begin(), data.values.begin() + std::ptrdiff_t(empty * nodes));
  if (!data.vehicles.empty())
    data.vehicles.erase(data.vehicles.begin(), data.vehicles.begin() + std::ptrdiff_t(empty * nodes));
  data.begin += std::int64_t(empty) * ForecastLoop::kStep;
  const std::size_t least = std::size_t(settings_.days_least) * 288;
  if (data.steps() < least)
    return base::fail(base::Errc::not_found, "history has {:.1f} days of '{}', and {} are needed",
                      double(data.steps()) / 288, forecasts_.attribute, settings_.days_least);
  TrainingOptions options{.loop = forecasts_};
  options.trees.seed = settings_.seed;
  options.trees.threads = settings_.threads;
  TrainedModels trained = TRY(train_models(data, options, progress));
  const std::string name = name_for(forecasts_.attribute, now);
  const std::string command = fmt::format(
      "cityloop traffic train --city {} --data {} --attribute {} --from {} --to {} --seed {} --name {}",
      place_.city_folder, place_.data_folder, forecasts_.attribute, base::format_time(trained.values.note.from),
      base::format_time(trained.values.note.to), settings_.seed, name);
  TRY(write_models(place_.models_folder, trained, name, command, now));
  return trained;
}

void TrainingDesk::train(twin::Twin& twin, const twin::History& history, base::Instant now) {
  {
    const std::lock_guard lock(mutex_);
    standing_.running = true;
    standing_.since = now;
    standing_.share = 0;
  }
  const auto made = make(twin, history, now);
  if (made) {
    const ModelNote& note = made->values.note;
    base::log_info("model '{}' is trained: {} rows of {} segments", note.name, note.rows, note.segments);
    if (!made->no_calls.empty()) base::log_info("no model that calls congestion is trained: {}", made->no_calls);
    forget_old();
    announce(twin);
  } else if (!stopping_) {
    base::log_info("no model is trained: {}", made.error().message);
  }
  const std::lock_guard lock(mutex_);
  standing_.running = false;
  standing_.next_at = now + (made ? settings_.every : std::min<base::Duration>(settings_.every, kTryAgain));
  TrainingStanding::Last& last = standing_.last.emplace(TrainingStanding::Last{.at = now});
  if (!made) {
    last.error = made.error().message;
    return;
  }
  last.name = made->values.note.name;
  last.held_out = made->values.note.held_out;
  if (made->calls) last.held_out_calls = made->calls->note.held_out_calls;
  last.no_calls = made->no_calls;
}

// Only what was trained here; names sort by time.
void TrainingDesk::forget_old() const {
  if (settings_.keep == 0) return;
  const std::string prefix = fmt::format("{}{}-", kOwnPrefix, forecasts_.attribute);
  std::vector<std::string> own = model_names(place_.models_folder);
  std::erase_if(own, [&](const std::string& name) { return !name.starts_with(prefix) || is_caller_name(name); });
  std::ranges::sort(own);
  for (std::size_t at = 0; at + settings_.keep < own.size(); ++at)
    for (const std::string& name : {own[at], caller_name(own[at])})
      for (const char* const ending : {".toml", ".ubj"}) {
        std::error_code ignored;
        std::filesystem::remove(std::filesystem::path(place_.models_folder) / (name + ending), ignored);
      }
}

}  // namespace cityloop::traffic
