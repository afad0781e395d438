// Everything durable: the ordered log of the city, and small ordered tables beside it, changed together or not at all.
//
//   twin, loops ─ Batch ─▶ [Store] ─▶ disk        readers ◀─ log from a sequence, table by key or range
//
// A commit with Durability::flushed is on disk when it returns. A commit that failed is not there, neither now nor
// after a restart (only when the machine itself loses power in that very moment is it unknown). The journal (journal.h)
// makes writes durable; the tables (tables.h) follow it. One thread commits (the twin's committer); any thread reads,
// and no callback of a read may call the store again. A distributed log takes this interface's place later.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "store/batch.h"
#include "store/disk.h"

namespace cityloop::store {

enum class Durability : std::uint8_t {
  flushed,   // on disk before commit returns
  buffered,  // with the operating system; on disk with the next flushed commit, or soon ("interval")
};

// "flushed" or "interval", as settings and the command line have it.
base::Result<Durability> durability_from(std::string_view);

struct StoreOptions {
  std::uint64_t log_file_max_bytes{64u << 20};
  DiskFaults faults;  // of tests
};

class Store {
 public:
  // Creates the folder when it is new. Refuses another format than this program knows, and a folder that another
  // process has open. A last write that was cut short is dropped; damage is Errc::corrupt and named.
  static base::Result<std::unique_ptr<Store>> open(const std::string& folder, const StoreOptions& = {});
  ~Store();  // brings the tables to disk

  // Errc::full: the disk has no room; Errc::unavailable: it fails. Either may pass: try again.
  base::Status commit(const Batch&, Durability);
  base::Status flush();  // what was buffered is on disk when it returns

  // For what can be made again from the log, any thread: it stands in no journal, and a crash may lose it back to the
  // last persist(), all of it at one moment. When the tables had to be opened anew (see generation) it is refused with
  // Errc::conflict.
  base::Status derive(const Batch&, std::uint64_t generation);
  base::Status persist(bool wait = true);
  // Rises when what was derived since the last persist() is lost.
  std::uint64_t generation() const;

  Seq last_seq() const;   // 0 when the log is empty
  Seq first_seq() const;  // oldest record still kept; of an empty log the one that is to come
  // Calls back in order from `from` until the end or until the callback says false.
  base::Status read_log(Seq from, const std::function<bool(Seq, std::string_view record)>&) const;
  // Whole files of which no record is needed from `before` on are removed.
  base::Status trim_log(Seq before);
  struct LogFile {
    Seq first_seq{0};
    std::uint64_t bytes{0};
  };
  std::vector<LogFile> log_files() const;  // oldest first

  base::Result<std::optional<std::string>> get(Table, std::string_view key) const;
  // Keys in [from, to) in order; an empty `to` means to the table's end.
  base::Status scan(Table, std::string_view from, std::string_view to,
                    const std::function<bool(std::string_view key, std::string_view value)>&) const;
  // The same from the last key to the first.
  base::Status scan_back(Table, std::string_view from, std::string_view to,
                         const std::function<bool(std::string_view key, std::string_view value)>&) const;

  std::uint64_t bytes_on_disk() const;

 private:
  struct Inside;
  explicit Store(std::unique_ptr<Inside>);
  std::unique_ptr<Inside> inside_;
};

// Copies a store that may be open, here or in another process, into a new folder, as it is at one sequence of the log,
// which is returned. Errc::exists when there is a store already.
base::Result<Seq> back_up(const std::string& folder, const std::string& to);

// What a check asks of whoever knows what records and rows mean: an error where one cannot be read.
struct Readers {
  std::function<base::Status(Seq, std::string_view)> record;
  std::function<base::Status(Table, std::string_view key, std::string_view value)> row;
};
// Reads everything that is on disk, and tells each damage. The store may be open.
base::Status check(const std::string& folder, const std::function<void(std::string damage)>&, const Readers& = {});

}  // namespace cityloop::store
