#include "sense/mqtt_feed.h"

#include "base/log.h"

namespace cityloop::sense {

using base::Instant;
using base::kNever;

MqttFeed::MqttFeed(MappingPtr mapping, Sink& sink, FeedStats& stats, const base::Clock& city, const base::Clock& wall)
    : mapping_(std::move(mapping)), sink_(sink), stats_(stats), city_(city), wall_(wall) {}

base::Result<std::unique_ptr<MqttFeed>> MqttFeed::open(MappingPtr mapping, const Folders& folders, Sink& sink,
                                                       FeedStats& stats, const base::Clock& city,
                                                       const base::Clock& wall) {
  if (mapping->kind != SourceKind::mqtt) {
    return base::fail(base::Errc::invalid, "the feed '{}' does not come by MQTT", mapping->name);
  }
  std::unique_ptr<MqttFeed> out(new MqttFeed(std::move(mapping), sink, stats, city, wall));
  if (const auto loaded = out->load(folders); !loaded) {
    stats.set_state(FeedState::failed, loaded.error().message);
    return std::unexpected(loaded.error());
  }
  return out;
}

base::Status MqttFeed::load(const Folders& folders) {
  tables_ = TRY(load_tables(*mapping_, folders));
  for (const EntityMap& entity : mapping_->entities) {
    mappers_.emplace_back(entity, mapping_->zone, &tables_.known, mapping_->entities_max);
  }
  if (const auto stored = TRY(sink_.load("counts/" + mapping_->name))) {
    base::ByteReader in(*stored);
    total_ = FeedCounters::load(in);
    if (!in.ok()) total_ = {};  // counts only: not worth refusing to start
  }
  stats_.set(total_);
  for (Reject reject : tables_.rejects) {
    reject.at = wall_.now();
    stats_.reject(std::move(reject));
  }
  return write_tables(tables_, sink_, kNever);
}

void MqttFeed::tell_link(bool connected, std::string_view last_error) {
  if (connected) stats_.set_state(FeedState::running);
  else stats_.set_state(FeedState::disconnected, std::string(last_error));
}

void MqttFeed::refuse(Batch& batch, const net::MqttMessage& message, Refusal why) const {
  batch.counts.refuse(why.reason);
  if (by_wish(why.reason)) return;
  // Enough of a payload to be recognised, without carrying a megabyte along.
  const std::string_view payload = std::string_view(message.payload).substr(0, kRejectRowBytes);
  batch.rejects.push_back(
      {wall_.now(), why.reason, std::move(why.detail), cut_row(fmt::format("{} {}", message.topic, payload)), 0});
}

// Every reading of the payload through one block. Each is counted for itself: a bad one does not take the good with it.
bool MqttFeed::read_block(RowMapper& mapper, const net::MqttMessage& message, std::span<const std::string_view> parts,
                          const TimeBounds& bounds, Batch& batch) {
  Refusal why;
  const auto& inputs = mapper.entity().inputs;
  const int readings = json_.parse(message.payload, why);
  if (readings < 0) {
    ++batch.counts.read;
    refuse(batch, message, std::move(why));
    return false;
  }
  for (int i = 0; i < readings; ++i) {
    ++batch.counts.read;
    fields_.clear();
    for (const std::string_view part : parts) fields_.push_back(Field::of_text(part));
    json_.fields(i, std::span(inputs).subspan(parts.size()), json_fields_);
    fields_.insert(fields_.end(), json_fields_.begin(), json_fields_.end());
    Instant at = kNever;
    flow::Write& write = batch.writes.emplace_back();
    if (mapper.map(fields_, bounds, write, at, why)) {
      batch.counts.accept(at);
      continue;
    }
    batch.writes.pop_back();
    refuse(batch, message, std::move(why));
  }
  return true;
}

void MqttFeed::read(const net::MqttMessage& message, Batch& batch) {
  const auto refuse_whole = [&](Reason reason, std::string detail) {
    ++batch.counts.read;
    refuse(batch, message, {reason, std::move(detail)});
  };
  if (message.payload.size() > kPayloadMax) {
    return refuse_whole(Reason::too_long, fmt::format("{} bytes; {} are taken", message.payload.size(), kPayloadMax));
  }
  const TimeBounds bounds{.not_before = mapping_->not_before,
                          .not_after = city_.now() + mapping_->future_max,
                          .from = mapping_->from,
                          .to = mapping_->to,
                          .arrival = city_.now()};
  bool matched = false;
  for (RowMapper& mapper : mappers_) {
    if (!mapper.entity().topic->match(message.topic, parts_)) continue;
    matched = true;
    if (!read_block(mapper, message, parts_, bounds, batch)) return;
  }
  if (!matched) refuse_whole(Reason::bad_topic, fmt::format("no block names the topic '{}'", cut_text(message.topic)));
}

bool MqttFeed::store(Batch&& batch) {
  FeedCounters total = total_;
  total.add(batch.counts);
  twin::Commit commit;
  commit.writes = std::move(batch.writes);
  commit.origin = flow::Name("feed:" + mapping_->name);
  commit.atomicity = twin::Atomicity::each;
  base::ByteWriter counts;
  total.save(counts);
  commit.puts.push_back({store::Table::feed, "counts/" + mapping_->name, counts.take()});
  const twin::CommitResult result = sink_.commit(std::move(commit));
  if (!result.status) {
    stats_.set_state(FeedState::failed, result.status.error().message);
    return false;
  }
  total_ = total;
  stats_.set(total_);
  stats_.seen(wall_.now());
  for (Reject& reject : batch.rejects) stats_.reject(std::move(reject));
  return true;
}

bool MqttFeed::on_messages(const std::vector<net::MqttMessage>& messages) {
  if (messages.empty()) return true;
  Batch batch;
  batch.writes.reserve(messages.size());
  for (const net::MqttMessage& message : messages) read(message, batch);
  return store(std::move(batch));
}

}  // namespace cityloop::sense
