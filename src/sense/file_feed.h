// Reads one file by its mapping, row after row, from the disk to writes.
//
//   file ─ ByteSource ─ RecordReader ─ RowMapper ─▶ [FileFeed] ─ FeedRow ─▶ replay, check
//
// Lives on one thread. Every row is counted once: accepted, or refused for one reason.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sense/feed_stats.h"
#include "sense/folders.h"
#include "sense/json_rows.h"
#include "sense/record_reader.h"
#include "sense/row_mapper.h"

namespace cityloop::sense {

// A file's rows through the blocks of a mapping. Also reads static tables, which have no times.
class RowFile {
 public:
  // A file whose header lacks a mapped column is refused, naming the columns found.
  static base::Result<std::unique_ptr<RowFile>> open(const std::filesystem::path&, const RowLayout&,
                                                     std::span<const EntityMap> blocks, const base::TimeZone&,
                                                     const KnownIds*, std::size_t entities_max);

  enum class Got : std::uint8_t { row, refused, end };
  // On `row`: `writes` and `at`, the newest observedAt among them. On `refused`: `why`; raw() and line() show it.
  Got next(const TimeBounds&, std::vector<flow::Write>& writes, base::Instant& at, Refusal& why);
  bool pass_over();  // one row, unmapped; false at the end

  std::string_view raw() const { return record_.raw; }
  std::uint64_t line() const { return record_.line; }
  const std::string& error() const { return reader_.error(); }
  double progress() const { return reader_.progress(); }
  const std::vector<RowMapper>& mappers() const { return mappers_; }

 private:
  RowFile(std::unique_ptr<ByteSource>, const RowLayout&);
  base::Status read_header(const std::filesystem::path&, const RowLayout&, std::span<const EntityMap> blocks);
  bool map_record(int reading, const TimeBounds&, std::vector<flow::Write>&, base::Instant& at, Refusal&);

  RecordReader reader_;
  const bool csv_;
  Record record_;
  JsonRows json_;
  std::vector<RowMapper> mappers_;
  std::vector<std::vector<std::size_t>> columns_;  // of each block: its inputs' columns
  std::vector<Field> fields_;
};

struct FeedRow {
  base::Instant at{base::kNever};
  std::vector<flow::Write> writes;
};

class FileFeed {
 public:
  // Readings later than `not_after` are from the future. Keeps the mapping; `known` outlives the feed.
  static base::Result<std::unique_ptr<FileFeed>> open(MappingPtr, const Folders&, const KnownIds& known,
                                                      base::Instant not_after);

  // The next row that is accepted; false at the end or where the file is damaged: then error() says so.
  bool next(FeedRow&);
  // As if `rows` rows had been read before, with these counts.
  base::Status resume(std::uint64_t rows, const FeedCounters&);

  const FeedCounters& counts() const { return counts_; }
  std::uint64_t rows() const { return rows_; }  // read so far, refused ones among them
  double progress() const { return file_->progress(); }
  const std::string& error() const { return file_->error(); }
  const Mapping& mapping() const { return *mapping_; }
  // Told of every refused row that is worth looking at; its `at` is left to the listener.
  void on_reject(std::function<void(Reject)> told) { on_reject_ = std::move(told); }

 private:
  FileFeed() = default;

  MappingPtr mapping_;
  std::unique_ptr<RowFile> file_;
  TimeBounds bounds_;
  FeedCounters counts_;
  std::uint64_t rows_{0};
  std::function<void(Reject)> on_reject_;
};

}  // namespace cityloop::sense
