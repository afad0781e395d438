#include "store/tables.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/listener.h>
#include <rocksdb/options.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include "base/bytes.h"
#include "store/failing_files.h"

namespace cityloop::store {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

constexpr std::string_view kAppliedKey = "journal_frame";

rocksdb::Slice slice(std::string_view text) {
  return {text.data(), text.size()};
}
std::string_view view(const rocksdb::Slice& s) {
  return {s.data(), s.size()};
}

std::unexpected<base::Error> from_rocks(const rocksdb::Status& status, std::string_view doing) {
  if (status.IsCorruption()) return fail(Errc::corrupt, "the store cannot {}: {}", doing, status.ToString());
  if (status.IsNoSpace()) return fail(Errc::full, "the disk is full: cannot {}", doing);
  return fail(Errc::unavailable, "the store cannot {}: {}", doing, status.ToString());
}

class BeforeFlush final : public rocksdb::EventListener {
 public:
  explicit BeforeFlush(std::function<void()> call) : call_(std::move(call)) {}
  void OnFlushBegin(rocksdb::DB*, const rocksdb::FlushJobInfo&) override { call_(); }

 private:
  const std::function<void()> call_;
};

rocksdb::Options database_options() {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.atomic_flush = true;  // without a journal of its own: all tables as of one moment
  options.manual_wal_flush = true;
  options.db_write_buffer_size = 48u << 20;
  options.max_background_jobs = 2;
  options.keep_log_file_num = 3;
  options.stats_dump_period_sec = 0;
  options.max_bgerror_resume_count = 0;  // the store itself tries again, with the next write
  options.info_log_level = rocksdb::ERROR_LEVEL;
  return options;
}

rocksdb::ColumnFamilyOptions table_options(Table table, const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = 32u << 20;
  options.compression = rocksdb::kLZ4Compression;
  // A city writes far more than it asks what was: files are brought together seldom, and writers never wait for that.
  options.level0_file_num_compaction_trigger = 8;
  options.level0_slowdown_writes_trigger = 40;
  options.level0_stop_writes_trigger = 60;
  options.max_write_buffer_number = 4;
  options.max_bytes_for_level_base = 512u << 20;
  if (table == Table::archive) {
    // Written once, and there for ever: small counts, and what one row has in common with the next is kept once.
    options.compression = rocksdb::kZSTD;
    options.compression_opts.max_dict_bytes = 16u << 10;
    options.compression_opts.zstd_max_train_bytes = 1u << 20;
  }
  rocksdb::BlockBasedTableOptions blocks;
  // Entities are only ever read from one end to the other; of series, one run among millions.
  blocks.block_size = (table == Table::entity ? 64u : 16u) << 10;
  blocks.block_cache = cache;
  blocks.format_version = 5;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> families() {
  const auto cache = rocksdb::NewLRUCache(16u << 20);
  std::vector<rocksdb::ColumnFamilyDescriptor> out;
  for (std::size_t i = 0; i < kTables; ++i) out.emplace_back(kTableNames[i], table_options(Table(i), cache));
  out.emplace_back(rocksdb::kDefaultColumnFamilyName, rocksdb::ColumnFamilyOptions());
  return out;
}

// Keys as a person can read them: texts as they are, numbers as digits.
std::string readable(std::string_view key) {
  if (key.size() == 8 && key.front() == '\0') {
    std::uint64_t number = 0;
    for (const char byte : key) number = number << 8 | std::uint8_t(byte);
    return fmt::format("#{}", number);
  }
  std::string out;
  for (const char c : key) {
    if (c >= ' ' && c < 127) out += c;
    else if (c == '\0') out += ' ';
    else out += fmt::format("\\x{:02x}", std::uint8_t(c));
  }
  return "'" + out + "'";
}

}  // namespace

struct Tables::Inside {
  std::string folder;
  std::unique_ptr<rocksdb::Env> env;
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> tables;  // by Table, then RocksDB's own

  rocksdb::ColumnFamilyHandle* table(Table t) const { return tables[std::size_t(t)]; }
  ~Inside() {
    if (!db) return;
    for (auto* handle : tables) db->DestroyColumnFamilyHandle(handle);
    db->Close();
  }
};

Tables::Tables(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
Tables::~Tables() = default;

Result<std::unique_ptr<Tables>> Tables::open(const std::string& folder, const DiskFaults& faults,
                                             std::function<void()> before_persist) {
  auto inside = std::make_unique<Inside>();
  inside->folder = folder;
  rocksdb::Options options = database_options();
  options.listeners.push_back(std::make_shared<BeforeFlush>(std::move(before_persist)));
  if (faults) {
    inside->env = rocksdb::NewCompositeEnv(failing_files(faults));
    options.env = inside->env.get();
  }
  rocksdb::DB* db = nullptr;
  const auto opened = rocksdb::DB::Open(options, folder, families(), &inside->tables, &db);
  if (!opened.ok()) return from_rocks(opened, fmt::format("open {}", folder));
  inside->db.reset(db);
  std::unique_ptr<Tables> tables(new Tables(std::move(inside)));
  TRY(tables->load_applied());
  return tables;
}

Result<std::unique_ptr<Tables>> Tables::open_to_read(const std::string& folder) {
  auto inside = std::make_unique<Inside>();
  inside->folder = folder;
  rocksdb::Options options = database_options();
  options.create_if_missing = options.create_missing_column_families = false;
  rocksdb::DB* db = nullptr;
  rocksdb::Status opened;
  // A file that the other process has just replaced is gone under our hands: look again.
  for (int attempt = 0; attempt < 20; ++attempt) {
    inside->tables.clear();
    opened = rocksdb::DB::OpenForReadOnly(options, folder, families(), &inside->tables, &db);
    if (opened.ok() || opened.ToString().find("No such file") == std::string::npos) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  if (!opened.ok()) return from_rocks(opened, fmt::format("open {}", folder));
  inside->db.reset(db);
  std::unique_ptr<Tables> tables(new Tables(std::move(inside)));
  TRY(tables->load_applied());
  return tables;
}

Status Tables::load_applied() {
  if (const auto stored = TRY(get(Table::meta, kAppliedKey))) {
    base::ByteReader in(*stored);
    applied_ = in.varint();
  }
  return {};
}

Status Tables::apply(std::string_view operations, std::uint64_t frame) {
  rocksdb::WriteBatch out(operations.size() + operations.size() / 8);
  TRY(read_operations(operations, [&](const Operation& op) {
    switch (op.act) {
      case Act::append: break;
      case Act::put: out.Put(inside_->table(op.table), slice(op.key), slice(op.value)); break;
      case Act::erase: out.Delete(inside_->table(op.table), slice(op.key)); break;
      case Act::erase_range: out.DeleteRange(inside_->table(op.table), slice(op.key), slice(op.value)); break;
    }
    return true;
  }));
  if (frame) {
    base::ByteWriter number;
    number.varint(frame);
    out.Put(inside_->table(Table::meta), slice(kAppliedKey), slice(number.view()));
  }
  rocksdb::WriteOptions how;
  how.disableWAL = true;
  if (const auto written = inside_->db->Write(how, &out); !written.ok()) return from_rocks(written, "write");
  if (frame) applied_ = frame;
  return {};
}

Status Tables::persist(bool wait) {
  rocksdb::FlushOptions how;
  how.wait = wait;
  how.allow_write_stall = true;
  if (const auto done = inside_->db->Flush(how, inside_->tables); !done.ok())
    return from_rocks(done, "write its tables");
  return {};
}

bool Tables::resume() {
  return inside_->db->Resume().ok();
}

Result<std::optional<std::string>> Tables::get(Table table, std::string_view key) const {
  std::string value;
  const auto read = inside_->db->Get({}, inside_->table(table), slice(key), &value);
  if (read.IsNotFound()) return std::nullopt;
  if (!read.ok()) {
    return from_rocks(read, fmt::format("read table {} at {}", kTableNames[std::size_t(table)], readable(key)));
  }
  return value;
}

Status Tables::scan(Table table, std::string_view from, std::string_view to,
                    const std::function<bool(std::string_view, std::string_view)>& callback) const {
  rocksdb::ReadOptions how;
  const rocksdb::Slice end = slice(to);
  if (!to.empty()) how.iterate_upper_bound = &end;
  if (table == Table::entity) {
    how.readahead_size = 2u << 20;
    how.fill_cache = false;
  }
  const std::unique_ptr<rocksdb::Iterator> it(inside_->db->NewIterator(how, inside_->table(table)));
  std::string last;
  for (it->Seek(slice(from)); it->Valid(); it->Next()) {
    if (!callback(view(it->key()), view(it->value()))) return {};
    last.assign(it->key().data(), it->key().size());
  }
  if (!it->status().ok()) {
    return from_rocks(it->status(), fmt::format("read table {} behind {}", kTableNames[std::size_t(table)],
                                                last.empty() ? "its beginning" : readable(last)));
  }
  return {};
}

Status Tables::scan_back(Table table, std::string_view from, std::string_view to,
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
    return from_rocks(it->status(), fmt::format("read table {}", kTableNames[std::size_t(table)]));
  return {};
}

std::uint64_t Tables::bytes() const {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(inside_->folder, error)) {
    if (file.is_regular_file(error)) bytes += file.file_size(error);
  }
  return bytes;
}

Status Tables::check(const std::function<void(std::string)>& damage) const {
  std::vector<rocksdb::LiveFileMetaData> files;
  inside_->db->GetLiveFilesMetaData(&files);
  for (const auto& file : files) {
    const auto of = [&] {
      return fmt::format("table {}, keys {} to {} ({}{})", file.column_family_name, readable(file.smallestkey),
                         readable(file.largestkey), file.db_path, file.name);
    };
    rocksdb::Options options;
    rocksdb::SstFileReader reader(options);
    if (const auto opened = reader.Open(file.db_path + file.name); !opened.ok()) {
      damage(fmt::format("{}: {}", of(), opened.ToString()));
      continue;
    }
    const auto checked = reader.VerifyChecksum();
    if (checked.ok()) continue;
    std::string last;
    const std::unique_ptr<rocksdb::Iterator> it(reader.NewIterator({}));
    for (it->SeekToFirst(); it->Valid(); it->Next()) last.assign(it->key().data(), it->key().size());
    const std::string at = last.empty() ? "at its beginning" : fmt::format("behind key {}", readable(last));
    damage(fmt::format("{} {}: {}", of(), at, checked.ToString()));
  }
  return {};
}

Status Tables::copy_to(const std::string& folder) const {
  auto copy = TRY(open(folder, {}, [] {}));
  for (std::size_t i = 0; i < kTables; ++i) {
    rocksdb::WriteBatch out;
    rocksdb::Status written;
    const auto write = [&] {
      rocksdb::WriteOptions how;
      how.disableWAL = true;
      written = copy->inside_->db->Write(how, &out);
      out.Clear();
      return written.ok();
    };
    TRY(scan(Table(i), {}, {}, [&](std::string_view key, std::string_view value) {
      out.Put(copy->inside_->tables[i], slice(key), slice(value));
      return out.GetDataSize() < (1u << 20) || write();
    }));
    if (written.ok()) write();
    if (!written.ok()) return from_rocks(written, fmt::format("copy table {}", kTableNames[i]));
  }
  return copy->persist(true);
}

}  // namespace cityloop::store
