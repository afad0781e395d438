// What `cityloop feed check` shows.
#include "sense/feed_book.h"
#include "sense/file_feed.h"
#include "sense/mqtt_feed.h"
#include "sense/record_reader.h"
#include "sense/tables.h"

namespace cityloop::sense {
namespace {

using base::Result;
using base::Status;

std::string text_of_value(const flow::Value& value) {
  if (const auto* number = std::get_if<double>(&value)) return fmt::format("{}", *number);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* text = std::get_if<flow::Text>(&value)) return fmt::format("\"{}\"", *text);
  if (const auto* json = std::get_if<flow::Json>(&value)) return json->text;
  return "null";
}

std::string text_of_write(const flow::Write& write) {
  std::string out = fmt::format("{} ({})", write.entity.text(), write.types.empty() ? "" : write.types[0].text());
  for (const flow::Attribute& attribute : write.attributes) {
    out += fmt::format("\n    {} = {}", attribute.name.text(), text_of_value(attribute.value));
    if (!attribute.unit_code.empty()) out += fmt::format(" {}", attribute.unit_code.text());
    if (attribute.observed_at != base::kNever) out += fmt::format("  at {}", base::format_time(attribute.observed_at));
  }
  return out;
}

// Takes what a feed would commit and keeps the first rows; nothing is written anywhere.
class ShowingSink final : public Sink {
 public:
  ShowingSink(FeedCheck& check, std::size_t rows) : check_(check), rows_(rows) {}
  void submit(twin::Commit commit, std::function<void(const twin::CommitResult&)> done) override {
    done(this->commit(std::move(commit)));
  }
  twin::CommitResult commit(twin::Commit commit) override {
    for (const flow::Write& write : commit.writes) {
      if (write.mode == flow::WriteMode::observe && check_.mapped.size() < rows_) {
        check_.mapped.push_back(text_of_write(write));
      }
    }
    return {};
  }
  Result<std::optional<std::string>> load(std::string_view) const override { return std::nullopt; }

 private:
  FeedCheck& check_;
  std::size_t rows_;
};

Status check_file(const MappingPtr& mapping, const Folders& folders, const KnownIds& known, const base::Clock& wall,
                  std::size_t rows_shown, FeedCheck& out) {
  const auto feed = TRY(FileFeed::open(mapping, folders, known, wall.now() + mapping->future_max));
  RejectRing ring;
  feed->on_reject([&](Reject reject) {
    reject.at = wall.now();
    ring.add(std::move(reject));
  });
  for (FeedRow row; feed->next(row);) {
    for (const flow::Write& write : row.writes) {
      if (out.mapped.size() < rows_shown) out.mapped.push_back(text_of_write(write));
    }
  }
  out.counts = feed->counts();
  out.error = feed->error();
  out.rejects = ring.newest_first();
  return {};
}

Status check_messages(const MappingPtr& mapping, const Folders& folders, const base::Clock& wall,
                      const std::filesystem::path& sample, std::size_t rows_shown, FeedCheck& out) {
  ShowingSink sink(out, rows_shown);
  FeedStats stats(mapping->name, FeedKind::mqtt, mapping->title);
  const auto feed = TRY(MqttFeed::open(mapping, folders, sink, stats, wall, wall));
  RowLayout lines;
  lines.format = RowFormat::ndjson;
  lines.line_max_bytes = kPayloadMax + 2048;
  RecordReader reader(TRY(ByteSource::open(sample)), lines);
  for (Record line; reader.next(line);) {
    const std::size_t blank = line.raw.find(' ');
    const bool two = blank != line.raw.npos;
    feed->on_messages(
        {{std::string(line.raw.substr(0, blank)), std::string(two ? line.raw.substr(blank + 1) : ""), false}});
  }
  out.counts = stats.snapshot(wall.now()).counts;
  out.rejects = stats.rejects();
  out.error = reader.error();
  return {};
}

}  // namespace

Result<FeedCheck> check_feed(const std::filesystem::path& path, const Folders& folders, const base::Clock& wall,
                             std::size_t rows_shown, const std::filesystem::path& sample) {
  auto mapping = std::make_shared<Mapping>(*TRY(read_mapping(path)));
  const StaticTables tables = TRY(load_tables(*mapping, folders));
  FeedCheck out;
  out.feed = mapping->name;
  out.table_entities = tables.writes.size();
  if (mapping->kind == SourceKind::file) {
    if (!sample.empty()) mapping->rows.file = std::filesystem::absolute(sample).string();
    TRY(check_file(mapping, folders, tables.known, wall, rows_shown, out));
  } else if (mapping->kind == SourceKind::mqtt && !sample.empty()) {
    TRY(check_messages(mapping, folders, wall, sample, rows_shown, out));
  } else {
    out.counts = tables.counts;
    for (const flow::Write& write : tables.writes) {
      if (out.mapped.size() < rows_shown) out.mapped.push_back(text_of_write(write));
    }
    out.rejects.assign(tables.rejects.rbegin(), tables.rejects.rend());
  }
  return out;
}

std::string FeedCheck::text() const {
  std::string out = fmt::format("{}: {} rows read, {} accepted, {} entities in static tables\n", feed, counts.read,
                                counts.accepted, table_entities);
  for (const std::string& row : mapped) out += fmt::format("  {}\n", row);
  for (std::size_t i = 0; i < kReasons; ++i) {
    if (counts.rejected[i]) {
      out += fmt::format("{:>10} {}: {}\n", counts.rejected[i], to_string(Reason(i)), sense::text_of(Reason(i)).en);
    }
  }
  constexpr std::size_t kShown = 10;
  for (std::size_t i = 0; i < std::min(kShown, rejects.size()); ++i) {
    const Reject& reject = rejects[i];
    out += fmt::format("  line {}: {} ({})\n    {}\n", reject.line, to_string(reject.reason), reject.detail,
                       cut_text(reject.row));
  }
  if (!error.empty()) out += fmt::format("the file is read no further: {}\n", error);
  return out;
}

}  // namespace cityloop::sense
