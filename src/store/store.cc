#include "store/store.h"

#include <cassert>
#include <filesystem>
#include <shared_mutex>

#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

namespace cityloop::store {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

constexpr std::string_view kFormatKey = "format";
constexpr int kFormat = 1;
constexpr const char* kTableNames[kTables] = {"meta", "cursor", "entity", "series", "state", "feed"};
constexpr const char* kLogName = "log";

rocksdb::Slice slice(std::string_view text) {
  return {text.data(), text.size()};
}
std::string_view view(const rocksdb::Slice& s) {
  return {s.data(), s.size()};
}

// Big-endian, so that keys sort as numbers do.
std::string key_of(Seq seq) {
  std::string key(8, '\0');
  for (int i = 7; i >= 0; --i, seq >>= 8) key[std::size_t(i)] = char(seq & 0xff);
  return key;
}

Seq seq_of(const rocksdb::Slice& key) {
  Seq seq = 0;
  for (std::size_t i = 0; i < key.size(); ++i) seq = seq << 8 | std::uint8_t(key[i]);
  return seq;
}

std::unexpected<base::Error> from_rocks(const rocksdb::Status& status, std::string_view doing) {
  const Errc code = status.IsCorruption() ? Errc::corrupt : Errc::unavailable;
  return fail(code, "the store cannot {}: {}", doing, status.ToString());
}

rocksdb::Options database_options() {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  // A log file written over an old one keeps its size, so that a flush need not write the file's metadata as well.
  options.recycle_log_file_num = 2;
  // Records repeat themselves (names, ids, small steps): the disk, which sets the pace, gets a fifth of the bytes.
  options.wal_compression = rocksdb::kZSTD;
  options.max_total_wal_size = 512u << 20;
  options.db_write_buffer_size = 256u << 20;
  options.max_background_jobs = 2;
  options.keep_log_file_num = 3;
  options.stats_dump_period_sec = 0;
  options.info_log_level = rocksdb::WARN_LEVEL;
  return options;
}

rocksdb::ColumnFamilyOptions table_options(bool is_log) {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = (is_log ? 64u : 32u) << 20;
  options.compression = rocksdb::kLZ4Compression;
  rocksdb::BlockBasedTableOptions blocks;
  blocks.block_size = (is_log ? 64u : 16u) << 10;
  blocks.format_version = 5;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  return options;
}

}  // namespace

void Batch::append(Seq seq, std::string_view record) {
  operations_.push_back({Kind::append, Table::meta, key_of(seq), std::string(record)});
}
void Batch::put(Table table, std::string_view key, std::string_view value) {
  operations_.push_back({Kind::put, table, std::string(key), std::string(value)});
}
void Batch::erase(Table table, std::string_view key) {
  operations_.push_back({Kind::erase, table, std::string(key), {}});
}
void Batch::erase_range(Table table, std::string_view from, std::string_view to) {
  operations_.push_back({Kind::erase_range, table, std::string(from), std::string(to)});
}

struct Store::Inside {
  std::string folder;
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> tables;  // by Table, then the log
  std::atomic<Seq> last{0};
  std::atomic<bool> stumbled{false};  // the last write failed: try to get going again before the next

  rocksdb::ColumnFamilyHandle* table(Table t) const { return tables[std::size_t(t)]; }
  rocksdb::ColumnFamilyHandle* log() const { return tables[kTables]; }

  Status find_last() {
    const std::unique_ptr<rocksdb::Iterator> newest(db->NewIterator({}, log()));
    newest->SeekToLast();
    if (newest->Valid()) last = seq_of(newest->key());
    if (!newest->status().ok()) return from_rocks(newest->status(), "read the end of its log");
    return {};
  }

  ~Inside() {
    for (auto* handle : tables) db->DestroyColumnFamilyHandle(handle);
  }
};

Store::Store(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
Store::~Store() = default;

namespace {

Status check_format(Store& store) {
  const auto stored = TRY(store.get(Table::meta, kFormatKey));
  if (!stored) {
    Batch first;
    first.put(Table::meta, kFormatKey, fmt::format("{}", kFormat));
    return store.commit(first, Durability::flushed);
  }
  if (*stored != fmt::format("{}", kFormat)) {
    return fail(Errc::unsupported, "the data folder has format {}; this program knows format {}", *stored, kFormat);
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return fail(Errc::unavailable, "cannot make the data folder {}: {}", folder, error.message());
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const char* name : kTableNames) families.emplace_back(name, table_options(false));
  families.emplace_back(kLogName, table_options(true));
  families.emplace_back(rocksdb::kDefaultColumnFamilyName, rocksdb::ColumnFamilyOptions());
  auto inside = std::make_unique<Inside>();
  inside->folder = folder;
  rocksdb::DB* db = nullptr;
  const auto opened = rocksdb::DB::Open(database_options(), folder, families, &inside->tables, &db);
  if (!opened.ok()) return from_rocks(opened, fmt::format("open {}", folder));
  inside->db.reset(db);
  TRY(inside->find_last());
  std::unique_ptr<Store> store(new Store(std::move(inside)));
  TRY(check_format(*store));
  return store;
}

Status Store::commit(const Batch& batch, Durability durability) {
  rocksdb::WriteBatch out;
  Seq last = inside_->last;
  for (const auto& op : batch.operations_) {
    switch (op.kind) {
      case Batch::Kind::append:
        out.Put(inside_->log(), op.key, op.value);
        last = seq_of(op.key);
        break;
      case Batch::Kind::put: out.Put(inside_->table(op.table), op.key, op.value); break;
      case Batch::Kind::erase: out.Delete(inside_->table(op.table), op.key); break;
      case Batch::Kind::erase_range: out.DeleteRange(inside_->table(op.table), op.key, op.value); break;
    }
  }
  if (inside_->stumbled) {
    if (const auto resumed = inside_->db->Resume(); !resumed.ok()) return from_rocks(resumed, "write again");
    inside_->stumbled = false;
  }
  rocksdb::WriteOptions how;
  how.sync = durability == Durability::flushed;
  if (const auto written = inside_->db->Write(how, &out); !written.ok()) {
    inside_->stumbled = true;
    return from_rocks(written, "write");
  }
  inside_->last = last;
  return {};
}

Status Store::flush() {
  if (const auto done = inside_->db->SyncWAL(); !done.ok()) return from_rocks(done, "flush");
  return {};
}

Seq Store::last_seq() const {
  return inside_->last;
}

Seq Store::first_seq() const {
  const std::unique_ptr<rocksdb::Iterator> oldest(inside_->db->NewIterator({}, inside_->log()));
  oldest->SeekToFirst();
  return oldest->Valid() ? seq_of(oldest->key()) : 0;
}

Status Store::read_log(Seq from, const std::function<bool(Seq, std::string_view)>& callback) const {
  const std::unique_ptr<rocksdb::Iterator> it(inside_->db->NewIterator({}, inside_->log()));
  for (it->Seek(key_of(from)); it->Valid(); it->Next()) {
    if (!callback(seq_of(it->key()), view(it->value()))) return {};
  }
  if (!it->status().ok()) return from_rocks(it->status(), "read its log");
  return {};
}

Status Store::trim_log(Seq before) {
  const std::string from = key_of(0), to = key_of(before);
  rocksdb::WriteOptions how;
  const auto done = inside_->db->DeleteRange(how, inside_->log(), from, to);
  if (!done.ok()) return from_rocks(done, "trim its log");
  return {};
}

Result<std::optional<std::string>> Store::get(Table table, std::string_view key) const {
  std::string value;
  const auto read = inside_->db->Get({}, inside_->table(table), slice(key), &value);
  if (read.IsNotFound()) return std::nullopt;
  if (!read.ok()) return from_rocks(read, fmt::format("read table {}", kTableNames[std::size_t(table)]));
  return value;
}

Status Store::scan(Table table, std::string_view from, std::string_view to,
                   const std::function<bool(std::string_view, std::string_view)>& callback) const {
  rocksdb::ReadOptions how;
  const rocksdb::Slice end = slice(to);
  if (!to.empty()) how.iterate_upper_bound = &end;
  const std::unique_ptr<rocksdb::Iterator> it(inside_->db->NewIterator(how, inside_->table(table)));
  for (it->Seek(slice(from)); it->Valid(); it->Next()) {
    if (!callback(view(it->key()), view(it->value()))) return {};
  }
  if (!it->status().ok())
    return from_rocks(it->status(), fmt::format("scan table {}", kTableNames[std::size_t(table)]));
  return {};
}

Status Store::scan_back(Table table, std::string_view from, std::string_view to,
                        const std::function<bool(std::string_view, std::string_view)>& callback) const {
  rocksdb::ReadOptions how;
  const rocksdb::Slice begin = slice(from), end = slice(to);
  how.iterate_lower_bound = &begin;
  if (!to.empty()) how.iterate_upper_bound = &end;
  const std::unique_ptr<rocksdb::Iterator> it(inside_->db->NewIterator(how, inside_->table(table)));
  for (it->SeekToLast(); it->Valid(); it->Prev()) {
    if (!callback(view(it->key()), view(it->value()))) return {};
  }
  if (!it->status().ok())
    return from_rocks(it->status(), fmt::format("scan table {}", kTableNames[std::size_t(table)]));
  return {};
}

std::uint64_t Store::bytes_on_disk() const {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(inside_->folder, error)) {
    if (file.is_regular_file(error)) bytes += file.file_size(error);
  }
  return bytes;
}

}  // namespace cityloop::store
