#include "twin/history/history.h"

#include <algorithm>

#include "base/log.h"
#include "flow/own_types.h"

namespace cityloop::twin {
namespace {

using flow::EntityId;
using flow::Instant;
using flow::Name;
using history::Editor;
using history::OpenEntity;
using history::OpenSeries;
using store::Table;

constexpr std::uint8_t kChunksMax = 32;       // of an entity, before they are merged
constexpr std::size_t kChunkItemsMax = 4096;  // more are merged at once
constexpr std::size_t kCounters = 1 << 20;
constexpr std::size_t kExpireAtOnce = 500;  // entities looked at with each checkpoint

// What a thing takes in memory, about.
constexpr std::size_t kEntityBytes = 400, kSeriesBytes = 160, kInstanceBytes = 320;

std::size_t bytes_of(const flow::Attribute& attribute) {
  std::size_t bytes = kInstanceBytes;
  if (const auto* text = std::get_if<flow::Text>(&attribute.value)) bytes += text->size();
  if (const auto* json = std::get_if<flow::Json>(&attribute.value)) bytes += json->text.size();
  for (const flow::Attribute& sub : attribute.subs) bytes += bytes_of(sub);
  return bytes;
}

void stamp(flow::Attribute& attribute, Instant created, Instant modified) {
  attribute.created_at = created;
  attribute.modified_at = modified;
  for (flow::Attribute& sub : attribute.subs) stamp(sub, created, modified);
}

std::string done_bytes(std::pair<flow::Seq, unsigned> done) {
  base::ByteWriter out;
  out.varint(done.first);
  out.varint(done.second);
  return out.take();
}

std::pair<flow::Seq, unsigned> stored_done(const store::Store& store) {
  const auto bytes = store.get(Table::series, history::done_key());
  if (!bytes || !*bytes) return {0, 0};
  base::ByteReader in(**bytes);
  const flow::Seq seq = in.varint();
  return {seq, unsigned(in.varint())};
}

}  // namespace

History::History(const store::Store& store, HistoryOptions options)
    : store_(store), options_(std::move(options)), chunks_of_(kCounters) {
  done_ = emitted_ = stored_done(store);
  // Else all entities of a city that began at once would be merged at once.
  for (std::size_t i = 0; i < chunks_of_.size(); ++i)
    chunks_of_[i] = std::uint8_t(std::uint32_t(i) * 0x9e3779b1u >> 27);
}

void History::on_record(const flow::LogRecord& record, Outbox& outbox) {
  at_seq_ = record.seq;
  if (record.seq > done_.first) {
    forget_written();
    for (const flow::Change& change : record.changes) {
      if (is_temporal_write(change)) take_wish(change, record.at, outbox);
      else if (flow::has_own_type(change.types) && !change.is_a(flow::kIndicatorValueType)) continue;
      else if (change.kind == flow::ChangeKind::erased) take_erased(change, record.at);
      else take_change(change, record.at);
    }
    if (open_bytes_ >= options_.open_bytes_max) flush(outbox);
  }
  tell_seen(record);
}

void History::tell_seen(const flow::LogRecord& record) {
  std::vector<std::function<void()>> ready;
  {
    const std::lock_guard lock(mutex_);
    seen_ = record.seq;
    now_ = std::max(now_, record.at);
    const auto end = waiting_.upper_bound(seen_);
    for (auto it = waiting_.begin(); it != end; ++it) ready.push_back(std::move(it->second));
    waiting_.erase(waiting_.begin(), end);
  }
  seen_more_.notify_all();
  for (const auto& call : ready) call();
}

void History::when_seen(flow::Seq seq, std::function<void()> call) {
  {
    const std::lock_guard lock(mutex_);
    if (seen_ < seq) {
      waiting_.emplace(seq, std::move(call));
      return;
    }
  }
  call();
}

bool History::wait_seen(flow::Seq seq, base::Duration at_most) const {
  std::unique_lock lock(mutex_);
  return seen_more_.wait_for(lock, at_most, [&] { return seen_ >= seq; });
}

void History::count(std::uint64_t Stats::* what) {
  const std::lock_guard lock(mutex_);
  ++(stats_.*what);
}

OpenEntity& History::open(EntityId entity) {
  const auto [found, added] = open_.try_emplace(entity);
  if (added) open_bytes_ += kEntityBytes;
  return found->second;
}

void History::add(OpenEntity& entity, Instance instance) {
  const std::size_t known = entity.series.size();
  OpenSeries& series = entity.find(instance.attribute.name, instance.attribute.dataset_id);
  if (entity.series.size() > known) open_bytes_ += kSeriesBytes;
  series.deleted = instance.deleted_at != flow::kNever;
  if (const auto point = as_point(instance)) {
    series.points.push_back(*point);
    open_bytes_ += sizeof(Point);
    ++stats_.points;
    return;
  }
  open_bytes_ += bytes_of(instance.attribute);
  series.instances.push_back(std::move(instance));
  ++stats_.instances;
}

void History::take_change(const flow::Change& change, Instant at) {
  const std::lock_guard lock(mutex_);
  OpenEntity& mine = open(change.entity);
  if (mine.frame.types != change.types) mine.frame.types = change.types;
  if (mine.frame.scopes != change.scopes) mine.frame.scopes = change.scopes;
  if (change.kind == flow::ChangeKind::created) mine.frame.created_at = at;
  mine.frame.modified_at = at;
  mine.frame.deleted_at = flow::kNever;
  for (const flow::AttributeChange& told : change.attributes) {
    add(mine, told.removed ? deletion(told.now, at) : Instance{told.now, flow::kNever, {}});
  }
  index(change.entity, change.types);
}

// All attributes that were there go with their entity.
void History::take_erased(const flow::Change& change, Instant at) {
  EvolutionQuery newest;
  newest.newest = 1;
  const auto evolution = entity(change.entity.text(), newest);
  if (!evolution) base::log_error("history of '{}': {}", change.entity.text(), evolution.error().message);
  const std::lock_guard lock(mutex_);
  OpenEntity& mine = open(change.entity);
  mine.frame.types = change.types;
  mine.frame.scopes = change.scopes;
  mine.frame.modified_at = mine.frame.deleted_at = at;
  index(change.entity, change.types);
  if (!evolution || !*evolution) return;
  for (const SeriesEvolution& series : (*evolution)->series) {
    std::optional<Instance> last;
    if (!series.points.empty()) last = as_instance(series.points.back(), series.attribute, series.dataset);
    if (!series.instances.empty() && (!last || !before(series.instances.back(), *last))) last = series.instances.back();
    if (last && last->deleted_at == flow::kNever) add(mine, deletion(last->attribute, at));
  }
}

void History::index(EntityId entity, flow::NameList types, bool present) {
  if (entity.number() >= indexed_.size()) indexed_.resize(std::size_t(entity.number()) * 5 / 4 + 1024);
  flow::NameList& known = indexed_[entity.number()];
  if (known == types && present) return;
  known = present ? types : flow::NameList{};
  const auto set = [&](Name type) { staged_index_.set(history::type_key(type, entity.text()), present); };
  set(Name{});
  for (const Name type : types) set(type);
}

void History::take_wish(const flow::Change& change, Instant at, Outbox& outbox) {
  const auto wish = temporal_write_from(change);
  if (!wish) {
    base::log_error("record {}: {}", at_seq_, wish.error().message);
    count(&Stats::skipped);
    return;
  }
  if (wish->operation == TemporalOperation::add) take_instances(*wish, at);
  else edit(*wish, at, outbox);
}

void History::take_instances(const TemporalWrite& wish, Instant at) {
  const std::lock_guard lock(mutex_);
  OpenEntity& mine = open(wish.entity);
  if (!wish.types.empty()) {
    mine.frame.types = wish.types;
    mine.frame.scopes = wish.scopes;
    index(wish.entity, wish.types);
  }
  if (mine.frame.created_at == flow::kNever) mine.frame.created_at = at;
  mine.frame.modified_at = at;
  for (const flow::Attribute& given : wish.instances) {
    Instance instance{given, flow::kNever, {}};
    stamp(instance.attribute, at, at);
    add(mine, std::move(instance));
  }
}

// An edit finds everything in runs, and all that came before it goes to the tables with it: a replay begins behind it.
void History::edit(const TemporalWrite& wish, Instant at, Outbox& outbox) {
  OpenEntity mine;
  if (const auto found = open_.find(wish.entity); found != open_.end()) mine = found->second;
  Editor editor(wish.entity.text(), view(wish.entity));
  base::Status done = editor.merge(mine);
  if (done) done = edit(editor, wish, at);
  if (!done) {
    base::log_warn("record {}: {}", at_seq_, done.error().message);
    count(&Stats::skipped);
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    open_.erase(wish.entity);
    if (wish.operation == TemporalOperation::erase_entity) index(wish.entity, wish.types, false);
  }
  stage(wish.entity, editor);
  for (const auto& [entity, open] : open_) write(entity, open);
  emit(outbox);
}

base::Status History::edit(Editor& editor, const TemporalWrite& wish, Instant at) {
  if (wish.operation == TemporalOperation::erase_entity) return editor.erase_all();
  if (wish.operation == TemporalOperation::erase_attribute) {
    const history::Head head = TRY(editor.head());
    for (const history::SeriesInfo& series : head.series) {
      const bool meant = series.attribute == wish.attribute && (wish.every_dataset || series.dataset == wish.dataset);
      if (meant) TRY(editor.erase_series(series.attribute, series.dataset));
    }
  } else {
    const Instance old = TRY(editor.take_out(wish.attribute, wish.instance_id));
    if (wish.operation == TemporalOperation::replace_instance && !wish.instances.empty()) {
      Instance next{wish.instances.front(), flow::kNever, wish.instance_id};
      next.attribute.name = wish.attribute;
      next.attribute.dataset_id = old.attribute.dataset_id;
      stamp(next.attribute, old.attribute.created_at, at);
      TRY(editor.add(wish.attribute, old.attribute.dataset_id, {std::move(next)}));
    }
  }
  history::Head head = TRY(editor.head());
  head.frame.modified_at = std::max(head.frame.modified_at, at);
  return editor.save(head);
}

history::View History::view(EntityId entity) const {
  const auto edits = unwritten_.find(entity);
  return {store_, edits == unwritten_.end() ? history::Edits{} : edits->second};
}

void History::stage(EntityId entity, const Editor& editor) {
  for (const auto& [key, value] : editor.edits()) staged_.emplace_back(entity, key, value);
}

void History::write(EntityId entity, const OpenEntity& open) {
  std::uint8_t& chunks = chunks_of_[entity.number() % kCounters];
  // What is new has no other chunk yet; its count begins somewhere, so that not all of a day's are merged at once.
  if (open.frame.created_at != flow::kNever) chunks %= kChunksMax / 2;
  if (++chunks >= kChunksMax || open.count() >= kChunkItemsMax) {
    Editor editor(entity.text(), view(entity));
    if (const auto merged = editor.merge(open); merged) {
      stage(entity, editor);
      chunks = 0;
      count(&Stats::merges);
      return;
    } else {
      base::log_error("history of '{}' stays in chunks: {}", entity.text(), merged.error().message);
    }
  }
  const unsigned nth = emitted_.first == at_seq_ ? emitted_.second + 1 : 0;
  staged_.emplace_back(entity, history::chunk_key(entity.text(), at_seq_, nth), history::encode_chunk(open));
  count(&Stats::chunks);
}

void History::flush(Outbox& outbox) {
  if (open_.empty() && staged_.empty() && staged_index_.empty() && emitted_ <= done_) return;
  for (const auto& [entity, open] : open_) write(entity, open);
  emit(outbox);
}

void History::emit(Outbox& outbox) {
  const auto tell = [&](const std::string& key, const std::optional<std::string>& value) {
    if (value) outbox.puts.push_back({Table::series, key, *value});
    else outbox.puts.push_back({Table::series, key, {}, TableOp::erase});
  };
  const auto tell_index = [&](const auto& entries) {
    for (const auto& [key, present] : entries) {
      tell(key, present ? std::optional<std::string>("") : std::nullopt);
    }
  };
  forget_written();
  const std::lock_guard lock(mutex_);
  // What the disk may have refused is told again before what follows it.
  for (const auto& [entity, edits] : unwritten_) {
    for (const auto& [key, value] : edits) tell(key, value);
  }
  unwritten_index_.take(std::move(staged_index_));
  tell_index(unwritten_index_.entries());
  for (auto& [entity, key, value] : staged_) {
    tell(key, value);
    unwritten_[entity][key] = std::move(value);
  }
  emitted_ = {at_seq_, emitted_.first == at_seq_ ? emitted_.second + 1 : 0};
  outbox.puts.push_back({Table::series, history::done_key(), done_bytes(emitted_)});
  staged_.clear();
  open_.clear();
  open_bytes_ = 0;
  ++generation_;
  ++stats_.flushes;
}

void History::forget_written() {
  if (emitted_ <= done_) return;
  done_ = std::max(done_, stored_done(store_));
  if (emitted_ > done_) return;
  const std::lock_guard lock(mutex_);
  unwritten_.clear();
  unwritten_index_.clear();
}

void History::before_checkpoint(Outbox& outbox) {
  forget_written();
  expire(outbox);
  flush(outbox);
}

base::Status History::begin_again() {
  const std::lock_guard lock(mutex_);
  open_.clear();
  open_bytes_ = 0;
  unwritten_.clear();
  unwritten_index_.clear();
  staged_.clear();
  staged_index_.clear();
  indexed_.clear();
  done_ = emitted_ = stored_done(store_);
  ++generation_;
  return {};
}

History::Stats History::stats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

Instant History::oldest_kept(const std::vector<Name>& types, Instant now) const {
  if (now == flow::kNever) return flow::kNever;
  std::optional<base::Duration> longest;
  for (const Name type : types) {
    const auto found = options_.keep.types.find(std::string(type.text()));
    const base::Duration mine = found == options_.keep.types.end() ? options_.keep.otherwise : found->second;
    if (mine == base::Duration::zero()) return flow::kNever;
    longest = std::max(longest.value_or(mine), mine);
  }
  return longest ? now - *longest : flow::kNever;
}

void History::expire(Outbox& outbox) {
  if (options_.keep.keeps_all()) return;
  std::vector<std::string> urns;
  const auto listed = each(Name{}, expired_, [&](const std::string& urn) {
    urns.push_back(urn);
    return urns.size() < kExpireAtOnce;
  });
  expired_ = listed && urns.size() == kExpireAtOnce ? urns.back() : std::string{};
  for (const std::string& urn : urns) {
    if (const auto done = expire(urn, outbox); !done) base::log_error("history of '{}': {}", urn, done.error().message);
  }
}

// Runs go whole, once their last instance is too old. What is still in chunks is merged first when all of it is.
base::Status History::expire(const std::string& urn, Outbox& outbox) {
  const EntityId entity(urn);
  if (open_.contains(entity)) return {};
  const auto known = TRY(head(urn));
  if (!known) return {};
  const Instant oldest = oldest_kept(known->frame.types, now_);
  if (oldest == flow::kNever) return {};
  Editor editor(urn, view(entity));
  if (known->frame.deleted_at != flow::kNever && known->frame.deleted_at < oldest) {
    TRY(editor.erase_all());
    stage(entity, editor);
    const std::lock_guard lock(mutex_);
    index(entity, known->frame.types, false);
    return {};
  }
  if (known->frame.modified_at < oldest) {
    TRY(editor.merge({}));
    stage(entity, editor);
  }
  for (const history::SeriesInfo& series : known->series) {
    for (const history::Lane lane : {history::Lane::points, history::Lane::instances}) {
      const std::string prefix = history::lane_prefix(urn, series.attribute, series.dataset, lane);
      const std::string end = history::run_key(prefix, oldest, flow::kNever);
      bool some = false;
      TRY(store_.scan(Table::series, prefix, end, [&](auto, auto) { return !(some = true); }));
      if (some) outbox.puts.push_back({Table::series, prefix, end, TableOp::erase_range});
    }
  }
  return {};
}

}  // namespace cityloop::twin
