#include "store/store.h"

#include <cassert>

#include "base/log.h"
#include "store/journal.h"
#include "store/tables.h"

namespace cityloop::store {
namespace {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

constexpr int kFormat = 2;
// Bytes of table changes in the journal that a start would have to read again, before the tables are brought to disk.
constexpr std::uint64_t kPersistEvery = 64u << 20;

std::string format_file(const std::string& folder) {
  return folder + "/FORMAT";
}
std::string journal_folder(const std::string& folder) {
  return folder + "/log";
}
std::string tables_folder(const std::string& folder) {
  return folder + "/tables";
}

Status check_format(const std::string& folder) {
  int stored = 1;
  if (std::filesystem::exists(format_file(folder))) {
    const std::string text = TRY(read_whole(format_file(folder)));
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), stored);
    if (error != std::errc{}) return fail(Errc::corrupt, "{} does not name a format", format_file(folder));
  }
  if (stored == kFormat) return {};
  // An older one is not read here: the program that wrote it still can, and gives all of it by the standard API.
  constexpr std::string_view kOlder =
      ": run the cityloop that wrote it, and carry its entities over, from GET /ngsi-ld/v1/entities there to POST "
      "/ngsi-ld/v1/entityOperations/upsert here";
  return fail(Errc::unsupported, "the data in {} have format {}; this program knows format {}{}", folder, stored,
              kFormat, stored > kFormat ? ": a newer cityloop is needed" : kOlder);
}

// A folder is a store once its format is written, which is first of all.
Status make_or_check(const std::string& folder, const DiskFaults& faults) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return fail(Errc::unavailable, "cannot make the data folder {}: {}", folder, error.message());
  const bool fresh = !std::filesystem::exists(format_file(folder)) && !std::filesystem::exists(folder + "/CURRENT");
  if (fresh) return write_whole(format_file(folder), fmt::format("{}\n", kFormat), faults);
  return check_format(folder);
}

}  // namespace

Result<Durability> durability_from(std::string_view name) {
  if (name == "flushed") return Durability::flushed;
  if (name == "interval") return Durability::buffered;
  return fail(Errc::invalid, "durability is 'flushed' or 'interval', not '{}'", name);
}

struct Store::Inside {
  std::string folder;
  StoreOptions options;
  std::unique_ptr<Journal> journal;
  std::atomic<const Journal*> flushing{nullptr};  // what the tables flush before themselves

  mutable std::shared_mutex tables_mutex;  // exclusive only while the tables are opened anew
  std::unique_ptr<Tables> tables;
  std::atomic<std::uint64_t> generation{1};
  std::atomic<bool> stumbled{false};  // the tables refused a write
  std::atomic<bool> behind{false};    // opened anew, and not yet brought up to the journal
  std::uint64_t unpersisted{0};       // bytes of table changes since the tables last went to disk

  Status open_tables() {
    tables = TRY(Tables::open(tables_folder(folder), options.faults, [this] {
      const Journal* const before = flushing;
      if (!before) return;
      if (const auto flushed = before->flush_as_it_is(); !flushed) base::log_error("{}", flushed.error().message);
    }));
    return {};
  }

  // Brings the tables up to the journal.
  Status catch_up() {
    Status applied;
    const std::uint64_t from = tables->applied();
    TRY(journal->read_frames(from, [&](const Frame& frame, std::string_view body) {
      bool any = false;
      applied = read_operations(body, [&](const Operation& operation) {
        any = operation.act != Act::append;
        return !any;
      });
      if (applied && any) applied = tables->apply(body, frame.number);
      return applied.has_value();
    }));
    return applied;
  }

  Status mend() {
    if (!stumbled) return {};
    {
      const std::shared_lock lock(tables_mutex);
      if (tables && !behind && tables->resume()) {
        stumbled = false;
        return {};
      }
    }
    const std::unique_lock lock(tables_mutex);
    if (!stumbled) return {};  // another thread was here first
    ++generation;
    tables.reset();
    behind = true;
    TRY(open_tables());
    TRY(catch_up());
    behind = false;
    base::log_info("the tables were opened anew after a failure");
    stumbled = false;
    return {};
  }

  Status write(const Batch& batch, const std::string& bytes, Seq first, std::uint32_t records, bool to_tables,
               Durability durability) {
    TRY(journal->append(bytes, first, records));
    if (durability == Durability::flushed) TRY(journal->flush());
    if (!to_tables) return {};
    const std::shared_lock lock(tables_mutex);
    Status applied = tables->apply(bytes, journal->last_frame() + 1);
    if (!applied) stumbled = true;
    unpersisted += batch.size_bytes();
    return applied;
  }
};

Store::Store(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

Store::~Store() {
  if (inside_->journal) {
    if (const auto flushed = inside_->journal->flush(); !flushed) base::log_error("{}", flushed.error().message);
  }
  if (const auto persisted = persist(true); !persisted) base::log_error("{}", persisted.error().message);
  inside_->tables.reset();
}

Result<std::unique_ptr<Store>> Store::open(const std::string& folder, const StoreOptions& options) {
  TRY(make_or_check(folder, options.faults));
  std::unique_ptr<Store> store(new Store(std::make_unique<Inside>()));
  Inside& inside = *store->inside_;
  inside.folder = folder;
  inside.options = options;
  TRY(inside.open_tables());
  const JournalOptions how{options.log_file_max_bytes, options.faults};
  inside.journal = TRY(Journal::open(journal_folder(folder), how, inside.tables->applied(), false));
  inside.flushing = inside.journal.get();
  TRY(inside.catch_up());
  return store;
}

Status Store::commit(const Batch& batch, Durability durability) {
  if (batch.empty()) return {};
  Inside& in = *inside_;
  assert((batch.records_ == 0 || batch.first_ == in.journal->last_seq() + 1) && "records follow those of the log");
  const bool to_tables = batch.table_operations_ > 0;
  if (to_tables) TRY(in.mend());
  if (auto written = in.write(batch, batch.bytes_, batch.first_, batch.records_, to_tables, durability); !written) {
    in.journal->take_back();
    return written;
  }
  in.journal->accept();
  if (in.unpersisted >= kPersistEvery) {
    in.unpersisted = 0;
    if (const auto begun = persist(false); !begun) base::log_warn("{}", begun.error().message);
  }
  return {};
}

Status Store::flush() {
  return inside_->journal->flush();
}

Status Store::derive(const Batch& batch, std::uint64_t generation) {
  assert(batch.records_ == 0 && "records are never derived");
  TRY(inside_->mend());
  const std::shared_lock lock(inside_->tables_mutex);
  if (generation != inside_->generation || !inside_->tables) return fail(Errc::conflict, "the tables were opened anew");
  Status applied = inside_->tables->apply(batch.bytes_, 0);
  if (!applied) inside_->stumbled = true;
  return applied;
}

Status Store::persist(bool wait) {
  const std::shared_lock lock(inside_->tables_mutex);
  if (!inside_->tables) return fail(Errc::unavailable, "the tables are being opened anew");
  Status persisted = inside_->tables->persist(wait);
  if (!persisted) inside_->stumbled = true;
  return persisted;
}

std::uint64_t Store::generation() const {
  return inside_->generation;
}

Seq Store::last_seq() const {
  return inside_->journal->last_seq();
}

Seq Store::first_seq() const {
  return inside_->journal->first_seq();
}

Status Store::read_log(Seq from, const std::function<bool(Seq, std::string_view)>& callback) const {
  return inside_->journal->read_records(from, callback);
}

Status Store::trim_log(Seq before) {
  const auto pieces = inside_->journal->pieces();
  if (pieces.size() < 2 || pieces[1].first_seq > before) return {};
  TRY(persist(true));
  const std::shared_lock lock(inside_->tables_mutex);
  return inside_->journal->trim(before, inside_->tables->applied());
}

std::vector<Store::LogFile> Store::log_files() const {
  std::vector<LogFile> out;
  for (const Journal::Piece& piece : inside_->journal->pieces()) out.push_back({piece.first_seq, piece.bytes});
  return out;
}

Result<std::optional<std::string>> Store::get(Table table, std::string_view key) const {
  const std::shared_lock lock(inside_->tables_mutex);
  if (!inside_->tables) return fail(Errc::unavailable, "the tables are being opened anew");
  return inside_->tables->get(table, key);
}

Status Store::scan(Table table, std::string_view from, std::string_view to,
                   const std::function<bool(std::string_view, std::string_view)>& callback) const {
  const std::shared_lock lock(inside_->tables_mutex);
  if (!inside_->tables) return fail(Errc::unavailable, "the tables are being opened anew");
  return inside_->tables->scan(table, from, to, callback);
}

Status Store::scan_back(Table table, std::string_view from, std::string_view to,
                        const std::function<bool(std::string_view, std::string_view)>& callback) const {
  const std::shared_lock lock(inside_->tables_mutex);
  if (!inside_->tables) return fail(Errc::unavailable, "the tables are being opened anew");
  return inside_->tables->scan_back(table, from, to, callback);
}

std::uint64_t Store::bytes_on_disk() const {
  const std::shared_lock lock(inside_->tables_mutex);
  return inside_->journal->bytes() + (inside_->tables ? inside_->tables->bytes() : 0);
}

Result<Seq> back_up(const std::string& folder, const std::string& to) {
  if (!std::filesystem::exists(format_file(folder))) return fail(Errc::not_found, "there is no store in {}", folder);
  TRY(check_format(folder));
  std::error_code error;
  if (std::filesystem::exists(to) && !std::filesystem::is_empty(to, error)) {
    return fail(Errc::exists, "{} is there already, and not empty", to);
  }
  std::filesystem::create_directories(to + "/log", error);
  if (error) return fail(Errc::unavailable, "cannot make {}: {}", to, error.message());
  // The tables first: the log that is copied after them reaches at least as far as they do.
  const auto tables = TRY(Tables::open_to_read(tables_folder(folder)));
  TRY(tables->copy_to(tables_folder(to)));
  const auto journal = TRY(Journal::open(journal_folder(folder), {}, tables->applied(), true));
  TRY(journal->copy_to(journal_folder(to)));
  TRY(write_whole(format_file(to), fmt::format("{}\n", kFormat), {}));
  std::string damage;
  TRY(check(to, [&](std::string text) {
    if (damage.empty()) damage = std::move(text);
  }));
  if (!damage.empty()) return fail(Errc::corrupt, "the copy in {} is not whole: {}", to, damage);
  const auto copy = TRY(Journal::open(journal_folder(to), {}, tables->applied(), true));
  return copy->last_seq();
}

namespace {

Status check_rows(const Tables& tables, const std::function<void(std::string)>& damage, const Readers& readers) {
  TRY(tables.check(damage));
  if (!readers.row) return {};
  for (std::size_t i = 0; i < kTables; ++i) {
    const Status read = tables.scan(Table(i), {}, {}, [&](std::string_view key, std::string_view value) {
      const Status row = readers.row(Table(i), key, value);
      if (!row) damage(fmt::format("table {}: {}", kTableNames[i], row.error().message));
      return true;
    });
    if (!read && read.error().code != Errc::corrupt) return read;  // what is corrupt has been told
  }
  return {};
}

}  // namespace

Status check(const std::string& folder, const std::function<void(std::string)>& damage, const Readers& readers) {
  if (!std::filesystem::exists(format_file(folder))) return fail(Errc::not_found, "there is no store in {}", folder);
  TRY(check_format(folder));
  std::uint64_t applied = 0;
  if (const auto tables = Tables::open_to_read(tables_folder(folder))) {
    TRY(check_rows(**tables, damage, readers));
    applied = (*tables)->applied();
  } else {
    damage(tables.error().message);
  }
  const auto journal = Journal::open(journal_folder(folder), {}, applied, true);
  if (!journal) {
    damage(journal.error().message);
    return {};
  }
  return (*journal)->check(damage, readers.record);
}

}  // namespace cityloop::store
