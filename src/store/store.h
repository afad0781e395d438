// Everything durable: the ordered log of the city, and small ordered tables beside it, changed together or not at all.
//
//   twin, loops ─ Batch ─▶ [Store] ─▶ disk        readers ◀─ log from a sequence, table by key or range
//
// A commit with Durability::flushed is on disk when it returns. One thread commits (the twin's committer); any thread
// reads. RocksDB is inside and seen nowhere else; a distributed log takes this interface's place later.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "flow/change.h"

namespace cityloop::store {

using flow::Seq;

enum class Table : std::uint8_t {
  meta,    // format version, settings that belong to the data
  cursor,  // consumer's name → sequence it has done
  entity,  // URN → entity as of the snapshot's sequence
  series,  // entity, attribute, time → samples
  state,   // a loop's checkpoint
  feed,    // a feed's position and its rejected rows
};
inline constexpr std::size_t kTables = 6;

enum class Durability : std::uint8_t {
  flushed,   // on disk before commit returns
  buffered,  // with the operating system; on disk with the next flushed commit, or soon
};

// What one commit does, in order. Keys and values are bytes; keys sort as unsigned bytes.
class Batch {
 public:
  // Adds a record to the log; gives the sequence it will have.
  void append(Seq seq, std::string_view record);
  void put(Table, std::string_view key, std::string_view value);
  void erase(Table, std::string_view key);
  void erase_range(Table, std::string_view from, std::string_view to);  // [from, to)
  bool empty() const { return operations_.empty(); }

 private:
  friend class Store;
  enum class Kind : std::uint8_t { append, put, erase, erase_range };
  struct Operation {
    Kind kind;
    Table table;
    std::string key, value;
  };
  std::vector<Operation> operations_;
};

class Store {
 public:
  // Creates the folder when it is new. Refuses a format newer than this program knows, and a folder that another
  // process has open.
  static base::Result<std::unique_ptr<Store>> open(const std::string& folder);
  ~Store();

  base::Status commit(const Batch&, Durability);
  base::Status flush();  // what was buffered is on disk when it returns

  Seq last_seq() const;   // 0 when the log is empty
  Seq first_seq() const;  // oldest record still kept
  // Calls back in order from `from` until the end or until the callback says false.
  base::Status read_log(Seq from, const std::function<bool(Seq, std::string_view record)>&) const;
  base::Status trim_log(Seq before);

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

}  // namespace cityloop::store
