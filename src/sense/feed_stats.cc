#include "sense/feed_stats.h"

namespace cityloop::sense {

using base::Instant;
using base::kNever;

void FeedCounters::add(const FeedCounters& more) {
  read += more.read;
  accepted += more.accepted;
  for (std::size_t i = 0; i < kReasons; ++i) rejected[i] += more.rejected[i];
  newest = std::max(newest, more.newest);
}

void FeedCounters::save(base::ByteWriter& out) const {
  out.varint(read);
  out.varint(accepted);
  out.svarint(base::to_us(newest));
  std::uint64_t present = 0;
  for (const std::uint64_t n : rejected) present += n != 0;
  out.varint(present);
  for (std::size_t i = 0; i < kReasons; ++i) {
    if (!rejected[i]) continue;
    out.text(to_string(Reason(i)));
    out.varint(rejected[i]);
  }
}

FeedCounters FeedCounters::load(base::ByteReader& in) {
  FeedCounters out;
  out.read = in.varint();
  out.accepted = in.varint();
  out.newest = base::from_us(in.svarint());
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    const auto reason = reason_from(in.text());
    const std::uint64_t count = in.varint();
    if (reason) out.rejected[std::size_t(*reason)] = count;
  }
  return out;
}

std::string cut_row(std::string_view row) {
  if (row.size() <= kRejectRowBytes) return std::string(row);
  std::size_t end = kRejectRowBytes;
  while (end > 0 && (std::uint8_t(row[end]) & 0xc0) == 0x80) --end;
  return std::string(row.substr(0, end));
}

void RejectRing::drop_oldest_of(Reason reason) {
  for (auto it = kept_.begin(); it != kept_.end(); ++it) {
    if (it->reason != reason) continue;
    --counts_[std::size_t(reason)];
    kept_.erase(it);
    return;
  }
}

void RejectRing::add(Reject reject) {
  std::size_t& count = counts_[std::size_t(reject.reason)];
  if (count >= kRejectsKeptOfOneReason) drop_oldest_of(reject.reason);
  else if (kept_.size() >= kRejectsKept) drop_oldest_of(kept_.front().reason);
  ++count;
  kept_.push_back(std::move(reject));
}

std::vector<Reject> RejectRing::newest_first(std::optional<Reason> only) const {
  std::vector<Reject> out;
  for (auto it = kept_.rbegin(); it != kept_.rend(); ++it) {
    if (!only || it->reason == *only) out.push_back(*it);
  }
  return out;
}

std::string RejectRing::save() const {
  base::ByteWriter out;
  out.varint(kept_.size());
  for (const Reject& reject : kept_) {
    out.svarint(base::to_us(reject.at));
    out.text(to_string(reject.reason));
    out.text(reject.detail);
    out.text(reject.row);
    out.varint(reject.line);
  }
  return out.take();
}

void RejectRing::load(std::string_view bytes) {
  base::ByteReader in(bytes);
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    Reject reject;
    reject.at = base::from_us(in.svarint());
    const auto reason = reason_from(in.text());
    reject.detail = in.text();
    reject.row = in.text();
    reject.line = in.varint();
    if (!reason || !in.ok()) continue;
    reject.reason = *reason;
    add(std::move(reject));
  }
}

std::string_view to_string(FeedKind kind) {
  constexpr std::string_view kNames[] = {"mqtt", "http", "file"};
  return kNames[std::size_t(kind)];
}

std::string_view to_string(FeedState state) {
  constexpr std::string_view kNames[] = {"running", "paused", "done", "failed", "disconnected"};
  return kNames[std::size_t(state)];
}

namespace {

void write_optional(base::JsonWriter& out, std::string_view key, std::optional<double> value) {
  out.key(key);
  if (value) out.number(*value);
  else out.null();
}

}  // namespace

void FeedSnapshot::write(base::JsonWriter& out) const {
  out.object().field("name", name).field("kind", to_string(kind));
  out.key("title").object().field("zh", title.zh).field("en", title.en).end();
  out.field("state", to_string(state)).field("read", counts.read).field("accepted", counts.accepted);
  out.key("rejected").array();
  for (std::size_t i = 0; i < kReasons; ++i) {
    if (!counts.rejected[i]) continue;
    const flow::Bilingual& text = text_of(Reason(i));
    out.object().field("reason", to_string(Reason(i))).field("count", counts.rejected[i]);
    out.key("text").object().field("zh", text.zh).field("en", text.en).end().end();
  }
  out.end();
  write_optional(out, "lagS", lag ? std::optional(double(lag->count()) / 1e6) : std::nullopt);
  out.key("lastSeen");
  if (last_seen == kNever) out.null();
  else out.text(base::format_time(last_seen));
  write_optional(out, "progress", progress);
  write_optional(out, "speed", speed);
  out.key("error");
  if (error.empty()) out.null();
  else out.text(error);
  out.end();
}

void write(base::JsonWriter& out, const Reject& reject) {
  out.object().field("at", base::format_time(reject.at)).field("reason", to_string(reject.reason));
  out.field("detail", reject.detail).field("row", reject.row).key("line");
  if (reject.line) out.integer(std::int64_t(reject.line));
  else out.null();
  out.end();
}

FeedStats::FeedStats(std::string name, FeedKind kind, flow::Bilingual title)
    : name_(std::move(name)), kind_(kind), title_(std::move(title)) {}

void FeedStats::add(const FeedCounters& more) {
  const std::lock_guard lock(mutex_);
  counts_.add(more);
}

void FeedStats::set(const FeedCounters& total) {
  const std::lock_guard lock(mutex_);
  counts_ = total;
}

void FeedStats::reject(Reject reject) {
  const std::lock_guard lock(mutex_);
  ring_.add(std::move(reject));
}

void FeedStats::seen(Instant wall_now) {
  const std::lock_guard lock(mutex_);
  last_seen_ = std::max(last_seen_, wall_now);
}

void FeedStats::set_state(FeedState state, std::string error) {
  const std::lock_guard lock(mutex_);
  state_ = state;
  error_ = std::move(error);
}

void FeedStats::set_progress(double progress) {
  const std::lock_guard lock(mutex_);
  progress_ = progress;
}

void FeedStats::set_speed(double speed) {
  const std::lock_guard lock(mutex_);
  speed_ = speed;
}

void FeedStats::count_batch(std::size_t accepted, std::span<const base::Error> refused, Instant wall_now) {
  const std::lock_guard lock(mutex_);
  counts_.read += accepted + refused.size();
  counts_.accepted += accepted;
  for (const base::Error& error : refused) {
    counts_.refuse(Reason::refused);
    ring_.add({wall_now, Reason::refused, error.message, {}, 0});
  }
  last_seen_ = std::max(last_seen_, wall_now);
}

FeedSnapshot FeedStats::snapshot(Instant city_now) const {
  const std::lock_guard lock(mutex_);
  FeedSnapshot out{name_, title_, kind_, state_, counts_, std::nullopt, last_seen_, progress_, speed_, error_};
  if (counts_.newest != kNever && city_now != kNever) out.lag = city_now - counts_.newest;
  return out;
}

std::vector<Reject> FeedStats::rejects(std::optional<Reason> only) const {
  const std::lock_guard lock(mutex_);
  return ring_.newest_first(only);
}

std::string FeedStats::save_rejects() const {
  const std::lock_guard lock(mutex_);
  return ring_.save();
}

void FeedStats::load_rejects(std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  ring_ = {};
  ring_.load(bytes);
}

FeedStats& FeedBoard::add(std::string name, FeedKind kind, flow::Bilingual title) {
  const std::lock_guard lock(mutex_);
  auto& slot = feeds_[name];
  if (!slot) slot = std::make_unique<FeedStats>(std::move(name), kind, std::move(title));
  return *slot;
}

FeedStats* FeedBoard::find(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto found = feeds_.find(name);
  return found == feeds_.end() ? nullptr : found->second.get();
}

std::vector<FeedSnapshot> FeedBoard::all(Instant city_now) const {
  const std::lock_guard lock(mutex_);
  std::vector<FeedSnapshot> out;
  for (const auto& [name, feed] : feeds_) out.push_back(feed->snapshot(city_now));
  return out;
}

std::string FeedBoard::json(Instant city_now) const {
  base::JsonWriter out;
  out.array();
  for (const FeedSnapshot& feed : all(city_now)) feed.write(out);
  out.end();
  return out.take();
}

}  // namespace cityloop::sense
