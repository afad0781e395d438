#include "sense/tables.h"

#include "base/log.h"
#include "flow/noun.h"
#include "sense/file_feed.h"
#include "store/record.h"

namespace cityloop::sense {

using base::Instant;
using base::Result;
using base::Status;

namespace {

constexpr std::size_t kWritesMax = 2000;  // in one commit

std::string key_of(const StaticTables& tables) {
  return "tables/" + tables.feed;
}

// FNV-1a over what is stored of each entity.
std::uint64_t fingerprint_of(const std::vector<flow::Write>& writes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const flow::Write& write : writes) {
    for (const char c : store::encode(flow::entity_of(write))) hash = (hash ^ std::uint8_t(c)) * 0x100000001b3;
  }
  return hash;
}

Status load_table(const Mapping& mapping, const TableMap& table, const Folders& folders, StaticTables& out) {
  const auto path = TRY(folders.find(table.rows.file));
  const auto file =
      TRY(RowFile::open(path, table.rows, {&table.entity, 1}, mapping.zone, nullptr, mapping.entities_max));
  std::vector<flow::Write> writes;
  Instant at;
  Refusal why;
  std::uint64_t left_out = 0;
  const RowMapper& mapper = file->mappers().front();
  const auto note = [&](Reason reason, std::string_view detail) {
    base::log_warn("{}:{}: {}", path.string(), file->line(), detail);
    out.rejects.push_back({base::kNever, reason, std::string(detail), cut_row(file->raw()), file->line()});
  };
  for (RowFile::Got got; (got = file->next({}, writes, at, why)) != RowFile::Got::end;) {
    ++out.counts.read;
    if (got == RowFile::Got::refused) {
      out.counts.refuse(why.reason);
      if (!by_wish(why.reason)) note(why.reason, fmt::format("{}: {}", to_string(why.reason), why.detail));
      continue;
    }
    ++out.counts.accepted;
    if (mapper.left_out() > left_out) {
      note(Reason::out_of_range, fmt::format("a value is left out: {}", mapper.last_left_out()));
    }
    left_out = mapper.left_out();
    for (flow::Write& write : writes) {
      out.known[table.entity.type].insert(write.entity);
      out.writes.push_back(std::move(write));
    }
  }
  if (!file->error().empty()) return base::fail(base::Errc::corrupt, "{}", file->error());
  return {};
}

}  // namespace

Result<StaticTables> load_tables(const Mapping& mapping, const Folders& folders) {
  StaticTables out;
  out.feed = mapping.name;
  for (const TableMap& table : mapping.tables) {
    if (const auto loaded = load_table(mapping, table, folders, out); !loaded) {
      return base::fail(loaded.error().code, "{}:{}: {}", mapping.path, table.entity.line, loaded.error().message);
    }
  }
  out.fingerprint = fingerprint_of(out.writes);
  return out;
}

Status write_tables(const StaticTables& tables, Sink& sink, Instant at) {
  if (tables.writes.empty()) return {};
  base::ByteWriter mark;
  mark.varint(tables.fingerprint);
  const auto before = TRY(sink.load(key_of(tables)));
  if (before && *before == mark.view()) return {};
  for (std::size_t from = 0; from < tables.writes.size(); from += kWritesMax) {
    const std::size_t until = std::min(from + kWritesMax, tables.writes.size());
    twin::Commit commit;
    commit.writes.assign(tables.writes.begin() + std::ptrdiff_t(from), tables.writes.begin() + std::ptrdiff_t(until));
    commit.origin = flow::Name("feed:" + tables.feed);
    commit.at = at;
    // The mark goes with the last part: a crash before it writes the same again.
    if (until == tables.writes.size())
      commit.puts.push_back({store::Table::feed, key_of(tables), std::string(mark.view())});
    TRY(sink.commit(std::move(commit)).status);
  }
  return {};
}

}  // namespace cityloop::sense
