// The ordered tables beside the log. RocksDB is inside and seen nowhere else.
//
// They have no journal of their own: what is put here reaches the disk some time later, all tables at one moment, and
// after a crash the store's journal brings them up to date. `applied` is the journal's frame that they have seen.
#pragma once

#include <memory>
#include <optional>

#include "store/batch.h"
#include "store/disk.h"

namespace cityloop::store {

class Tables {
 public:
  // `before_persist` is called, on a thread of RocksDB, before what was put goes to disk: the journal must be there
  // first.
  static base::Result<std::unique_ptr<Tables>> open(const std::string& folder, const DiskFaults&,
                                                    std::function<void()> before_persist);
  // While another process may be writing: as the tables were when they last went to disk.
  static base::Result<std::unique_ptr<Tables>> open_to_read(const std::string& folder);
  ~Tables();

  std::uint64_t applied() const { return applied_; }
  // All of it or nothing. `frame` 0: what no frame of the journal holds.
  base::Status apply(std::string_view operations, std::uint64_t frame);
  // Starts to bring all to disk, and waits for it when asked to.
  base::Status persist(bool wait);
  // After a failure: whether it accepts writes again without being opened anew.
  bool resume();

  base::Result<std::optional<std::string>> get(Table, std::string_view key) const;
  base::Status scan(Table, std::string_view from, std::string_view to,
                    const std::function<bool(std::string_view key, std::string_view value)>&) const;
  base::Status scan_back(Table, std::string_view from, std::string_view to,
                         const std::function<bool(std::string_view key, std::string_view value)>&) const;
  std::uint64_t bytes() const;
  // Reads every block; tells each file that is damaged, with its table and the keys concerned.
  base::Status check(const std::function<void(std::string)>& damage) const;
  // All rows into new tables in another folder.
  base::Status copy_to(const std::string& folder) const;

 private:
  struct Inside;
  explicit Tables(std::unique_ptr<Inside>);
  base::Status load_applied();
  std::unique_ptr<Inside> inside_;
  std::uint64_t applied_{0};
};

}  // namespace cityloop::store
