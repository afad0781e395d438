// What one commit does, in order, as the bytes that the journal keeps.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "flow/change.h"

namespace cityloop::store {

using flow::Seq;

enum class Table : std::uint8_t {
  meta,     // settings that belong to the data
  cursor,   // consumer's name → sequence it has done
  entity,   // order of age → entity as of the snapshot's sequence
  series,   // entity, attribute, time → samples
  state,    // a loop's checkpoint, whole or row by row
  feed,     // a feed's position and its rejected rows
  context,  // URL or local id of a JSON-LD @context → the context and what is known of it
  archive,  // what has ended and is kept for ever: written once, read by key
};
inline constexpr std::size_t kTables = 8;
inline constexpr const char* kTableNames[kTables] = {"meta",  "cursor", "entity",  "series",
                                                     "state", "feed",   "context", "archive"};

// Keys and values are bytes; keys sort as unsigned bytes.
class Batch {
 public:
  // Adds a record to the log. Sequences rise by one.
  void append(Seq seq, std::string_view record);
  void put(Table, std::string_view key, std::string_view value);
  void erase(Table, std::string_view key);
  void erase_range(Table, std::string_view from, std::string_view to);  // [from, to)
  bool empty() const { return bytes_.empty(); }
  std::size_t size_bytes() const { return bytes_.size(); }

 private:
  friend class Store;
  void operation(std::uint8_t kind, Table, std::string_view key, std::string_view value);

  std::string bytes_;
  Seq first_{0};
  std::uint32_t records_{0};
  std::uint32_t table_operations_{0};
};

enum class Act : std::uint8_t { append, put, erase, erase_range };

struct Operation {
  Act act{};
  Table table{};
  std::string_view key, value;  // of append only the value
};

// Calls back for each operation of a batch's bytes until it says false. Errc::corrupt when they are no batch.
base::Status read_operations(std::string_view bytes, const std::function<bool(const Operation&)>&);

}  // namespace cityloop::store
