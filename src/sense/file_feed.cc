#include "sense/file_feed.h"

#include <algorithm>

namespace cityloop::sense {

using base::Errc;
using base::fail;
using base::Instant;
using base::Result;
using base::Status;

RowFile::RowFile(std::unique_ptr<ByteSource> source, const RowLayout& layout)
    : reader_(std::move(source), layout), csv_(layout.format == RowFormat::csv) {}

namespace {

std::string list_of(std::span<const std::string> names) {
  std::string out;
  for (const std::string& name : names) {
    if (!out.empty()) out += ", ";
    out += cut_text(name);
    if (out.size() > 2000) return out + " …";
  }
  return out;
}

// The column of each input. Every one that is missing is told at once.
Result<std::vector<std::size_t>> columns_of(const EntityMap& block, std::span<const std::string> header,
                                            const std::string& file) {
  std::vector<std::size_t> out;
  std::vector<std::string> missing;
  for (const std::string& input : block.inputs) {
    const auto found = std::find(header.begin(), header.end(), input);
    if (found == header.end()) missing.push_back(input);
    else if (std::find(found + 1, header.end(), input) != header.end()) {
      return fail(Errc::invalid, "{}: the column '{}' stands twice in the header", file, input);
    }
    out.push_back(std::size_t(found - header.begin()));
  }
  if (missing.empty()) return out;
  return fail(Errc::invalid, "{}: the mapping needs the column{} {}, which the file does not have; it has: {}", file,
              missing.size() == 1 ? "" : "s", list_of(missing), list_of(header));
}

}  // namespace

Status RowFile::read_header(const std::filesystem::path& path, const RowLayout& layout,
                            std::span<const EntityMap> blocks) {
  std::vector<std::string> header = layout.header;
  if (header.empty()) {
    if (!reader_.next(record_)) {
      return fail(Errc::invalid, "{}", reader_.error().empty() ? path.string() + " is empty" : reader_.error());
    }
    if (!record_.good) {
      return fail(Errc::invalid, "{}: the header cannot be read: {}", path.string(), record_.why.detail);
    }
    header.assign(record_.fields.begin(), record_.fields.end());
  }
  for (const EntityMap& block : blocks) columns_.push_back(TRY(columns_of(block, header, path.string())));
  reader_.expect_columns(header.size());
  return {};
}

Result<std::unique_ptr<RowFile>> RowFile::open(const std::filesystem::path& path, const RowLayout& layout,
                                               std::span<const EntityMap> blocks, const base::TimeZone& zone,
                                               const KnownIds* known, std::size_t entities_max) {
  auto source = TRY(ByteSource::open(path));
  std::unique_ptr<RowFile> out(new RowFile(std::move(source), layout));
  if (out->csv_) TRY(out->read_header(path, layout, blocks));
  for (const EntityMap& block : blocks) out->mappers_.emplace_back(block, zone, known, entities_max);
  return out;
}

bool RowFile::pass_over() {
  return reader_.next(record_);
}

// One reading through every block. A block whose `where` says no is passed over; the reading is filtered when all are.
bool RowFile::map_record(int reading, const TimeBounds& bounds, std::vector<flow::Write>& writes, Instant& at,
                         Refusal& why) {
  bool mapped = false;
  for (std::size_t i = 0; i < mappers_.size(); ++i) {
    if (csv_) {
      fields_.clear();
      for (const std::size_t column : columns_[i]) fields_.push_back(Field::of_text(record_.fields[column]));
    } else {
      json_.fields(reading, mappers_[i].entity().inputs, fields_);
    }
    Instant observed = base::kNever;
    flow::Write& write = writes.emplace_back();
    if (mappers_[i].map(fields_, bounds, write, observed, why)) {
      mapped = true;
      at = std::max(at, observed);
      continue;
    }
    writes.pop_back();
    if (why.reason != Reason::filtered) return false;
  }
  return mapped;
}

RowFile::Got RowFile::next(const TimeBounds& bounds, std::vector<flow::Write>& writes, Instant& at, Refusal& why) {
  writes.clear();
  at = base::kNever;
  if (!reader_.next(record_)) return Got::end;
  if (!record_.good) {
    why = std::move(record_.why);
    return Got::refused;
  }
  const int readings = csv_ ? 1 : json_.parse(record_.raw, why);
  if (readings < 0) return Got::refused;
  for (int i = 0; i < readings; ++i) {
    if (!map_record(i, bounds, writes, at, why)) return Got::refused;
  }
  return Got::row;
}

Result<std::unique_ptr<FileFeed>> FileFeed::open(MappingPtr mapping, const Folders& folders, const KnownIds& known,
                                                 Instant not_after) {
  std::unique_ptr<FileFeed> out(new FileFeed);
  const auto path = TRY(folders.find(mapping->rows.file));
  out->file_ = TRY(RowFile::open(path, mapping->rows, mapping->entities, mapping->zone, &known, mapping->entities_max));
  out->bounds_ = {mapping->not_before, not_after, mapping->from, mapping->to, base::kNever};
  out->mapping_ = std::move(mapping);
  return out;
}

bool FileFeed::next(FeedRow& out) {
  Refusal why;
  for (;;) {
    const RowFile::Got got = file_->next(bounds_, out.writes, out.at, why);
    if (got == RowFile::Got::end) return false;
    ++rows_;
    ++counts_.read;
    if (got == RowFile::Got::row) {
      counts_.accept(out.at);
      return true;
    }
    counts_.refuse(why.reason);
    if (by_wish(why.reason) || !on_reject_) continue;
    on_reject_({base::kNever, why.reason, std::move(why.detail), cut_row(file_->raw()), file_->line()});
  }
}

Status FileFeed::resume(std::uint64_t rows, const FeedCounters& counts) {
  for (rows_ = 0; rows_ < rows; ++rows_) {
    if (file_->pass_over()) continue;
    return fail(Errc::invalid, "{}: {} rows were read before, and now it has only {}{}{}", mapping_->rows.file, rows,
                rows_, file_->error().empty() ? "" : ": ", file_->error());
  }
  counts_ = counts;
  return {};
}

}  // namespace cityloop::sense
