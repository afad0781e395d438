// A twin of a few lines for tests of one loop: writes become changes by twin::apply, records go to the loop, and what
// the loop writes comes back to it as records, as LoopRunner would do it. With `reload`, the loop is taken down to its
// checkpoint and built anew before every record. What a loop keeps row by row must at any time be what it would save
// whole.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "twin/apply.h"
#include "twin/loop.h"
#include "twin/ngsi/ngsi.h"

namespace cityloop::test {

using base::Duration;
using base::Instant;
using flow::EntityId;

inline const Instant kStart = base::parse_time("2026-03-02T08:00:00Z").value();

template <class Loop>
class SmallCity {
 public:
  using Maker = std::function<std::unique_ptr<Loop>()>;
  explicit SmallCity(Maker make, bool reload = false) : make_(std::move(make)), reload_(reload), loop_(make_()) {}

  Loop& loop() { return *loop_; }
  Instant now() const { return now_; }

  void write(std::vector<flow::Write> writes, std::string_view origin = "test") {
    record(std::move(writes), flow::Name(origin));
  }
  // City time goes on in ticks of a second.
  void pass(Duration time) {
    for (const Instant end = now_ + time; now_ < end;) {
      now_ = std::min(now_ + std::chrono::seconds(1), end);
      record({}, {});
    }
  }
  void jump(Duration time) {  // one tick, late
    now_ += time;
    record({}, {});
  }

  flow::EntityPtr get(EntityId id) const {
    const auto found = entities_.find(id.text());
    return found == entities_.end() ? nullptr : found->second;
  }
  std::vector<flow::EntityPtr> all(std::string_view type) const {
    std::vector<flow::EntityPtr> out;
    for (const auto& [id, entity] : entities_) {
      if (entity->is_a(flow::Name(type))) out.push_back(entity);
    }
    return out;
  }
  // All that the loop ever wrote, as text.
  const std::string& written() const { return written_; }

  std::string checkpoint() const {
    base::ByteWriter out;
    loop_->save(out);
    return out.take();
  }
  // The process ends here and starts anew from the checkpoint.
  void restart() {
    const std::string saved = checkpoint();
    loop_ = make_();
    if (loop_->keeps_rows()) {
      for (const auto& [key, value] : rows_.all) {
        base::ByteReader in(value);
        const base::Status loaded = loop_->load_row(key, in);
        ASSERT_TRUE(loaded) << key << ": " << loaded.error().message;
        ASSERT_TRUE(in.ok() && in.at_end()) << key;
      }
    } else {
      base::ByteReader in(saved);
      const base::Status loaded = loop_->load(in);
      ASSERT_TRUE(loaded) << loaded.error().message;
      ASSERT_TRUE(in.at_end());
    }
    ASSERT_TRUE(checkpoint() == saved) << "what was loaded is not what was saved" << different_rows(saved);
  }
  // The keys of rows that are not what a loop that was loaded from the whole state would put.
  std::string different_rows(const std::string& whole) const {
    if (!loop_->keeps_rows()) return {};
    Rows wanted;
    const auto other = make_();
    base::ByteReader in(whole);
    if (!other->load(in)) return ": which cannot be loaded";
    other->save_changed(wanted);
    std::string out;
    for (const auto& [key, value] : wanted.all) {
      const auto mine = rows_.all.find(key);
      if (mine == rows_.all.end()) out += "\nmissing: " + key;
      else if (mine->second != value) out += "\nanother: " + key;
    }
    for (const auto& [key, value] : rows_.all) out += wanted.all.contains(key) ? "" : "\ntoo much: " + key;
    return out;
  }
  // What rows were put in all, and those that are there now.
  struct Rows final : twin::StateRows {
    void put(std::string_view key, std::string value) override {
      ++puts;
      all[std::string(key)] = std::move(value);
    }
    void erase(std::string_view key) override { all.erase(std::string(key)); }
    std::map<std::string, std::string> all;
    std::size_t puts{0};
  };
  const Rows& rows() const { return rows_; }
  // Tables as they are, by the keys of their rows.
  const std::map<std::pair<store::Table, std::string>, std::string>& tables() const { return tables_; }

 private:
  void record(std::vector<flow::Write> writes, flow::Name origin) {
    if (reload_) restart();
    flow::LogRecord record;
    record.seq = ++seq_;
    record.at = now_;
    record.origin = origin;
    bool gone = false;
    for (flow::Write& write : writes) {
      flow::EntityPtr& place = entities_[write.entity.text()];
      auto applied = twin::apply(place, std::move(write), now_);
      ASSERT_TRUE(applied) << applied.error().message;
      place = applied->next;
      gone = gone || !place;
      if (!applied->nothing()) record.changes.push_back(std::move(applied->change));
    }
    if (gone) std::erase_if(entities_, [](const auto& entry) { return !entry.second; });
    twin::Outbox out;
    loop_->on_record(record, out);
    if (loop_->keeps_rows()) loop_->save_changed(rows_);
    if (out.empty()) return;
    for (const twin::TablePut& put : out.puts) tables_[{put.table, put.key}] = put.value;
    for (const flow::Write& write : out.writes) tell(write);
    loop_->after_commit(seq_);
    this->record(std::move(out.writes), flow::Name(std::string("loop:") + std::string(loop_->name())));
  }

  void tell(const flow::Write& write) {
    if (write.mode == flow::WriteMode::erase) {
      written_ += fmt::format("erased {}\n", write.entity.text());
      return;
    }
    const auto applied = twin::apply(nullptr, write, now_);
    ASSERT_TRUE(applied) << applied.error().message;
    written_ += twin::to_json(*applied->next);
    written_ += '\n';
  }

  Maker make_;
  bool reload_;
  std::unique_ptr<Loop> loop_;
  std::map<std::string_view, flow::EntityPtr> entities_;
  Rows rows_;
  std::map<std::pair<store::Table, std::string>, std::string> tables_;
  std::string written_;
  Instant now_{kStart};
  flow::Seq seq_{0};
};

}  // namespace cityloop::test
