#include "twin/load.h"

#include <deque>
#include <future>

#include "base/bytes.h"
#include "base/log.h"
#include "store/record.h"
#include "twin/apply.h"
#include "twin/snapshot.h"

namespace cityloop::twin {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;
using flow::Entity;
using flow::EntityId;
using flow::EntityPtr;
using flow::LogRecord;
using flow::Seq;
using store::Table;

constexpr std::size_t kChunkBytes = 1u << 20;

// Raw rows of a table or of the log, copied out so that other threads can decode them.
struct Chunk {
  std::string bytes;
  struct Row {
    std::uint64_t number;  // age or sequence
    std::size_t begin, size;
  };
  std::vector<Row> rows;
  void add(std::uint64_t number, std::string_view row) {
    rows.push_back({number, bytes.size(), row.size()});
    bytes += row;
  }
  std::string_view row(const Row& r) const { return std::string_view(bytes).substr(r.begin, r.size); }
};

// Decodes chunks on other threads and gives the outcomes back in order.
template <class Out>
class Decoders {
 public:
  using Outcome = Result<std::vector<Out>>;
  Decoders(std::function<Outcome(const Chunk&)> decode, std::function<Status(std::vector<Out>&&)> take)
      : decode_(std::move(decode)), take_(std::move(take)) {}

  Status add(std::uint64_t number, std::string_view row) {
    now_.add(number, row);
    return now_.bytes.size() < kChunkBytes ? Status{} : send();
  }
  Status finish() {
    TRY(send());
    while (!waiting_.empty()) TRY(take_first());
    return {};
  }

 private:
  Status send() {
    waiting_.push_back(
        std::async(std::launch::async, [this, chunk = std::exchange(now_, {})] { return decode_(chunk); }));
    const std::size_t most = 1 + std::max(1u, std::thread::hardware_concurrency());
    return waiting_.size() < most ? Status{} : take_first();
  }
  Status take_first() {
    auto decoded = waiting_.front().get();
    waiting_.pop_front();
    if (!decoded) return std::unexpected(decoded.error());
    return take_(std::move(*decoded));
  }

  const std::function<Outcome(const Chunk&)> decode_;
  const std::function<Status(std::vector<Out>&&)> take_;
  Chunk now_;
  std::deque<std::future<Outcome>> waiting_;
};

class Load {
 public:
  Load(const store::Store& store, const std::function<void(const LoadProgress&)>& tell) : store_(store), tell_(tell) {}

  Result<Loaded> run() {
    TRY(read_mark());
    TRY(snapshot());
    TRY(tail());
    for (Slot& slot : slots_) {
      if (slot.entity) out_.entities.emplace_back(std::move(slot.entity), slot.age);
    }
    out_.dirty = dirty_.take();
    TRY(find_last_time());
    tell(true);
    return std::move(out_);
  }

 private:
  struct Slot {
    EntityPtr entity;
    Age age{0};
  };
  struct Row {
    Age age;
    EntityPtr entity;
  };

  Slot& slot(EntityId id) {
    if (id.number() >= slots_.size()) slots_.resize(std::size_t(id.number()) * 5 / 4 + 1024);
    return slots_[id.number()];
  }

  Status read_mark() {
    if (const auto stored = TRY(store_.get(Table::meta, kSnapshotKey))) {
      base::ByteReader in(*stored);
      out_.snapshot = in.varint();
      progress_.entities_expected = in.varint();
    }
    if (out_.snapshot > store_.last_seq()) {
      return fail(Errc::corrupt, "the snapshot is of record {}, but the log ends at {}", out_.snapshot,
                  store_.last_seq());
    }
    if (out_.snapshot + 1 < store_.first_seq()) {
      return fail(Errc::corrupt, "the log lacks records {} to {}", out_.snapshot + 1, store_.first_seq() - 1);
    }
    progress_.records_expected = store_.last_seq() - out_.snapshot;
    return {};
  }

  Status snapshot() {
    const auto decode = [](const Chunk& chunk) -> Result<std::vector<Row>> {
      std::vector<Row> out;
      out.reserve(chunk.rows.size());
      for (const auto& row : chunk.rows) {
        out.push_back({row.number, std::make_shared<Entity>(TRY(store::decode_entity(chunk.row(row))))});
      }
      return out;
    };
    const auto take = [this](std::vector<Row>&& rows) -> Status {
      for (Row& row : rows) {
        Slot& mine = slot(row.entity->id);
        if (mine.entity) out_.dead.push_back(mine.age);  // erased and made anew: rows come in order of age
        else ++progress_.entities;
        mine = {std::move(row.entity), row.age};
      }
      tell(false);
      return {};
    };
    Decoders<Row> decoders(decode, take);
    Status failed;
    TRY(store_.scan(Table::entity, {}, {}, [&](std::string_view key, std::string_view value) {
      failed = decoders.add(age_from_key(key), value);
      return failed.has_value();
    }));
    TRY(failed);
    return decoders.finish();
  }

  Status tail() {
    Seq expected = out_.snapshot + 1;
    const auto decode = [](const Chunk& chunk) -> Result<std::vector<LogRecord>> {
      std::vector<LogRecord> out;
      out.reserve(chunk.rows.size());
      for (const auto& row : chunk.rows) out.push_back(TRY(store::decode_record(row.number, chunk.row(row))));
      return out;
    };
    const auto take = [&](std::vector<LogRecord>&& records) -> Status {
      for (const LogRecord& record : records) {
        if (record.seq != expected)
          return fail(Errc::corrupt, "the log lacks records {} to {}", expected, record.seq - 1);
        ++expected;
        apply(record);
      }
      progress_.records += records.size();
      tell(false);
      return {};
    };
    Decoders<LogRecord> decoders(decode, take);
    Status failed;
    TRY(store_.read_log(expected, [&](Seq seq, std::string_view bytes) {
      failed = decoders.add(seq, bytes);
      return failed.has_value();
    }));
    TRY(failed);
    TRY(decoders.finish());
    if (expected != store_.last_seq() + 1) {
      return fail(Errc::corrupt, "the log lacks records {} to {}", expected, store_.last_seq());
    }
    return {};
  }

  void apply(const LogRecord& record) {
    for (std::size_t i = 0; i < record.changes.size(); ++i) {
      const flow::Change& change = record.changes[i];
      Slot& mine = slot(change.entity);
      EntityPtr next = replay(mine.entity, change, record.at);
      if (mine.entity && !next) out_.dead.push_back(mine.age), --progress_.entities;
      if (!mine.entity && next) mine.age = age_of(record.seq, i), ++progress_.entities;
      mine.entity = std::move(next);
      dirty_.add(change.entity);
    }
    out_.last_at = record.at;
  }

  Status find_last_time() {
    if (out_.last_at != flow::kNever || store_.last_seq() < store_.first_seq()) return {};
    Status damaged;
    TRY(store_.read_log(store_.last_seq(), [&](Seq seq, std::string_view bytes) {
      const auto record = store::decode_record(seq, bytes);
      if (record) out_.last_at = record->at;
      else damaged = std::unexpected(record.error());
      return false;
    }));
    return damaged;
  }

  void tell(bool last) {
    const auto now = std::chrono::steady_clock::now();
    progress_.seconds = std::chrono::duration<double>(now - begun_).count();
    if (tell_) tell_(progress_);
    if (now < next_line_ && !(last && lines_)) return;
    next_line_ = now + std::chrono::seconds(1);
    ++lines_;
    base::log_info("loading: {}", progress_.text());
  }

  const store::Store& store_;
  const std::function<void(const LoadProgress&)>& tell_;
  std::vector<Slot> slots_;  // by EntityId::number()
  ChangedSet dirty_;
  Loaded out_;
  LoadProgress progress_;
  const std::chrono::steady_clock::time_point begun_{std::chrono::steady_clock::now()};
  std::chrono::steady_clock::time_point next_line_{begun_ + std::chrono::seconds(1)};
  int lines_{0};
};

}  // namespace

std::string LoadProgress::text() const {
  const std::string of = entities_expected ? fmt::format(" of {}", std::max(entities, entities_expected)) : "";
  return fmt::format("{}{} entities, {} of {} log records after {:.1f} s", entities, of, records, records_expected,
                     seconds);
}

std::string entity_key(Age age) {
  std::string key(8, '\0');
  for (int i = 7; i >= 0; --i, age >>= 8) key[std::size_t(i)] = char(age & 0xff);
  return key;
}

Age age_from_key(std::string_view key) {
  Age age = 0;
  for (const char byte : key) age = age << 8 | std::uint8_t(byte);
  return age;
}

std::string snapshot_mark(Seq seq, std::uint64_t entities) {
  base::ByteWriter out;
  out.varint(seq);
  out.varint(entities);
  return out.take();
}

Result<Loaded> load_entities(const store::Store& store, const std::function<void(const LoadProgress&)>& tell) {
  return Load(store, tell).run();
}

}  // namespace cityloop::twin
