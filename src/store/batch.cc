#include "store/batch.h"

#include <cassert>

#include "base/bytes.h"

namespace cityloop::store {
namespace {

void add_text(std::string& out, std::string_view text) {
  std::uint64_t size = text.size();
  while (size >= 0x80) out.push_back(char(size | 0x80)), size >>= 7;
  out.push_back(char(size));
  out.append(text);
}

}  // namespace

void Batch::append(Seq seq, std::string_view record) {
  if (records_ == 0) first_ = seq;
  assert(seq == first_ + records_ && "records of a batch follow one another");
  ++records_;
  bytes_.push_back(char(Act::append));
  add_text(bytes_, record);
}

void Batch::operation(std::uint8_t kind, Table table, std::string_view key, std::string_view value) {
  ++table_operations_;
  bytes_.push_back(char(kind));
  bytes_.push_back(char(table));
  add_text(bytes_, key);
  add_text(bytes_, value);
}

void Batch::put(Table table, std::string_view key, std::string_view value) {
  operation(std::uint8_t(Act::put), table, key, value);
}
void Batch::erase(Table table, std::string_view key) {
  operation(std::uint8_t(Act::erase), table, key, {});
}
void Batch::erase_range(Table table, std::string_view from, std::string_view to) {
  operation(std::uint8_t(Act::erase_range), table, from, to);
}

base::Status read_operations(std::string_view bytes, const std::function<bool(const Operation&)>& callback) {
  base::ByteReader in(bytes);
  while (!in.at_end()) {
    Operation operation;
    const std::uint8_t act = in.u8();
    operation.act = Act(act);
    if (operation.act != Act::append) {
      operation.table = Table(in.u8());
      operation.key = in.text();
    }
    operation.value = in.text();
    if (!in.ok() || act > std::uint8_t(Act::erase_range) || std::size_t(operation.table) >= kTables) {
      return base::fail(base::Errc::corrupt, "what a commit did cannot be read");
    }
    if (!callback(operation)) break;
  }
  return {};
}

}  // namespace cityloop::store
