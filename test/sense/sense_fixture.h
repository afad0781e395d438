// What tests of this room share: a folder that goes with the test, files in it, gzip, and a sink that is only a list.
#pragma once

#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "flow/noun.h"
#include "sense/feed_book.h"
#include "sense/file_feed.h"
#include "sense/sink.h"
#include "store/record.h"

namespace cityloop::sense {

inline base::Instant at(std::string_view text) {
  return base::parse_time(text).value();
}

inline std::string gzip(std::string_view text) {
  z_stream zip{};
  EXPECT_EQ(::deflateInit2(&zip, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(::deflateBound(&zip, text.size()) + 64, '\0');
  std::string in(text);
  zip.next_in = reinterpret_cast<Bytef*>(in.data());
  zip.avail_in = uInt(in.size());
  zip.next_out = reinterpret_cast<Bytef*>(out.data());
  zip.avail_out = uInt(out.size());
  EXPECT_EQ(::deflate(&zip, Z_FINISH), Z_STREAM_END);
  out.resize(zip.total_out);
  ::deflateEnd(&zip);
  return out;
}

// Everything of a commit that the twin would see, as text.
inline std::string text_of(const twin::Commit& commit) {
  std::string out = fmt::format("{} {} tick={}\n", base::format_time(commit.at), commit.origin.text(), commit.tick);
  for (const flow::Write& write : commit.writes) {
    out += fmt::format("  {} {}", write.entity.text(), int(write.mode));
    for (const flow::Attribute& attribute : write.attributes) {
      base::ByteWriter value;
      store::encode(value, attribute.value);
      out += fmt::format(" {}:{}:{}@{}", attribute.name.text(), fmt::format("{:?}", value.view()),
                         attribute.unit_code.text(), base::format_time(attribute.observed_at));
    }
    out += '\n';
  }
  return out;
}

// Keeps what it is given. Like the twin it refuses what stands behind a refused commit of the same chain.
class ListSink : public Sink {
 public:
  void submit(twin::Commit commit, std::function<void(const twin::CommitResult&)> done) override {
    done(this->commit(std::move(commit)));
  }
  twin::CommitResult commit(twin::Commit commit) override {
    twin::CommitResult result;
    if (commit.chain && *commit.chain) {
      result.status = base::fail(base::Errc::unavailable, "behind a refused one");
      return result;
    }
    if (refuse_next > 0 && --refuse_next == 0) {
      if (commit.chain) *commit.chain = true;
      result.status = base::fail(base::Errc::unavailable, "no space left on the disk");
      ++refused;
      return result;
    }
    for (const twin::TablePut& put : commit.puts) {
      EXPECT_EQ(put.table, store::Table::feed);
      table[put.key] = put.value;
    }
    tables_after.push_back(table);
    commits.push_back(std::move(commit));
    if (after_commit) after_commit(commits.back());
    result.writes.resize(commits.back().writes.size());
    return result;
  }
  base::Result<std::optional<std::string>> load(std::string_view key) const override {
    const auto found = table.find(std::string(key));
    return found == table.end() ? std::nullopt : std::optional(found->second);
  }
  std::vector<std::string> texts(std::size_t from = 0) const {
    std::vector<std::string> out;
    for (std::size_t i = from; i < commits.size(); ++i) out.push_back(text_of(commits[i]));
    return out;
  }

  std::vector<twin::Commit> commits;
  std::map<std::string, std::string> table;
  std::vector<std::map<std::string, std::string>> tables_after;  // as a crash behind each commit would leave it
  int refuse_next{0};  // the how-manieth commit from now is refused; 0 for none
  int refused{0};
  std::function<void(const twin::Commit&)> after_commit;
};

class SenseTest : public testing::Test {
 protected:
  SenseTest() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              fmt::format("cityloop-{}-{}-{}", info->test_suite_name(), info->name(), ::getpid());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ / "feeds");
    wall_.advance_to(at("2026-05-01T08:00:00Z"));
  }
  ~SenseTest() override { std::filesystem::remove_all(folder_); }

  void file(const std::filesystem::path& name, std::string_view content) const {
    std::ofstream(folder_ / name, std::ios::binary) << content;
  }
  static MappingPtr mapping(std::string_view toml) {
    auto read = parse_mapping(toml, "feed.toml");
    EXPECT_TRUE(read) << (read ? "" : read.error().message);
    return read ? *read : nullptr;
  }

  // Everything that one file gives.
  struct Outcome {
    std::vector<flow::Write> writes;
    FeedCounters counts;
    std::vector<Reject> rejects;  // in the order of the file
    std::string error;
    std::uint64_t count(Reason reason) const { return counts.rejected[std::size_t(reason)]; }
    const flow::Value* value(std::size_t write, std::string_view name) const {
      for (const flow::Attribute& attribute : writes.at(write).attributes) {
        if (attribute.name.text() == name) return &attribute.value;
      }
      return nullptr;
    }
    double number(std::size_t write, std::string_view name) const {
      const flow::Value* found = value(write, name);
      return found && std::holds_alternative<double>(*found) ? std::get<double>(*found)
                                                             : std::numeric_limits<double>::quiet_NaN();
    }
  };
  Outcome read(const MappingPtr& mapping) const {
    Outcome out;
    const auto tables = load_known(*mapping);
    auto feed = FileFeed::open(mapping, {folder_, {}}, tables, wall_.now() + mapping->future_max);
    if (!feed) return out.error = feed.error().message, out;
    (*feed)->on_reject([&](Reject reject) { out.rejects.push_back(std::move(reject)); });
    for (FeedRow row; (*feed)->next(row);) {
      for (flow::Write& write : row.writes) out.writes.push_back(std::move(write));
    }
    out.counts = (*feed)->counts();
    out.error = (*feed)->error();
    std::uint64_t all = out.counts.accepted;
    for (const std::uint64_t n : out.counts.rejected) all += n;
    EXPECT_EQ(out.counts.read, all) << "a row is neither accepted nor refused";
    return out;
  }
  // Reads "feed.csv" with this content by a mapping of speed and time, with further settings and attributes.
  Outcome read_csv(std::string_view content, std::string_view settings = {}, std::string_view attributes = {}) const {
    file("feed.csv", content);
    return read(mapping(csv_toml(settings, attributes)));
  }
  static std::string csv_toml(std::string_view settings = {}, std::string_view attributes = {}) {
    return fmt::format(R"(name = "feed"
kind = "file"
file = "feed.csv"
{}
[[entity]]
type = "T"
id = "urn:ngsi-ld:T:{{id}}"
observed_at = {{ from = "time" }}
attribute = [
  {{ name = "speed", unit = "KMH", range = [0, 200] }},
  {}
]
)",
                       settings, attributes);
  }
  KnownIds load_known(const Mapping& mapping) const;

  std::filesystem::path folder_;
  base::ManualClock wall_;
};

}  // namespace cityloop::sense

#include "sense/tables.h"

namespace cityloop::sense {

inline KnownIds SenseTest::load_known(const Mapping& mapping) const {
  const auto tables = load_tables(mapping, {folder_, {}});
  EXPECT_TRUE(tables) << (tables ? "" : tables.error().message);
  return tables ? tables->known : KnownIds{};
}

}  // namespace cityloop::sense
