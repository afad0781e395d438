// What a replay reads, and where it stands.
#include <algorithm>

#include "base/log.h"
#include "sense/replay.h"

namespace cityloop::sense {

using base::Errc;
using base::fail;
using base::Instant;
using base::kNever;
using base::Status;

std::string Replay::Mark::encode() const {
  base::ByteWriter out;
  out.svarint(base::to_us(at));
  out.svarint(base::to_us(gap_since));
  return out.take();
}

base::Result<std::unique_ptr<Replay>> Replay::open(std::vector<MappingPtr> mappings, Folders folders, Sink& sink,
                                                   FeedBoard& board, ReplayWorld world, ReplayOptions options) {
  std::unique_ptr<Replay> out(new Replay(std::move(folders), sink, board, std::move(world), options));
  TRY(out->set_speed(options.speed));
  TRY(out->load(std::move(mappings)));
  return out;
}

Status Replay::load(std::vector<MappingPtr> mappings) {
  std::sort(mappings.begin(), mappings.end(), [](const auto& a, const auto& b) { return a->name < b->name; });
  for (const MappingPtr& mapping : mappings) TRY(load_feed(mapping));
  if (lanes_.empty())
    return fail(Errc::not_found, "none of the {} feeds reads a file: nothing to replay", mappings.size());
  TRY(load_positions());
  for (const auto& lane : lanes_) open_lane(*lane);
  if (mark_.at != kNever) world_.city.advance_to(mark_.at);
  else if (const Lane* first = earliest()) world_.city.advance_to(first->head.at);
  tell_progress();
  return {};
}

// The tables of a mapping of any kind, and a lane for one that reads a file.
Status Replay::load_feed(MappingPtr mapping) {
  auto tables = load_tables(*mapping, folders_);
  FeedStats* stats = nullptr;
  if (mapping->kind != SourceKind::mqtt) stats = &board_.add(mapping->name, FeedKind::file, mapping->title);
  if (!tables) {
    base::log_error("feed '{}' is left out: {}", mapping->name, tables.error().message);
    if (stats) stats->set_state(FeedState::failed, tables.error().message);
    return {};
  }
  if (mapping->kind == SourceKind::table) {
    stats->set(tables->counts);
    stats->set_state(FeedState::done);
  }
  for (Reject reject : tables->rejects) {
    reject.at = world_.wall.now();
    if (stats) stats->reject(std::move(reject));
  }
  if (!tables_.emplace(mapping->name, std::move(*tables)).second) {
    return fail(Errc::invalid, "{}: another feed has the name '{}' too", mapping->path, mapping->name);
  }
  if (mapping->kind != SourceKind::file) return {};
  auto lane = std::make_unique<Lane>();
  lane->mapping = std::move(mapping);
  lane->stats = stats;
  lanes_.push_back(std::move(lane));
  return {};
}

Status Replay::load_positions() {
  if (const auto stored = TRY(sink_.load("replay"))) {
    base::ByteReader in(*stored);
    durable_.at = base::from_us(in.svarint());
    durable_.gap_since = base::from_us(in.svarint());
    if (!in.ok()) return fail(Errc::corrupt, "the replay's stored position is damaged");
    mark_ = durable_;
    at_us_ = base::to_us(mark_.at);
  }
  for (const auto& lane : lanes_) {
    const std::string& name = lane->mapping->name;
    if (const auto stored = TRY(sink_.load("position/" + name))) {
      base::ByteReader in(*stored);
      lane->durable_rows = in.varint();
      lane->durable_counts = FeedCounters::load(in);
      if (!in.ok()) return fail(Errc::corrupt, "the stored position of feed '{}' is damaged", name);
    }
    if (const auto stored = TRY(sink_.load("rejects/" + name))) lane->stats->load_rejects(*stored);
  }
  return {};
}

// From what is durable; also after the disk has refused a commit.
void Replay::open_lane(Lane& lane) {
  lane.has_head = false;
  lane.pending.clear();
  lane.pending_rows = 0;
  lane.ended = false;
  lane.newest = lane.durable_counts.newest;
  const auto failed = [&](const base::Error& error) {
    lane.feed.reset();
    lane.ended = true;
    base::log_error("feed '{}' cannot be read: {}", lane.mapping->name, error.message);
    lane.stats->set_state(FeedState::failed, error.message);
  };
  const KnownIds& known = tables_.at(lane.mapping->name).known;
  auto feed = FileFeed::open(lane.mapping, folders_, known, world_.wall.now() + lane.mapping->future_max);
  if (!feed) return failed(feed.error());
  if (const auto resumed = (*feed)->resume(lane.durable_rows, lane.durable_counts); !resumed) {
    return failed(resumed.error());
  }
  lane.feed = std::move(*feed);
  lane.feed->on_reject([this, &lane](Reject reject) {
    reject.at = world_.wall.now();
    lane.stats->reject(std::move(reject));
  });
  lane.stats->set_speed(speed_);
  std::error_code ignored;
  if (const auto path = folders_.find(lane.mapping->rows.file)) {
    lane.bytes = double(std::filesystem::file_size(*path, ignored)) + 1;
  }
  lane.stats->set(lane.durable_counts);
  pull(lane);
}

Status Replay::write_statics(Instant at) {
  for (const auto& [name, tables] : tables_) TRY(write_tables(tables, sink_, at));
  statics_written_ = true;
  return {};
}

void Replay::pull(Lane& lane) {
  lane.has_head = lane.feed->next(lane.head);
  if (lane.has_head) return;
  lane.ended = true;
  lane.stats->set(lane.feed->counts());
  const std::string& error = lane.feed->error();
  if (!error.empty())
    base::log_error("feed '{}' stops after {} rows: {}", lane.mapping->name, lane.feed->rows(), error);
  lane.stats->set_state(error.empty() ? FeedState::done : FeedState::failed, error);
}

void Replay::commit_lane(Lane& lane) {
  twin::Commit commit;
  commit.writes = std::move(lane.pending);
  commit.origin = flow::Name("feed:" + lane.mapping->name);
  const std::size_t like_this = commit.writes.size();
  lane.pending = {};
  lane.pending.reserve(like_this);
  lane.pending_rows = 0;
  submit(std::move(commit), &lane);
}

void Replay::tell_progress() {
  double done = 0, all = 0;
  for (const auto& lane : lanes_) {
    const double progress = lane->ended || !lane->feed ? 1 : lane->feed->progress();
    lane->stats->set_progress(progress);
    done += lane->bytes * progress;
    all += lane->bytes;
  }
  progress_ = all == 0 ? 1 : done / all;
}

// Of the feeds that are still being read: one that is done or has failed stays so.
void Replay::tell_state(FeedState state, const std::string& error) {
  for (const auto& lane : lanes_) {
    if (!lane->ended) lane->stats->set_state(state, error);
  }
}

}  // namespace cityloop::sense
