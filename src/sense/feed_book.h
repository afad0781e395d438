// The feeds of a city: every feeds/*.toml of its folder, and what a mapping makes of its data before it goes live.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "sense/feed_stats.h"
#include "sense/folders.h"
#include "sense/mapping.h"

namespace cityloop::sense {

struct FeedBook {
  std::vector<MappingPtr> mappings;  // by name
  Folders folders;

  // Reads CITY/feeds/*.toml; a folder without any is no error. All mistakes of all files come together.
  static base::Result<FeedBook> load(const std::filesystem::path& city, const std::filesystem::path& data);
  std::vector<MappingPtr> of_kind(SourceKind) const;
  const Mapping* find(std::string_view name) const;
};

struct FeedCheck {
  std::string feed;
  FeedCounters counts;              // of the rows of the file; of the tables for a feed that has no file
  std::size_t table_entities{0};    // listed by its static tables
  std::vector<std::string> mapped;  // the first rows, each as a text of several lines
  std::vector<Reject> rejects;      // newest first
  std::string error;                // where the file is damaged

  std::string text() const;  // for a terminal
};

// Maps a file from beginning to end and writes nothing. `sample` stands in for the file that the mapping names; for a
// feed by MQTT it holds lines of "TOPIC PAYLOAD", as mosquitto_sub -v prints them.
base::Result<FeedCheck> check_feed(const std::filesystem::path& mapping, const Folders&, const base::Clock& wall,
                                   std::size_t rows_shown, const std::filesystem::path& sample = {});

}  // namespace cityloop::sense
