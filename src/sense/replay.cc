// How a replay moves: slices, ticks, pace. What it reads and where it stands is in replay_files.cc.
#include "sense/replay.h"

#include <algorithm>

#include "base/log.h"

namespace cityloop::sense {

using base::Duration;
using base::Errc;
using base::Instant;
using base::kNever;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr Duration kNap = milliseconds(50);  // a wish of a person waits no longer
constexpr Duration kLagMax = seconds(1);     // behind its pace by more, a replay does not try to catch up
constexpr Duration kBackOffLeast = milliseconds(200);
constexpr Duration kBackOffMost = seconds(10);
constexpr std::uint64_t kKeepRejectsEvery = 100;  // commits of a feed

Instant floor_to(Instant t, Duration step) {
  const std::int64_t rest = base::to_us(t) % step.count();
  return t - Duration(rest < 0 ? rest + step.count() : rest);
}

Instant ceil_to(Instant t, Duration step) {
  const Instant low = floor_to(t, step);
  return low == t ? t : low + step;
}

}  // namespace

Replay::Replay(Folders folders, Sink& sink, FeedBoard& board, ReplayWorld world, ReplayOptions options)
    : folders_(std::move(folders)),
      sink_(sink),
      board_(board),
      world_(std::move(world)),
      options_(options),
      at_us_(base::to_us(kNever)),
      speed_(options.speed),
      chain_(std::make_shared<std::atomic<bool>>(false)),
      back_off_(kBackOffLeast) {}

Replay::~Replay() {
  stop();
}

void Replay::start() {
  thread_ = std::thread([this] {
    while (!stopping_ && step()) {
    }
  });
}

void Replay::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  drain();
}

void Replay::wait_until_finished() {
  if (thread_.joinable()) thread_.join();
}

void Replay::pause() {
  if (finished_ || paused_.exchange(true)) return;
  tell_state(FeedState::paused);
}

void Replay::resume() {
  if (!paused_.exchange(false)) return;
  anchored_ = false;
  if (!finished_) tell_state(FeedState::running);
}

base::Status Replay::set_speed(double speed) {
  if (!(speed >= 0 && speed <= kSpeedMax)) {
    return base::fail(Errc::invalid, "a speed is 0 (as fast as it goes) or up to {}; not {}", kSpeedMax, speed);
  }
  speed_ = speed;
  anchored_ = false;
  for (const auto& lane : lanes_) lane->stats->set_speed(speed);
  return {};
}

double Replay::progress() const {
  return progress_;
}

Instant Replay::now() const {
  return base::from_us(at_us_);
}

std::uint64_t Replay::rows() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t rows = 0;
  for (const auto& lane : lanes_) rows += lane->durable_counts.accepted;
  return rows;
}

// At low speed a step is a quarter of a real second or a city second, whichever is more: a city at x1 moves each
// second.
Duration Replay::step_size() const {
  const double speed = speed_;
  if (speed == 0) return options_.slice;
  Duration step = seconds(1);
  for (const int s : {2, 5, 10, 15, 20, 30, 60}) {
    if (s <= speed / 4 && seconds(s) <= options_.slice) step = seconds(s);
  }
  return std::min(step, options_.slice);
}

// Where nothing was observed for days a tick an hour will do: a gap of ten years must not take an hour.
Instant Replay::next_tick() const {
  const Duration gap = mark_.at - mark_.gap_since;
  Duration step = step_size();
  if (gap >= std::chrono::days(30)) step = std::chrono::days(1);
  else if (gap >= std::chrono::days(1)) step = std::chrono::hours(1);
  return floor_to(mark_.at, step) + step;
}

Replay::Lane* Replay::earliest() {
  Lane* first = nullptr;
  for (const auto& lane : lanes_) {
    if (lane->has_head && (!first || lane->head.at < first->head.at)) first = lane.get();
  }
  return first;
}

bool Replay::step() {
  if (finished_) return false;
  if (!refusal().empty()) return recover();
  const Lane* first = earliest();
  if (!first) return finish();
  Instant next = ceil_to(first->head.at, step_size());
  if (mark_.at != kNever) next = std::max(next, mark_.at);
  if (!statics_written_) {
    if (const auto written = write_statics(next); !written) {
      refuse(written.error());
      return recover();
    }
  }
  if (mark_.at != kNever && mark_.at < next) {
    const Instant empty = next_tick();
    if (empty < next) {
      if (!wait_for_turn(empty)) return false;
      tick(empty);
      return true;
    }
  }
  if (!wait_for_turn(next)) return false;
  take_slice(next);
  tell_progress();
  return true;
}

bool Replay::wait_for_turn(Instant at) {
  while (!stopping_) {
    if (paused_) {
      anchored_ = false;
      sleep(kNap);
      continue;
    }
    if (world_.backlog && world_.backlog() > options_.backlog_max) {
      sleep(milliseconds(2));
      continue;
    }
    const double speed = speed_;
    if (speed == 0) break;
    const Instant wall = world_.wall.now();
    if (!anchored_.exchange(true)) {
      anchor_wall_ = wall;
      anchor_city_ = mark_.at == kNever ? at : mark_.at;
    }
    const Instant due = anchor_wall_ + Duration(std::int64_t(double((at - anchor_city_).count()) / speed));
    if (wall - due > kLagMax) anchored_ = false;
    if (wall >= due) break;
    sleep(std::min(due - wall, kNap));
  }
  if (stopping_) return false;
  world_.city.advance_to(at);
  return true;
}

void Replay::sleep(Duration d) const {
  if (world_.sleep) world_.sleep(d);
  else std::this_thread::sleep_for(d);
}

void Replay::take_slice(Instant end) {
  mark_ = {end, end};
  at_us_ = base::to_us(end);
  for (Lane* lane; (lane = earliest()) && lane->head.at <= end;) {
    std::move(lane->head.writes.begin(), lane->head.writes.end(), std::back_inserter(lane->pending));
    ++lane->pending_rows;
    lane->newest = std::max(lane->newest, lane->head.at);
    pull(*lane);
    if (lane->pending_rows >= options_.rows_max) commit_lane(*lane);
  }
  for (const auto& lane : lanes_) {
    if (lane->pending_rows > 0) commit_lane(*lane);
  }
}

void Replay::tick(Instant at) {
  mark_.at = at;
  at_us_ = base::to_us(at);
  twin::Commit commit;
  commit.origin = flow::Name("feed:clock");
  submit(std::move(commit), nullptr);
}

void Replay::submit(twin::Commit commit, Lane* lane) {
  commit.at = mark_.at;
  commit.tick = true;
  commit.atomicity = twin::Atomicity::each;
  commit.puts.push_back({store::Table::feed, "replay", mark_.encode()});
  std::uint64_t rows = 0;
  FeedCounters counts;
  if (lane) {
    // The row that was read ahead belongs to a later commit.
    rows = lane->feed->rows() - lane->has_head;
    counts = lane->feed->counts();
    counts.read -= lane->has_head;
    counts.accepted -= lane->has_head;
    counts.newest = lane->newest;
    base::ByteWriter position;
    position.varint(rows);
    counts.save(position);
    commit.puts.push_back({store::Table::feed, "position/" + lane->mapping->name, position.take()});
    if (lane->commits++ % kKeepRejectsEvery == 0 || lane->ended) {
      commit.puts.push_back({store::Table::feed, "rejects/" + lane->mapping->name, lane->stats->save_rejects()});
    }
  }
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return in_flight_ < options_.in_flight_max || !refusal_.empty(); });
    if (!refusal_.empty()) return;  // recover() reads these rows again
    ++in_flight_;
    commit.chain = chain_;
  }
  sink_.submit(std::move(commit), [this, lane, rows, counts, mark = mark_](const twin::CommitResult& result) {
    settle(lane, result, rows, counts, mark);
  });
}

void Replay::settle(Lane* lane, const twin::CommitResult& result, std::uint64_t rows, const FeedCounters& counts,
                    const Mark& mark) {
  if (result.status && lane) {
    if (!lane->ended) lane->stats->set(counts);
    lane->stats->seen(world_.wall.now());
  }
  const std::lock_guard lock(mutex_);
  --in_flight_;
  if (result.status) {
    durable_ = mark;
    back_off_ = kBackOffLeast;
    if (lane) {
      lane->durable_rows = rows;
      lane->durable_counts = counts;
    }
  } else if (refusal_.empty()) {
    refusal_ = result.status.error().message;
  }
  changed_.notify_all();  // inside the lock: whoever waits may destroy this as soon as the lock is free
}

void Replay::drain() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return in_flight_ == 0; });
}

std::string Replay::refusal() {
  const std::lock_guard lock(mutex_);
  return refusal_;
}

void Replay::refuse(const base::Error& error) {
  const std::lock_guard lock(mutex_);
  refusal_ = error.message;
}

// After the disk has refused a commit: as after a crash, from the last commit that is durable.
bool Replay::recover() {
  drain();
  const std::string why = refusal();
  base::log_error("the replay waits, as its readings cannot be stored: {}", why);
  tell_state(FeedState::failed, why);
  Duration wait;
  {
    const std::lock_guard lock(mutex_);
    wait = back_off_;
    back_off_ = std::min(2 * back_off_, kBackOffMost);
  }
  for (Duration slept{}; slept < wait && !stopping_; slept += kNap) sleep(kNap);
  if (stopping_) return false;
  {
    const std::lock_guard lock(mutex_);
    refusal_.clear();
    chain_ = std::make_shared<std::atomic<bool>>(false);
    mark_ = durable_;
    at_us_ = base::to_us(mark_.at);
    anchored_ = false;
  }
  for (const auto& lane : lanes_) open_lane(*lane);
  tell_state(paused_ ? FeedState::paused : FeedState::running);
  return true;
}

bool Replay::finish() {
  drain();
  if (!refusal().empty()) return recover();
  for (const auto& lane : lanes_) {
    if (lane->feed) lane->stats->set(lane->feed->counts());
  }
  finished_ = true;
  tell_progress();
  base::log_info("the replay is done: {} readings, the city stands at {}", rows(), base::format_time(now()));
  return false;
}

}  // namespace cityloop::sense
